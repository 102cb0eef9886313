/* Every number is computed once and committed once with its own result, whatever their count, the
 * number of ranks, and whether children compute them. */
#include "ledger.h"

enum { MOST = 40, WORDS = 200001 }; /* a result is larger than a MiB */

typedef struct bench {
    ledger book;
    uint64_t order[MOST]; /* as committed on this rank */
    size_t n_ordered;
} bench;

/* The list is not in the order of size: 7 and 41 have no common divisor. */
static uint64_t number_at(size_t i)
{
    return 1000 + (7 * i) % 41;
}

static size_t place_of(uint64_t number)
{
    size_t i = 0;
    while (number_at(i) != number)
        i++;
    return i;
}

static ip_status compute(void *context, uint64_t number, ip_port *port, void *result, ip_error *err)
{
    (void)port;
    bench *here = context;
    uint64_t *words = result;
    here->book.computed[place_of(number)]++;
    for (size_t i = 0; i < WORDS; i++) {
        if (words[i] != 0)
            return ip_fail(err, IP_ERR_INTERNAL, "the result was not zero");
        words[i] = number * number + i;
    }
    return IP_OK;
}

static ip_status commit(void *context, uint64_t number, const ip_outcome *outcome,
                        const void *result, ip_error *err)
{
    (void)err;
    bench *here = context;
    const uint64_t *words = result;
    size_t wrong = 0;
    for (size_t i = 0; i < WORDS; i++)
        wrong += words[i] != number * number + i;
    CHECK_COUNT(wrong, 0);
    here->order[here->n_ordered++] = number;
    ledger_commit(&here->book, place_of(number), outcome);
    return IP_OK;
}

static void check_numbers(bench *here)
{
    ledger_gather(&here->book);
    for (size_t i = 0; i < here->book.n; i++) {
        CHECK_COUNT(here->book.computed[i], 1);
        CHECK_COUNT(here->book.committed[i], 1);
        CHECK(here->book.outcomes[i].kind == IP_OUTCOME_DONE);
        CHECK_COUNT(here->book.outcomes[i].attempts, 1);
        CHECK_STR(here->book.outcomes[i].reason, "");
        CHECK(here->book.outcomes[i].peak_bytes > 0 && here->book.outcomes[i].seconds > 0);
    }
}

static void check_order(const bench *here, const uint64_t *numbers)
{
    CHECK_COUNT(here->n_ordered, here->book.n);
    for (size_t i = 0; i < here->n_ordered; i++)
        CHECK_COUNT(here->order[i], numbers[i]);
}

static void check_summary(const ip_farm_progress *summary, size_t n)
{
    CHECK_COUNT(summary->total, n);
    CHECK_COUNT(summary->done, n);
    CHECK_COUNT(summary->failed, 0);
    CHECK_COUNT(summary->running, 0);
    CHECK(summary->seconds > 0);
    CHECK(summary->running_result == NULL);
    if (n > 0)
        CHECK_NEAR(summary->seconds_left, 0, 0);
    else
        CHECK(isnan(summary->seconds_left));
}

static void test_numbers(size_t n, bool isolate)
{
    bench here = {0};
    uint64_t numbers[MOST] = {0};
    ip_farm_progress summary = {0};
    ip_error err = {0};
    ledger_open(&here.book, n);
    for (size_t i = 0; i < n; i++)
        numbers[i] = number_at(i);
    ip_farm farm = {.result_bytes = WORDS * sizeof(uint64_t),
                    .context = &here,
                    .compute = compute,
                    .commit = commit,
                    .isolate = isolate};
    if (here.book.rank == 0) {
        farm.n = n;
        farm.numbers = numbers;
    }
    CHECK(ip_farm_run(&farm, here.book.comm, &summary, &err) == IP_OK);
    CHECK(err.status == IP_OK);
    check_numbers(&here);
    if (here.book.rank == 0)
        check_summary(&summary, n);
    if (here.book.n_ranks == 1)
        check_order(&here, numbers);
    ledger_close(&here.book);
}

int main(int argc, char **argv)
{
    static const size_t counts[] = {0, 1, 3, MOST};
    MPI_Init(&argc, &argv);
    for (size_t i = 0; i < IP_LENGTH(counts); i++) {
        test_numbers(counts[i], true);
        test_numbers(counts[i], false);
    }
    const int code = check_finish_ranks(MPI_COMM_WORLD);
    MPI_Finalize();
    return code;
}
