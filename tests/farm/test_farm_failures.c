/* A number that crashes, hangs, outgrows its memory or gives up costs that number alone. */
#include "ledger.h"
#include "misdeeds.h"

enum {
    N = 100,
    STRIDE = 8,
    FLAKY = 99
}; /* the bad ones are the multiples of STRIDE, while there
      are misdeeds */

static const misdeed *misdeed_of(uint64_t number)
{
    const size_t i = number / STRIDE;
    return number % STRIDE == 0 && i < IP_LENGTH(misdeeds) ? &misdeeds[i] : NULL;
}

static ip_status compute(void *context, uint64_t number, ip_port *port, void *result, ip_error *err)
{
    (void)port;
    ledger *book = context;
    const misdeed *bad = misdeed_of(number);
    const int before = book->computed[number]++;
#ifndef IP_SANITIZE
    if (number == FLAKY && before == 0)
        abort();
#else
    (void)before;
#endif
    if (bad != NULL)
        return bad->act(err);
    *(uint64_t *)result = 5 * number + 1;
    return IP_OK;
}

static ip_status commit(void *context, uint64_t number, const ip_outcome *outcome,
                        const void *result, ip_error *err)
{
    (void)err;
    ledger *book = context;
    ledger_commit(book, number, outcome);
    if (outcome->kind == IP_OUTCOME_DONE)
        CHECK_COUNT(*(const uint64_t *)result, 5 * number + 1);
    return IP_OK;
}

static void check_bad(const ledger *book, size_t i, const misdeed *bad, int retries)
{
    const ip_outcome *outcome = &book->outcomes[i];
    const int attempts = bad->kind == IP_OUTCOME_LOST ? 1 + retries : 1;
    CHECK(outcome->kind == bad->kind);
    CHECK_STR(wrong_reason(outcome->reason, bad), "");
    CHECK_COUNT(outcome->attempts, attempts);
    CHECK_COUNT(book->computed[i], attempts);
    CHECK(outcome->seconds > 0 && outcome->peak_bytes > 0);
}

static void check_numbers(const ledger *book, int retries)
{
    for (size_t i = 0; i < N; i++) {
        const misdeed *bad = misdeed_of(i);
        CHECK_COUNT(book->committed[i], 1);
        if (bad != NULL)
            check_bad(book, i, bad, retries);
        else if (i != FLAKY)
            CHECK(book->outcomes[i].kind == IP_OUTCOME_DONE);
    }
}

/* Its first attempt crashes and its second succeeds. */
static void check_flaky(const ledger *book, int retries)
{
#ifndef IP_SANITIZE
    const ip_outcome *flaky = &book->outcomes[FLAKY];
    CHECK(flaky->kind == (retries > 0 ? IP_OUTCOME_DONE : IP_OUTCOME_LOST));
    CHECK_STR(flaky->reason, retries > 0 ? "" : "signal 6 (Aborted)");
    CHECK_COUNT(flaky->attempts, retries > 0 ? 2 : 1);
#else
    (void)book, (void)retries;
#endif
}

static void check_summary(const ledger *book, const ip_farm_progress *summary)
{
    size_t done = 0;
    for (size_t i = 0; i < N; i++)
        done += book->outcomes[i].kind == IP_OUTCOME_DONE;
    CHECK_COUNT(summary->done, done);
    CHECK_COUNT(summary->failed, N - done);
    CHECK_COUNT(summary->running, 0);
}

static void test_failures(int retries)
{
    ledger book;
    uint64_t numbers[N];
    ip_farm_progress summary = {0};
    ip_error err = {0};
    ledger_open(&book, N);
    for (size_t i = 0; i < N; i++)
        numbers[i] = i;
    const ip_farm farm = {.n = N,
                          .numbers = numbers,
                          .result_bytes = sizeof(uint64_t),
                          .context = &book,
                          .compute = compute,
                          .commit = commit,
                          .retries = retries,
                          .seconds_limit = misdeed_seconds,
                          .memory_limit = misdeed_bytes,
                          .isolate = true};
    CHECK(ip_farm_run(&farm, book.comm, &summary, &err) == IP_OK);
    ledger_gather(&book);
    check_numbers(&book, retries);
    check_flaky(&book, retries);
    if (book.rank == 0)
        check_summary(&book, &summary);
    ledger_close(&book);
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    test_failures(0);
    test_failures(1);
    const int code = check_finish_ranks(MPI_COMM_WORLD);
    MPI_Finalize();
    return code;
}
