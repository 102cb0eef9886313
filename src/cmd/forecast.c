/* forecast.c - trials of the longest and the largest job, the costs of the others, and the rows
 * FILE holds */
#include "cmd/forecast.h"
#include "infoplane/clock.h"
#include "infoplane/lab.h"
#include "infoplane/store.h"
#include "infoplane/task.h"
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

enum { BASE_MEMORY = 64 << 20, BASE_FILE = 64 << 10, ROW_OVERHEAD = 544, COLUMN_BYTES = 32 };

static const double longest_epoch = 2; /* seconds; one that takes longer is not tried */

/* What a trial of a job tells. */
typedef struct trial {
    double seconds_per_cost; /* per unit of ip_job_cost */
    size_t job_bytes;
} trial;

/* Whether an epoch is over soon, by its predicted cost in nanoseconds. */
static bool is_short(const ip_plan *plan, const ip_job *job)
{
    const double epoch = 1 / (double)job->settings.training.epochs;
    return 1e-9 * ip_job_cost_part(plan, job, epoch, 1) < longest_epoch;
}

/* Begins a job in the arena, which then has all the memory it takes. */
static ip_status begin_job(const ip_plan *plan, const ip_job *job, ip_arena *arena, ip_lab **lab,
                           ip_error *err)
{
    const ip_shape *shape = ip_plan_shape(plan);
    const ip_trace trace = {shape, ip_arena_alloc(arena, ip_trace_bytes(shape), 1)};
    IP_TRY(ip_arena_check(arena, err));
    return ip_lab_begin(plan, job, &trace, arena, lab, err);
}

/* Runs the first epochs of a job for about a third of a second, or, where that is too long for one,
 * measures it untrained. A job that diverges has told enough by then. */
static ip_status try_job(const ip_plan *plan, const ip_job *job, trial *told, ip_error *err)
{
    ip_arena arena = {0};
    ip_lab *lab = NULL;
    double began = ip_clock();
    ip_status status = begin_job(plan, job, &arena, &lab, err);
    if (status == IP_OK)
        status = ip_lab_end_survey(lab, err);
    double cost = ip_job_cost_part(plan, job, 0, 1);
    const double prepared = ip_clock();
    while (status == IP_OK && is_short(plan, job) && !ip_lab_is_done(lab) &&
           ip_clock() - prepared < 0.3)
        status = ip_lab_epoch(lab, err);
    if (lab != NULL && ip_lab_epochs_done(lab) > 0) {
        const double share =
            (double)ip_lab_epochs_done(lab) / (double)job->settings.training.epochs;
        began = prepared;
        cost = ip_job_cost_part(plan, job, share, (double)ip_lab_snapshots_done(lab) - 1);
    }
    told->seconds_per_cost = (ip_clock() - began) / cost;
    told->job_bytes = arena.bytes;
    ip_arena_release(&arena);
    return status == IP_ERR_NUMERIC ? IP_OK : status;
}

/* Begins a job only to see the memory it takes. */
static ip_status size_job(const ip_plan *plan, const ip_job *job, size_t *bytes, ip_error *err)
{
    ip_arena arena = {0};
    ip_lab *lab = NULL;
    const ip_status status = begin_job(plan, job, &arena, &lab, err);
    *bytes = arena.bytes;
    ip_arena_release(&arena);
    return status == IP_ERR_NUMERIC ? IP_OK : status;
}

/* The jobs of the highest cost and of the highest size, which may be the same; costs of all. */
static void find_extremes(const ip_plan *plan, double *costs, ip_job *longest, ip_job *largest)
{
    double most = -1, highest = -1;
    for (size_t i = 0; i < ip_plan_n_jobs(plan); i++) {
        ip_job job;
        ip_plan_job(plan, i, &job);
        costs[i] = ip_job_cost(plan, &job);
        const double size = ip_job_size(plan, &job);
        if (costs[i] > highest) {
            highest = costs[i];
            *longest = job;
        }
        if (size > most) {
            most = size;
            *largest = job;
        }
    }
}

