/* A farm for trouble: farm_trouble FOLDER KIND SILENCE_SECONDS. KIND is what happens on the last
 * rank when it begins its second number: "stopped" (SIGSTOP), "killed" (SIGKILL), "stuck" (its stop
 * is never served: SIGUSR1 to all, then SIGSTOP), or "none". Every rank writes what it does into
 * FOLDER/RANK, a line each, its process id first. */
#include "infoplane/farm.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { N = 40 };

typedef struct bench {
    int rank, n_ranks, n_begun;
    const char *kind;
    FILE *diary;
} bench;

static volatile sig_atomic_t flag;

static void on_signal(int number)
{
    const sig_atomic_t grade = number == SIGUSR1 ? IP_STOP_SOON : IP_STOP_NOW;
    if (grade > flag)
        flag = grade;
}

static void note(const bench *here, const char *what, uint64_t number)
{
    fprintf(here->diary, "%s %d\n", what, (int)number);
    fflush(here->diary);
}

/* The others wait at their numbers for the last rank's end; the mouth of the leader stays open. */
static ip_status compute(void *context, uint64_t number, ip_port *port, void *result, ip_error *err)
{
    (void)number, (void)result, (void)err;
    const bench *here = context;
    const bool waits = strcmp(here->kind, "none") != 0 && here->rank != here->n_ranks - 1;
    while (waits && !ip_port_is_asked(port))
        usleep(1000);
    usleep(50000);
    return waits && ip_port_give(port, 0) ? IP_ERR_STOPPED : IP_OK;
}

static void make_trouble(const bench *here)
{
    if (strcmp(here->kind, "stopped") == 0)
        raise(SIGSTOP);
    if (strcmp(here->kind, "killed") == 0)
        raise(SIGKILL);
    if (strcmp(here->kind, "stuck") == 0) {
        kill(getppid(), SIGUSR1); /* mpiexec passes it on to all */
        raise(SIGSTOP);
    }
}

static ip_status begin(void *context, uint64_t number, bool alone, void *room, ip_start *start,
                       ip_error *err)
{
    (void)alone, (void)room, (void)start, (void)err;
    bench *here = context;
    note(here, "begin", number);
    if (here->rank == here->n_ranks - 1 && ++here->n_begun == 2)
        make_trouble(here);
    return IP_OK;
}

static ip_status commit(void *context, uint64_t number, const ip_outcome *outcome,
                        const void *result, ip_error *err)
{
    (void)outcome, (void)result, (void)err;
    note(context, "commit", number);
    return IP_OK;
}

static ip_status put_back(void *context, uint64_t number, ip_error *err)
{
    (void)err;
    note(context, "put back", number);
    return IP_OK;
}

static void abandon(void *context, const ip_error *err)
{
    note(context, "abandon", (uint64_t)ip_status_exit_code(err->status));
}

static void open_diary(bench *here, const char *folder)
{
    char path[400];
    snprintf(path, sizeof path, "%s/%d", folder, here->rank);
    here->diary = fopen(path, "w");
    if (here->diary == NULL)
        MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
    note(here, "pid", (uint64_t)getpid());
}

int main(int argc, char **argv)
{
    uint64_t numbers[N];
    for (size_t i = 0; i < N; i++)
        numbers[i] = i;
    MPI_Init(&argc, &argv);
    bench here = {.kind = argv[2]};
    MPI_Comm_rank(MPI_COMM_WORLD, &here.rank);
    MPI_Comm_size(MPI_COMM_WORLD, &here.n_ranks);
    open_diary(&here, argv[1]);
    signal(SIGTERM, on_signal);
    signal(SIGUSR1, on_signal);
    const ip_farm farm = {.n = N,
                          .numbers = numbers,
                          .result_bytes = 8,
                          .context = &here,
                          .begin = begin,
                          .compute = compute,
                          .commit = commit,
                          .put_back = put_back,
                          .abandon = abandon,
                          .silence_seconds = atof(argv[3]),
                          .seconds_limit = strcmp(here.kind, "none") == 0 ? 2 : 0,
                          .soon_seconds = 0.5,
                          .now_seconds = 0.1,
                          .stop = &flag,
                          .isolate = true};
    const ip_status status = ip_farm_run(&farm, MPI_COMM_WORLD, NULL, NULL);
    note(&here, "end", 0);
    fclose(here.diary);
    MPI_Finalize();
    return ip_status_exit_code(status);
}
