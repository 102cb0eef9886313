/* A farm for trouble: farm_trouble FOLDER KIND RANK SILENCE_SECONDS. KIND is what happens on RANK
 * with its second number: it begins and the rank is "stopped" (SIGSTOP), "killed" (SIGKILL) or
 * "stuck" (SIGUSR1 to all, but SIGSTOP to itself); "begin" or "commit" fails; or "none". Every rank
 * writes what it does into FOLDER/OWN_RANK, a line each, its process id first. */
#include "infoplane/farm.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { N = 40 };

typedef struct bench {
    int rank, n_ranks, n_begun;
    int who; /* the rank that has the trouble */
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

/* Who has no trouble waits for the stop. Without any, the first numbers last longer than a silence,
 * so only beats can be heard. */
static ip_status compute(void *context, uint64_t number, ip_port *port, void *result, ip_error *err)
{
    (void)result, (void)err;
    const bench *here = context;
    const bool calm = strcmp(here->kind, "none") == 0, waits = !calm && here->rank != here->who;
    while (waits && !ip_port_is_asked(port))
        usleep(1000);
    usleep(calm && number < (uint64_t)here->n_ranks ? 2000000 : 50000);
    return waits && ip_port_give(port, 0) ? IP_ERR_STOPPED : IP_OK;
}

static bool has_trouble(const bench *here, const char *kind)
{
    return here->rank == here->who && here->n_begun == 2 && strcmp(here->kind, kind) == 0;
}

static void make_trouble(const bench *here)
{
    if (has_trouble(here, "stopped"))
        raise(SIGSTOP);
    if (has_trouble(here, "killed"))
        raise(SIGKILL);
    if (has_trouble(here, "stuck")) {
        kill(getppid(), SIGUSR1); /* mpiexec passes it on to all */
        raise(SIGSTOP);
    }
}

static ip_status begin(void *context, uint64_t number, bool alone, void *room, ip_start *start,
                       ip_error *err)
{
    (void)alone, (void)room, (void)start;
    bench *here = context;
    note(here, "begin", number);
    here->n_begun++;
    make_trouble(here);
    return has_trouble(here, "begin") ? ip_fail(err, IP_ERR_IO, "cannot begin") : IP_OK;
}

static ip_status commit(void *context, uint64_t number, const ip_outcome *outcome,
                        const void *result, ip_error *err)
{
    (void)outcome, (void)result;
    if (has_trouble(context, "commit"))
        return ip_fail(err, IP_ERR_CREATE, "cannot commit");
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
    bench here = {.kind = argv[2], .who = atoi(argv[3])};
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
                          .silence_seconds = atof(argv[4]),
                          .seconds_limit = strcmp(here.kind, "none") == 0 ? 4 : 0,
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
