/* test_quantize.c - the codes of each rule, at and around the edges above all */
#include "check.h"
#include "infoplane/estimator.h"
#include "infoplane/random.h"

static ip_binning_options options_of(ip_binning_rule rule, uint64_t bins)
{
    return (ip_binning_options){
        .bins = bins, .rule = (int)rule, .width = (double)NAN, .range = {2, {-1.0, 1.0}}};
}

/* One unit, n rows. */
static ip_status quantize_flagged(const ip_binning_options *options, size_t n, const double *t,
                                  int64_t *codes, unsigned *flags, ip_error *err)
{
    const ip_request request = {&ip_estimator_binning, options, 0};
    const ip_sample sample = {.n = n, .d = 1, .t = t};
    void *scratch = malloc(ip_quantizer_scratch_bytes(&request, 1, &sample) + 1);
    void *room = malloc(ip_codes_bytes(n, 1));
    if (scratch == NULL || room == NULL)
        exit(EXIT_FAILURE);
    ip_quantizer quantizer = ip_quantizer_open(&request, 1, &sample, scratch);
    ip_codes read;
    const ip_status status = ip_quantize(&quantizer, options, room, &read, flags, err);
    for (size_t i = 0; i < n && status == IP_OK; i++)
        codes[i] = ip_code(&read, i);
    free(room);
    free(scratch);
    return status;
}

static ip_status quantize(const ip_binning_options *options, size_t n, const double *t,
                          int64_t *codes, ip_error *err)
{
    unsigned flags = 0;
    return quantize_flagged(options, n, t, codes, &flags, err);
}

static void codes_are(const ip_binning_options *options, size_t n, const double *t,
                      const int64_t *expected)
{
    int64_t codes[16];
    ip_error err = {0};
    CHECK(quantize(options, n, t, codes, &err) == IP_OK);
    for (size_t i = 0; i < n; i++)
        CHECK_REPORT(codes[i] == expected[i], "rule %d, t = %.17g: code %lld, expected %lld",
                     options->rule, t[i], (long long)codes[i], (long long)expected[i]);
}

/* -1 + 2/30 as a float lies just below the edge; in double it is on it, and its code 1. */
static void paper(void)
{
    const ip_binning_options thirty = options_of(IP_BINNING_PAPER, 30);
    const double t[] = {-1.0,
                        (double)(float)(-1.0 + 2.0 / 30),
                        -0.5,
                        0.0,
                        (double)(float)(1.0 / 30),
                        (double)0.9999999F,
                        1.0,
                        1.5,
                        -1.5,
                        -0.0};
    codes_are(&thirty, 10, t, (int64_t[]){0, 0, 7, 15, 15, 29, 29, 29, 0, 15});
    codes_are(&thirty, 9, (double[]){-1, -1 + 2.0 / 30, -.5, 0, 1.0 / 30, .9999999, 1, 1.5, -1.5},
              (int64_t[]){0, 1, 7, 15, 15, 29, 29, 29, 0});
    /* A layer of popcount / 6 - 1 in 8 bins. */
    const ip_binning_options eight = options_of(IP_BINNING_PAPER, 8);
    double counts[13];
    for (size_t k = 0; k < 13; k++)
        counts[k] = (double)(float)((double)k / 6 - 1);
    codes_are(&eight, 13, counts, (int64_t[]){0, 0, 1, 2, 2, 3, 4, 4, 5, 6, 6, 7, 7});
    const ip_binning_options two = options_of(IP_BINNING_PAPER, 2);
    codes_are(&two, 4, (double[]){(double)-1e-45F, -0.0, (double)3e38F, (double)-3e38F},
              (int64_t[]){0, 1, 1, 0});
}

