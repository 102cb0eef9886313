/* bound.h - the information bottleneck of a task: how much a code T of X can tell of Y
 *
 * Among all codes p(t|x) those that minimise F = I(X;T) - beta I(T;Y) lie on the frontier of the
 * information plane, at its slope dI_Y/dI_X = 1/beta. The problem is rate-distortion with the
 * distortion d(x, r) = KL[p(y|x) || r] over all r of the simplex, convex in the masses q given to
 * the r: with Z_x = sum_t q_t e^{-beta d(x, r_t)} and c(r) = sum_x p(x) e^{-beta d(x, r)} / Z_x,
 * F is at most max_r ln c(r) nats above its minimum. So a point carries its own certificate.
 * Everything is in double, inside in nats, at this border in bits; beta is per nat of either
 * information, so has no unit.
 * Source: Tishby, Pereira, Bialek, arXiv physics/0004057; certificate: Csiszar 1974, Lindsay 1983.
 */
#ifndef INFOPLANE_BOUND_H
#define INFOPLANE_BOUND_H

#include "infoplane/arena.h"
#include "infoplane/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- the task ---- */

/* The inputs that differ in what they say of the label: inputs with the same p(y|x) are one, since
 * an optimal code treats them alike. In order of falling p(y=0|x), then of rising p(y=1|x) and so
 * on. Labels that never occur are left out. */
typedef struct ip_bound_task {
    size_t n, c;         /* inputs, labels */
    double *p_x;         /* (n) above 0, sums to 1 */
    double *p_y_given_x; /* (n, c) rows sum to 1 */
    double *p_y;         /* (c) above 0 */
    uint32_t *input_of;  /* of each row given; UINT32_MAX for one of no weight */
    double h_x;          /* H of the n inputs, bits: I(X;T) at the top of the curve */
    double h_y, i_xy;    /* bits */
    bool is_kink;        /* Y is a function of X: I_Y = min(I_X, H(Y)), two straight lines */
} ip_bound_task;

/* From n rows: p_x (n) >= 0 with the sum 1, p_y_given_x (n, c) with rows that sum to 1; borrowed
 * during the call. x_id (n): rows with equal numbers below n share one input, whose p(y|x) is their
 * mean; NULL: all differ. Rows are one input when their numbers are equal, exactly: a tolerance
 * would make the number of inputs arbitrary. The arrays belong to the arena. Errors: IP_ERR_MEMORY.
 * Cost: O(n c log n). */
ip_status ip_bound_task_make(size_t n, size_t c, const double *p_x, const double *p_y_given_x,
                             const uint32_t *x_id, ip_arena *arena, ip_bound_task *task,
                             ip_error *err) IP_CHECKED;

/* ---- the curve ---- */

/* Beyond it p(y|x) would have to be known better than a double can tell. */
#define IP_BOUND_MOST_BETA 1e9

typedef struct ip_bound_point {
    double beta;
    double i_xt, i_ty;  /* bits; of the code itself, so attained whatever the gap */
    double gap;         /* F is at most this above its minimum, bits */
    bool proven;        /* else the gap is the largest that a search met: a heuristic */
    bool near_critical; /* F hardly tells codes apart here (see below), or the gap stayed open */
    size_t clusters;    /* values of T */
    size_t sweeps;      /* evaluations of all p(t|x) */
    double *q_t;        /* (clusters) p(t), sums to 1; belongs to the arena */
    double *r_t;        /* (clusters, c) p(y|t) */
} ip_bound_point;

/* The points at n values of beta, 0 to IP_BOUND_MOST_BETA, in the order given; equal ones are equal
 * points. They are computed in rising order, each from the codes of the one before. A gap is proven
 * for two labels and for beta <= 1. near_critical: plain iteration would gain less than 1.5e-4 of
 * the remaining distance a sweep. Of a kink the points are written down, not searched: (0, 0) up to
 * beta = 1, (H(Y), H(Y)) above.
 * Errors: IP_ERR_MEMORY. Cost: 200 betas of 64 inputs and two labels take a second, of 1000 inputs
 * or of ten labels a minute. Depends on nothing but the task and the betas. */
ip_status ip_bound_curve(const ip_bound_task *task, size_t n, const double *betas, ip_arena *arena,
                         ip_bound_point *points, ip_error *err) IP_CHECKED;

/* p(t|x) of a point, (task->n, clusters): q_t e^{-beta d(x, r_t)} / Z_x. */
void ip_bound_encoder(const ip_bound_task *task, const ip_bound_point *point, double *q_t_given_x);

