/* estimator.h - the information of a layer: a table of estimators over one kind of sample
 *
 * Binned estimators share one engine: a quantiser turns the activations of each row into integer
 * codes, rows with equal codes are one symbol of T, and the plug-in formulas are evaluated on the
 * exact joint distribution p(t, y) = sum over the rows x of t of p(x) p(y|x). */
#ifndef INFOPLANE_ESTIMATOR_H
#define INFOPLANE_ESTIMATOR_H

#include "infoplane/error.h"
#include "infoplane/field.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ip_weighing ip_weighing;
typedef struct ip_counted ip_counted;

/* n rows: the activations of one layer with the weight and label distribution of each. All
 * borrowed. What an estimator needs and the sample does not have makes its value NaN, flagged. */
typedef struct ip_sample {
    size_t n, d, c;
    const double *t;           /* (n, d) row-major, finite */
    const double *t_clean;     /* (n, d) the same rows before their own noise; NULL: t has none */
    double noise_variance;     /* t - t_clean is N(0, noise_variance), drawn for each element */
    const double *p_x;         /* (n) sums to 1 */
    const double *p_y_given_x; /* (n, c) rows sum to 1 */
    const uint32_t
        *x_id; /* (n) rows with equal numbers (below n) share one input; NULL: all differ */
    size_t d_x;
    const double *x;           /* (n, d_x) the inputs; NULL: not known */
    const double *q_y_given_x; /* (n, c) the label as the network predicts it; NULL: not known */
    unsigned bits;         /* the network quantises these activations to so many; 0: it does not */
    ip_weighing *weighing; /* of these rows, see ip_weighing_make; NULL: ip_estimate makes it */
    const double *range;   /* (2) least and largest of t; ip_estimate finds it */
    const double
        *epoch_range;        /* (2) least and largest activation of the snapshot's hidden layers */
    const double *run_range; /* (2) of this layer over all snapshots; both NULL: not known */
    bool is_drawn;           /* the rows are a sample of the inputs, not all there are */
    bool is_noisy; /* t is drawn anew for each row: of an input it does not follow, and all that is
                      known of its distribution are the input's rows */
    ip_counted *last; /* (requests) what each counted last in this layer; NULL: nothing is kept */
    uint64_t seed, place; /* name the random numbers of this sample: job's seed, epoch and layer */
} ip_sample;

/* How a value is to be read: bits of ip_information.flags. */
typedef enum ip_flag {
    IP_FLAG_NOT_KNOWN = 1,  /* NaN: the sample lacks what the estimator needs */
    IP_FLAG_INVALID = 2,    /* the estimator's assumptions do not hold here */
    IP_FLAG_CEILING = 4,    /* I(X;T) is over 95 % of H(X): it says how many inputs there are */
    IP_FLAG_CLIPPED = 8,    /* over 1 % of the activations lie outside the range of the bins */
    IP_FLAG_SATURATED = 16, /* over half of the activations lie in the outermost bins */
    IP_FLAG_TIES = 32, /* different inputs have equal activations, where distances should differ */
    IP_FLAG_MOVING = 64, /* the ruler follows the layer: not comparable across epochs and layers */
    IP_FLAG_NO_BOUND = 128, /* a difference of bounds, itself no bound */
    IP_FLAG_NEGATIVE = 256, /* below 0, which information cannot be */
    IP_FLAG_PROCESSING =
        512, /* above that of the layer before: breaks the data processing inequality */
    IP_FLAG_SCALE = 1024, /* the ruler has a fixed size and does not fit the layer: it fills at most
                             half of the bins' range, or reaches beyond 1 under a fixed width or
                             variance. Not comparable with layers of another scale */
    IP_FLAG_ONE_LAYER = 2048, /* the noise is added to this layer alone, so the data processing
                                 inequality need not hold */
    IP_FLAG_DISTINCT = 4096   /* over half of the rows have a code of their own */
} ip_flag;
ip_name_at ip_flag_name; /* of the bit 1 << index */
const char *ip_flag_help(size_t index);

/* Whether a layer has more bits than the layer before, beyond rounding and four standard errors
 * (NaN: nothing is drawn): what IP_FLAG_PROCESSING stands for. False for values that are NaN. */
bool ip_breaks_processing(double bits, double se, double bits_before, double se_before);

typedef struct ip_information {
    double i_xt, i_ty; /* bits; NaN where the estimator does not define one */
    double i_xt_se,
        i_ty_se; /* bits; standard errors of a drawn estimate, NaN where nothing is drawn */
    double beta, beta_residual; /* see ip_bound_fit; NaN where no fit is asked for */
    unsigned flags;             /* ip_flag */
} ip_information;

/* What counting gave of the codes it saw last: codes that have not changed are not counted again.
 * All zero at first; serves one request on the same rows, labels and weights. */