static void other_ranges(void)
{
    ip_binning_options options = options_of(IP_BINNING_PAPER, 4);
    options.range = (ip_reals){2, {0.0, 8.0}};
    codes_are(&options, 8, (double[]){-1, 0, (double)1.9999999F, 2, 5.5, 6, 8, 100},
              (int64_t[]){0, 0, 0, 1, 2, 3, 3, 3});
    /* So narrow that edges fall together: the count of edges not above t is what counts. */
    options.range = (ip_reals){2, {1.0, 1.0 + 0x1p-52}};
    codes_are(&options, 3, (double[]){0.5, 1.0, 1.5}, (int64_t[]){0, 2, 3});
    options.range = (ip_reals){2, {-1e300, 1e-300}};
    codes_are(&options, 2, (double[]){-1, 1}, (int64_t[]){3, 3});
}

static void idnns(void)
{
    const ip_binning_options options = options_of(IP_BINNING_IDNNS_COMPAT, 30);
    const double t[] = {-1.0,          (double)-0.97F,     -0.5, 0.0,  0.5,
                        (double)0.97F, (double)0.9999999F, 1.0,  -1.5, 2.0};
    codes_are(&options, 10, t, (int64_t[]){0, 0, 7, 14, 21, 28, 28, 29, 29, 29});
}

static void fixed_width(void)
{
    ip_binning_options options = options_of(IP_BINNING_FIXED_WIDTH, 30);
    options.width = 0.5;
    codes_are(&options, 8,
              (double[]){0.0, -0.0, (double)0.49F, 0.5, (double)-0.01F, -0.5, 1e6, -1e6},
              (int64_t[]){0, 0, 0, 1, -1, -1, 2000000, -2000000});
    /* The largest magnitude below 2^62 is coded exactly. */
    options.width = 1.0;
    codes_are(&options, 2, (double[]){0x1.fffffep61, -0x1.fffffep61},
              (int64_t[]){0x3fffffc000000000, -0x3fffffc000000000});
}

static void refuses(const ip_binning_options *options, float t, const char *part)
{
    const double sample[] = {0.0, 0.25, (double)t, 0.5};
    int64_t codes[4];
    ip_error err = {0};
    CHECK(quantize(options, 4, sample, codes, &err) == IP_ERR_NUMERIC);
    CHECK_HAS(err.text, "activation 2 of 4");
    CHECK_HAS(err.text, part);
}

static void refusals(void)
{
    ip_binning_options options = options_of(IP_BINNING_FIXED_WIDTH, 30);
    options.width = 1.0;
    refuses(&options, 0x1p62F, "2^62");
    refuses(&options, -0x1p62F, "2^62");
    options.width = 1e-19;
    refuses(&options, 1e30F, "2^62");
    int64_t none = 7;
    ip_error err;
    CHECK(quantize(&options, 0, NULL, &none, &err) == IP_OK);
    CHECK(none == 7);
}

static unsigned flags_of(ip_binning_options options, size_t n, const double *t)
{
    int64_t codes[16];
    ip_error err;
    unsigned flags = 0;
    CHECK(quantize_flagged(&options, n, t, codes, &flags, &err) == IP_OK);
    return flags;
}

static ip_binning_options ranged(ip_binning_range range)
{
    ip_binning_options options = options_of(IP_BINNING_PAPER, 30);
    options.range = (ip_reals){.at = {(double)range}};
    return options;
}

