/* As many numbers as ranks are computed at the same time: each waits until all have begun. */
#include "ledger.h"
#include <unistd.h>

typedef struct bench {
    ledger book;
    _Atomic int *present; /* shared by all ranks */
} bench;

static ip_status compute(void *context, uint64_t number, ip_port *port, void *result, ip_error *err)
{
    (void)number, (void)result, (void)port;
    const bench *here = context;
    ++*here->present;
    for (int i = 0; *here->present < here->book.n_ranks; i++) {
        if (i == 30000)
            return ip_fail(err, IP_ERR_INTERNAL, "%d of %d came", *here->present,
                           here->book.n_ranks);
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

int main(int argc, char **argv)
{
    static const uint64_t numbers[] = {0, 1, 2, 3, 4};
    bench here = {0};
    ip_error err = {0};
    MPI_Init(&argc, &argv);
    ledger_open(&here.book, IP_LENGTH(numbers));
    here.present = share_with_ranks(&here.book, sizeof *here.present);
    const ip_farm farm = {.n = (size_t)here.book.n_ranks,
                          .numbers = numbers,
                          .result_bytes = 8,
                          .context = &here,
                          .compute = compute,
                          .commit = commit,
                          .isolate = true};
    CHECK(ip_farm_run(&farm, here.book.comm, NULL, &err) == IP_OK);
    int mine = 0;
    for (size_t i = 0; i < farm.n; i++)
        mine += here.book.committed[i];
    CHECK_COUNT(mine, 1); /* nobody got two, nobody none */
    munmap(here.present, sizeof *here.present);
    ledger_close(&here.book);
    const int code = check_finish_ranks(MPI_COMM_WORLD);
    MPI_Finalize();
    return code;
}
