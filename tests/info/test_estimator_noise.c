/* test_estimator_noise.c - sampled information against closed forms and quadrature, within four
 * standard errors, and what holds for every layer */
#include "check.h"
#include "estimator_run.h"
#include "infoplane/normal.h"

enum { ROUNDS = 60 };

static ip_information noise_of(const ip_sample *sample, double variance, uint64_t draws)
{
    ip_information out;
    const ip_noise_options options = {variance, draws};
    const ip_request request = {&ip_estimator_noise, &options, 0};
    estimator_run(&request, 1, sample, &out);
    return out;
}

/* A value within 4 standard errors, which are themselves at most so large and not 0. */
static void is_about(const layer *l, double variance, uint64_t draws, double i_xt, double most_se)
{
    const ip_information seen = noise_of(&l->sample, variance, draws);
    CHECK_NEAR(seen.i_xt, i_xt, 4 * seen.i_xt_se);
    CHECK(0 < seen.i_xt_se && seen.i_xt_se < most_se);
    const unsigned by_size = IP_FLAG_SCALE | IP_FLAG_CEILING;
    CHECK_COUNT(seen.flags & ~by_size, IP_FLAG_ONE_LAYER);
}

/* Two points, four at the corners of a square, four on a line. */
static void few_points(void)
{
    layer two = layer_of(2, (double[]){0, 2}, 2);
    is_about(&two, 1, 40000, 0.48594415413293524, 0.005);
    two.p_y[2] = 0;
    two.p_y[3] = 1; /* the label is the point */
    const ip_information seen = noise_of(&two.sample, 1, 1000);
    CHECK_NEAR(seen.i_ty, seen.i_xt, 1e-12);
    CHECK_NEAR(seen.i_ty_se, seen.i_xt_se, 1e-12);
    two.t[1] = 4;
    is_about(&two, 1, 40000, 0.9128222857744821, 0.005);
    layer_free(&two);
    layer square = layer_new(4, 2, 1);
    memcpy(square.t, (double[]){1, 1, 1, -1, -1, 1, -1, -1}, 8 * sizeof(double));
    is_about(&square, 1, 40000, 0.9718883082658705, 0.005);
    layer_free(&square);
    layer four = layer_of(4, (double[]){0, 1, 3, 7}, 2);
    memcpy(four.p_y, (double[]){1, 0, 1, 0, 0, 1, 0, 1}, 8 * sizeof(double));
    is_about(&four, .5, 40000, 1.4974443187042272, 0.005);
    const ip_information labels = noise_of(&four.sample, .5, 40000);
    CHECK_NEAR(labels.i_ty, 0.8569733509585766, 4 * labels.i_ty_se);
    CHECK(0 < labels.i_ty_se && labels.i_ty_se < 0.005);
    layer_free(&four);
}

/* Two points at every distance; the corners of a cube, whose 12 units are independent. */
static void distances(void)
{
    static const double known[][2] = {{.5, 0.043729962944309},
                                      {1, 0.160747219796417},
                                      {2, 0.485944154132935},
                                      {4, 0.912822285774482}};
    for (size_t k = 0; k < IP_LENGTH(known); k++) {
        layer two = layer_of(2, (double[]){0, known[k][0]}, 2);
        is_about(&two, 1, 40000, known[k][1], 0.005);
        layer_free(&two);
    }
    /* What is missing of a bit is in draws beyond five deviations, too few for their own error. */
    layer far = layer_of(2, (double[]){0, 10}, 2);
    CHECK_NEAR(noise_of(&far.sample, 1, 40000).i_xt, 0.999998754714749, 2e-6);
    layer_free(&far);
    layer cube = layer_new(4096, 12, 1);
    for (size_t i = 0; i < (size_t)4096 * 12; i++)
        cube.t[i] = (i / 12) >> (i % 12) & 1U ? 1 : -1;
    is_about(&cube, 1, 8, 5.831329849595223, 0.05);
    layer_free(&cube);
}

/* A uniform source on a fine grid: h(T~) - h(Z); a normal one of variance r: 1/2 log2(1 + r) a
 * unit. */
