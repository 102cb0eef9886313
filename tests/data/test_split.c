/* test_split.c - sizes, rules and randomness of the training rows */
#include "check.h"
#include "infoplane/dataset.h"
#include "infoplane/task.h"
#include <stdint.h>

/* n rows whose label is labels[i]. */
static ip_dataset *labelled(size_t n, size_t c, const uint8_t *labels)
{
    ip_dataset *dataset = ip_dataset_new(n, 1, c, 1);
    if (dataset == NULL)
        exit(EXIT_FAILURE);
    for (size_t i = 0; i < n; i++)
        dataset->p_y_given_x[i * c + labels[i]] = 1.0;
    return dataset;
}

/* Every row once; both parts ascending. */
static void check_parts(const uint32_t *rows, size_t n, size_t n_train)
{
    bool seen[4096] = {false};
    CHECK(n_train >= 1 && n_train <= n);
    for (size_t i = 0; i < n; i++) {
        CHECK(rows[i] < n && !seen[rows[i]]);
        seen[rows[i]] = true;
        if (i > 0 && i != n_train)
            CHECK(rows[i] > rows[i - 1]);
    }
}

/* Nearest, halves up, at least one. */
static void sizes(void)
{
    static const struct {
        size_t n;
        double fraction;
        size_t n_train;
    } known[] = {{4096, 0.85, 3482}, {4096, 0.05, 205}, {4096, 0.8, 3277}, {10, 0.25, 3},
                 {10, 0.24, 2},      {10, 1.0, 10},     {10, 0.001, 1},    {1, 0.3, 1},
                 {2, 0.75, 2},       {6, 0.75, 5}};
    static const uint8_t zeros[4096] = {0};
    for (size_t i = 0; i < IP_LENGTH(known); i++) {
        ip_dataset *dataset = labelled(known[i].n, 2, zeros);
        for (ip_split_rule rule = IP_SPLIT_RANDOM; rule <= IP_SPLIT_PREFIX; rule++) {
            uint32_t rows[4096];
            size_t n_train = 0;
            ip_split_make(dataset, rule, known[i].fraction, 7, rows, &n_train);
            CHECK_COUNT(n_train, known[i].n_train);
            check_parts(rows, known[i].n, n_train);
        }
        ip_dataset_free(dataset);
    }
}

/* The authors' prefix: ones among the first 205 and 3277 patterns and the last 819. */
static void prefix(void)
{
    const ip_task_options options = {
        .rule = IP_RULE_HARD, .gain = (double)NAN, .threshold = (double)NAN};
    ip_dataset *dataset = NULL;
    ip_error err;
    CHECK(ip_task_icosahedron.make(&options, &dataset, &err) == IP_OK);
    if (dataset == NULL)
        return;
    static const struct {
        double fraction;
        size_t n, ones;
    } known[] = {{0.05, 205, 24}, {0.8, 3277, 1433}};
    uint32_t rows[4096];
    size_t n_train = 0;
    for (size_t i = 0; i < IP_LENGTH(known); i++) {
        ip_split_make(dataset, IP_SPLIT_PREFIX, known[i].fraction, 1, rows, &n_train);
        CHECK_COUNT(n_train, known[i].n);
        size_t ones = 0;
        for (size_t j = 0; j < n_train; j++) {
            CHECK_COUNT(rows[j], j);
            ones += dataset->p_y_given_x[2 * (size_t)rows[j] + 1] == 1.0;
        }
        CHECK_COUNT(ones, known[i].ones);
    }
    size_t ones = 0;
    for (size_t j = n_train; j < 4096; j++)
        ones += dataset->p_y_given_x[2 * (size_t)rows[j] + 1] == 1.0;
    CHECK_COUNT(4096 - n_train, 819);
    CHECK_COUNT(ones, 685);
    ip_dataset_free(dataset);
}

/* Classes of 10, 20, 33 and 37 rows; half of 100: exact shares 5, 10, 16.5, 18.5, and the one row
 * that is left goes to the lower class. 57 of 100: 5.7, 11.4, 18.81, 21.09: two are left, for the
 * fractions .81 and .7. */
static void stratified(void)
{
    static const size_t class_size[] = {10, 20, 33, 37};
    static const struct {
        double fraction;
        size_t expected[4];
    } known[] = {{0.5, {5, 10, 17, 18}},
                 {0.57, {6, 11, 19, 21}},
                 {1.0, {10, 20, 33, 37}},
                 {0.01, {0, 0, 0, 1}}};
    uint8_t labels[100];
    size_t left[4];
    memcpy(left, class_size, sizeof left);
    for (size_t i = 0, y = 0; i < 100; i++, y = (y + 1) % 4) { /* interleaved */
        while (left[y] == 0)
            y = (y + 1) % 4;
        labels[i] = (uint8_t)y;
        left[y]--;
    }
    ip_dataset *dataset = labelled(100, 4, labels);
    for (size_t k = 0; k < IP_LENGTH(known); k++) {
        uint32_t rows[100];
        size_t n_train = 0;
        size_t seen[4] = {0};
        ip_split_make(dataset, IP_SPLIT_STRATIFIED, known[k].fraction, k, rows, &n_train);
        check_parts(rows, 100, n_train);
        for (size_t i = 0; i < n_train; i++)
            seen[labels[rows[i]]]++;
        for (size_t y = 0; y < 4; y++)
            CHECK_COUNT(seen[y], known[k].expected[y]);
    }
    ip_dataset_free(dataset);
}

