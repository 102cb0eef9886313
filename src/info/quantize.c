/* quantize.c - activations to integer codes
 *
 * The edges of the bins are numbers computed once, in one order of operations, and a code is
 * defined by comparisons with them: floor((t - lo) * bins / (hi - lo)) disagrees wherever the
 * product falls just short of a whole number, as at t = -1 + 2/30. Every rule is a step function of
 * t, so all but the finest give edges to a ruler, which reads them. Cost: O(n d) time, 1 or 8 bytes
 * a code, 8 bytes a bin; the rules of quantize_ranks.c sort. */
#include "info/quantize.h"
#include <assert.h>
#include <math.h>
#include <string.h>

/* ---- codes ---- */

static size_t size_of(const ip_sample *sample)
{
    return sample->n * sample->d;
}

static unsigned bits_of(uint64_t n_codes)
{
    return n_codes > 1 ? 64 - (unsigned)__builtin_clzll(n_codes - 1) : 1;
}

void ip_reading_begin(ip_reading *r, int64_t first, uint64_t n_codes)
{
    const unsigned bits = bits_of(n_codes);
    *r->codes = bits <= 8 ? (ip_codes){.narrow = r->room, .bits = bits, .first = first}
                          : (ip_codes){.wide = r->room, .bits = 64, .first = first};
}

/* Bins of `count` activations, `stride` apart, to codes; how many of them are the first or the last
 * bin. In line, so that where the numbers are known the loops need no ends of their own. */
static inline size_t put(const ip_codes *codes, size_t first, size_t stride, size_t count,
                         int32_t last, const int32_t *restrict bins)
{
    int32_t n_outermost = 0;
    for (size_t k = 0; k < count; k++)
        n_outermost += (bins[k] == 0) | (bins[k] == last);
    uint8_t *restrict narrow = codes->narrow;
    int64_t *restrict wide = codes->wide;
    for (size_t k = 0; k < count && narrow != NULL; k++)
        narrow[first + k * stride] = (uint8_t)bins[k];
    for (size_t k = 0; k < count && wide != NULL; k++)
        wide[first + k * stride] = bins[k];
    return (size_t)n_outermost;
}

/* Blocks of neighbours; returns how many activations they held. */
static size_t take_blocks(ip_reading *r, const ip_ruler *ruler)
{
    const ip_sample *sample = r->quantizer->sample;
    const int32_t last = (int32_t)ruler->n - 1;
    int32_t bins[IP_BIN_BLOCK];
    size_t i = 0;
    for (; i + IP_BIN_BLOCK <= size_of(sample); i += IP_BIN_BLOCK) {
        ip_ruler_read(ruler, sample->t + i, bins);
        r->n_outermost += put(r->codes, i, 1, IP_BIN_BLOCK, last, bins);
    }
    return i;
}

void ip_reading_take(ip_reading *r, const ip_ruler *ruler, size_t first, size_t stride)
{
    const ip_sample *sample = r->quantizer->sample;
    const size_t begin = stride == 1 ? take_blocks(r, ruler) : first;
    const size_t left = (size_of(sample) - begin + stride - 1) / stride;
    double t[IP_BIN_BLOCK] = {0};
    int32_t bins[IP_BIN_BLOCK];
    for (size_t done = 0; done < left; done += IP_BIN_BLOCK) {
        const size_t count = left - done < IP_BIN_BLOCK ? left - done : IP_BIN_BLOCK;
        const size_t from = begin + done * stride;
        for (size_t k = 0; k < count; k++)
            t[k] = sample->t[from + k * stride];
        ip_ruler_read(ruler, t, bins);
        r->n_outermost += put(r->codes, from, stride, count, (int32_t)ruler->n - 1, bins);
    }
}

/* ---- ranges ---- */

static void measure_neuron(const ip_sample *sample, size_t unit, double *range)
{
    range[0] = range[1] = sample->t[unit];
    for (size_t i = unit; i < size_of(sample); i += sample->d) {
        const double t = sample->t[i];
        range[0] = t < range[0] ? t : range[0];
        range[1] = t > range[1] ? t : range[1];
    }
}

