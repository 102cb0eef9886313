/* quantize.c - activations to integer codes
 *
 * The edges of the bins are numbers computed once, in one order of operations, and a code is
 * defined by comparisons with them: floor((t - lo) * bins / (hi - lo)) disagrees wherever the
 * product falls just short of a whole number, as at t = -1 + 2/30. A quotient only guesses where to
 * begin. Cost: O(n d) time, 8 bytes a bin; the rules of quantize_ranks.c sort. */
#include "info/quantize.h"
#include <assert.h>
#include <math.h>
#include <string.h>

/* ---- between edges ---- */

/* Bins between increasing edges: bin j holds edges[j] <= t < edges[j + 1]. The first edge and the
 * one behind the last bin are infinite: the end bins take what lies outside. */
typedef struct ruler {
    const double *edges; /* (n + 1) */
    size_t n;
    double lo, per_unit; /* where the first bin would begin; bins in a unit of t */
} ruler;

/* The guess is hardly ever off, and by one where the bins are wider than rounding. Clamps and first
 * step compile to code without jumps, which saturated activations would make slow. */
static size_t bin_of(const ruler *r, double t)
{
    const double last = (double)(r->n - 1);
    double guess = (t - r->lo) * r->per_unit;
    guess = guess > 0.0 ? guess : 0.0;
    guess = guess < last ? guess : last;
    size_t j = (size_t)(int64_t)guess;
    j += r->edges[j + 1] <= t;
    while (r->edges[j + 1] <= t)
        j++;
    while (r->edges[j] > t)
        j--;
    return j;
}

/* What a call works on. */
typedef struct reading {
    ip_quantizer *quantizer;
    const ip_binning_options *options;
    int64_t *codes;
    size_t n_clipped, n_outermost; /* activations outside the range, in the first and last bin */
} reading;

/* Codes of every stride-th activation from `first`, between lo and hi. */
static void read_between(reading *r, size_t first, size_t stride, double lo, double hi)
{
    const ip_sample *sample = r->quantizer->sample;
    const size_t bins = r->options->bins;
    double *edges = r->quantizer->edges;
    for (size_t j = 1; j < bins; j++)
        edges[j] = lo + ((hi - lo) * (double)j) / (double)bins;
    edges[0] = (double)-INFINITY;
    edges[bins] = (double)INFINITY;
    const bool is_point = !(lo < hi);
    const ruler rule = {edges, bins, lo, (double)bins / (hi - lo)};
    for (size_t i = first; i < sample->n * sample->d; i += stride) {
        const double t = sample->t[i];
        const size_t bin = is_point ? 0 : bin_of(&rule, t);
        r->codes[i] = (int64_t)bin;
        r->n_clipped += t < lo || t > hi;
        r->n_outermost += bin == 0 || bin == bins - 1;
    }
}

/* ---- ranges ---- */

static void measure_range(const ip_sample *sample, size_t first, size_t stride, double *range)
{
    range[0] = (double)INFINITY;
    range[1] = (double)-INFINITY;
    for (size_t i = first; i < sample->n * sample->d; i += stride) {
        range[0] = fmin(range[0], sample->t[i]);
        range[1] = fmax(range[1], sample->t[i]);
    }
}

static bool read_layer(reading *r)
{
    double range[2];
    measure_range(r->quantizer->sample, 0, 1, range);
    read_between(r, 0, 1, range[0], range[1]);
    return true;
}

static bool read_neurons(reading *r)
{
    const ip_sample *sample = r->quantizer->sample;
    for (size_t unit = 0; unit < sample->d; unit++) {
        double range[2];
        measure_range(sample, unit, sample->d, range);
        read_between(r, unit, sample->d, range[0], range[1]);
    }
    return true;
}

static bool read_known(reading *r, const double *range)
{
    if (range == NULL)
        return false;
    read_between(r, 0, 1, range[0], range[1]);
    return true;
}

static bool read_epoch(reading *r)
{
    return read_known(r, r->quantizer->sample->epoch_range);
}

static bool read_run(reading *r)
{
    return read_known(r, r->quantizer->sample->run_range);
}

/* Ranges that a word stands for. */
static const struct {
    const char *name;
    bool (*read)(reading *r); /* false: the sample does not know the range */
    bool moves;               /* with the snapshot */
} ranges[] = {
    [IP_RANGE_LAYER] = {"layer", read_layer, true},
    [IP_RANGE_NEURON] = {"neuron", read_neurons, true},
    [IP_RANGE_EPOCH] = {"epoch", read_epoch, true},
    [IP_RANGE_RUN] = {"run", read_run, false},
};

const char *ip_binning_range_name(size_t index)
{
    return index < IP_LENGTH(ranges) ? ranges[index].name : NULL;
}

/* ---- rules ---- */

/* Over half in the outermost of more than two bins; over a hundredth outside. */
static unsigned flags_of(const reading *r)
{
    const size_t n = r->quantizer->sample->n * r->quantizer->sample->d;
    const bool saturated = r->options->bins > 2 && 2 * r->n_outermost > n;
    return (saturated ? IP_FLAG_SATURATED : 0U) | (100 * r->n_clipped > n ? IP_FLAG_CLIPPED : 0U);
}

static ip_status quantize_paper(reading *r, unsigned *flags, ip_error *err)
{
    (void)err;
    const ip_reals *range = &r->options->range;
    if (range->n == 0) {
        const size_t word = (size_t)range->at[0];
        *flags |= !ranges[word].read(r) ? IP_FLAG_NOT_KNOWN
                  : ranges[word].moves  ? IP_FLAG_MOVING
                                        : 0U;
    } else {
        read_between(r, 0, 1, range->at[0], range->at[1]);
    }
    *flags |= flags_of(r);
    return IP_OK;
}

