/* cmd_run.c - a sweep from its spec to its last row
 *
 * Rank 0 reads the spec, takes the lock, lays the file out or grows it, and lists what is left;
 * every rank expands the same plan from the same bytes; job numbers travel, results are written by
 * the rank that computed them (run_job.c). */
#include "cmd/commands.h"
#include "cmd/input.h"
#include "cmd/run_file.h"
#include "cmd/run_job.h"
#include "cmd/run_list.h"
#include "cmd/run_log.h"
#include "cmd/run_signals.h"
#include "cmd/stopping.h"
#include "infoplane/kernels.h"
#include "infoplane/log.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double closing_seconds = 20; /* for the last words and the last collective calls */

/* ---- before the farm ---- */

/* Many tasks of SLURM that each believe to be alone would run the sweep many times over. */
static ip_status check_launcher(int size, ip_error *err)
{
    const char *tasks = getenv("SLURM_STEP_NUM_TASKS");
    if (tasks != NULL && size == 1 && atoi(tasks) > 1)
        return ip_fail(err, IP_ERR_USAGE,
                       "SLURM started %s tasks but MPI sees one: use `srun --mpi=pmix`, or mpirun",
                       tasks);
    return IP_OK;
}

/* A rank whose BLAS takes more threads than one would slow its neighbours and change last bits. */
static ip_status settle_blas(MPI_Comm comm, int rank)
{
    ip_error err = {0};
    const int mine = (int)ip_blas_use_threads(1, &err);
    int worst = 0;
    MPI_Allreduce(&mine, &worst, 1, MPI_INT, MPI_MAX, comm);
    if (mine != IP_OK)
        fprintf(stderr, "[rank %d] error: %s\n", rank, err.text);
    return (ip_status)worst;
}

/* Rows of one file are of one kind, on whatever hosts they are computed. */
static ip_status settle_kernels(MPI_Comm comm, int rank)
{
    char first[8] = "";
    const char *mine = ip_kernels_in_use()->results;
    snprintf(first, sizeof first, "%s", mine);
    MPI_Bcast(first, (int)sizeof first, MPI_CHAR, 0, comm);
    const int differs = strcmp(first, mine) != 0;
    if (differs)
        fprintf(stderr,
                "[rank %d] error: kernels '%s' here, '%s' on rank 0: set INFOPLANE_KERNELS to one "
                "name that every host has\n",
                rank, mine, first);
    int any = 0;
    MPI_Allreduce(&differs, &any, 1, MPI_INT, MPI_MAX, comm);
    return any ? IP_ERR_CREATE : IP_OK;
}

/* The plan on every rank, from what rank 0 reads. */
static ip_status plan_together(const ip_run_flags *flags, ip_input *input, MPI_Comm comm, int rank,
                               int size)
{
    ip_error err = {0};
    IP_TRY(settle_blas(comm, rank));
    IP_TRY(settle_kernels(comm, rank));
    if (rank == 0 && check_launcher(size, &err) == IP_OK)
        err.status = ip_input_read(input, flags->spec, &flags->overrides, &err);
    IP_TRY(ip_leave_together(comm, &err));
    ip_input_share(input, flags->spec, &flags->overrides, comm);
    return ip_input_expand_together(input, comm);
}

/* ---- the farm ---- */

static ip_farm farm_of(const ip_run_flags *flags, const ip_run *run, const ip_worklist *worklist)
{
    const ip_limits *limits = ip_spec_limits(ip_plan_spec(run->plan));
    return (ip_farm){
        .n = worklist->n,
        .numbers = worklist->numbers,
        .costs = worklist->costs,
        .crowds = worklist->crowds,
        .start_seconds = run->start_seconds,
        .silence_seconds = 120,
        .retries = (int)limits->retries,
        .seconds_limit = isnan(limits->job_seconds) ? 0 : limits->job_seconds,
        .memory_limit = limits->memory,
        .isolate = flags->isolate,
        .checkpoint_seconds = flags->checkpoint,
        .now_seconds = ip_signals_now_seconds(),
        .soon_seconds = fmin(30, fmax(5, run->margin - 10)), /* all must have left in time */
    };
}

static ip_status farm_out(const ip_run_flags *flags, ip_run *run, const ip_worklist *worklist,
                          MPI_Comm comm, ip_farm_progress *summary, ip_error *err)
{
    ip_farm farm = farm_of(flags, run, worklist);
    ip_run_attach(run, &farm);
    farm.stop = ip_signals_flag();
    IP_TRY(ip_store_open_shared(flags->file, comm, flags->sync, &run->store, err));
    run->progress = ip_progress_begin(run->plan, flags->file);
    const ip_status status = ip_farm_run(&farm, comm, summary, err);
    if (run->rank == 0)
        ip_progress_end(&run->progress);
    return status;
}