/* Of the layer, which is finite. */
static const double *layer_range(ip_quantizer *quantizer)
{
    const ip_sample *sample = quantizer->sample;
    if (quantizer->range == NULL) {
        (void)ip_kernels_in_use()->find_range(size_of(sample), sample->t, quantizer->own_range);
        quantizer->range = quantizer->own_range;
    }
    return quantizer->range;
}

/* Only what is in the outermost bins can lie outside; where those are too few for the flag, or the
 * layer does not reach outside, nothing is counted. */
static void count_clipped(ip_reading *r, double lo, double hi)
{
    const ip_sample *sample = r->quantizer->sample;
    if (100 * r->n_outermost <= size_of(sample))
        return;
    const double *range = layer_range(r->quantizer);
    for (size_t i = 0; i < size_of(sample) && !(lo <= range[0] && range[1] <= hi); i++)
        r->n_clipped += sample->t[i] < lo || sample->t[i] > hi;
}

/* Edges of the paper's rule between lo and hi. Where they are the same number there is one bin. */
static ip_ruler even_ruler(const ip_reading *r, double lo, double hi)
{
    const size_t bins = r->options->bins;
    double *edges = r->quantizer->edges;
    if (!(lo < hi))
        return ip_ruler_make(edges, 1);
    for (size_t j = 1; j < bins; j++)
        edges[j] = lo + ((hi - lo) * (double)j) / (double)bins;
    ip_ruler ruler = ip_ruler_make(edges, bins);
    ip_ruler_guess(&ruler, lo, hi - lo, (double)bins, 0.0);
    return ruler;
}

/* Codes of every stride-th activation from `first`, between lo and hi. One bin has no end. */
static void read_between(ip_reading *r, size_t first, size_t stride, double lo, double hi)
{
    const size_t n_outermost = r->n_outermost;
    const ip_ruler ruler = even_ruler(r, lo, hi);
    ip_reading_take(r, &ruler, first, stride);
    if (ruler.n == 1)
        r->n_outermost = n_outermost;
}

static bool read_layer(ip_reading *r)
{
    const double *range = layer_range(r->quantizer);
    read_between(r, 0, 1, range[0], range[1]);
    return true;
}

static bool read_neurons(ip_reading *r)
{
    const ip_sample *sample = r->quantizer->sample;
    for (size_t unit = 0; unit < sample->d; unit++) {
        double range[2];
        measure_neuron(sample, unit, range);
        read_between(r, unit, sample->d, range[0], range[1]);
    }
    return true;
}

static bool read_known(ip_reading *r, const double *range)
{
    if (range == NULL)
        return false;
    read_between(r, 0, 1, range[0], range[1]);
    count_clipped(r, range[0], range[1]);
    return true;
}

static bool read_epoch(ip_reading *r)
{
    return read_known(r, r->quantizer->sample->epoch_range);
}

static bool read_run(ip_reading *r)
{
    return read_known(r, r->quantizer->sample->run_range);
}