struct ip_counted {
    bool is_known;
    uint64_t codes[2]; /* XXH3, 128 bits */
    ip_information out;
};

enum { IP_ESTIMATOR_OPTIONS_SIZE = 128, IP_MAX_REQUESTS = 1000 };

typedef struct ip_estimator ip_estimator;

/* One value asked for. */
typedef struct ip_request {
    const ip_estimator *estimator;
    const void *options; /* the estimator's own struct */
    size_t side;         /* index into its sides */
} ip_request;

/* Ranges that are measured for those that read them: that of the run by a second training. */
enum ip_range_wanted { IP_WANTS_EPOCH_RANGE = 1, IP_WANTS_RUN_RANGE = 2 };

struct ip_estimator {
    const char *name, *summary, *source, *limits;
    const ip_field *fields; /* parameters; offsets into the estimator's own options struct */
    size_t n_fields;
    size_t options_size;      /* <= IP_ESTIMATOR_OPTIONS_SIZE */
    const char *const *sides; /* what it brackets with: "lower", "upper", NULL; NULL: one value */
    double row_ns, pair_ns; /* rough time of one value: ns for every row, for every pair of rows */
    /* Checks what no single field can (NULL: nothing). Errors: IP_ERR_SPEC with the parameter as
     * key. */
    ip_status (*check)(const void *options, ip_error *err);
    /* Rows that a sample must have at least. NULL: one. */
    uint64_t (*least_rows)(const void *options);
    /* The ranges of ip_sample it reads, ip_range_wanted. NULL: none. */
    unsigned (*wants_ranges)(const void *options);
    /* Bytes of scratch for requests of this estimator, aligned to 64 bytes by the caller; of the
     * sample only the sizes n, d, c, d_x are read. */
    size_t (*scratch_bytes)(const ip_request *requests, size_t n, const ip_sample *sizes);
    /* Estimates n requests of this estimator on one sample, so that they can share work; out (n)
     * comes cleared as by ip_information_none and is undefined on failure. Allocates nothing but
     * what fit_beta of binning needs. Errors: IP_ERR_NUMERIC for activations that cannot be coded;
     * IP_ERR_MEMORY. Collective: no. */
    ip_status (*estimate)(const ip_request *requests, size_t n, const ip_sample *sample,
                          void *scratch, ip_information *out, ip_error *err);
};

/* All NaN, no flags. */
extern const ip_information ip_information_none;

/* Bytes of scratch for ip_estimate, whatever the sample up to these sizes; n up to IP_MAX_REQUESTS.
 */
size_t ip_estimate_scratch_bytes(const ip_request *requests, size_t n, const ip_sample *sizes);

/* Estimates all requests on one sample, those of one estimator together; out (n) in their order,
 * undefined on failure. Allocates nothing but what fit_beta of binning needs; scratch is aligned to
 * 64 bytes. Errors: IP_ERR_NUMERIC, naming the first activation that is not finite, or what an
 * estimator cannot code; IP_ERR_MEMORY. Collective: no. */
ip_status ip_estimate(const ip_request *requests, size_t n, const ip_sample *sample, void *scratch,
                      ip_information *out, ip_error *err) IP_CHECKED;

/* The estimators in the order of the documentation: NULL past the end; and their names. */
const ip_estimator *ip_estimator_at(size_t index);
ip_name_at ip_estimator_name;
extern const ip_estimator ip_estimator_binning;
extern const ip_estimator ip_estimator_kde;
extern const ip_estimator ip_estimator_noise;
extern const ip_estimator ip_estimator_decoder;
extern const ip_estimator ip_estimator_ksg;
extern const ip_estimator ip_estimator_mixed_ksg;
extern const ip_estimator ip_estimator_ross;
extern const ip_estimator ip_estimator_renyi;
extern const ip_estimator ip_estimator_gaussian_copula;

/* ---- entropy from counts ---- */

typedef enum ip_correction {
    IP_CORRECTION_NONE, /* plug-in */
    IP_CORRECTION_MILLER_MADOW,
    IP_CORRECTION_GRASSBERGER,
    IP_CORRECTION_CHAO_SHEN
} ip_correction;
ip_name_at ip_correction_name;

/* Entropy in bits of what n[i] >= 0 rows each, whole numbers and not all 0, were drawn from.
 * Source: corrections.c. */
double ip_entropy_of_counts(ip_correction correction, size_t length, const double *n);

/* ---- binning ---- */

/* What counting asks of the rows of a sample, whatever their activations: made once, it serves all
 * samples that share n, c, p_x, p_y_given_x and x_id. */
