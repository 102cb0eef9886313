/* cmd_verify.c - checksums of every committed row; and a few jobs computed once more
 *
 * Only reads, so a run may be going on. What is recomputed is recomputed from the file alone: it
 * holds the spec, and a job is the same function of its number here as it was in the run. */
#include "cmd/arithmetic.h"
#include "cmd/commands.h"
#include "cmd/input.h"
#include "infoplane/lab.h"
#include "infoplane/log.h"
#include "infoplane/matrix.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

typedef struct audit {
    const char *path;
    const ip_store *store;
    ip_trace stored, again; /* a row as it is in the file, and as it comes out now */
    size_t *sound; /* (n_sound) whole rows that a job computed to its end or its divergence */
    size_t n_sound;
    size_t jobs, committed, bad, recomputed, different;
} audit;

/* ---- checksums ---- */

/* A job that diverged keeps what it had measured by then; one whose child died, nothing. */
static bool is_measured(const audit *a, const ip_row *row)
{
    return row->state == IP_STATE_DONE ||
           (row->state == IP_STATE_FAILED && !isnan(*ip_trace_real(&a->stored, IP_LOSS)));
}

static ip_status check_row(audit *a, size_t job, ip_error *err)
{
    ip_row row = {0};
    bool sound = false;
    IP_TRY(ip_store_read_row(a->store, job, &row, &a->stored, &sound, err));
    a->committed += row.state != IP_STATE_PENDING;
    if (sound && is_measured(a, &row))
        a->sound[a->n_sound++] = job;
    if (sound || row.state == IP_STATE_PENDING)
        return IP_OK;
    a->bad++;
    ip_log(IP_LOG_WARNING,
           "row %zu is damaged: its checksum does not hold; `run` computes it again", job);
    return IP_OK;
}

/* ---- recomputing ---- */

/* Uniform on 0 .. n-1, but for a bias of n / 2^64. */
static size_t below(size_t n)
{
    uint64_t word = 0;
    while (getrandom(&word, sizeof word, 0) != (ssize_t)sizeof word)
        continue;
    return (size_t)(word % n);
}

/* Takes one of the sound rows out, at random. */
static size_t draw(audit *a)
{
    const size_t k = below(a->n_sound);
    const size_t job = a->sound[k];
    a->sound[k] = a->sound[--a->n_sound];
    return job;
}

/* The names of what differs; failure: of the job computed again, if it failed. */
static void compare(const audit *a, const ip_row *row, const ip_error *failure, ip_text *names)
{
    const bool failed = failure->status != IP_OK;
    if (failed != (row->state == IP_STATE_FAILED))
        ip_text_append(names, " its end (%s)", failed ? failure->text : "it does not fail here");
    for (int i = 0; i < IP_N_VARIABLES; i++) {
        const ip_variable_id id = (ip_variable_id)i;
        const size_t bytes = ip_variable_count(id, a->stored.shape) * sizeof(double);
        if (memcmp(ip_trace_real(&a->stored, id), ip_trace_real(&a->again, id), bytes) != 0)
            ip_text_append(names, " %s", ip_variables[i].name);
    }
}

static ip_status recompute(audit *a, const ip_plan *plan, size_t number, ip_error *err)
{
    ip_job job;
    ip_row row;
    bool sound;
    ip_error failure = {0};
    ip_text names = {0};
    ip_plan_job(plan, number, &job);
    IP_TRY(ip_store_read_row(a->store, number, &row, &a->stored, &sound, err));
    const ip_status status = ip_lab_run(plan, &job, &a->again, &failure);
    if (status == IP_ERR_MEMORY) {
        *err = failure;
        return status;
    }
    compare(a, &row, &failure, &names);
    a->recomputed++;
    a->different += names.at != NULL;
    if (names.at != NULL)
        ip_log(IP_LOG_WARNING, "job %zu recomputed differs in%s", number, names.at);
    else
        ip_log(IP_LOG_INFO, "job %zu recomputed: the same bits", number);
    ip_text_release(&names);
    return IP_OK;
}

static ip_status recompute_some(audit *a, size_t most, ip_error *err)
{
    ip_input input = {0};
    IP_TRY(ip_check_arithmetic(a->store, a->path, err));
    IP_TRY(ip_blas_use_threads(1, err));
    ip_status status = ip_input_restore(&input, a->store, a->path, err);
    while (status == IP_OK && a->recomputed < most && a->n_sound > 0)
        status = recompute(a, input.plan, draw(a), err);
    if (status == IP_OK && a->recomputed < most)
        ip_log(IP_LOG_INFO, "no more than %zu rows hold what can be computed again", a->recomputed);
    ip_input_release(&input);
    return status;
}

/* ---- both ---- */

static ip_status audit_rows(audit *a, size_t most, ip_error *err)
{
    if (a->stored.block == NULL || a->again.block == NULL || a->sound == NULL)
        return ip_fail(err, IP_ERR_MEMORY, "out of memory for %zu jobs", a->jobs);
    for (size_t job = 0; job < a->jobs; job++)
        IP_TRY(check_row(a, job, err));
    return most > 0 ? recompute_some(a, most, err) : IP_OK;
}

static ip_status audit_file(audit *a, size_t most, ip_error *err)
{
    ip_store *store = NULL;
    IP_TRY(ip_store_open(a->path, &store, err));
    const ip_shape *shape = ip_store_shape(store);
    a->store = store;
    a->jobs = ip_store_n_jobs(store);
    a->stored = (ip_trace){shape, malloc(ip_trace_bytes(shape))};
    a->again = (ip_trace){shape, malloc(ip_trace_bytes(shape))};
    a->sound = calloc(a->jobs + 1, sizeof *a->sound);
    const ip_status status = audit_rows(a, most, err);
    free(a->sound);
    free(a->again.block);
    free(a->stored.block);
    ip_store_close(store);
    return status;
}

static void print_json(const audit *a)
{
    json_t *object =
        json_pack("{s:I, s:I, s:I, s:I, s:I}", "jobs", (json_int_t)a->jobs, "committed",
                  (json_int_t)a->committed, "bad", (json_int_t)a->bad, "recomputed",
                  (json_int_t)a->recomputed, "different", (json_int_t)a->different);
    json_dumpf(object, stdout, 0);
    putchar('\n');
    json_decref(object);
}

static void print_text(const audit *a)
{
    printf("%zu jobs: %zu committed, %zu bad, %zu recomputed, %zu different (%s)\n", a->jobs,
           a->committed, a->bad, a->recomputed, a->different, a->path);
}

int ip_cmd_verify(int argc, char **argv)
{
    bool as_json = false;
    long most = 0;
    const ip_option options[] = {
        {"--recompute", IP_OPTION_COUNT, &most, "K", "run K random jobs again and compare bits"},
        {"--json", IP_OPTION_FLAG, &as_json, NULL, "machine-readable"},
    };
    const ip_usage usage = {"verify",
                            "FILE [--recompute K] [--json]",
                            "the checksum of every committed row",
                            "sweep.h5 --recompute 3",
                            options,
                            IP_LENGTH(options),
                            1,
                            0};
    audit a = {0};
    const ip_parse parsed = ip_options_parse(&usage, argc, argv, &a.path, stderr);
    if (parsed != IP_PARSE_GO)
        return (int)parsed;
    ip_error err = {0};
    if (audit_file(&a, (size_t)most, &err) != IP_OK)
        return ip_input_refuse(&err);
    (as_json ? print_json : print_text)(&a);
    return a.bad + a.different > 0 ? ip_status_exit_code(IP_ERR_JOBS) : 0;
}
