/* farm.h - n numbers to n workers, each computed in a child process
 *
 * Rank 0 hands out numbers; every rank, rank 0 too, is two processes: the parent speaks MPI and
 * commits results, a child forked for each number computes it into shared memory. So a crash, a
 * hang or an out-of-memory costs that number alone, and no core idles. Between two steps a child
 * can hand its state to its parent, from which a later attempt, or a later run, goes on. The farm
 * knows neither jobs nor files. */
#ifndef INFOPLANE_FARM_H
#define INFOPLANE_FARM_H

#include "infoplane/error.h"
#include <mpi.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- how a number begins and ends ---- */

/* What is known of a number before an attempt. */
typedef struct ip_start {
    int attempts;       /* lost in earlier runs */
    size_t state_bytes; /* of the state that begin copied into the room; 0 = none */
} ip_start;

/* How a number ended. */
typedef enum ip_outcome_kind {
    IP_OUTCOME_DONE,   /* compute returned IP_OK */
    IP_OUTCOME_FAILED, /* compute returned an error: a pure function would fail again, so no retry
                        */
    IP_OUTCOME_LOST /* the child died or was killed at every attempt; the result is to be ignored */
} ip_outcome_kind;

typedef struct ip_outcome {
    ip_outcome_kind kind;
    int attempts;   /* from 1; those lost in earlier runs count */
    double seconds; /* wall clock of the last attempt */
    double
        cpu_seconds; /* of the last attempt's child, from wait4; of the process when not isolated */
    uint64_t peak_bytes; /* its peak resident size */
    char reason[200];    /* "" when done; else one line: "signal 11 (Segmentation fault)", "exit
                            code 3", "ran longer than 5 s", "used more than 64 MiB of memory: 70.2
                            MiB at its peak", or compute's own text */
} ip_outcome;

/* How a run is asked to stop. */
typedef enum ip_stop {
    IP_STOP_NO,
    IP_STOP_SOON, /* there is time: running numbers get soon_seconds to give their state */
    IP_STOP_NOW   /* SIGKILL is near: now_seconds */
} ip_stop;

/* ---- compute's side: what it may ask and give ---- */

/* A number's way to its parent. */
typedef struct ip_port ip_port;

/* The state that a former attempt or run saved, and its length; NULL when compute starts from the
 * beginning. Valid until the first ip_port_room. */
const void *ip_port_saved(const ip_port *port, size_t *bytes);

/* Whether the parent wants the state now; cheap enough to be asked after every step. */
bool ip_port_is_asked(const ip_port *port);

/* Where to copy the state, farm->state_bytes long; only when asked. */
void *ip_port_room(ip_port *port);

/* Gives the first `bytes` of the room to the parent, who saves them; 0: there is nothing to save.
 * Only when asked, and the room is the parent's from here on. True: the run stops, and compute
 * returns IP_ERR_STOPPED. */
bool ip_port_give(ip_port *port, size_t bytes) IP_CHECKED;

