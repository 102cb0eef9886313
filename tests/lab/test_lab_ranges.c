/* test_lab_ranges.c - bins on a range that only a whole run or all layers of a snapshot can tell
 *
 * The ranges are found a second time here, from the activations; fixed bins on them must give the
 * same information. */
#include "fixture.h"

enum { EPOCHS = 5, LAYERS = 3 };

#define CALM "network: {hidden: [4, 3]}\ntraining: {epochs: 5, rate: 0.05}\n"
#define WILD                                                                                       \
    "network: {hidden: [4, 3], activation: linear}\n"                                              \
    "training: {epochs: 5, optimizer: sgd, rate: 1.0e+6, batch: 8}\n"

typedef struct range {
    double lo, hi;
} range;

static fixture with(const char *training, const char *words)
{
    ip_text keys = {0};
    ip_text_append(&keys,
                   "%smeasure: {at: {every: 1}, information: [binning: {bins: 7, range: %s}]}\n",
                   training, words);
    const fixture f = small_fixture(keys.at);
    ip_text_release(&keys);
    return f;
}

static void widen(range *r, size_t n, const float *t)
{
    for (size_t i = 0; i < n; i++) {
        r->lo = fmin(r->lo, (double)t[i]);
        r->hi = fmax(r->hi, (double)t[i]);
    }
}

/* Widens run[layer] and sets epoch to what the network shows at the moment. */
static void look(ip_lab *lab, range *run, range *epoch)
{
    ip_cmat layers[LAYERS];
    const double *q_y_given_x;
    ip_lab_activations(lab, layers, &q_y_given_x);
    *epoch = (range){(double)INFINITY, (double)-INFINITY};
    for (size_t l = 0; l < LAYERS; l++) {
        widen(&run[l], layers[l].rows * layers[l].cols, layers[l].at);
        if (l + 1 < LAYERS)
            widen(epoch, layers[l].rows * layers[l].cols, layers[l].at);
    }
}

static void find_ranges(range *run, range *epochs)
{
    fixture f = with(CALM, "[-1, 1]");
    ip_arena arena = {0};
    ip_error err = {0};
    ip_job job;
    ip_lab *lab = NULL;
    ip_plan_job(f.plan, 0, &job);
    for (size_t l = 0; l < LAYERS; l++)
        run[l] = (range){(double)INFINITY, (double)-INFINITY};
    CHECK_COUNT(ip_lab_begin(f.plan, &job, &f.trace, &arena, &lab, &err), IP_OK);
    for (size_t s = 0; s <= EPOCHS; s++) {
        if (s > 0)
            CHECK_COUNT(ip_lab_epoch(lab, &err), IP_OK);
        look(lab, run, &epochs[s]);
    }
    ip_arena_release(&arena);
    fixture_release(&f);
}

/* Information of a layer in a snapshot, bins on these numbers. */
static double fixed(range r, size_t s, size_t l)
{
    char numbers[80];
    ip_error err = {0};
    snprintf(numbers, sizeof numbers, "[%.17g, %.17g]", r.lo, r.hi);
    fixture f = with(CALM, numbers);
    CHECK_COUNT(fixture_run(&f, 0, &err), IP_OK);
    const double bits = seen(&f, IP_I_XT, s, l);
    fixture_release(&f);
    return bits;
}

static void equals_fixed_bins(void)
{
    range run[LAYERS], epochs[EPOCHS + 1];
    ip_error err = {0};
    find_ranges(run, epochs);
    fixture of_run = with(CALM, "run"), of_epoch = with(CALM, "epoch");
    CHECK_COUNT(fixture_run(&of_run, 0, &err), IP_OK);
    CHECK_COUNT(fixture_run(&of_epoch, 0, &err), IP_OK);
    for (size_t s = 0; s <= EPOCHS; s++) {
        for (size_t l = 0; l < LAYERS; l++) {
            CHECK(seen(&of_run, IP_I_XT, s, l) == fixed(run[l], s, l));
            CHECK(seen(&of_epoch, IP_I_XT, s, l) == fixed(epochs[s], s, l));
        }
    }
    CHECK(run[0].hi > epochs[0].hi || run[0].lo < epochs[0].lo); /* else the two are one */
    fixture_release(&of_run);
    fixture_release(&of_epoch);
}

/* All but the information is as if the job had been trained once. */
static void trains_as_ever(void)
{
    ip_error err = {0};
    fixture once = with(CALM, "[-1, 1]"), twice = with(CALM, "run");
    CHECK_COUNT(fixture_run(&once, 0, &err), IP_OK);
    CHECK_COUNT(fixture_run(&twice, 0, &err), IP_OK);
    for (ip_variable_id id = IP_LOSS; id < IP_N_VARIABLES; id++)
        CHECK(memcmp(ip_trace_real(&once.trace, id), ip_trace_real(&twice.trace, id),
                     ip_variable_count(id, once.trace.shape) * sizeof(double)) == 0);
    fixture_release(&once);
    fixture_release(&twice);
}

/* Cut after any epoch of either training, continued in another lab. */
static void continues(void)
{
    ip_error err = {0};
    fixture f = with(CALM, "run");
    CHECK_COUNT(fixture_run(&f, 0, &err), IP_OK);
    void *whole = trace_copy(&f), *block = malloc(ip_lab_saved_bytes(f.plan));
    ip_job job;
    ip_plan_job(f.plan, 0, &job);
    for (size_t cut = 0; cut < 2 * EPOCHS; cut++) {
        ip_arena arena = {0};
        ip_lab *lab = NULL;
        CHECK_COUNT(ip_lab_begin(f.plan, &job, &f.trace, &arena, &lab, &err), IP_OK);
        for (size_t epoch = 0; epoch < cut; epoch++)
            CHECK_COUNT(ip_lab_epoch(lab, &err), IP_OK);
        CHECK_COUNT(ip_lab_epochs_done(lab), cut < EPOCHS ? 0 : cut - EPOCHS);
        const size_t bytes = ip_lab_save(lab, block);
        CHECK_COUNT(ip_lab_begin(f.plan, &job, &f.trace, &arena, &lab, &err), IP_OK);
        CHECK(ip_lab_restore(lab, block, bytes));
        while (!ip_lab_is_done(lab))
            CHECK_COUNT(ip_lab_epoch(lab, &err), IP_OK);
        CHECK(trace_equals(&f, whole));
        ip_arena_release(&arena);
    }
    free(whole);
    free(block);
    fixture_release(&f);
}

/* The first training stops where the second does; the snapshots before are kept. */
static void diverges(void)
{
    ip_error once_err = {0}, twice_err = {0};
    fixture once = with(WILD, "[-1, 1]"), twice = with(WILD, "run");
    CHECK_COUNT(fixture_run(&once, 0, &once_err), IP_ERR_NUMERIC);
    CHECK_COUNT(fixture_run(&twice, 0, &twice_err), IP_ERR_NUMERIC);
    CHECK_STR(twice_err.text, once_err.text);
    for (size_t s = 0; s <= EPOCHS; s++) {
        CHECK(is_blank(&twice, s) == is_blank(&once, s));
        CHECK(isnan(seen(&twice, IP_I_XT, s, 0)) == isnan(seen(&once, IP_I_XT, s, 0)));
    }
    fixture_release(&once);
    fixture_release(&twice);
}

int main(void)
{
    equals_fixed_bins();
    trains_as_ever();
    continues();
    diverges();
    return check_finish();
}
