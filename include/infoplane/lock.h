/* lock.h - one writer at a time: FILE.lock
 *
 * Neither HDF5 nor MPI-IO keeps two runs from writing one file. The writer holds FILE.lock, a small
 * text that says who it is; link(2) makes it, which is atomic on network file systems too. Readers
 * need no lock and are never locked out. A lock whose holder is gone is stale and taken over.
 *
 * `path` is always the result file, with or without a folder; of a symbolic link, the file it leads
 * to is locked. Beside it stand for moments FILE.lock.* (temporary names and claims to a stale
 * lock); what a process that was killed leaves of them, a later holder removes. */
#ifndef INFOPLANE_LOCK_H
#define INFOPLANE_LOCK_H

#include "infoplane/error.h"
#include <stdbool.h>
#include <stdint.h>

enum { IP_TOKEN_SIZE = 128 };

/* Who holds a lock. A text without blanks, "" = not known. */
typedef struct ip_lock_owner {
    char host[64];
    char boot[40]; /* identity of the host's boot */
    long pid;
    uint64_t start;            /* ticks from boot to the start of the process */
    char pid_space[32];        /* of its pid namespace: the pids of another cannot be looked up */
    char slurm_cluster[64];    /* SLURM_CLUSTER_NAME: job ids are unique on one cluster only */
    char slurm_job[32];        /* SLURM_JOB_ID, "" = none */
    long slurm_restart;        /* SLURM_RESTART_COUNT, 0 = none */
    char since[32];            /* UTC, ISO 8601 */
    char token[IP_TOKEN_SIZE]; /* differs for every taking */
} ip_lock_owner;

typedef enum ip_lock_state {
    IP_LOCK_FREE,
    IP_LOCK_HELD, /* the holder lives, or cannot be asked and touched the lock lately */
    IP_LOCK_STALE /* the holder is gone */
} ip_lock_state;

/* Takes the lock; token (IP_TOKEN_SIZE) then names this holding. A stale lock is taken over, with a
 * warning. One held by a living process of this host is waited for a few seconds, because a run
 * that was killed takes a moment to die. break_it: a lock that is held is taken all the same, with
 * a warning. Errors: IP_ERR_CREATE, naming host, pid, SLURM job and since when, or why the lock
 * cannot be made (no such folder, no permission); IP_ERR_IO (disk full). On an error token is
 * untouched. Collective: no (rank 0 calls it). */
ip_status ip_lock_take(const char *path, bool break_it, char *token, ip_error *err) IP_CHECKED;

/* Whether the lock is still ours, read afresh: a few system calls when it is. What cannot be read
 * is tried again for a tenth of a second. Any process that knows the token may ask. */
bool ip_lock_is_ours(const char *path, const char *token);

/* Shows other hosts that the holder lives, when the lock is ours; to be called every
 * IP_LOCK_TOUCH_SECONDS. A holder that cannot be asked counts as gone when it has not touched its
 * lock for IP_LOCK_OLD_SECONDS, by the clock of the file system. */
enum { IP_LOCK_TOUCH_SECONDS = 30, IP_LOCK_OLD_SECONDS = 600 };
void ip_lock_touch(const char *path, const char *token);

/* Removes the lock when it is ours. */
void ip_lock_release(const char *path, const char *token);

/* Looks without taking. *owner is filled unless the lock is free; all but its token is empty when
 * the lock's text cannot be understood. May take seconds when the holder is a SLURM job of another
 * host, which squeue is asked for. */
ip_lock_state ip_lock_look(const char *path, ip_lock_owner *owner);

#endif
