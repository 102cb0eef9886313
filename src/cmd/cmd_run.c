/* cmd_run.c - where farm, lab and store meet
 *
 * Rank 0 reads the spec and lays the file out; every rank expands the same plan from the same
 * bytes; job numbers travel, results are written by the rank that computed them. */
#include "cmd/commands.h"
#include "cmd/input.h"
#include "cmd/progress.h"
#include "cmd/run_file.h"
#include "cmd/run_log.h"
#include "infoplane/farm.h"
#include "infoplane/lab.h"
#include "infoplane/log.h"
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the farm's functions share. */
typedef struct run_context {
    const ip_plan *plan;
    const char *file;
    ip_store *store;
    int rank;
    ip_progress_line progress;
} run_context;

/* ---- signals ---- */

static volatile sig_atomic_t stop; /* an ip_stop */
static volatile sig_atomic_t interrupted;

/* SIGUSR1 comes minutes before the end, the others seconds. */
static void on_signal(int signal_number)
{
    if (signal_number == SIGINT && interrupted)
        _exit(130);
    interrupted = signal_number == SIGINT;
    if (signal_number != SIGUSR1)
        stop = IP_STOP_NOW;
    else if (stop == IP_STOP_NO)
        stop = IP_STOP_SOON;
}

static void catch_signals(void)
{
    static const int caught[] = {SIGINT, SIGTERM, SIGUSR1};
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < IP_LENGTH(caught); i++)
        sigaction(caught[i], &action, NULL);
}

/* ---- the farm's functions ---- */

static ip_status train(const ip_plan *plan, const ip_job *job, ip_result *result, ip_arena *arena,
                       ip_error *err)
{
    const ip_trace trace = {ip_plan_shape(plan), result->block};
    ip_lab *lab = NULL;
    ip_trace_clear(&trace);
    IP_TRY(ip_lab_begin(plan, job, &trace, arena, &lab, err));
    while (!ip_lab_is_done(lab)) {
        result->snapshots = ip_lab_snapshots_done(lab);
        IP_TRY(ip_lab_epoch(lab, err));
    }
    return IP_OK;
}

static ip_status compute(void *context, uint64_t number, ip_port *port, void *result, ip_error *err)
{
    (void)port;
    const run_context *run = context;
    ip_arena arena = {0};
    ip_job job;
    ip_plan_job(run->plan, (size_t)number, &job);
    const ip_status status = train(run->plan, &job, result, &arena, err);
    ip_arena_release(&arena);
    return status;
}

static ip_status commit(void *context, uint64_t number, const ip_outcome *outcome,
                        const void *result, ip_error *err)
{
    const run_context *run = context;
    const ip_trace trace = ip_result_trace(result, run->plan);
    ip_row row = {
        .state = outcome->kind == IP_OUTCOME_DONE ? IP_STATE_DONE : IP_STATE_FAILED,
        .attempts = outcome->attempts,
        .seconds = outcome->seconds,
        .rank = run->rank,
    };
    gethostname(row.host, sizeof row.host - 1);
    snprintf(row.openblas_core, sizeof row.openblas_core, "%s", ip_blas_core());
    snprintf(row.reason, sizeof row.reason, "%s", outcome->reason);
    if (outcome->kind != IP_OUTCOME_DONE)
        ip_run_log_failure(run->file, (size_t)number, run->rank, outcome);
    return ip_store_write_row(run->store, (size_t)number, &row,
                              outcome->kind == IP_OUTCOME_LOST ? NULL : &trace, err);
}

static void show_progress(void *context, const ip_farm_progress *progress)
{
    run_context *run = context;
    ip_progress_show(&run->progress, progress);
}

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
    const int mine = (int)ip_blas_use_one_thread(&err);
    int worst = 0;
    MPI_Allreduce(&mine, &worst, 1, MPI_INT, MPI_MAX, comm);
    if (mine != IP_OK)
        fprintf(stderr, "[rank %d] error: %s\n", rank, err.text);
    return (ip_status)worst;
}

/* ---- the run ---- */

