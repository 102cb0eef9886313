/* farm_rate.c - how many empty numbers a farm deals out and commits in a second
 *
 * usage: mpirun -n RANKS farm_rate NUMBERS isolated|inline
 *
 * Isolated numbers are computed in a child process each, as jobs are; inline ones cost messages
 * alone. Prints numbers per second of wall clock, rank 0's CPU time for one number, and how many of
 * them rank 0 computed itself. */
#include "infoplane/clock.h"
#include "infoplane/farm.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static ip_status compute(void *context, uint64_t number, ip_port *port, void *result, ip_error *err)
{
    (void)context, (void)port, (void)err;
    memcpy(result, &number, sizeof number);
    return IP_OK;
}

static ip_status commit(void *context, uint64_t number, const ip_outcome *outcome,
                        const void *result, ip_error *err)
{
    (void)number, (void)outcome, (void)result, (void)err;
    ++*(size_t *)context;
    return IP_OK;
}

static double cpu_seconds(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           1e-6 * (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return EXIT_FAILURE;
    MPI_Init(&argc, &argv);
    int rank;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    const size_t n = strtoul(argv[1], NULL, 10);
    uint64_t *numbers = calloc(n, sizeof *numbers);
    for (size_t i = 0; numbers != NULL && i < n; i++)
        numbers[i] = i;
    size_t own = 0;
    const ip_farm farm = {.n = n,
                          .numbers = numbers,
                          .result_bytes = 64,
                          .context = &own,
                          .compute = compute,
                          .commit = commit,
                          .isolate = strcmp(argv[2], "isolated") == 0};
    ip_farm_progress summary;
    ip_error err;
    MPI_Barrier(MPI_COMM_WORLD);
    const double start = ip_clock(), cpu = cpu_seconds();
    const ip_status status = ip_farm_run(&farm, MPI_COMM_WORLD, &summary, &err);
    if (rank == 0)
        printf("%.0f numbers/s, %.2f us of rank 0 each, %.0f %% of them its own\n",
               (double)n / (ip_clock() - start), 1e6 * (cpu_seconds() - cpu) / (double)n,
               100 * (double)own / (double)n);
    free(numbers);
    MPI_Finalize();
    return status == IP_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
