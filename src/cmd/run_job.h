/* run_job.h - one job between farm, lab and store: what the farm calls back during a run */
#ifndef RUN_JOB_H
#define RUN_JOB_H

#include "cmd/progress.h"
#include "cmd/walltime.h"
#include "infoplane/lock.h"
#include "infoplane/store.h"

/* What IP_COUNT_RUNNING of a pending row says, beside 0. */
enum { IP_RUNNING = 1, IP_RUNNING_ALONE = 2 };

/* What a rank knows of its run. */
typedef struct ip_run {
    const ip_plan *plan;
    const char *file;
    ip_store *store;
    char token[IP_TOKEN_SIZE]; /* of the lock rank 0 holds */
    size_t state_bytes;        /* of the largest checkpoint */
    int rank;
    bool sync;     /* checkpoints survive a power cut */
    bool on_trial; /* the job at hand is a suspect that runs by itself */
    double margin; /* seconds before the end of the walltime at which the run stops by itself */

    /* rank 0 only */
    ip_progress_line progress;
    ip_walltime walltime;
    double start_seconds; /* no job is begun with less left before that */
    double touched;       /* ip_clock when the lock was last touched */
    ip_error fault;       /* what was found then: the file is gone or another's */
} ip_run;

/* Fills the functions of farm, whose context is run. */
void ip_run_attach(ip_run *run, ip_farm *farm);

#endif
