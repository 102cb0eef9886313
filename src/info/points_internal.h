/* points_internal.h - the rows of a sample with equal ones merged, for estimators by distances
 *
 * Rows with equal activations are one point, whose weight is the sum of theirs: sums over pairs
 * then run over the points, and a saturated layer has few. A point may be met by several inputs,
 * and an input that was passed repeatedly through a noisy network meets several points: what one
 * input has at one point is an atom. */
#ifndef IP_POINTS_INTERNAL_H
#define IP_POINTS_INTERNAL_H

#include "infoplane/estimator.h"

typedef struct ip_points {
    size_t m, d, c;
    double *t;               /* (d, m): a unit's activations lie together */
    double *w_y;             /* (m, c) sums of p(x) p(y|x) */
    double *w;               /* (m) their sums over y */
    double *p_y;             /* (c) sums of w_y over the points */
    double total, i_xy, h_x; /* sum of w; bits, of the rows and of the inputs */
    /* Atoms, those of an input together. */
    size_t n_atoms, n_inputs;
    uint32_t *point;  /* (n_atoms) */
    double *w_atom;   /* (n_atoms) sums of p(x) */
    size_t *first;    /* (n_inputs + 1) first atom of each input */
    bool is_function; /* no input has two atoms: T follows from X but for what is added to it */
} ip_points;

/* Bytes of scratch for ip_points_make. */
size_t ip_points_bytes(const ip_sample *sizes);

/* The points of the sample, which live in the scratch (64-byte aligned). I(X;Y) is taken over the
 * rows: where rows of one input have different labels it is the most that T can tell about Y.
 * O(n (d + c)) time. */
ip_points ip_points_make(const ip_sample *sample, void *scratch);

/* IP_FLAG_INVALID where the rows of a noisy sample do not show what T of one input looks like with
 * noise of that variance: fewer than five rows for each place that can be told from the others.
 * H(T|X) comes out too small then, and I(X;T) too large. O(d) time for each two atoms of an input.
 */
unsigned ip_points_limit(const ip_sample *sample, const ip_points *points, double variance);

#endif
