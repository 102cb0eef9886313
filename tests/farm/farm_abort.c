/* A program whose rank argv[1] cannot store its first result. Each rank says when it put its number
 * back, and that one when it gave up what it holds. */
#include "infoplane/clock.h"
#include "infoplane/farm.h"
#include <stdio.h>
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

static ip_status put_back(void *context, uint64_t number, ip_error *err)
{
    (void)number, (void)err;
    const bench *here = context;
    fprintf(stderr, "rank %d put back at %.6f\n", here->rank, ip_clock());
    return IP_OK;
}

static void abandon(void *context, const ip_error *err)
{
    (void)err;
    const bench *here = context;
    fprintf(stderr, "rank %d abandoned at %.6f\n", here->rank, ip_clock());
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
                          .put_back = put_back,
                          .abandon = abandon,
                          .now_seconds = 0.9,
                          .isolate = true};
    const ip_status status = ip_farm_run(&farm, MPI_COMM_WORLD, NULL, NULL);
    MPI_Finalize();
    return status == IP_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
