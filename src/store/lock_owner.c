/* lock_owner.c - who we are, and what a lock says of its holder
 *
 * A process is known by host, boot, pid namespace, pid and start: a pid alone comes back. The text
 * of a lock has one line for each of these and is understood whole or not at all, for a power
 * failure may leave half of it, and a newer program may write another. */
#include "lock_internal.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_BYTES = 1024 }; /* no lock is as long */

/* ---- this process ---- */

/* Reads at most bytes - 1 and ends them with a zero; their number, negative after a failure. */
static ssize_t read_text(int fd, char *text, size_t bytes)
{
    size_t n = 0;
    ssize_t got = 1;
    while (got > 0 && n < bytes - 1) {
        got = read(fd, text + n, bytes - 1 - n);
        n += got > 0 ? (size_t)got : 0;
        if (got < 0 && errno == EINTR)
            got = 1;
    }
    text[n] = '\0';
    return got < 0 ? -1 : (ssize_t)n;
}

/* The first line of a file of the kernel's, "" when there is none. */
static void read_line(const char *path, char *line, size_t bytes)
{
    line[0] = '\0';
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (read_text(fd, line, bytes) < 0)
        line[0] = '\0';
    line[strcspn(line, "\n")] = '\0';
    close(fd);
}

bool ip_process_look(long pid, char *state, uint64_t *start)
{
    char path[32];
    char line[TEXT_BYTES];
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    read_line(path, line, sizeof line);
    const char *field = strrchr(line, ')'); /* the name before it may hold blanks and parentheses */
    for (int number = 2; field != NULL && number < 22; number++) {
        field = strchr(field, ' ');
        field += field != NULL;
        if (number == 2 && field != NULL)
            *state = *field;
    }
    if (field == NULL)
        return false;
    *start = strtoull(field, NULL, 10);
    return true;
}

void ip_lock_new_token(char *token)
{
    unsigned char bytes[IP_TOKEN_DIGITS / 2];
    if (getentropy(bytes, sizeof bytes) != 0) /* kernels before 3.17 */
        abort();
    for (size_t k = 0; k < sizeof bytes; k++)
        snprintf(token + 2 * k, 3, "%02x", bytes[k]);
}

/* Letters that stand in a lock and in the name of a file as they are. */
static bool is_plain(char c)
{
    return isalnum((unsigned char)c) || (c != '\0' && strchr("-._:[]", c) != NULL);
}

/* Copies a word, "" for none; what is not plain becomes an underscore. */
static void put_word(char *to, size_t bytes, const char *word)
{
    snprintf(to, bytes, "%s", word != NULL ? word : "");
    for (; *to != '\0'; to++)
        if (!is_plain(*to))
            *to = '_';
}

static void put_slurm(ip_lock_owner *self)
{
    const char *job = getenv("SLURM_JOB_ID");
    if (job == NULL || job[0] == '\0' || job[strspn(job, "0123456789")] != '\0')
        return;
    const char *restart = getenv("SLURM_RESTART_COUNT");
    put_word(self->slurm_job, sizeof self->slurm_job, job);
    put_word(self->slurm_cluster, sizeof self->slurm_cluster, getenv("SLURM_CLUSTER_NAME"));
    self->slurm_restart = restart != NULL ? strtol(restart, NULL, 10) : 0;
}

