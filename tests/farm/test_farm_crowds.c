/* No more numbers are at work than each allows, those that must be alone know it, and a rank that
 * had to wait gets work all the same. */
#include "ledger.h"

enum { N = 24 };
static const int crowds[N] = {4, 4, 4, 4, 3, 3, 3, 3, 2, 2, 2, 2,
                              1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

typedef struct tally {
    _Atomic int at_work, too_many, lone;
} tally;

typedef struct bench {
    ledger book;
    tally *tally; /* shared by all ranks */
} bench;

static ip_status begin(void *context, uint64_t number, bool alone, void *room, ip_start *start,
                       ip_error *err)
{
    (void)start, (void)err;
    const bench *here = context;
    CHECK(room == NULL);
    CHECK(alone == (crowds[number] == 1));
    here->tally->too_many += ++here->tally->at_work > crowds[number];
    here->tally->lone += alone;
    return IP_OK;
}

static ip_status compute(void *context, uint64_t number, ip_port *port, void *result, ip_error *err)
{
    (void)port, (void)result, (void)err;
    const bench *here = context;
    usleep(number == 0 ? 300000 : 5000); /* the first one gives all ranks time to come */
    here->tally->too_many += here->tally->at_work > crowds[number];
    return IP_OK;
}

static ip_status commit(void *context, uint64_t number, const ip_outcome *outcome,
                        const void *result, ip_error *err)
{
    (void)result, (void)err;
    bench *here = context;
    CHECK_STR(outcome->reason, "");
    ledger_commit(&here->book, number, outcome);
    here->tally->at_work--;
    return IP_OK;
}

/* How many numbers this rank committed that had to be alone. */
static int lone_ones(const ledger *book)
{
    int n = 0;
    for (size_t i = 0; i < N; i++)
        n += crowds[i] == 1 && book->committed[i] > 0;
    return n;
}

static void test_crowds(const uint64_t *numbers)
{
    bench here = {0};
    ip_farm_progress summary = {0};
    ip_error err = {0};
    ledger_open(&here.book, N);
    here.tally = share_with_ranks(&here.book, sizeof *here.tally);
    const ip_farm farm = {.n = N,
                          .numbers = numbers,
                          .crowds = crowds,
                          .result_bytes = 8,
                          .context = &here,
                          .begin = begin,
                          .compute = compute,
                          .commit = commit,
                          .isolate = true};
    CHECK(ip_farm_run(&farm, here.book.comm, &summary, &err) == IP_OK);
    CHECK(lone_ones(&here.book) > 0); /* first come, first served */
    ledger_gather(&here.book);
    for (size_t i = 0; i < N; i++)
        CHECK_COUNT(here.book.committed[i], 1);
    CHECK_COUNT(here.tally->too_many, 0);
    CHECK_COUNT(here.tally->lone, 12);
    if (here.book.rank == 0)
        CHECK_COUNT(summary.done, N);
    munmap(here.tally, sizeof *here.tally);
    ledger_close(&here.book);
}

int main(int argc, char **argv)
{
    uint64_t numbers[N];
    MPI_Init(&argc, &argv);
    for (size_t i = 0; i < N; i++)
        numbers[i] = i;
    test_crowds(numbers);
    const int code = check_finish_ranks(MPI_COMM_WORLD);
    MPI_Finalize();
    return code;
}
