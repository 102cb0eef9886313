/* knn.c - what the estimators from nearest neighbours ask for, and the space they look in */
#include "info/knn.h"
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

uint64_t ip_knn_least_rows(const void *options)
{
    return ((const ip_neighbours_options *)options)->k + 1;
}

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

/* Cuts the scratch up; how many bytes are taken. NULL: only counted. */
static size_t cut(char *scratch, const ip_sample *sizes, size_t k_most, ip_knn *knn)
{
    ip_cut at = {.base = scratch};
    ip_space_cut(&at, sizes->n, sizes->d_x, sizes->d, k_most, &knn->space);
    knn->psi = ip_cut_take(&at, sizes->n + 1, sizeof *knn->psi);
    knn->y = ip_cut_take(&at, sizes->n, sizeof *knn->y);
    knn->n_y = ip_cut_take(&at, sizes->c, sizeof *knn->n_y);
    return at.bytes;
}

size_t ip_knn_scratch_bytes(const ip_request *requests, size_t n, const ip_sample *sizes)
{
    ip_knn knn;
    const size_t most = most_neighbours(requests, n);
    return cut(NULL, sizes, most < sizes->n ? most : sizes->n, &knn);
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
    *knn = (ip_knn){.flags = 0};
    cut(scratch, sample, k_most, knn);
    for (size_t m = 1; m <= sample->n; m++)
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
    return bits > (knn->psi[knn->space.n] - knn->psi[k]) / M_LN2 - 1 ? IP_FLAG_INVALID : 0U;
}

ip_status ip_knn_take_x(const ip_sample *sample, ip_knn *knn, ip_error *err)
{
    const size_t n = sample->n;
    for (size_t i = 0; i < n * sample->d_x; i++) {
        if (!isfinite(sample->x[i]))
            return ip_fail(err, IP_ERR_NUMERIC,
                           "input %zu of %zu: expected a finite number, saw %g", i, n * sample->d_x,
                           sample->x[i]);
    }
    ip_space_put(&knn->space, IP_FIRST, n, sample->d_x, sample->x);
    ip_space_put(&knn->space, IP_SECOND, n, sample->d, sample->t);
    ip_space_take(n, &knn->space);
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

static void choose_labels(const ip_sample *sample, ip_knn *knn)
{
    const size_t c = sample->c;
    memset(knn->n_y, 0, c * sizeof *knn->n_y);
    for (size_t i = 0; i < sample->n; i++) {
        const double *p = sample->p_y_given_x + i * c;
        knn->y[i] = most_probable(c, p);
        knn->n_y[knn->y[i]]++;
        if (!is_certain(c, p))
            knn->flags |= IP_FLAG_INVALID;
    }
}

void ip_knn_take_y(const ip_sample *sample, bool only_shared, ip_knn *knn)
{
    ip_space *space = &knn->space;
    const size_t d = space->d[IP_SECOND];
    size_t kept = 0;
    choose_labels(sample, knn);
    space->d[IP_FIRST] = 1;
    ip_space_put(space, IP_SECOND, sample->n, sample->d, sample->t);
    for (size_t i = 0; i < sample->n; i++) {
        if (only_shared && knn->n_y[knn->y[i]] == 1)
            continue;
        memmove(space->rows[IP_SECOND] + kept * d, space->rows[IP_SECOND] + i * d,
                d * sizeof(double));
        space->rows[IP_FIRST][kept] = IP_FAR * knn->y[i];
        knn->y[kept++] = knn->y[i];
    }
    ip_space_take(kept, space);
}
