/* estimator_ross.c - I(T;Y) of a density of T for each label, from nearest neighbours
 *
 * What: I(T;Y) of the n rows as draws: the k-th neighbour among the rows of a label and the number
 *   of all rows within its distance compare the density of T given the label with that of all. Of
 *   the N_y rows of a small label k_i = min(k, N_y - 1) neighbours are taken; a row alone with its
 *   label is left out. X is not read: I(X;T) stays NaN.
 * Source: Ross, "Mutual information between discrete and continuous data sets", PLoS ONE 9(2),
 *   e87357 (2014); the paper's letters.
 * Cost: up to O(n^2 d) time for all k together; in few dimensions about n log n.
 * Limits: equal activations have no density, flagged IP_FLAG_TIES (see mixed-ksg). Labels must be
 *   certain: of soft ones the most probable is taken, flagged IP_FLAG_INVALID. Biased in more
 *   than about five dimensions at 1000 rows: IP_FLAG_INVALID. Where no two rows share a label:
 *   NaN, IP_FLAG_NOT_KNOWN.
 * Checked by: tests/info/test_estimator_ross.c, tests/info/test_neighbours_numpy.py. */
#include "info/knn.h"
#include <math.h>

/* psi(k_i) - psi(N_y) - psi(m_i) of row i, m_i other rows being as near as the k_i-th neighbour. */
static double of_row(ip_knn *knn, size_t i, size_t k)
{
    const size_t n_y = knn->n_y[knn->y[i]];
    const size_t k_i = k < n_y ? k : n_y - 1;
    const size_t m = ip_space_count_within(&knn->space, IP_SECOND, knn->space.nearest[k_i]) - 1;
    return knn->psi[k_i] - knn->psi[n_y] - knn->psi[m];
}

/* out->i_ty = the sum over the rows; flags ties. */
static void sum_rows(ip_knn *knn, const ip_request *requests, size_t n, ip_information *out)
{
    for (size_t r = 0; r < n; r++)
        out[r].i_ty = 0.0;
    for (size_t i = 0; i < knn->space.n; i++) {
        ip_space_look(&knn->space, i);
        if (knn->space.equals[IP_SECOND][i] > 1)
            knn->flags |= IP_FLAG_TIES;
        for (size_t r = 0; r < n; r++)
            out[r].i_ty += of_row(knn, i, ip_knn_k(&requests[r]));
    }
}

static ip_status estimate(const ip_request *requests, size_t n, const ip_sample *sample,
                          void *scratch, ip_information *out, ip_error *err)
{
    ip_knn knn;
    IP_TRY(ip_knn_make(requests, n, sample, scratch, &knn, err));
    ip_knn_take_y(sample, true, &knn);
    const size_t n_rows = knn.space.n;
    if (n_rows == 0)
        knn.flags |= IP_FLAG_NOT_KNOWN;
    else if (ip_knn_is_sparse(n_rows, sample->d))
        knn.flags |= IP_FLAG_INVALID;
    sum_rows(&knn, requests, n, out);
    for (size_t r = 0; r < n; r++) {
        out[r].i_ty =
            n_rows == 0 ? (double)NAN : (knn.psi[n_rows] + out[r].i_ty / (double)n_rows) / M_LN2;
        out[r].flags |= knn.flags;
    }
    return IP_OK;
}

const ip_estimator ip_estimator_ross = {
    .name = "ross",
    .summary = "nearest neighbours within each label, for densities: I(T;Y) only",
    .source = "Ross, PLoS ONE 9(2), e87357 (2014)",
    .limits = "no equal activations (ties of the k-th neighbour count), certain labels, few "
              "dimensions, equal weights",
    .fields = ip_knn_fields,
    .n_fields = 1,
    .options_size = sizeof(ip_neighbours_options),
    .row_ns = 100,
    .pair_ns = 25,
    .least_rows = ip_knn_least_rows,
    .scratch_bytes = ip_knn_scratch_bytes,
    .estimate = estimate,
};
