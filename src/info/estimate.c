/* estimate.c - many values of one sample
 *
 * Requests of one estimator are handed over together, so that it can share work among them. Flags
 * that hold for every estimator are set here. */
#include "info/scratch.h"
#include "infoplane/estimator.h"
#include "infoplane/kernels.h"
#include <assert.h>
#include <math.h>

const ip_information ip_information_none = {
    .i_xt = (double)NAN,
    .i_ty = (double)NAN,
    .i_xt_se = (double)NAN,
    .i_ty_se = (double)NAN,
    .beta = (double)NAN,
    .beta_residual = (double)NAN,
};

/* The requests of one estimator, gathered. */
typedef struct group {
    ip_request requests[IP_MAX_REQUESTS];
    ip_information out[IP_MAX_REQUESTS];
    ip_counted last[IP_MAX_REQUESTS];
    size_t places[IP_MAX_REQUESTS]; /* in the caller's list */
    size_t n;
} group;

/* Gathers the requests of the estimator of the first. False when an earlier one had it gathered.
 * last: see ip_sample. */
static bool gather(const ip_request *requests, size_t n, size_t first, const ip_counted *last,
                   group *g)
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
        if (last != NULL)
            g->last[g->n] = last[k];
        g->out[g->n] = ip_information_none;
        g->places[g->n++] = k;
    }
    return true;
}

size_t ip_estimate_scratch_bytes(const ip_request *requests, size_t n, const ip_sample *sizes)
{
    assert(n <= IP_MAX_REQUESTS);
    group g;
    size_t most = 0;
    ip_cut at = {.base = NULL};
    (void)ip_cut_take(&at, ip_weighing_bytes(sizes->n, sizes->c), 1);
    for (size_t first = 0; first < n; first++) {
        if (!gather(requests, n, first, NULL, &g))
            continue;
        const size_t bytes = g.requests[0].estimator->scratch_bytes(g.requests, g.n, sizes);
        most = bytes > most ? bytes : most;
    }
    return at.bytes + most;
}

/* Finds the range of the activations, which shows whether all are finite. */
static ip_status check_finite(const ip_sample *sample, double *range, ip_error *err)
{
    const size_t n = sample->n * sample->d;
    if (ip_kernels_in_use()->find_range(n, sample->t, range))
        return IP_OK;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(sample->t[i]))
            return ip_fail(err, IP_ERR_NUMERIC,
                           "activation %zu of %zu: expected a finite number, saw %g", i, n,
                           sample->t[i]);
    }
    return IP_OK;
}

/* ---- flags that every value may have ---- */

/* Near H(X) a value tells inputs from one another and nothing of T; of drawn rows, not even how
 * many inputs there are. */
static unsigned ceiling_of(const ip_sample *sample, double h_x, double i_xt)
{
    const double near = 0.95;
    if (!isfinite(i_xt) || h_x <= 0 || i_xt < near * h_x)
        return 0;
    return IP_FLAG_CEILING | (sample->is_drawn ? IP_FLAG_INVALID : 0U);
}

static unsigned negative_of(const ip_information *out)
{
    const double rounding = -1e-12;
    return out->i_xt < rounding || out->i_ty < rounding ? IP_FLAG_NEGATIVE : 0U;
}

/* The requests of one estimator; a failure is told with its name. */
static ip_status estimate_group(group *g, const ip_sample *sample, void *scratch, ip_error *err)
{
    const ip_estimator *estimator = g->requests[0].estimator;
    ip_error inner;
    ip_sample own = *sample;
    own.last = sample->last != NULL ? g->last : NULL;
    const ip_status status = estimator->estimate(g->requests, g->n, &own, scratch, g->out, &inner);
    return status == IP_OK ? IP_OK : ip_fail(err, status, "%s: %s", estimator->name, inner.text);
}

/* Every estimator in turn, on a sample with its weighing. */
static ip_status estimate_all(const ip_request *requests, size_t n, const ip_sample *sample,
                              void *scratch, ip_information *out, ip_error *err)
{
    group g;
    for (size_t first = 0; first < n; first++) {
        if (!gather(requests, n, first, sample->last, &g))
            continue;
        IP_TRY(estimate_group(&g, sample, scratch, err));
        for (size_t k = 0; k < g.n; k++) {
            out[g.places[k]] = g.out[k];
            if (sample->last != NULL)
                sample->last[g.places[k]] = g.last[k];
        }
    }
    return IP_OK;
}

ip_status ip_estimate(const ip_request *requests, size_t n, const ip_sample *sample, void *scratch,
                      ip_information *out, ip_error *err)
{
    assert(n <= IP_MAX_REQUESTS);
    ip_sample weighed = *sample;
    ip_weighing own;
    double range[2];
    ip_cut at = {.base = scratch};
    void *weights = ip_cut_take(&at, ip_weighing_bytes(sample->n, sample->c), 1);
    IP_TRY(check_finite(sample, range, err));
    weighed.range = range;
    if (weighed.weighing == NULL) {
        own = ip_weighing_make(sample, weights);
        weighed.weighing = &own;
    }
    IP_TRY(estimate_all(requests, n, &weighed, at.base + at.bytes, out, err));
    for (size_t k = 0; k < n; k++)
        out[k].flags |=
            ceiling_of(sample, weighed.weighing->h_inputs, out[k].i_xt) | negative_of(&out[k]);
    return IP_OK;
}
