/* test_trust.c - every use of an estimator that is known to mislead is a flag on its value, and the
 * use beside it that is sound is not */
#include "check.h"
#include "estimator_run.h"

enum { ROWS = 1000 };

static const ip_binning_options paper = {
    .bins = 30, .rule = IP_BINNING_PAPER, .width = (double)NAN, .range = {2, {-1.0, 1.0}}};

static unsigned flags_of(const ip_estimator *estimator, const void *options, const layer *l)
{
    ip_information out;
    estimator_run(&(ip_request){estimator, options, 0}, 1, &l->sample, &out);
    return out.flags;
}

/* The flag is there for the first layer and not for the second. */
static void tells_apart(const ip_estimator *estimator, const void *options, const layer *wrong,
                        const layer *right, ip_flag flag)
{
    CHECK_COUNT(flags_of(estimator, options, wrong) & flag, flag);
    CHECK_COUNT(flags_of(estimator, options, right) & flag, 0);
}

/* n rows of d units, uniform on [lo, hi); labels 0 and 1 in turn. */
static layer uniform(size_t n, size_t d, double lo, double hi)
{
    layer l = layer_new(n, d, 2);
    ip_rng rng = ip_rng_make(41, IP_PURPOSE_TEST, d);
    for (size_t i = 0; i < n * d; i++)
        l.t[i] = lo + (hi - lo) * ip_rng_uniform(&rng);
    for (size_t i = 0; i < n; i++) {
        l.p_y[2 * i] = (double)(i % 2);
        l.p_y[2 * i + 1] = 1 - l.p_y[2 * i];
    }
    return l;
}

/* Bins on [-1, 1]: unbounded units end in the last one, a softmax fills half of them. */
static void bins_of_another_range(void)
{
    layer tanh_like = uniform(ROWS, 1, -1, 1), relu = uniform(ROWS, 1, 0, 3);
    layer softmax = uniform(ROWS, 1, 0, 1);
    tells_apart(&ip_estimator_binning, &paper, &relu, &tanh_like, IP_FLAG_CLIPPED);
    tells_apart(&ip_estimator_binning, &paper, &softmax, &tanh_like, IP_FLAG_SCALE);
    layer_free(&tanh_like);
    layer_free(&relu);
    layer_free(&softmax);
}

/* A ruler of one size on layers of two scales. */
static void one_ruler(void)
{
    layer small = uniform(100, 2, 0, 1), large = uniform(100, 2, 0, 100);
    const ip_binning_options width = {
        .bins = 30, .rule = IP_BINNING_FIXED_WIDTH, .width = 0.07, .range = {2, {-1.0, 1.0}}};
    const ip_kde_options kde = {.variance = 1e-3};
    const ip_noise_options noise = {1e-3, 8};
    tells_apart(&ip_estimator_binning, &width, &large, &small, IP_FLAG_SCALE);
    tells_apart(&ip_estimator_kde, &kde, &large, &small, IP_FLAG_SCALE);
    tells_apart(&ip_estimator_noise, &noise, &large, &small, IP_FLAG_SCALE);
    const ip_renyi_options renyi = {.alpha = 2, .width = 1, .width_x = 1, .rows = 512};
    tells_apart(&ip_estimator_renyi, &renyi, &large, &small, IP_FLAG_SCALE);
    const ip_kde_options scaled = {.variance = 1e-3, .scale = IP_KDE_SCALE_LAYER};
    CHECK_COUNT(flags_of(&ip_estimator_kde, &scaled, &large) & (IP_FLAG_SCALE | IP_FLAG_MOVING),
                IP_FLAG_MOVING);
    layer_free(&small);
    layer_free(&large);
}

/* T and Y independent, of m values each, 2000 rows: with 64 x 64 cells the plug-in finds more than
 * a bit, which neither it nor a correction of first order can know. */
static layer cells(size_t m)
{
    enum { N = 2000 };
    layer l = layer_new(N, 1, m);
    ip_rng rng = ip_rng_make(42, IP_PURPOSE_TEST, m);
    for (size_t i = 0; i < N; i++) {
        l.p_y[i * m] = 0;
        l.p_y[i * m + ip_rng_below(&rng, (uint32_t)m)] = 1;
        l.t[i] = (double)ip_rng_below(&rng, (uint32_t)m);
    }
    l.sample.is_drawn = true;
    return l;
}