static void continuous_sources(void)
{
    layer uniform = layer_new(400, 1, 1);
    for (size_t i = 0; i < 400; i++)
        uniform.t[i] = ((double)i + .5) / 400;
    is_about(&uniform, .01, 200, 1.5354401586735456, 0.005);
    layer_free(&uniform);
    static const double known[][2] = {
        {1, .5}, {3, 1}, {10, 1.7297158093186487}, {15, 2}, {100, 3.3291057154476713}};
    for (size_t k = 0; k < IP_LENGTH(known); k++) {
        layer normal = layer_new(200, 1, 1);
        const double step = 16.0 / 200;
        for (size_t i = 0; i < 200; i++) {
            const double z = step * ((double)i + .5) - 8;
            normal.t[i] = sqrt(known[k][0]) * z;
            normal.p_x[i] = step * exp(-z * z / 2) / sqrt(2 * 3.141592653589793);
        }
        is_about(&normal, 1, 400, known[k][1], 0.02);
        layer_free(&normal);
    }
}

/* Standard errors are the spread of the values over seeds, within a fifth: four times what 400
 * seeds and the two pairs of each leave open. */
static void standard_errors(void)
{
    enum { SEEDS = 400 };
    layer l = layer_of(3, (double[]){0, 1, 3}, 2);
    memcpy(l.p_y, (double[]){.9, .1, .5, .5, 0, 1}, 6 * sizeof(double));
    memcpy(l.p_x, (double[]){.2, .5, .3}, 3 * sizeof(double));
    double sums[2] = {0}, squares[2] = {0}, variances[2] = {0};
    for (l.sample.seed = 0; l.sample.seed < SEEDS; l.sample.seed++) {
        const ip_information seen = noise_of(&l.sample, .5, 4);
        const double values[] = {seen.i_xt, seen.i_ty}, errors[] = {seen.i_xt_se, seen.i_ty_se};
        for (size_t v = 0; v < 2; v++) {
            sums[v] += values[v];
            squares[v] += values[v] * values[v];
            variances[v] += errors[v] * errors[v] / SEEDS;
        }
    }
    for (size_t v = 0; v < 2; v++) {
        const double variance = (squares[v] - sums[v] * sums[v] / SEEDS) / (SEEDS - 1);
        CHECK_NEAR(sqrt(variances[v] / variance), 1, 0.2);
    }
    layer_free(&l);
}

/* Nothing to be told, and everything: exact, without error. */
static void edges(void)
{
    layer l = layer_of(4, (double[]){5, 5, 5, 5}, 3);
    memcpy(l.p_y, (double[]){1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0}, 12 * sizeof(double));
    const ip_information nothing = noise_of(&l.sample, 1e-3, 8);
    CHECK(nothing.i_xt == 0 && nothing.i_xt_se == 0);
    CHECK(fabs(nothing.i_ty) < 1e-15 && nothing.i_ty_se < 1e-15);
    memcpy(l.t, (double[]){0, 1, 2, 1e200}, 4 * sizeof *l.t);
    static const double tiny[] = {1e-4, 1e-300};
    for (size_t k = 0; k < IP_LENGTH(tiny); k++) {
        const ip_information all = noise_of(&l.sample, tiny[k], 4);
        CHECK_NEAR(all.i_xt, 2, 1e-12);
        CHECK_NEAR(all.i_ty, 1, 1e-12);
        CHECK(all.i_xt_se < 1e-12 && all.i_ty_se < 1e-12);
    }
    l.t[3] = 3;
    CHECK_NEAR(noise_of(&l.sample, 1e20, 8).i_xt, 0, 1e-8);
    memcpy(l.p_x, (double[]){.5, .5, 0, 0}, 4 * sizeof *l.p_x);
    CHECK_NEAR(noise_of(&l.sample, 1e-4, 8).i_xt, 1, 1e-12);
    l.sample.n = 1;
    l.p_x[0] = 1;
    CHECK(noise_of(&l.sample, 1, 8).i_xt == 0);
    layer_free(&l);
    layer none = layer_new(3, 0, 1);
    CHECK(noise_of(&none.sample, 1, 8).i_xt == 0);
    layer_free(&none);
}

/* Two far inputs that each meet two points at distance 2: 1 bit, exactly what is told of the input.
 * The same points met by both inputs alike tell nothing of it. */
