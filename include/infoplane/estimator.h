/* estimator.h - the information of a layer: a table of estimators over one kind of sample
 *
 * Binned estimators share one engine: a quantiser turns the activations of each row into integer
 * codes, rows with equal codes are one symbol of T, and the plug-in formulas are evaluated on the
 * exact joint distribution p(t, y) = sum over the rows x of t of p(x) p(y|x). */
#ifndef INFOPLANE_ESTIMATOR_H
#define INFOPLANE_ESTIMATOR_H

#include "infoplane/error.h"
#include "infoplane/field.h"
#include <stddef.h>
#include <stdint.h>

/* n rows: the activations of one layer with the weight and label distribution of each. All
 * borrowed. */
typedef struct ip_sample {
    size_t n, d, c;
    const float *t;            /* (n, d) row-major */
    const double *p_x;         /* (n) sums to 1 */
    const double *p_y_given_x; /* (n, c) rows sum to 1 */
    const uint32_t
        *x_id; /* (n) rows with equal numbers (below n) share one input; NULL: all differ */
} ip_sample;

typedef struct ip_information {
    double i_xt, i_ty; /* bits; NaN where the estimator does not define one */
} ip_information;

enum { IP_ESTIMATOR_OPTIONS_SIZE = 128 };

typedef struct ip_estimator {
    const char *name, *summary, *source;
    const ip_field *fields; /* parameters; offsets into the estimator's own options struct */
    size_t n_fields;
    size_t options_size; /* <= IP_ESTIMATOR_OPTIONS_SIZE */
    /* Checks what no single field can (NULL: nothing). Errors: IP_ERR_SPEC with the parameter as
     * key. */
    ip_status (*check)(const void *options, ip_error *err);
    /* Bytes of scratch for n rows of d units and c classes, aligned to 64 bytes by the caller. */
    size_t (*scratch_bytes)(const void *options, size_t n, size_t d, size_t c);
    /* Estimates; *out is untouched on failure. Allocates nothing. Errors: IP_ERR_NUMERIC for
     * activations that are not finite or cannot be coded. Collective: no. */
    ip_status (*estimate)(const void *options, const ip_sample *sample, void *scratch,
                          ip_information *out, ip_error *err);
} ip_estimator;

/* The estimators in the order of the documentation: NULL past the end; and their names. */
const ip_estimator *ip_estimator_at(size_t index);
ip_name_at ip_estimator_name;
extern const ip_estimator ip_estimator_binning;

/* ---- binning ---- */

typedef enum ip_binning_rule {
    IP_BINNING_PAPER,        /* bins equal bins on the range, ends take what lies outside */
    IP_BINNING_IDNNS_COMPAT, /* 29 bins of width 2/29 and t == 1 alone, as the authors' released
                                code */
    IP_BINNING_FIXED_WIDTH   /* floor(t / width), unbounded */
} ip_binning_rule;
ip_name_at ip_binning_rule_name;

typedef struct ip_binning_options {
    uint64_t bins;
    int rule;
    double width;
    ip_reals range; /* lo, hi; rule paper */
} ip_binning_options;

/* Bytes of scratch ip_quantize needs (bin edges). */
size_t ip_quantize_scratch_bytes(const ip_binning_options *options);

/* Codes of n activations. paper: edges e_j = lo + ((hi-lo)*j)/bins in double, code = number of
 * edges j >= 1 not above t, at most bins-1. idnns_compat: `bins` edges as 32-bit floats (float)(-1
 * + 2.0*j/(bins-1)), code = (number of edges not above t) - 1, and -1 becomes bins-1. fixed_width:
 * floor(t/width) in double. Errors: IP_ERR_NUMERIC for a non-finite t, or |t/width| >= 2^62. */
ip_status ip_quantize(const ip_binning_options *options, size_t n, const float *t, void *scratch,
                      int64_t *codes, ip_error *err) IP_CHECKED;

/* Bytes of scratch ip_plugin needs. */
size_t ip_plugin_scratch_bytes(size_t n, size_t c);

/* Plug-in information of quantised activations: codes (n, d) row-major, the rest as in sample
 * (whose t is not read). I(X;T) = H(T) - H(T|X), where H(T|X) is not 0 only if rows that share an
 * input got different codes; I(T;Y) = H(T) + H(Y) - H(T,Y), both clamped at 0 from below against
 * rounding. Exact for the distribution given. O(n (d + c)) time. Allocates nothing. Source:
 * Shwartz-Ziv, Tishby, arXiv 1703.00810, section 3. */
void ip_plugin(const ip_sample *sample, const int64_t *codes, void *scratch, ip_information *out);

/* Entropy in bits of n probabilities (zeros are skipped). */
double ip_entropy(size_t n, const double *p);

#endif
