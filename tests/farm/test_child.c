/* One attempt in a process of its own: how each way to end is judged, and what the child inherits.
 */
#include "check.h"
#include "farm/child.h"
#include "misdeeds.h"
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

/* What the test and its child tell each other, in shared memory. */
typedef struct signpost {
    _Atomic int go_on;
    _Atomic pid_t pid;
} signpost;

/* Runs one attempt to its end: a nap sees the end of every other one first, poll that of the rest.
 */
static ip_outcome attempt(ip_child *child, uint64_t number)
{
    ip_outcome outcome = {0};
    ip_error err = {0};
    bool ended = false;
    ip_child_clear(child, 0);
    CHECK(ip_child_start(child, number, &err) == IP_OK);
    while (!ended) {
        if (number % 2 == 0)
            ip_child_nap(child, 1e-3);
        else
            usleep(1000);
        CHECK(ip_child_poll(child, &ended, &outcome, &err) == IP_OK);
    }
    return outcome;
}

static ip_child open_child(const ip_farm *farm)
{
    ip_child child;
    ip_error err = {0};
    CHECK(ip_child_open(&child, farm, &err) == IP_OK);
    return child;
}

static int open_files(void)
{
    int n = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (readdir(folder) != NULL)
        n++;
    closedir(folder);
    return n;
}

static ip_status misbehave(void *context, uint64_t number, ip_port *port, void *result,
                           ip_error *err)
{
    (void)context, (void)port;
    memset(result, 0xff, 100); /* half a result before the end */
    return misdeeds[number].act(err);
}

static void test_misdeeds(void)
{
    const ip_farm farm = {.result_bytes = 100,
                          .compute = misbehave,
                          .seconds_limit = misdeed_seconds,
                          .memory_limit = misdeed_bytes};
    ip_child child = open_child(&farm);
    for (size_t i = 0; i < IP_LENGTH(misdeeds); i++) {
        const ip_outcome outcome = attempt(&child, i);
        CHECK_REPORT(outcome.kind == misdeeds[i].kind, "%s: kind %d, expected %d", misdeeds[i].name,
                     (int)outcome.kind, (int)misdeeds[i].kind);
        CHECK_STR(wrong_reason(outcome.reason, &misdeeds[i]), "");
    }
    ip_child_close(&child);
}

/* A result of three and a bit MiB, aligned to a page, found zeroed each time. */
enum { LARGE = 400001 };

static ip_status fill_large(void *context, uint64_t number, ip_port *port, void *result,
                            ip_error *err)
{
    (void)context, (void)port;
    uint64_t *values = result;
    if ((uintptr_t)result % (uintptr_t)sysconf(_SC_PAGESIZE) != 0)
        return ip_fail(err, IP_ERR_INTERNAL, "not aligned");
    for (size_t i = 0; i < LARGE; i++) {
        if (values[i] != 0)
            return ip_fail(err, IP_ERR_INTERNAL, "not zeroed");
        values[i] = number + 3 * i;
    }
    return IP_OK;
}

static void test_large_result(void)
{
    const ip_farm farm = {.result_bytes = LARGE * sizeof(uint64_t), .compute = fill_large};
    ip_child child = open_child(&farm);
    for (uint64_t number = 5; number < 8; number++) {
        const ip_outcome outcome = attempt(&child, number);
        CHECK_STR(outcome.reason, "");
        CHECK(outcome.kind == IP_OUTCOME_DONE);
        const uint64_t *values = child.result;
        size_t wrong = 0;
        for (size_t i = 0; i < LARGE; i++)
            wrong += values[i] != number + 3 * i;
        CHECK_COUNT(wrong, 0);
    }
    ip_child_close(&child);
}

static ip_status do_nothing(void *context, uint64_t number, ip_port *port, void *result,
                            ip_error *err)
{
    (void)context, (void)number, (void)result, (void)err, (void)port;
    return IP_OK;
}

static void test_nothing_is_left_behind(void)
{
    const ip_farm farm = {.result_bytes = 0, .compute = do_nothing};
    const int before = open_files();
    ip_child child = open_child(&farm);
    for (uint64_t number = 0; number < 50; number++)
        CHECK(attempt(&child, number).kind == IP_OUTCOME_DONE);
    ip_child_close(&child);
    CHECK_COUNT(open_files(), before);
    CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
}

enum { BURN, HOLD };
static const size_t held_bytes = (size_t)32 << 20;

/* BURN computes for a tenth of a second of its own clock; HOLD touches 32 MiB. */
static ip_status use(void *context, uint64_t number, ip_port *port, void *result, ip_error *err)
{
    (void)context, (void)result, (void)port;
    if (number == BURN) {
        while (clock() < CLOCKS_PER_SEC / 10)
            continue;
        return IP_OK;
    }
    return hold_memory(held_bytes) ? IP_OK : ip_fail(err, IP_ERR_MEMORY, "out of memory");
}

