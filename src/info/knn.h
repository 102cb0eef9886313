/* knn.h - what the estimators from nearest neighbours share
 *
 * They go through the rows one by one, in a space of X or the label and T. */
#ifndef INFO_KNN_H
#define INFO_KNN_H

#include "info/space.h"
#include "infoplane/estimator.h"

/* The caller's scratch, cut up. */
typedef struct ip_knn {
    ip_space space; /* second part T */
    double *psi;    /* (n + 1) digamma of the index; not of 0 */
    uint32_t *y;    /* (n) the most probable label, the lower one of equals */
    uint32_t *n_y;  /* (c) rows of each label */
    unsigned flags; /* that hold for every request */
} ip_knn;

/* The scratch_bytes of these estimators, by which their requests are told from others; all have
 * ip_neighbours_options. */
size_t ip_knn_scratch_bytes(const ip_request *requests, size_t n, const ip_sample *sizes);

/* Their least_rows: one more than neighbours. */
uint64_t ip_knn_least_rows(const void *options);

/* Cuts the scratch for n requests and flags unequal weights. Errors: IP_ERR_NUMERIC when there are
 * no more rows than neighbours. */
ip_status ip_knn_make(const ip_request *requests, size_t n, const ip_sample *sample, void *scratch,
                      ip_knn *knn, ip_error *err) IP_CHECKED;

/* Makes the space that of X and T; the sample has X. Errors: IP_ERR_NUMERIC for an input that is
 * not finite. */
ip_status ip_knn_take_x(const ip_sample *sample, ip_knn *knn, ip_error *err) IP_CHECKED;

/* Makes it that of the label and T, of the most probable label of each row; flags labels that are
 * not certain. Different labels are IP_FAR apart or further. With `only_shared`, rows alone with
 * their label are left out: space.n is how many stay, and y those of them. */
void ip_knn_take_y(const ip_sample *sample, bool only_shared, ip_knn *knn);

#define IP_FAR 0x1p1000

/* Whether n rows are too few for densities in d dimensions: fewer than 3.5 to the power d, that is
 * in more than five at 1000 rows. Balls of a few neighbours then reach across the whole sample. */
bool ip_knn_is_sparse(size_t n, size_t d);

/* IP_FLAG_INVALID where n rows cannot show so much information: within a bit of psi(n) - psi(k),
 * what rows on a line give; else 0. */
unsigned ip_knn_limit(const ip_knn *knn, size_t k, double bits);

/* k, and variant for the one that has variants. */
extern const ip_field ip_knn_fields[2];

static inline size_t ip_knn_k(const ip_request *request)
{
    return ((const ip_neighbours_options *)request->options)->k;
}

#endif
