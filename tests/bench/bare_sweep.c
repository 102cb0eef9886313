/* bare_sweep.c - the jobs of a spec, one after the other, and nothing else: no farm, no file, no
 * child. What tools/overhead compares a run with.
 *
 * usage: bare_sweep SPEC [KEY=VALUE]... */
#include "infoplane/lab.h"
#include "infoplane/matrix.h"
#include <stdlib.h>

static _Noreturn void stop(const char *text)
{
    fprintf(stderr, "bare_sweep: %s\n", text);
    exit(EXIT_FAILURE);
}

static ip_text read_all(const char *path)
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

static void run_jobs(const ip_plan *plan)
{
    const ip_shape *shape = ip_plan_shape(plan);
    const ip_trace trace = {shape, malloc(ip_trace_bytes(shape))};
    ip_error err;
    for (size_t i = 0; i < ip_plan_n_jobs(plan); i++) {
        ip_job job;
        ip_plan_job(plan, i, &job);
        if (ip_lab_run(plan, &job, &trace, &err) != IP_OK)
            stop(err.text);
    }
    free(trace.block);
}

int main(int argc, char **argv)
{
    if (argc < 2)
        stop("expected a spec");
    ip_text text = read_all(argv[1]);
    const ip_source source = {.name = argv[1],
                              .folder = "",
                              .bytes = text.at,
                              .n = text.length,
                              .overrides = (const char *const *)&argv[2],
                              .n_overrides = (size_t)argc - 2};
    ip_errors errors = {0};
    ip_dataset *dataset = NULL;
    ip_error err;
    ip_spec *spec = ip_spec_parse(&source, &errors);
    if (spec == NULL || ip_blas_use_one_thread(&err) != IP_OK)
        stop("the spec is wrong, or OpenBLAS not on one thread");
    const ip_task_options *task = &ip_spec_settings(spec)->task;
    if (ip_task_at((size_t)task->name)->make(task, &dataset, &err) != IP_OK)
        stop(err.text);
    ip_plan *plan = ip_plan_new(spec, dataset, &errors);
    if (plan == NULL)
        stop(errors.at[0].text);
    run_jobs(plan);
    ip_plan_free(plan);
    ip_spec_free(spec);
    ip_dataset_free(dataset);
    ip_text_release(&text);
    return 0;
}