static void flags(void)
{
    const ip_binning_options paper = options_of(IP_BINNING_PAPER, 30);
    const double middle[] = {-0.5, 0.0, 0.25, 0.5625};
    const double half[] = {-0.5, 0.0, 0.25, 0.5};
    CHECK_COUNT(flags_of(paper, 4, middle), 0);
    CHECK_COUNT(flags_of(paper, 4, (double[]){0.5, 0.0, 0.25, (double)1.01F}), IP_FLAG_CLIPPED);
    CHECK_COUNT(flags_of(paper, 4, (double[]){-1.0, 1.0, 0.25, 1.0}), IP_FLAG_SATURATED);
    CHECK_COUNT(flags_of(paper, 4, (double[]){-1.0, 1.0, 0.25, 0.0}), 0); /* just half */
    CHECK_COUNT(flags_of(options_of(IP_BINNING_PAPER, 2), 4, middle), 0);
    CHECK_COUNT(flags_of(options_of(IP_BINNING_IDNNS_COMPAT, 30), 4, (double[]){1, 1, -1, 0}),
                IP_FLAG_SATURATED);
    CHECK_COUNT(
        flags_of(options_of(IP_BINNING_IDNNS_COMPAT, 30), 4, (double[]){2, 0, (double)0.1F, 0}),
        IP_FLAG_CLIPPED);
    CHECK_COUNT(flags_of(ranged(IP_RANGE_LAYER), 4, middle), IP_FLAG_MOVING);
    CHECK_COUNT(flags_of(ranged(IP_RANGE_NEURON), 4, middle), IP_FLAG_MOVING);
    CHECK_COUNT(flags_of(ranged(IP_RANGE_EPOCH), 4, middle), IP_FLAG_NOT_KNOWN);
    CHECK_COUNT(flags_of(ranged(IP_RANGE_RUN), 4, middle), IP_FLAG_NOT_KNOWN);
    CHECK_COUNT(flags_of(options_of(IP_BINNING_EQUAL_FREQ, 3), 4, middle), IP_FLAG_MOVING);
    CHECK_COUNT(flags_of(options_of(IP_BINNING_EBAB, 3), 4, middle), IP_FLAG_MOVING);
    CHECK_COUNT(flags_of(options_of(IP_BINNING_BITS, 3), 4, middle), IP_FLAG_NOT_KNOWN);
    CHECK_COUNT(flags_of(options_of(IP_BINNING_EXACT, 3), 4, middle), 0);
    CHECK_COUNT(flags_of(paper, 4, half), IP_FLAG_SCALE);
    CHECK_COUNT(flags_of(paper, 4, (double[]){0, 1, 0.5, 0.25}), IP_FLAG_SCALE); /* a softmax */
    CHECK_COUNT(flags_of(options_of(IP_BINNING_IDNNS_COMPAT, 30), 4, half), IP_FLAG_SCALE);
    CHECK_COUNT(flags_of(ranged(IP_RANGE_LAYER), 4, half), IP_FLAG_MOVING);
    CHECK_COUNT(flags_of(ranged(IP_RANGE_LAYER), 4, (double[]){2, 2, 2, 2}), IP_FLAG_MOVING);
    ip_binning_options width = options_of(IP_BINNING_FIXED_WIDTH, 30);
    width.width = 0.07;
    CHECK_COUNT(flags_of(width, 4, (double[]){-1, 1, 0.5, 0}), 0);
    CHECK_COUNT(flags_of(width, 4, (double[]){-1.125, 1, 0.5, 0}), IP_FLAG_SCALE);
    CHECK_COUNT(flags_of(width, 4, (double[]){-1, 100, 0.5, 0}), IP_FLAG_SCALE);
}

/* Ties stay together, the zeros of a ReLU layer have a code for themselves, -0 is 0. */
static void by_rank(void)
{
    const double t[] = {0, 0, 0, 1, 2, 3, 4};
    const ip_binning_options ebab = options_of(IP_BINNING_EBAB, 3);
    codes_are(&ebab, 7, t, (int64_t[]){0, 0, 0, 1, 1, 2, 2});
    codes_are(&ebab, 5, (double[]){-2, 0, -0.0, 5, 7}, (int64_t[]){1, 0, 0, 1, 2});
    codes_are(&ebab, 3, (double[]){-2, 0, 5},
              (int64_t[]){0, 1, 2}); /* one zero is like any other */
    codes_are(&ebab, 3, (double[]){0, 0, 0}, (int64_t[]){0, 0, 0});
    const ip_binning_options equal = options_of(IP_BINNING_EQUAL_FREQ, 3);
    codes_are(&equal, 6, (double[]){6, 5, 4, 3, 2, 1}, (int64_t[]){2, 2, 1, 1, 0, 0});
    codes_are(&equal, 7, t, (int64_t[]){0, 0, 0, 1, 1, 2, 2});
    codes_are(&equal, 3, (double[]){2, 2, 2}, (int64_t[]){0, 0, 0});
    const ip_binning_options exact = options_of(IP_BINNING_EXACT, 3);
    codes_are(&exact, 3, (double[]){0.0, -0.0, 1.0}, (int64_t[]){0, 0, 0x3ff0000000000000});
    const ip_binning_options layer = ranged(IP_RANGE_LAYER);
    codes_are(&layer, 3, (double[]){-3, -3, -3}, (int64_t[]){0, 0, 0});
    codes_are(&layer, 3, (double[]){-3, 0, 3}, (int64_t[]){0, 15, 29});
}

