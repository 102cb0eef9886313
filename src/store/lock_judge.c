/* lock_judge.c - whether the holder of a lock lives
 *
 * On its own host a process can be looked up. Elsewhere SLURM may know: a job that was put back
 * into the queue and started again has no process left of its former start. What nobody can be
 * asked about is judged by its silence: a holder touches its lock every half minute. Silence is
 * measured by the clock of the file system alone, for hosts disagree about the time. */
#include "lock_internal.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const double squeue_seconds = 5;

static bool is_same(const char *a, const char *b)
{
    return a[0] != '\0' && strcmp(a, b) == 0;
}

static bool is_other(const char *a, const char *b)
{
    return a[0] != '\0' && b[0] != '\0' && strcmp(a, b) != 0;
}

/* A process that was killed but not yet waited for counts as gone. One of another user may be
 * hidden in /proc: then it cannot be told from a later one of the same pid. */
static ip_lock_life judge_process(const ip_lock_owner *owner)
{
    char state;
    uint64_t start;
    if (ip_process_look(owner->pid, &state, &start))
        return state == 'Z' || state == 'X' || start != owner->start ? IP_LIFE_GONE : IP_LIFE_HERE;
    return kill((pid_t)owner->pid, 0) != 0 && errno == ESRCH ? IP_LIFE_GONE : IP_LIFE_UNKNOWN;
}

static ip_lock_life judge_here(const ip_lock_owner *owner, const ip_lock_owner *self)
{
    if (!is_same(owner->host, self->host))
        return IP_LIFE_UNKNOWN;
    if (is_other(owner->boot, self->boot))
        return IP_LIFE_GONE;
    return is_same(owner->boot, self->boot) && is_same(owner->pid_space, self->pid_space)
               ? judge_process(owner)
               : IP_LIFE_UNKNOWN;
}

static ip_lock_life judge_by_slurm(const ip_lock_owner *owner, const ip_lock_owner *self)
{
    if (owner->slurm_job[0] == '\0' || is_other(owner->slurm_cluster, self->slurm_cluster))
        return IP_LIFE_UNKNOWN;
    if (strcmp(owner->slurm_job, self->slurm_job) == 0)
        return owner->slurm_restart < self->slurm_restart ? IP_LIFE_GONE : IP_LIFE_UNKNOWN;
    return ip_slurm_job_is_gone(owner->slurm_job, squeue_seconds) ? IP_LIFE_GONE : IP_LIFE_UNKNOWN;
}

bool ip_is_older(struct timespec touched, time_t now, time_t seconds)
{
    return now - touched.tv_sec > seconds;
}

time_t ip_lock_clock(const char *lock)
{
    char token[IP_TOKEN_SIZE];
    struct stat status = {.st_mtim.tv_sec = time(NULL)};
    ip_text name = {0};
    ip_lock_new_token(token);
    ip_text_append(&name, "%s.%s", lock, token);
    const int fd = open(name.at, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0) {
        (void)fstat(fd, &status);
        (void)unlink(name.at);
        close(fd);
    }
    ip_text_release(&name);
    return status.st_mtim.tv_sec;
}

ip_lock_life ip_lock_judge(const char *lock, const ip_lock_sight *sight, const ip_lock_owner *self)
{
    ip_lock_life life = IP_LIFE_UNKNOWN;
    if (sight->is_legible)
        life = judge_here(&sight->owner, self);
    if (life == IP_LIFE_UNKNOWN && sight->is_legible)
        life = judge_by_slurm(&sight->owner, self);
    if (life == IP_LIFE_UNKNOWN &&
        ip_is_older(sight->touched, ip_lock_clock(lock), IP_LOCK_OLD_SECONDS))
        life = IP_LIFE_GONE;
    return life;
}
