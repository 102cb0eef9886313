/* cmd_plan.c - what `run` would do, and what it would cost */
#include "cmd/commands.h"
#include "cmd/input.h"
#include "cmd/progress.h"
#include "infoplane/lab.h"
#include "spec/field_json.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MOST_SHOWN = 50, BASE_MEMORY = 64 << 20, ROW_OVERHEAD = 512 };

static const int rank_counts[] = {1, 2, 4, 8, 16, 32, 64, 128};

/* What a plan is told from. */
typedef struct forecast {
    const ip_plan *plan;
    size_t n, done;
    double *seconds; /* (n) of the jobs still to do, else 0 */
    uint64_t file_bytes, memory_per_rank;
} forecast;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Runs the first epochs of a job for about a third of a second; gives seconds per unit of
 * ip_job_cost and the bytes a job takes. A job that diverges has told enough by then. */
static ip_status try_job(const ip_plan *plan, const ip_job *job, double *seconds_per_cost,
                         uint64_t *bytes, ip_error *err)
{
    ip_arena arena = {0};
    ip_lab *lab = NULL;
    const ip_shape *shape = ip_plan_shape(plan);
    const ip_trace trace = {shape, ip_arena_alloc(&arena, ip_trace_bytes(shape), 1)};
    ip_status status = ip_arena_check(&arena, err);
    double began = now();
    if (status == IP_OK)
        status = ip_lab_begin(plan, job, &trace, &arena, &lab, err);
    double cost = ip_job_cost_part(plan, job, 0, 1);
    const double prepared = now();
    while (status == IP_OK && !ip_lab_is_done(lab) && now() - prepared < 0.3)
        status = ip_lab_epoch(lab, err);
    if (lab != NULL && ip_lab_epochs_done(lab) > 0) {
        const double share =
            (double)ip_lab_epochs_done(lab) / (double)job->settings.training.epochs;
        began = prepared;
        cost = ip_job_cost_part(plan, job, share, (double)ip_lab_snapshots_done(lab) - 1);
    }
    *seconds_per_cost = (now() - began) / cost;
    *bytes = arena.bytes;
    ip_arena_release(&arena);
    return status == IP_ERR_NUMERIC ? IP_OK : status;
}

static size_t longest_job(const ip_plan *plan, double *costs)
{
    size_t longest = 0;
    for (size_t i = 0; i < ip_plan_n_jobs(plan); i++) {
        ip_job job;
        ip_plan_job(plan, i, &job);
        costs[i] = ip_job_cost(plan, &job);
        if (costs[i] > costs[longest])
            longest = i;
    }
    return longest;
}

/* Takes the jobs FILE has committed off what is to be done. */
static ip_status take_done(forecast *f, const ip_store *store, const ip_plan_index *index,
                           ip_error *err)
{
    const size_t n = ip_store_n_jobs(store);
    int8_t *states = malloc(n + 1);
    if (states == NULL)
        return ip_fail(err, IP_ERR_MEMORY, "out of memory for %zu jobs", n);
    const ip_status status = ip_store_read_states(store, states, err);
    for (size_t i = 0; status == IP_OK && i < n; i++) {
        const size_t job = ip_plan_index_find(index, ip_store_key(store, i));
        if (states[i] == IP_STATE_PENDING || job == f->n)
            continue;
        f->seconds[job] = 0;
        f->done++;
    }
    free(states);
    return status;
}

static ip_status count_done(forecast *f, const ip_store *store, ip_error *err)
{
    ip_plan_index *index = ip_plan_index_new(f->plan, err);
    if (index == NULL)
        return IP_ERR_MEMORY;
    const ip_status status = take_done(f, store, index, err);
    ip_plan_index_free(index);
    return status;
}

/* Which jobs FILE holds already: those of the same key that are not pending. */
static ip_status read_done(forecast *f, const char *path, ip_error *err)
{
    if (path == NULL || access(path, F_OK) != 0)
        return IP_OK;
    ip_store *store = NULL;
    IP_TRY(ip_store_open(path, &store, err));
    const ip_status status = count_done(f, store, err);
    ip_store_close(store);
    return status;
}

static ip_status make_forecast(forecast *f, const ip_plan *plan, const char *file, ip_error *err)
{
    const ip_dataset *data = ip_plan_dataset(plan);
    const uint64_t row = ip_trace_bytes(ip_plan_shape(plan));
    *f = (forecast){.plan = plan, .n = ip_plan_n_jobs(plan)};
    f->seconds = calloc(f->n, sizeof *f->seconds);
    if (f->seconds == NULL)
        return ip_fail(err, IP_ERR_MEMORY, "out of memory for %zu jobs", f->n);
    ip_job job;
    ip_plan_job(plan, longest_job(plan, f->seconds), &job);
    double seconds_per_cost = 0;
    uint64_t job_bytes = 0;
    IP_TRY(try_job(plan, &job, &seconds_per_cost, &job_bytes, err));
    for (size_t i = 0; i < f->n; i++)
        f->seconds[i] *= seconds_per_cost;
    f->file_bytes = f->n * (row + ROW_OVERHEAD);
    f->memory_per_rank = BASE_MEMORY + job_bytes + row +
                         data->n * (data->d * sizeof(float) + (data->c + 1) * sizeof(double));
    return read_done(f, file, err);
}

static int descending(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x < y) - (x > y);
}

/* Time until the last rank is done when each takes the longest job left: seconds sorted descending.
 */
static double makespan(const double *seconds, size_t n, int ranks)
{
    double busy[128] = {0};
    double last = 0;
    for (size_t i = 0; i < n; i++) {
        int free_rank = 0;
        for (int r = 1; r < ranks; r++)
            free_rank = busy[r] < busy[free_rank] ? r : free_rank;
        busy[free_rank] += seconds[i];
        last = fmax(last, busy[free_rank]);
    }
    return last;
}

