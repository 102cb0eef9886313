/* lock.c - taking, keeping and leaving FILE.lock
 *
 * The text of the lock is written under a name of its own, and link(2) gives it the name of the
 * lock when nothing has it: at once and whole, on network file systems too. There the answer of
 * link may be lost, so what counts is that our text has a second name, or that the lock says so.
 * Where the file system knows no second names, renaming without replacing does the same. */
#include "beside.h"
#include "infoplane/clock.h"
#include "infoplane/log.h"
#include "lock_internal.h"
#include "store_internal.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const double patience_seconds = 3;
static const double nap_seconds = 0.05;
static const double give_up_seconds = 90; /* longer than a claim that was left over blocks */

enum { N_RETRIES = 5, RETRY_MICROSECONDS = 20000 };

/* An attempt to take a lock. */
typedef struct taking {
    const char *path; /* as the caller named it */
    ip_text lock, temporary;
    ip_lock_owner self;
    bool break_it;
    char first[IP_TOKEN_SIZE]; /* the holder met first: break_it is meant for no other */
    double patience, began;
} taking;

static ip_status system_fail(const taking *t, const char *what, int error, ip_error *err)
{
    return ip_file_fail(err, ip_make_status(error), t->path, "cannot %s: %s", what,
                        strerror(error));
}

/* ---- the text ---- */