struct ip_weighing {
    double *w_x;     /* (n) p_x in units of the largest: equal ones are 1, and sums of them exact */
    double *w_xy;    /* (n, c) w_x p(y|x) */
    double *w_y;     /* (c) sums of w_xy over the rows */
    double *row_sum; /* (n) sum over y of w_xy log2 w_xy; NaN until it was asked for */
    double total;    /* sum of w_x */
    double h_x, h_xy, h_y; /* bits; of rows that all differ, with and without labels, and of labels;
                              the first two NaN until they were asked for */
    double h_inputs;       /* H(X), bits */
    size_t n_inputs;       /* different ones; x_id counts them from 0 without a gap */
    bool inputs_differ;    /* no two rows share one */
    bool is_even;          /* all w_x are 1 */
    bool is_counted;       /* and each label is certain: weights are counts of rows */
};

/* Bytes of memory for n rows; and the weighing, in that memory, aligned to 8 bytes and kept as long
 * as it. O(n c) time. */
size_t ip_weighing_bytes(size_t n, size_t c);
ip_weighing ip_weighing_make(const ip_sample *sample, void *memory);

/* Codes (n, d) row-major, as narrow as they can be. One of the two arrays is not NULL. */
typedef struct ip_codes {
    uint8_t *narrow; /* below 2^bits; 8 bytes may be read from each place of it */
    int64_t *wide;
    unsigned bits;
    int64_t first; /* added to each */
} ip_codes;

/* Bytes of room for codes (n, d), whatever the rule. */
size_t ip_codes_bytes(size_t n, size_t d);

static inline int64_t ip_code(const ip_codes *codes, size_t i)
{
    return codes->first + (codes->wide != NULL ? codes->wide[i] : (int64_t)codes->narrow[i]);
}

typedef enum ip_binning_rule {
    IP_BINNING_PAPER,        /* bins equal bins on the range, ends take what lies outside */
    IP_BINNING_IDNNS_COMPAT, /* 29 bins of width 2/29 and t == 1 alone, as the authors' released
                                code */
    IP_BINNING_FIXED_WIDTH,  /* floor(t / width), unbounded */
    IP_BINNING_EQUAL_FREQ,   /* bins that hold equally many activations of the layer */
    IP_BINNING_EBAB,         /* bins that hold equally many different values of the layer */
    IP_BINNING_BITS,         /* the codes of a network that quantises its activations itself */
    IP_BINNING_EXACT         /* the number itself */
} ip_binning_rule;
ip_name_at ip_binning_rule_name;

/* What may stand for the numbers of a range: the least and the largest activation ... */
typedef enum ip_binning_range {
    IP_RANGE_LAYER,  /* of this layer in this snapshot */
    IP_RANGE_NEURON, /* of each unit in this snapshot */
    IP_RANGE_EPOCH,  /* of all hidden layers of this snapshot */
    IP_RANGE_RUN     /* of this layer over all snapshots of its job */
} ip_binning_range;
ip_name_at ip_binning_range_name;

typedef struct ip_binning_options {
    uint64_t bins;
    int rule;
    double width;
    ip_reals range; /* lo, hi; or, with n = 0, at[0] an ip_binning_range; rule paper */
    int correction; /* ip_correction */
    bool fit_beta;  /* see ip_bound_fit_beta */
} ip_binning_options;

/* Reads one sample by one rule after another; what rules share is worked out once. */
typedef struct ip_quantizer {
    const ip_sample *sample;
    double *edges;  /* (most bins + 1) */
    double *sorted; /* (n d) all activations, ascending, and room to sort; once a rule has asked */
    const double *range; /* least and largest activation; NULL until a rule has asked */
    double own_range[2]; /* room for it */
    bool is_sorted;
} ip_quantizer;

/* Bytes of scratch for a quantizer that serves these requests, whose options are
 * ip_binning_options; and the quantizer, in that scratch, aligned to 8 bytes. */
size_t ip_quantizer_scratch_bytes(const ip_request *requests, size_t n, const ip_sample *sizes);
ip_quantizer ip_quantizer_open(const ip_request *requests, size_t n, const ip_sample *sample,
                               void *scratch);

/* Codes (n, d) of the sample's activations, which are finite, in `room` of ip_codes_bytes, aligned
 * to 8 bytes. All comparisons in double.
 * paper: edges e_j = lo + ((hi-lo)*j)/bins, code = number of edges j >= 1 not above t, at most
 *   bins-1; where lo = hi, which only a measured range can be, code 0.
 * idnns_compat: `bins` edges as 32-bit floats (float)(-1 + 2.0*j/(bins-1)), code = (number of edges
 *   not above t) - 1, and -1 becomes bins-1.
 * fixed_width: floor(t/width).
 * equal_freq: with all M = n d activations ascending as s, edges s[ceil(j M / bins) - 1] for j = 1
 *   .. bins-1, each once; code = number of edges below t, so equal activations stay together.
 * ebab: the different values, ascending, share the codes: number r (from 0) of V gets floor(r bins
 *   / V). When more than one activation is 0, 0 has code 0 for itself and the others share the
 *   bins-1 codes above. Source: entropy-based adaptive binning of Chelombiev, Houghton, O'Donnell,
 *   "Adaptive estimators show information compression in deep neural networks", ICLR 2019.
 * bits, exact: the bit pattern of t, -0 as 0.
 * *flags gains what the codes show: clipped, saturated, moving, not known (the codes are then not
 * to be used: the sample does not know the range asked for, or was not quantised).
 * Errors: IP_ERR_NUMERIC for |t/width| >= 2^62. */
