/* test_estimator_binning.c - binned information of whole layers, from activations to bits */
#include "check.h"
#include "estimator_run.h"
#include "infoplane/random.h"

static ip_binning_options paper(uint64_t bins)
{
    return (ip_binning_options){
        .bins = bins, .rule = IP_BINNING_PAPER, .width = (double)NAN, .range = {2, {-1.0, 1.0}}};
}

/* n inputs, all different and equally likely; label y[i] of two, or all 0 when y is NULL. Scratch
 * of exactly the size asked for. */
static ip_status estimate(const ip_binning_options *options, size_t n, size_t d, const double *t,
                          const uint8_t *y, ip_information *out, ip_error *err)
{
    double *p_x = malloc(n * sizeof *p_x);
    double *p_y = calloc(2 * n, sizeof *p_y);
    const ip_request request = {&ip_estimator_binning, options, 0};
    const ip_sample sizes = {.n = n, .d = d, .c = 2};
    const size_t bytes = (ip_estimate_scratch_bytes(&request, 1, &sizes) + 63) / 64 * 64;
    void *scratch = aligned_alloc(64, bytes);
    if (p_x == NULL || p_y == NULL || scratch == NULL)
        exit(EXIT_FAILURE);
    for (size_t i = 0; i < n; i++) {
        p_x[i] = 1.0 / (double)n;
        p_y[2 * i + (y != NULL && y[i])] = 1.0;
    }
    const ip_sample sample = {.n = n, .d = d, .c = 2, .t = t, .p_x = p_x, .p_y_given_x = p_y};
    const ip_status status = ip_estimate(&request, 1, &sample, scratch, out, err);
    free(p_x);
    free(p_y);
    free(scratch);
    return status;
}

static ip_information binned(const ip_binning_options *options, size_t n, size_t d, const double *t,
                             const uint8_t *y)
{
    ip_information out = ip_information_none;
    ip_error err = {0};
    CHECK(estimate(options, n, d, t, y, &out, &err) == IP_OK);
    CHECK_STR(err.text, "");
    return out;
}

/* 3000 midpoints, 100 in each of 30 bins: log2 30. */
static void uniform(void)
{
    double t[3000];
    for (size_t i = 0; i < 3000; i++)
        t[i] = (-1.0 + (2.0 * (double)i + 1.0) / 3000);
    const ip_binning_options options = paper(30);
    CHECK_NEAR(binned(&options, 3000, 1, t, NULL).i_xt, 4.906890595608519, 1e-12);
}

/* One unit, popcount / 6 - 1 of 12 bits. Values computed outside from the binomial. */
static void ones(void)
{
    static double t[4096];
    static uint8_t parity[4096];
    for (unsigned x = 0; x < 4096; x++) {
        const int count = __builtin_popcount(x);
        t[x] = (count / 6.0 - 1.0);
        parity[x] = count % 2 != 0;
    }
    const ip_binning_options thirty = paper(30);
    const ip_information fine = binned(&thirty, 4096, 1, t, parity);
    CHECK_NEAR(fine.i_xt, 2.838528743648605, 1e-12);
    CHECK_NEAR(fine.i_ty, 1.0, 1e-12);
    const ip_binning_options eight = paper(8);
    const ip_information coarse = binned(&eight, 4096, 1, t, parity);
    CHECK_NEAR(coarse.i_xt, 2.209027714191924, 1e-12);
    CHECK_NEAR(coarse.i_ty, 0.37049897054331904, 1e-12);
}

/* tanh of a normal number: the wider, the more saturates and the less is left of the entropy,
 * although tanh loses nothing. Sampled: within 3 / sqrt n. */
static void saturation(void)
{
    static const double known[][2] = {
        {1, 4.877065865700965}, {3, 3.515252558620179}, {10, 2.044172923696172}};
    enum { MANY = 100000 };
    double *t = malloc(MANY * sizeof *t);
    if (t == NULL)
        exit(EXIT_FAILURE);
    const ip_binning_options options = paper(30);
    for (size_t k = 0; k < IP_LENGTH(known); k++) {
        ip_rng rng = ip_rng_make(21, IP_PURPOSE_TEST, k);
        for (size_t i = 0; i < MANY; i++)
            t[i] = tanh(known[k][0] * ip_rng_normal(&rng));
        CHECK_NEAR(binned(&options, MANY, 1, t, NULL).i_xt, known[k][1], 3 / sqrt(MANY));
    }
    free(t);
}

/* A later layer may tell more than an earlier one once both are binned: that is what binning does,
 * and it must be measured, not hidden. */