static ip_status write_temporary(const taking *t, ip_error *err)
{
    const int fd = open(t->temporary.at, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return system_fail(t, "make its lock in that folder", errno, err);
    ip_text text = {0};
    ip_lock_owner_print(&t->self, &text);
    int error = ip_write_all(fd, text.at, text.length);
    if (error == 0 && fsync(fd) != 0)
        error = errno;
    ip_text_release(&text);
    if (close(fd) != 0 && error == 0)
        error = errno;
    return error == 0 ? IP_OK : system_fail(t, "write its lock", error, err);
}

/* ---- taking ---- */

/* Tries to give our text the name of the lock; *taken tells whether it has it. */
static ip_status try_link(const taking *t, bool *taken, ip_error *err)
{
    int error = link(t->temporary.at, t->lock.at) == 0 ? 0 : errno;
    struct stat status;
    *taken = stat(t->temporary.at, &status) == 0 && status.st_nlink == 2;
    if (!*taken && (error == EPERM || error == EOPNOTSUPP || error == ENOSYS)) {
        error = renameat2(AT_FDCWD, t->temporary.at, AT_FDCWD, t->lock.at, RENAME_NOREPLACE) == 0
                    ? 0
                    : errno;
    }
    if (*taken || error == 0 || error == EEXIST)
        return IP_OK;
    return system_fail(t, "take its lock", error, err);
}

static ip_status nap(const taking *t, ip_error *err)
{
    if (ip_clock() - t->began > t->patience + give_up_seconds)
        return ip_file_fail(err, IP_ERR_CREATE, t->path,
                            "its lock %s was taken and left by others for %g s", t->lock.at,
                            give_up_seconds);
    usleep((useconds_t)(1e6 * nap_seconds));
    return IP_OK;
}

static ip_status refuse(const taking *t, const ip_lock_sight *sight, ip_error *err)
{
    ip_text owner = {0};
    if (sight->is_legible)
        ip_lock_owner_describe(&sight->owner, &owner);
    else
        ip_text_append(&owner, "its lock says nothing that this program understands");
    const ip_status status =
        ip_file_fail(err, IP_ERR_CREATE, t->path,
                     "another run holds it: %s; wait for it, or if you are sure that it is dead: "
                     "--break-lock",
                     owner.at);
    ip_text_release(&owner);
    return status;
}

static void warn(const taking *t, const ip_lock_sight *sight, ip_lock_life life)
{
    ip_text owner = {0};
    if (sight->is_legible)
        ip_lock_owner_describe(&sight->owner, &owner);
    else
        ip_text_append(&owner, "nothing more is known");
    ip_log(IP_LOG_WARNING, "%s: the lock of %s was removed: %s", t->path,
           life == IP_LIFE_GONE ? "a run that is gone" : "another run", owner.at);
    ip_text_release(&owner);
}

static ip_status remove_other(const taking *t, const ip_lock_sight *sight, ip_lock_life life,
                              ip_error *err)
{
    bool removed;
    const ip_claim claim = ip_lock_remove(t->lock.at, sight, &removed);
    if (claim == IP_CLAIM_ERROR)
        return system_fail(t, "remove the lock of another run", errno, err);
    if (removed)
        warn(t, sight, life);
    return claim == IP_CLAIM_BUSY ? nap(t, err) : IP_OK;
}

/* Something has the name of the lock. IP_OK: try again, if it is not even ours. */
static ip_status contest(taking *t, bool *taken, ip_error *err)
{
    const ip_lock_sight sight = ip_lock_see(t->lock.at);
    *taken = sight.is_legible && strcmp(sight.owner.token, t->self.token) == 0;
    if (*taken)
        return IP_OK;
    if (!sight.exists)
        return nap(t, err);
    if (t->first[0] == '\0')
        memcpy(t->first, sight.owner.token, sizeof t->first);
    const ip_lock_life life = ip_lock_judge(t->lock.at, &sight, &t->self);
    const bool may_break = t->break_it && strcmp(t->first, sight.owner.token) == 0;
    if (life == IP_LIFE_GONE || may_break)
        return remove_other(t, &sight, life, err);
    if (life == IP_LIFE_HERE && ip_clock() - t->began < t->patience)
        return nap(t, err);
    return refuse(t, &sight, err);
}

static ip_status take(taking *t, ip_error *err)
{
    bool taken = false;
    IP_TRY(write_temporary(t, err));
    while (!taken) {
        IP_TRY(try_link(t, &taken, err));
        if (!taken)
            IP_TRY(contest(t, &taken, err));
    }
    return IP_OK;
}

ip_status ip_lock_take_within(const char *path, bool break_it, double patience, char *token,
                              ip_error *err)
{
    taking t = {.path = path, .break_it = break_it, .patience = patience, .began = ip_clock()};
    ip_lock_owner_self(&t.self);
    ip_beside(path, ".lock", &t.lock);
    ip_text_append(&t.temporary, "%s.%s", t.lock.at, t.self.token);
    const ip_status status = take(&t, err);
    (void)unlink(t.temporary.at);
    if (status == IP_OK) {
        ip_lock_sweep(t.lock.at);
        memcpy(token, t.self.token, IP_TOKEN_SIZE);
    }
    ip_text_release(&t.temporary);
    ip_text_release(&t.lock);
    return status;
}

ip_status ip_lock_take(const char *path, bool break_it, char *token, ip_error *err)
{
    return ip_lock_take_within(path, break_it, patience_seconds, token, err);
}

/* ---- keeping and leaving ---- */

/* Sees the lock, again and again while it is not there or says nothing, which on a network file
 * system may pass. */
static ip_lock_sight see_surely(const char *lock)
{
    ip_lock_sight sight = ip_lock_see(lock);
    for (int k = 0; k < N_RETRIES && !sight.is_legible; k++) {
        usleep(RETRY_MICROSECONDS);
        sight = ip_lock_see(lock);
    }
    return sight;
}

static bool says(const ip_lock_sight *sight, const char *token)
{
    return sight->is_legible && strcmp(sight->owner.token, token) == 0;
}

bool ip_lock_is_ours(const char *path, const char *token)
{
    ip_text lock = {0};
    ip_beside(path, ".lock", &lock);
    const ip_lock_sight sight = see_surely(lock.at);
    ip_text_release(&lock);
    return says(&sight, token);
}

void ip_lock_touch(const char *path, const char *token)
{
    ip_text lock = {0};
    ip_beside(path, ".lock", &lock);
    const ip_lock_sight sight = ip_lock_see(lock.at);
    if (says(&sight, token))
        (void)utimensat(AT_FDCWD, lock.at, NULL, 0); /* NULL: the time of the file's server */
    ip_text_release(&lock);
}

/* Where no claim can be made, because the disk is full say, removing unclaimed beats leaving. A
 * claim of another's is a run that breaks this lock: it is left to it. */
void ip_lock_release(const char *path, const char *token)
{
    ip_text lock = {0};
    bool removed;
    ip_beside(path, ".lock", &lock);
    const ip_lock_sight sight = see_surely(lock.at);
    if (says(&sight, token) && ip_lock_remove(lock.at, &sight, &removed) == IP_CLAIM_ERROR)
        (void)unlink(lock.at);
    ip_text_release(&lock);
}

ip_lock_state ip_lock_look(const char *path, ip_lock_owner *owner)
{
    ip_text lock = {0};
    ip_lock_owner self;
    ip_lock_state state = IP_LOCK_FREE;
    ip_beside(path, ".lock", &lock);
    const ip_lock_sight sight = ip_lock_see(lock.at);
    if (sight.exists) {
        ip_lock_owner_self(&self);
        *owner = sight.owner;
        state =
            ip_lock_judge(lock.at, &sight, &self) == IP_LIFE_GONE ? IP_LOCK_STALE : IP_LOCK_HELD;
    }
    ip_text_release(&lock);
    return state;
}
