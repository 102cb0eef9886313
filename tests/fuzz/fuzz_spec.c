/* fuzz_spec.c - any bytes are a spec or give errors, and never anything else
 *
 * The first line of the input may be overrides: `#! KEY=VALUE ; KEY=VALUE`. A spec that is taken is
 * expanded over two small datasets and described; its first and last jobs are looked at. Run by
 * libFuzzer (tools/fuzz), and by replay_corpus on every file of the corpus. */
#include "spec/expand.h"
#include "spec/spec_internal.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_BYTES = 1 << 16, MOST_OVERRIDES = 4, MOST_POINTS = 2000, MOST_EPOCHS = 20000 };

/* Splits the line behind `#!` in place; returns how many overrides there are. */
static size_t split_overrides(char *line, const char **overrides)
{
    size_t n = 0;
    if (strncmp(line, "#!", 2) != 0)
        return 0;
    char *rest = line + 2;
    line[strcspn(line, "\n")] = '\0';
    for (char *one = strsep(&rest, ";"); one != NULL && n < MOST_OVERRIDES;
         one = strsep(&rest, ";"))
        overrides[n++] = one + strspn(one, " ");
    return n;
}

/* Whether the plan is small enough to be made many times a second. */
static bool is_small(const ip_spec *spec)
{
    size_t points = 1;
    for (size_t a = 0; a < spec->n_axes && points <= MOST_POINTS; a++)
        points *= spec->axes[a].n_values;
    const ip_measure *measure = &spec->measure;
    const uint64_t steps =
        measure->at == IP_AT_EVERY ? spec->settings.training.epochs / measure->at_n : measure->at_n;
    return points <= MOST_POINTS && steps <= MOST_EPOCHS;
}

static void look_at_job(const ip_plan *plan, size_t index)
{
    ip_job job;
    size_t widths[IP_MAX_HIDDEN + 1];
    ip_text text = {0};
    ip_plan_job(plan, index, &job);
    assert(strlen(job.key) == IP_KEY_SIZE - 1 && job.index == index);
    ip_job_architecture(&job, ip_plan_dataset(plan), &text);
    const size_t n_layers = ip_job_widths(&job, ip_plan_dataset(plan), widths);
    assert(n_layers <= ip_plan_shape(plan)->length[IP_DIM_LAYER]);
    for (size_t k = 0; ip_plan_swept(plan, k) != NULL; k++)
        ip_field_print(ip_plan_swept(plan, k), &job.settings, &text);
    ip_text_release(&text);
    (void)n_layers;
}

static void look_at_plan(const ip_plan *plan)
{
    ip_text text = {0};
    const int64_t *epochs = ip_plan_epochs(plan);
    const size_t n_epochs = ip_plan_shape(plan)->length[IP_DIM_EPOCH];
    for (size_t i = 1; i < n_epochs; i++)
        assert(epochs[i - 1] < epochs[i]);
    assert(epochs[0] == 0 && ip_plan_n_jobs(plan) > 0);
    (void)epochs;
    look_at_job(plan, 0);
    look_at_job(plan, ip_plan_n_jobs(plan) - 1);
    ip_plan_describe(plan, &text);
    ip_text_release(&text);
}

static void expand_over(expansion *e, ip_dataset *dataset)
{
    e->dataset = dataset;
    e->plan = ip_plan_new(e->spec, dataset, &e->errors);
    if (e->plan != NULL)
        look_at_plan(e->plan);
    ip_plan_free(e->plan);
    e->plan = NULL;
    ip_dataset_free(dataset);
    e->dataset = NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > MOST_BYTES)
        return 0;
    ip_text text = {0};
    ip_text first = {0};
    const char *overrides[MOST_OVERRIDES];
    ip_text_append_bytes(&text, (const char *)data, size);
    ip_text_append_bytes(&first, (const char *)data, size);
    expansion e = {.source = {.name = "fuzz.yaml",
                              .folder = "",
                              .bytes = text.at,
                              .n = size,
                              .overrides = overrides,
                              .n_overrides = split_overrides(first.at, overrides)}};
    e.spec = ip_spec_parse(&e.source, &e.errors);
    assert((e.spec == NULL) == (e.errors.n > 0));
    if (e.spec != NULL && is_small(e.spec)) {
        expand_over(&e, small_dataset(6, 2, 0));
        expand_over(&e, small_dataset(6, 3, 1));
    }
    ip_text printed = {0};
    print_errors(&e, &printed);
    ip_text_release(&printed);
    collapse(&e);
    ip_text_release(&first);
    ip_text_release(&text);
    return 0;
}
