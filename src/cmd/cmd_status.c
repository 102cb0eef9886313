/* cmd_status.c - how far a run is
 *
 * Counts come from the file's states, whether a run is going on from its lock, what it is at and
 * the time left from the end of FILE.log. */
#include "cmd/commands.h"
#include "cmd/input.h"
#include "cmd/progress.h"
#include "cmd/run_log.h"
#include "infoplane/lock.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

enum { MOST_REASONS = 10 };

typedef struct counts {
    char *name;
    ip_text reasons; /* a line for each of the first failed jobs */
    size_t jobs, by_state[4];
    bool is_running; /* somebody holds the lock */
    ip_lock_owner owner;
    ip_log_tail tail; /* of a run that is going on */
} counts;

/* Why jobs failed: the first few of them. */
static ip_status read_reasons(const ip_store *store, const int8_t *states, counts *c, ip_error *err)
{
    const ip_shape *shape = ip_store_shape(store);
    const ip_trace trace = {shape, malloc(ip_trace_bytes(shape))};
    if (trace.block == NULL)
        return ip_fail(err, IP_ERR_MEMORY, "out of memory for a row");
    ip_status status = IP_OK;
    size_t told = 0;
    for (size_t i = 0; status == IP_OK && i < c->jobs && told < MOST_REASONS; i++) {
        ip_row row = {0};
        bool sound = false;
        if (states[i] != IP_STATE_FAILED && states[i] != IP_STATE_QUARANTINED)
            continue;
        status = ip_store_read_row(store, i, &row, &trace, &sound, err);
        if (status == IP_OK)
            ip_text_append(&c->reasons, "job %zu %s: %s\n", i, ip_state_name((size_t)states[i]),
                           row.reason);
        told++;
    }
    free(trace.block);
    return status;
}

static ip_status count_states(const ip_store *store, counts *c, ip_error *err)
{
    c->jobs = ip_store_n_jobs(store);
    int8_t *states = NULL;
    ip_status status = ip_store_read_states(store, &states, err);
    for (size_t i = 0; status == IP_OK && i < c->jobs; i++)
        c->by_state[states[i] & 3]++;
    if (status == IP_OK)
        status = read_reasons(store, states, c, err);
    free(states);
    return status;
}

static ip_status count(const char *path, counts *c, ip_error *err)
{
    ip_store *store = NULL;
    ip_text name = {0};
    *c = (counts){0};
    IP_TRY(ip_store_open(path, &store, err));
    ip_status status = count_states(store, c, err);
    if (status == IP_OK)
        status = ip_store_provenance(store, "name", &name, err);
    ip_store_close(store);
    c->name = name.at;
    c->is_running = ip_lock_look(path, &c->owner) == IP_LOCK_HELD;
    c->tail = c->is_running ? ip_run_log_tail(path) : (ip_log_tail){.seconds_left = (double)NAN};
    return status;
}

static void print_json(const char *path, const counts *c)
{
    json_t *left = isfinite(c->tail.seconds_left) ? json_real(c->tail.seconds_left) : json_null();
    json_t *object = json_pack(
        "{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:b}", "file", path, "name", c->name, "jobs",
        (json_int_t)c->jobs, "done", (json_int_t)c->by_state[IP_STATE_DONE], "failed",
        (json_int_t)c->by_state[IP_STATE_FAILED], "quarantined",
        (json_int_t)c->by_state[IP_STATE_QUARANTINED], "running", (json_int_t)c->tail.running,
        "pending", (json_int_t)c->by_state[IP_STATE_PENDING], "seconds_left", left, "complete",
        c->by_state[IP_STATE_PENDING] == 0);
    json_dumpf(object, stdout, JSON_REAL_PRECISION(6));
    putchar('\n');
    json_decref(object);
}

static void print_text(const char *path, const counts *c)
{
    if (c->is_running) {
        ip_text left = {0};
        if (isfinite(c->tail.seconds_left)) {
            ip_text_append(&left, ", about ");
            ip_append_duration(c->tail.seconds_left, &left);
            ip_text_append(&left, " left");
        }
        printf("running on %s since %s: %zu jobs at work%s\n", c->owner.host, c->owner.since,
               c->tail.running, left.at != NULL ? left.at : "");
        ip_text_release(&left);
    }
    if (c->reasons.at != NULL)
        printf("%s", c->reasons.at);
    printf("%zu jobs: %zu done, %zu failed, %zu quarantined, %zu pending (%s, %s)\n", c->jobs,
           c->by_state[IP_STATE_DONE], c->by_state[IP_STATE_FAILED],
           c->by_state[IP_STATE_QUARANTINED], c->by_state[IP_STATE_PENDING], c->name, path);
}

/* Exit code of --exit-code. */
static int verdict(const counts *c)
{
    if (c->by_state[IP_STATE_PENDING] > 0)
        return ip_status_exit_code(IP_ERR_STOPPED);
    return c->by_state[IP_STATE_DONE] < c->jobs ? ip_status_exit_code(IP_ERR_JOBS) : 0;
}

int ip_cmd_status(int argc, char **argv)
{
    bool as_json = false;
    bool watch = false;
    bool tell_code = false;
    const ip_option options[] = {
        {"--json", IP_OPTION_FLAG, &as_json, NULL, "machine-readable"},
        {"--watch", IP_OPTION_FLAG, &watch, NULL,
         "again every two seconds until nothing is pending"},
        {"--exit-code", IP_OPTION_FLAG, &tell_code, NULL,
         "exit with 0, 1, or 75 while rows are pending"},
    };
    const ip_usage usage = {"status",
                            "FILE [--json] [--watch] [--exit-code]",
                            "how far a run is, from another terminal or node",
                            "sweep.h5",
                            options,
                            IP_LENGTH(options),
                            1,
                            0};
    const char *path[1];
    const ip_parse parsed = ip_options_parse(&usage, argc, argv, path, stderr);
    if (parsed != IP_PARSE_GO)
        return (int)parsed;
    for (;;) {
        counts c;
        ip_error err;
        const ip_status status = count(path[0], &c, &err);
        if (status == IP_OK)
            (as_json ? print_json : print_text)(path[0], &c);
        free(c.name);
        ip_text_release(&c.reasons);
        if (status != IP_OK)
            return ip_input_refuse(&err);
        if (!watch || c.by_state[IP_STATE_PENDING] == 0)
            return tell_code ? verdict(&c) : 0;
        fflush(stdout);
        sleep(2);
    }
}
