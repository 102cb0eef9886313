/* test_dataset.c - what ip_dataset_finish refuses and computes */
#include "check.h"
#include "infoplane/dataset.h"
#include <stdint.h>
#include <xxhash.h>

/* Four inputs of two features; labels 0.9 / 0.1 the one way or the other. */
static ip_dataset *sample(int with_split)
{
    static const float x[] = {0, 0, 0, 1, 1, 0, 1, 1};
    static const double p[] = {0.9, 0.1, 0.1, 0.9, 0.1, 0.9, 0.9, 0.1};
    ip_dataset *dataset = ip_dataset_new(4, 2, 2, with_split);
    if (dataset == NULL)
        exit(EXIT_FAILURE);
    memcpy(dataset->x, x, sizeof x);
    memcpy(dataset->p_y_given_x, p, sizeof p);
    return dataset;
}

static void starts_zeroed(void)
{
    ip_dataset *dataset = ip_dataset_new(8, 3, 2, 1);
    CHECK(dataset != NULL);
    CHECK(dataset->n == 8 && dataset->d == 3 && dataset->c == 2);
    for (size_t i = 0; i < 8; i++)
        CHECK(dataset->p_x[i] == 0.125 && dataset->split[i] == 0 && dataset->x[3 * i + 2] == 0.0F);
    ip_dataset_free(dataset);
    dataset = ip_dataset_new(1, 1, 1, 0);
    CHECK(dataset != NULL && dataset->split == NULL);
    ip_dataset_free(dataset);
    ip_dataset_free(NULL);
}

/* Sizes whose product does not fit, or that no memory meets, are NULL and not a small block. */
static void too_large(void)
{
    CHECK(ip_dataset_new(SIZE_MAX / 2, 1, 1, 0) == NULL);
    CHECK(ip_dataset_new(2, SIZE_MAX / 2, 1, 0) == NULL);
    CHECK(ip_dataset_new(2, 1, SIZE_MAX / 2, 1) == NULL);
    CHECK(ip_dataset_new(2, SIZE_MAX / sizeof(float) + 2, 1, 0) == NULL); /* wraps to 4 bytes */
    CHECK(ip_dataset_new(2, 1, SIZE_MAX / sizeof(double) + 2, 0) == NULL);
}

/* Binary symmetric channel 0.1: H(Y) = 1, I = 1 - h(0.1) = 0.5310044064107188. */
static void information(void)
{
    ip_dataset *dataset = sample(0);
    ip_error err;
    CHECK(ip_dataset_finish(dataset, &err) == IP_OK);
    CHECK_NEAR(dataset->h_y, 1.0, 1e-12);
    CHECK_NEAR(dataset->i_xy, 0.5310044064107188, 1e-12);
    ip_dataset_free(dataset);
    /* Weighted: row 0 alone has mass, so Y follows its distribution and X tells nothing. */
    dataset = sample(0);
    memcpy(dataset->p_x, (double[]){3, 0, 0, 0}, 4 * sizeof(double));
    CHECK(ip_dataset_finish(dataset, &err) == IP_OK);
    CHECK(dataset->p_x[0] == 1.0);
    CHECK_NEAR(dataset->h_y, 0.4689955935892812, 1e-12);
    CHECK_NEAR(dataset->i_xy, 0.0, 1e-12);
    ip_dataset_free(dataset);
}

/* Rows with one input: their labels are averaged. Rows 0 and 1 share x and disagree. */
static void repeated_inputs(void)
{
    ip_dataset *dataset = sample(0);
    ip_error err;
    memcpy(dataset->x, (float[]){5, 0, 5, -0.0F, 1, 0, 5, 1}, 8 * sizeof(float));
    memcpy(dataset->p_y_given_x, (double[]){1, 0, 0, 1, 1, 0, 0, 1}, 8 * sizeof(double));
    CHECK(ip_dataset_finish(dataset, &err) == IP_OK);
    CHECK(dataset->x_id[0] == dataset->x_id[1]);
    CHECK(dataset->x_id[2] != dataset->x_id[0] && dataset->x_id[3] != dataset->x_id[0]);
    CHECK(dataset->x_id[2] != dataset->x_id[3]);
    for (size_t i = 0; i < 4; i++)
        CHECK(dataset->x_id[i] < 4);
    CHECK_NEAR(dataset->h_y, 1.0, 1e-12);
    CHECK_NEAR(dataset->i_xy, 0.5, 1e-12); /* half of the mass has a fair coin for a label */
    ip_dataset_free(dataset);
}

