/* run_file.c - creating and comparing the result file, and ordering its jobs */
#include "cmd/run_file.h"
#include "cmd/commands.h"
#include "infoplane/lab.h"
#include "infoplane/log.h"
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

/* A file made from another plan, or with other arithmetic, is not continued. */
static ip_status check_same(const ip_store *store, const ip_run_flags *flags, const ip_plan *plan,
                            ip_error *err)
{
    ip_text kernels = {0};
    IP_TRY(ip_store_provenance(store, "kernels", &kernels, err));
    const bool same_kernels = strcmp(kernels.at, ip_kernels()) == 0;
    if (!same_kernels)
        ip_fail(err, IP_ERR_CREATE, "%s was begun with kernels '%s'; this program has '%s'",
                flags->file, kernels.at, ip_kernels());
    ip_text_release(&kernels);
    if (!same_kernels)
        return err->status;
    const size_t n = ip_plan_n_jobs(plan);
    bool same = n == ip_store_n_jobs(store);
    for (size_t i = 0; same && i < n; i++) {
        ip_job job;
        ip_plan_job(plan, i, &job);
        same = strcmp(job.key, ip_store_key(store, i)) == 0;
    }
    if (same)
        return IP_OK;
    tell_differences(store, plan);
    return ip_fail(
        err, IP_ERR_SPEC,
        "%s holds the jobs of another spec or of other data; nothing was touched (use another "
        "-o)",
        flags->file);
}

static ip_status create(const ip_run_flags *flags, const ip_input *input, ip_error *err)
{
    ip_text overrides = {0};
    ip_text described = {0};
    ip_text version = {0};
    ip_text_append(&overrides, "%s", "");
    for (size_t i = 0; i < flags->overrides.n; i++)
        ip_text_append(&overrides, "%s\n", flags->overrides.at[i]);
    ip_text_append_bytes(&overrides, "", 0);
    ip_plan_describe(input->plan, &described);
    ip_version_json(&version);
    const ip_provenance provenance[] = {
        {"name", ip_spec_name(input->spec)},
        {"spec", input->bytes.at},
        {"spec_name", input->name},
        {"spec_folder", input->folder},
        {"overrides", overrides.at},
        {"plan", described.at},
        {"versions", version.at},
        {"kernels", ip_kernels()},
        {"openblas_core", ip_blas_core()},
    };
    const ip_contents contents = {.plan = input->plan,
                                  .title = ip_spec_name(input->spec),
                                  .provenance = provenance,
                                  .n_provenance = IP_LENGTH(provenance)};
    const ip_status status = ip_store_create(flags->file, &contents, err);
    ip_text_release(&version);
    ip_text_release(&described);
    ip_text_release(&overrides);
    return status;
}

typedef struct costed {
    uint64_t number;
    double cost;
} costed;

static int by_cost(const void *a, const void *b)
{
    const costed *x = a;
    const costed *y = b;
    if (x->cost != y->cost)
        return x->cost < y->cost ? 1 : -1;
    return x->number < y->number ? -1 : 1;
}

/* Longest first, so that no rank is left with a long job while the others are done. */
static ip_status order_jobs(ip_worklist *worklist, const ip_plan *plan, ip_error *err)
{
    costed *list = malloc((worklist->n + 1) * sizeof *list);
    worklist->costs = malloc((worklist->n + 1) * sizeof *worklist->costs);
    if (list == NULL || worklist->costs == NULL) {
        free(list);
        return ip_fail(err, IP_ERR_MEMORY, "out of memory for %zu jobs", worklist->n);
    }
    for (size_t i = 0; i < worklist->n; i++) {
        ip_job job;
        ip_plan_job(plan, (size_t)worklist->numbers[i], &job);
        list[i] = (costed){worklist->numbers[i], ip_job_cost(plan, &job)};
    }
    qsort(list, worklist->n, sizeof *list, by_cost);
    for (size_t i = 0; i < worklist->n; i++) {
        worklist->numbers[i] = list[i].number;
        worklist->costs[i] = list[i].cost;
    }
    free(list);
    return IP_OK;
}

/* The rows that are not committed: pending, or with a checksum that does not hold. */
static ip_status find_pending(ip_worklist *worklist, const ip_store *store, ip_error *err)
{
    const ip_shape *shape = ip_store_shape(store);
    const size_t n = ip_store_n_jobs(store);
    worklist->numbers = calloc(n + 1, sizeof *worklist->numbers);
    if (worklist->numbers == NULL)
        return ip_fail(err, IP_ERR_MEMORY, "out of memory for %zu jobs", n);
    const ip_trace trace = {shape, malloc(ip_trace_bytes(shape))};
    if (trace.block == NULL)
        return ip_fail(err, IP_ERR_MEMORY, "out of memory for a row");
    ip_status status = IP_OK;
    for (size_t i = 0; status == IP_OK && i < n; i++) {
        ip_row row = {0};
        bool sound = false;
        status = ip_store_read_row(store, i, &row, &trace, &sound, err);
        if (status == IP_OK && row.state != IP_STATE_PENDING && !sound)
            ip_log(IP_LOG_WARNING, "row %zu is damaged and will be run again", i);
        if (!sound)
            worklist->numbers[worklist->n++] = i;
        else
            worklist->failed += row.state != IP_STATE_DONE;
    }
    free(trace.block);
    return status;
}

ip_status ip_run_prepare(const ip_run_flags *flags, const ip_input *input, ip_worklist *worklist,
                         ip_error *err)
{
    if (access(flags->file, F_OK) != 0)
        IP_TRY(create(flags, input, err));
    ip_store *store = NULL;
    ip_text core = {0};
    IP_TRY(ip_store_open(flags->file, &store, err));
    ip_status status = check_same(store, flags, input->plan, err);
    if (status == IP_OK)
        status = find_pending(worklist, store, err);
    if (status == IP_OK)
        status = ip_store_provenance(store, "openblas_core", &core, err);
    if (status == IP_OK && strcmp(core.at, ip_blas_core()) != 0)
        ip_log(IP_LOG_WARNING,
               "%s was begun with OpenBLAS core %s, this is %s: last bits may differ", flags->file,
               core.at, ip_blas_core());
    ip_text_release(&core);
    ip_store_close(store);
    return status == IP_OK ? order_jobs(worklist, input->plan, err) : status;
}
