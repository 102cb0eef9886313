/* estimator_ksg.c - I(X;T) from nearest neighbours, without bins
 *
 * What: I(X;T) of the n rows as draws from a density of X and T together, by counting in each
 *   space the rows within the distance of the k-th neighbour in both, in the maximum norm. Y is
 *   discrete: I(T;Y) stays NaN.
 * Source: Kraskov, Stoegbauer, Grassberger, "Estimating mutual information", Phys. Rev. E 69,
 *   066138 (2004), Eqs. 8 and 9; their letters. Deviation: the rectangle of variant 2 holds all
 *   rows as near as the k-th neighbour, so that its tied ones need no order.
 * Cost: up to O(n^2 (d + d_x)) time for all k together; in few dimensions about n log n.
 * Limits: wherever T follows from X, as in a network without noise, the truth is infinite and the
 *   value grows as log n: flagged IP_FLAG_INVALID when rows of equal x always have equal t (so
 *   also when all x differ), unless the sample is known to be noisy. Equal values in X or T have
 *   no density: IP_FLAG_TIES. Far too low for strong dependence (n below exp I) and in more than
 *   about five dimensions at 1000 rows: IP_FLAG_INVALID, as far as the rows show it. Inputs of
 *   zeros and ones are all equally far from one another in this norm: the value then says
 *   nothing of them.
 * Checked by: tests/info/test_estimator_ksg.c, tests/info/test_neighbours_numpy.py. */
#include "info/knn.h"
#include <math.h>

/* What equal rows tell of the sample: those equal in X or T have no density; where those equal in X
 * are equal in T, T follows from X unless it is known not to. */
static unsigned flags_of(const ip_space *space, bool is_noisy)
{
    bool has_ties = false, is_function = !is_noisy;
    for (size_t i = 0; i < space->n; i++) {
        has_ties |= space->equals[IP_FIRST][i] > 1 || space->equals[IP_SECOND][i] > 1;
        is_function &= space->equals[IP_N_PARTS][i] == space->equals[IP_FIRST][i];
    }
    const bool is_sparse = ip_knn_is_sparse(space->n, space->d[IP_FIRST]) ||
                           ip_knn_is_sparse(space->n, space->d[IP_SECOND]);
    return (has_ties ? IP_FLAG_TIES : 0U) | (is_function || is_sparse ? IP_FLAG_INVALID : 0U);
}

/* psi(n_x + 1) + psi(n_t + 1) of the row at hand, n_x others being nearer than e in X; the counts
 * have the row itself in them, unless e is 0. */
static double in_cube(ip_knn *knn, size_t k)
{
    const double e = knn->space.nearest[k];
    const size_t with_x = ip_space_count_below(&knn->space, IP_FIRST, e);
    const size_t with_t = ip_space_count_below(&knn->space, IP_SECOND, e);
    return knn->psi[with_x > 0 ? with_x : 1] + knn->psi[with_t > 0 ? with_t : 1];
}

/* psi(n_x) + psi(n_t), n_x others being as near as e_x: as the k nearest are in X. */
static double in_rectangle(ip_knn *knn, size_t k)
{
    double e[IP_N_PARTS];
    ip_space_reach(&knn->space, knn->space.nearest[k], e);
    return knn->psi[ip_space_count_within(&knn->space, IP_FIRST, e[IP_FIRST]) - 1] +
           knn->psi[ip_space_count_within(&knn->space, IP_SECOND, e[IP_SECOND]) - 1];
}

static bool is_rectangle(const ip_request *request)
{
    return ((const ip_neighbours_options *)request->options)->variant == 2;
}

/* out->i_xt = the sum over the rows of what the counts give. */
static void sum_rows(ip_knn *knn, const ip_request *requests, size_t n, ip_information *out)
{
    for (size_t r = 0; r < n; r++)
        out[r].i_xt = 0.0;
    for (size_t i = 0; i < knn->space.n; i++) {
        ip_space_look(&knn->space, i);
        for (size_t r = 0; r < n; r++) {
            const size_t k = ip_knn_k(&requests[r]);
            out[r].i_xt += is_rectangle(&requests[r]) ? in_rectangle(knn, k) : in_cube(knn, k);
        }
    }
}

static ip_status estimate(const ip_request *requests, size_t n, const ip_sample *sample,
                          void *scratch, ip_information *out, ip_error *err)
{
    ip_knn knn;
    IP_TRY(ip_knn_make(requests, n, sample, scratch, &knn, err));
    for (size_t r = 0; sample->x == NULL && r < n; r++)
        out[r].flags |= IP_FLAG_NOT_KNOWN;
    if (sample->x == NULL)
        return IP_OK;
    IP_TRY(ip_knn_take_x(sample, &knn, err));
    sum_rows(&knn, requests, n, out);
    knn.flags |= flags_of(&knn.space, sample->is_noisy);
    const size_t n_rows = knn.space.n;
    for (size_t r = 0; r < n; r++) {
        const size_t k = ip_knn_k(&requests[r]);
        const double of_k = knn.psi[k] - (is_rectangle(&requests[r]) ? 1.0 / (double)k : 0.0);
        out[r].i_xt = (of_k + knn.psi[n_rows] - out[r].i_xt / (double)n_rows) / M_LN2;
        out[r].flags |= knn.flags | ip_knn_limit(&knn, k, out[r].i_xt);
    }
    return IP_OK;
}

const ip_estimator ip_estimator_ksg = {
    .name = "ksg",
    .summary = "nearest neighbours of X and T together, for densities: I(X;T) only",
    .source = "Kraskov, Stoegbauer, Grassberger, Phys. Rev. E 69, 066138 (2004)",
    .limits = "infinite truth where T follows from X, as in every network without noise: grows as "
              "log n and is flagged invalid; few dimensions, n well above exp(I), equal weights; "
              "no ties: variant 1 counts what is nearer than the k-th neighbour, 2 what is not "
              "further than all that are as near as it",
    .fields = ip_knn_fields,
    .n_fields = IP_LENGTH(ip_knn_fields),
    .options_size = sizeof(ip_neighbours_options),
    .row_ns = 100,
    .pair_ns = 25,
    .least_rows = ip_knn_least_rows,
    .scratch_bytes = ip_knn_scratch_bytes,
    .estimate = estimate,
};
