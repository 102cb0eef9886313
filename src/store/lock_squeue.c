/* lock_squeue.c - asks SLURM whether a job still runs
 *
 * squeue may be missing, fail, or hang while its controller is away; then nothing is known. It runs
 * in a process group of its own, so that a wrapper script is ended with all it started. */
#include "infoplane/clock.h"
#include "lock_internal.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ANSWER_BYTES = 4096 };

/* Starts squeue with both its outputs going to fd; an errno. */
static int spawn_squeue(const char *job, int fd, pid_t *pid)
{
    const char *const words[] = {"squeue", "-h", "-j", job, "-o", "%t", NULL};
    char *arguments[IP_LENGTH(words)];
    memcpy(arguments, words, sizeof words); /* posix_spawnp does not write to them */
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, fd, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, fd, STDERR_FILENO);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    const int error = posix_spawnp(pid, "squeue", &files, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return error;
}

/* Reads until the other end is closed; false when that takes too long or too many bytes. */
static bool read_answer(int fd, char *text, double deadline)
{
    size_t n = 0;
    ssize_t got = 1;
    while (got != 0 && n < ANSWER_BYTES - 1) {
        struct pollfd end = {.fd = fd, .events = POLLIN};
        const double left = deadline - ip_clock();
        if (left <= 0)
            return false;
        if (poll(&end, 1, (int)(1e3 * left) + 1) <= 0)
            continue;
        got = read(fd, text + n, ANSWER_BYTES - 1 - n);
        if (got < 0 && errno != EINTR)
            return false;
        n += got > 0 ? (size_t)got : 0;
    }
    text[n] = '\0';
    return got == 0;
}

/* Waits for the end, at the deadline brings it about; the exit code, negative when there is none.
 */
static int end_squeue(pid_t pid, double deadline)
{
    int status = 0;
    pid_t ended = waitpid(pid, &status, WNOHANG);
    while (ended == 0 && ip_clock() < deadline) {
        usleep(5000);
        ended = waitpid(pid, &status, WNOHANG);
    }
    if (ended == 0) {
        kill(-pid, SIGKILL);
        while ((ended = waitpid(pid, &status, 0)) < 0 && errno == EINTR)
            continue;
    }
    return ended == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Whether every line is the state of a job that does not run: waiting (put back into the queue) or
 * over. No line: SLURM has forgotten it. One id may stand for several tasks of an array. */
static bool are_all_gone(char *answer)
{
    static const char *const gone[] = {"PD", "CA", "CD", "F",   "TO", "NF",
                                       "PR", "BF", "DL", "OOM", "RV"};
    char *rest = NULL;
    for (char *word = strtok_r(answer, " \t\n", &rest); word != NULL;
         word = strtok_r(NULL, " \t\n", &rest)) {
        size_t k = 0;
        while (k < IP_LENGTH(gone) && strcmp(gone[k], word) != 0)
            k++;
        if (k == IP_LENGTH(gone))
            return false;
    }
    return true;
}

bool ip_slurm_job_is_gone(const char *job, double seconds)
{
    const double deadline = ip_clock() + seconds;
    char answer[ANSWER_BYTES];
    int ends[2];
    pid_t pid;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    const int error = spawn_squeue(job, ends[1], &pid);
    close(ends[1]);
    const bool answered = error == 0 && read_answer(ends[0], answer, deadline);
    close(ends[0]);
    if (error != 0)
        return false;
    const int code = end_squeue(pid, deadline);
    if (!answered || code < 0)
        return false;
    return code == 0 ? are_all_gone(answer) : strstr(answer, "Invalid job id") != NULL;
}