typedef struct ip_bound_onset {
    double global; /* largest beta at which T that says nothing is optimal; infinite when there is
                      nothing to say */
    double local;  /* beta at which it stops being a local minimum: 1 / sigma_2^2, sigma_2 the
                      second singular value of p(x,y) / sqrt(p(x) p(y)); never below global */
    bool proven;   /* of global; else it may lie lower (more than two labels) */
} ip_bound_onset;

/* Where the curve leaves the origin, to about nine digits. Errors: IP_ERR_MEMORY. */
ip_status ip_bound_find_onset(const ip_bound_task *task, ip_arena *arena, ip_bound_onset *onset,
                              ip_error *err) IP_CHECKED;

/* Its `local` alone, at once. Errors: IP_ERR_MEMORY. */
ip_status ip_bound_find_local_onset(const ip_bound_task *task, ip_arena *arena, double *local,
                                    ip_error *err) IP_CHECKED;

/* n betas evenly on the logarithm, from 1e-3 above the onset to onset 2^i, the first that keeps all
 * but 1e-3 of I(X;Y). Of a kink: n = 2, both sides of 1. *n: room on entry, at least 2; how many
 * there are on return (0 when I(X;Y) is 0 or next to it). Errors: IP_ERR_MEMORY. */
ip_status ip_bound_choose_betas(const ip_bound_task *task, const ip_bound_onset *onset,
                                ip_arena *arena, size_t *n, double *betas,
                                ip_error *err) IP_CHECKED;

/* ---- deterministic codes ---- */

typedef struct ip_bound_code {
    double beta;
    double h_t, i_ty; /* bits; I(X;T) = H(T) where t follows from x */
    size_t clusters;
    bool proven;    /* the best of all codes; else of those a search met */
    uint32_t *t_of; /* (task->n) value of T of each input; belongs to the arena */
} ip_bound_code;

/* The codes t(x) that minimise H(T) - beta I(T;Y), for n betas from 0 to IP_BOUND_MOST_BETA in the
 * order given. Two labels: the cells of an optimal code are intervals of p(y|x), so a dynamic
 * programme over the task's order finds it, in O(n^2) steps a beta. More labels: single moves and
 * mergers from several starts. Errors: IP_ERR_MEMORY. Source: Strouse, Schwab, Neural Computation
 * 29, 2017. */
ip_status ip_bound_codes(const ip_bound_task *task, size_t n, const double *betas, ip_arena *arena,
                         ip_bound_code *codes, ip_error *err) IP_CHECKED;

/* ---- a layer against the curve ---- */

/* What the frontier is known to be between points of it: it is concave, so it lies above the chords
 * of the points and below their tangents. The second reading is of I_X, the least that I_Y takes.
 */
typedef struct ip_bound_range {
    double low, high; /* bits */
} ip_bound_range;

/* The frontier's I_Y at i_xt, and its I_X at i_ty, from n points in any order; the origin and the
 * top (H, I(X;Y)) are added. The vertical gap of a layer is I_Y^IB(I_X) - I_Y, the horizontal one
 * I_X - I_X^IB(I_Y). i_ty above I(X;Y): NaN. The tangents count only points whose gap is proven. */
ip_bound_range ip_bound_i_ty_at(const ip_bound_task *task, size_t n, const ip_bound_point *points,
                                double i_xt);
ip_bound_range ip_bound_i_xt_at(const ip_bound_task *task, size_t n, const ip_bound_point *points,
                                double i_ty);

typedef struct ip_bound_fit {
    double beta;     /* 0 to infinity; NaN when only one cell is occupied */
    double residual; /* bits; of an infinite beta its limit */
} ip_bound_fit;

/* The beta whose optimal code for the layer's own p(t), p(y|t) is nearest to the layer:
 * argmin E_x KL[p(t|x) || p(t) e^{-beta KL[p(y|x) || p(y|t)]} / Z_x]. Convex in beta; infinite
 * whenever every input is in the cell nearest to it, which says little (every sufficiently fine
 * layer is such), and finite only for inputs that are not.
 *   cell   (n) below n_cells: T of each row; a row is an input, or one of the values T takes at an
 *          input, with its part of the weight; then h_t_given_x is their H(T|X), bits, else 0
 *   p_x    (n) >= 0, sums to 1;  p_y_given_x (n, c), rows of one input alike
 * Errors: IP_ERR_MEMORY. Cost: (inputs that differ) n_cells a step. Limits: 1e6 counts as infinite.
 * Source: Shwartz-Ziv, Tishby, arXiv 1703.00810, section 3.5. */
ip_status ip_bound_fit_beta(size_t n, size_t c, const double *p_x, const double *p_y_given_x,
                            size_t n_cells, const uint32_t *cell, double h_t_given_x,
                            ip_bound_fit *fit, ip_error *err) IP_CHECKED;

#endif
