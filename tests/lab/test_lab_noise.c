/* test_lab_noise.c - noise inside the network: its distribution, that it is drawn afresh, and that
 * it depends on seed, epoch and layer only
 *
 * Of N independent draws of N(0, s^2) the mean is normal with deviation s / sqrt N, the mean square
 * s^2 with deviation s^2 sqrt(2 / N), the mean product of two s^2 / sqrt N; five of them are
 * allowed (6e-7 each). The rounding of t to float is a millionth of that. */
#include "fixture.h"
#include "lab/lab_internal.h"

enum { WIDE = 6, NARROW = 4, N_TRAIN = 32 };

static const char noisy[] =
    "network: {hidden: [6, 4], noise: 0.3}\n"
    "training: {optimizer: sgd, rate: 1.0e-30, batch: full, epochs: 4, shuffle: none}\n"
    "measure: {at: [4], on: [all, test], information: [binning: {bins: 6}]}\n"
    "seeds: {count: 2}\n";

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

static void train(ip_lab *lab)
{
    ip_error err;
    if (ip_lab_epoch(lab, &err) != IP_OK)
        stop_on(&err);
}

static void take_noise(size_t n, const float *t, const float *q, double *noise)
{
    for (size_t i = 0; i < n; i++)
        noise[i] = (double)t[i] - (double)q[i];
}

/* Of the first hidden layer in the last pass of n rows, row by row. */
static void take_last_noise(size_t n, const ip_lab *lab, double *noise)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < WIDE; j++) {
            const size_t at = j * lab->pass.stride + i;
            noise[i * WIDE + j] = (double)lab->pass.t[0][at] - (double)lab->pass.q[0][at];
        }
    }
}

static double mean_product(size_t n, const double *a, const double *b)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum / (double)n;
}

static void check_normal(size_t n, const double *noise, double sd)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += noise[i];
    const double root = sqrt((double)n);
    CHECK_NEAR(sum / (double)n, 0, 5 * sd / root);
    CHECK_NEAR(mean_product(n, noise, noise), sd * sd, 5 * sd * sd * sqrt(2) / root);
}

static void check_unrelated(size_t n, const double *a, const double *b, double sd)
{
    CHECK_NEAR(mean_product(n, a, b), 0, 5 * sd * sd / sqrt((double)n));
}

/* In a measurement: each layer, each pass of a row, each epoch and seed has noise of its own. */
static void measured(void)
{
    enum { M = N_ROWS * IP_NOISE_DRAWS };
    static double first[M * WIDE], second[M * NARROW], other[M * WIDE];
    fixture f = small_fixture(noisy);
    ip_arena arena = {0};
    ip_lab *lab = begin(&f, 0, &arena);
    CHECK_COUNT(lab->draws, IP_NOISE_DRAWS);
    take_noise(M * WIDE, lab->t[0], lab->clean[0], first);
    take_noise(M * NARROW, lab->t[1], lab->clean[1], second);
    CHECK(lab->clean[2] == NULL);
    check_normal(M * WIDE, first, 0.3);
    check_normal(M * NARROW, second, 0.3);
    check_unrelated(M * NARROW, first, second, 0.3);
    check_unrelated((M - 1) * WIDE, first, first + WIDE, 0.3); /* the next pass, mostly */
    for (int epoch = 0; epoch < 4; epoch++)
        train(lab);
    take_noise(M * WIDE, lab->t[0], lab->clean[0], other);
    check_unrelated(M * WIDE, first, other, 0.3);
    lab = begin(&f, 1, &arena);
    take_noise(M * WIDE, lab->t[0], lab->clean[0], other);
    check_unrelated(M * WIDE, first, other, 0.3);
    ip_arena_release(&arena);
    fixture_release(&f);
}

/* In training: anew for every row and epoch, not that of the measurement. */
static void trained(void)
{
    static double noise[3][N_TRAIN * WIDE], seen_before[N_ROWS * IP_NOISE_DRAWS * WIDE];
    fixture f = small_fixture(noisy);
    ip_arena arena = {0};
    ip_lab *lab = begin(&f, 0, &arena);
    take_noise(IP_LENGTH(seen_before), lab->t[0], lab->clean[0], seen_before);
    for (int epoch = 0; epoch < 3; epoch++) {
        train(lab);
        take_last_noise(N_TRAIN, lab, noise[epoch]);
    }
    check_normal(3 * N_TRAIN * WIDE, noise[0], 0.3);
    check_unrelated(2 * N_TRAIN * WIDE, noise[0], noise[1], 0.3);
    check_unrelated(N_TRAIN * WIDE, noise[0], noise[2], 0.3);
    check_unrelated(N_TRAIN * WIDE, noise[0], seen_before, 0.3);
    ip_arena_release(&arena);
    fixture_release(&f);
}

/* Row i of an epoch has the same noise however the rows are cut into batches; a job of another sd
 * has the same draws, scaled. */
