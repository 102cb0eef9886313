/* child.c - the parent's side of one attempt: fork, look, kill, judge
 *
 * The end of a child shows in two ways. Its death closes the writing end of a pipe, which wakes the
 * nap at once; wait4 without waiting then collects it. Should somebody else hold the pipe open, or
 * the child close it early, only the nap's promptness suffers. */
#include "child.h"
#include "child_main.h"
#include "infoplane/clock.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const double look_seconds = 0.01; /* between two looks at the child's memory */

double ip_farm_awake(double *looked)
{
    const double now = ip_clock(), seconds = now - *looked;
    *looked = now;
    return fmin(seconds, 1);
}

ip_status ip_child_open(ip_child *child, const ip_farm *farm, ip_error *err)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    assert(sizeof(ip_child_report) <= page && farm->result_bytes <= SIZE_MAX / 4 &&
           farm->state_bytes <= SIZE_MAX / 4);
    const size_t room_at = page + (farm->result_bytes + page - 1) / page * page;
    const size_t bytes = room_at + farm->state_bytes;
    char *shared = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return ip_fail(err, IP_ERR_MEMORY, "cannot map %zu bytes for a result: %s", bytes,
                       strerror(errno));
    *child = (ip_child){.farm = farm,
                        .report = (ip_child_report *)(void *)shared,
                        .result = shared + page,
                        .shared_bytes = bytes,
                        .pipe = -1};
    child->port = (ip_port){.handover = &child->report->handover,
                            .room = farm->state_bytes > 0 ? shared + room_at : NULL,
                            .room_bytes = farm->state_bytes};
    return IP_OK;
}

void ip_child_clear(ip_child *child, size_t saved_bytes)
{
    assert(saved_bytes <= child->port.room_bytes);
    memset(child->report, 0, sizeof *child->report);
    memset(child->result, 0, child->farm->result_bytes);
    child->port.saved_bytes = saved_bytes;
}

static void close_pipe(ip_child *child)
{
    if (child->pipe >= 0)
        close(child->pipe);
    child->pipe = -1;
}

ip_status ip_child_start(ip_child *child, uint64_t number, ip_error *err)
{
    assert(child->pid == 0);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return ip_fail(err, IP_ERR_MEMORY, "cannot make a pipe to a child: %s", strerror(errno));
    fflush(NULL); /* lest a child that calls exit() prints the parent's pending text again */
    const pid_t parent = getpid();
    child->late = child->large = false;
    child->pid = fork();
    if (child->pid == 0)
        ip_child_main(child->farm, number, parent, child->report, &child->port, child->result);
    const int reason = errno;
    child->began = child->looked = child->measured = ip_clock();
    child->lived = 0;
    child->peak_bytes = 0;
    close(ends[1]);
    child->pipe = ends[0];
    if (child->pid > 0)
        return IP_OK;
    child->pid = 0;
    close_pipe(child);
    return ip_fail(err, IP_ERR_MEMORY, "cannot fork a child: %s", strerror(reason));
}

/* What a child of so many resident bytes has added to those it was born with and those it shares; 0
 * while that is not known. Shared pages come to it as it touches them. */
static uint64_t added_bytes(const ip_child *child, uint64_t resident_bytes)
{
    const uint64_t born = child->report->resident_bytes;
    const uint64_t before = born > 0 ? born + child->farm->shared_bytes : 0;
    return before > 0 && resident_bytes > before ? resident_bytes - before : 0;
}

static bool too_large(const ip_child *child, uint64_t resident_bytes)
{
    const uint64_t limit = child->farm->memory_limit;
    return limit > 0 && added_bytes(child, resident_bytes) > limit;
}

static void measure(ip_child *child)
{
    char pid[16];
    snprintf(pid, sizeof pid, "%d", (int)child->pid);
    uint64_t virtual_bytes, resident_bytes;
    if (!ip_child_sizes(pid, &virtual_bytes, &resident_bytes))
        return;
    if (resident_bytes > child->peak_bytes)
        child->peak_bytes = resident_bytes;
    if (too_large(child, resident_bytes))
        child->large = true;
}

static void enforce_limits(ip_child *child)
{
    const double limit = child->farm->seconds_limit;
    child->late = limit > 0 && child->lived > limit;
    if (child->farm->memory_limit > 0 && child->looked - child->measured >= look_seconds) {
        child->measured = child->looked;
        measure(child);
    }
    if (child->late || child->large)
        kill(child->pid, SIGKILL);
}