/* What lies below -1 gets the code of the last bin: the authors' released code indexes with -1,
 * which in Python is the last element. */
static ip_status quantize_idnns(reading *r, unsigned *flags, ip_error *err)
{
    (void)err;
    const ip_sample *sample = r->quantizer->sample;
    const size_t bins = r->options->bins;
    double *edges = r->quantizer->edges;
    const double intervals = (double)(bins - 1);
    for (size_t j = 1; j < bins; j++)
        edges[j] = (double)(float)(-1.0 + 2.0 * (double)j / intervals);
    edges[0] = (double)-INFINITY;
    edges[bins] = (double)INFINITY;
    const ruler rule = {edges, bins, -1.0, intervals / 2.0};
    for (size_t i = 0; i < sample->n * sample->d; i++) {
        const double t = sample->t[i];
        const size_t bin = bin_of(&rule, t);
        r->codes[i] = (int64_t)(t < -1.0 ? bins - 1 : bin);
        r->n_clipped += t < -1.0 || t > 1.0;
        r->n_outermost += bin == 0 || bin + 2 >= bins; /* t == 1 has a bin of its own */
    }
    *flags |= flags_of(r);
    return IP_OK;
}

static ip_status quantize_fixed_width(reading *r, unsigned *flags, ip_error *err)
{
    (void)flags;
    const ip_sample *sample = r->quantizer->sample;
    const size_t n = sample->n * sample->d;
    for (size_t i = 0; i < n; i++) {
        const double quotient = sample->t[i] / r->options->width;
        if (!(fabs(quotient) < 0x1p62))
            return ip_fail(err, IP_ERR_NUMERIC,
                           "activation %zu of %zu: expected less than 2^62 widths, saw %g widths",
                           i, n, quotient);
        r->codes[i] = (int64_t)floor(quotient);
    }
    return IP_OK;
}

static ip_status quantize_equal_freq(reading *r, unsigned *flags, ip_error *err)
{
    (void)err;
    ip_quantize_equal_freq(r->quantizer, r->options->bins, r->codes);
    *flags |= IP_FLAG_MOVING;
    return IP_OK;
}

static ip_status quantize_ebab(reading *r, unsigned *flags, ip_error *err)
{
    (void)err;
    ip_quantize_ebab(r->quantizer, r->options->bins, r->codes);
    *flags |= IP_FLAG_MOVING;
    return IP_OK;
}

static ip_status quantize_exact(reading *r, unsigned *flags, ip_error *err)
{
    (void)flags, (void)err;
    const ip_sample *sample = r->quantizer->sample;
    for (size_t i = 0; i < sample->n * sample->d; i++) {
        const double t = sample->t[i] + 0.0; /* -0 becomes 0 */
        memcpy(&r->codes[i], &t, sizeof t);
    }
    return IP_OK;
}

static ip_status quantize_bits(reading *r, unsigned *flags, ip_error *err)
{
    if (r->quantizer->sample->bits == 0)
        *flags |= IP_FLAG_NOT_KNOWN;
    return quantize_exact(r, flags, err);
}

/* Quantisers: one row each. */
static const struct {
    const char *name;
    ip_status (*quantize)(reading *r, unsigned *flags, ip_error *err);
    bool has_edges; /* at most one for each bin and one behind the last */
    bool sorts;
} rules[] = {
    [IP_BINNING_PAPER] = {"paper", quantize_paper, true, false},
    [IP_BINNING_IDNNS_COMPAT] = {"idnns_compat", quantize_idnns, true, false},
    [IP_BINNING_FIXED_WIDTH] = {"fixed_width", quantize_fixed_width, false, false},
    [IP_BINNING_EQUAL_FREQ] = {"equal_freq", quantize_equal_freq, true, true},
    [IP_BINNING_EBAB] = {"ebab", quantize_ebab, false, true},
    [IP_BINNING_BITS] = {"bits", quantize_bits, false, false},
    [IP_BINNING_EXACT] = {"exact", quantize_exact, false, false},
};

const char *ip_binning_rule_name(size_t index)
{
    return index < IP_LENGTH(rules) ? rules[index].name : NULL;
}

/* Numbers of doubles. */
static size_t most_edges(const ip_request *requests, size_t n)
{
    size_t most = 0;
    for (size_t k = 0; k < n; k++) {
        const ip_binning_options *options = requests[k].options;
        if (rules[options->rule].has_edges && options->bins + 1 > most)
            most = options->bins + 1;
    }
    return most;
}

static size_t n_sorted(const ip_request *requests, size_t n, const ip_sample *sizes)
{
    for (size_t k = 0; k < n; k++) {
        if (rules[((const ip_binning_options *)requests[k].options)->rule].sorts)
            return sizes->n * sizes->d;
    }
    return 0;
}

size_t ip_quantizer_scratch_bytes(const ip_request *requests, size_t n, const ip_sample *sizes)
{
    return (most_edges(requests, n) + n_sorted(requests, n, sizes)) * sizeof(double);
}

ip_quantizer ip_quantizer_open(const ip_request *requests, size_t n, const ip_sample *sample,
                               void *scratch)
{
    double *edges = scratch;
    return (ip_quantizer){
        .sample = sample, .edges = edges, .sorted = edges + most_edges(requests, n)};
}

ip_status ip_quantize(ip_quantizer *quantizer, const ip_binning_options *options, int64_t *codes,
                      unsigned *flags, ip_error *err)
{
    assert((size_t)options->rule < IP_LENGTH(rules) && options->bins >= 2);
    reading r = {.quantizer = quantizer, .options = options, .codes = codes};
    return rules[options->rule].quantize(&r, flags, err);
}
