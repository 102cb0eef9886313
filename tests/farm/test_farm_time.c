/* Nothing is begun with less time left than a number needs, and the run stops by itself when it
 * runs out. */
#include "walk.h"

enum { N = 30, ENOUGH = 5 };
static const double start_seconds = 10;

typedef enum limit {
    NEVER,   /* time enough for all */
    SHORT,   /* less than start_seconds, after some numbers */
    OVER,    /* none at all, after some numbers */
    AT_FIRST /* less than start_seconds from the beginning */
} limit;

typedef struct bench {
    depot depot; /* first: the functions of walk.h get the bench as a depot */
    limit when;
} bench;

/* By how many numbers are committed, not by a clock. */
static double seconds_left(void *context)
{
    const bench *here = context;
    int committed = 0;
    for (size_t i = 0; i < N; i++)
        committed += here->depot.at[i].committed;
    if (here->when == AT_FIRST)
        return start_seconds / 2;
    if (here->when == NEVER || committed < ENOUGH)
        return start_seconds;
    return here->when == SHORT ? start_seconds / 2 : 0;
}

/* When time runs out, what comes after the first numbers waits for the stop. */
static ip_status compute(void *context, uint64_t number, ip_port *port, void *result, ip_error *err)
{
    const bench *here = context;
    walk_state *state = calloc(1, sizeof *state);
    walk_start(port, state, result);
    while (here->when == OVER && number >= ENOUGH && !ip_port_is_asked(port))
        usleep(200);
    usleep(2000);
    const ip_status status = walk_on(port, number, state, result, err);
    free(state);
    return status;
}

static void check_stopped(const bench *here, const ip_farm_progress *summary)
{
    int begun = 0, committed = 0, put_back = 0, saved = 0;
    for (size_t i = 0; i < N; i++) {
        begun += here->depot.at[i].begun;
        committed += here->depot.at[i].committed;
        put_back += here->depot.at[i].put_back;
        saved += here->depot.at[i].saved;
    }
    CHECK_COUNT(begun, committed + saved);
    CHECK_COUNT(put_back >= saved, 1);
    if (here->depot.book.rank == 0)
        CHECK_COUNT(summary->done, committed);
    /* Every rank may be at work when time runs out, and all but rank 0 may have one more number. */
    if (here->when == AT_FIRST)
        CHECK_COUNT(begun, 0);
    else
        CHECK(committed >= ENOUGH && committed < ENOUGH + 2 * here->depot.book.n_ranks - 1);
    if (here->when == SHORT) /* those at work had the time to end */
        CHECK_COUNT(put_back, 0);
}

static void test_time(limit when, bool isolate)
{
    bench here = {.when = when};
    ip_farm farm = depot_open(&here.depot, N, isolate);
    farm.compute = compute;
    farm.seconds_left = seconds_left;
    farm.start_seconds = start_seconds;
    farm.soon_seconds = 1000;
    const ip_farm_progress summary =
        depot_run(&here.depot, &farm, when == NEVER ? IP_OK : IP_ERR_STOPPED);
    if (when != NEVER)
        check_stopped(&here, &summary);
    else if (here.depot.book.rank == 0)
        CHECK_COUNT(summary.done, N);
    depot_close(&here.depot);
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    for (limit when = NEVER; when <= AT_FIRST; when++)
        test_time(when, true);
    test_time(SHORT, false);
    test_time(AT_FIRST, false);
    const int code = check_finish_ranks(MPI_COMM_WORLD);
    MPI_Finalize();
    return code;
}
