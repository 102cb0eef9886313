/* neighbours_run.h - samples for the estimators from nearest neighbours, and one value of each */
#ifndef NEIGHBOURS_RUN_H
#define NEIGHBOURS_RUN_H

#include "check.h"
#include "infoplane/estimator.h"
#include "infoplane/random.h"

enum { RUN_N = 1000, RUN_D = 12, RUN_C = 8 };

/* A sample that owns its numbers. */
typedef struct rows {
    ip_sample sample; /* points into the arrays below */
    double t[RUN_N * RUN_D], x[RUN_N * RUN_D], p_x[RUN_N], p_y[RUN_N * RUN_C];
} rows;

/* n equally likely rows, all numbers 0, all of label 0. */
static inline void rows_clear(rows *r, size_t n, size_t d_x, size_t d, size_t c)
{
    memset(r, 0, sizeof *r);
    r->sample = (ip_sample){.n = n,
                            .d = d,
                            .c = c,
                            .t = r->t,
                            .p_x = r->p_x,
                            .p_y_given_x = r->p_y,
                            .d_x = d_x,
                            .x = r->x};
    for (size_t i = 0; i < n; i++) {
        r->p_x[i] = 1.0 / (double)n;
        r->p_y[i * c] = 1.0;
    }
}

static inline void rows_label(rows *r, size_t i, size_t y)
{
    memset(r->p_y + i * r->sample.c, 0, r->sample.c * sizeof *r->p_y);
    r->p_y[i * r->sample.c + y] = 1.0;
}

static inline ip_status neighbours_try(const ip_estimator *estimator, uint64_t k, uint64_t variant,
                                       const ip_sample *sample, ip_information *out, ip_error *err)
{
    const ip_neighbours_options options = {k, variant};
    const ip_request request = {estimator, &options, 0};
    const size_t bytes = ip_estimate_scratch_bytes(&request, 1, sample);
    void *scratch = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (scratch == NULL)
        exit(EXIT_FAILURE);
    memset(scratch, 0xff, bytes); /* NaN wherever it is read before it is written */
    const ip_status status = ip_estimate(&request, 1, sample, scratch, out, err);
    free(scratch);
    return status;
}

static inline ip_information neighbours_run(const ip_estimator *estimator, uint64_t k,
                                            uint64_t variant, const rows *r)
{
    ip_information out = ip_information_none;
    ip_error err = {0};
    CHECK(neighbours_try(estimator, k, variant, &r->sample, &out, &err) == IP_OK);
    CHECK_STR(err.text, "");
    return out;
}

#endif
