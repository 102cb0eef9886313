/* walltime.c - one squeue at a time, never waited for
 *
 * Its output goes into a pipe that is read without blocking, its end is seen by waitpid without
 * waiting, on its pid alone: the farm has children of its own. One that hangs is killed. */
#include "cmd/walltime.h"
#include "infoplane/clock.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const double ask_seconds = 180, patience_seconds = 20, nap_seconds = 0.01;

enum { RELEASE_NAPS = 100 };

static double seconds_since_1970(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = (long)(1e9 * nap_seconds)}, NULL);
}

/* ---- what squeue says ---- */

static bool take_number(const char **text, double *value)
{
    const size_t n = strspn(*text, "0123456789");
    if (n == 0 || n > 9)
        return false;
    *value = (double)strtol(*text, NULL, 10);
    *text += n;
    return true;
}

bool ip_walltime_parse(const char *text, double *seconds)
{
    double days = 0;
    double part = 0;
    if (strcmp(text, "UNLIMITED") == 0) {
        *seconds = (double)INFINITY;
        return true;
    }
    if (!take_number(&text, &part))
        return false;
    const bool has_days = *text == '-';
    if (has_days) {
        days = part;
        text++;
        if (!take_number(&text, &part) || part >= 24)
            return false;
    }
    double sum = part;
    int n = 1;
    for (; *text == ':'; n++) {
        text++;
        if (!take_number(&text, &part) || part >= 60)
            return false;
        sum = 60 * sum + part;
    }
    if (*text != '\0' || n > 3 || (has_days && n < 3))
        return false;
    *seconds = 86400 * days + sum;
    return true;
}

/* ---- asking ---- */

/* What squeue knows this job by: the number of an array's last task is also that of the array. */
static bool name_job(char *name, size_t bytes)
{
    const char *job = getenv("SLURM_JOB_ID");
    const char *array = getenv("SLURM_ARRAY_JOB_ID");
    const char *task = getenv("SLURM_ARRAY_TASK_ID");
    if (job == NULL)
        return false;
    if (array != NULL && task != NULL)
        snprintf(name, bytes, "%s_%s", array, task);
    else
        snprintf(name, bytes, "%s", job);
    return true;
}

/* Starts squeue with its output into out; 0 when it cannot be started. */
static pid_t spawn(char *job, int out)
{
    pid_t pid = 0;
    char *arguments[] = {"squeue", "-h", "-j", job, "-o", "%L", NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO); /* first: out may be 0 or 2 */
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    const int error = posix_spawnp(&pid, arguments[0], &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    return error == 0 ? pid : 0;
}

static void ask(ip_walltime *walltime, char *job, double now)
{
    int ends[2];
    walltime->asked = now;
    walltime->is_late = false;
    walltime->length = 0;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return;
    fcntl(ends[0], F_SETFL, O_NONBLOCK); /* ours alone: squeue's end is an ordinary one */
    walltime->pid = spawn(job, ends[1]);
    walltime->pipe = ends[0];
    close(ends[1]);
    if (walltime->pid == 0)
        close(walltime->pipe);
}

/* ---- listening ---- */

/* Takes what has come. An answer that fills the room is none; the rest is left in the pipe. */
static void listen_in(ip_walltime *walltime)
{
    ssize_t n = 1;
    while (n > 0 && walltime->length < sizeof walltime->text - 1) {
        n = read(walltime->pipe, walltime->text + walltime->length,
                 sizeof walltime->text - 1 - walltime->length);
        walltime->length += n > 0 ? (size_t)n : 0;
    }
    walltime->text[walltime->length] = '\0';
}

static void conclude(ip_walltime *walltime, bool is_well)
{
    double left = 0;
    walltime->pid = 0;
    close(walltime->pipe);
    walltime->text[strcspn(walltime->text, "\n")] = '\0';
    if (!is_well || !ip_walltime_parse(walltime->text, &left))
        return;
    walltime->is_known = true;
    walltime->left = left;
    walltime->since = walltime->asked;
}

/* Should somebody else have collected our squeue, its answer is as good. */
static void look(ip_walltime *walltime, double now)
{
    int status = 0;
    listen_in(walltime);
    const pid_t ended = waitpid(walltime->pid, &status, WNOHANG);
    if (ended != 0) {
        listen_in(walltime);
        conclude(walltime, ended < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
    } else if (!walltime->is_late && now - walltime->asked > patience_seconds) {
        walltime->is_late = true;
        kill(walltime->pid, SIGKILL);
    }
}

/* ---- the time left ---- */

static bool read_end_time(double *end)
{
    const char *text = getenv("SLURM_JOB_END_TIME");
    if (text == NULL)
        return false;
    char *rest = NULL;
    errno = 0;
    *end = (double)strtoll(text, &rest, 10);
    return errno == 0 && rest != text && *rest == '\0' && *end > 0;
}

double ip_walltime_left(ip_walltime *walltime)
{
    double end = 0;
    char job[96];
    if (read_end_time(&end))
        return end - seconds_since_1970();
    const double now = ip_clock();
    if (walltime->pid != 0)
        look(walltime, now);
    else if ((walltime->asked == 0 || now - walltime->asked >= ask_seconds) &&
             name_job(job, sizeof job))
        ask(walltime, job, now);
    return walltime->is_known ? walltime->left - (now - walltime->since) : (double)INFINITY;
}

double ip_walltime_wait(ip_walltime *walltime, double seconds)
{
    const double end = ip_clock() + seconds;
    double left = ip_walltime_left(walltime);
    while (!walltime->is_known && walltime->pid != 0 && ip_clock() < end) {
        nap();
        left = ip_walltime_left(walltime);
    }
    return left;
}

void ip_walltime_release(ip_walltime *walltime)
{
    if (walltime->pid == 0)
        return;
    kill(walltime->pid, SIGKILL);
    /* One that is stuck in the kernel is left to it. */
    for (int i = 0; i < RELEASE_NAPS && waitpid(walltime->pid, NULL, WNOHANG) == 0; i++)
        nap();
    walltime->pid = 0;
    close(walltime->pipe);
}