static void processing_inequality_fails(void)
{
    static double t_1[4096];
    static double t_2[4096];
    static uint8_t y[4096];
    for (unsigned v = 0; v < 4096; v++) {
        const double t = (v + 0.5) / 4096 * 0.999 / 15;
        t_1[v] = t;
        t_2[v] = tanh(30 * t - 1);
        y[v] = v >= 2048;
    }
    const ip_binning_options options = paper(30);
    const ip_information first = binned(&options, 4096, 1, t_1, y);
    CHECK(first.i_xt == 0.0 && first.i_ty == 0.0);
    const ip_information second = binned(&options, 4096, 1, t_2, y);
    CHECK_NEAR(second.i_xt, 4.546001427617641, 1e-12);
    CHECK_NEAR(second.i_ty, 0.996323171444403, 1e-12);
}

/* 200 units; every one takes part. */
static void wide(void)
{
    enum { N = 256, D = 200 };
    static double t[N * D];
    for (size_t i = 0; i < N; i++) {
        for (size_t bit = 0; bit < 8; bit++)
            t[i * D + D - 1 - 25 * bit] = (i >> bit & 1U) != 0 ? 0.5 : -0.5;
    }
    const ip_binning_options options = paper(30);
    CHECK(binned(&options, N, D, t, NULL).i_xt == 8.0);
    for (size_t i = 0; i < N; i++)
        t[i * D + D - 1] = 0.0;
    CHECK(binned(&options, N, D, t, NULL).i_xt == 7.0);
}

/* Values computed outside. */
static void equal_frequency(void)
{
    static double t[4096];
    for (size_t i = 0; i < 4096; i++)
        t[i] = sin((double)i); /* all different */
    ip_binning_options options = paper(30);
    options.rule = IP_BINNING_EQUAL_FREQ;
    CHECK_NEAR(binned(&options, 3000, 1, t, NULL).i_xt, 4.906890595608519, 1e-12);
    CHECK_NEAR(binned(&options, 4096, 1, t, NULL).i_xt, 4.9068809629906935, 1e-12);
    for (size_t i = 0; i < 4096; i++)
        t[i] = i < 2048 ? 0.0 : (double)i;
    CHECK_NEAR(binned(&options, 4096, 1, t, NULL).i_xt, 2.9534404814953468, 1e-12);
}

static void ceiling(void)
{
    static double t[200];
    for (size_t i = 0; i < 200; i++)
        t[i] = i < 182 ? (double)i : 0.0; /* of log2 200 are missing 19 log2 19 / 200: 5.3 % */
    ip_binning_options options = paper(30);
    options.rule = IP_BINNING_EXACT;
    CHECK_COUNT(binned(&options, 200, 1, t, NULL).flags, IP_FLAG_DISTINCT);
    t[199] = -1.0;
    CHECK_COUNT(binned(&options, 200, 1, t, NULL).flags, IP_FLAG_CEILING | IP_FLAG_DISTINCT);
    CHECK_COUNT(binned(&options, 1, 1, t, NULL).flags, IP_FLAG_DISTINCT);
    for (size_t i = 0; i < 200; i++)
        t[i] = (double)(i < 100 ? i : i / 2 + 200); /* half of them alone, half in pairs */
    CHECK_COUNT(binned(&options, 200, 1, t, NULL).flags, 0);
    t[199] = t[197];
    t[198] = -1.0;
    CHECK_COUNT(binned(&options, 200, 1, t, NULL).flags, IP_FLAG_DISTINCT);
}

/* Codes that have not changed are not counted again, though activations have: what was kept is
 * given, whatever it is. */
static void unchanged_codes(void)
{
    enum { ROWS = 64, REQUESTS = 3 };
    layer l = layer_new(ROWS, 2, 2);
    ip_rng rng = ip_rng_make(31, IP_PURPOSE_TEST, 0);
    for (size_t i = 0; i < 2 * ROWS; i++)
        l.t[i] = 1.8 * ip_rng_uniform(&rng) - 0.9;
    for (size_t i = 0; i < ROWS; i++)
        layer_distribution(&rng, 2, l.p_y + 2 * i, 2);
    const ip_binning_options options[] = {paper(4), paper(30), paper(300)};
    ip_request requests[REQUESTS];
    for (size_t k = 0; k < REQUESTS; k++)
        requests[k] = (ip_request){&ip_estimator_binning, &options[k], 0};
    ip_information first[REQUESTS], again[REQUESTS], fresh[REQUESTS];
    ip_counted last[REQUESTS] = {{0}};
    ip_sample remembers = l.sample;
    remembers.last = last;
    estimator_run(requests, REQUESTS, &remembers, first);
    estimator_run(requests, REQUESTS, &l.sample, fresh);
    for (size_t k = 0; k < REQUESTS; k++) {
        CHECK(first[k].i_xt == fresh[k].i_xt && first[k].i_ty == fresh[k].i_ty);
        CHECK(first[k].flags == fresh[k].flags && last[k].is_known);
        last[k].out.i_xt = 7;
    }
    l.t[0] = nextafter(l.t[0], 2);
    estimator_run(requests, REQUESTS, &remembers, again);
    for (size_t k = 0; k < REQUESTS; k++)
        CHECK(again[k].i_xt == 7 && again[k].i_ty == fresh[k].i_ty);
    l.t[0] = l.t[0] > 0 ? -2 : 2;
    estimator_run(requests, REQUESTS, &remembers, again);
    estimator_run(requests, REQUESTS, &l.sample, fresh);
    for (size_t k = 0; k < REQUESTS; k++)
        CHECK(again[k].i_xt == fresh[k].i_xt && again[k].i_ty == fresh[k].i_ty &&
              again[k].flags == fresh[k].flags);
    layer_free(&l);
}

