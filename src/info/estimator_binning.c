/* estimator_binning.c - the information of binned activations: quantise, then count
 *
 * What: I(X;T) and I(T;Y) of the symbols that T becomes when every unit is put into bins.
 * Source: Shwartz-Ziv, Tishby, arXiv 1703.00810, section 3; rule fixed_width: Saxe et al.,
 *   "On the information bottleneck theory of deep learning", ICLR 2018.
 * Cost: O(n (d + c)) time; scratch of 8 n d bytes for the codes and about 60 + 16 c a row.
 * Limits: exact for the rows given; the bins are part of what is measured. */
#include "info/scratch.h"
#include "infoplane/bound.h"
#include "infoplane/estimator.h"
#include <assert.h>
#include <float.h>
#include <math.h>
#include <xxhash.h>

static const ip_field fields[] = {
    {
        .key = "bins",
        .kind = IP_KIND_COUNT,
        .offset = offsetof(ip_binning_options, bins),
        .min = 2,
        .max = 1e6,
        .default_text = "30",
        .flags = IP_FIELD_MANY,
        .unit = "",
        .help = "number of bins (idnns_compat: of edges; no matter for fixed_width, bits, exact)",
    },
    {
        .key = "rule",
        .kind = IP_KIND_CHOICE,
        .offset = offsetof(ip_binning_options, rule),
        .names = ip_binning_rule_name,
        .default_text = "paper",
        .unit = "",
        .help = "where the bins lie",
    },
    {
        .key = "width",
        .kind = IP_KIND_REAL,
        .offset = offsetof(ip_binning_options, width),
        .min = 0,
        .max = DBL_MAX,
        .word = "none",
        .default_text = "none",
        .flags = IP_FIELD_MANY | IP_FIELD_ABOVE_MIN,
        .unit = "activation",
        .help = "of a bin, for rule fixed_width",
    },
    {
        .key = "range",
        .kind = IP_KIND_REALS,
        .offset = offsetof(ip_binning_options, range),
        .n_reals = 2,
        .names = ip_binning_range_name,
        .default_text = "[-1, 1]",
        .unit = "activation",
        .help = "lowest and highest edge, for rule paper; the end bins take what lies outside. Or "
                "where they are measured",
    },
    {
        .key = "correction",
        .kind = IP_KIND_CHOICE,
        .offset = offsetof(ip_binning_options, correction),
        .names = ip_correction_name,
        .default_text = "none",
        .unit = "",
        .help = "of the entropies for their bias, where the inputs are a sample",
    },
    {
        .key = "fit_beta",
        .kind = IP_KIND_BOOL,
        .offset = offsetof(ip_binning_options, fit_beta),
        .default_text = "false",
        .unit = "",
        .help = "gives beta and beta_residual: the bottleneck's code nearest to the layer. Takes "
                "time: inputs that differ in p(y|x), times symbols, times some ten",
    },
};

/* The struct cannot tell a range that was written from the default; equal to it, it is harmless. */
static bool is_default_range(const ip_reals *range)
{
    return range->n == 2 && range->at[0] == -1.0 && range->at[1] == 1.0;
}

static ip_status check_range(const ip_reals *range, ip_error *err)
{
    const double lo = range->at[0], hi = range->at[1];
    if (range->n == 0 || (lo < hi && isfinite(hi - lo)))
        return IP_OK;
    return ip_fail_key(err, IP_ERR_SPEC, "range",
                       "expected a lower and a higher number, saw [%g, %g]", lo, hi);
}

static ip_status check(const void *parameters, ip_error *err)
{
    const ip_binning_options *options = parameters;
    const char *rule = ip_binning_rule_name((size_t)options->rule);
    const bool wants_width = options->rule == IP_BINNING_FIXED_WIDTH;
    if (wants_width && isnan(options->width))
        return ip_fail_key(err, IP_ERR_SPEC, "width", "rule %s: expected a width, saw none", rule);
    if (!wants_width && !isnan(options->width))
        return ip_fail_key(err, IP_ERR_SPEC, "width",
                           "expected no width with rule %s (only with fixed_width), saw %g", rule,
                           options->width);
    if (options->rule == IP_BINNING_PAPER)
        return check_range(&options->range, err);
    if (is_default_range(&options->range))
        return IP_OK;
    ip_text saw = {0};
    ip_field_print(ip_fields_find(fields, IP_LENGTH(fields), "range"), options, &saw);
    ip_fail_key(err, IP_ERR_SPEC, "range",
                "expected no range with rule %s (only with paper), saw %s", rule, saw.at);
    ip_text_release(&saw);
    return IP_ERR_SPEC;
}

