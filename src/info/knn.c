/* knn.c - rows of distances for the estimators from nearest neighbours
 *
 * Cost of a row: O(n (d + d_x)) and about n for the neighbours, by brute force. */
#include "info/knn.h"
#include "infoplane/neighbours.h"
#include "infoplane/special.h"
#include <math.h>
#include <string.h>

const ip_field ip_knn_fields[2] = {
    {
        .key = "k",
        .kind = IP_KIND_COUNT,
        .offset = offsetof(ip_neighbours_options, k),
        .min = 1,
        .max = 1e6,
        .default_text = "3",
        .flags = IP_FIELD_MANY,
        .unit = "",
        .help = "number of nearest neighbours",
    },
    {
        .key = "variant",
        .kind = IP_KIND_COUNT,
        .offset = offsetof(ip_neighbours_options, variant),
        .min = 1,
        .max = 2,
        .default_text = "1",
        .unit = "",
        .help = "1 counts in cubes, 2 in rectangles",
    },
};

static bool is_ours(const ip_request *request)
{
    return request->estimator->scratch_bytes == ip_knn_scratch_bytes;
}

/* The most neighbours asked for. */
static size_t most_neighbours(const ip_request *requests, size_t n)
{
    size_t most = 0;
    for (size_t r = 0; r < n; r++) {
        if (is_ours(&requests[r]) && ip_knn_k(&requests[r]) > most)
            most = ip_knn_k(&requests[r]);
    }
    return most;
}

size_t ip_knn_scratch_bytes(const ip_request *requests, size_t n, const ip_sample *sizes)
{
    const size_t most = most_neighbours(requests, n);
    const size_t n_nearest = (most < sizes->n ? most : sizes->n) + 1;
    const size_t n_doubles = (sizes->d + sizes->d_x + 3) * sizes->n + n_nearest + sizes->n + 1;
    return n_doubles * sizeof(double) + (sizes->n + sizes->c) * sizeof(uint32_t);
}

static ip_knn cut(void *scratch, const ip_sample *sample, size_t k_most)
{
    const size_t n = sample->n;
    ip_knn knn = {.n = n, .d = sample->d, .d_x = sample->d_x, .k_most = k_most, .t = scratch};
    knn.x = knn.t + knn.d * n;
    knn.dt = knn.x + knn.d_x * n;
    knn.dx = knn.dt + n;
    knn.joint = knn.dx + n;
    knn.nearest = knn.joint + n;
    knn.psi = knn.nearest + k_most + 1;
    knn.y = (uint32_t *)(void *)(knn.psi + n + 1);
    knn.n_y = knn.y + n;
    return knn;
}

static bool is_uniform(size_t n, const double *p)
{
    for (size_t i = 1; i < n; i++) {
        if (p[i] != p[0])
            return false;
    }
    return true;
}

ip_status ip_knn_make(const ip_request *requests, size_t n, const ip_sample *sample, void *scratch,
                      ip_knn *knn, ip_error *err)
{
    const size_t k_most = most_neighbours(requests, n);
    if (k_most >= sample->n)
        return ip_fail(err, IP_ERR_NUMERIC,
                       "k = %zu neighbours: expected more rows than that, saw %zu", k_most,
                       sample->n);
    *knn = cut(scratch, sample, k_most);
    ip_points_by_coordinate(knn->n, knn->d, sample->t, knn->t);
    for (size_t m = 1; m <= knn->n; m++)
        knn->psi[m] = ip_digamma((double)m);
    if (!is_uniform(sample->n, sample->p_x))
        knn->flags |= IP_FLAG_INVALID;
    return IP_OK;
}

bool ip_knn_is_sparse(size_t n, size_t d)
{
    return (double)d * log(3.5) > log((double)n);
}

unsigned ip_knn_limit(const ip_knn *knn, size_t k, double bits)
{
    return bits > (knn->psi[knn->n] - knn->psi[k]) / M_LN2 - 1 ? IP_FLAG_INVALID : 0U;
}

ip_status ip_knn_take_x(const ip_sample *sample, ip_knn *knn, ip_error *err)
{
    for (size_t i = 0; i < knn->n * knn->d_x; i++) {
        if (!isfinite(sample->x[i]))
            return ip_fail(err, IP_ERR_NUMERIC,
                           "input %zu of %zu: expected a finite number, saw %g", i,
                           knn->n * knn->d_x, sample->x[i]);
    }
    ip_points_by_coordinate(knn->n, knn->d_x, sample->x, knn->x);
    return IP_OK;
}

static uint32_t most_probable(size_t c, const double *p)
{
    size_t best = 0;
    for (size_t y = 1; y < c; y++)
        best = p[y] > p[best] ? y : best;
    return (uint32_t)best;
}

static bool is_certain(size_t c, const double *p)
{
    for (size_t y = 0; y < c; y++) {
        if (p[y] > 0.0 && p[y] < 1.0)
            return false;
    }
    return true;
}

void ip_knn_take_y(const ip_sample *sample, ip_knn *knn)
{
    const size_t c = sample->c;
    memset(knn->n_y, 0, c * sizeof *knn->n_y);
    for (size_t i = 0; i < knn->n; i++) {
        const double *p = sample->p_y_given_x + i * c;
        knn->y[i] = most_probable(c, p);
        knn->n_y[knn->y[i]]++;
        if (!is_certain(c, p))
            knn->flags |= IP_FLAG_INVALID;
    }
}

void ip_knn_distances_t(const ip_knn *knn, size_t i)
{
    ip_max_distances(knn->n, knn->d, knn->t, i, knn->dt);
}

void ip_knn_distances_x(const ip_knn *knn, size_t i)
{
    ip_max_distances(knn->n, knn->d_x, knn->x, i, knn->dx);
}

void ip_knn_distances_y(const ip_knn *knn, size_t i)
{
    for (size_t j = 0; j < knn->n; j++)
        knn->dx[j] = knn->y[j] == knn->y[i] ? 0.0 : (double)INFINITY;
}

void ip_knn_join(const ip_knn *knn)
{
    ip_max_of(knn->n, knn->dx, knn->dt, knn->joint);
    ip_smallest(knn->n, knn->joint, knn->k_most + 1, knn->nearest);
}
