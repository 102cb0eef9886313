/* knn.h - what the estimators from nearest neighbours share
 *
 * They go through the rows one by one: the distances from a row to all rows in T, in X (or between
 * their labels) and in both together, the nearest rows in both, and counts in each. Nothing larger
 * than a row of distances is kept. */
#ifndef INFO_KNN_H
#define INFO_KNN_H

#include "infoplane/estimator.h"

/* The caller's scratch, cut up. */
typedef struct ip_knn {
    size_t n, d, d_x, k_most;
    double *t, *x;   /* (d, n), (d_x, n): by coordinate */
    double *dt, *dx; /* (n) from the row at hand; dx in X or between labels */
    double *joint;   /* (n) the larger of the two */
    double
        *nearest;   /* (k_most + 1) the smallest of joint: the row itself, its first neighbour... */
    double *psi;    /* (n + 1) digamma of the index; not of 0 */
    uint32_t *y;    /* (n) the most probable label, the lower one of equals */
    uint32_t *n_y;  /* (c) rows of each label */
    unsigned flags; /* that hold for every request */
} ip_knn;

/* The scratch_bytes of these estimators, by which their requests are told from others; all have
 * ip_neighbours_options. */
size_t ip_knn_scratch_bytes(const ip_request *requests, size_t n, const ip_sample *sizes);

/* Cuts the scratch for n requests and takes over T; flags unequal weights. Errors: IP_ERR_NUMERIC
 * when there are no more rows than neighbours. */
ip_status ip_knn_make(const ip_request *requests, size_t n, const ip_sample *sample, void *scratch,
                      ip_knn *knn, ip_error *err) IP_CHECKED;

/* Whether n rows are too few for densities in d dimensions: fewer than 3.5 to the power d, that is
 * in more than five at 1000 rows. Balls of a few neighbours then reach across the whole sample. */
bool ip_knn_is_sparse(size_t n, size_t d);

/* IP_FLAG_INVALID where n rows cannot show so much information: within a bit of psi(n) - psi(k),
 * what rows on a line give; else 0. */
unsigned ip_knn_limit(const ip_knn *knn, size_t k, double bits);

/* Takes over X, which the sample must have. Errors: IP_ERR_NUMERIC for an input that is not finite.
 */
ip_status ip_knn_take_x(const ip_sample *sample, ip_knn *knn, ip_error *err) IP_CHECKED;

/* Takes the most probable label of each row; flags labels that are not certain. */
void ip_knn_take_y(const ip_sample *sample, ip_knn *knn);

/* Row i: its distances in T, in X, or between labels (infinite unless equal); then both together
 * and the nearest rows in both. */
void ip_knn_distances_t(const ip_knn *knn, size_t i);
void ip_knn_distances_x(const ip_knn *knn, size_t i);
void ip_knn_distances_y(const ip_knn *knn, size_t i);
void ip_knn_join(const ip_knn *knn);

/* k, and variant for the one that has variants. */
extern const ip_field ip_knn_fields[2];

static inline size_t ip_knn_k(const ip_request *request)
{
    return ((const ip_neighbours_options *)request->options)->k;
}

#endif
