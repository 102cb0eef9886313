/* What a running number may still do when the run stops, and how long: by the grade of the stop,
 * and less when the grade is raised. */
#include "walk.h"
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>

enum { N = 12 };

typedef enum conduct {
    ANSWER, /* gives its state when asked */
    REFUSE, /* has nothing to give, and says so */
    IGNORE, /* never asks */
    FINISH, /* ends when it is told to stop, without a state */
    FAIL,   /* likewise, by its own verdict */
    DIE     /* likewise, without a result */
} conduct;

typedef struct bench {
    depot depot; /* first: the functions of walk.h get the bench as a depot */
    conduct how;
} bench;

static volatile sig_atomic_t flag;
static sig_atomic_t grades[2]; /* the flag rises to one after the other */
static int n_alarms;

static void raise_flag(int number)
{
    (void)number;
    if (grades[n_alarms] > flag)
        flag = grades[n_alarms];
    n_alarms = 1;
}

/* ---- compute ---- */

static ip_status give_up(ip_port *port, walk_state *state, uint64_t number, conduct how)
{
    while (!ip_port_is_asked(port))
        usleep(200);
    if (how == REFUSE)
        return ip_port_give(port, 0) ? IP_ERR_STOPPED : IP_ERR_INTERNAL;
    walk_step(state, number);
    return walk_answer(port, state) ? IP_ERR_STOPPED : IP_ERR_INTERNAL;
}

/* All numbers last until the stop. */
static ip_status compute(void *context, uint64_t number, ip_port *port, void *result, ip_error *err)
{
    const bench *here = context;
    const walk_entry *entry = &here->depot.at[number];
    walk_state *state = calloc(1, sizeof *state);
    walk_start(port, state, result);
    while (here->how == IGNORE)
        pause();
    if (here->how == ANSWER || here->how == REFUSE)
        return give_up(port, state, number, here->how);
    while (entry->put_back == 0)
        usleep(200);
    if (here->how == DIE)
        _exit(3);
    ((walk_result *)result)->value = walk_value(number, STEPS);
    return here->how == FAIL ? ip_fail(err, IP_ERR_NUMERIC, "not a number") : IP_OK;
}

/* ---- the tests ---- */

static void check_entry(const walk_entry *entry, conduct how)
{
    const bool ends = how == FINISH || how == FAIL;
    CHECK_COUNT(entry->begun, 1);
    CHECK_COUNT(entry->put_back, 1);
    CHECK_COUNT(entry->committed, ends);
    CHECK_COUNT(entry->saved, how == ANSWER);
    CHECK_COUNT(entry->late_put_backs, 0);
    CHECK_COUNT(entry->lost, 0);
    if (ends)
        CHECK(entry->outcome.kind == (how == FINISH ? IP_OUTCOME_DONE : IP_OUTCOME_FAILED));
}

/* Every rank was at work on one number, if it had come by the time of the stop. */
static void check_entries(const bench *here, const ip_farm_progress *summary)
{
    int begun = 0;
    for (size_t i = 0; i < N; i++) {
        begun += here->depot.at[i].begun;
        if (here->depot.at[i].begun > 0)
            check_entry(&here->depot.at[i], here->how);
    }
    CHECK(begun >= 1 && begun <= here->depot.book.n_ranks);
    if (here->depot.book.rank == 0) {
        CHECK_COUNT(summary->done, here->how == FINISH ? begun : 0);
        CHECK_COUNT(summary->failed, here->how == FAIL ? begun : 0);
    }
}

static void set_timer(void)
{
    const struct timeval pause_time = {.tv_usec = 300000};
    n_alarms = 0;
    setitimer(ITIMER_REAL, &(struct itimerval){pause_time, pause_time}, NULL);
}

/* A grace that is not meant to be used up is so long that the test would run out of time. */
static void test_grace(conduct how, sig_atomic_t first, sig_atomic_t second, int who,
                       double soon_seconds, double now_seconds)
{
    bench here = {.how = how};
    ip_farm farm = depot_open(&here.depot, N, true);
    flag = IP_STOP_NO;
    grades[0] = first;
    grades[1] = second;
    farm.compute = compute;
    farm.stop = &flag;
    farm.soon_seconds = soon_seconds;
    farm.now_seconds = now_seconds;
    if (here.depot.book.rank == who)
        set_timer();
    const ip_farm_progress summary = depot_run(&here.depot, &farm, IP_ERR_STOPPED);
    setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
    CHECK(waitpid(-1, NULL, WNOHANG) == -1); /* no child is left */
    check_entries(&here, &summary);
    depot_close(&here.depot);
}

int main(int argc, char **argv)
{
    const double for_ever = 1000;
    int n_ranks;
    MPI_Init(&argc, &argv);
    MPI_Comm_size(MPI_COMM_WORLD, &n_ranks);
    signal(SIGALRM, raise_flag);
    const int last = n_ranks - 1;
    test_grace(ANSWER, IP_STOP_SOON, IP_STOP_SOON, last, for_ever, 0);
    test_grace(REFUSE, IP_STOP_NOW, IP_STOP_NOW, 0, 0, for_ever);
    test_grace(FINISH, IP_STOP_SOON, IP_STOP_SOON, 0, for_ever, 0);
    test_grace(FAIL, IP_STOP_NOW, IP_STOP_NOW, last, 0, for_ever);
    test_grace(DIE, IP_STOP_NOW, IP_STOP_NOW, 0, 0, for_ever);
    test_grace(IGNORE, IP_STOP_SOON, IP_STOP_SOON, 0, 0.1, for_ever);
    test_grace(IGNORE, IP_STOP_NOW, IP_STOP_NOW, last, for_ever, 0.1);
    test_grace(IGNORE, IP_STOP_SOON, IP_STOP_NOW, 0, for_ever, 0.1);
    test_grace(IGNORE, IP_STOP_SOON, IP_STOP_NOW, last, for_ever, 0.1);
    const int code = check_finish_ranks(MPI_COMM_WORLD);
    MPI_Finalize();
    return code;
}
