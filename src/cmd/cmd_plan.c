/* cmd_plan.c - what `run` would do, and what it would cost */
#include "cmd/commands.h"
#include "cmd/forecast.h"
#include "cmd/input.h"
#include "cmd/progress.h"
#include "infoplane/log.h"
#include "spec/field_json.h"
#include <jansson.h>

enum { MOST_SHOWN = 50 };

static const int rank_counts[] = {1, 2, 4, 8, 16, 32, 64, 128};

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

static void print_json(const ip_forecast *f)
{
    json_t *seconds = json_object();
    for (size_t r = 0; r < IP_LENGTH(rank_counts); r++) {
        char name[16];
        snprintf(name, sizeof name, "%d", rank_counts[r]);
        json_object_set_new(seconds, name, json_real(ip_forecast_seconds(f, rank_counts[r])));
    }
    json_t *list = json_array();
    for (size_t i = 0; i < f->n; i++)
        json_array_append_new(list, job_json(f->plan, i));
    json_t *object = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "name",
                               ip_spec_name(ip_plan_spec(f->plan)), "jobs", (json_int_t)f->n,
                               "done", (json_int_t)f->done, "todo", (json_int_t)(f->n - f->done),
                               "bytes", (json_int_t)f->file_bytes, "memory_per_rank",
                               (json_int_t)f->memory_per_rank, "memory_per_node",
                               (json_int_t)f->memory_per_node, "seconds", seconds, "list", list);
    json_dumpf(object, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
    putchar('\n');
    json_decref(object);
}

static void print_jobs(const ip_forecast *f)
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

static void print_text(const ip_forecast *f)
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
        ip_append_duration(ip_forecast_seconds(f, rank_counts[r]), &times);
    }
    printf("%s", times.at);
    ip_text_release(&times);
    printf("\nfile %.1f MB, memory per rank %.0f MB, ", (double)f->file_bytes / 1e6,
           (double)f->memory_per_rank / 1e6);
    if (f->memory_per_node > 0)
        printf("and %.0f MB a node for the data, ", (double)f->memory_per_node / 1e6);
    printf("%zu snapshots per job\n", ip_plan_shape(f->plan)->length[IP_DIM_EPOCH]);
    printf("%s: %zu jobs, %zu done, %zu to do\n", ip_spec_name(ip_plan_spec(f->plan)), f->n,
           f->done, f->n - f->done);
}

static ip_status tell_plan(const ip_plan *plan, const char *file, bool as_json, ip_error *err)
{
    ip_forecast f;
    const ip_status status = ip_forecast_make(&f, plan, file, err);
    if (status == IP_OK && f.strangers > 0)
        ip_log(IP_LOG_WARNING, "%zu rows of %s are no job of this spec: run will refuse it",
               f.strangers, file);
    if (status == IP_OK)
        (as_json ? print_json : print_text)(&f);
    ip_forecast_release(&f);
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
