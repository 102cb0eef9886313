/* run_job.c - one job between farm, lab and store: what the farm calls back during a run
 *
 * compute runs in the child; everything else runs in the parent of the rank that has the job, or on
 * rank 0. The order of writing is what a kill at any moment is judged by later:
 *
 *     begin      running = 1 or 2     a run that ends now leaves a suspect behind
 *     save       checkpoint           the next attempt or run goes on from here
 *     put_back   running = 0          a run that was asked to end blames nobody
 *     commit     science, /run (running = 0), checksum, state; then the checkpoint goes
 *
 * A job is begun, and a row or a checkpoint written, only while the file is there and its lock
 * ours: a run that was suspended for hours may wake to find its file taken over. */
#include "cmd/run_job.h"
#include "cmd/commands.h"
#include "cmd/run_log.h"
#include "cmd/run_signals.h"
#include "infoplane/checkpoint.h"
#include "infoplane/clock.h"
#include "infoplane/kernels.h"
#include "infoplane/lab.h"
#include "infoplane/log.h"
#include <unistd.h>

/* ---- in the child ---- */

static ip_status train(ip_lab *lab, ip_port *port, ip_result *result, ip_error *err)
{
    while (!ip_lab_is_done(lab)) {
        result->snapshots = ip_lab_snapshots_done(lab);
        IP_TRY(ip_lab_epoch(lab, err));
        if (ip_port_is_asked(port) && ip_port_give(port, ip_lab_save(lab, ip_port_room(port))))
            return ip_fail(err, IP_ERR_STOPPED, "stopped after epoch %llu",
                           (unsigned long long)ip_lab_epochs_done(lab));
    }
    return IP_OK;
}

static ip_status compute_in(const ip_run *run, const ip_job *job, ip_port *port, ip_result *result,
                            ip_arena *arena, ip_error *err)
{
    const ip_trace trace = {ip_plan_shape(run->plan), result->block};
    ip_lab *lab = NULL;
    ip_trace_clear(&trace);
    IP_TRY(ip_lab_begin(run->plan, job, &trace, arena, &lab, err));
    size_t bytes = 0;
    const void *saved = ip_port_saved(port, &bytes);
    if (saved != NULL && !ip_lab_restore(lab, saved, bytes))
        return ip_fail(err, IP_ERR_INTERNAL, "a checkpoint that fits cannot be restored");
    return train(lab, port, result, err);
}

static ip_status compute(void *context, uint64_t number, ip_port *port, void *result, ip_error *err)
{
    const ip_run *run = context;
    ip_arena arena = {0};
    ip_job job;
    ip_plan_job(run->plan, (size_t)number, &job);
    const ip_status status = compute_in(run, &job, port, result, &arena, err);
    ip_arena_release(&arena);
    return status;
}

/* ---- in the parent ---- */

/* What made a checkpoint: another program or processor may continue it with other last bits. */
static void tag_of(char tag[64])
{
    snprintf(tag, 64, "%s %s", ip_kernels_in_use()->results, ip_blas_core());
}

static bool has_other_owner(const ip_run *run)
{
    ip_lock_owner owner;
    return !ip_lock_is_ours(run->file, run->token) &&
           ip_lock_look(run->file, &owner) != IP_LOCK_FREE;
}

static ip_status check_lock(const ip_run *run, ip_error *err)
{
    if (ip_lock_is_ours(run->file, run->token))
        return IP_OK;
    return ip_fail(
        err, IP_ERR_CREATE, "%s: %s; this process ends, nothing committed is lost", run->file,
        has_other_owner(run) ? "another run has taken the file over"
                             : "its lock is gone: rank 0 has ended, or somebody removed it");
}

/* Whether the file is there as we know it, and ours. */
static ip_status check_file(const ip_run *run, ip_error *err)
{
    IP_TRY(ip_store_check_place(run->store, err));
    return check_lock(run, err);
}

/* Reads the checkpoint of a job into room; its length, 0 when the job starts from its beginning. */
static size_t read_saved(const ip_run *run, size_t number, void *room)
{
    char tag[64];
    ip_job job;
    tag_of(tag);
    ip_plan_job(run->plan, number, &job);
    const size_t bytes = ip_checkpoint_read(run->file, job.key, tag, room, run->state_bytes);
    if (bytes > 0 && ip_lab_can_restore(run->plan, &job, room, bytes)) {
        ip_run_log_resumed(run->file, number, run->rank);
        return bytes;
    }
    if (bytes > 0)
        ip_log(IP_LOG_WARNING, "the checkpoint of job %zu does not fit: it starts anew", number);
    return 0;
}

static ip_status begin(void *context, uint64_t number, bool alone, void *room, ip_start *start,
                       ip_error *err)
{
    ip_run *run = context;
    int32_t attempts = 0;
    int32_t suspicion = 0;
    IP_TRY(check_file(run, err));
    IP_TRY(ip_store_read_count(run->store, (size_t)number, IP_COUNT_ATTEMPTS, &attempts, err));
    IP_TRY(ip_store_read_count(run->store, (size_t)number, IP_COUNT_SUSPICION, &suspicion, err));
    run->on_trial = alone && suspicion > 0;
    IP_TRY(ip_store_write_count(run->store, (size_t)number, IP_COUNT_RUNNING,
                                run->on_trial ? IP_RUNNING_ALONE : IP_RUNNING, err));
    start->attempts = (int)attempts;
    start->state_bytes = read_saved(run, (size_t)number, room);
    return IP_OK;
}