/* Many rows, each input twice. */
static void numbering(void)
{
    enum { N = 3000 };
    ip_dataset *dataset = ip_dataset_new(N, 1, 1, 0);
    ip_error err;
    for (size_t i = 0; i < N; i++) {
        dataset->x[i] = (float)(i % (N / 2)) * 0.25F;
        dataset->p_y_given_x[i] = 1.0;
    }
    CHECK(ip_dataset_finish(dataset, &err) == IP_OK);
    for (size_t i = 0; i < N; i++)
        CHECK_COUNT(dataset->x_id[i], i % (N / 2));
    CHECK(dataset->h_y == 0.0 && dataset->i_xy == 0.0);
    ip_dataset_free(dataset);
}

static void normalised(void)
{
    ip_dataset *dataset = sample(0);
    ip_error err;
    dataset->p_y_given_x[0] = 0.9 + 9e-10;
    memcpy(dataset->p_x, (double[]){1, 2, 3, 2}, 4 * sizeof(double));
    CHECK(ip_dataset_finish(dataset, &err) == IP_OK);
    CHECK_NEAR(dataset->p_y_given_x[0] + dataset->p_y_given_x[1], 1.0, 2e-16);
    CHECK(dataset->p_x[0] == 0.125 && dataset->p_x[1] == 0.25 && dataset->p_x[2] == 0.375);
    /* Completing complete data changes no bit of it. */
    char digest[IP_DIGEST_SIZE];
    memcpy(digest, dataset->digest, sizeof digest);
    CHECK(ip_dataset_finish(dataset, &err) == IP_OK);
    CHECK_STR(dataset->digest, digest);
    ip_dataset_free(dataset);
}

/* Sums that are a little off are divided out once; the second time no bit moves, although most of
 * them still differ from 1 in the last one. */
static void normalising_settles(void)
{
    ip_dataset *dataset = ip_dataset_new(7, 1, 3, 0);
    ip_error err;
    for (size_t i = 0; i < 21; i++)
        dataset->p_y_given_x[i] = (double)(i % 3 + 1) / 6.0 * (1.0 + 4e-11 * (double)i);
    for (size_t i = 0; i < 7; i++)
        dataset->p_x[i] = 0.1 * (double)(i + 1);
    CHECK(ip_dataset_finish(dataset, &err) == IP_OK);
    char digest[IP_DIGEST_SIZE];
    memcpy(digest, dataset->digest, sizeof digest);
    CHECK(ip_dataset_finish(dataset, &err) == IP_OK);
    CHECK_STR(dataset->digest, digest);
    ip_dataset_free(dataset);
}

static void refuses(ip_dataset *dataset, const char *array, const char *row)
{
    ip_error err = {0};
    CHECK(ip_dataset_finish(dataset, &err) == IP_ERR_DATA);
    CHECK_HAS(err.text, array);
    CHECK_HAS(err.text, row);
    ip_dataset_free(dataset);
}

static void refusals(void)
{
    static const float bad_x[] = {NAN, INFINITY, -INFINITY};
    static const double bad_p[] = {(double)NAN, (double)INFINITY, -1e-12, 1.0000001};
    static const double bad_weight[] = {(double)NAN, (double)INFINITY, -1e-300};
    for (size_t i = 0; i < IP_LENGTH(bad_x); i++) {
        ip_dataset *dataset = sample(0);
        dataset->x[5] = bad_x[i];
        refuses(dataset, "x, ", "row 2");
    }
    for (size_t i = 0; i < IP_LENGTH(bad_p); i++) {
        ip_dataset *dataset = sample(0);
        dataset->p_y_given_x[6] = bad_p[i];
        refuses(dataset, "p_y_given_x, ", "row 3");
    }
    for (size_t i = 0; i < IP_LENGTH(bad_weight); i++) {
        ip_dataset *dataset = sample(0);
        dataset->p_x[1] = bad_weight[i];
        refuses(dataset, "p_x, ", "row 1");
    }
    ip_dataset *dataset = sample(0);
    dataset->p_y_given_x[2] = 0.1 + 2e-9;
    refuses(dataset, "p_y_given_x, ", "row 1");
    dataset = sample(0);
    dataset->p_y_given_x[2] = 0.1 - 2e-9;
    refuses(dataset, "sum 1", "row 1");
    dataset = sample(0);
    memset(dataset->p_x, 0, 4 * sizeof(double));
    refuses(dataset, "p_x: ", "positive");
    dataset = sample(0);
    dataset->p_x[0] = dataset->p_x[1] = 1.7e308;
    refuses(dataset, "p_x: ", "inf");
    dataset = sample(1);
    dataset->split[3] = 2;
    refuses(dataset, "split, ", "row 3");
    dataset = sample(1);
    memset(dataset->split, 1, 4);
    refuses(dataset, "split: ", "at least one 0");
}