static void repeated_inputs(void)
{
    layer l = layer_of(4, (double[]){0, 2, 100, 102}, 1);
    memcpy(l.x_id, (uint32_t[]){3, 3, 0, 0}, 4 * sizeof *l.x_id);
    const ip_information told = noise_of(&l.sample, 1, 8);
    CHECK_NEAR(told.i_xt, 1, 1e-12);
    CHECK(told.i_xt_se < 1e-12);
    memcpy(l.t, (double[]){0, 2, 2, 0}, 4 * sizeof *l.t);
    CHECK_NEAR(noise_of(&l.sample, 1, 8).i_xt, 0, 1e-12);
    /* Inputs 0 and 2 mixed, and 1: what 0 and 2 against 1 tells, by quadrature of the densities. */
    memcpy(l.t, (double[]){0, 2, 1, 1}, 4 * sizeof *l.t);
    double expected = 0;
    for (double t = -12; t <= 14; t += 1e-3) {
        const double mixed = (exp(-t * t / .5) + exp(-(t - 2) * (t - 2) / .5)) / 2;
        const double single = exp(-(t - 1) * (t - 1) / .5);
        const double both = (mixed + single) / 2;
        if (mixed > 0 && single > 0)
            expected += 1e-3 * (mixed * log2(mixed / both) + single * log2(single / both)) / 2;
    }
    is_about(&l, .25, 40000, expected / sqrt(2 * 3.141592653589793 * .25), 0.005);
    layer_free(&l);
}

/* Two inputs, 2 apart, and 400 passes of each whose noise before the layer has these quantiles. */
enum { PASSES = 400 };

static layer passes(double variance_before)
{
    layer l = layer_new(2 * PASSES, 1, 2);
    for (size_t i = 0; i < 2 * PASSES; i++) {
        const double z = ip_normal_quantile(((double)(i / 2) + 0.5) / PASSES);
        l.x_id[i] = i % 2;
        l.p_y[2 * i] = i % 2 == 0;
        l.p_y[2 * i + 1] = i % 2 == 1;
        l.t[i] = 2 * (double)(i % 2) + sqrt(variance_before) * z;
    }
    return l;
}

/* The network's own noise. Signals 2 apart in noise of variance 1 all told, by quadrature; where
 * half of it comes from the layer before, its 400 quantiles are within 1e-3 of all of it. */
static void injected(void)
{
    for (int k = 0; k < 2; k++) {
        const double before = k == 0 ? 0 : .5;
        layer l = passes(before);
        double *clean = malloc(2 * PASSES * sizeof *clean);
        if (clean == NULL)
            exit(EXIT_FAILURE);
        memcpy(clean, l.t, 2 * PASSES * sizeof *clean);
        for (size_t i = 0; i < 2 * PASSES; i++)
            l.t[i] += 7 * (double)(i % 3); /* what was drawn is not looked at */
        ip_information seen = noise_of(&l.sample, (double)NAN, 40);
        CHECK(isnan(seen.i_xt) && isnan(seen.i_ty) && seen.flags == IP_FLAG_NOT_KNOWN);
        l.sample.t_clean = clean;
        l.sample.noise_variance = 1 - before;
        const uint64_t draws = k == 0 ? 40000 : 40; /* for two points, or for 800 */
        seen = noise_of(&l.sample, (double)NAN, draws);
        CHECK_NEAR(seen.i_xt, 0.48594415413293524, 4 * seen.i_xt_se + 1e-3);
        CHECK_NEAR(seen.i_ty, 0.48594415413293524, 4 * seen.i_ty_se + 1e-3);
        CHECK(0 < seen.i_xt_se && seen.i_xt_se < 0.005 && seen.flags == 0);
        /* Beside noise that is added, which sees the rows as they were drawn. */
        const ip_noise_options options[] = {{1, 40}, {(double)NAN, 40}, {.1, 40}};
        ip_request requests[3];
        ip_information together[3];
        for (size_t q = 0; q < 3; q++)
            requests[q] = (ip_request){&ip_estimator_noise, &options[q], 0};
        estimator_run(requests, 3, &l.sample, together);
        for (size_t q = 0; q < 3; q++)
            CHECK(together[q].i_xt == noise_of(&l.sample, options[q].variance, 40).i_xt);
        CHECK(together[0].i_xt != together[1].i_xt);
        free(clean);
        layer_free(&l);
    }
}

/* The same numbers for the same name of the sample, others for another; a value does not depend on
 * what else is asked. */
