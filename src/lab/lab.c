/* lab.c - a job from its first draw to its last snapshot */
#include "infoplane/lab.h"
#include "lab/lab_internal.h"
#include <assert.h>
#include <math.h>
#include <string.h>

enum { CHUNK = 512 }; /* rows passed at once in a measurement, when batches are smaller */

static size_t round_up(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

size_t ip_lab_state_bytes(size_t n_parameters, size_t n_state)
{
    return round_up(sizeof(ip_lab_progress)) + round_up(n_parameters * sizeof(float)) +
           n_state * n_parameters * sizeof(float);
}

/* Places progress, parameters and optimiser state in one block. */
static ip_status place_state(ip_lab *lab, ip_arena *arena, ip_error *err)
{
    const size_t n = lab->network.n_parameters;
    const size_t head = round_up(sizeof *lab->progress);
    const size_t parameters = round_up(n * sizeof(float));
    lab->state_bytes = ip_lab_state_bytes(n, lab->optimizer->n_state);
    char *block = ip_arena_alloc(arena, lab->state_bytes, 1);
    IP_TRY(ip_arena_check(arena, err));
    lab->progress = (ip_lab_progress *)(void *)block;
    lab->network.parameters = (float *)(void *)(block + head);
    lab->optimizer_state = (float *)(void *)(block + head + parameters);
    return IP_OK;
}

static ip_status prepare_data(ip_lab *lab, ip_arena *arena, ip_error *err)
{
    const ip_dataset *data = lab->dataset;
    const ip_settings *settings = &lab->job.settings;
    lab->rows = ip_arena_alloc(arena, data->n, sizeof *lab->rows);
    lab->targets = ip_arena_alloc(arena, data->n * data->c, sizeof *lab->targets);
    IP_TRY(ip_arena_check(arena, err));
    ip_split_make(data, (ip_split_rule)settings->task.split, settings->task.train_fraction,
                  lab->job.seed, lab->rows, &lab->n_train);
    ip_targets_make(data, (ip_target_rule)settings->training.targets, lab->job.seed, lab->targets);
    const uint64_t batch = settings->training.batch;
    lab->batch = batch == 0 || batch > lab->n_train ? lab->n_train : (size_t)batch;
    lab->capacity = lab->batch > CHUNK ? lab->batch : CHUNK;
    lab->order = ip_arena_alloc(arena, lab->n_train, sizeof *lab->order);
    return ip_arena_check(arena, err);
}

static ip_status prepare_network(ip_lab *lab, ip_arena *arena, ip_error *err)
{
    const ip_settings *settings = &lab->job.settings;
    IP_TRY(ip_network_layout(&lab->network, &settings->network, lab->dataset->d, lab->dataset->c,
                             err));
    lab->optimizer = ip_optimizer_at((size_t)settings->training.optimizer);
    IP_TRY(place_state(lab, arena, err));
    IP_TRY(ip_network_initialize(&lab->network, &settings->network, lab->job.seed, err));
    IP_TRY(ip_pass_init(&lab->pass, &lab->network, lab->capacity, true, arena, err));
    lab->gradient = ip_arena_alloc(arena, lab->network.n_parameters, sizeof(float));
    for (size_t l = 0; l < lab->network.n_layers; l++) {
        const ip_layer *layer = &lab->network.layers[l];
        lab->moments[l].mean = ip_arena_alloc(arena, layer->n_in * layer->n_out, sizeof(double));
    }
    return ip_arena_check(arena, err);
}

/* Measures the state at hand as the next snapshot. */
static ip_status take_snapshot(ip_lab *lab, bool with_moments, ip_error *err)
{
    ip_lab_progress *progress = lab->progress;
    if (progress->is_survey) {
        progress->snapshots++;
        return ip_lab_survey(lab) ? IP_OK : IP_ERR_NUMERIC;
    }
    ip_error inner;
    const ip_status status = ip_lab_measure(lab, (size_t)progress->snapshots, with_moments, &inner);
    if (status != IP_OK)
        return ip_fail(err, status, "measuring epoch %llu: %s", (unsigned long long)progress->epoch,
                       inner.text);
    progress->snapshots++;
    return IP_OK;
}

ip_status ip_lab_end_survey(ip_lab *lab, ip_error *err)
{
    ip_lab_progress *progress = lab->progress;
    if (!progress->is_survey)
        return IP_OK;
    progress->is_survey = progress->epoch = progress->update = progress->snapshots = 0;
    memset(lab->optimizer_state, 0,
           lab->optimizer->n_state * lab->network.n_parameters * sizeof *lab->optimizer_state);
    IP_TRY(ip_network_initialize(&lab->network, &lab->job.settings.network, lab->job.seed, err));
    return take_snapshot(lab, false, err);
}

ip_status ip_lab_begin(const ip_plan *plan, const ip_job *job, const ip_trace *trace,
                       ip_arena *arena, ip_lab **out, ip_error *err)
{
    ip_lab *lab = ip_arena_alloc(arena, 1, sizeof *lab);
    IP_TRY(ip_arena_check(arena, err));
    lab->plan = plan;
    lab->dataset = ip_plan_dataset(plan);
    lab->job = *job;
    lab->draws = ip_job_draws(job);
    lab->trace = *trace;
    ip_trace_clear(trace);
    IP_TRY(ip_blas_use_threads(job->settings.training.threads, err));
    IP_TRY(prepare_data(lab, arena, err));
    IP_TRY(prepare_network(lab, arena, err));
    IP_TRY(ip_lab_prepare_measure(lab, arena, err));
    lab->progress->is_survey = ip_lab_wants(plan, IP_WANTS_RUN_RANGE);
    const ip_status status = take_snapshot(lab, false, err);
    IP_TRY(status != IP_OK && lab->progress->is_survey ? ip_lab_end_survey(lab, err) : status);
    *out = lab;
    return IP_OK;
}

static ip_status check_finite(const ip_lab *lab, uint64_t epoch, ip_error *err)
{
    for (size_t i = 0; i < lab->network.n_parameters; i++) {
        if (!isfinite(lab->network.parameters[i]))
            return ip_fail(err, IP_ERR_NUMERIC, "diverged in epoch %llu: a weight is not finite",
                           (unsigned long long)epoch);
    }
    return IP_OK;
}

static ip_status train_epoch(ip_lab *lab, ip_error *err)
{
    ip_lab_progress *progress = lab->progress;
    const uint64_t epoch = progress->epoch + 1;
    const bool is_due = (uint64_t)ip_plan_epochs(lab->plan)[progress->snapshots] == epoch;
    const bool with_moments = is_due && ip_spec_measure(ip_plan_spec(lab->plan))->gradients;
    ip_lab_train(lab, epoch, with_moments);
    IP_TRY(check_finite(lab, epoch, err));
    progress->epoch = epoch;
    return is_due ? take_snapshot(lab, with_moments, err) : IP_OK;
}

/* A survey that fails has seen all there is: the second training will diverge at the same epoch
 * and keep the snapshots before. */
ip_status ip_lab_epoch(ip_lab *lab, ip_error *err)
{
    assert(!ip_lab_is_done(lab));
    const bool is_survey = lab->progress->is_survey;
    const ip_status status = train_epoch(lab, err);
    if (!is_survey)
        return status;
    const bool is_over = lab->progress->epoch == lab->job.settings.training.epochs;
    return status != IP_OK || is_over ? ip_lab_end_survey(lab, err) : IP_OK;
}

bool ip_lab_is_done(const ip_lab *lab)
{
    return ip_lab_epochs_done(lab) == lab->job.settings.training.epochs;
}

uint64_t ip_lab_epochs_done(const ip_lab *lab)
{
    return lab->progress->is_survey ? 0 : lab->progress->epoch;
}

size_t ip_lab_snapshots_done(const ip_lab *lab)
{
    return lab->progress->is_survey ? 0 : (size_t)lab->progress->snapshots;
}

static ip_status run_all(const ip_plan *plan, const ip_job *job, const ip_trace *trace,
                         ip_arena *arena, ip_error *err)
{
    ip_lab *lab = NULL;
    IP_TRY(ip_lab_begin(plan, job, trace, arena, &lab, err));
    while (!ip_lab_is_done(lab))
        IP_TRY(ip_lab_epoch(lab, err));
    return IP_OK;
}

ip_status ip_lab_run(const ip_plan *plan, const ip_job *job, const ip_trace *trace, ip_error *err)
{
    ip_arena arena = {0};
    const ip_status status = run_all(plan, job, trace, &arena, err);
    ip_arena_release(&arena);
    return status;
}

size_t ip_job_draws(const ip_job *job)
{
    return job->settings.network.noise != 0 ? IP_NOISE_DRAWS : 1;
}

const uint32_t *ip_lab_rows(const ip_lab *lab, size_t *n, size_t *n_train)
{
    *n = lab->n_measured;
    *n_train = lab->n_measured_train;
    return lab->measured;
}
