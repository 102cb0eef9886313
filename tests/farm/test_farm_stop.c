/* The flag of any rank ends all ranks, whether it is set before the start, by a signal while
 * children compute, or between two numbers without isolation. */
#include "ledger.h"
#include <errno.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { N = 5000, QUICK = 10 };

static volatile sig_atomic_t flag;

typedef struct bench {
    ledger book;
    bool isolate;
    bool sets_flag; /* this rank's first commit sets the flag */
} bench;

static void raise_flag(int number)
{
    (void)number;
    flag = 1;
}

/* In children all but the first few numbers wait until they are killed. */
static ip_status compute(void *context, uint64_t number, ip_port *port, void *result, ip_error *err)
{
    (void)result, (void)err, (void)port;
    const bench *here = context;
    here->book.computed[number]++;
    while (here->isolate && number >= QUICK)
        pause();
    usleep(1000);
    return IP_OK;
}

static ip_status commit(void *context, uint64_t number, const ip_outcome *outcome,
                        const void *result, ip_error *err)
{
    (void)result, (void)err;
    bench *here = context;
    if (!here->isolate) /* else the signal may come just before a commit */
        CHECK_COUNT(flag, 0);
    if (here->sets_flag)
        flag = 1;
    ledger_commit(&here->book, number, outcome);
    return IP_OK;
}

/* What was committed was computed and counted; what was cut short was not committed. */
static void check_counts(bench *here, const ip_farm_progress *summary)
{
    size_t committed = 0, computed = 0;
    ledger_gather(&here->book);
    for (size_t i = 0; i < N; i++) {
        CHECK(here->book.committed[i] <= here->book.computed[i]);
        committed += (size_t)here->book.committed[i];
        computed += (size_t)here->book.computed[i];
    }
    CHECK(committed < N);
    CHECK(computed <= committed + (size_t)here->book.n_ranks);
    if (here->isolate)
        CHECK(committed <= QUICK);
    if (here->book.rank == 0) {
        CHECK_COUNT(summary->done, committed);
        CHECK_COUNT(summary->failed, 0);
        CHECK_COUNT(summary->running, 0);
    }
}

static void run(bench *here, ip_farm_progress *summary)
{
    static uint64_t numbers[N];
    char text[100];
    ip_error err = {0};
    for (size_t i = 0; i < N; i++)
        numbers[i] = i;
    const ip_farm farm = {.n = N,
                          .numbers = numbers,
                          .result_bytes = 8,
                          .context = here,
                          .compute = compute,
                          .commit = commit,
                          .isolate = here->isolate,
                          .stop = &flag};
    CHECK(ip_farm_run(&farm, here->book.comm, summary, &err) == IP_ERR_STOPPED);
    CHECK(err.status == IP_ERR_STOPPED);
    CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD); /* no child is left */
    check_counts(here, summary);
    MPI_Bcast(&summary->done, (int)sizeof summary->done, MPI_BYTE, 0, here->book.comm);
    snprintf(text, sizeof text, "stopped with %zu of %d numbers left", N - summary->done, N);
    CHECK_STR(err.text, text);
}

typedef enum moment { BEFORE_START, BY_SIGNAL, AT_COMMIT } moment;

/* who: the rank whose flag is set */
static void test_stop(moment when, int who)
{
    bench here = {.isolate = when != AT_COMMIT};
    ip_farm_progress summary = {0};
    ledger_open(&here.book, N);
    const bool mine = here.book.rank == who;
    flag = mine && when == BEFORE_START;
    here.sets_flag = mine && when == AT_COMMIT;
    if (mine && when == BY_SIGNAL)
        setitimer(ITIMER_REAL, &(struct itimerval){.it_value.tv_usec = 300000}, NULL);
    run(&here, &summary);
    if (who == 0 && when == BEFORE_START)
        CHECK_COUNT(summary.done, 0);
    ledger_close(&here.book);
}

int main(int argc, char **argv)
{
    int n_ranks;
    MPI_Init(&argc, &argv);
    MPI_Comm_size(MPI_COMM_WORLD, &n_ranks);
    signal(SIGALRM, raise_flag);
    for (moment when = BEFORE_START; when <= AT_COMMIT; when++) {
        test_stop(when, 0);
        test_stop(when, n_ranks - 1);
    }
    const int code = check_finish_ranks(MPI_COMM_WORLD);
    MPI_Finalize();
    return code;
}
