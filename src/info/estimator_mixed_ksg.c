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
 * Cost: up to O(n^2 (d + d_x)) time for all k together; in few dimensions about n log n.
 * Limits: where T follows from X and most inputs have a T of their own, the truth is infinite (or
 *   all of H(X)) and I(X;T) says how many rows there are: flagged IP_FLAG_INVALID, unless the
 *   sample is noisy. Inputs of zeros and ones are all equally far from one another in this norm:
 *   I(X;T) then says nothing of them. Labels must be certain: of soft ones the most probable is
 *   taken, flagged IP_FLAG_INVALID. Too low for strong dependence and in more than about five
 *   dimensions at 1000 rows, also flagged, as far as the rows show it.
 * Checked by: tests/info/test_estimator_mixed_ksg.c, tests/info/test_neighbours_numpy.py. */
#include "info/knn.h"
#include <math.h>

/* psi(k~) - psi(n_1) - psi(n_t) of row i, the counts being in X, or of its label, and in T. */
static double of_row(ip_knn *knn, size_t i, size_t k)
{
    ip_space *space = &knn->space;
    const double rho = space->nearest[k];
    if (rho == 0.0)
        return knn->psi[space->equals[IP_N_PARTS][i]] - knn->psi[space->equals[IP_FIRST][i]] -
               knn->psi[space->equals[IP_SECOND][i]];
    if (rho >=
        IP_FAR) /* no k-th neighbour of this label: all of it is within reach, and all of T */
        return -knn->psi[space->n];
    return knn->psi[k] - knn->psi[ip_space_count_below(space, IP_FIRST, rho)] -
           knn->psi[ip_space_count_below(space, IP_SECOND, rho)];
}

/* Bits, from the sum of the terms of all rows. */
static double of_sum(const ip_knn *knn, double sum)
{
    return (log((double)knn->space.n) + sum / (double)knn->space.n) / M_LN2;
}

/* bits (n requests) of the space as it is. */
static void sum_rows(ip_knn *knn, const ip_request *requests, size_t n, double *bits)
{
    for (size_t r = 0; r < n; r++)
        bits[r] = 0.0;
    for (size_t i = 0; i < knn->space.n; i++) {
        ip_space_look(&knn->space, i);
        for (size_t r = 0; r < n; r++)
            bits[r] += of_row(knn, i, ip_knn_k(&requests[r]));
    }
    for (size_t r = 0; r < n; r++)
        bits[r] = of_sum(knn, bits[r]);
}

/* Whether T may follow from X without being discrete: rows equal in X are equal in T, and most have
 * few equals, whose T no other input has. */
static bool looks_like_function(const ip_space *space)
{
    bool is_function = true;
    size_t n_own = 0;
    for (size_t i = 0; i < space->n; i++) {
        const size_t n_equal = space->equals[IP_N_PARTS][i];
        is_function &= space->equals[IP_FIRST][i] == n_equal;
        n_own += n_equal <= space->k_most && space->equals[IP_SECOND][i] == n_equal;
    }
    return is_function && 2 * n_own > space->n;
}

/* Whether most rows have few equals in T. */
static bool is_density(const ip_space *space)
{
    size_t n_apart = 0;
    for (size_t i = 0; i < space->n; i++)
        n_apart += space->equals[IP_SECOND][i] <= space->k_most;
    return 2 * n_apart > space->n;
}

static ip_status estimate_x(const ip_request *requests, size_t n, const ip_sample *sample,
                            ip_knn *knn, ip_information *out, ip_error *err)
{
    double bits[IP_MAX_REQUESTS];
    IP_TRY(ip_knn_take_x(sample, knn, err));
    sum_rows(knn, requests, n, bits);
    if (!sample->is_noisy && looks_like_function(&knn->space))
        knn->flags |= IP_FLAG_INVALID;
    for (size_t r = 0; r < n; r++) {
        out[r].i_xt = bits[r];
        if (is_density(&knn->space))
            out[r].flags |= ip_knn_limit(knn, ip_knn_k(&requests[r]), bits[r]);
    }
    return IP_OK;
}

static ip_status estimate(const ip_request *requests, size_t n, const ip_sample *sample,
                          void *scratch, ip_information *out, ip_error *err)
{
    ip_knn knn;
    double bits[IP_MAX_REQUESTS];
    IP_TRY(ip_knn_make(requests, n, sample, scratch, &knn, err));
    if (sample->x != NULL)
        IP_TRY(estimate_x(requests, n, sample, &knn, out, err));
    else
        knn.flags |= IP_FLAG_NOT_KNOWN;
    ip_knn_take_y(sample, false, &knn);
    sum_rows(&knn, requests, n, bits);
    if (is_density(&knn.space) && ip_knn_is_sparse(knn.space.n, sample->d))
        knn.flags |= IP_FLAG_INVALID;
    for (size_t r = 0; r < n; r++) {
        out[r].i_ty = bits[r];
        out[r].flags |= knn.flags;
    }
    return IP_OK;
}

const ip_estimator ip_estimator_mixed_ksg = {
    .name = "mixed-ksg",
    .summary = "nearest neighbours where values may be equal, as of saturated units",
    .source = "Gao, Kannan, Oh, Viswanath, NIPS 2017",
    .limits =
        "I(X;T) grows as log n where T is a function of X without equals and is flagged invalid "
        "then; certain labels, few dimensions, n well above exp(I), equal weights; the k-th "
        "neighbour itself does not count, and of a row with k equals only they do",
    .fields = ip_knn_fields,
    .n_fields = 1,
    .options_size = sizeof(ip_neighbours_options),
    .row_ns = 100,
    .pair_ns = 25,
    .least_rows = ip_knn_least_rows,
    .scratch_bytes = ip_knn_scratch_bytes,
    .estimate = estimate,
};
