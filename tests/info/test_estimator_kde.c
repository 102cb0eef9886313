/* test_estimator_kde.c - the bounds against closed forms, and what holds for every layer
 *
 * Equal means within 1e-12: sums of up to 4096 terms in another order. */
#include "check.h"
#include "estimator_run.h"
#include <float.h>

enum { LOWER, UPPER, ROUNDS = 60 };

static ip_information kde_of(const ip_sample *sample, ip_kde_options options, size_t side)
{
    ip_information out;
    const ip_request request = {&ip_estimator_kde, &options, side};
    estimator_run(&request, 1, sample, &out);
    return out;
}

static ip_information kde(const layer *l, double variance, size_t side)
{
    return kde_of(&l->sample, (ip_kde_options){.variance = variance}, side);
}

static void bounds_are(const layer *l, double variance, double lower, double upper,
                       double tolerance)
{
    CHECK_NEAR(kde(l, variance, LOWER).i_xt, lower, tolerance);
    CHECK_NEAR(kde(l, variance, UPPER).i_xt, upper, tolerance);
    CHECK(isnan(kde(l, variance, LOWER).i_xt_se));
}

/* Two points at distance D with noise of variance 1: 1 - log2(1 + exp(-D^2 / 2)), and 8 for 2. */
static void two_points(void)
{
    static const double known[][3] = {{.5, 0.022366006944884, 0.087352508876778},
                                      {1, 0.087352508876778, 0.316051485923765},
                                      {2, 0.316051485923765, 0.816881587918404},
                                      {4, 0.816881587918404, 0.999516110889141},
                                      {10, 0.999994623585968, 1.0}};
    for (size_t k = 0; k < IP_LENGTH(known); k++) {
        layer l = layer_of(2, (double[]){0, known[k][0]}, 1);
        bounds_are(&l, 1, known[k][1], known[k][2], 1e-12);
        l.p_x[0] = 0.25;
        l.p_x[1] = 0.75;
        const double e = exp(-known[k][0] * known[k][0] / 2);
        CHECK_NEAR(kde(&l, 1, UPPER).i_xt,
                   -0.25 * log2(0.25 + 0.75 * e) - 0.75 * log2(0.75 + 0.25 * e), 1e-12);
        layer_free(&l);
    }
}

/* All corners of a cube, whose 12 units are independent; 4 far clusters; no spread at all. */
static void many_points(void)
{
    layer cube = layer_new(4096, 12, 1);
    for (size_t i = 0; i < (size_t)4096 * 12; i++)
        cube.t[i] = (i / 12) >> (i % 12) & 1U ? 1 : -1;
    bounds_are(&cube, 1e-3, 12, 12, 1e-12);
    bounds_are(&cube, 1, 3.792617831085174, 9.802579055020847, 1e-12);
    for (size_t i = 0; i < (size_t)4096 * 12; i++)
        cube.t[i] = i / 12 % 4 == i % 12 ? 100 : 0;
    bounds_are(&cube, 1, 2, 2, 1e-12);
    memset(cube.t, 0, (size_t)4096 * 12 * sizeof(double));
    bounds_are(&cube, 1e-3, 0, 0, 0);
    layer_free(&cube);
}

/* Points 0, 1, 3, 7 with labels 0, 0, 1, 1, as they are and far from 0 in small units: their
 * differences, and so the values, are exactly the same. */
