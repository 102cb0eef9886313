/* test_lab_samples.c - measure.samples: which rows are measured, and that nothing else changes */
#include "fixture.h"

enum { N_TRAIN = 32, N_SAMPLES = 12, N_SAMPLES_TRAIN = 10 }; /* 12 * 0.8 = 9.6 */

static fixture sampled(const char *samples, const char *more)
{
    char keys[MOST_SPEC];
    snprintf(keys, sizeof keys,
             "network: {hidden: [5, 3]}\ntraining: {epochs: 4, batch: 7, rate: 0.01}\n"
             "measure: {at: {every: 2}, on: [all, train, test]%s, information: [\n"
             "  binning: {bins: 8}, kde: {variance: 0.1}]}\nseeds: {count: 2}\n%s",
             samples, more);
    return small_fixture(keys);
}

static ip_lab *begin(const fixture *f, size_t index, ip_arena *arena)
{
    ip_lab *lab = NULL;
    ip_error err;
    ip_job job;
    ip_plan_job(f->plan, index, &job);
    if (ip_lab_begin(f->plan, &job, &f->trace, arena, &lab, &err) != IP_OK)
        stop_on(&err);
    return lab;
}

/* The measured rows of a job; returns how many of them are trained on. */
static size_t take_rows(const fixture *f, size_t index, uint32_t *rows)
{
    ip_arena arena = {0};
    size_t n, n_train;
    const uint32_t *at = ip_lab_rows(begin(f, index, &arena), &n, &n_train);
    CHECK_COUNT(n, N_SAMPLES);
    memcpy(rows, at, N_SAMPLES * sizeof *rows);
    ip_arena_release(&arena);
    return n_train;
}

/* Each split's share, each row once; the same whatever the settings, others for another seed. */
static void rows(void)
{
    fixture f = sampled(", samples: 12",
                        "sweep: [{task.split: [random, prefix]}, {training.rate: [0.01, 0.02]}]\n");
    enum { FIRST, OTHER_RATE = 2, PREFIX = 4, OTHER_SEED }; /* jobs; the last two split alike */
    uint32_t first[N_SAMPLES], other[N_SAMPLES], split[N_ROWS];
    bool is_trained[N_ROWS] = {false}, is_seen[N_ROWS] = {false};
    size_t n_train;
    ip_split_make(f.dataset, IP_SPLIT_RANDOM, 0.8, 1, split, &n_train);
    for (size_t i = 0; i < n_train; i++)
        is_trained[split[i]] = true;
    CHECK_COUNT(take_rows(&f, FIRST, first), N_SAMPLES_TRAIN);
    for (size_t i = 0; i < N_SAMPLES; i++) {
        CHECK(first[i] < N_ROWS && !is_seen[first[i]]);
        CHECK(is_trained[first[i]] == (i < N_SAMPLES_TRAIN));
        is_seen[first[i]] = true;
    }
    take_rows(&f, OTHER_RATE, other);
    CHECK(memcmp(first, other, sizeof first) == 0);
    take_rows(&f, PREFIX, first);
    take_rows(&f, OTHER_SEED, other);
    CHECK(memcmp(first, other, sizeof first) != 0);
    fixture_release(&f);
}

/* A row of either split is measured where two are. */
static void few(void)
{
    static const struct {
        const char *samples;
        size_t n, n_train;
    } known[] = {{", samples: 1", 1, 1},    {", samples: 2", 2, 1},    {", samples: 39", 39, 31},
                 {", samples: 40", 40, 32}, {", samples: 99", 40, 32}, {"", 40, 32}};
    for (size_t k = 0; k < IP_LENGTH(known); k++) {
        fixture f = sampled(known[k].samples, "");
        ip_arena arena = {0};
        size_t n, n_train;
        ip_lab_rows(begin(&f, 0, &arena), &n, &n_train);
        CHECK_COUNT(n, known[k].n);
        CHECK_COUNT(n_train, known[k].n_train);
        CHECK_COUNT(ip_plan_n_measured(f.plan), known[k].n);
        ip_arena_release(&arena);
        fixture_release(&f);
    }
}

