/* test_lab_counting.c - updates, snapshots, and the places where there is no number */
#include "fixture.h"

/* Runs job 0 of `keys` over the small dataset; the caller releases. */
static fixture ran(const char *format, const char *part)
{
    char keys[MOST_SPEC];
    ip_error err = {0};
    snprintf(keys, sizeof keys, format, part);
    fixture f = small_fixture(keys);
    if (fixture_run(&f, 0, &err) != IP_OK)
        stop_on(&err);
    return f;
}

/* 0.8 of 40 rows: 32 to train on. */
static void updates(void)
{
    static const struct {
        const char *training;
        int64_t per_epoch;
    } cases[] = {
        {"batch: 8", 4},
        {"batch: 7", 5}, /* 7 + 7 + 7 + 7 + 4 */
        {"batch: 31", 2},
        {"batch: 32", 1},
        {"batch: 33", 1},
        {"batch: 1000000", 1},
        {"batch: full", 1},
        {"batch: 1", 32},
        {"batch: 7, shuffle: none", 5},
        {"batch: 7, shuffle: replacement", 5},
        {"batch: full, shuffle: replacement", 1},
    };
    for (size_t i = 0; i < IP_LENGTH(cases); i++) {
        fixture f = ran("network: {hidden: [3]}\ntraining: {epochs: 5, %s}\n"
                        "measure: {at: [2, 3]}\n",
                        cases[i].training);
        static const int64_t epochs[] = {0, 2, 3, 5};
        for (size_t s = 0; s < 4; s++)
            CHECK_COUNT(ip_trace_integer(&f.trace, IP_UPDATE)[s], epochs[s] * cases[i].per_epoch);
        fixture_release(&f);
    }
}

/* A batch larger than the set is the set: nothing else may depend on its size. */
static void full_and_larger_are_one(void)
{
    fixture f = ran("network: {hidden: [3]}\ntraining: {epochs: 3, batch: %s}\n", "full");
    void *full = trace_copy(&f);
    fixture_release(&f);
    f = ran("network: {hidden: [3]}\ntraining: {epochs: 3, batch: %s}\n", "4000");
    CHECK(trace_equals(&f, full));
    free(full);
    fixture_release(&f);
}

static void no_test_rows(void)
{
    ip_error err = {0};
    fixture f =
        fixture_over(small_dataset(), "task: {name: file, path: none.h5, train_fraction: 1}\n"
                                      "network: {hidden: [3]}\ntraining: {epochs: 2}\n"
                                      "measure: {on: [all, train, test]}\n");
    CHECK_COUNT(fixture_run(&f, 0, &err), IP_OK);
    for (size_t s = 0; s < f.trace.shape->length[IP_DIM_EPOCH]; s++) {
        CHECK(isfinite(seen(&f, IP_LOSS, s, 0)) && isfinite(seen(&f, IP_ACCURACY, s, 0)));
        CHECK(isnan(seen(&f, IP_LOSS, s, 1)) && isnan(seen(&f, IP_ACCURACY, s, 1)));
        for (size_t l = 0; l < 2; l++) { /* estimators: all, train, test */
            CHECK(isfinite(seen(&f, IP_I_XT, s, 3 * l)));
            CHECK(seen(&f, IP_I_XT, s, 3 * l + 1) == seen(&f, IP_I_XT, s, 3 * l));
            CHECK(isnan(seen(&f, IP_I_XT, s, 3 * l + 2)));
            CHECK(isnan(seen(&f, IP_I_TY, s, 3 * l + 2)));
        }
    }
    fixture_release(&f);
}

static void gradients_where_there_are_some(void)
{
    fixture f =
        ran("network: {hidden: [3]}\ntraining: {epochs: 2}\nmeasure: {at: {every: 1}%s}\n", "");
    for (size_t s = 0; s < 3; s++)
        for (size_t l = 0; l < 2; l++) {
            CHECK(isnan(seen(&f, IP_GRADIENT_MEAN, s, l)) == (s == 0));
            CHECK(isnan(seen(&f, IP_GRADIENT_STD, s, l)) == (s == 0));
            CHECK(seen(&f, IP_WEIGHT_NORM, s, l) > 0);
        }
    void *with = trace_copy(&f);
    fixture_release(&f);

    f = ran("network: {hidden: [3]}\ntraining: {epochs: 2}\nmeasure: {at: {every: 1}%s}\n",
            ", gradients: false");
    for (size_t s = 0; s < 3; s++)
        CHECK(isnan(seen(&f, IP_GRADIENT_MEAN, s, 0)) && isnan(seen(&f, IP_GRADIENT_STD, s, 1)));
    CHECK(memcmp(ip_trace_real(&f.trace, IP_I_XT), with,
                 ip_variable_count(IP_I_XT, f.trace.shape) * sizeof(double)) == 0);
    free(with);
    fixture_release(&f);
}

/* Jobs with fewer layers than the deepest. */
static void padding(void)
{
    ip_error err = {0};
    fixture f = small_fixture("network: {hidden: [3]}\ntraining: {epochs: 1}\n"
                              "sweep: [{network.hidden: [[3], [4, 3, 2]]}]\n");
    CHECK_COUNT(f.trace.shape->length[IP_DIM_LAYER], 4);
    for (size_t job = 0; job < 2; job++) {
        CHECK_COUNT(fixture_run(&f, job, &err), IP_OK);
        const size_t own = job == 0 ? 2 : 4;
        for (size_t l = 0; l < 4; l++) {
            CHECK(isnan(seen(&f, IP_I_XT, 1, l)) == (l >= own));
            CHECK(isnan(seen(&f, IP_I_TY, 1, l)) == (l >= own));
            CHECK(isnan(seen(&f, IP_GRADIENT_MEAN, 1, l)) == (l >= own));
            CHECK(isnan(seen(&f, IP_GRADIENT_STD, 1, l)) == (l >= own));
            CHECK(isnan(seen(&f, IP_WEIGHT_NORM, 1, l)) == (l >= own));
        }
    }
    fixture_release(&f);
}

/* One epoch: the first snapshot is also the one before the last. */
static void shortest_job(void)
{
    fixture f =
        ran("network: {hidden: [1]}\ntraining: {epochs: 1}\nmeasure: {at: %s}\n", "{log: 100}");
    CHECK_COUNT(f.trace.shape->length[IP_DIM_EPOCH], 2);
    CHECK_COUNT(ip_trace_integer(&f.trace, IP_UPDATE)[1], 1);
    CHECK(seen(&f, IP_LOSS, 1, 0) != seen(&f, IP_LOSS, 0, 0));
    fixture_release(&f);
}

int main(void)
{
    updates();
    full_and_larger_are_one();
    no_test_rows();
    gradients_where_there_are_some();
    padding();
    shortest_job();
    return check_finish();
}
