/* sweep.h - a small plan to lay files out from, and rows to put into them */
#ifndef SWEEP_H
#define SWEEP_H

#include "infoplane/store.h"
#include <check.h>
#include <sys/stat.h>
#include <unistd.h>

static const char sweep_text[] =
    "infoplane: 1\n"
    "name: store\n"
    "task: {name: icosahedron}\n"
    "network: {hidden: [5, 4, 3]}\n"
    "training: {epochs: 40}\n"
    "measure: {at: [0, 10, 20, 30, 40], information: [binning: {bins: [10, 30]}]}\n"
    "sweep:\n"
    "  - network.activation: [tanh, relu]\n"
    "  - network.hidden: [[5, 4, 3], [6]]\n"
    "  - zip: {training.rate: [4.0e-4, 1.0e-3], training.batch: [512, full],\n"
    "          training.optimizer: [adam, sgd]}\n"
    "seeds: {count: 2, first: 7}\n";

/* The same sweep after it grew: more seeds, a further value that comes first, a deeper network. */
static const char sweep_grown_text[] =
    "infoplane: 1\n"
    "name: store\n"
    "task: {name: icosahedron}\n"
    "network: {hidden: [5, 4, 3]}\n"
    "training: {epochs: 40}\n"
    "measure: {at: [0, 10, 20, 30, 40], information: [binning: {bins: [10, 30]}]}\n"
    "sweep:\n"
    "  - network.activation: [elu, tanh, relu]\n"
    "  - network.hidden: [[5, 4, 3], [6], [7, 6, 5, 4, 3]]\n"
    "  - zip: {training.rate: [4.0e-4, 1.0e-3], training.batch: [512, full],\n"
    "          training.optimizer: [adam, sgd]}\n"
    "seeds: {count: 3, first: 6}\n";

enum { SWEEP_JOBS = 2 * 2 * 2 * 2, SWEEP_BLOCK = 4096 };

static const ip_provenance sweep_provenance[] = {
    {"spec", sweep_text},
    {"compiler", "gr\xc3\xbc\xc3\x9f"},
    {"empty", ""},
};

typedef struct sweep {
    ip_dataset *dataset;
    ip_spec *spec;
    ip_plan *plan;
} sweep;

static inline void sweep_complain(const ip_errors *errors)
{
    for (size_t k = 0; k < errors->n; k++)
        ip_error_print(&errors->at[k], stderr);
    exit(EXIT_FAILURE);
}

static inline sweep sweep_of(const char *text)
{
    sweep s = {0};
    ip_errors errors = {0};
    const ip_source source = {.name = "sweep.yaml", .folder = "", .bytes = text, .n = strlen(text)};
    s.spec = ip_spec_parse(&source, &errors);
    if (s.spec == NULL)
        sweep_complain(&errors);
    ip_error err = {0};
    const ip_task_options *options = &ip_spec_settings(s.spec)->task;
    if (ip_task_at((size_t)options->name)->make(options, &s.dataset, &err) != IP_OK) {
        ip_error_print(&err, stderr);
        exit(EXIT_FAILURE);
    }
    s.plan = ip_plan_new(s.spec, s.dataset, &errors);
    if (s.plan == NULL)
        sweep_complain(&errors);
    return s;
}

static inline sweep sweep_new(void)
{
    return sweep_of(sweep_text);
}

static inline void sweep_free(sweep *s)
{
    ip_plan_free(s->plan);
    ip_spec_free(s->spec);
    ip_dataset_free(s->dataset);
}

static inline ip_status sweep_create(const sweep *s, const char *path, ip_error *err)
{
    const ip_contents contents = {.plan = s->plan,
                                  .title = "a small sweep",
                                  .provenance = sweep_provenance,
                                  .n_provenance = IP_LENGTH(sweep_provenance)};
    return ip_store_create(path, &contents, err);
}

/* The same with rows of n open files. */
static inline ip_status sweep_carry(const sweep *s, const char *path, ip_store *const *sources,
                                    size_t n, bool replace, ip_error *err)
{
    const ip_contents contents = {.plan = s->plan,
                                  .title = "a small sweep",
                                  .provenance = sweep_provenance,
                                  .n_provenance = IP_LENGTH(sweep_provenance),
                                  .sources = sources,
                                  .n_sources = n,
                                  .replace = replace};
    return ip_store_create(path, &contents, err);
}

/* The file grows in its place. */
static inline ip_status sweep_grow(const sweep *s, const char *path, ip_error *err)
{
    ip_store *old = NULL;
    IP_TRY(ip_store_open(path, &old, err));
    const ip_status status = sweep_carry(s, path, &old, 1, true, err);
    ip_store_close(old);
    return status;
}

/* Numbers that tell job, variable and place apart; NaN where the job has no such layer would be
 * left by a real job, here every seventh real is NaN. */
static inline void sweep_fill(const ip_trace *trace, size_t job)
{
    for (int i = 0; i < IP_N_VARIABLES; i++) {
        const ip_variable_id id = (ip_variable_id)i;
        const size_t n = ip_variable_count(id, trace->shape);
        for (size_t k = 0; k < n; k++) {
            const size_t number = 1000000 * job + 10000 * (size_t)i + k;
            if (ip_variables[i].is_integer)
                ip_trace_integer(trace, id)[k] = (int64_t)number;
            else
                ip_trace_real(trace, id)[k] = k % 7 == 6 ? (double)NAN : (double)number / 3.0;
        }
    }
}

static inline ip_row sweep_row(size_t job)
{
    ip_row row = {.state = IP_STATE_DONE,
                  .attempts = 1 + (int32_t)job,
                  .strikes = (int32_t)job % 2,
                  .seconds = 0.5 * (double)job,
                  .rank = (int32_t)job % 3};
    snprintf(row.host, sizeof row.host, "node-%zu", job);
    snprintf(row.openblas_core, sizeof row.openblas_core, "Core%zu", job);
    return row;
}

/* The same bytes, and not only a few. */
static inline void sweep_equal_files(const char *a, const char *b)
{
    FILE *in_a = fopen(a, "rb");
    FILE *in_b = fopen(b, "rb");
    CHECK(in_a != NULL && in_b != NULL);
    if (in_a == NULL || in_b == NULL)
        return;
    long at = 0;
    int c = getc(in_a);
    int d = getc(in_b);
    for (; c == d && c != EOF; at++) {
        c = getc(in_a);
        d = getc(in_b);
    }
    CHECK_REPORT(c == d, "%s and %s differ at byte %ld", a, b, at);
    CHECK(at > 1000);
    fclose(in_a);
    fclose(in_b);
}

/* A folder of the test's own under the working directory. */
static inline void sweep_folder(const char *name)
{
    (void)mkdir(name, 0777);
    if (chdir(name) != 0) {
        perror(name);
        exit(EXIT_FAILURE);
    }
}

static inline int sweep_exists(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

#endif