static void describe_signal(const ip_child *child, int number, const ip_outcome *outcome,
                            char *reason, size_t bytes)
{
    const int n = snprintf(reason, bytes, "signal %d (%s)", number, strsignal(number));
    if (number == SIGKILL && n > 0 && (size_t)n < bytes)
        snprintf(reason + n, bytes - (size_t)n, ": perhaps out of memory, %.1f MiB at its peak",
                 (double)added_bytes(child, outcome->peak_bytes) / 0x1p20);
}

/* Why a child that left no result ended, from what wait4 told. */
static void describe_death(const ip_child *child, int status, const ip_outcome *outcome,
                           char *reason, size_t bytes)
{
    if (child->late)
        snprintf(reason, bytes, "ran longer than %g s", child->farm->seconds_limit);
    else if (WIFSIGNALED(status))
        describe_signal(child, WTERMSIG(status), outcome, reason, bytes);
    else if (WEXITSTATUS(status) != 0)
        snprintf(reason, bytes, "exit code %d", WEXITSTATUS(status));
    else
        snprintf(reason, bytes, "ended without a result");
}

/* The memory is judged by the looks and by the peak that the kernel kept, so that a child that no
 * look happened to catch is treated like one that was. The kernel's peak is a little behind the
 * truth (its counters are kept per processor), hence not the peak alone. */
static void judge(const ip_child *child, int status, ip_outcome *outcome)
{
    const ip_child_report *report = child->report;
    const bool finished = WIFEXITED(status) && WEXITSTATUS(status) == 0 && report->finished;
    char *reason = outcome->reason;
    outcome->kind = IP_OUTCOME_LOST;
    reason[0] = '\0';
    if (finished && report->status != IP_OK) {
        outcome->kind = IP_OUTCOME_FAILED;
        snprintf(reason, sizeof outcome->reason, "%.*s", (int)sizeof outcome->reason - 1,
                 report->error.text);
    } else if (child->large || too_large(child, outcome->peak_bytes)) {
        snprintf(reason, sizeof outcome->reason,
                 "used more than %g MiB of memory: %.1f MiB at its peak",
                 (double)child->farm->memory_limit / 0x1p20,
                 (double)added_bytes(child, outcome->peak_bytes) / 0x1p20);
    } else if (finished) {
        outcome->kind = IP_OUTCOME_DONE;
    } else {
        describe_death(child, status, outcome, reason, sizeof outcome->reason);
    }
}

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + 1e-6 * (double)time.tv_usec;
}

ip_status ip_child_poll(ip_child *child, bool *ended, ip_outcome *outcome, ip_error *err)
{
    assert(child->pid > 0);
    int status;
    struct rusage usage;
    const pid_t pid = wait4(child->pid, &status, WNOHANG, &usage);
    if (pid < 0 && errno != EINTR)
        return ip_fail(err, IP_ERR_INTERNAL, "cannot wait for a child: %s", strerror(errno));
    *ended = pid > 0;
    child->lived += ip_farm_awake(&child->looked);
    if (!*ended) {
        enforce_limits(child);
        return IP_OK;
    }
    child->pid = 0;
    close_pipe(child);
    outcome->seconds = ip_clock() - child->began;
    outcome->cpu_seconds = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
    outcome->peak_bytes = (uint64_t)usage.ru_maxrss * 1024;
    if (child->peak_bytes > outcome->peak_bytes)
        outcome->peak_bytes = child->peak_bytes;
    judge(child, status, outcome);
    return IP_OK;
}

void ip_child_nap(ip_child *child, double seconds)
{
    assert(seconds < 1);
    struct pollfd pipe_end = {.fd = child->pipe}; /* a hang-up is always reported; -1 is ignored */
    ppoll(&pipe_end, 1, &(struct timespec){.tv_nsec = (long)(1e9 * seconds)}, NULL);
    if (pipe_end.revents != 0)
        close_pipe(child);
}

void ip_child_kill(ip_child *child)
{
    if (child->pid == 0)
        return;
    kill(child->pid, SIGKILL);
    while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    child->pid = 0;
    close_pipe(child);
}

void ip_child_close(ip_child *child)
{
    ip_child_kill(child);
    munmap(child->report, child->shared_bytes);
}
