/* estimate.c - many values of one sample
 *
 * Requests of one estimator are handed over together, so that it can share work among them. Flags
 * that hold for every estimator are set here. */
#include "infoplane/estimator.h"
#include <math.h>
#include <string.h>

const ip_information ip_information_none = {
    .i_xt = (double)NAN, .i_ty = (double)NAN, .i_xt_se = (double)NAN, .i_ty_se = (double)NAN};

/* The requests of one estimator, gathered. */
typedef struct group {
    ip_request *requests;
    ip_information *out;
    size_t *places; /* in the caller's list */
    size_t n;
    char *rest; /* of the scratch */
} group;

static size_t padded(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

static group cut(void *scratch, size_t n)
{
    group g = {.requests = scratch};
    char *bytes = scratch;
    bytes += padded(n * sizeof *g.requests);
    g.out = (ip_information *)(void *)bytes;
    bytes += padded(n * sizeof *g.out);
    g.places = (size_t *)(void *)bytes;
    g.rest = bytes + padded(n * sizeof *g.places);
    return g;
}

/* Gathers the requests of the estimator. False when an earlier request has its turn for it. */
static bool gather(const ip_request *requests, size_t n, size_t first, group *g)
{
    const ip_estimator *estimator = requests[first].estimator;
    for (size_t k = 0; k < first; k++) {
        if (requests[k].estimator == estimator)
            return false;
    }
    g->n = 0;
    for (size_t k = first; k < n; k++) {
        if (requests[k].estimator != estimator)
            continue;
        g->requests[g->n] = requests[k];
        g->out[g->n] = ip_information_none;
        g->places[g->n++] = k;
    }
    return true;
}

size_t ip_estimate_scratch_bytes(const ip_request *requests, size_t n, const ip_sample *sizes)
{
    size_t most = 0;
    for (size_t first = 0; first < n; first++) {
        const size_t bytes = requests[first].estimator->scratch_bytes(requests, n, sizes);
        most = bytes > most ? bytes : most;
    }
    return (size_t)(cut(NULL, n).rest - (char *)NULL) + most;
}

static ip_status check_finite(const ip_sample *sample, ip_error *err)
{
    for (size_t i = 0; i < sample->n * sample->d; i++) {
        if (!isfinite(sample->t[i]))
            return ip_fail(err, IP_ERR_NUMERIC,
                           "activation %zu of %zu: expected a finite number, saw %g", i,
                           sample->n * sample->d, sample->t[i]);
    }
    return IP_OK;
}

static void flag_negative(ip_information *out)
{
    if (out->i_xt < 0 || out->i_ty < 0)
        out->flags |= IP_FLAG_NEGATIVE;
}

ip_status ip_estimate(const ip_request *requests, size_t n, const ip_sample *sample, void *scratch,
                      ip_information *out, ip_error *err)
{
    group g = cut(scratch, n);
    IP_TRY(check_finite(sample, err));
    for (size_t first = 0; first < n; first++) {
        if (!gather(requests, n, first, &g))
            continue;
        IP_TRY(requests[first].estimator->estimate(g.requests, g.n, sample, g.rest, g.out, err));
        for (size_t k = 0; k < g.n; k++) {
            flag_negative(&g.out[k]);
            out[g.places[k]] = g.out[k];
        }
    }
    return IP_OK;
}
