/* A number that gives its state goes on from there, after a stop and after a lost attempt, and ends
 * with the same result; while it runs it is asked again and again. */
#include "walk.h"
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

enum { N = 9, FIRST_STATES = 3 };

static volatile sig_atomic_t flag;
static sig_atomic_t grade; /* what the timer raises it to; 0: no stop comes */

static void raise_flag(int number)
{
    (void)number;
    flag = grade;
}

/* ---- while it runs ---- */

/* Walks slowly until some states were saved. */
static ip_status until_saved(void *context, uint64_t number, ip_port *port, void *result,
                             ip_error *err)
{
    const depot *here = context;
    walk_state *state = calloc(1, sizeof *state);
    walk_start(port, state, result);
    while (here->at[number].saved < FIRST_STATES && state->step < STEPS) {
        walk_step(state, number);
        CHECK(!walk_answer(port, state));
        usleep(1000);
    }
    const ip_status status = walk_on(port, number, state, result, err);
    free(state);
    return status;
}

static void test_periodic(bool isolate)
{
    depot here = {0};
    ip_farm farm = depot_open(&here, N, isolate);
    farm.compute = until_saved;
    farm.checkpoint_seconds = 0.005;
    const ip_farm_progress summary = depot_run(&here, &farm, IP_OK);
    for (size_t i = 0; i < N; i++) {
        CHECK_STR(here.at[i].outcome.reason, "");
        CHECK_COUNT(here.at[i].committed, 1);
        CHECK(here.at[i].saved >= FIRST_STATES);
        CHECK_COUNT(here.at[i].put_back, 0);
    }
    if (here.book.rank == 0)
        CHECK_COUNT(summary.done, N);
    depot_close(&here);
}

/* ---- over a lost attempt ---- */

/* The first two attempts die as soon as a further state was saved. */
static ip_status die_twice(void *context, uint64_t number, ip_port *port, void *result,
                           ip_error *err)
{
    const depot *here = context;
    walk_entry *entry = &here->at[number];
    const int attempt = ++entry->computed, before = entry->saved;
    walk_state *state = calloc(1, sizeof *state);
    walk_start(port, state, result);
    while (attempt <= 2 && state->step < STEPS) {
        walk_step(state, number);
        if (entry->saved > before)
            _exit(3);
        if (walk_answer(port, state))
            return IP_ERR_STOPPED;
        usleep(1000);
    }
    return walk_on(port, number, state, result, err);
}

static void test_lost(void)
{
    depot here = {0};
    ip_farm farm = depot_open(&here, N, true);
    farm.compute = die_twice;
    farm.checkpoint_seconds = 0.005;
    farm.retries = 2;
    depot_run(&here, &farm, IP_OK);
    for (size_t i = 0; i < N; i++) {
        CHECK(here.at[i].outcome.kind == IP_OUTCOME_DONE);
        CHECK_COUNT(here.at[i].outcome.attempts, 3);
        CHECK_COUNT(here.at[i].begun, 3);
        CHECK_COUNT(here.at[i].lost, 2);
        CHECK(here.at[i].from >= 2); /* each of the two walked at least a step */
    }
    depot_close(&here);
}

/* ---- over a stop ---- */

/* Every other number walks to its middle and waits there for the stop. */
static ip_status until_stop(void *context, uint64_t number, ip_port *port, void *result,
                            ip_error *err)
{
    (void)context;
    walk_state *state = calloc(1, sizeof *state);
    walk_start(port, state, result);
    ip_status status = IP_OK;
    if (grade != IP_STOP_NO && number % 2 == 1) {
        while (state->step < STEPS / 2)
            walk_step(state, number);
        while (!walk_answer(port, state))
            usleep(200);
        status = ip_fail(err, IP_ERR_STOPPED, "stopped");
    }
    if (status == IP_OK)
        status = walk_on(port, number, state, result, err);
    free(state);
    return status;
}

/* What was begun is committed, or put back and saved, put back first; returns what is left. */
static size_t check_stopped(const depot *here, uint64_t *left)
{
    size_t n = 0;
    for (size_t i = 0; i < N; i++) {
        const walk_entry *entry = &here->at[i];
        CHECK(entry->begun <= 1 && entry->committed <= entry->begun);
        if (entry->committed == 0) {
            CHECK_COUNT(entry->put_back, entry->begun);
            CHECK_COUNT(entry->saved, entry->begun);
            CHECK(entry->state.step > 0 || entry->begun == 0);
            left[n++] = i;
        }
        CHECK_COUNT(entry->late_put_backs, 0);
    }
    return n;
}

static void check_resumed(const depot *here, const uint64_t *left, size_t n)
{
    size_t resumed = 0;
    for (size_t i = 0; i < n; i++) {
        const walk_entry *entry = &here->at[left[i]];
        CHECK_COUNT(entry->committed, 1);
        CHECK_COUNT(entry->outcome.attempts, 1);
        CHECK_COUNT(entry->from, entry->begun == 2 ? entry->state.step : 0);
        resumed += entry->from > 0;
    }
    CHECK(resumed > 0);
}

/* Without isolation a number hears only its own rank's flag, so each rank raises one. */
static void test_stop(bool isolate, int who, ip_stop how)
{
    depot here = {0};
    ip_farm farm = depot_open(&here, N, isolate);
    uint64_t left[N];
    flag = IP_STOP_NO;
    grade = (sig_atomic_t)how;
    farm.compute = until_stop;
    farm.soon_seconds = how == IP_STOP_SOON ? 1000 : 0; /* whoever takes the wrong one is seen */
    farm.now_seconds = how == IP_STOP_NOW ? 1000 : 0;
    farm.stop = &flag;
    if (here.book.rank == who || !isolate)
        setitimer(ITIMER_REAL, &(struct itimerval){.it_value.tv_usec = 200000}, NULL);
    const ip_farm_progress summary = depot_run(&here, &farm, IP_ERR_STOPPED);
    const size_t n = check_stopped(&here, left);
    CHECK(n > 0);
    if (here.book.rank == 0)
        CHECK_COUNT(summary.done, N - n);
    MPI_Barrier(here.book.comm);
    flag = grade = IP_STOP_NO;
    farm.n = n;
    farm.numbers = left;
    depot_run(&here, &farm, IP_OK);
    check_resumed(&here, left, n);
    depot_close(&here);
}

int main(int argc, char **argv)
{
    int n_ranks;
    MPI_Init(&argc, &argv);
    MPI_Comm_size(MPI_COMM_WORLD, &n_ranks);
    signal(SIGALRM, raise_flag);
    test_periodic(true);
    test_periodic(false);
    test_lost();
    test_stop(true, 0, IP_STOP_SOON);
    test_stop(true, n_ranks - 1, IP_STOP_NOW);
    test_stop(false, 0, IP_STOP_SOON);
    const int code = check_finish_ranks(MPI_COMM_WORLD);
    MPI_Finalize();
    return code;
}