static void four_points(double origin, double unit)
{
    layer l =
        layer_of(4, (double[]){origin, origin + unit, origin + 3 * unit, origin + 7 * unit}, 2);
    for (size_t i = 2; i < 4; i++) {
        l.p_y[2 * i] = 0;
        l.p_y[2 * i + 1] = 1;
    }
    bounds_are(&l, .5 * unit * unit, 1.3451580932286482, 1.7626096243666542, 1e-12);
    const ip_kde_options options = {.variance = .5 * unit * unit, .label_term = IP_KDE_DIFFERENCE};
    const ip_information lower = kde_of(&l.sample, options, LOWER);
    CHECK_NEAR(lower.i_ty, 0.7737029711842435, 1e-12);
    CHECK_NEAR(kde_of(&l.sample, options, UPPER).i_ty, 0.988580247085143, 1e-12);
    CHECK_NEAR(lower.i_xt, 1.3451580932286482, 1e-12);
    CHECK_COUNT(lower.flags & ~(unsigned)IP_FLAG_SCALE, IP_FLAG_NO_BOUND | IP_FLAG_ONE_LAYER);
    /* Within the labels: two pairs of points at distances 1 and 4. */
    const double within_lower = 1 - (log2(1 + exp(-.25)) + log2(1 + exp(-4.0))) / 2;
    const double within_upper = 1 - (log2(1 + exp(-1.0)) + log2(1 + exp(-16.0))) / 2;
    CHECK_NEAR(kde(&l, .5 * unit * unit, LOWER).i_ty, 1.3451580932286482 - within_upper, 1e-12);
    CHECK_NEAR(kde(&l, .5 * unit * unit, UPPER).i_ty, fmin(1.7626096243666542 - within_lower, 1),
               1e-12);
    layer_free(&l);
}

/* A normal source of variance r on a fine grid up to 8 deviations; noise of variance 1: above and
 * below by (ln(1 + r) + r / (1 + r)) / (2 ln 2) bits a unit, and the same of r / 4. The trapezoid
 * rule on smooth functions leaves an error below e^-100, the ends of the grid 1e-14. */
static void normal_source(void)
{
    static const double known[][3] = {
        {1, .305234, .860674}, {10, 1.418926, 2.385486}, {100, 3.043823, 4.043311}};
    for (size_t k = 0; k < IP_LENGTH(known); k++) {
        const double deviation = sqrt(known[k][0]);
        const size_t n = 32 * (size_t)ceil(deviation);
        layer l = layer_new(n * (k == 0 ? n : 1), k == 0 ? 2 : 1, 1);
        for (size_t i = 0; i < l.sample.n; i++) {
            double square = 0;
            for (size_t at = i, unit = 0; unit < l.sample.d; unit++, at /= n) {
                const double z = 16 * ((double)(at % n) + .5) / (double)n - 8;
                l.t[i * l.sample.d + unit] = deviation * z;
                square += z * z;
            }
            l.p_x[i] = exp(-square / 2) *
                       pow(16 / (double)n / sqrt(2 * 3.141592653589793), (double)l.sample.d);
        }
        const double d = (double)l.sample.d;
        bounds_are(&l, 1, d * known[k][1], d * known[k][2], d * 1e-6);
        layer_free(&l);
    }
}

/* Rows of one input are a mixture. Two far inputs, each of two rows at distance 1: each row tells
 * 1 bit about the input, and something about which of its rows it is. */
static void repeated_inputs(void)
{
    const double near = 0.087352508876778, far = 0.316051485923765;
    layer l = layer_of(4, (double[]){0, 1, 100, 101}, 1);
    bounds_are(&l, 1, 1 + near, 1 + far, 1e-12);
    memcpy(l.x_id, (uint32_t[]){2, 2, 0, 0}, 4 * sizeof *l.x_id);
    bounds_are(&l, 1, 1 + near - far, 1, 1e-12);
    memset(l.x_id, 0, 4 * sizeof *l.x_id);
    bounds_are(&l, 1, 0, 0, 0);
    /* Rows that coincide are one, whatever their places in the list. */
    memcpy(l.x_id, (uint32_t[]){1, 3, 1, 3}, 4 * sizeof *l.x_id);
    memcpy(l.t, (double[]){0, 2, 0, 2}, 4 * sizeof *l.t);
    bounds_are(&l, 1, 0.316051485923765, 0.816881587918404, 1e-12);
    /* A point that both inputs meet: 1.5 bits of T, 1 of it given X. */
    memcpy(l.x_id, (uint32_t[]){1, 1, 3, 3}, 4 * sizeof *l.x_id);
    memcpy(l.t, (double[]){0, 100, 200, 100}, 4 * sizeof *l.t);
    bounds_are(&l, 1, .5, .5, 1e-12);
    layer_free(&l);
}