static void few_rows_a_cell(void)
{
    layer many = cells(64), few = cells(8);
    ip_binning_options exact = paper;
    exact.rule = IP_BINNING_EXACT;
    ip_information out;
    estimator_run(&(ip_request){&ip_estimator_binning, &exact, 0}, 1, &many.sample, &out);
    CHECK_NEAR(out.i_ty, 1.43, 0.1);
    tells_apart(&ip_estimator_binning, &exact, &many, &few, IP_FLAG_INVALID);
    exact.correction = IP_CORRECTION_MILLER_MADOW;
    tells_apart(&ip_estimator_binning, &exact, &many, &few, IP_FLAG_INVALID);
    few.sample.is_drawn = false; /* all there is needs no correction */
    CHECK_COUNT(flags_of(&ip_estimator_binning, &exact, &few) & IP_FLAG_INVALID, IP_FLAG_INVALID);
    exact.correction = IP_CORRECTION_NONE;
    CHECK_COUNT(flags_of(&ip_estimator_binning, &exact, &few) & IP_FLAG_INVALID, 0);
    layer_free(&many);
    layer_free(&few);
}

/* Densities in more than five dimensions at 1000 rows; equal rows. */
static void neighbours(void)
{
    const ip_neighbours_options three = {3, 1};
    layer five = uniform(ROWS, 5, -1, 1), six = uniform(ROWS, 6, -1, 1);
    tells_apart(&ip_estimator_ross, &three, &six, &five, IP_FLAG_INVALID);
    tells_apart(&ip_estimator_mixed_ksg, &three, &six, &five, IP_FLAG_INVALID);
    layer line = uniform(ROWS, 1, -1, 1);
    line.sample.x = line.t; /* T = X */
    line.sample.d_x = 1;
    CHECK_COUNT(flags_of(&ip_estimator_ksg, &three, &line) & IP_FLAG_INVALID, IP_FLAG_INVALID);
    CHECK_COUNT(flags_of(&ip_estimator_ross, &three, &line), 0);
    layer noisy = uniform(ROWS, 1, -1, 1);
    noisy.sample.x = five.t; /* independent */
    noisy.sample.d_x = 1;
    noisy.sample.is_noisy = true;
    CHECK_COUNT(flags_of(&ip_estimator_ksg, &three, &noisy), 0);
    CHECK_COUNT(flags_of(&ip_estimator_mixed_ksg, &three, &noisy), 0);
    layer_free(&noisy);
    line.t[5] = line.t[9];
    CHECK_COUNT(flags_of(&ip_estimator_ross, &three, &line), IP_FLAG_TIES);
    for (size_t i = 0; i < ROWS * 6; i++)
        six.t[i] = six.t[i] > 0; /* discrete: any number of units will do */
    CHECK_COUNT(flags_of(&ip_estimator_mixed_ksg, &three, &six) & IP_FLAG_INVALID, 0);
    layer_free(&five);
    layer_free(&six);
    layer_free(&line);
}

/* Noise in no forward pass; a difference of bounds; a ruler that follows the layer; as much as
 * there are inputs. */
static void by_design(void)
{
    layer l = uniform(100, 2, -1, 1);
    const ip_noise_options added = {1e-3, 8}, injected = {(double)NAN, 8};
    const ip_kde_options bracket = {.variance = 1e-8}, wide = {.variance = 10};
    const ip_kde_options difference = {.variance = 10, .label_term = IP_KDE_DIFFERENCE};
    ip_binning_options ranks = paper;
    ranks.rule = IP_BINNING_EQUAL_FREQ;
    CHECK(flags_of(&ip_estimator_kde, &bracket, &l) == (IP_FLAG_ONE_LAYER | IP_FLAG_CEILING));
    CHECK(flags_of(&ip_estimator_kde, &wide, &l) == IP_FLAG_ONE_LAYER);
    CHECK((flags_of(&ip_estimator_kde, &difference, &l) & IP_FLAG_NO_BOUND) != 0);
    CHECK((flags_of(&ip_estimator_noise, &added, &l) & IP_FLAG_ONE_LAYER) != 0);
    CHECK((flags_of(&ip_estimator_binning, &ranks, &l) & IP_FLAG_MOVING) != 0);
    l.sample.t_clean = l.t;
    l.sample.noise_variance = 0.01;
    CHECK((flags_of(&ip_estimator_noise, &injected, &l) & IP_FLAG_ONE_LAYER) == 0);
    l.sample.is_drawn = true;
    CHECK((flags_of(&ip_estimator_kde, &bracket, &l) & IP_FLAG_INVALID) != 0);
    CHECK((flags_of(&ip_estimator_kde, &wide, &l) & IP_FLAG_INVALID) == 0);
    layer_free(&l);
}

