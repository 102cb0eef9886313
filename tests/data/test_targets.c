/* test_targets.c - soft, sampled and hard targets */
#include "check.h"
#include "infoplane/dataset.h"
#include <stdbool.h>

enum { N = 20000, C = 3 };

/* Three kinds of rows: (0.2, 0.5, 0.3), certainty of the last, and a tie of the first two. */
static const double kinds[3][C] = {{0.2, 0.5, 0.3}, {0, 0, 1}, {0.5, 0.5, 0}};

static ip_dataset *make(void)
{
    ip_dataset *dataset = ip_dataset_new(N, 1, C, 0);
    if (dataset == NULL)
        exit(EXIT_FAILURE);
    for (size_t i = 0; i < N; i++)
        memcpy(dataset->p_y_given_x + i * C, kinds[i % 3], sizeof kinds[0]);
    return dataset;
}

static bool is_one_hot(const float *row)
{
    size_t ones = 0;
    for (size_t y = 0; y < C; y++) {
        if (row[y] != 0.0F && row[y] != 1.0F)
            return false;
        ones += row[y] == 1.0F;
    }
    return ones == 1;
}

static void soft(const ip_dataset *dataset, float *targets)
{
    ip_targets_make(dataset, IP_TARGETS_SOFT, 1, targets);
    for (size_t i = 0; i < (size_t)N * C; i++)
        CHECK(targets[i] == (float)dataset->p_y_given_x[i]);
}

static void hard(const ip_dataset *dataset, float *targets)
{
    static const size_t expected[] = {1, 2, 0}; /* a tie goes to the lower class */
    ip_targets_make(dataset, IP_TARGETS_HARD, 1, targets);
    for (size_t i = 0; i < N; i++)
        CHECK(is_one_hot(targets + i * C) && targets[i * C + expected[i % 3]] == 1.0F);
}

/* Frequencies within 4 standard deviations of a binomial; what is impossible never happens. */
static void sampled(const ip_dataset *dataset, float *targets)
{
    size_t count[3][C] = {{0}};
    size_t rows[3] = {0};
    ip_targets_make(dataset, IP_TARGETS_SAMPLED, 1, targets);
    for (size_t i = 0; i < N; i++) {
        CHECK(is_one_hot(targets + i * C));
        rows[i % 3]++;
        for (size_t y = 0; y < C; y++)
            count[i % 3][y] += targets[i * C + y] == 1.0F;
    }
    for (size_t k = 0; k < 3; k++) {
        for (size_t y = 0; y < C; y++) {
            const double n = (double)rows[k];
            const double p = kinds[k][y];
            CHECK_NEAR((double)count[k][y], n * p, 4 * sqrt(n * p * (1 - p)));
        }
    }
}

static size_t count_different(size_t n, const float *a, const float *b)
{
    size_t different = 0;
    for (size_t i = 0; i < n; i++)
        different += !(a[i] == b[i]);
    return different;
}

static void seeds(const ip_dataset *dataset, float *targets)
{
    const size_t n = (size_t)N * C;
    float *again = malloc(n * sizeof *again);
    CHECK(again != NULL);
    if (again == NULL)
        return;
    ip_targets_make(dataset, IP_TARGETS_SAMPLED, 5, targets);
    memset(again, 0xff, n * sizeof *again);
    ip_targets_make(dataset, IP_TARGETS_SAMPLED, 5, again);
    CHECK_COUNT(count_different(n, targets, again), 0);
    ip_targets_make(dataset, IP_TARGETS_SAMPLED, 6, again);
    CHECK(count_different(n, targets, again) > 1000);
    free(again);
}

static void names(void)
{
    CHECK_STR(ip_target_name(IP_TARGETS_SOFT), "soft");
    CHECK_STR(ip_target_name(IP_TARGETS_SAMPLED), "sampled");
    CHECK_STR(ip_target_name(IP_TARGETS_HARD), "hard");
    CHECK(ip_target_name(3) == NULL);
}

int main(void)
{
    ip_dataset *dataset = make();
    float *targets = malloc(sizeof(float) * N * C);
    CHECK(targets != NULL);
    if (targets != NULL) {
        soft(dataset, targets);
        hard(dataset, targets);
        sampled(dataset, targets);
        seeds(dataset, targets);
    }
    names();
    free(targets);
    ip_dataset_free(dataset);
    return check_finish();
}
