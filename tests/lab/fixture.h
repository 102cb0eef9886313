/* fixture.h - a small dataset and jobs on it, for the tests of the lab
 *
 * 40 rows of four features and two classes with soft labels and unequal weights; a few rows share
 * an input. Small enough that a job takes a millisecond. */
#ifndef FIXTURE_H
#define FIXTURE_H

#include "check.h"
#include "infoplane/lab.h"

enum { N_ROWS = 40, N_FEATURES = 4, N_CLASSES = 2, MOST_SPEC = 2048 };

/* A spec, its data, its plan, and room for one row. */
typedef struct fixture {
    ip_spec *spec;
    ip_dataset *dataset;
    ip_plan *plan;
    ip_trace trace;
} fixture;

static inline void stop_on(const ip_error *err)
{
    fprintf(stderr, "the test cannot begin: %s\n", err->text);
    exit(EXIT_FAILURE);
}

/* Rows 36 to 39 repeat the inputs of 0 to 3. */
static inline ip_dataset *small_dataset(void)
{
    ip_error err = {0};
    ip_dataset *data = ip_dataset_new(N_ROWS, N_FEATURES, N_CLASSES, 0);
    ip_rng rng = ip_rng_make(1, IP_PURPOSE_TEST, 0);
    for (size_t i = 0; i < N_ROWS; i++) {
        for (size_t j = 0; j < N_FEATURES; j++)
            data->x[i * N_FEATURES + j] = i < N_ROWS - 4 ? (float)(2 * ip_rng_uniform(&rng) - 1)
                                                         : data->x[(i - 36) * N_FEATURES + j];
        const double p = ip_rng_uniform(&rng);
        data->p_y_given_x[i * N_CLASSES] = p;
        data->p_y_given_x[i * N_CLASSES + 1] = 1 - p;
        data->p_x[i] = 1 + ip_rng_uniform(&rng);
    }
    if (ip_dataset_finish(data, &err) != IP_OK)
        stop_on(&err);
    return data;
}

/* The plan of `keys`, YAML lines that begin with the task, over the dataset, which the fixture then
 * owns. */
static inline fixture fixture_over(ip_dataset *dataset, const char *keys)
{
    ip_text text = {0};
    ip_text_append(&text, "infoplane: 1\nname: test\n%s", keys);
    const ip_source source = {.name = "test", .folder = "", .bytes = text.at, .n = text.length};
    ip_errors errors = {0};
    fixture f = {.dataset = dataset, .spec = ip_spec_parse(&source, &errors)};
    if (f.spec != NULL)
        f.plan = ip_plan_new(f.spec, dataset, &errors);
    if (f.plan == NULL)
        stop_on(&errors.at[0]);
    ip_errors_release(&errors);
    ip_text_release(&text);
    f.trace = (ip_trace){ip_plan_shape(f.plan), malloc(ip_trace_bytes(ip_plan_shape(f.plan)))};
    return f;
}

static inline fixture small_fixture(const char *keys)
{
    ip_text text = {0};
    ip_text_append(&text, "task: {name: file, path: none.h5, train_fraction: 0.8}\n%s", keys);
    const fixture f = fixture_over(small_dataset(), text.at);
    ip_text_release(&text);
    return f;
}

static inline void fixture_release(fixture *f)
{
    free(f->trace.block);
    ip_plan_free(f->plan);
    ip_spec_free(f->spec);
    ip_dataset_free(f->dataset);
}

/* Runs a whole job into the fixture's trace. */
static inline ip_status fixture_run(const fixture *f, size_t index, ip_error *err)
{
    ip_job job;
    ip_plan_job(f->plan, index, &job);
    return ip_lab_run(f->plan, &job, &f->trace, err);
}

/* A copy of the trace's bytes, to be freed. */
static inline void *trace_copy(const fixture *f)
{
    const size_t bytes = ip_trace_bytes(f->trace.shape);
    void *copy = malloc(bytes);
    memcpy(copy, f->trace.block, bytes);
    return copy;
}

static inline bool trace_equals(const fixture *f, const void *block)
{
    return memcmp(f->trace.block, block, ip_trace_bytes(f->trace.shape)) == 0;
}

/* An element of a variable with dimensions (epoch, a) or (epoch, a, b): snapshot s, the rest
 * counted flat. */
static inline double seen(const fixture *f, ip_variable_id id, size_t s, size_t at)
{
    const size_t snapshots = f->trace.shape->length[IP_DIM_EPOCH];
    const size_t per_snapshot = ip_variable_count(id, f->trace.shape) / snapshots;
    return ip_trace_real(&f->trace, id)[s * per_snapshot + at];
}

/* Elements of a variable in one snapshot. */
static inline size_t per_snapshot(const fixture *f, ip_variable_id id)
{
    return ip_variable_count(id, f->trace.shape) / f->trace.shape->length[IP_DIM_EPOCH];
}

/* Whether all reals of a snapshot are NaN. */
static inline bool is_blank(const fixture *f, size_t s)
{
    for (int i = 0; i < IP_N_VARIABLES; i++) {
        const ip_variable_id id = (ip_variable_id)i;
        for (size_t k = 0; !ip_variables[id].is_integer && k < per_snapshot(f, id); k++)
            if (!isnan(seen(f, id, s, k)))
                return false;
    }
    return true;
}

#endif
