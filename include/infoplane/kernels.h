/* kernels.h - the inner loops of training and of sums over pairs, one set for each instruction set
 *
 * All sets are compiled from one text; the processor decides at the start which runs. Values of a
 * layer lie unit by unit: unit k of pattern i at k * stride + i. The stride is a multiple of
 * IP_KERNEL_COLUMNS, and the kernels work on whole multiples of it: columns behind the last pattern
 * hold finite numbers. Single precision, one thread; no kernel allocates or fails. */
#ifndef INFOPLANE_KERNELS_H
#define INFOPLANE_KERNELS_H

#include "infoplane/error.h"
#include "infoplane/text.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IP_KERNEL_COLUMNS = 16 };

/* n rounded up to whole kernel columns. */
size_t ip_kernel_columns(size_t n);

/* A stride for n patterns: whole columns, and an odd number of them, because rows a power of two
 * apart fall into the same few places of the cache. */
size_t ip_kernel_stride(size_t n);

/* The activations, in the order of the documentation. A name here, its formulas in
 * kernels/activations.h and its entry in nn/activations.c add one. */
#define IP_ACTIVATION_LIST(X)                                                                      \
    X(tanh)                                                                                        \
    X(relu)                                                                                        \
    X(leaky_relu)                                                                                  \
    X(elu)                                                                                         \
    X(selu)                                                                                        \
    X(gelu)                                                                                        \
    X(swish)                                                                                       \
    X(sigmoid)                                                                                     \
    X(hard_tanh)                                                                                   \
    X(softplus)                                                                                    \
    X(softsign)                                                                                    \
    X(linear)

typedef enum ip_elementwise_kind {
#define IP_ELEMENTWISE_ENUM(name) IP_ELEMENTWISE_##name,
    IP_ACTIVATION_LIST(IP_ELEMENTWISE_ENUM)
#undef IP_ELEMENTWISE_ENUM
        IP_N_ELEMENTWISE
} ip_elementwise_kind;

/* t = f(z), and delta *= f'(z) with t = f(z); n elements, any number; no array overlaps another. */
typedef struct ip_elementwise {
    void (*forward)(size_t n, const float *z, float *t);
    void (*backward)(size_t n, const float *z, const float *t, float *delta);
} ip_elementwise;

/* Weight of unit k of n_in to unit m of n_out at[k * step_in + m * step_out]. */
typedef struct ip_weights {
    const float *at;
    size_t n_in, n_out;
    size_t step_in, step_out;
} ip_weights;

/* Pairs of points come in blocks of so many; a padded stride for n points; and the doubles that a
 * kernel needs for the row sums of each rung and label. */
enum { IP_PAIR_BLOCK = 8, IP_PAIR_ROW_SUMS = 16 };
size_t ip_pair_stride(size_t n);

/* The labels with weight in a block of points, first <= label < end, perhaps others between. */
typedef struct ip_label_range {
    size_t first, end;
} ip_label_range;

/* n points, whole blocks of them, with weights for each of c labels; rows are stride doubles apart.
 */
typedef struct ip_blocks {
    size_t n, d, c, stride;
    const double *t;              /* (d, stride) */
    const double *w;              /* (c, stride) 0 but for the labels of a point's block */
    const ip_label_range *labels; /* (n / IP_PAIR_BLOCK) */
} ip_blocks;

/* e = 2^(factor square) of squared distances below reach, where factor * reach >= -1000; of others
 * 0. Or, where is_fourth_power, the fourth power of e of the rung before, and neither is read. */
typedef struct ip_pair_rung {
    double factor, reach;
    bool is_fourth_power; /* not in the first */
    double *sums;         /* (c, stride) */
} ip_pair_rung;

typedef struct ip_pairs {
    ip_blocks points;
    size_t n_rungs;
    const ip_pair_rung *rungs;
    double *row_sums; /* (n_rungs, c, IP_PAIR_ROW_SUMS) scratch */
} ip_pairs;

/* e = 2^(factor square + slope s) where that is more than 2^-lowest, else 0; s is the product of g
 * with the difference from a point. */
typedef struct ip_noise_rung {
    double factor, slope;
    double *sums; /* (n_draws, 2, c) */
} ip_noise_rung;

/* Points whose distances are worked out together, and numbers whose bins are. */
enum { IP_CELL = 32, IP_BIN_BLOCK = 64 };

