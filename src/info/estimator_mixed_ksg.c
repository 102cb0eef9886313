/* estimator_mixed_ksg.c - information from nearest neighbours where values may be equal
 *
 * What: I(X;T) and I(T;Y) of the n rows as draws of variables that are discrete, have a density, or
 *   are a mixture of both, such as saturated and rectified units. A row with k others equal to it
 *   counts its equals; any other one, what is nearer than its k-th neighbour.
 * Source: Gao, Kannan, Oh, Viswanath, "Estimating mutual information for discrete-continuous
 *   mixtures", NIPS 2017; their letters. As in their program, not their Algorithm 1: counts have
 *   the row itself in them and are strict, and N stands where the paper has n + 1; the paper's own
 *   form is far too low at a thousand rows.
 *   A label is a point infinitely far from any other, so that neither names of labels nor the
 *   scale of T matter; a label of no more than k rows then counts as if T told nothing of it.
 * Cost: O(n^2 (d + d_x)) time for all k together.
 * Limits: where T follows from X and most inputs have a T of their own, the truth is infinite (or
 *   all of H(X)) and I(X;T) says how many rows there are: flagged IP_FLAG_CEILING. Inputs of zeros
 *   and ones are all equally far from one another in this norm: I(X;T) then says nothing of them.
 *   Labels must be certain: of soft ones the most probable is taken, flagged IP_FLAG_INVALID. Too
 *   low for strong dependence and in more than about five dimensions at 1000 rows, also flagged, as
 *   far as the rows show it.
 * Checked by: tests/info/test_estimator_mixed_ksg.c, tests/info/test_neighbours_numpy.py. */
#include "info/knn.h"
#include "infoplane/neighbours.h"
#include <math.h>

/* How many rows, the one at hand among them, are equal to it (rho = 0) or nearer than rho. */
static size_t count(const ip_knn *knn, const double *distance, double rho)
{
    return rho > 0.0 ? ip_count_below(knn->n, distance, rho)
                     : ip_count_within(knn->n, distance, 0.0);
}

/* psi(k~) - psi(n_x) - psi(n_t) of the row at hand, in X or between labels. */
static double of_row(const ip_knn *knn, size_t k)
{
    const double rho = knn->nearest[k];
    const size_t n_x = count(knn, knn->dx, rho);
    const size_t n_t = count(knn, knn->dt, rho);
    /* No k-th neighbour of this label: the rows within reach are all of it. */
    const size_t near = rho > 0.0 && !isinf(rho) ? k : count(knn, knn->joint, rho);
    return knn->psi[near] - knn->psi[n_x] - knn->psi[n_t];
}

/* Bits, from the sum of the terms of all rows. */
static double of_sum(const ip_knn *knn, double sum)
{
    return (log((double)knn->n) + sum / (double)knn->n) / M_LN2;
}

/* What tells whether T follows from X without being discrete. */
typedef struct sight {
    bool is_function; /* rows equal in X are equal in T */
    size_t n_own;     /* rows with few equals, whose T no other input has */
} sight;

static void look(const ip_knn *knn, sight *seen)
{
    const size_t n_equal = ip_count_within(knn->n, knn->joint, 0.0);
    seen->is_function &= ip_count_within(knn->n, knn->dx, 0.0) == n_equal;
    seen->n_own += n_equal <= knn->k_most && ip_count_within(knn->n, knn->dt, 0.0) == n_equal;
}

/* out->i_xt += the terms of row i, whose distances in T are there. */
static void add_x(const ip_knn *knn, size_t i, const ip_request *requests, size_t n, sight *seen,
                  ip_information *out)
{
    ip_knn_distances_x(knn, i);
    ip_knn_join(knn);
    look(knn, seen);
    for (size_t r = 0; r < n; r++)
        out[r].i_xt += of_row(knn, ip_knn_k(&requests[r]));
}

static void add_y(const ip_knn *knn, size_t i, const ip_request *requests, size_t n,
                  ip_information *out)
{
    ip_knn_distances_y(knn, i);
    ip_knn_join(knn);
    for (size_t r = 0; r < n; r++)
        out[r].i_ty += of_row(knn, ip_knn_k(&requests[r]));
}

/* Sums into out; flags what is missing, at its ceiling, or too sparse for a density. */
static void sum_rows(ip_knn *knn, bool has_x, const ip_request *requests, size_t n,
                     ip_information *out)
{
    sight seen = {.is_function = true};
    size_t n_apart = 0; /* rows with few equals in T, as of a density */
    for (size_t r = 0; r < n; r++) {
        out[r].i_xt = has_x ? 0.0 : (double)NAN;
        out[r].i_ty = 0.0;
    }
    for (size_t i = 0; i < knn->n; i++) {
        ip_knn_distances_t(knn, i);
        n_apart += ip_count_within(knn->n, knn->dt, 0.0) <= knn->k_most;
        if (has_x)
            add_x(knn, i, requests, n, &seen, out);
        add_y(knn, i, requests, n, out);
    }
    if (!has_x)
        knn->flags |= IP_FLAG_NOT_KNOWN;
    else if (seen.is_function && 2 * seen.n_own > knn->n)
        knn->flags |= IP_FLAG_CEILING;
    if (2 * n_apart <= knn->n)
        return;
    if (ip_knn_is_sparse(knn->n, knn->d))
        knn->flags |= IP_FLAG_INVALID;
    for (size_t r = 0; r < n; r++)
        out[r].flags |= ip_knn_limit(knn, ip_knn_k(&requests[r]), of_sum(knn, out[r].i_xt));
}

static ip_status estimate(const ip_request *requests, size_t n, const ip_sample *sample,
                          void *scratch, ip_information *out, ip_error *err)
{
    ip_knn knn;
    IP_TRY(ip_knn_make(requests, n, sample, scratch, &knn, err));
    ip_knn_take_y(sample, &knn);
    if (sample->x != NULL)
        IP_TRY(ip_knn_take_x(sample, &knn, err));
    sum_rows(&knn, sample->x != NULL, requests, n, out);
    for (size_t r = 0; r < n; r++) {
        out[r].i_xt = of_sum(&knn, out[r].i_xt);
        out[r].i_ty = of_sum(&knn, out[r].i_ty);
        out[r].flags |= knn.flags;
    }
    return IP_OK;
}

const ip_estimator ip_estimator_mixed_ksg = {
    .name = "mixed-ksg",
    .summary = "nearest neighbours where values may be equal, as of saturated units",
    .source = "Gao, Kannan, Oh, Viswanath, NIPS 2017",
    .limits =
        "I(X;T) grows as log n where T is a function of X without equals; certain labels, few "
        "dimensions, n well above exp(I), equal weights",
    .fields = ip_knn_fields,
    .n_fields = 1,
    .options_size = sizeof(ip_neighbours_options),
    .row_ns = 100,
    .pair_ns = 25,
    .scratch_bytes = ip_knn_scratch_bytes,
    .estimate = estimate,
};
