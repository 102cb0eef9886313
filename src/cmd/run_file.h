/* run_file.h - the result file of a run: new or old, and what is left to do in it */
#ifndef RUN_FILE_H
#define RUN_FILE_H

#include "cmd/input.h"

typedef struct ip_run_flags {
    const char *spec, *file;
    ip_texts overrides;
    bool sync, isolate;
} ip_run_flags;

/* Jobs to do, longest first. */
typedef struct ip_worklist {
    uint64_t *numbers;
    double *costs;
    size_t n;
    size_t failed; /* rows that failed in an earlier run */
} ip_worklist;

/* Creates the file, or checks that it was made from the same plan with the same arithmetic, and
 * lists the rows that are not committed. The caller frees worklist's arrays, also after a failure.
 * Collective: no (rank 0). Errors: IP_ERR_SPEC (another plan, told on stderr), IP_ERR_CREATE,
 * IP_ERR_IO, IP_ERR_MEMORY. */
ip_status ip_run_prepare(const ip_run_flags *flags, const ip_input *input, ip_worklist *worklist,
                         ip_error *err);

#endif
