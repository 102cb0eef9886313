/* run_file.h - the result file of a run: new, old or grown */
#ifndef RUN_FILE_H
#define RUN_FILE_H

#include "cmd/input.h"
#include "cmd/run_list.h"

typedef struct ip_run_flags {
    const char *spec, *file;
    ip_texts overrides;
    ip_shard shard;
    double checkpoint; /* seconds between two of a job; 0 = only when the run stops */
    bool sync, isolate, break_lock;
} ip_run_flags;

/* Makes the file hold the plan's jobs in the plan's order, and judges those that were at work when
 * the last run ended without a word. Absent: it is created. Rows that are all
 * jobs of the plan: a new file takes them over and replaces the old one, which stays whole until
 * then. Else nothing is touched and the differences are told on stderr. The caller holds the lock.
 * Collective: no (rank 0). Errors: IP_ERR_SPEC (a row the plan does not name), IP_ERR_CREATE (not
 * ours, other kernels), IP_ERR_IO, IP_ERR_MEMORY. */
ip_status ip_run_prepare(const ip_run_flags *flags, const ip_input *input, ip_error *err);

/* Removes what runs that were killed left beside the file: checkpoints of jobs that are not
 * pending, temporary files. The caller holds the lock. Collective: no. Errors: IP_ERR_IO,
 * IP_ERR_MEMORY. */
ip_status ip_run_sweep(const char *file, ip_error *err);

#endif
