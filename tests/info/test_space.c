/* test_space.c - nearest rows, counts and reaches against their definitions, where cells are passed
 * over and where they are not */
#include "check.h"
#include "info/space.h"
#include "infoplane/random.h"
#include <float.h>
#include <stdbool.h>

enum { MAX_N = 700, MAX_D = 20, K = 6 };

static double first[MAX_N * MAX_D], second[MAX_N * MAX_D];
static double d_first[MAX_N], d_second[MAX_N], both[MAX_N];

static int ascending(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double distance_of(const double *rows, size_t d, size_t i, size_t j)
{
    double most = 0;
    for (size_t c = 0; c < d; c++)
        most = fmax(most, fabs(rows[i * d + c] - rows[j * d + c]));
    return most;
}

static size_t count(size_t n, const double *distance, double limit, bool with_it)
{
    size_t found = 0;
    for (size_t j = 0; j < n; j++)
        found += distance[j] < limit || (with_it && distance[j] == limit);
    return found;
}

static void check_counts(ip_space *space, double limit)
{
    const double *of[] = {d_first, d_second};
    double reach[IP_N_PARTS], expected[IP_N_PARTS] = {0};
    for (int part = 0; part < IP_N_PARTS; part++) {
        CHECK_COUNT(ip_space_count_below(space, part, limit),
                    count(space->n, of[part], limit, false));
        CHECK_COUNT(ip_space_count_within(space, part, limit),
                    count(space->n, of[part], limit, true));
    }
    for (size_t j = 0; j < space->n; j++) {
        for (int part = 0; part < IP_N_PARTS && both[j] <= limit; part++)
            expected[part] = fmax(expected[part], of[part][j]);
    }
    ip_space_reach(space, limit, reach);
    CHECK(reach[IP_FIRST] == expected[IP_FIRST] && reach[IP_SECOND] == expected[IP_SECOND]);
}

static void check_row(ip_space *space, size_t a, size_t b, size_t i)
{
    double sorted[MAX_N];
    for (size_t j = 0; j < space->n; j++) {
        d_first[j] = distance_of(first, a, i, j);
        d_second[j] = distance_of(second, b, i, j);
        sorted[j] = both[j] = fmax(d_first[j], d_second[j]);
    }
    qsort(sorted, space->n, sizeof *sorted, ascending);
    ip_space_look(space, i);
    for (size_t l = 0; l <= K && l < space->n; l++)
        CHECK(space->nearest[l] == sorted[l]);
    CHECK_COUNT(space->equals[IP_FIRST][i], count(space->n, d_first, 0, true));
    CHECK_COUNT(space->equals[IP_SECOND][i], count(space->n, d_second, 0, true));
    CHECK_COUNT(space->equals[IP_N_PARTS][i], count(space->n, both, 0, true));
    check_counts(space, 0);
    check_counts(space, sorted[space->n > 3 ? 3 : space->n - 1]);
    check_counts(space, sorted[space->n / 2]);
    check_counts(space, d_second[space->n / 3]);
    check_counts(space, DBL_MAX);
}

/* On every second call few different values, so that there are ties; on some of another scale. */
static void draw(size_t n, unsigned round)
{
    ip_rng rng = ip_rng_make(61, IP_PURPOSE_TEST, round);
    const double scale = round % 5 == 4 ? 1e150 : 1;
    for (size_t i = 0; i < n * MAX_D; i++) {
        const bool is_tied = round % 2 == 1;
        first[i] = is_tied ? (double)ip_rng_below(&rng, 5) : ip_rng_normal(&rng);
        second[i] = scale * (is_tied ? -(double)ip_rng_below(&rng, 3) : ip_rng_uniform(&rng));
    }
}

static void check_space(size_t n, size_t a, size_t b, unsigned round)
{
    ip_space space;
    ip_cut at = {.base = NULL};
    draw(n, round);
    ip_space_cut(&at, n, a, b, K, &space);
    void *memory = aligned_alloc(64, at.bytes);
    at = (ip_cut){.base = memory};
    ip_space_cut(&at, n, a, b, K, &space);
    ip_space_put(&space, IP_FIRST, n, a, first);
    ip_space_put(&space, IP_SECOND, n, b, second);
    ip_space_take(n, &space);
    for (size_t i = 0; i < n; i += 1 + n / 12)
        check_row(&space, a, b, i);
    check_row(&space, a, b, n - 1);
    free(memory);
}

int main(void)
{
    static const size_t many[] = {1, 2, 31, 32, 33, 64, 65, MAX_N};
    static const size_t wide[][2] = {{1, 1}, {3, 2}, {1, 0}, {2, 10}, {10, 7}, {1, MAX_D}};
    for (unsigned round = 0; round < 80; round++)
        check_space(many[round % 8], wide[round / 8 % 6][0], wide[round / 8 % 6][1], round);
    return check_finish();
}