static void paired(void)
{
    char keys[MOST_SPEC];
    double whole[N_TRAIN * WIDE], part[N_TRAIN * WIDE];
    snprintf(keys, sizeof keys,
             "%ssweep: [{zip: {training.batch: [full, 7], network.noise: [0.3, 0.15]}}]\n", noisy);
    fixture f = small_fixture(keys);
    ip_arena arena = {0};
    ip_lab *full = begin(&f, 0, &arena), *cut = begin(&f, 2, &arena);
    train(full);
    train(cut);
    const size_t n = N_TRAIN % 7, before = N_TRAIN - n; /* rows of the last batch */
    take_last_noise(N_TRAIN, full, whole);
    take_last_noise(n, cut, part);
    for (size_t i = 0; i < n * WIDE; i++)
        CHECK_NEAR(2 * part[i], whole[before * WIDE + i], 1e-6);
    ip_arena_release(&arena);
    fixture_release(&f);
}

/* What the estimators are handed: passes that share an input, with its weight shared out. */
static void as_a_sample(void)
{
    fixture f = small_fixture(noisy);
    ip_arena arena = {0};
    ip_lab *lab = begin(&f, 0, &arena);
    const ip_rows *all = &lab->on[IP_ON_ALL];
    double sum = 0;
    for (size_t i = 0; i < all->n * lab->draws; i++) {
        const size_t row = lab->rows[i / lab->draws];
        sum += all->p_x[i];
        CHECK_NEAR(all->p_x[i] * IP_NOISE_DRAWS, lab->dataset->p_x[row], 1e-15);
        CHECK_COUNT(all->x_id[i], all->x_id[i - i % lab->draws]);
        for (size_t j = 0; j < N_FEATURES; j++)
            CHECK(lab->x[i * N_FEATURES + j] == (double)lab->dataset->x[row * N_FEATURES + j]);
    }
    CHECK_NEAR(sum, 1, 1e-12);
    ip_arena_release(&arena);
    fixture_release(&f);
}

/* Eight passes do not show what a row's T looks like through fine bins, which is told; of one pass
 * without noise nothing is missing. */
static void few_passes(void)
{
    static const char *const noise[] = {"", ", noise: 0.3"};
    for (size_t k = 0; k < IP_LENGTH(noise); k++) {
        char keys[MOST_SPEC];
        ip_error err = {0};
        snprintf(keys, sizeof keys,
                 "network: {hidden: [3]%s}\ntraining: {epochs: 1}\n"
                 "measure: {at: [0], information: [binning: {bins: 100}]}\n",
                 noise[k]);
        fixture f = small_fixture(keys);
        CHECK_COUNT(fixture_run(&f, 0, &err), IP_OK);
        CHECK_COUNT(ip_trace_integer(&f.trace, IP_FLAGS)[0] & IP_FLAG_INVALID,
                    k == 0 ? 0 : IP_FLAG_INVALID);
        fixture_release(&f);
    }
}

/* The first layer has the same activations before its noise: read with the noise it has inside, it
 * tells what one without noise tells when the same is added. */
static void as_added(void)
{
    ip_error err;
    fixture inside = small_fixture("network: {hidden: [3], noise: 0.5}\ntraining: {epochs: 1}\n"
                                   "measure: {at: [0], information: [noise: {variance: injected, "
                                   "draws: 1000}]}\n");
    fixture added = small_fixture("network: {hidden: [3]}\ntraining: {epochs: 1}\n"
                                  "measure: {at: [0], information: [noise: {variance: 0.25, "
                                  "draws: 8000}]}\n");
    CHECK_COUNT(fixture_run(&inside, 0, &err), IP_OK);
    CHECK_COUNT(fixture_run(&added, 0, &err), IP_OK);
    static const ip_variable_id bits[] = {IP_I_XT, IP_I_TY}, errors[] = {IP_I_XT_SE, IP_I_TY_SE};
    for (size_t v = 0; v < 2; v++) {
        const double se = hypot(seen(&inside, errors[v], 0, 0), seen(&added, errors[v], 0, 0));
        CHECK_NEAR(seen(&inside, bits[v], 0, 0), seen(&added, bits[v], 0, 0), 4 * se);
        CHECK(0 < se && 20 * se < seen(&added, bits[v], 0, 0));
    }
    fixture_release(&added);
    fixture_release(&inside);
}

/* Without noise one pass is all. */
static void none(void)
{
    fixture f = small_fixture("network: {hidden: [6, 4]}\ntraining: {epochs: 2}\n");
    ip_arena arena = {0};
    const ip_lab *lab = begin(&f, 0, &arena);
    CHECK_COUNT(lab->draws, 1);
    CHECK(lab->clean[0] == NULL && lab->layer_clean == NULL && lab->pass.t[0] == lab->pass.f[0]);
    ip_arena_release(&arena);
    fixture_release(&f);
}

int main(void)
{
    measured();
    trained();
    paired();
    as_a_sample();
    few_passes();
    as_added();
    none();
    return check_finish();
}