/* Why the run stopped early: its own look at the clock, which it explains, or somebody's signal. */
static const char *tell_cause(ip_run *run)
{
    const double left = ip_walltime_left(&run->walltime), needed = run->margin + run->start_seconds;
    if (left > needed)
        return "signal";
    ip_log(IP_LOG_INFO,
           "the time limit is near: %.0f s are left; no job is begun in the last %.0f s", left,
           needed);
    return "walltime";
}

/* A run that stopped because rank 0 found the file gone or not its own any more ends with that
 * error. Collective. */
static ip_status own_up(MPI_Comm comm, const ip_run *run, ip_status status)
{
    ip_error fault = run->fault; /* rank 0's */
    const ip_status met = status == IP_ERR_STOPPED ? ip_leave_together(comm, &fault) : IP_OK;
    if (met != IP_OK && run->rank == 0)
        ip_run_log_stop(run->file, fault.text);
    return met;
}

/* The closing line, and the status it tells. */
static ip_status conclude(const ip_run_flags *flags, ip_run *run, const ip_worklist *worklist,
                          const ip_farm_progress *summary, ip_status status)
{
    const size_t n = worklist->n_rows;
    const size_t failed = worklist->failed + summary->failed, quarantined = worklist->quarantined;
    const size_t left = worklist->n - summary->done - summary->failed;
    ip_run_log_stop(flags->file, status == IP_ERR_STOPPED ? tell_cause(run) : "finished");
    if (flags->shard.n > 1)
        printf("shard %ld/%ld: ", flags->shard.index, flags->shard.n);
    printf("%zu jobs: %zu done, %zu failed, ", n, n - failed - quarantined - left, failed);
    if (quarantined > 0)
        printf("%zu quarantined, ", quarantined);
    printf("%zu left (%s)%s\n", left, flags->file,
           status == IP_ERR_STOPPED ? "; stopped early: run the same command again" : "");
    fflush(stdout); /* mpirun may kill what dawdles */
    return status == IP_OK && failed + quarantined > 0 ? IP_ERR_JOBS : status;
}

/* ---- under the lock ---- */

/* Rank 0: the file as the plan wants it, and what is left to do in it. */
static ip_status prepare(const ip_run_flags *flags, const ip_input *input, int size, ip_run *run,
                         ip_worklist *worklist, ip_error *err)
{
    const ip_limits *limits = ip_spec_limits(input->spec);
    IP_TRY(ip_run_prepare(flags, input, err));
    IP_TRY(ip_worklist_make(worklist, flags->file, input->plan, flags->shard, size, err));
    IP_TRY(ip_run_sweep(flags->file, err));
    if (!flags->isolate && (!isnan(limits->job_seconds) || limits->memory > 0))
        ip_log(IP_LOG_WARNING, "limits need a child process: --isolate none ignores them");
    run->margin = ip_stop_margin(ip_walltime_wait(&run->walltime, 5));
    run->start_seconds = ip_start_seconds(input->plan, worklist->numbers, worklist->n);
    ip_run_log_start(flags->file, size, worklist->n_rows, worklist->n);
    return IP_OK;
}

static ip_status run_locked(const ip_run_flags *flags, const ip_input *input, MPI_Comm comm,
                            int size, ip_run *run, ip_worklist *worklist)
{
    ip_error err = {0};
    ip_farm_progress summary = {0};
    if (run->rank == 0)
        err.status = prepare(flags, input, size, run, worklist, &err);
    IP_TRY(ip_leave_together(comm, &err));
    MPI_Bcast(&run->margin, 1, MPI_DOUBLE, 0, comm);
    ip_status status = farm_out(flags, run, worklist, comm, &summary, &err);
    ip_farm_leave_within(closing_seconds, ip_status_exit_code(status));
    const ip_status fault = own_up(comm, run, status);
    if (fault != IP_OK)
        status = fault;
    else if (run->rank == 0 && (status == IP_OK || status == IP_ERR_STOPPED))
        status = conclude(flags, run, worklist, &summary, status);
    else if (run->rank == 0)
        ip_error_print(&err, stderr);
    ip_farm_leave_within(closing_seconds, ip_status_exit_code(status)); /* it may be another now */
    ip_store_close(run->store);
    return status;
}

/* Rank 0 takes the lock; every rank knows it by its token. */
static ip_status lock_together(const ip_run_flags *flags, MPI_Comm comm, ip_run *run)
{
    ip_error err = {0};
    if (run->rank == 0)
        err.status = ip_lock_take(flags->file, flags->break_lock, run->token, &err);
    IP_TRY(ip_leave_together(comm, &err));
    MPI_Bcast(run->token, sizeof run->token, MPI_CHAR, 0, comm);
    return IP_OK;
}