static ip_status farm_out(const ip_run_flags *flags, const ip_input *input,
                          const ip_worklist *worklist, MPI_Comm comm, ip_farm_progress *summary,
                          ip_error *err)
{
    const ip_limits *limits = ip_spec_limits(input->spec);
    run_context context = {.plan = input->plan, .file = flags->file};
    MPI_Comm_rank(comm, &context.rank);
    IP_TRY(ip_store_open_shared(flags->file, comm, flags->sync, &context.store, err));
    context.progress = ip_progress_begin(input->plan, flags->file);
    const ip_farm farm = {
        .n = worklist->n,
        .numbers = worklist->numbers,
        .costs = worklist->costs,
        .result_bytes = sizeof(ip_result) + ip_trace_bytes(ip_plan_shape(input->plan)),
        .context = &context,
        .compute = compute,
        .commit = commit,
        .progress = show_progress,
        .retries = (int)limits->retries,
        .seconds_limit = isnan(limits->job_seconds) ? 0 : limits->job_seconds,
        .memory_limit = limits->memory,
        .isolate = flags->isolate,
        .stop = &stop,
    };
    const ip_status status = ip_farm_run(&farm, comm, summary, err);
    if (context.rank == 0)
        ip_progress_end(&context.progress);
    ip_store_close(context.store);
    return status;
}

/* The closing line, and the status it tells. */
static ip_status conclude(const ip_run_flags *flags, const ip_input *input,
                          const ip_worklist *worklist, const ip_farm_progress *summary,
                          ip_status status)
{
    const size_t n = ip_plan_n_jobs(input->plan);
    const size_t failed = worklist->failed + summary->failed;
    const size_t left = worklist->n - summary->done - summary->failed;
    ip_run_log_stop(flags->file, status == IP_ERR_STOPPED ? "signal" : "finished");
    printf("%zu jobs: %zu done, %zu failed, %zu left (%s)%s\n", n, n - failed - left, failed, left,
           flags->file,
           status == IP_ERR_STOPPED ? "; stopped early: run the same command again" : "");
    if (status == IP_OK && failed > 0)
        return IP_ERR_JOBS;
    return status;
}

static ip_status run(const ip_run_flags *flags, ip_input *input, ip_worklist *worklist,
                     MPI_Comm comm)
{
    int rank = 0;
    int size = 1;
    ip_error err = {0};
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &size);
    IP_TRY(settle_blas(comm, rank));
    if (rank == 0 && check_launcher(size, &err) == IP_OK)
        err.status = ip_input_read(input, flags->spec, &flags->overrides, &err);
    IP_TRY(ip_leave_together(comm, &err));
    ip_input_share(input, flags->spec, &flags->overrides, comm);
    IP_TRY(ip_input_expand_together(input, comm));
    if (rank == 0)
        err.status = ip_run_prepare(flags, input, worklist, &err);
    IP_TRY(ip_leave_together(comm, &err));
    const ip_limits *limits = ip_spec_limits(input->spec);
    if (!flags->isolate && (!isnan(limits->job_seconds) || limits->memory > 0))
        ip_log(IP_LOG_WARNING, "limits need a child process: --isolate none ignores them");
    catch_signals();
    if (rank == 0)
        ip_run_log_start(flags->file, size, ip_plan_n_jobs(input->plan), worklist->n);
    ip_farm_progress summary = {0};
    const ip_status status = farm_out(flags, input, worklist, comm, &summary, &err);
    if (rank != 0)
        return status;
    if (status != IP_OK && status != IP_ERR_STOPPED) {
        ip_error_print(&err, stderr);
        return status;
    }
    return conclude(flags, input, worklist, &summary, status);
}

int ip_cmd_run(int argc, char **argv, MPI_Comm comm)
{
    int rank = 0;
    ip_run_flags flags = {.sync = true, .isolate = true};
    const char *isolate = "fork";
    const ip_option options[] = {
        {"-o", IP_OPTION_TEXT, &flags.file, "FILE", "result file, created or continued"},
        {"--set", IP_OPTION_MANY, &flags.overrides, "KEY=VALUE", "override a key (repeatable)"},
        {"--sync", IP_OPTION_YES, &flags.sync, "yes|no",
         "committed rows survive a power cut (yes)"},
        {"--isolate", IP_OPTION_TEXT, &isolate, "fork|none",
         "a child process per job, or none (fork)"},
    };
    const ip_usage usage = {
        "run",
        "SPEC -o FILE [--set KEY=VALUE]... [--sync yes|no] [--isolate fork|none]",
        "start or resume a sweep, alone or under mpirun",
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
    flags.isolate = strcmp(isolate, "none") != 0;
    if (flags.file == NULL || (flags.isolate && strcmp(isolate, "fork") != 0)) {
        if (rank == 0)
            fprintf(stderr, "infoplane: error: run: %s\n",
                    flags.file == NULL ? "missing -o FILE" : "--isolate: expected fork or none");
        return 2;
    }
    if (rank != 0)
        ip_log_set_level(IP_LOG_ERROR);
    ip_input input = {0};
    ip_worklist worklist = {0};
    const ip_status status = run(&flags, &input, &worklist, comm);
    free(worklist.numbers);
    free(worklist.costs);
    ip_input_release(&input);
    return ip_status_exit_code(status);
}