/* A checkpoint that cannot be written costs time after a kill, no result: the job goes on. One that
 * can shows that the job gets on: a suspect that is killed after it is not to blame. */
static void save(void *context, uint64_t number, const void *state, size_t bytes)
{
    ip_run *run = context;
    ip_error err;
    char tag[64];
    tag_of(tag);
    if (!ip_lock_is_ours(run->file, run->token))
        return; /* somebody else has a newer one */
    ip_status status = ip_checkpoint_write(run->file, ip_store_key(run->store, (size_t)number), tag,
                                           state, bytes, run->sync, &err);
    if (status == IP_OK && run->on_trial)
        status =
            ip_store_write_count(run->store, (size_t)number, IP_COUNT_RUNNING, IP_RUNNING, &err);
    if (status != IP_OK)
        ip_log(IP_LOG_WARNING, "no checkpoint of job %llu: %s: %s", (unsigned long long)number,
               err.file, err.text);
}

static ip_status lost(void *context, uint64_t number, const ip_outcome *outcome, ip_error *err)
{
    const ip_run *run = context;
    ip_run_log_loss(run->file, "lost", (size_t)number, run->rank, outcome);
    return ip_store_write_count(run->store, (size_t)number, IP_COUNT_ATTEMPTS, outcome->attempts,
                                err);
}

/* Also where the lock is gone, for then rank 0 has ended the run; but not in what another run has.
 */
static ip_status put_back(void *context, uint64_t number, ip_error *err)
{
    ip_run *run = context;
    run->on_trial = false;
    IP_TRY(ip_store_check_place(run->store, err));
    if (has_other_owner(run))
        return IP_OK;
    return ip_store_write_count(run->store, (size_t)number, IP_COUNT_RUNNING, 0, err);
}

static ip_status write_row(const ip_run *run, size_t job, const ip_outcome *outcome,
                           const ip_trace *trace, ip_error *err)
{
    ip_row row = {
        .state = outcome->kind == IP_OUTCOME_DONE ? IP_STATE_DONE : IP_STATE_FAILED,
        .attempts = outcome->attempts,
        .seconds = outcome->seconds,
        .rank = run->rank,
    };
    IP_TRY(ip_store_read_count(run->store, job, IP_COUNT_STRIKES, &row.strikes, err));
    gethostname(row.host, sizeof row.host - 1);
    snprintf(row.openblas_core, sizeof row.openblas_core, "%s", ip_blas_core());
    snprintf(row.reason, sizeof row.reason, "%s", outcome->reason);
    return ip_store_write_row(run->store, job, &row, trace, err);
}

static ip_status commit(void *context, uint64_t number, const ip_outcome *outcome,
                        const void *result, ip_error *err)
{
    const ip_run *run = context;
    const size_t job = (size_t)number;
    const ip_trace trace = ip_result_trace(result, run->plan);
    IP_TRY(check_file(run, err));
    IP_TRY(write_row(run, job, outcome, outcome->kind == IP_OUTCOME_LOST ? NULL : &trace, err));
    ip_checkpoint_remove(run->file, ip_store_key(run->store, job));
    if (outcome->kind != IP_OUTCOME_DONE)
        ip_run_log_loss(run->file, "failed", job, run->rank, outcome);
    return IP_OK;
}

static void abandon(void *context, const ip_error *err)
{
    const ip_run *run = context;
    ip_run_log_stop(run->file, err->text);
    if (run->rank == 0)
        ip_lock_release(run->file, run->token);
}

/* ---- rank 0 ---- */

/* Keeps the lock young, and looks whether it and the file are still ours. */
static void hold_lock(ip_run *run)
{
    const double now = ip_clock();
    if (now - run->touched < IP_LOCK_TOUCH_SECONDS)
        return;
    ip_lock_touch(run->file, run->token);
    run->touched = now;
    if (check_file(run, &run->fault) != IP_OK)
        ip_signals_stop();
}

static void show_progress(void *context, const ip_farm_progress *progress)
{
    ip_run *run = context;
    ip_progress_show(&run->progress, progress);
    hold_lock(run);
}

static double seconds_left(void *context)
{
    ip_run *run = context;
    return ip_walltime_left(&run->walltime) - run->margin;
}

/* A job that is not isolated keeps rank 0 from all this until it ends. */
static void look(void *context)
{
    ip_run *run = context;
    if (run->rank != 0)
        return;
    hold_lock(run);
    if (seconds_left(run) <= 0)
        ip_signals_stop();
}

void ip_run_attach(ip_run *run, ip_farm *farm)
{
    run->state_bytes = ip_lab_saved_bytes(run->plan);
    farm->context = run;
    farm->compute = compute;
    farm->begin = begin;
    farm->save = save;
    farm->lost = lost;
    farm->put_back = put_back;
    farm->commit = commit;
    farm->abandon = abandon;
    farm->look = look;
    farm->progress = show_progress;
    farm->seconds_left = seconds_left;
    farm->result_bytes = sizeof(ip_result) + ip_trace_bytes(ip_plan_shape(run->plan));
    farm->state_bytes = run->state_bytes;
    farm->shared_bytes = ip_plan_dataset(run->plan)->memory.bytes;
}