/* Eight draws of T of each input, 100 inputs: they show T given X where they fall together for the
 * bins, or for the noise that is added. */
static void passes_of_a_network(void)
{
    enum { DRAWS = 8 };
    layer l = uniform(100 * DRAWS, 1, -1, 1);
    uint32_t x_id[100 * DRAWS];
    const ip_kde_options fine = {.variance = 1e-4}, coarse = {.variance = 10};
    const ip_noise_options fine_noise = {1e-4, 4}, coarse_noise = {10, 4};
    const ip_noise_options injected = {(double)NAN, 4};
    ip_binning_options two = paper;
    two.bins = 2;
    for (size_t i = 0; i < l.sample.n; i++)
        x_id[i] = (uint32_t)(i / DRAWS);
    l.sample.x_id = x_id;
    const ip_request few[] = {{&ip_estimator_binning, &paper, 0},
                              {&ip_estimator_kde, &fine, 0},
                              {&ip_estimator_kde, &fine, 1},
                              {&ip_estimator_noise, &fine_noise, 0}};
    const ip_request enough[] = {{&ip_estimator_kde, &coarse, 0},
                                 {&ip_estimator_kde, &coarse, 1},
                                 {&ip_estimator_noise, &coarse_noise, 0}};
    for (int noisy = 0; noisy < 2; noisy++) {
        l.sample.is_noisy = noisy;
        for (size_t k = 0; k < IP_LENGTH(few); k++)
            CHECK_COUNT(flags_of(few[k].estimator, few[k].options, &l) & IP_FLAG_INVALID,
                        noisy ? IP_FLAG_INVALID : 0);
        for (size_t k = 0; k < IP_LENGTH(enough); k++)
            CHECK_COUNT(flags_of(enough[k].estimator, enough[k].options, &l) & IP_FLAG_INVALID, 0);
    }
    double *clean = malloc(l.sample.n * sizeof *clean);
    for (size_t i = 0; i < l.sample.n; i++)
        clean[i] = l.t[i / DRAWS];
    l.sample.t_clean = clean; /* a first layer: its noise is the only one */
    l.sample.noise_variance = 0.01;
    CHECK_COUNT(flags_of(&ip_estimator_noise, &injected, &l), 0);
    l.sample.t_clean = l.t;
    CHECK_COUNT(flags_of(&ip_estimator_noise, &injected, &l) & IP_FLAG_INVALID, IP_FLAG_INVALID);
    for (size_t i = 0; i < l.sample.n; i++)
        l.t[i] = i / DRAWS % 2 == 0 ? -0.5 : 0.5;
    CHECK_COUNT(flags_of(&ip_estimator_binning, &two, &l) & IP_FLAG_INVALID, 0);
    free(clean);
    layer_free(&l);
}

static void processing(void)
{
    const double none = (double)NAN;
    CHECK(ip_breaks_processing(1.1, none, 1, none) && !ip_breaks_processing(1, none, 1, none));
    CHECK(!ip_breaks_processing(1 + 1e-12, none, 1, none));
    CHECK(ip_breaks_processing(1.1, 0.01, 1, 0.01) && !ip_breaks_processing(1.1, 0.03, 1, 0.01));
    CHECK(!ip_breaks_processing(none, none, 1, none) && !ip_breaks_processing(1, none, none, none));
}

int main(void)
{
    bins_of_another_range();
    one_ruler();
    few_rows_a_cell();
    neighbours();
    by_design();
    passes_of_a_network();
    processing();
    return check_finish();
}
