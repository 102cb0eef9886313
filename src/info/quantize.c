/* quantize.c - activations to integer codes
 *
 * The edges of the bins are numbers computed once, in one order of operations, and a code is
 * defined by comparisons with them: floor((t - lo) * bins / (hi - lo)) disagrees wherever the
 * product falls just short of a whole number, as at t = -1 + 2/30. A quotient only guesses where to
 * begin. Cost: O(n) time, 8 bytes a bin. */
#include "infoplane/estimator.h"
#include <assert.h>
#include <math.h>

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

static ip_status quantize_paper(const ip_binning_options *options, size_t n, const double *t,
                                double *edges, int64_t *codes, ip_error *err)
{
    (void)err;
    const double lo = options->range.at[0];
    const double hi = options->range.at[1];
    const double bins = (double)options->bins;
    for (size_t j = 1; j < options->bins; j++)
        edges[j] = lo + ((hi - lo) * (double)j) / bins;
    edges[0] = (double)-INFINITY;
    edges[options->bins] = (double)INFINITY;
    const ruler r = {edges, options->bins, lo, bins / (hi - lo)};
    for (size_t i = 0; i < n; i++)
        codes[i] = (int64_t)bin_of(&r, t[i]);
    return IP_OK;
}

/* What lies below -1 gets the code of the last bin: the authors' released code indexes with -1,
 * which in Python is the last element. */
static ip_status quantize_idnns(const ip_binning_options *options, size_t n, const double *t,
                                double *edges, int64_t *codes, ip_error *err)
{
    (void)err;
    const double intervals = (double)(options->bins - 1);
    for (size_t j = 1; j < options->bins; j++)
        edges[j] = (double)(float)(-1.0 + 2.0 * (double)j / intervals);
    edges[0] = (double)-INFINITY;
    edges[options->bins] = (double)INFINITY;
    const ruler r = {edges, options->bins, -1.0, intervals / 2.0};
    for (size_t i = 0; i < n; i++) {
        const size_t bin = bin_of(&r, t[i]);
        codes[i] = (int64_t)(t[i] < -1.0 ? options->bins - 1 : bin);
    }
    return IP_OK;
}

static ip_status quantize_fixed_width(const ip_binning_options *options, size_t n, const double *t,
                                      double *edges, int64_t *codes, ip_error *err)
{
    (void)edges;
    for (size_t i = 0; i < n; i++) {
        const double quotient = t[i] / options->width;
        if (!(fabs(quotient) < 0x1p62))
            return ip_fail(err, IP_ERR_NUMERIC,
                           "activation %zu of %zu: expected less than 2^62 widths, saw %g widths",
                           i, n, quotient);
        codes[i] = (int64_t)floor(quotient);
    }
    return IP_OK;
}

/* Quantisers: one row each. */
static const struct {
    const char *name;
    ip_status (*quantize)(const ip_binning_options *options, size_t n, const double *t,
                          double *edges, int64_t *codes, ip_error *err);
    bool has_edges; /* one for each bin and one behind the last */
} rules[] = {
    [IP_BINNING_PAPER] = {"paper", quantize_paper, true},
    [IP_BINNING_IDNNS_COMPAT] = {"idnns_compat", quantize_idnns, true},
    [IP_BINNING_FIXED_WIDTH] = {"fixed_width", quantize_fixed_width, false},
};

const char *ip_binning_rule_name(size_t index)
{
    return index < IP_LENGTH(rules) ? rules[index].name : NULL;
}

size_t ip_quantize_scratch_bytes(const ip_binning_options *options)
{
    return rules[options->rule].has_edges ? (options->bins + 1) * sizeof(double) : 0;
}

ip_status ip_quantize(const ip_binning_options *options, size_t n, const double *t, void *scratch,
                      int64_t *codes, ip_error *err)
{
    assert((size_t)options->rule < IP_LENGTH(rules) && options->bins >= 2);
    return rules[options->rule].quantize(options, n, t, scratch, codes, err);
}