/* Takes the jobs FILE has committed off what is to be done. */
static ip_status take_done(ip_forecast *f, const ip_store *store, const ip_plan_index *index,
                           ip_error *err)
{
    const size_t n = ip_store_n_jobs(store);
    int8_t *states = NULL;
    const ip_status status = ip_store_read_states(store, &states, err);
    for (size_t i = 0; status == IP_OK && i < n; i++) {
        const size_t job = ip_plan_index_find(index, ip_store_key(store, i));
        if (job == f->n) {
            f->strangers++;
        } else if (states[i] != IP_STATE_PENDING) {
            f->seconds[job] = 0;
            f->done++;
        }
    }
    free(states);
    return status;
}

static ip_status count_done(ip_forecast *f, const ip_store *store, ip_error *err)
{
    ip_plan_index *index = ip_plan_index_new(f->plan, err);
    if (index == NULL)
        return IP_ERR_MEMORY;
    const ip_status status = take_done(f, store, index, err);
    ip_plan_index_free(index);
    return status;
}

/* Which jobs FILE holds already: those of the same key that are not pending. */
static ip_status read_done(ip_forecast *f, const char *path, ip_error *err)
{
    if (path == NULL || access(path, F_OK) != 0)
        return IP_OK;
    ip_store *store = NULL;
    IP_TRY(ip_store_open(path, &store, err));
    const ip_status status = count_done(f, store, err);
    ip_store_close(store);
    return status;
}

static int descending(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x < y) - (x > y);
}

static size_t count_swept(const ip_plan *plan)
{
    size_t n = 0;
    while (ip_plan_swept(plan, n) != NULL)
        n++;
    return n;
}

/* The rows of a data file are there once a node; every rank makes those of another task itself. */
static void count_memory(ip_forecast *f, uint64_t job_bytes)
{
    const ip_task_options *options = &ip_spec_settings(ip_plan_spec(f->plan))->task;
    const uint64_t data = ip_dataset_bytes(ip_plan_dataset(f->plan));
    const bool is_shared = ip_task_at((size_t)options->name)->make == NULL;
    f->state_bytes = ip_lab_saved_bytes(f->plan);
    f->memory_per_node = is_shared ? data : 0;
    f->memory_per_rank = BASE_MEMORY + job_bytes + f->state_bytes +
                         ip_trace_bytes(ip_plan_shape(f->plan)) + (is_shared ? 0 : data);
}

ip_status ip_forecast_make(ip_forecast *f, const ip_plan *plan, const char *file, ip_error *err)
{
    const uint64_t row = ip_trace_bytes(ip_plan_shape(plan));
    *f = (ip_forecast){.plan = plan, .n = ip_plan_n_jobs(plan)};
    f->seconds = calloc(f->n, sizeof *f->seconds);
    if (f->seconds == NULL)
        return ip_fail(err, IP_ERR_MEMORY, "out of memory for %zu jobs", f->n);
    ip_job longest = {0}, largest = {0};
    trial told = {0};
    size_t bytes = 0;
    find_extremes(plan, f->seconds, &longest, &largest);
    IP_TRY(try_job(plan, &longest, &told, err));
    if (largest.index != longest.index)
        IP_TRY(size_job(plan, &largest, &bytes, err));
    for (size_t i = 0; i < f->n; i++)
        f->seconds[i] *= told.seconds_per_cost;
    f->file_bytes = BASE_FILE + f->n * (row + ROW_OVERHEAD + COLUMN_BYTES * count_swept(plan));
    count_memory(f, told.job_bytes > bytes ? told.job_bytes : bytes);
    IP_TRY(read_done(f, file, err));
    qsort(f->seconds, f->n, sizeof *f->seconds, descending);
    return IP_OK;
}

/* Each rank takes the longest job left. */
double ip_forecast_seconds(const ip_forecast *f, int ranks)
{
    const size_t n = (size_t)ranks < f->n ? (size_t)ranks : f->n;
    double *busy = calloc(n, sizeof *busy);
    double last = 0;
    if (busy == NULL)
        return (double)NAN;
    for (size_t i = 0; i < f->n; i++) {
        size_t free_rank = 0;
        for (size_t r = 1; r < n; r++)
            free_rank = busy[r] < busy[free_rank] ? r : free_rank;
        busy[free_rank] += f->seconds[i];
        last = fmax(last, busy[free_rank]);
    }
    free(busy);
    return last;
}

void ip_forecast_release(ip_forecast *f)
{
    free(f->seconds);
    *f = (ip_forecast){0};
}
