/* estimator_ross.c - I(T;Y) of a density of T for each label, from nearest neighbours
 *
 * What: I(T;Y) of the n rows as draws: the k-th neighbour among the rows of a label and the number
 *   of all rows within its distance compare the density of T given the label with that of all. Of
 *   the N_y rows of a small label k_i = min(k, N_y - 1) neighbours are taken; a row alone with its
 *   label is left out. X is not read: I(X;T) stays NaN.
 * Source: Ross, "Mutual information between discrete and continuous data sets", PLoS ONE 9(2),
 *   e87357 (2014); the paper's letters.
 * Cost: O(n^2 d) time for all k together.
 * Limits: equal activations have no density, flagged IP_FLAG_TIES (see mixed-ksg). Labels must be
 *   certain: of soft ones the most probable is taken, flagged IP_FLAG_INVALID. Biased in more than
 *   about five dimensions at 1000 rows: IP_FLAG_INVALID. Where no two rows share a label: NaN,
 * IP_FLAG_NOT_KNOWN. Checked by: tests/info/test_estimator_ross.c,
 * tests/info/test_neighbours_numpy.py. */
#include "info/knn.h"
#include "infoplane/neighbours.h"
#include <math.h>

/* Moves the rows that share their label to the front and forgets the others. */
static void drop_lonely(ip_knn *knn)
{
    size_t n_kept = 0;
    for (size_t i = 0; i < knn->n; i++)
        n_kept += knn->n_y[knn->y[i]] > 1;
    for (size_t c = 0; c < knn->d; c++) {
        size_t kept = 0;
        for (size_t i = 0; i < knn->n; i++) {
            if (knn->n_y[knn->y[i]] > 1)
                knn->t[c * n_kept + kept++] = knn->t[c * knn->n + i];
        }
    }
    size_t kept = 0;
    for (size_t i = 0; i < knn->n; i++) {
        if (knn->n_y[knn->y[i]] > 1)
            knn->y[kept++] = knn->y[i];
    }
    knn->n = n_kept;
}

/* psi(k_i) - psi(N_y) - psi(m_i) of row i, m_i other rows being as near as the k_i-th neighbour. */
static double of_row(const ip_knn *knn, size_t i, size_t k)
{
    const size_t n_y = knn->n_y[knn->y[i]];
    const size_t k_i = k < n_y ? k : n_y - 1;
    const size_t m = ip_count_within(knn->n, knn->dt, knn->nearest[k_i]) - 1;
    return knn->psi[k_i] - knn->psi[n_y] - knn->psi[m];
}

/* out->i_ty = the sum over the rows; flags ties. */
static void sum_rows(ip_knn *knn, const ip_request *requests, size_t n, ip_information *out)
{
    for (size_t i = 0; i < knn->n; i++) {
        ip_knn_distances_y(knn, i);
        ip_knn_distances_t(knn, i);
        ip_knn_join(knn);
        if (ip_count_within(knn->n, knn->dt, 0.0) > 1)
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
    ip_knn_take_y(sample, &knn);
    drop_lonely(&knn);
    if (knn.n == 0)
        knn.flags |= IP_FLAG_NOT_KNOWN;
    else if (ip_knn_is_sparse(knn.n, knn.d))
        knn.flags |= IP_FLAG_INVALID;
    for (size_t r = 0; r < n; r++)
        out[r].i_ty = 0.0;
    sum_rows(&knn, requests, n, out);
    for (size_t r = 0; r < n; r++) {
        out[r].i_ty =
            knn.n == 0 ? (double)NAN : (knn.psi[knn.n] + out[r].i_ty / (double)knn.n) / M_LN2;
        out[r].flags |= knn.flags;
    }
    return IP_OK;
}

const ip_estimator ip_estimator_ross = {
    .name = "ross",
    .summary = "nearest neighbours within each label, for densities: I(T;Y) only",
    .source = "Ross, PLoS ONE 9(2), e87357 (2014)",
    .limits = "no equal activations, certain labels, few dimensions, equal weights",
    .fields = ip_knn_fields,
    .n_fields = 1,
    .options_size = sizeof(ip_neighbours_options),
    .row_ns = 100,
    .pair_ns = 25,
    .scratch_bytes = ip_knn_scratch_bytes,
    .estimate = estimate,
};