static unsigned wants_ranges(const void *parameters)
{
    const ip_binning_options *options = parameters;
    if (options->range.n != 0)
        return 0;
    return (options->range.at[0] == IP_RANGE_EPOCH ? IP_WANTS_EPOCH_RANGE : 0U) |
           (options->range.at[0] == IP_RANGE_RUN ? IP_WANTS_RUN_RANGE : 0U);
}

/* The caller's scratch, cut up; how many bytes are taken. */
static size_t cut(char *scratch, const ip_request *requests, size_t n, const ip_sample *sizes,
                  void **codes, void **counting, void **quantizing)
{
    ip_cut at = {.base = scratch};
    *codes = ip_cut_take(&at, ip_codes_bytes(sizes->n, sizes->d), 1);
    *counting = ip_cut_take(&at, ip_plugin_scratch_bytes(sizes->n, sizes->c), 1);
    *quantizing = ip_cut_take(&at, ip_quantizer_scratch_bytes(requests, n, sizes), 1);
    return at.bytes;
}

static size_t scratch_bytes(const ip_request *requests, size_t n, const ip_sample *sizes)
{
    void *codes, *counting, *quantizing;
    return cut(NULL, requests, n, sizes, &codes, &counting, &quantizing);
}

static ip_status fit_beta(const ip_sample *sample, const ip_symbols *symbols, ip_information *out,
                          ip_error *err)
{
    ip_bound_fit fit;
    IP_TRY(ip_bound_fit_beta(sample->n, sample->c, sample->p_x, sample->p_y_given_x, symbols->n,
                             symbols->of, symbols->h_given_x, &fit, err));
    out->beta = fit.beta;
    out->beta_residual = fit.residual;
    return IP_OK;
}

static ip_status count(const ip_binning_options *options, const ip_sample *sample,
                       const ip_codes *codes, void *scratch, ip_information *out, ip_error *err)
{
    ip_symbols symbols;
    ip_plugin(sample, sample->weighing, (ip_correction)options->correction, codes, scratch,
              &symbols, out);
    return options->fit_beta ? fit_beta(sample, &symbols, out, err) : IP_OK;
}

/* Counts codes unless they are those that were counted last (NULL: of which nothing is known). */
static ip_status count_changed(const ip_binning_options *options, const ip_sample *sample,
                               const ip_codes *codes, void *scratch, ip_counted *last,
                               ip_information *out, ip_error *err)
{
    if (last == NULL)
        return count(options, sample, codes, scratch, out, err);
    const size_t size = sample->n * sample->d;
    const XXH128_hash_t hash = codes->narrow != NULL
                                   ? XXH3_128bits(codes->narrow, size)
                                   : XXH3_128bits(codes->wide, size * sizeof *codes->wide);
    if (!last->is_known || last->codes[0] != hash.low64 || last->codes[1] != hash.high64) {
        last->is_known = false;
        last->out = ip_information_none;
        IP_TRY(count(options, sample, codes, scratch, &last->out, err));
        *last = (ip_counted){true, {hash.low64, hash.high64}, last->out};
    }
    *out = last->out;
    return IP_OK;
}

static ip_status estimate(const ip_request *requests, size_t n, const ip_sample *sample,
                          void *scratch, ip_information *out, ip_error *err)
{
    void *room, *counting, *quantizing;
    (void)cut(scratch, requests, n, sample, &room, &counting, &quantizing);
    ip_quantizer quantizer = ip_quantizer_open(requests, n, sample, quantizing);
    for (size_t k = 0; k < n; k++) {
        const ip_binning_options *options = requests[k].options;
        ip_codes codes;
        unsigned flags = 0;
        IP_TRY(ip_quantize(&quantizer, options, room, &codes, &flags, err));
        if ((flags & IP_FLAG_NOT_KNOWN) == 0)
            IP_TRY(count_changed(options, sample, &codes, counting,
                                 sample->last != NULL ? &sample->last[k] : NULL, &out[k], err));
        out[k].flags |= flags;
    }
    return IP_OK;
}

const ip_estimator ip_estimator_binning = {
    .name = "binning",
    .summary = "bins each unit, then counts: exact for the binned layer",
    .source = "Shwartz-Ziv, Tishby, arXiv 1703.00810",
    .limits = "the bins are part of what is measured; rule paper on [-1, 1] clips unbounded layers",
    .fields = fields,
    .n_fields = IP_LENGTH(fields),
    .options_size = sizeof(ip_binning_options),
    .row_ns = 60,
    .check = check,
    .wants_ranges = wants_ranges,
    .scratch_bytes = scratch_bytes,
    .estimate = estimate,
};

static_assert(sizeof(ip_binning_options) <= IP_ESTIMATOR_OPTIONS_SIZE, "fits a measure's entry");