static void test_costs(void)
{
    const ip_farm farm = {.result_bytes = 8, .compute = use};
    ip_child child = open_child(&farm);
    const ip_outcome burnt = attempt(&child, BURN), held = attempt(&child, HOLD);
    /* The child's clock counts from its birth, and so does wait4, to the millisecond or so of the
     * kernel's tick; one thread cannot use more than the wall clock. */
    CHECK(burnt.cpu_seconds > 0.09);
    CHECK(burnt.seconds > burnt.cpu_seconds - 0.02);
    CHECK(burnt.peak_bytes > 0);
    /* Both children inherit the same; the rest of a MiB is for what a call more or less touches. */
    const double more = (double)held.peak_bytes - (double)burnt.peak_bytes;
#ifndef IP_SANITIZE
    CHECK_NEAR(more, (double)held_bytes, 1 << 20);
#else
    CHECK(more > 0);
#endif
    ip_child_close(&child);
}

static int read_adjustment(void)
{
    int adjustment = 0;
    FILE *file = fopen("/proc/self/oom_score_adj", "r");
    if (file == NULL || fscanf(file, "%d", &adjustment) != 1)
        adjustment = -1;
    if (file != NULL)
        fclose(file);
    return adjustment;
}

/* The result tells the parent that the child listens; the parent's signals must not end it. */
static ip_status stay_deaf(void *context, uint64_t number, ip_port *port, void *result,
                           ip_error *err)
{
    (void)number, (void)port;
    const signpost *post = context;
    _Atomic int *ready = result;
    struct rlimit core;
    getrlimit(RLIMIT_CORE, &core);
    if (core.rlim_max != 0)
        return ip_fail(err, IP_ERR_INTERNAL, "may write a core file");
    if (read_adjustment() != 1000)
        return ip_fail(err, IP_ERR_INTERNAL, "oom_score_adj is %d", read_adjustment());
    *ready = 1;
    while (!post->go_on)
        usleep(1000);
    return IP_OK;
}

static void test_deaf_to_requests(signpost *post)
{
    static const int requests[] = {SIGTERM, SIGINT, SIGUSR1, SIGUSR2, SIGHUP};
    const ip_farm farm = {.result_bytes = 4, .compute = stay_deaf, .context = post};
    ip_child child = open_child(&farm);
    ip_error err = {0};
    ip_outcome outcome = {0};
    bool ended = false;
    CHECK(ip_child_start(&child, 0, &err) == IP_OK);
    while (!ended) {
        ip_child_nap(&child, 1e-3);
        CHECK(ip_child_poll(&child, &ended, &outcome, &err) == IP_OK);
        if (*(_Atomic int *)child.result == 1 && !post->go_on) {
            for (size_t i = 0; i < IP_LENGTH(requests); i++)
                kill(child.pid, requests[i]);
            post->go_on = 1;
        }
    }
    CHECK_STR(outcome.reason, "");
    CHECK(outcome.kind == IP_OUTCOME_DONE);
    ip_child_close(&child);
}

static ip_status wait_for_ever(void *context, uint64_t number, ip_port *port, void *result,
                               ip_error *err)
{
    (void)number, (void)result, (void)err, (void)port;
    signpost *post = context;
    post->pid = getpid();
    while (post->pid != 0)
        pause();
    return IP_OK;
}

static void test_kill(signpost *post)
{
    const ip_farm farm = {.result_bytes = 1, .compute = wait_for_ever, .context = post};
    ip_child child = open_child(&farm);
    ip_error err = {0};
    ip_child_kill(&child); /* nobody there: nothing happens */
    CHECK(ip_child_start(&child, 0, &err) == IP_OK);
    const pid_t started = child.pid;
    ip_child_kill(&child);
    CHECK(kill(started, 0) == -1 && errno == ESRCH);
    ip_child_close(&child);
}

/* A rank that is killed takes its child along. This process adopts the orphan to see how it ended.
 */
static void test_dies_with_its_parent(signpost *post)
{
    const ip_farm farm = {.result_bytes = 1, .compute = wait_for_ever, .context = post};
    CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
    post->pid = 0;
    const pid_t rank = fork();
    if (rank == 0) {
        ip_child child = open_child(&farm);
        if (ip_child_start(&child, 0, NULL) != IP_OK)
            _exit(1);
        for (;;)
            pause();
    }
    while (post->pid == 0)
        usleep(1000);
    kill(rank, SIGKILL);
    int status;
    CHECK(waitpid(rank, &status, 0) == rank);
    pid_t gone = 0;
    for (int i = 0; i < 20000 && gone == 0; i++) {
        usleep(1000);
        gone = waitpid(post->pid, &status, WNOHANG);
    }
    CHECK(gone == post->pid);
    if (gone == 0)
        kill(post->pid, SIGKILL);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

int main(void)
{
    signpost *post =
        mmap(NULL, sizeof *post, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    test_misdeeds();
    test_large_result();
    test_nothing_is_left_behind();
    test_costs();
    test_deaf_to_requests(post);
    test_kill(post);
    test_dies_with_its_parent(post);
    munmap(post, sizeof *post);
    return check_finish();
}