/* Data of just these rows, split as they are. */
static ip_dataset *only(const ip_dataset *from, const uint32_t *chosen, size_t n_train)
{
    ip_error err;
    ip_dataset *data = ip_dataset_new(N_SAMPLES, N_FEATURES, N_CLASSES, 1);
    for (size_t i = 0; i < N_SAMPLES; i++) {
        memcpy(data->x + i * N_FEATURES, from->x + chosen[i] * N_FEATURES,
               N_FEATURES * sizeof *data->x);
        memcpy(data->p_y_given_x + i * N_CLASSES, from->p_y_given_x + chosen[i] * N_CLASSES,
               N_CLASSES * sizeof *data->p_y_given_x);
        data->p_x[i] = from->p_x[chosen[i]];
        data->split[i] = i >= n_train;
    }
    if (ip_dataset_finish(data, &err) != IP_OK)
        stop_on(&err);
    return data;
}

/* What is measured is what data of just the drawn rows gives, before the first update: then the
 * networks are the same. */
static void as_data_of_these(void)
{
    fixture f = sampled(", samples: 12", "");
    uint32_t chosen[N_SAMPLES];
    ip_error err;
    const size_t n_train = take_rows(&f, 0, chosen);
    fixture alone =
        fixture_over(only(f.dataset, chosen, n_train),
                     "task: {name: file, path: none.h5}\n"
                     "network: {hidden: [5, 3]}\ntraining: {epochs: 4}\n"
                     "measure: {at: {every: 2}, on: [all, train, test], information: [\n"
                     "  binning: {bins: 8}, kde: {variance: 0.1}]}\n");
    CHECK_COUNT(fixture_run(&f, 0, &err), IP_OK);
    CHECK_COUNT(fixture_run(&alone, 0, &err), IP_OK);
    for (size_t k = 0; k < per_snapshot(&f, IP_I_XT); k++) {
        CHECK_NEAR(seen(&f, IP_I_XT, 0, k), seen(&alone, IP_I_XT, 0, k), 1e-12);
        CHECK_NEAR(seen(&f, IP_I_TY, 0, k), seen(&alone, IP_I_TY, 0, k), 1e-12);
    }
    CHECK(seen(&f, IP_I_XT, 0, 0) > 1);
    fixture_release(&alone);
    fixture_release(&f);
}

/* Training does not know of it, and loss and accuracy are those of all rows. */
static void all_else(void)
{
    static const ip_variable_id same[] = {IP_WEIGHT_NORM, IP_GRADIENT_MEAN, IP_GRADIENT_STD};
    static const ip_variable_id near[] = {IP_LOSS, IP_ACCURACY};
    ip_error err;
    fixture all = sampled("", ""), some = sampled(", samples: 12", "");
    CHECK_COUNT(fixture_run(&all, 0, &err), IP_OK);
    CHECK_COUNT(fixture_run(&some, 0, &err), IP_OK);
    for (size_t s = 1; s < 3; s++) {
        for (size_t v = 0; v < IP_LENGTH(same); v++)
            for (size_t k = 0; k < per_snapshot(&all, same[v]); k++)
                CHECK(seen(&all, same[v], s, k) == seen(&some, same[v], s, k));
        for (size_t v = 0; v < IP_LENGTH(near); v++)
            for (size_t k = 0; k < 2; k++)
                CHECK_NEAR(seen(&all, near[v], s, k), seen(&some, near[v], s, k), 1e-6);
        CHECK(seen(&all, IP_I_XT, s, 0) != seen(&some, IP_I_XT, s, 0));
    }
    fixture_release(&some);
    fixture_release(&all);
}

/* As many as there are, or more, is as if nothing had been said. */
static void enough(void)
{
    ip_error err;
    fixture all = sampled("", ""), more = sampled(", samples: 41", "");
    CHECK_COUNT(fixture_run(&all, 0, &err), IP_OK);
    CHECK_COUNT(fixture_run(&more, 0, &err), IP_OK);
    CHECK(trace_equals(&more, all.trace.block));
    fixture_release(&more);
    fixture_release(&all);
}

/* All rows with their weights are all there is; those of a split or of a sample are drawn, and then
 * too few for bins. */
static void drawn(void)
{
    static const bool expected[2][3] = {{false, true, true}, {true, true, true}};
    static const char *const samples[] = {"", ", samples: 12"};
    ip_error err;
    for (size_t k = 0; k < 2; k++) {
        fixture f = sampled(samples[k], "");
        CHECK_COUNT(fixture_run(&f, 0, &err), IP_OK);
        for (size_t on = 0; on < 3; on++) {
            const bool is_invalid =
                (ip_trace_integer(&f.trace, IP_FLAGS)[on] & IP_FLAG_INVALID) != 0;
            CHECK(is_invalid == expected[k][on]);
        }
        fixture_release(&f);
    }
}

int main(void)
{
    drawn();
    rows();
    few();
    as_data_of_these();
    all_else();
    enough();
    return check_finish();
}