/* ---- the farm ---- */

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
    const double *costs; /* (n) any unit, > 0; for the time left; NULL: all equal */
    const int *crowds;   /* (n) how many numbers may be at work while this one is, itself included;
                            from 1, descending. NULL: no limit */
    /* Rank 0: seconds until the run must have stopped by itself; at 0 it does (SOON), and no number
     * is dealt out with less than start_seconds left. Must be cheap: it is asked at every turn.
     * NULL: there is time. */
    double (*seconds_left)(void *context);
    double start_seconds;
    /* A rank of which rank 0 has heard nothing for so long ends the run; 0: never. Counts while
     * rank 0 is awake, so a job that is suspended and continued is not mistaken for one that
     * hangs. */
    double silence_seconds;

    /* the same on every rank */
    size_t result_bytes;
    size_t state_bytes; /* room for the state of a number; 0: none */
    /* Of memory that is shared with other ranks: what a child touches of it is not its own, and no
     * limit counts it. */
    size_t shared_bytes;
    void *context;
    /* Before each attempt, in the parent: may copy a state into room (state_bytes, aligned to a
     * page) and tells in *start, which is zeroed, what is known. alone: no other number is at work
     * (its crowd is 1). A failure ends the run like one of commit. May be NULL. */
    ip_status (*begin)(void *context, uint64_t number, bool alone, void *room, ip_start *start,
                       ip_error *err);
    /* Computes number into result (zeroed, result_bytes, aligned to a page). Runs in the child: no
     * MPI, no file. Must not touch stdout. Need not use the port. */
    ip_status (*compute)(void *context, uint64_t number, ip_port *port, void *result,
                         ip_error *err);
    /* Stores the result; runs in the parent of the rank that computed it. A failure ends the run on
     * all ranks: the text is printed, the others put their numbers back and get now_seconds, then
     * MPI_Abort with the exit code of the status. */
    ip_status (*commit)(void *context, uint64_t number, const ip_outcome *outcome,
                        const void *result, ip_error *err);
    /* A state has arrived in the parent, whole; it is borrowed. Cannot fail the run. May be NULL.
     */
    void (*save)(void *context, uint64_t number, const void *state, size_t bytes);
    /* An attempt was lost and another follows, which begin begins. A failure ends the run like one
     * of commit. May be NULL. */
    ip_status (*lost)(void *context, uint64_t number, const ip_outcome *outcome, ip_error *err);
    /* The run stops and the number, which begin was called for, may stay undone: called once, at
     * once, before its state is asked for; save and commit may still follow. A failure ends the run
     * like one of commit. May be NULL. */
    ip_status (*put_back)(void *context, uint64_t number, ip_error *err);
    /* Runs on the rank that ends the run for all; MPI_Abort follows. May be NULL. */
    void (*abandon)(void *context, const ip_error *err);
    /* Every rank, in compute's calls where numbers are not isolated: what else cannot wait for its
     * end. Must be cheap. May be NULL. */
    void (*look)(void *context);
    /* Rank 0, a few times a second while it waits; may be NULL. */
    void (*progress)(void *context, const ip_farm_progress *progress);
    int retries;          /* further attempts after a LOST one, over all runs; one is always made */
    double seconds_limit; /* one attempt, while its parent is awake; 0 = none */
    uint64_t memory_limit; /* bytes a child may add to its resident size, result and state included;
                              0 = none */
    bool isolate; /* false: compute runs in the parent (debuggers, sanitizers). No limits then, and
                     a number that runs hears only the flag of its own rank; nobody is judged by
                     silence. */
    /* Between two states of a running number; the first is asked for after a second, the next ones
     * whenever the attempt has doubled its age, until that takes so long. 0: only at the stop. */
    double checkpoint_seconds;
    double soon_seconds, now_seconds; /* what a running number gets at a stop to give its state or
                                         to end; then its child is killed */
    /* An ip_stop, which may rise but not fall. Not IP_STOP_NO: no new numbers; those at work are
     * put back, asked for their state, and ended. Any rank's flag stops all ranks. May be NULL. */
    const volatile sig_atomic_t *stop;
} ip_farm;

/* Runs the farm. Returns IP_OK when every number has ended one way or another, IP_ERR_STOPPED (on
 * every rank) when stopped before. *summary (may be NULL) is filled on rank 0. Collective over
 * comm; every rank calls it with the same limits and functions. The calling process must be
 * single-threaded in its own code. With one rank no message is sent. A rank that is silent too
 * long, or has not gone shortly after its time at a stop, ends the run: rank 0 names it and calls
 * MPI_Abort with the exit code of IP_ERR_STOPPED, for the same command continues. */
ip_status ip_farm_run(const ip_farm *farm, MPI_Comm comm, ip_farm_progress *summary,
                      ip_error *err) IP_CHECKED;

/* From now on this process ends itself with _exit(code) after so many seconds: for what may hang on
 * a rank that is stuck, such as a collective close or MPI_Finalize after the farm. A later call
 * replaces an earlier one; INFINITY takes it back. Uses SIGALRM. */
void ip_farm_leave_within(double seconds, int code);

/* What the ranks of comm on this rank's node have together. */
typedef struct ip_node {
    int ranks;
    int cores; /* that one or another of them may use */
    int own;   /* that this rank may use */
} ip_node;

/* Collective over comm. */
ip_node ip_node_of(MPI_Comm comm);

/* "Open MPI v4.1.4" in a buffer of the library. Collective: no; MPI need not be initialised. */
const char *ip_mpi_version(void);

/* Broadcasts the error of rank 0 to all ranks and returns its status: what was met on rank 0 before
 * the farm makes all ranks leave by the same path. Collective over comm. */
ip_status ip_agree(MPI_Comm comm, ip_error *err) IP_CHECKED;

#endif
