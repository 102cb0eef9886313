/* lock_internal.h - what the files of the lock share: who is who, who lives, and who may remove */
#ifndef INFOPLANE_LOCK_INTERNAL_H
#define INFOPLANE_LOCK_INTERNAL_H

#include "infoplane/lock.h"
#include "infoplane/text.h"
#include <time.h>

/* ---- lock_owner.c ---- */

/* Fills a token (IP_TOKEN_SIZE) that no other process and no other call has; hexadecimal. */
enum { IP_TOKEN_DIGITS = 32 };
void ip_lock_new_token(char *token);

/* This process, with a new token. */
void ip_lock_owner_self(ip_lock_owner *self);

/* The text of a lock, and its owner out of n bytes; false when they are not the whole text. */
void ip_lock_owner_print(const ip_lock_owner *owner, ip_text *text);
bool ip_lock_owner_parse(const char *text, size_t n, ip_lock_owner *owner);

/* "host n3, pid 4711, SLURM job 1234, since 2026-11-23T02:12:00Z" */
void ip_lock_owner_describe(const ip_lock_owner *owner, ip_text *text);

/* State letter of a process and its start, in ticks from boot; false when it cannot be looked up.
 */
bool ip_process_look(long pid, char *state, uint64_t *start);

/* What there was to see of a lock at one moment. */
typedef struct ip_lock_sight {
    bool exists;
    bool is_legible; /* its text is understood; if not, owner holds a token alone, made up of the
                        lock's place and time */
    ip_lock_owner owner;
    struct timespec touched; /* by the clock of the file system; the end of time = not known */
} ip_lock_sight;
ip_lock_sight ip_lock_see(const char *lock);

/* ---- lock_squeue.c ---- */

/* Whether SLURM says that a job is not running any more. False also when it cannot be asked or does
 * not answer within the given seconds. */
bool ip_slurm_job_is_gone(const char *job, double seconds);

/* ---- lock_judge.c ---- */

typedef enum ip_lock_life {
    IP_LIFE_HERE,    /* a living process of this host */
    IP_LIFE_GONE,    /* dead, or silent for too long */
    IP_LIFE_UNKNOWN, /* cannot be asked, and touched its lock lately */
} ip_lock_life;

/* Judges the holder of a lock that exists. self: this process. */
ip_lock_life ip_lock_judge(const char *lock, const ip_lock_sight *sight, const ip_lock_owner *self);

/* Whether a file was last touched more than so many seconds before now, a time of the same clock.
 */
bool ip_is_older(struct timespec touched, time_t now, time_t seconds);

/* Now, by the clock of the file system: the time of a file just made beside the lock. Our own clock
 * where none can be made. */
time_t ip_lock_clock(const char *lock);

/* ---- lock_break.c ---- */

/* A lock may be removed only by the holder of the claim to it, a file FILE.lock.break.TOKEN.N. */
typedef enum ip_claim {
    IP_CLAIM_MINE,
    IP_CLAIM_BUSY, /* somebody else is about to remove this lock */
    IP_CLAIM_ERROR /* errno says why */
} ip_claim;

/* Removes the lock seen, unless it has changed since: then, too, the answer is MINE, and *removed
 * false. */
ip_claim ip_lock_remove(const char *lock, const ip_lock_sight *sight, bool *removed);

/* Removes what processes that were killed left beside the lock: everything of a lock's names that
 * is older than a minute. Called by the holder, who has just touched the lock. */
void ip_lock_sweep(const char *lock);

/* ---- lock.c ---- */

/* ip_lock_take, waiting so many seconds for a living process of this host. */
ip_status ip_lock_take_within(const char *path, bool break_it, double patience, char *token,
                              ip_error *err) IP_CHECKED;

#endif