static void determinism(void)
{
    layer l = layer_draw(5, true);
    const ip_noise_options options[] = {{.3, 8}, {30, 8}, {.3, 100}, {.1, 8}};
    const ip_kde_options kde = {.variance = .3};
    const ip_request requests[] = {{&ip_estimator_noise, &options[0], 0},
                                   {&ip_estimator_kde, &kde, 0},
                                   {&ip_estimator_noise, &options[1], 0},
                                   {&ip_estimator_noise, &options[2], 0},
                                   {&ip_estimator_noise, &options[3], 0}};
    ip_information out[IP_LENGTH(requests)];
    estimator_run(requests, IP_LENGTH(requests), &l.sample, out);
    for (size_t k = 0; k < IP_LENGTH(requests); k++) {
        ip_information alone;
        estimator_run(&requests[k], 1, &l.sample, &alone);
        CHECK(out[k].i_xt == alone.i_xt && out[k].i_ty == alone.i_ty);
        CHECK(k == 1 || (out[k].i_xt_se == alone.i_xt_se && out[k].i_ty_se == alone.i_ty_se));
    }
    l.sample.place++;
    CHECK(noise_of(&l.sample, .3, 8).i_xt != out[0].i_xt);
    l.sample.place--;
    l.sample.seed++;
    CHECK(noise_of(&l.sample, .3, 8).i_xt != out[0].i_xt);
    layer_free(&l);
}

static void agree(ip_information a, ip_information b)
{
    CHECK_NEAR(a.i_xt, b.i_xt, 4 * hypot(a.i_xt_se, b.i_xt_se) + 1e-12);
    CHECK_NEAR(a.i_ty, b.i_ty, 4 * hypot(a.i_ty_se, b.i_ty_se) + 1e-12);
}

/* Inside the bracket of pairwise bounds; the label learns no more than it tells; rows in another
 * order, and each twice with half its weight. */
static void random_layers(void)
{
    ip_rng rng = ip_rng_make(32, IP_PURPOSE_TEST, 0);
    for (unsigned round = 0; round < ROUNDS; round++) {
        const double variance = exp(3 * ip_rng_normal(&rng));
        layer l = layer_draw(round, round % 5 == 4);
        const ip_information seen = noise_of(&l.sample, variance, 200);
        const ip_kde_options kde = {.variance = variance};
        ip_information bounds[2];
        estimator_run((ip_request[]){{&ip_estimator_kde, &kde, 0}, {&ip_estimator_kde, &kde, 1}}, 2,
                      &l.sample, bounds);
        CHECK(bounds[0].i_xt - 4 * seen.i_xt_se - 1e-12 <= seen.i_xt);
        CHECK(seen.i_xt <= bounds[1].i_xt + 4 * seen.i_xt_se + 1e-12);
        CHECK(bounds[0].i_ty - 4 * seen.i_ty_se - 1e-12 <= seen.i_ty);
        CHECK(seen.i_ty <= bounds[1].i_ty + 4 * seen.i_ty_se + 1e-12);
        uint32_t order[120];
        for (uint32_t i = 0; i < 2 * l.sample.n; i++)
            order[i] = i % (uint32_t)l.sample.n;
        layer twice = layer_pick(&l, 2 * l.sample.n, order, 0.5);
        ip_rng_shuffle(&rng, order, l.sample.n);
        layer other = layer_pick(&l, l.sample.n, order, 1);
        agree(noise_of(&other.sample, variance, 200), seen);
        const ip_information doubled = noise_of(&twice.sample, variance, 200);
        CHECK_NEAR(doubled.i_xt, seen.i_xt, 1e-12);
        CHECK_NEAR(doubled.i_ty, seen.i_ty, 1e-12);
        layer_free(&other);
        layer_free(&twice);
        layer_free(&l);
    }
}

static void parameters(void)
{
    ip_error err = {0};
    CHECK(ip_estimator_noise.check(&(ip_noise_options){1, 8}, &err) == IP_OK);
    CHECK(ip_estimator_noise.check(&(ip_noise_options){1, 7}, &err) == IP_ERR_SPEC);
    CHECK_STR(err.key, "draws");
    CHECK_HAS(err.text, "saw 7");
}

int main(void)
{
    few_points();
    distances();
    continuous_sources();
    standard_errors();
    edges();
    repeated_inputs();
    injected();
    determinism();
    random_layers();
    parameters();
    return check_finish();
}