/* Ranges that a word stands for. */
static const struct {
    const char *name;
    bool (*read)(ip_reading *r); /* false: the sample does not know the range */
    bool moves;                  /* with the snapshot */
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

/* Whether the layer fills at most half of a fixed range. */
static bool fills_half(ip_quantizer *quantizer, double lo, double hi)
{
    const double *range = layer_range(quantizer);
    return range[1] - range[0] <= (hi - lo) / 2;
}

/* Over half in the outermost of more than two bins; over a hundredth outside. */
static unsigned flags_of(const ip_reading *r)
{
    const size_t n = size_of(r->quantizer->sample);
    const bool saturated = r->options->bins > 2 && 2 * r->n_outermost > n;
    return (saturated ? IP_FLAG_SATURATED : 0U) | (100 * r->n_clipped > n ? IP_FLAG_CLIPPED : 0U);
}

static ip_status quantize_paper(ip_reading *r, unsigned *flags, ip_error *err)
{
    (void)err;
    const ip_reals *range = &r->options->range;
    ip_reading_begin(r, 0, r->options->bins);
    if (range->n == 0) {
        const size_t word = (size_t)range->at[0];
        *flags |= !ranges[word].read(r) ? IP_FLAG_NOT_KNOWN
                  : ranges[word].moves  ? IP_FLAG_MOVING
                                        : 0U;
    } else {
        read_known(r, range->at);
        *flags |= fills_half(r->quantizer, range->at[0], range->at[1]) ? IP_FLAG_SCALE : 0U;
    }
    *flags |= flags_of(r);
    return IP_OK;
}

/* What lies below -1 gets the code of the last bin: the authors' released code indexes with -1,
 * which in Python is the last element. */
static void wrap(const ip_reading *r)
{
    const ip_sample *sample = r->quantizer->sample;
    const uint64_t last = r->options->bins - 1;
    for (size_t i = 0; i < size_of(sample); i++) {
        if (!(sample->t[i] < -1.0))
            continue;
        if (r->codes->narrow != NULL)
            r->codes->narrow[i] = (uint8_t)last;
        else
            r->codes->wide[i] = (int64_t)last;
    }
}

/* Activations in the last bin but one: t == 1 is a bin of its own, so this one is outermost too. */
static size_t count_below_one(const ip_reading *r, double edge)
{
    const ip_sample *sample = r->quantizer->sample;
    size_t found = 0;
    for (size_t i = 0; i < size_of(sample); i++)
        found += edge <= sample->t[i] && sample->t[i] < 1.0;
    return found;
}

static ip_status quantize_idnns(ip_reading *r, unsigned *flags, ip_error *err)
{
    (void)err;
    const size_t bins = r->options->bins;
    double *edges = r->quantizer->edges;
    const double intervals = (double)(bins - 1);
    for (size_t j = 1; j < bins; j++)
        edges[j] = (double)(float)(-1.0 + 2.0 * (double)j / intervals);
    ip_ruler ruler = ip_ruler_make(edges, bins);
    ip_ruler_guess(&ruler, -1.0, 2.0, intervals, 0x1p-24);
    ip_reading_begin(r, 0, bins);
    ip_reading_take(r, &ruler, 0, 1);
    count_clipped(r, -1.0, 1.0);
    if (bins > 2)
        r->n_outermost += count_below_one(r, edges[bins - 2]);
    if (layer_range(r->quantizer)[0] < -1.0)
        wrap(r);
    *flags |= flags_of(r) | (fills_half(r->quantizer, -1.0, 1.0) ? IP_FLAG_SCALE : 0U);
    return IP_OK;
}

/* The least number of the bin k: t / width, as it is rounded, rises with t. */
static double edge_of(double k, double width)
{
    double edge = k * width;
    while (edge / width >= k)
        edge = nextafter(edge, (double)-INFINITY);
    while (edge / width < k)
        edge = nextafter(edge, (double)INFINITY);
    return edge;
}

enum { NARROW_CODES = 256 };

/* Codes between the bins first and last, few enough for edges; near 0 a quotient by more than 64 is
 * rounded to 0 for many numbers, which edge_of would walk through one by one. */
static bool has_few_edges(double width, double first, double last)
{
    return last - first < NARROW_CODES && fabs(first) < 0x1p30 && 0x1p-100 < width && width <= 64;
}

static void read_widths(ip_reading *r, double width, double first, double last)
{
    double *edges = r->quantizer->edges;
    const double n = last - first + 1;
    for (size_t j = 1; j < (size_t)n; j++)
        edges[j] = edge_of(first + (double)j, width);
    ip_ruler ruler = ip_ruler_make(edges, (size_t)n);
    ip_ruler_guess(&ruler, first * width, n * width, n, 0.0);
    ip_reading_begin(r, (int64_t)first, (uint64_t)n);
    ip_reading_take(r, &ruler, 0, 1);
}

static ip_status divide(ip_reading *r, double width, ip_error *err)
{
    const ip_sample *sample = r->quantizer->sample;
    const size_t n = size_of(sample);
    *r->codes = (ip_codes){.wide = r->room, .bits = 64};
    for (size_t i = 0; i < n; i++) {
        const double quotient = sample->t[i] / width;
        if (!(fabs(quotient) < 0x1p62))
            return ip_fail(err, IP_ERR_NUMERIC,
                           "activation %zu of %zu: expected less than 2^62 widths, saw %g widths",
                           i, n, quotient);
        r->codes->wide[i] = (int64_t)floor(quotient);
    }
    return IP_OK;
}

static ip_status quantize_fixed_width(ip_reading *r, unsigned *flags, ip_error *err)
{
    const double width = r->options->width;
    const double *range = layer_range(r->quantizer);
    *flags |= fmax(-range[0], range[1]) > 1 ? IP_FLAG_SCALE : 0U;
    const double first = floor(range[0] / width), last = floor(range[1] / width);
    if (!has_few_edges(width, first, last))
        return divide(r, width, err);
    read_widths(r, width, first, last);
    return IP_OK;
}

static ip_status quantize_exact(ip_reading *r, unsigned *flags, ip_error *err)
{
    (void)flags, (void)err;
    const ip_sample *sample = r->quantizer->sample;
    *r->codes = (ip_codes){.wide = r->room, .bits = 64};
    for (size_t i = 0; i < size_of(sample); i++) {
        const double t = sample->t[i] + 0.0; /* -0 becomes 0 */
        memcpy(&r->codes->wide[i], &t, sizeof t);
    }
    return IP_OK;
}

static ip_status quantize_bits(ip_reading *r, unsigned *flags, ip_error *err)
{
    if (r->quantizer->sample->bits == 0)
        *flags |= IP_FLAG_NOT_KNOWN;
    return quantize_exact(r, flags, err);
}

/* Quantisers: one row each. */
static const struct {
    const char *name;
    ip_status (*quantize)(ip_reading *r, unsigned *flags, ip_error *err);
    bool has_bins;    /* their edges are one more than the bins */
    uint64_t n_edges; /* at most, of a rule without */
    bool sorts;
} rules[] = {
    [IP_BINNING_PAPER] = {"paper", quantize_paper, true, 0, false},
    [IP_BINNING_IDNNS_COMPAT] = {"idnns_compat", quantize_idnns, true, 0, false},
    [IP_BINNING_FIXED_WIDTH] = {"fixed_width", quantize_fixed_width, false, NARROW_CODES + 1,
                                false},
    [IP_BINNING_EQUAL_FREQ] = {"equal_freq", ip_quantize_equal_freq, true, 0, true},
    [IP_BINNING_EBAB] = {"ebab", ip_quantize_ebab, true, 0, true},
    [IP_BINNING_BITS] = {"bits", quantize_bits, false, 0, false},
    [IP_BINNING_EXACT] = {"exact", quantize_exact, false, 0, false},
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
        const size_t edges =
            rules[options->rule].has_bins ? options->bins + 1 : rules[options->rule].n_edges;
        most = edges > most ? edges : most;
    }
    return most;
}