/* The layout by hand: n, d, c in 8 bytes each, x, p(y|x), p(x), whether a split follows, split. */
static void digest_layout(void)
{
    ip_dataset *dataset = sample(1);
    ip_error err;
    dataset->split[2] = 1;
    CHECK(ip_dataset_finish(dataset, &err) == IP_OK);
    unsigned char bytes[24 + 32 + 64 + 32 + 1 + 4] = {4, [8] = 2, [16] = 2, [152] = 1};
    memcpy(bytes + 24, dataset->x, 32);
    memcpy(bytes + 56, dataset->p_y_given_x, 64);
    memcpy(bytes + 120, dataset->p_x, 32);
    memcpy(bytes + 153, dataset->split, 4);
    const XXH128_hash_t hash = XXH3_128bits(bytes, sizeof bytes);
    char expected[IP_DIGEST_SIZE];
    snprintf(expected, sizeof expected, "%016llx%016llx", (unsigned long long)hash.high64,
             (unsigned long long)hash.low64);
    CHECK_STR(dataset->digest, expected);
    ip_dataset_free(dataset);
}

enum { N_CHANGES = 6 };

/* Change k of a dataset, of which 0 is none at all. */
static void digest_of(size_t k, char digest[IP_DIGEST_SIZE])
{
    ip_dataset *dataset = sample(k == 4 || k == 5);
    ip_error err;
    if (k == 1)
        dataset->x[7] = 2.0F;
    if (k == 2)
        memcpy(dataset->p_y_given_x, (double[]){0.5, 0.5}, 2 * sizeof(double));
    if (k == 3)
        dataset->p_x[0] = 0.5;
    if (k == 5)
        dataset->split[1] = 1;
    CHECK(ip_dataset_finish(dataset, &err) == IP_OK);
    CHECK_COUNT(strlen(dataset->digest), 32);
    CHECK_COUNT(strspn(dataset->digest, "0123456789abcdef"), 32);
    memcpy(digest, dataset->digest, IP_DIGEST_SIZE);
    ip_dataset_free(dataset);
}

static void digests_tell_apart(void)
{
    char digest[N_CHANGES][IP_DIGEST_SIZE];
    char again[IP_DIGEST_SIZE];
    for (size_t k = 0; k < N_CHANGES; k++) {
        digest_of(k, digest[k]);
        digest_of(k, again);
        CHECK_STR(again, digest[k]);
        for (size_t j = 0; j < k; j++)
            CHECK(strcmp(digest[j], digest[k]) != 0);
    }
}

/* The same numbers in another shape are other data. */
static void digest_of_shape(void)
{
    ip_error err;
    ip_dataset *wide = ip_dataset_new(1, 4, 1, 0);
    ip_dataset *narrow = ip_dataset_new(1, 2, 2, 0);
    wide->p_y_given_x[0] = 1.0;
    narrow->p_y_given_x[1] = 1.0;
    CHECK(ip_dataset_finish(wide, &err) == IP_OK && ip_dataset_finish(narrow, &err) == IP_OK);
    CHECK(strcmp(wide->digest, narrow->digest) != 0);
    ip_dataset_free(wide);
    ip_dataset_free(narrow);
}

static void negative_zero(void)
{
    char expected[IP_DIGEST_SIZE];
    digest_of(0, expected);
    ip_dataset *dataset = sample(0);
    ip_error err;
    dataset->x[0] = -0.0F;
    CHECK(ip_dataset_finish(dataset, &err) == IP_OK);
    CHECK(!signbit(dataset->x[0]));
    CHECK_STR(dataset->digest, expected);
    ip_dataset_free(dataset);
}

int main(void)
{
    starts_zeroed();
    too_large();
    information();
    repeated_inputs();
    numbering();
    normalised();
    normalising_settles();
    refusals();
    digest_layout();
    digests_tell_apart();
    digest_of_shape();
    negative_zero();
    return check_finish();
}