static json_t *job_json(const ip_plan *plan, size_t i)
{
    ip_job job;
    ip_text text = {0};
    ip_plan_job(plan, i, &job);
    ip_job_architecture(&job, ip_plan_dataset(plan), &text);
    json_t *object = json_pack("{s:I, s:s, s:I, s:s, s:s}", "job", (json_int_t)i, "key", job.key,
                               "seed", (json_int_t)job.seed, "architecture", text.at, "activation",
                               ip_activation_name((size_t)job.settings.network.activation));
    for (size_t k = 0; ip_plan_swept(plan, k) != NULL; k++) {
        const ip_field *field = ip_plan_swept(plan, k);
        json_object_set_new(object, field->key, ip_field_json(field, &job.settings));
    }
    ip_text_release(&text);
    return object;
}

static void print_json(const forecast *f, const double *sorted)
{
    json_t *seconds = json_object();
    for (size_t r = 0; r < IP_LENGTH(rank_counts); r++) {
        char name[16];
        snprintf(name, sizeof name, "%d", rank_counts[r]);
        json_object_set_new(seconds, name, json_real(makespan(sorted, f->n, rank_counts[r])));
    }
    json_t *list = json_array();
    for (size_t i = 0; i < f->n; i++)
        json_array_append_new(list, job_json(f->plan, i));
    json_t *object = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "name",
                               ip_spec_name(ip_plan_spec(f->plan)), "jobs", (json_int_t)f->n,
                               "done", (json_int_t)f->done, "todo", (json_int_t)(f->n - f->done),
                               "bytes", (json_int_t)f->file_bytes, "memory_per_rank",
                               (json_int_t)f->memory_per_rank, "seconds", seconds, "list", list);
    json_dumpf(object, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
    putchar('\n');
    json_decref(object);
}

static void print_jobs(const forecast *f)
{
    for (size_t i = 0; i < f->n && i < MOST_SHOWN; i++) {
        ip_job job;
        ip_text text = {0};
        ip_plan_job(f->plan, i, &job);
        ip_job_architecture(&job, ip_plan_dataset(f->plan), &text);
        for (size_t k = 0; ip_plan_swept(f->plan, k) != NULL; k++) {
            ip_text_append(&text, "  %s ", ip_plan_swept(f->plan, k)->key);
            ip_field_print(ip_plan_swept(f->plan, k), &job.settings, &text);
        }
        printf("%6zu  seed %-6llu  %s\n", i, (unsigned long long)job.seed, text.at);
        ip_text_release(&text);
    }
    if (f->n > MOST_SHOWN)
        printf("        and %zu more (--json lists all)\n", f->n - MOST_SHOWN);
}

static void print_text(const forecast *f, const double *sorted)
{
    ip_text settings = {0};
    ip_plan_describe(f->plan, &settings);
    printf("%s", settings.at);
    ip_text_release(&settings);
    print_jobs(f);
    ip_text times = {0};
    for (size_t r = 0; r < IP_LENGTH(rank_counts) && (size_t)rank_counts[r] <= f->n; r++) {
        ip_text_append(&times, "%s%d rank%s ", r == 0 ? "predicted: " : ", ", rank_counts[r],
                       rank_counts[r] == 1 ? "" : "s");
        ip_append_duration(makespan(sorted, f->n, rank_counts[r]), &times);
    }
    printf("%s", times.at);
    ip_text_release(&times);
    printf("\nfile %.1f MB, memory per rank %.0f MB, %zu snapshots per job\n",
           (double)f->file_bytes / 1e6, (double)f->memory_per_rank / 1e6,
           ip_plan_shape(f->plan)->length[IP_DIM_EPOCH]);
    printf("%s: %zu jobs, %zu done, %zu to do\n", ip_spec_name(ip_plan_spec(f->plan)), f->n,
           f->done, f->n - f->done);
}

static ip_status tell_plan(const ip_plan *plan, const char *file, bool as_json, ip_error *err)
{
    forecast f;
    ip_status status = make_forecast(&f, plan, file, err);
    if (status == IP_OK) {
        qsort(f.seconds, f.n, sizeof *f.seconds, descending);
        (as_json ? print_json : print_text)(&f, f.seconds);
    }
    free(f.seconds);
    return status;
}

int ip_cmd_plan(int argc, char **argv)
{
    ip_texts overrides = {0};
    const char *file = NULL;
    bool as_json = false;
    const ip_option options[] = {
        {"-o", IP_OPTION_TEXT, &file, "FILE", "result file to look for finished jobs in"},
        {"--json", IP_OPTION_FLAG, &as_json, NULL, "machine-readable, with every job"},
        {"--set", IP_OPTION_MANY, &overrides, "KEY=VALUE",
         "override a key of the spec (repeatable)"},
    };
    const ip_usage usage = {"plan",
                            "SPEC [-o FILE] [--json] [--set KEY=VALUE]...",
                            "the jobs of a spec, their time, file and memory",
                            "sweep.yaml -o sweep.h5",
                            options,
                            IP_LENGTH(options),
                            1,
                            0};
    const char *path[1];
    const ip_parse parsed = ip_options_parse(&usage, argc, argv, path, stderr);
    if (parsed != IP_PARSE_GO)
        return (int)parsed;
    ip_input input;
    ip_error err;
    ip_status status = ip_input_load(&input, path[0], &overrides);
    if (status == IP_OK) {
        status = tell_plan(input.plan, file, as_json, &err);
        if (status != IP_OK)
            ip_input_refuse(&err);
    }
    ip_input_release(&input);
    return ip_status_exit_code(status);
}