/* The ruler follows the layer. */
static void scale_of_layer(void)
{
    layer l = layer_of(4, (double[]){-5, 1, 3, 4}, 1);
    const ip_kde_options options = {.variance = 0.02, .scale = IP_KDE_SCALE_LAYER};
    const ip_information seen = kde_of(&l.sample, options, LOWER);
    CHECK(seen.i_xt == kde(&l, 0.02 * 25, LOWER).i_xt);
    CHECK_COUNT(seen.flags, IP_FLAG_MOVING | IP_FLAG_ONE_LAYER);
    const ip_request requests[] = {{&ip_estimator_kde, &options, UPPER},
                                   {&ip_estimator_kde, &(ip_kde_options){.variance = 0.02}, UPPER}};
    ip_information out[2];
    estimator_run(requests, 2, &l.sample, out);
    CHECK_NEAR(out[0].i_xt, kde(&l, 0.5, UPPER).i_xt, 1e-12);
    CHECK_NEAR(out[1].i_xt, kde(&l, 0.02, UPPER).i_xt, 1e-12);
    memcpy(l.t, (double[]){0, -0.0, 0, -0.0}, 4 * sizeof *l.t);
    CHECK_NEAR(kde_of(&l.sample, options, UPPER).i_xt, 0, 1e-15);
    CHECK_NEAR(kde_of(&l.sample, options, LOWER).i_xt, 0, 1e-15);
    layer_free(&l);
}

/* Extreme noise, layers without units, one row, rows without weight, labels nobody has. */
static void edges(void)
{
    layer l = layer_of(4, (double[]){0, 1e-3, 1e200, -1e200}, 3);
    static const double tiny[] = {1e-12, 1e-300, DBL_TRUE_MIN};
    for (size_t k = 0; k < IP_LENGTH(tiny); k++)
        bounds_are(&l, tiny[k], 2, 2, 1e-12);
    const ip_kde_options options = {.variance = 1e100, .scale = IP_KDE_SCALE_LAYER};
    CHECK(isfinite(kde_of(&l.sample, options, LOWER).i_xt));
    memcpy(l.t, (double[]){0, 1, 5, 5}, 4 * sizeof *l.t);
    bounds_are(&l, 1e100, 0, 0, 1e-12);
    memcpy(l.p_x, (double[]){.5, .5, 0, 0}, 4 * sizeof *l.p_x);
    bounds_are(&l, 1, 0.087352508876778, 0.316051485923765, 1e-12);
    CHECK(kde(&l, 1, UPPER).i_ty == 0 && kde(&l, 1, LOWER).i_ty == 0);
    l.sample.n = 1;
    l.p_x[0] = 1;
    bounds_are(&l, 1, 0, 0, 0);
    layer_free(&l);
    layer none = layer_new(3, 0, 1);
    bounds_are(&none, 1, 0, 0, 0);
    layer_free(&none);
}

/* A ladder of variances, some related by 4, beside another estimator: each value as if alone. */
static void many_requests(void)
{
    static const double variances[] = {1e-3, 1, 4e-3, 0.3, 16e-3, 0.256, 64e-3, 4.096, 1.024};
    enum { N = 2 * IP_LENGTH(variances) };
    const ip_binning_options binning = {
        .bins = 1000, .width = (double)NAN, .range = {2, {-1.0, 1.0}}};
    ip_kde_options options[N];
    ip_request requests[N + 2];
    ip_information out[N + 2];
    layer l = layer_draw(5, true);
    requests[0] = requests[N / 2 + 1] = (ip_request){&ip_estimator_binning, &binning, 0};
    for (size_t k = 0; k < N; k++) {
        options[k] = (ip_kde_options){.variance = variances[k / 2]};
        requests[1 + k + (k >= N / 2)] = (ip_request){&ip_estimator_kde, &options[k], k % 2};
    }
    estimator_run(requests, N + 2, &l.sample, out);
    CHECK(out[0].i_xt == out[N / 2 + 1].i_xt);
    for (size_t k = 0; k < N; k++) {
        const ip_information alone = kde(&l, variances[k / 2], k % 2);
        CHECK_NEAR(out[1 + k + (k >= N / 2)].i_xt, alone.i_xt, 1e-12);
        CHECK_NEAR(out[1 + k + (k >= N / 2)].i_ty, alone.i_ty, 1e-12);
    }
    layer_free(&l);
}

