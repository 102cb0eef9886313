/* split.c - which rows a seed trains on
 *
 * One pass over the rows in order: row i is taken with probability (rows still needed) / (rows
 * still to come), which makes every subset of the wanted size equally likely and needs neither a
 * sort nor a copy. Stratified, the two numbers are kept for each class apart.
 * Source: Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S. */
#include "data/parts.h"
#include "infoplane/random.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

const char *ip_split_name(size_t index)
{
    static const char *const names[] = {"random", "stratified", "prefix", "given"};
    return index < IP_LENGTH(names) ? names[index] : NULL;
}

/* Rows still to come, and how many of them are still needed for training. */
typedef struct quota {
    uint32_t left, needed;
    uint64_t remainder; /* of the class's exact share, in units of 1/n row */
} quota;

static bool take(quota *q, ip_rng *rng)
{
    const bool taken = ip_rng_below(rng, q->left) < q->needed;
    q->left--;
    q->needed -= taken;
    return taken;
}

/* The class with the largest remainder gets one row more, until all are given out. */
static void share_remainders(quota *quotas, size_t c, size_t missing)
{
    for (; missing > 0; missing--) {
        size_t best = 0;
        for (size_t y = 1; y < c; y++) {
            if (quotas[y].remainder > quotas[best].remainder)
                best = y;
        }
        quotas[best].needed++;
        quotas[best].remainder = 0;
    }
}

/* One quota for each class, summing to n_train; freed by the caller. */
static quota *make_quotas(const ip_dataset *dataset, size_t n_train)
{
    quota *quotas = calloc(dataset->c, sizeof *quotas);
    if (quotas == NULL) {
        fprintf(stderr, "infoplane: error: out of memory for a split of %zu classes\n", dataset->c);
        exit(ip_status_exit_code(IP_ERR_MEMORY));
    }
    for (size_t i = 0; i < dataset->n; i++)
        quotas[ip_dataset_label(dataset, i)].left++;
    size_t missing = n_train;
    for (size_t y = 0; y < dataset->c; y++) {
        if (quotas[y].left == 0)
            continue;
        const uint64_t share = (uint64_t)n_train * quotas[y].left;
        quotas[y].needed = (uint32_t)(share / dataset->n);
        quotas[y].remainder = share % dataset->n;
        missing -= quotas[y].needed;
    }
    share_remainders(quotas, dataset->c, missing);
    return quotas;
}

/* The rows of a split while they are chosen: test rows gather at the end, the last one first. */
typedef struct chosen {
    uint32_t *rows;
    size_t n_train, n_test, n;
} chosen;

static void choose(chosen *to, size_t row, bool train)
{
    if (train)
        to->rows[to->n_train++] = (uint32_t)row;
    else
        to->rows[to->n - ++to->n_test] = (uint32_t)row;
}

static void reverse(uint32_t *rows, size_t n)
{
    for (size_t i = 0; i < n / 2; i++) {
        const uint32_t kept = rows[i];
        rows[i] = rows[n - 1 - i];
        rows[n - 1 - i] = kept;
    }
}

void ip_rows_draw(size_t n, const uint32_t *rows, size_t n_drawn, ip_rng *rng, uint32_t *out)
{
    assert(n_drawn <= n);
    quota all = {.left = (uint32_t)n, .needed = (uint32_t)n_drawn};
    chosen to = {.rows = out, .n = n};
    for (size_t i = 0; i < n; i++)
        choose(&to, rows[i], take(&all, rng));
    reverse(out + to.n_train, to.n_test);
}

static void choose_random(const ip_dataset *dataset, size_t n_train, ip_rng *rng, chosen *to)
{
    quota all = {.left = (uint32_t)dataset->n, .needed = (uint32_t)n_train};
    for (size_t i = 0; i < dataset->n; i++)
        choose(to, i, take(&all, rng));
}

static void choose_stratified(const ip_dataset *dataset, size_t n_train, ip_rng *rng, chosen *to)
{
    quota *quotas = make_quotas(dataset, n_train);
    for (size_t i = 0; i < dataset->n; i++)
        choose(to, i, take(&quotas[ip_dataset_label(dataset, i)], rng));
    free(quotas);
}

static void choose_prefix(const ip_dataset *dataset, size_t n_train, ip_rng *rng, chosen *to)
{
    (void)rng;
    for (size_t i = 0; i < dataset->n; i++)
        choose(to, i, i < n_train);
}

static void choose_given(const ip_dataset *dataset, size_t n_train, ip_rng *rng, chosen *to)
{
    (void)n_train;
    (void)rng;
    assert(dataset->split != NULL);
    for (size_t i = 0; i < dataset->n; i++)
        choose(to, i, dataset->split[i] == 0);
}

/* fraction n to nearest, halves up, at least one row. */
static size_t training_rows(size_t n, double fraction)
{
    assert(fraction > 0.0 && fraction <= 1.0);
    const size_t rounded = (size_t)floor(fraction * (double)n + 0.5);
    return rounded < 1 ? 1 : rounded > n ? n : rounded;
}

void ip_split_make(const ip_dataset *dataset, ip_split_rule rule, double fraction, uint64_t seed,
                   uint32_t *rows, size_t *n_train)
{
    static void (*const rules[])(const ip_dataset *, size_t, ip_rng *, chosen *) = {
        [IP_SPLIT_RANDOM] = choose_random,
        [IP_SPLIT_STRATIFIED] = choose_stratified,
        [IP_SPLIT_PREFIX] = choose_prefix,
        [IP_SPLIT_GIVEN] = choose_given,
    };
    const size_t wanted = rule == IP_SPLIT_GIVEN ? 0 : training_rows(dataset->n, fraction);
    ip_rng rng = ip_rng_make(seed, IP_PURPOSE_SPLIT, 0);
    chosen to = {.rows = rows, .n = dataset->n};
    rules[rule](dataset, wanted, &rng, &to);
    reverse(rows + to.n_train, to.n_test);
    *n_train = to.n_train;
}