/* Rank 0, at the end: leaves nothing beside the file but its log and what a resumed run needs. A
 * file that was refused is left alone. */
static void clean_up(const char *file, const char *token, ip_status status)
{
    ip_error err;
    const bool has_run = status == IP_OK || status == IP_ERR_JOBS || status == IP_ERR_STOPPED;
    if (has_run && ip_lock_is_ours(file, token) && ip_run_sweep(file, &err) != IP_OK)
        ip_log(IP_LOG_WARNING, "%s: %s", err.file, err.text);
    ip_lock_release(file, token);
}

static ip_status run(const ip_run_flags *flags, ip_input *input, MPI_Comm comm)
{
    int size = 1;
    ip_run run = {.file = flags->file, .sync = flags->sync};
    ip_worklist worklist = {0};
    MPI_Comm_rank(comm, &run.rank);
    MPI_Comm_size(comm, &size);
    IP_TRY(plan_together(flags, input, comm, run.rank, size));
    IP_TRY(lock_together(flags, comm, &run));
    run.plan = input->plan;
    const ip_status status = run_locked(flags, input, comm, size, &run, &worklist);
    if (run.rank == 0)
        clean_up(flags->file, run.token, status);
    ip_walltime_release(&run.walltime);
    ip_worklist_release(&worklist);
    return status;
}

/* ---- the command ---- */

/* Fills the flags that are more than a text; what is wrong with them, or NULL. */
static const char *wrong_value(ip_run_flags *flags, const char *isolate, const char *shard,
                               const char *checkpoint)
{
    char end = '\0';
    flags->isolate = strcmp(isolate, "none") != 0;
    if (flags->file == NULL)
        return "missing -o FILE";
    if (flags->isolate && strcmp(isolate, "fork") != 0)
        return "--isolate: expected fork or none";
    if (sscanf(shard, "%ld/%ld%c", &flags->shard.index, &flags->shard.n, &end) != 2 ||
        flags->shard.index < 1 || flags->shard.index > flags->shard.n)
        return "--shard: expected I/N with I from 1 to N, such as 3/8";
    if (sscanf(checkpoint, "%lf%c", &flags->checkpoint, &end) != 1 || !(flags->checkpoint >= 0))
        return "--checkpoint: expected seconds, 0 or more";
    return NULL;
}

int ip_cmd_run(int argc, char **argv, MPI_Comm comm)
{
    int rank = 0;
    ip_run_flags flags = {.sync = true, .isolate = true};
    const char *isolate = "fork", *shard = "1/1", *checkpoint = "60";
    const ip_option options[] = {
        {"-o", IP_OPTION_TEXT, &flags.file, "FILE", "result file, created, continued or grown"},
        {"--set", IP_OPTION_MANY, &flags.overrides, "KEY=VALUE", "override a key (repeatable)"},
        {"--shard", IP_OPTION_TEXT, &shard, "I/N", "only the jobs with number mod N = I-1"},
        {"--checkpoint", IP_OPTION_TEXT, &checkpoint, "SECONDS",
         "at most between checkpoints of a job (60; 0: only at a stop)"},
        {"--sync", IP_OPTION_YES, &flags.sync, "yes|no",
         "committed rows survive a power cut (yes)"},
        {"--isolate", IP_OPTION_TEXT, &isolate, "fork|none",
         "a child process per job, or none (fork)"},
        {"--break-lock", IP_OPTION_FLAG, &flags.break_lock, NULL,
         "take FILE from a run that is surely dead"},
    };
    const ip_usage usage = {
        "run",
        "SPEC -o FILE [--set KEY=VALUE]... [--shard I/N] [--checkpoint SECONDS]\n"
        "                  [--sync yes|no] [--isolate fork|none] [--break-lock]",
        "start, resume or grow a sweep, alone or under mpirun",
        "sweep.yaml -o sweep.h5",
        options,
        IP_LENGTH(options),
        1,
        0,
    };
    MPI_Comm_rank(comm, &rank);
    FILE *talk = rank == 0 ? stderr : NULL;
    const ip_parse parsed = ip_options_parse(&usage, argc, argv, &flags.spec, talk);
    if (parsed != IP_PARSE_GO)
        return (int)parsed;
    const char *wrong = wrong_value(&flags, isolate, shard, checkpoint);
    if (wrong != NULL) {
        if (rank == 0)
            fprintf(stderr, "infoplane: error: run: %s\n", wrong);
        return 2;
    }
    if (rank != 0)
        ip_log_set_level(IP_LOG_ERROR);
    ip_input input = {0};
    const ip_status status = run(&flags, &input, comm);
    ip_input_release(&input);
    return ip_status_exit_code(status);
}
