/* expand.h - a text to its plan, for the tests of spec: what `infoplane check` does, in memory */
#ifndef EXPAND_H
#define EXPAND_H

#include "infoplane/plan.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All zero before expand(); collapse() frees it. */
typedef struct expansion {
    ip_source source;
    ip_errors errors;
    ip_spec *spec;
    ip_dataset *dataset;
    ip_plan *plan; /* NULL when there are errors */
} expansion;

/* n different inputs of one feature, labels in turn over c classes. */
static inline ip_dataset *small_dataset(size_t n, size_t c, int with_split)
{
    ip_error err;
    ip_dataset *dataset = ip_dataset_new(n, 1, c, with_split);
    if (dataset == NULL)
        abort();
    for (size_t i = 0; i < n; i++) {
        dataset->x[i] = (float)i;
        dataset->p_y_given_x[i * c + i % c] = 1.0;
        if (with_split)
            dataset->split[i] = i % 3 == 2;
    }
    if (ip_dataset_finish(dataset, &err) != IP_OK)
        abort();
    return dataset;
}

/* The dataset of the task; for the task `file`, whose files no test of spec has, a small one of
 * three classes. */
static inline void make_dataset(expansion *e)
{
    ip_error err;
    const ip_task_options *options = &ip_spec_settings(e->spec)->task;
    const ip_task *task = ip_task_at((size_t)options->name);
    if (task->make == NULL) {
        e->dataset = small_dataset(12, 3, 0);
    } else if (task->make(options, &e->dataset, &err) != IP_OK) {
        ip_spec_locate(e->spec, err.key, &err);
        ip_errors_add(&e->errors, &err);
    }
}

/* Parses source, makes the dataset (unless the caller put one in) and the plan. */
static inline void expand(expansion *e)
{
    e->spec = ip_spec_parse(&e->source, &e->errors);
    if (e->spec != NULL && e->dataset == NULL)
        make_dataset(e);
    if (e->spec != NULL && e->dataset != NULL)
        e->plan = ip_plan_new(e->spec, e->dataset, &e->errors);
}

/* Appends the errors as they are printed. */
static inline void print_errors(const expansion *e, ip_text *text)
{
    char *printed = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&printed, &length);
    if (out == NULL)
        abort();
    for (size_t i = 0; i < e->errors.n && i < e->errors.capacity; i++)
        ip_spec_print_error(&e->source, &e->errors.at[i], out);
    fclose(out);
    ip_text_append_bytes(text, printed, length);
    free(printed);
}

static inline void collapse(expansion *e)
{
    ip_plan_free(e->plan);
    ip_spec_free(e->spec);
    ip_dataset_free(e->dataset);
    ip_errors_release(&e->errors);
    *e = (expansion){0};
}

/* Expands text over a small dataset of two classes, with overrides. The text lives in the caller.
 */
static inline expansion expand_text(const char *text, size_t n_overrides,
                                    const char *const *overrides)
{
    expansion e = {.source = {.name = "a.yaml",
                              .folder = "",
                              .bytes = text,
                              .n = strlen(text),
                              .overrides = overrides,
                              .n_overrides = n_overrides},
                   .dataset = small_dataset(6, 2, 0)};
    expand(&e);
    return e;
}

/* The bytes of a file; false when it cannot be read. */
static inline bool read_file(const char *path, ip_text *bytes)
{
    char block[4096];
    size_t n;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    ip_text_append_bytes(bytes, "", 0);
    while ((n = fread(block, 1, sizeof block, file)) > 0)
        ip_text_append_bytes(bytes, block, n);
    fclose(file);
    return true;
}

#endif