static size_t n_sorting(const ip_request *requests, size_t n, const ip_sample *sizes)
{
    for (size_t k = 0; k < n; k++) {
        if (rules[((const ip_binning_options *)requests[k].options)->rule].sorts)
            return ip_quantize_sorting(size_of(sizes));
    }
    return 0;
}

size_t ip_quantizer_scratch_bytes(const ip_request *requests, size_t n, const ip_sample *sizes)
{
    return (most_edges(requests, n) + n_sorting(requests, n, sizes)) * sizeof(double);
}

ip_quantizer ip_quantizer_open(const ip_request *requests, size_t n, const ip_sample *sample,
                               void *scratch)
{
    double *edges = scratch;
    return (ip_quantizer){
        .sample = sample,
        .edges = edges,
        .sorted = edges + most_edges(requests, n),
        .range = sample->range,
    };
}

/* A narrow row is read 8 bytes at a time. */
size_t ip_codes_bytes(size_t n, size_t d)
{
    return n * d * sizeof(int64_t) + sizeof(uint64_t);
}

ip_status ip_quantize(ip_quantizer *quantizer, const ip_binning_options *options, void *room,
                      ip_codes *codes, unsigned *flags, ip_error *err)
{
    assert((size_t)options->rule < IP_LENGTH(rules) && options->bins >= 2);
    ip_reading r = {.quantizer = quantizer, .options = options, .room = room, .codes = codes};
    return rules[options->rule].quantize(&r, flags, err);
}
