/* test_lock_race.c - many processes want one lock: one gets it, also when the last holder was
 * killed
 *
 * A race: some processes start at once for a lock that is free, or was left by one that was killed;
 * exactly one must win, and the others must be told of a holder. A relay: processes take and leave
 * the lock as fast as they can, and some are killed while they hold it; no two may ever hold it. */
#include "infoplane/log.h"
#include "lock_files.h"
#include <sched.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>

enum { RACERS = 6, ROUNDS = 60, RELAYS = 200, LONGEST_SECONDS = 120 };

typedef struct board {
    _Atomic int ready, go, winners, refused, wrong, answered;
    _Atomic long inside; /* pid of the holder, 0 = nobody */
    _Atomic int relays, collisions;
} board;

static board *shared;

/* Forks a child that ends with this process, whatever happens to it. */
static pid_t fork_bound(void)
{
    fflush(NULL);
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(98);
        ip_log_set_level(IP_LOG_ERROR);
    }
    return pid;
}

static bool take(char *token)
{
    ip_error err = {0};
    const ip_status status = ip_lock_take_within("a.h5", false, 0, token, &err);
    if (status != IP_OK &&
        (status != IP_ERR_CREATE || strstr(err.text, "another run holds it: host ") == NULL)) {
        fprintf(stderr, "%s\n", err.text);
        shared->wrong++;
    }
    return status == IP_OK;
}

/* ---- the race ---- */

static _Noreturn void leave_stale(void)
{
    char token[IP_TOKEN_SIZE];
    shared->wrong += !take(token);
    kill(getpid(), SIGKILL);
    _exit(97);
}

/* The winner keeps the lock until all the others have been refused. */
static _Noreturn void race(void)
{
    char token[IP_TOKEN_SIZE];
    shared->ready++;
    while (!shared->go)
        sched_yield();
    const bool won = take(token);
    shared->winners += won;
    shared->refused += !won;
    shared->answered++;
    while (won && shared->answered < RACERS)
        usleep(200);
    if (won) {
        shared->wrong += !ip_lock_is_ours("a.h5", token);
        ip_lock_release("a.h5", token);
    }
    _exit(0);
}

static void run_round(bool from_stale)
{
    pid_t pids[RACERS];
    int status;
    memset(shared, 0, sizeof *shared);
    if (from_stale) {
        const pid_t pid = fork_bound();
        if (pid == 0)
            leave_stale();
        CHECK(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
        CHECK(scratch_exists("a.h5.lock"));
    }
    for (int k = 0; k < RACERS; k++)
        if ((pids[k] = fork_bound()) == 0)
            race();
    while (shared->ready < RACERS)
        usleep(100);
    shared->go = 1;
    for (int k = 0; k < RACERS; k++)
        CHECK(waitpid(pids[k], &status, 0) == pids[k] && WIFEXITED(status) &&
              WEXITSTATUS(status) == 0);
    CHECK_COUNT(shared->winners, 1);
    CHECK_COUNT(shared->refused, RACERS - 1);
    CHECK_COUNT(shared->wrong, 0);
    CHECK(!scratch_exists("a.h5.lock"));
}

/* ---- the relay ---- */

static bool is_alive(long pid)
{
    char state;
    uint64_t start;
    return ip_process_look(pid, &state, &start) && state != 'Z' && state != 'X';
}

/* Every seventh holder is killed while it holds the lock. */
static void hold(const char *token)
{
    const long before = atomic_exchange(&shared->inside, (long)getpid());
    shared->collisions += before != 0 && is_alive(before);
    shared->wrong += !ip_lock_is_ours("a.h5", token);
    shared->collisions += shared->inside != (long)getpid();
    if (shared->relays++ % 7 == 6)
        kill(getpid(), SIGKILL);
    shared->inside = 0;
    ip_lock_release("a.h5", token);
}

static _Noreturn void run_relay(void)
{
    char token[IP_TOKEN_SIZE];
    while (shared->relays < RELAYS)
        if (take(token))
            hold(token);
        else
            usleep((useconds_t)(getpid() % 7) * 100);
    _exit(0);
}

static void test_relay(void)
{
    int status;
    int running = 0;
    memset(shared, 0, sizeof *shared);
    while (shared->relays < RELAYS || running > 0) {
        for (; shared->relays < RELAYS && running < RACERS; running++)
            if (fork_bound() == 0)
                run_relay();
        CHECK(wait(&status) > 0);
        CHECK(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0);
        running--;
    }
    CHECK_COUNT(shared->collisions, 0);
    CHECK_COUNT(shared->wrong, 0);
}

int main(void)
{
    alarm(LONGEST_SECONDS);
    unsetenv("SLURM_JOB_ID");
    scratch_enter("test_lock_race.files");
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (int k = 0; k < ROUNDS; k++)
        run_round(k % 2 == 1);
    test_relay();
    scratch_leave("test_lock_race.files");
    return check_finish();
}
