/* plugin_run.h - the plug-in engine on codes, with exactly the scratch it asks for */
#ifndef PLUGIN_RUN_H
#define PLUGIN_RUN_H

#include "infoplane/estimator.h"
#include <stdlib.h>

static inline ip_information plugin_corrected(const ip_sample *sample, ip_correction correction,
                                              const int64_t *codes)
{
    ip_information out = {.i_xt = -1.0, .i_ty = -1.0};
    void *scratch = malloc(ip_plugin_scratch_bytes(sample->n, sample->c));
    if (scratch == NULL)
        exit(EXIT_FAILURE);
    ip_symbols symbols;
    ip_plugin(sample, correction, codes, scratch, &symbols, &out);
    free(scratch);
    return out;
}

static inline ip_information plugin_run(const ip_sample *sample, const int64_t *codes)
{
    return plugin_corrected(sample, IP_CORRECTION_NONE, codes);
}

#endif
