/* run_list.h - what is left to do in a result file, and in which order */
#ifndef RUN_LIST_H
#define RUN_LIST_H

#include "infoplane/store.h"

/* Rows with job mod n = index - 1; {1, 1} is all of them. */
typedef struct ip_shard {
    long index, n;
} ip_shard;

/* Jobs to do: the longest first, then the suspects, those of least suspicion first. */
typedef struct ip_worklist {
    uint64_t *numbers;
    double *costs;
    int *crowds; /* most jobs at work at once while this one is */
    size_t n;
    size_t n_rows;              /* of the shard */
    size_t failed, quarantined; /* rows of the shard committed so by earlier runs */
    size_t n_damaged;           /* rows to do that were committed once */
} ip_worklist;

/* Judges the jobs that were at work when the last run ended without a word. retries: strikes a job
 * may have.
 *
 * A job that was at work is a suspect; one that was alone on trial, and saved nothing since it
 * began there, gets a strike, for then nothing shows that it gets on; at retries + 1 strikes its
 * row is quarantined. A job on trial is asked for its state after a second, so it is struck only by
 * an end that came sooner: a run that is killed as a whole costs the innocent no more than some
 * waiting. One that always dies at the same point comes closer to it with every run, until it is
 * within the second. The caller holds the file's lock. Collective: no (rank 0, under MPI). Errors:
 * IP_ERR_MEMORY, IP_ERR_IO, IP_ERR_CREATE. */
ip_status ip_suspects_judge(const char *file, int retries, ip_error *err) IP_CHECKED;

/* Lists what is not committed. size: ranks of this run.
 *
 * A suspect of suspicion s shares the farm with at most size / 4^s jobs, itself counted, at least
 * itself: so whatever takes its rank down is alone within log4(size) runs.
 *
 * Warns of rows whose checksum does not hold and puts them back: they are run again. The caller
 * holds the file's lock and releases worklist, also after a failure. Collective: no (rank 0, under
 * MPI). Errors: IP_ERR_MEMORY, IP_ERR_IO, IP_ERR_CREATE. */
ip_status ip_worklist_make(ip_worklist *worklist, const char *file, const ip_plan *plan,
                           ip_shard shard, int size, ip_error *err) IP_CHECKED;
void ip_worklist_release(ip_worklist *worklist);

#endif