/* n bins from lo on; places are off by less than doubt bins, 0 to 1/2. */
typedef struct ip_even_bins {
    float lo, per_unit, doubt;
    size_t n;
} ip_even_bins;

/* One point seen by all, at several draws of noise. */
enum { IP_NOISE_BATCH = 4, IP_NOISE_LANES = 4 };
typedef struct ip_noise {
    ip_blocks points;
    const double *from; /* (d) */
    size_t n_draws;     /* 1 to IP_NOISE_BATCH */
    const double *g;    /* (IP_NOISE_BATCH, d); those not used are finite */
    double reach;       /* all e are 0 at squared distances from here on */
    double lowest;      /* at most 1000 */
    size_t n_rungs;
    const ip_noise_rung *rungs;
    double *parts; /* (n_rungs, IP_NOISE_BATCH, 2, c, IP_NOISE_LANES) scratch */
} ip_noise;

typedef struct ip_kernels {
    const char *name;    /* what INFOPLANE_KERNELS calls it: "x86-64-v3" */
    const char *results; /* "fma" or "plain": sets of equal results give the same bits */

    /* to[k] = unit k of every row: row i is the d numbers at x + rows[i] d, or at x + i d where
     * rows is NULL; to (d, stride). */
    void (*gather)(size_t d, size_t n, const uint32_t *rows, const float *x, size_t stride,
                   float *to);

    /* y[m] = sum over k of w[k][m] x[k], for the n first patterns. x (n_in, stride), y (n_out,
     * stride). */
    void (*values)(const ip_weights *w, size_t n, size_t stride, const float *x, float *y);

    /* dw[k][m] = sum over the n first patterns of x[k] delta[m]; dw (n_in, n_out) row-major. delta
     * is 0 in the columns behind pattern n. */
    void (*gradient)(size_t n_in, size_t n_out, size_t n, size_t stride, const float *x,
                     const float *delta, float *dw);

    /* t[m] = exp z[m] / sum over the n_out units of exp z, for the n first patterns. */
    void (*softmax)(size_t n_out, size_t n, size_t stride, const float *z, float *t);

    /* Of every rung: sums[y][i] = sum over the points j of w[y][j] e(|t_i - t_j|^2), the point
     * itself with e = 1 among them. Double precision: each e within 3.5e-16 of the exponential of
     * the rounded distance. Time: n^2 / 2 times d + 2 labels of a block for each rung. */
    void (*pair_sums)(const ip_pairs *pairs);

    /* Of every rung and draw: sums[draw][sign][y] = sum over the points j of w[y][j] e_j with s = g
     * . (from - t_j), or -g in the second. Double precision, errors of e as above. */
    void (*noise_sums)(const ip_noise *noise);

    /* distance[j] = the largest |t_j - from| of d coordinates, for the IP_CELL points t (d, stride)
     * of a cell; from (d). The same bits by every set. */
    void (*cell_distances)(size_t d, const double *t, size_t stride, const double *from,
                           double *distance);

    /* How many of the IP_CELL distances are below limit; the same of larger[j], the larger of a[j]
     * and b[j]. No number is NaN. */
    size_t (*cell_below)(const double *distance, double limit);
    size_t (*cell_larger)(const double *a, const double *b, double limit, double *larger);

    /* bin[i] = (t[i] - lo) per_unit in single precision, cut down to a whole number from 0 to n -
     * 1, of IP_BIN_BLOCK numbers. False: some lies within doubt of the next bin, and may be in
     * that. The same bits by every set. */
    bool (*guess_bins)(const ip_even_bins *even, const double *t, int32_t *bin);

    /* range (2) = the least and the largest of n numbers; of none, infinite. False: not all are
     * finite, and the range is no matter. */
    bool (*find_range)(size_t n, const double *t, double *range);

    ip_elementwise elementwise[IP_N_ELEMENTWISE]; /* by ip_elementwise_kind */
} ip_kernels;

/* The set in use: the best this machine has, unless one was chosen. */
const ip_kernels *ip_kernels_in_use(void);

/* Uses the set of that name from now on. Not while kernels run. Errors: IP_ERR_USAGE: no such set,
 * or this machine lacks its instructions. */
ip_status ip_kernels_use(const char *name, ip_error *err) IP_CHECKED;

/* Names of the sets this machine has, slowest first. */
ip_name_at ip_kernels_name;

#endif