ip_status ip_quantize(ip_quantizer *quantizer, const ip_binning_options *options, void *room,
                      ip_codes *codes, unsigned *flags, ip_error *err) IP_CHECKED;

/* T as symbols numbered from 0, in scratch until that is used again. */
typedef struct ip_symbols {
    size_t n;
    const uint32_t *of; /* (rows) the symbol of each row */
    double h_given_x;   /* H(T|X), bits */
} ip_symbols;

/* Bytes of scratch ip_plugin needs. */
size_t ip_plugin_scratch_bytes(size_t n, size_t c);

/* Plug-in information of quantised activations: codes (n, d), the rest as in sample (whose t is not
 * read) and its weighing. I(X;T) = H(T) - H(T|X), where H(T|X) is not 0 only if rows that share an
 * input got different codes; I(T;Y) = H(T) + H(Y) - H(T,Y), both clamped at 0 from below against
 * rounding. Exact for the distribution given. A correction replaces all entropies by those
 * of ip_entropy_of_counts and clamps nothing; it is flagged IP_FLAG_INVALID when the rows were not
 * drawn, and also left out when weights differ or a label is uncertain: there are no counts then.
 * IP_FLAG_INVALID, too: fewer than five drawn rows for each pair of a symbol and a label that
 * occurs, or of a noisy sample for each of an input and a symbol. IP_FLAG_DISTINCT: most rows are
 * alone with their symbol. *symbols: what was counted. O(n (d + c)) time. Allocates nothing.
 * Source: Shwartz-Ziv, Tishby, arXiv 1703.00810, section 3. */
void ip_plugin(const ip_sample *sample, ip_weighing *weighing, ip_correction correction,
               const ip_codes *codes, void *scratch, ip_symbols *symbols, ip_information *out);

/* ---- nearest neighbours ---- */

/* Of ksg, mixed-ksg and ross. All refuse n <= k rows (IP_ERR_NUMERIC), flag unequal p(x) as
 * IP_FLAG_INVALID, for every row counts alike, and give negative values as they come out.
 * I(X;T) by ksg and mixed-ksg has no finite truth where T follows from X without equals, and then
 * grows as log n: IP_FLAG_INVALID unless the sample is noisy.
 * Ties: a neighbour as far away as the k-th counts by the estimator's own inequality. ksg 1: nearer
 * than the k-th; ksg 2: not further than the furthest of all that are as near as the k-th; ross:
 * not further; mixed-ksg: nearer, and of a row with k equals or more only these. Nothing is
 * jittered: ksg and ross, which are for densities, say IP_FLAG_TIES. */
typedef struct ip_neighbours_options {
    uint64_t k;       /* neighbours, at least 1 */
    uint64_t variant; /* ksg only: 1 counts in cubes, 2 in rectangles */
} ip_neighbours_options;

/* ---- renyi ---- */

typedef struct ip_renyi_options {
    double alpha;
    double width, width_x; /* of the kernels of T and X; NaN: Scott's rule */
    uint64_t rows;
} ip_renyi_options;

/* ---- kde ---- */

typedef enum ip_kde_scale {
    IP_KDE_SCALE_NONE,
    IP_KDE_SCALE_LAYER /* variance in units of the square of the layer's largest |t| */
} ip_kde_scale;
ip_name_at ip_kde_scale_name;

typedef enum ip_kde_label_term {
    IP_KDE_BRACKET,   /* bounds on I(T;Y) */
    IP_KDE_DIFFERENCE /* I(X;T) less I(X;T|Y), both of the same side: no bound */
} ip_kde_label_term;
ip_name_at ip_kde_label_term_name;

typedef struct ip_kde_options {
    double variance;
    int scale, label_term;
} ip_kde_options;

/* ---- noise ---- */

typedef struct ip_noise_options {
    double variance; /* of noise added for measuring; NaN: the sample's own, from t_clean */
    uint64_t draws;  /* for every row; even, at least 4 */
} ip_noise_options;

/* Entropy in bits of n probabilities (zeros are skipped). */
double ip_entropy(size_t n, const double *p);

#endif
