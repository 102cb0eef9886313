/* test_lab_null.c - I(T;Y) with the labels shuffled among the rows */
#include "fixture.h"

/* All rows different and equally likely, with soft labels. */
static ip_dataset *distinct_dataset(void)
{
    ip_error err = {0};
    ip_dataset *data = ip_dataset_new(N_ROWS, N_FEATURES, N_CLASSES, 0);
    ip_rng rng = ip_rng_make(2, IP_PURPOSE_TEST, 0);
    for (size_t i = 0; i < N_ROWS; i++) {
        for (size_t j = 0; j < N_FEATURES; j++)
            data->x[i * N_FEATURES + j] = (float)(2 * ip_rng_uniform(&rng) - 1);
        const double p = i % 2 == 0 ? 0.1 : 0.8;
        data->p_y_given_x[i * N_CLASSES] = p;
        data->p_y_given_x[i * N_CLASSES + 1] = 1 - p;
    }
    if (ip_dataset_finish(data, &err) != IP_OK)
        stop_on(&err);
    return data;
}

static fixture measured(const char *null)
{
    char keys[MOST_SPEC];
    ip_error err = {0};
    snprintf(keys, sizeof keys,
             "task: {name: file, path: none.h5, train_fraction: 0.5}\n"
             "network: {hidden: [5]}\ntraining: {epochs: 2}\n"
             "measure: {at: {every: 1}, on: [all, train]%s, information: [\n"
             "  binning: {rule: exact, label: exact}, binning: {bins: 3},\n"
             "  binning: {rule: fixed_width, width: 100, label: constant}]}\n",
             null);
    fixture f = fixture_over(distinct_dataset(), keys);
    CHECK_COUNT(fixture_run(&f, 0, &err), IP_OK);
    return f;
}

enum { EXACT, EXACT_TRAIN, BINS, BINS_TRAIN, CONSTANT, CONSTANT_TRAIN, N_ENTRIES };

/* Rows that all have a code of their own know their label however the labels are dealt; a layer
 * that lies in one bin knows nothing. */
static void closed_forms(void)
{
    fixture f = measured(", null: 2");
    for (size_t s = 0; s < 3; s++) {
        for (size_t l = 0; l < 2; l++) {
            const size_t at = l * N_ENTRIES;
            for (size_t k = EXACT; k <= EXACT_TRAIN; k++)
                CHECK_NEAR(seen(&f, IP_I_TY_NULL, s, at + k), seen(&f, IP_I_TY, s, at + k), 1e-12);
        }
        const size_t output = N_ENTRIES; /* probabilities: all in one bin */
        CHECK_NEAR(seen(&f, IP_I_TY_NULL, s, output + CONSTANT), 0, 1e-12);
        CHECK(seen(&f, IP_I_TY_NULL, s, BINS) > 0);
        CHECK(seen(&f, IP_I_TY_NULL, s, BINS) != seen(&f, IP_I_TY, s, BINS));
    }
    fixture_release(&f);
}

/* The mean of two shuffles lies between them: with the first, it tells the second. */
static void is_a_mean(void)
{
    fixture one = measured(", null: 1"), two = measured(", null: 2");
    for (size_t s = 0; s < 3; s++) {
        const double first = seen(&one, IP_I_TY_NULL, s, BINS);
        const double second = 2 * seen(&two, IP_I_TY_NULL, s, BINS) - first;
        CHECK(second > 0 && second <= seen(&one, IP_I_TY_NULL, s, EXACT) + 1e-12);
    }
    CHECK(seen(&one, IP_I_TY_NULL, 0, BINS) != seen(&two, IP_I_TY_NULL, 0, BINS));
    fixture_release(&one);
    fixture_release(&two);
}

/* Without it nothing else changes. */
static void off(void)
{
    fixture without = measured(""), with = measured(", null: 3");
    for (size_t s = 0; s < 3; s++)
        for (size_t k = 0; k < 2 * N_ENTRIES; k++) {
            CHECK(isnan(seen(&without, IP_I_TY_NULL, s, k)));
            CHECK(seen(&without, IP_I_TY, s, k) == seen(&with, IP_I_TY, s, k));
            CHECK(seen(&without, IP_I_XT, s, k) == seen(&with, IP_I_XT, s, k));
        }
    fixture_release(&without);
    fixture_release(&with);
}

int main(void)
{
    closed_forms();
    is_a_mean();
    off();
    return check_finish();
}
