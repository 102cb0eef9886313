/* A program whose rank argv[1] cannot store its first result. */
#include "infoplane/farm.h"
#include <stdlib.h>
#include <unistd.h>

typedef struct bench {
    int rank, unable;
} bench;

static ip_status compute(void *context, uint64_t number, ip_port *port, void *result, ip_error *err)
{
    (void)number, (void)result, (void)err, (void)port;
    const bench *here = context;
    while (here->rank != here->unable)
        pause();
    return IP_OK;
}

static ip_status commit(void *context, uint64_t number, const ip_outcome *outcome,
                        const void *result, ip_error *err)
{
    (void)context, (void)number, (void)outcome, (void)result;
    return ip_fail(err, IP_ERR_CREATE, "no room for the row");
}

int main(int argc, char **argv)
{
    static const uint64_t numbers[] = {0, 1, 2, 3};
    bench here = {.unable = atoi(argv[1])};
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &here.rank);
    const ip_farm farm = {.n = IP_LENGTH(numbers),
                          .numbers = numbers,
                          .result_bytes = 8,
                          .context = &here,
                          .compute = compute,
                          .commit = commit,
                          .isolate = true};
    const ip_status status = ip_farm_run(&farm, MPI_COMM_WORLD, NULL, NULL);
    MPI_Finalize();
    return status == IP_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