static void given(void)
{
    static const uint8_t zeros[6] = {0};
    ip_dataset *dataset = labelled(6, 2, zeros);
    memcpy(dataset->split, (uint8_t[]){1, 0, 1, 1, 0, 1}, 6);
    uint32_t rows[6];
    size_t n_train = 0;
    ip_split_make(dataset, IP_SPLIT_GIVEN, (double)NAN, 1, rows, &n_train);
    CHECK_COUNT(n_train, 2);
    CHECK(memcmp(rows, (uint32_t[]){1, 4, 0, 2, 3, 5}, sizeof rows) == 0);
    ip_dataset_free(dataset);
}

/* The same seed the same rows, another seed others. */
static void seeds(void)
{
    uint8_t labels[1000];
    for (size_t i = 0; i < 1000; i++)
        labels[i] = (uint8_t)(i % 3);
    ip_dataset *dataset = labelled(1000, 3, labels);
    for (ip_split_rule rule = IP_SPLIT_RANDOM; rule <= IP_SPLIT_STRATIFIED; rule++) {
        uint32_t rows[3][1000];
        size_t n_train = 0;
        ip_split_make(dataset, rule, 0.8, 1, rows[0], &n_train);
        ip_split_make(dataset, rule, 0.8, 1, rows[1], &n_train);
        ip_split_make(dataset, rule, 0.8, 2, rows[2], &n_train);
        CHECK(memcmp(rows[0], rows[1], sizeof rows[0]) == 0);
        CHECK(memcmp(rows[0], rows[2], sizeof rows[0]) != 0);
    }
    ip_dataset_free(dataset);
}

/* Two of four rows: six subsets, each as likely. The limit is passed by chi-square with 5 degrees
 * of freedom with probability 1e-6. */
static void subsets_are_uniform(void)
{
    static const uint8_t zeros[4] = {0};
    ip_dataset *dataset = labelled(4, 1, zeros);
    size_t count[16] = {0};
    for (uint64_t seed = 0; seed < 6000; seed++) {
        uint32_t rows[4];
        size_t n_train = 0;
        ip_split_make(dataset, IP_SPLIT_RANDOM, 0.5, seed, rows, &n_train);
        CHECK_COUNT(n_train, 2);
        count[1U << rows[0] | 1U << rows[1]]++;
    }
    double chi_square = 0.0;
    size_t n_subsets = 0;
    for (size_t i = 0; i < 16; i++) {
        if (count[i] == 0)
            continue;
        n_subsets++;
        chi_square += ((double)count[i] - 1000) * ((double)count[i] - 1000) / 1000;
    }
    CHECK_COUNT(n_subsets, 6);
    CHECK(chi_square < 35.89);
    ip_dataset_free(dataset);
}

/* Both parts in the order they had; any size, down to none. */
static void draws(void)
{
    static const uint32_t rows[] = {7, 3, 9, 1, 8};
    size_t count[5] = {0};
    for (uint64_t seed = 0; seed < 300; seed++) {
        for (size_t k = 0; k <= 5; k++) {
            uint32_t out[5];
            size_t places[5];
            ip_rng rng = ip_rng_make(seed, IP_PURPOSE_TEST, k);
            ip_rows_draw(5, rows, k, &rng, out);
            for (size_t i = 0; i < 5; i++) {
                for (places[i] = 0; places[i] < 5 && rows[places[i]] != out[i];)
                    places[i]++;
                CHECK(places[i] < 5 && (i == 0 || i == k || places[i] > places[i - 1]));
                count[places[i]] += i < k;
            }
        }
    }
    for (size_t i = 0; i < 5; i++) /* 3 of 6 sizes' worth: 900, deviation 19 */
        CHECK_NEAR((double)count[i], 900.0, 100.0);
}

static void names(void)
{
    CHECK_STR(ip_split_name(IP_SPLIT_RANDOM), "random");
    CHECK_STR(ip_split_name(IP_SPLIT_STRATIFIED), "stratified");
    CHECK_STR(ip_split_name(IP_SPLIT_PREFIX), "prefix");
    CHECK_STR(ip_split_name(IP_SPLIT_GIVEN), "given");
    CHECK(ip_split_name(4) == NULL);
}

int main(void)
{
    sizes();
    prefix();
    stratified();
    given();
    seeds();
    subsets_are_uniform();
    draws();
    names();
    return check_finish();
}