static void names(void)
{
    CHECK_STR(ip_binning_rule_name(IP_BINNING_PAPER), "paper");
    CHECK_STR(ip_binning_rule_name(IP_BINNING_IDNNS_COMPAT), "idnns_compat");
    CHECK_STR(ip_binning_rule_name(IP_BINNING_FIXED_WIDTH), "fixed_width");
    CHECK_STR(ip_binning_rule_name(IP_BINNING_EQUAL_FREQ), "equal_freq");
    CHECK_STR(ip_binning_rule_name(IP_BINNING_EBAB), "ebab");
    CHECK_STR(ip_binning_rule_name(IP_BINNING_BITS), "bits");
    CHECK_STR(ip_binning_rule_name(IP_BINNING_EXACT), "exact");
    CHECK(ip_binning_rule_name(7) == NULL);
    CHECK_STR(ip_binning_range_name(IP_RANGE_LAYER), "layer");
    CHECK_STR(ip_binning_range_name(IP_RANGE_NEURON), "neuron");
    CHECK_STR(ip_binning_range_name(IP_RANGE_EPOCH), "epoch");
    CHECK_STR(ip_binning_range_name(IP_RANGE_RUN), "run");
    CHECK(ip_binning_range_name(4) == NULL);
}

/* The edges are lo + ((hi - lo) j) / bins in that order of operations, to the last bit. */
static void order_of_operations(void)
{
    static const double ranges[][2] = {{0.1, 0.7}, {-3, 0.3}, {1e-3, 17}, {0, 1}};
    enum { BINS = 30 };
    size_t n_other = 0;
    for (size_t r = 0; r < IP_LENGTH(ranges); r++) {
        const double lo = ranges[r][0], hi = ranges[r][1];
        ip_binning_options options = options_of(IP_BINNING_PAPER, BINS);
        options.range = (ip_reals){2, {lo, hi}};
        for (int64_t j = 1; j < BINS; j++) {
            const double edge = lo + ((hi - lo) * (double)j) / BINS;
            codes_are(&options, 2, (double[]){edge, nextafter(edge, lo)}, (int64_t[]){j, j - 1});
            n_other += edge != lo + (hi - lo) * ((double)j / BINS);
        }
    }
    CHECK(n_other > 0); /* the order matters */
}

/* Each bin of 2^k is two of 2^(k+1), on edges, too. */
static void halves(void)
{
    double t[16];
    int64_t fine[16], coarse[16];
    ip_error err = {0};
    ip_rng rng = ip_rng_make(9, IP_PURPOSE_TEST, 0);
    for (int round = 0; round < 200; round++) {
        for (size_t i = 0; i < 16; i++)
            t[i] = i % 4 == 0 ? ip_rng_below(&rng, 1025) / 512.0 - 1 : ip_rng_normal(&rng);
        for (uint64_t bins = 2; bins <= 1024; bins *= 2) {
            const ip_binning_options two = options_of(IP_BINNING_PAPER, bins);
            const ip_binning_options four = options_of(IP_BINNING_PAPER, 2 * bins);
            CHECK(quantize(&two, 16, t, coarse, &err) == IP_OK);
            CHECK(quantize(&four, 16, t, fine, &err) == IP_OK);
            for (size_t i = 0; i < 16; i++)
                CHECK_COUNT(coarse[i], fine[i] / 2);
        }
    }
}

int main(void)
{
    order_of_operations();
    halves();
    paper();
    other_ranges();
    idnns();
    fixed_width();
    refusals();
    names();
    flags();
    by_rank();
    return check_finish();
}
