/* bench_plan.h - a spec read into a plan, for the programs that are timed */
#ifndef BENCH_PLAN_H
#define BENCH_PLAN_H

#include "infoplane/lab.h"
#include "infoplane/matrix.h"
#include "infoplane/store.h"
#include <stdlib.h>

static inline _Noreturn void stop(const char *text)
{
    fprintf(stderr, "error: %s\n", text);
    exit(EXIT_FAILURE);
}

static inline ip_text read_all(const char *path)
{
    ip_text text = {0};
    FILE *file = fopen(path, "r");
    if (file == NULL)
        stop("cannot read the spec");
    for (int c; (c = fgetc(file)) != EOF;)
        ip_text_append_bytes(&text, &(char){(char)c}, 1);
    fclose(file);
    return text;
}

typedef struct bench_plan {
    ip_text text;
    ip_spec *spec;
    ip_dataset *dataset;
    ip_plan *plan;
} bench_plan;

/* arguments: SPEC [KEY=VALUE]...; ends the program when they cannot be read. */
static inline bench_plan bench_plan_read(int n_arguments, char **arguments)
{
    bench_plan b = {0};
    if (n_arguments < 1)
        stop("expected SPEC [KEY=VALUE]...");
    b.text = read_all(arguments[0]);
    const ip_source source = {.name = arguments[0],
                              .folder = "",
                              .bytes = b.text.at,
                              .n = b.text.length,
                              .overrides = (const char *const *)&arguments[1],
                              .n_overrides = (size_t)n_arguments - 1};
    ip_errors errors = {0};
    ip_error err;
    b.spec = ip_spec_parse(&source, &errors);
    if (b.spec == NULL || ip_blas_use_threads(1, &err) != IP_OK)
        stop(errors.n > 0 ? errors.at[0].text : "OpenBLAS is not on one thread");
    const ip_task_options *options = &ip_spec_settings(b.spec)->task;
    const ip_task *task = ip_task_at((size_t)options->name);
    ip_text path = {0};
    ip_spec_data_path(b.spec, &path);
    const ip_status status = task->make != NULL ? task->make(options, &b.dataset, &err)
                                                : ip_data_file_read(path.at, &b.dataset, &err);
    ip_text_release(&path);
    if (status != IP_OK)
        stop(err.text);
    b.plan = ip_plan_new(b.spec, b.dataset, &errors);
    if (b.plan == NULL)
        stop(errors.at[0].text);
    return b;
}

static inline void bench_plan_release(bench_plan *b)
{
    ip_plan_free(b->plan);
    ip_spec_free(b->spec);
    ip_dataset_free(b->dataset);
    ip_text_release(&b->text);
}

#endif
