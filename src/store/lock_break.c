/* lock_break.c - removing a lock, so that nobody's is removed but the one that was judged
 *
 * Between looking at a lock and removing it another process may have removed it and taken its own.
 * So a lock is removed only under a claim, a file that one process alone can make, and after a
 * second look. The claim carries the token of the lock: tokens never come back, so a claim that is
 * late, or left over, finds nothing to remove.
 *
 * A process may die between making its claim and removing it. Its claim is passed over after a
 * minute: the next claim has the next number. An old claim is not removed before the lock itself
 * is, for two processes doing that at once would both hold a claim. */
#include "lock_internal.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LEFT_OVER_SECONDS = 60 };

/* ---- claims ---- */

static void name_claim(const char *lock, const char *token, unsigned number, ip_text *name)
{
    name->length = 0;
    ip_text_append(name, "%s.break.%s.%u", lock, token, number);
}

static bool is_left_over(const char *lock, const char *name)
{
    struct stat status;
    return lstat(name, &status) == 0 &&
           ip_is_older(status.st_mtim, ip_lock_clock(lock), LEFT_OVER_SECONDS);
}

static ip_claim take_claim(const char *lock, const char *token, unsigned *number)
{
    ip_text name = {0};
    ip_claim claim = IP_CLAIM_BUSY;
    bool is_next = true;
    for (*number = 0; is_next; *number += is_next) {
        name_claim(lock, token, *number, &name);
        const int fd = open(name.at, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0)
            close(fd);
        claim = fd >= 0 ? IP_CLAIM_MINE : errno == EEXIST ? IP_CLAIM_BUSY : IP_CLAIM_ERROR;
        is_next = claim == IP_CLAIM_BUSY && is_left_over(lock, name.at);
    }
    const int error = errno;
    ip_text_release(&name);
    errno = error;
    return claim;
}

/* Removes our claim and those that it passed over. */
static void drop_claims(const char *lock, const char *token, unsigned number)
{
    ip_text name = {0};
    for (unsigned k = 0; k <= number; k++) {
        name_claim(lock, token, k, &name);
        (void)unlink(name.at);
    }
    ip_text_release(&name);
}

/* ---- removing ---- */

/* Touching is a sign of life. */
static bool is_unchanged(const ip_lock_sight *a, const ip_lock_sight *b)
{
    return a->exists && b->exists && strcmp(a->owner.token, b->owner.token) == 0 &&
           a->touched.tv_sec == b->touched.tv_sec && a->touched.tv_nsec == b->touched.tv_nsec;
}

ip_claim ip_lock_remove(const char *lock, const ip_lock_sight *sight, bool *removed)
{
    unsigned number;
    *removed = false;
    ip_claim claim = take_claim(lock, sight->owner.token, &number);
    if (claim != IP_CLAIM_MINE)
        return claim;
    const ip_lock_sight now = ip_lock_see(lock);
    int error = 0;
    if (is_unchanged(&now, sight)) {
        *removed = unlink(lock) == 0;
        error = *removed || errno == ENOENT ? 0 : errno;
    }
    drop_claims(lock, sight->owner.token, number);
    errno = error;
    return error == 0 ? IP_CLAIM_MINE : IP_CLAIM_ERROR;
}

/* ---- what was left over ---- */

/* Whether a name, without that of the lock, is of ours: .TOKEN or .break.* */
static bool is_ours(const char *rest)
{
    static const char claim[] = ".break.";
    return strncmp(rest, claim, sizeof claim - 1) == 0 ||
           (rest[0] == '.' && strspn(rest + 1, "0123456789abcdef") == IP_TOKEN_DIGITS &&
            rest[1 + IP_TOKEN_DIGITS] == '\0');
}

static void sweep_folder(DIR *folder, const char *base, time_t now)
{
    const size_t n = strlen(base);
    const struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        struct stat status;
        if (strncmp(entry->d_name, base, n) != 0 || !is_ours(entry->d_name + n))
            continue;
        if (fstatat(dirfd(folder), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
            ip_is_older(status.st_mtim, now, LEFT_OVER_SECONDS))
            (void)unlinkat(dirfd(folder), entry->d_name, 0);
    }
}

void ip_lock_sweep(const char *lock)
{
    const ip_lock_sight sight = ip_lock_see(lock);
    const char *slash = strrchr(lock, '/');
    ip_text name = {0};
    ip_text_append(&name, "%.*s.", slash != NULL ? (int)(slash + 1 - lock) : 0, lock);
    DIR *folder = opendir(name.at);
    ip_text_release(&name);
    if (folder == NULL)
        return;
    if (sight.exists)
        sweep_folder(folder, slash != NULL ? slash + 1 : lock, sight.touched.tv_sec);
    closedir(folder);
}
