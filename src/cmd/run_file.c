/* run_file.c - creating, comparing and growing the result file of a run */
#include "cmd/run_file.h"
#include "cmd/arithmetic.h"
#include "cmd/commands.h"
#include "cmd/run_log.h"
#include "infoplane/checkpoint.h"
#include "infoplane/kernels.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Whether text holds exactly this line. */
static bool has_line(const char *text, const char *line, size_t length)
{
    while (*text != '\0') {
        const size_t n = strcspn(text, "\n");
        if (n == length && strncmp(text, line, n) == 0)
            return true;
        text += n + (text[n] == '\n');
    }
    return false;
}

/* Tells the lines of a that b lacks. */
static void tell_missing(const char *a, const char *b, const char *whose)
{
    while (*a != '\0') {
        const size_t n = strcspn(a, "\n");
        if (!has_line(b, a, n))
            fprintf(stderr, "  %s %.*s\n", whose, (int)n, a);
        a += n + (a[n] == '\n');
    }
}

static void tell_differences(const ip_store *store, const ip_plan *plan)
{
    ip_text old = {0};
    ip_text new = {0};
    ip_error err;
    ip_plan_describe(plan, &new);
    if (ip_store_provenance(store, "plan", &old, &err) == IP_OK && old.at != NULL) {
        tell_missing(old.at, new.at, "file:");
        tell_missing(new.at, old.at, "spec:");
    }
    ip_text_release(&new);
    ip_text_release(&old);
}

/* How the rows of a file and the jobs of a plan compare. */
typedef enum kinship {
    KIN_SAME,   /* row i is job i */
    KIN_GROWN,  /* every row is a job, but not the other way round, or in another order */
    KIN_FOREIGN /* some row is no job */
} kinship;

static kinship compare_keys(const ip_store *store, const ip_plan_index *index, size_t n_jobs)
{
    const size_t n = ip_store_n_jobs(store);
    kinship kin = n == n_jobs ? KIN_SAME : KIN_GROWN;
    for (size_t row = 0; row < n; row++) {
        const size_t job = ip_plan_index_find(index, ip_store_key(store, row));
        if (job == n_jobs)
            return KIN_FOREIGN;
        if (job != row)
            kin = KIN_GROWN;
    }
    return kin;
}

static ip_status compare(const ip_store *store, const ip_plan *plan, kinship *kin, ip_error *err)
{
    ip_plan_index *index = ip_plan_index_new(plan, err);
    if (index == NULL)
        return IP_ERR_MEMORY;
    *kin = compare_keys(store, index, ip_plan_n_jobs(plan));
    ip_plan_index_free(index);
    return IP_OK;
}

/* Writes the file of the plan: a new one, or one that takes over the rows of `old` and its place.
 */
static ip_status write_file(const ip_run_flags *flags, const ip_input *input, ip_store *old,
                            ip_error *err)
{
    ip_text overrides = {0};
    ip_text described = {0};
    ip_text version = {0};
    ip_text core = {0};
    ip_status status = IP_OK;
    ip_text_append(&overrides, "%s", "");
    for (size_t i = 0; i < flags->overrides.n; i++)
        ip_text_append(&overrides, "%s\n", flags->overrides.at[i]);
    ip_plan_describe(input->plan, &described);
    ip_version_json(&version);
    if (old != NULL)
        status = ip_store_provenance(old, "openblas_core", &core, err);
    else
        ip_text_append(&core, "%s", ip_blas_core());
    const ip_provenance provenance[] = {
        {"name", ip_spec_name(input->spec)},
        {"spec", input->bytes.at},
        {"spec_name", input->name},
        {"spec_folder", input->folder},
        {"overrides", overrides.at},
        {"plan", described.at},
        {"versions", version.at},
        {"kernels", ip_kernels_in_use()->results},
        {"openblas_core", core.at},
    };
    const ip_contents contents = {
        .plan = input->plan,
        .title = ip_spec_name(input->spec),
        .provenance = provenance,
        .n_provenance = IP_LENGTH(provenance),
        .sources = &old,
        .n_sources = old != NULL,
        .replace = old != NULL,
    };
    if (status == IP_OK)
        status = ip_store_create(flags->file, &contents, err);
    ip_text_release(&core);
    ip_text_release(&version);
    ip_text_release(&described);
    ip_text_release(&overrides);
    return status;
}

static ip_status grow(const ip_run_flags *flags, const ip_input *input, ip_error *err)
{
    ip_store *store = NULL;
    IP_TRY(ip_store_open(flags->file, &store, err));
    const size_t before = ip_store_n_jobs(store), after = ip_plan_n_jobs(input->plan);
    const ip_status status = write_file(flags, input, store, err);
    ip_store_close(store);
    IP_TRY(status);
    ip_run_log_grown(flags->file, before, after);
    if (before < after)
        fprintf(stderr, "%s: from %zu to %zu jobs, the old rows taken over\n", flags->file, before,
                after);
    else
        fprintf(stderr, "%s: the %zu jobs in a new order\n", flags->file, after);
    return IP_OK;
}

/* Compares an existing file with the plan, and refuses one that does not fit it. */
static ip_status examine(const ip_run_flags *flags, const ip_plan *plan, const ip_store *store,
                         kinship *kin, ip_error *err)
{
    IP_TRY(ip_check_arithmetic(store, flags->file, err));
    IP_TRY(compare(store, plan, kin, err));
    if (*kin != KIN_FOREIGN)
        return IP_OK;
    tell_differences(store, plan);
    return ip_fail(err, IP_ERR_SPEC,
                   "%s holds jobs that this spec, or its data, does not give; nothing was touched "
                   "(use another -o)",
                   flags->file);
}

/* The jobs that were at work are judged in the old file: a new one knows of none. */
ip_status ip_run_prepare(const ip_run_flags *flags, const ip_input *input, ip_error *err)
{
    ip_store *store = NULL;
    kinship kin = KIN_SAME;
    if (access(flags->file, F_OK) != 0)
        return write_file(flags, input, NULL, err);
    IP_TRY(ip_store_open(flags->file, &store, err));
    const ip_status status = examine(flags, input->plan, store, &kin, err);
    ip_store_close(store);
    IP_TRY(status);
    IP_TRY(ip_suspects_judge(flags->file, (int)ip_spec_limits(input->spec)->retries, err));
    return kin == KIN_GROWN ? grow(flags, input, err) : IP_OK;
}

/* ---- what former runs left behind ---- */

typedef struct pending_keys {
    const ip_store *store;
    int8_t *states;
} pending_keys;

static bool is_pending(void *context, const char *key)
{
    const pending_keys *pending = context;
    for (size_t i = 0; i < ip_store_n_jobs(pending->store); i++) {
        if (strcmp(ip_store_key(pending->store, i), key) == 0)
            return pending->states[i] == IP_STATE_PENDING;
    }
    return false;
}

ip_status ip_run_sweep(const char *file, ip_error *err)
{
    pending_keys pending = {0};
    ip_store *store = NULL;
    IP_TRY(ip_store_open(file, &store, err));
    pending.store = store;
    const ip_status status = ip_store_read_states(store, &pending.states, err);
    if (status == IP_OK) {
        ip_checkpoint_sweep(file, is_pending, &pending);
        ip_whole_file_sweep(file);
    }
    free(pending.states);
    ip_store_close(store);
    return status;
}
