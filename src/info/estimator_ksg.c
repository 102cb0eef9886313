/* estimator_ksg.c - I(X;T) from nearest neighbours, without bins
 *
 * What: I(X;T) of the n rows as draws from a density of X and T together, by counting in each
 *   space the rows within the distance of the k-th neighbour in both, in the maximum norm. Y is
 *   discrete: I(T;Y) stays NaN.
 * Source: Kraskov, Stoegbauer, Grassberger, "Estimating mutual information", Phys. Rev. E 69,
 *   066138 (2004), Eqs. 8 and 9; their letters. Deviation: the rectangle of variant 2 holds all
 *   rows as near as the k-th neighbour, so that its tied ones need no order.
 * Cost: O(n^2 (d + d_x)) time for all k together.
 * Limits: wherever T follows from X, as in a network without noise, the truth is infinite and the
 *   value grows as log n: flagged IP_FLAG_INVALID when rows of equal x always have equal t (so
 *   also when all x differ, where nothing tells a function from chance). Equal values in X or T
 *   have no density: IP_FLAG_TIES. Far too low for strong dependence (n below exp I) and in more
 *   than about five dimensions at 1000 rows: IP_FLAG_INVALID, as far as the rows show it. Inputs of
 * zeros and ones are all equally far from one another in this norm: the value then says nothing of
 * them. Checked by: tests/info/test_estimator_ksg.c, tests/info/test_neighbours_numpy.py. */
#include "info/knn.h"
#include "infoplane/neighbours.h"
#include <math.h>

/* What the distances of the rows seen so far tell of the sample. */
typedef struct sight {
    bool has_ties;    /* two rows are equal in X or in T */
    bool is_function; /* rows equal in X are equal in T */
} sight;

static void look(const ip_knn *knn, sight *seen)
{
    const size_t n_x = ip_count_within(knn->n, knn->dx, 0.0);
    const size_t n_t = ip_count_within(knn->n, knn->dt, 0.0);
    seen->has_ties |= n_x > 1 || n_t > 1;
    seen->is_function &= ip_count_within(knn->n, knn->joint, 0.0) == n_x;
}

/* psi(n_x + 1) + psi(n_t + 1) of the row at hand, n_x others being nearer than e in X; the counts
 * have the row itself in them, unless e is 0. */
static double in_cube(const ip_knn *knn, size_t k)
{
    const double e = knn->nearest[k];
    const size_t with_x = ip_count_below(knn->n, knn->dx, e);
    const size_t with_t = ip_count_below(knn->n, knn->dt, e);
    return knn->psi[with_x > 0 ? with_x : 1] + knn->psi[with_t > 0 ? with_t : 1];
}

/* psi(n_x) + psi(n_t), n_x others being as near as e_x: as the k nearest are in X. */
static double in_rectangle(const ip_knn *knn, size_t k)
{
    double e_x = 0.0;
    double e_t = 0.0;
    for (size_t j = 0; j < knn->n; j++) {
        if (knn->joint[j] <= knn->nearest[k]) {
            e_x = fmax(e_x, knn->dx[j]);
            e_t = fmax(e_t, knn->dt[j]);
        }
    }
    return knn->psi[ip_count_within(knn->n, knn->dx, e_x) - 1] +
           knn->psi[ip_count_within(knn->n, knn->dt, e_t) - 1];
}

static bool is_rectangle(const ip_request *request)
{
    return ((const ip_neighbours_options *)request->options)->variant == 2;
}

/* out->i_xt = the sum over the rows of what the counts give. */
static sight sum_rows(const ip_knn *knn, const ip_request *requests, size_t n, ip_information *out)
{
    sight seen = {.is_function = true};
    for (size_t i = 0; i < knn->n; i++) {
        ip_knn_distances_x(knn, i);
        ip_knn_distances_t(knn, i);
        ip_knn_join(knn);
        look(knn, &seen);
        for (size_t r = 0; r < n; r++) {
            const size_t k = ip_knn_k(&requests[r]);
            out[r].i_xt += is_rectangle(&requests[r]) ? in_rectangle(knn, k) : in_cube(knn, k);
        }
    }
    return seen;
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
    for (size_t r = 0; r < n; r++)
        out[r].i_xt = 0.0;
    const sight seen = sum_rows(&knn, requests, n, out);
    const bool is_sparse = ip_knn_is_sparse(knn.n, knn.d) || ip_knn_is_sparse(knn.n, knn.d_x);
    knn.flags |= (seen.has_ties ? IP_FLAG_TIES : 0U) |
                 (seen.is_function || is_sparse ? IP_FLAG_INVALID : 0U);
    for (size_t r = 0; r < n; r++) {
        const size_t k = ip_knn_k(&requests[r]);
        const double of_k = knn.psi[k] - (is_rectangle(&requests[r]) ? 1.0 / (double)k : 0.0);
        out[r].i_xt = (of_k + knn.psi[knn.n] - out[r].i_xt / (double)knn.n) / M_LN2;
        out[r].flags |= knn.flags | ip_knn_limit(&knn, k, out[r].i_xt);
    }
    return IP_OK;
}

const ip_estimator ip_estimator_ksg = {
    .name = "ksg",
    .summary = "nearest neighbours of X and T together, for densities: I(X;T) only",
    .source = "Kraskov, Stoegbauer, Grassberger, Phys. Rev. E 69, 066138 (2004)",
    .limits = "infinite truth where T follows from X, as in every network without noise: grows as "
              "log n and is flagged invalid; no ties, few dimensions, n well above exp(I); "
              "equal weights",
    .fields = ip_knn_fields,
    .n_fields = IP_LENGTH(ip_knn_fields),
    .options_size = sizeof(ip_neighbours_options),
    .row_ns = 100,
    .pair_ns = 25,
    .scratch_bytes = ip_knn_scratch_bytes,
    .estimate = estimate,
};