static void same(const layer *seen, const layer *expected, double variance)
{
    for (size_t side = LOWER; side <= UPPER; side++) {
        const ip_information a = kde(seen, variance, side), b = kde(expected, variance, side);
        CHECK_NEAR(a.i_xt, b.i_xt, 1e-12);
        CHECK_NEAR(a.i_ty, b.i_ty, 1e-12);
    }
}

/* Rows in another order; every row twice with half its weight. */
static void order_of_rows(const layer *l, ip_rng *rng, double variance)
{
    uint32_t order[120];
    const size_t n = l->sample.n;
    for (uint32_t i = 0; i < 2 * n; i++)
        order[i] = i % (uint32_t)n;
    layer twice = layer_pick(l, 2 * n, order, 0.5);
    ip_rng_shuffle(rng, order, n);
    layer other = layer_pick(l, n, order, 1);
    same(&other, l, variance);
    same(&twice, l, variance);
    layer_free(&other);
    layer_free(&twice);
}

/* Labels backwards, a constant unit more, everything moved. */
static void other_names(const layer *l, double variance)
{
    const size_t n = l->sample.n, d = l->sample.d, c = l->sample.c;
    layer other = layer_new(n, d + 1, c);
    for (size_t i = 0; i < n; i++) {
        other.p_x[i] = l->p_x[i];
        other.x_id[i] = l->x_id[i];
        other.t[i * (d + 1) + d] = 1.5;
        for (size_t k = 0; k < d; k++)
            other.t[i * (d + 1) + k] = l->t[i * d + k] + 0x1p-3;
        for (size_t y = 0; y < c; y++)
            other.p_y[i * c + y] = l->p_y[i * c + c - 1 - y];
    }
    same(&other, l, variance);
    layer_free(&other);
}

static void bounds_in_order(const layer *l, double variance)
{
    const ip_information lower = kde(l, variance, LOWER), upper = kde(l, variance, UPPER);
    CHECK(0 <= lower.i_xt && lower.i_xt <= upper.i_xt + 1e-12);
    CHECK(0 <= lower.i_ty && lower.i_ty <= upper.i_ty + 1e-12);
    CHECK(upper.i_ty <= log2((double)l->sample.c) + 1e-12);
    CHECK(lower.i_ty <= upper.i_xt + 1e-12);
    const unsigned by_size = IP_FLAG_SCALE | IP_FLAG_CEILING;
    CHECK_COUNT(lower.flags & ~by_size, IP_FLAG_ONE_LAYER);
    CHECK_COUNT(upper.flags & ~by_size, IP_FLAG_ONE_LAYER);
}

static void random_layers(void)
{
    ip_rng rng = ip_rng_make(32, IP_PURPOSE_TEST, 0);
    for (unsigned round = 0; round < ROUNDS; round++) {
        const bool is_noisy = round % 5 == 4;
        const double variance = exp(3 * ip_rng_normal(&rng));
        layer l = layer_draw(round, is_noisy);
        order_of_rows(&l, &rng, variance);
        other_names(&l, variance);
        if (!is_noisy) {
            bounds_in_order(&l, variance);
            CHECK_NEAR(kde(&l, variance, LOWER).i_xt, kde(&l, 4 * variance, UPPER).i_xt, 1e-12);
        }
        layer_free(&l);
    }
}

int main(void)
{
    two_points();
    many_points();
    four_points(0, 1);
    four_points(0x1p20, 0x1p-10);
    normal_source();
    repeated_inputs();
    scale_of_layer();
    edges();
    many_requests();
    random_layers();
    return check_finish();
}
