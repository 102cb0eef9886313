/* farm.h - n numbers to n workers, each computed in a child process
 *
 * Rank 0 hands out numbers; every rank, rank 0 too, is two processes: the parent speaks MPI and
 * commits results, a child forked for each number computes it into shared memory. So a crash, a
 * hang or an out-of-memory costs that number alone, and no core idles. The farm knows neither jobs
 * nor files. */
#ifndef INFOPLANE_FARM_H
#define INFOPLANE_FARM_H

#include "infoplane/error.h"
#include <mpi.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a number ended. */
typedef enum ip_outcome_kind {
    IP_OUTCOME_DONE,   /* compute returned IP_OK */
    IP_OUTCOME_FAILED, /* compute returned an error: a pure function would fail again, so no retry
                        */
    IP_OUTCOME_LOST /* the child died or was killed at every attempt; the result is to be ignored */
} ip_outcome_kind;

typedef struct ip_outcome {
    ip_outcome_kind kind;
    int attempts;   /* from 1 */
    double seconds; /* wall clock of the last attempt */
    double
        cpu_seconds; /* of the last attempt's child, from wait4; of the process when not isolated */
    uint64_t peak_bytes; /* its peak resident size */
    char reason[200]; /* "" when done; else one line: "signal 11 (Segmentation fault)", "exit code
                         3", "ran longer than 5 s", "used more than 64 MiB of memory", or compute's
                         own text */
} ip_outcome;

typedef struct ip_farm_progress {
    size_t total, done, failed, running; /* numbers; failed counts FAILED and LOST, done the rest */
    double seconds;                      /* since the farm began */
    double seconds_left;                 /* by cost; NaN until the first number has ended */
    const void *running_result; /* the result being computed by rank 0's own child, or NULL */
    uint64_t running_number;
} ip_farm_progress;

typedef struct ip_farm {
    /* rank 0 only: what to do, in this order */
    size_t n;
    const uint64_t *numbers;
    const double *costs; /* any unit, > 0; for seconds_left; NULL: all equal */

    /* the same on every rank */
    size_t result_bytes;
    void *context;
    /* Computes number into result (zeroed, result_bytes, aligned to a page). Runs in the child: no
     * MPI, no file. Must not touch stdout. */
    ip_status (*compute)(void *context, uint64_t number, void *result, ip_error *err);
    /* Stores the result; runs in the parent of the rank that computed it. A failure ends the run on
     * all ranks (MPI_Abort with the exit code of the status, after the text was printed). */
    ip_status (*commit)(void *context, uint64_t number, const ip_outcome *outcome,
                        const void *result, ip_error *err);
    /* Rank 0, a few times a second while it waits; may be NULL. */
    void (*progress)(void *context, const ip_farm_progress *progress);
    int retries;           /* further attempts after a LOST one */
    double seconds_limit;  /* wall clock of one attempt; 0 = none */
    uint64_t memory_limit; /* bytes a child may add to its resident size; 0 = none */
    bool isolate;          /* false: compute runs in the parent (debuggers, sanitizers) */
    const volatile sig_atomic_t
        *stop; /* not 0: no new numbers, running children are ended, their numbers
                  stay undone. Any rank's flag stops all ranks. May be NULL. */
} ip_farm;

/* Runs the farm. Returns IP_OK when every number has ended one way or another, IP_ERR_STOPPED (on
 * every rank) when stopped before. *summary (may be NULL) is filled on rank 0. Collective over
 * comm; every rank calls it with the same limits and functions. The calling process must be
 * single-threaded in its own code. With one rank no message is sent. */
ip_status ip_farm_run(const ip_farm *farm, MPI_Comm comm, ip_farm_progress *summary,
                      ip_error *err) IP_CHECKED;

/* "Open MPI v4.1.4" in a buffer of the library. Collective: no; MPI need not be initialised. */
const char *ip_mpi_version(void);

/* Broadcasts the error of rank 0 to all ranks and returns its status: what was met on rank 0 before
 * the farm makes all ranks leave by the same path. Collective over comm. */
ip_status ip_agree(MPI_Comm comm, ip_error *err) IP_CHECKED;

#endif
