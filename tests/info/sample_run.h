/* sample_run.h - one request of any estimator, with exactly the scratch it asks for */
#ifndef SAMPLE_RUN_H
#define SAMPLE_RUN_H

#include "infoplane/estimator.h"
#include <stdlib.h>

static inline ip_status sample_try(const ip_estimator *estimator, const void *options,
                                   const ip_sample *sample, ip_information *out, ip_error *err)
{
    const ip_request request = {estimator, options, 0};
    const size_t bytes = ip_estimate_scratch_bytes(&request, 1, sample);
    void *scratch = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (scratch == NULL)
        exit(EXIT_FAILURE);
    const ip_status status = ip_estimate(&request, 1, sample, scratch, out, err);
    free(scratch);
    return status;
}

/* NaN and no flags when that fails. */
static inline ip_information sample_run(const ip_estimator *estimator, const void *options,
                                        const ip_sample *sample)
{
    ip_information out = ip_information_none;
    ip_error err;
    if (sample_try(estimator, options, sample, &out, &err) != IP_OK)
        return ip_information_none;
    return out;
}

#endif
