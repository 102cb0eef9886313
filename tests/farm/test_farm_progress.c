/* What rank 0 is told while the farm runs: the counts add up, the time left follows from the costs,
 * and the result in the making can be read. */
#include "ledger.h"
#include <unistd.h>

enum { N = 6 };
static const double costs[N] = {8, 5, 3, 2, 1, 1};
static const double total_cost = 20;

typedef struct bench {
    ledger book;
    _Atomic uint64_t *seen; /* shared: the number whose result progress has read */
    size_t n_calls, n_ended;
    ip_farm_progress last;
} bench;

/* On rank 0 a number goes on only when progress has read 100 + number from its half-made result, so
 * each lasts as long as it takes to be shown; not for ever, lest a failure hangs. */
static ip_status compute(void *context, uint64_t number, ip_port *port, void *result, ip_error *err)
{
    (void)port;
    const bench *here = context;
    _Atomic uint64_t *value = result;
    *value = 100 + number;
    if (here->book.rank != 0)
        return IP_OK;
    for (int i = 0; *here->seen != number; i++) {
        if (i == 30000)
            return ip_fail(err, IP_ERR_INTERNAL, "the result was not looked at");
        usleep(1000);
    }
    return IP_OK;
}

static ip_status commit(void *context, uint64_t number, const ip_outcome *outcome,
                        const void *result, ip_error *err)
{
    (void)result, (void)err;
    bench *here = context;
    CHECK_STR(outcome->reason, "");
    ledger_commit(&here->book, number, outcome);
    return IP_OK;
}

/* On one rank the numbers end in the order of the list, so the cost of those that ended is known.
 */
static void check_time_left(const ip_farm_progress *now)
{
    double ended = 0;
    for (size_t i = 0; i < now->done; i++)
        ended += costs[i];
    CHECK_NEAR(now->seconds_left, (total_cost - ended) / (ended / now->seconds),
               1e-9 * now->seconds);
}

static void watch(void *context, const ip_farm_progress *now)
{
    bench *here = context;
    here->n_calls++;
    CHECK_COUNT(now->total, N);
    CHECK_COUNT(now->failed, 0);
    CHECK(now->done + now->running <= N);
    CHECK(now->running <= (size_t)here->book.n_ranks);
    CHECK(now->done >= here->last.done);
    CHECK(now->seconds >= here->last.seconds);
    CHECK((now->done == 0) == (bool)isnan(now->seconds_left));
    if (here->book.n_ranks == 1 && now->done > 0)
        check_time_left(now);
    if (now->running_result != NULL &&
        *(const _Atomic uint64_t *)now->running_result == 100 + now->running_number)
        *here->seen = now->running_number;
    here->last = *now;
}

int main(int argc, char **argv)
{
    static const uint64_t numbers[N] = {0, 1, 2, 3, 4, 5};
    bench here = {0};
    ip_error err = {0};
    MPI_Init(&argc, &argv);
    ledger_open(&here.book, N);
    here.seen = share_bytes(sizeof *here.seen);
    *here.seen = UINT64_MAX;
    const ip_farm farm = {.n = N,
                          .numbers = numbers,
                          .costs = costs,
                          .result_bytes = 8,
                          .context = &here,
                          .compute = compute,
                          .commit = commit,
                          .progress = watch,
                          .isolate = true};
    CHECK(ip_farm_run(&farm, here.book.comm, NULL, &err) == IP_OK);
    ledger_gather(&here.book);
    for (size_t i = 0; i < N; i++)
        CHECK_COUNT(here.book.committed[i], 1);
    if (here.book.rank == 0) {
        CHECK(here.n_calls >= 2);
        CHECK_COUNT(here.last.done, N); /* the last call tells the end */
        CHECK_COUNT(here.last.running, 0);
        CHECK_NEAR(here.last.seconds_left, 0, 0);
        CHECK(here.last.running_result == NULL);
    } else {
        CHECK_COUNT(here.n_calls, 0);
    }
    ledger_close(&here.book);
    const int code = check_finish_ranks(MPI_COMM_WORLD);
    MPI_Finalize();
    return code;
}