void ip_lock_owner_self(ip_lock_owner *self)
{
    char word[64] = "";
    char state;
    struct tm utc;
    const time_t now = time(NULL);
    *self = (ip_lock_owner){.pid = (long)getpid()};
    gethostname(word, sizeof word - 1);
    put_word(self->host, sizeof self->host, word);
    read_line("/proc/sys/kernel/random/boot_id", word, sizeof word);
    put_word(self->boot, sizeof self->boot, word);
    const ssize_t n = readlink("/proc/self/ns/pid", word, sizeof word - 1);
    word[n > 0 ? n : 0] = '\0';
    put_word(self->pid_space, sizeof self->pid_space, word);
    (void)ip_process_look(self->pid, &state, &self->start);
    put_slurm(self);
    strftime(self->since, sizeof self->since, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    ip_lock_new_token(self->token);
}

/* ---- the text of a lock ---- */

static const char *or_dash(const char *word)
{
    return word[0] != '\0' ? word : "-";
}

void ip_lock_owner_print(const ip_lock_owner *owner, ip_text *text)
{
    ip_text_append(text,
                   "infoplane-lock 1\nhost %s\nboot %s\npid %ld\nstart %" PRIu64
                   "\npid_space %s\nslurm_cluster %s\nslurm_job %s\nslurm_restart %ld\nsince %s\n"
                   "token %s\n",
                   or_dash(owner->host), or_dash(owner->boot), owner->pid, owner->start,
                   or_dash(owner->pid_space), or_dash(owner->slurm_cluster),
                   or_dash(owner->slurm_job), owner->slurm_restart, or_dash(owner->since),
                   or_dash(owner->token));
}

/* A word as it stood before or_dash; false when it is not plain. */
static bool undash(char *word)
{
    if (strcmp(word, "-") == 0)
        word[0] = '\0';
    while (is_plain(*word))
        word++;
    return *word == '\0';
}

bool ip_lock_owner_parse(const char *text, size_t n, ip_lock_owner *owner)
{
    ip_lock_owner o = {0};
    int length = 0;
    if (n == 0 || text[n - 1] != '\n')
        return false;
    const int found =
        sscanf(text,
               "infoplane-lock 1\nhost %63s\nboot %39s\npid %ld\nstart %" SCNu64
               "\npid_space %31s\nslurm_cluster %63s\nslurm_job %31s\nslurm_restart %ld\n"
               "since %31s\ntoken %127s\n%n",
               o.host, o.boot, &o.pid, &o.start, o.pid_space, o.slurm_cluster, o.slurm_job,
               &o.slurm_restart, o.since, o.token, &length);
    if (found != 10 || (size_t)length != n || o.pid <= 0)
        return false;
    if (!undash(o.host) || !undash(o.boot) || !undash(o.pid_space) || !undash(o.slurm_cluster) ||
        !undash(o.slurm_job) || !undash(o.since) || !undash(o.token) || o.token[0] == '\0')
        return false;
    *owner = o;
    return true;
}

void ip_lock_owner_describe(const ip_lock_owner *owner, ip_text *text)
{
    ip_text_append(text, "host %s, pid %ld", or_dash(owner->host), owner->pid);
    if (owner->slurm_job[0] != '\0')
        ip_text_append(text, ", SLURM job %s", owner->slurm_job);
    ip_text_append(text, ", since %s", or_dash(owner->since));
}

/* ---- a lock ---- */

/* What cannot be understood still has a token, so that it can be told from what follows it. */
static void make_up_token(const struct stat *status, ip_lock_sight *sight)
{
    sight->owner = (ip_lock_owner){0};
    snprintf(sight->owner.token, sizeof sight->owner.token, "unknown.%ju.%jd.%09ld",
             (uintmax_t)status->st_ino, (intmax_t)status->st_mtim.tv_sec, status->st_mtim.tv_nsec);
}

/* Neither waits at a pipe nor follows a link that somebody put there. What open says of the name is
 * final: a second look would mix two moments. */
ip_lock_sight ip_lock_see(const char *lock)
{
    char text[TEXT_BYTES];
    struct stat status = {0};
    ip_lock_sight sight = {.exists = true};
    const int fd = open(lock, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return (ip_lock_sight){.exists = false};
    const bool is_dated = fd >= 0 ? fstat(fd, &status) == 0 : lstat(lock, &status) == 0;
    const ssize_t n = fd >= 0 ? read_text(fd, text, sizeof text) : -1;
    if (fd >= 0)
        close(fd);
    if (!is_dated)
        status.st_mtim.tv_sec = (time_t)INT64_MAX;
    sight.touched = status.st_mtim;
    sight.is_legible = n > 0 && ip_lock_owner_parse(text, (size_t)n, &sight.owner);
    if (!sight.is_legible)
        make_up_token(&status, &sight);
    return sight;
}