static void small(void)
{
    const ip_binning_options options = paper(2);
    const ip_information one = binned(&options, 1, 1, (double[]){0.3}, NULL);
    CHECK(one.i_xt == 0.0 && one.i_ty == 0.0);
    const uint8_t y[] = {0, 1};
    const ip_information constant = binned(&options, 2, 2, (double[]){1, -1, 1, -1}, y);
    CHECK(constant.i_xt == 0.0 && constant.i_ty == 0.0);
    const ip_information zeros = binned(&options, 2, 1, (double[]){0.0, -0.0}, y);
    CHECK(zeros.i_xt == 0.0);
    const ip_information two = binned(&options, 2, 1, (double[]){-0.1, 0.1}, y);
    CHECK(two.i_xt == 1.0 && two.i_ty == 1.0);
}

static void refuses_activations(void)
{
    static const double bad[] = {(double)NAN, (double)INFINITY, -(double)INFINITY};
    const ip_binning_options options = paper(30);
    for (size_t i = 0; i < IP_LENGTH(bad); i++) {
        const double t[] = {0, 0, 0, bad[i]};
        ip_information out = {.i_xt = -7.0, .i_ty = -8.0};
        ip_error err = {0};
        CHECK(estimate(&options, 2, 2, t, NULL, &out, &err) == IP_ERR_NUMERIC);
        CHECK(out.i_xt == -7.0 && out.i_ty == -8.0);
        CHECK_HAS(err.text, "activation 3 of 4");
    }
}

static void refuses(ip_binning_options options, const char *key, const char *part)
{
    ip_error err = {0};
    CHECK(ip_estimator_binning.check(&options, &err) == IP_ERR_SPEC);
    CHECK_STR(err.key, key);
    CHECK_HAS(err.text, part);
}

static void parameters(void)
{
    ip_error err;
    ip_binning_options options = paper(30);
    CHECK(ip_estimator_binning.check(&options, &err) == IP_OK);
    options.width = 0.07;
    refuses(options, "width", "fixed_width");
    options = paper(30);
    options.range = (ip_reals){2, {0.0, 6.0}};
    CHECK(ip_estimator_binning.check(&options, &err) == IP_OK);
    options.range = (ip_reals){2, {1.0, 1.0}};
    refuses(options, "range", "[1, 1]");
    options.range = (ip_reals){2, {1.0, -1.0}};
    refuses(options, "range", "[1, -1]");
    options.range = (ip_reals){2, {-1.5e308, 1.5e308}};
    refuses(options, "range", "lower");
    options = paper(30);
    options.rule = IP_BINNING_FIXED_WIDTH;
    refuses(options, "width", "expected a width");
    options.width = 0.07;
    CHECK(ip_estimator_binning.check(&options, &err) == IP_OK);
    options.range.at[1] = 2.0;
    refuses(options, "range", "fixed_width");
    options = paper(30);
    options.rule = IP_BINNING_IDNNS_COMPAT;
    CHECK(ip_estimator_binning.check(&options, &err) == IP_OK);
    options.width = 1.0;
    refuses(options, "width", "idnns_compat");
    options = paper(30);
    options.rule = IP_BINNING_IDNNS_COMPAT;
    options.range.at[0] = 0.0;
    refuses(options, "range", "idnns_compat");
    options.range = (ip_reals){.at = {IP_RANGE_RUN}};
    refuses(options, "range", "saw run");
    options.rule = IP_BINNING_PAPER;
    CHECK(ip_estimator_binning.check(&options, &err) == IP_OK);
}

/* The defaults that users meet. */
static void defaults(void)
{
    static const char *const known[][2] = {{"bins", "30"},         {"rule", "paper"},
                                           {"width", "none"},      {"range", "[-1, 1]"},
                                           {"correction", "none"}, {"fit_beta", "false"}};
    CHECK_COUNT(ip_estimator_binning.n_fields, IP_LENGTH(known));
    CHECK_COUNT(ip_estimator_binning.options_size, sizeof(ip_binning_options));
    for (size_t i = 0; i < IP_LENGTH(known); i++) {
        CHECK_STR(ip_estimator_binning.fields[i].key, known[i][0]);
        CHECK_STR(ip_estimator_binning.fields[i].default_text, known[i][1]);
    }
}

int main(void)
{
    uniform();
    ones();
    saturation();
    processing_inequality_fails();
    wide();
    small();
    equal_frequency();
    ceiling();
    unchanged_codes();
    refuses_activations();
    parameters();
    defaults();
    return check_finish();
}
