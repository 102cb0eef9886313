/* plugin_run.h - the plug-in engine on codes, with exactly the scratch it asks for */
#ifndef PLUGIN_RUN_H
#define PLUGIN_RUN_H

#include "infoplane/estimator.h"
#include <stdlib.h>

static inline ip_information plugin_counted(const ip_sample *sample, ip_correction correction,
                                            const ip_codes *codes)
{
    ip_information out = {.i_xt = -1.0, .i_ty = -1.0};
    void *scratch = malloc(ip_plugin_scratch_bytes(sample->n, sample->c));
    void *memory = malloc(ip_weighing_bytes(sample->n, sample->c));
    if (scratch == NULL || memory == NULL)
        exit(EXIT_FAILURE);
    ip_weighing weighing = ip_weighing_make(sample, memory);
    ip_symbols symbols;
    ip_plugin(sample, &weighing, correction, codes, scratch, &symbols, &out);
    free(scratch);
    free(memory);
    return out;
}

static inline ip_information plugin_corrected(const ip_sample *sample, ip_correction correction,
                                              const int64_t *codes)
{
    int64_t *wide = malloc((sample->n * sample->d + 1) * sizeof *wide);
    if (wide == NULL)
        exit(EXIT_FAILURE);
    for (size_t i = 0; i < sample->n * sample->d; i++)
        wide[i] = codes[i];
    const ip_information out =
        plugin_counted(sample, correction, &(ip_codes){.wide = wide, .bits = 64});
    free(wide);
    return out;
}

static inline ip_information plugin_run(const ip_sample *sample, const int64_t *codes)
{
    return plugin_corrected(sample, IP_CORRECTION_NONE, codes);
}

#endif
