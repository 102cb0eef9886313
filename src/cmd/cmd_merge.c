/* cmd_merge.c - one result file out of many: the lossless union of their rows
 *
 * The plan is that of the file with the most jobs, rebuilt from what it says of itself; every row
 * of the others must have its place in it. An OUT that is there already is one of the files, so
 * merging again adds what the shards have done since. */
#include "cmd/arithmetic.h"
#include "cmd/commands.h"
#include "cmd/input.h"
#include "cmd/run_log.h"
#include "infoplane/lock.h"
#include "infoplane/log.h"
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

typedef struct merger {
    const char *out, *token; /* of its lock */
    const char **paths;      /* (n) of the sources */
    ip_store **sources;      /* (n) the one with the most jobs first, once all are open */
    size_t n;
    bool replace; /* OUT is one of them */
} merger;

/* Every source stays open: as many files as the system lets us have. */
static void allow_many_files(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static void warn_of_writer(const merger *m, const char *path)
{
    ip_lock_owner owner;
    if (ip_lock_look(path, &owner) == IP_LOCK_HELD && !ip_lock_is_ours(path, m->token))
        ip_log(IP_LOG_WARNING, "a run is writing %s: only what it has committed is taken", path);
}

static ip_status open_sources(merger *m, ip_error *err)
{
    for (size_t k = 0; k < m->n; k++) {
        warn_of_writer(m, m->paths[k]);
        IP_TRY(ip_store_open(m->paths[k], &m->sources[k], err));
    }
    return IP_OK;
}

static void put_widest_first(merger *m)
{
    size_t widest = 0;
    for (size_t k = 1; k < m->n; k++)
        if (ip_store_n_jobs(m->sources[k]) > ip_store_n_jobs(m->sources[widest]))
            widest = k;
    ip_store *store = m->sources[widest];
    const char *path = m->paths[widest];
    m->sources[widest] = m->sources[0];
    m->paths[widest] = m->paths[0];
    m->sources[0] = store;
    m->paths[0] = path;
}

/* Rows of different arithmetic do not belong into one file. */
static ip_status check_kernels(const merger *m, ip_error *err)
{
    ip_text kernels = {0};
    ip_text core = {0};
    ip_status status = ip_store_provenance(m->sources[0], "kernels", &kernels, err);
    if (status == IP_OK)
        status = ip_store_provenance(m->sources[0], "openblas_core", &core, err);
    for (size_t k = 1; status == IP_OK && k < m->n; k++) {
        if (!ip_provenance_is(m->sources[k], "kernels", kernels.at))
            status = ip_fail(err, IP_ERR_DATA, "%s was begun with other kernels than %s ('%s')",
                             m->paths[k], m->paths[0], kernels.at);
        else if (!ip_provenance_is(m->sources[k], "openblas_core", core.at))
            ip_log(IP_LOG_WARNING,
                   "%s was begun with another OpenBLAS core than %s (%s): last bits may differ",
                   m->paths[k], m->paths[0], core.at);
    }
    ip_text_release(&core);
    ip_text_release(&kernels);
    return status;
}

static ip_status write_union(const merger *m, ip_error *err)
{
    ip_input input = {0};
    ip_status status = ip_input_restore(&input, m->sources[0], m->paths[0], err);
    if (status == IP_OK) {
        const ip_contents contents = {
            .plan = input.plan,
            .title = ip_spec_name(input.spec),
            .sources = m->sources,
            .n_sources = m->n,
            .replace = m->replace,
        };
        status = ip_store_create(m->out, &contents, err);
    }
    ip_input_release(&input);
    return status;
}

static ip_status merge_sources(merger *m, ip_error *err)
{
    IP_TRY(open_sources(m, err));
    put_widest_first(m);
    IP_TRY(check_kernels(m, err));
    IP_TRY(write_union(m, err));
    ip_run_log_jobs(m->out, "merged", ip_store_n_jobs(m->sources[0]));
    return IP_OK;
}

/* token: of OUT's lock. in: (n) the files of the command line. */
static ip_status merge(const char *out, const char *token, const char *const *in, size_t n,
                       ip_error *err)
{
    merger m = {
        .out = out,
        .token = token,
        .paths = calloc(n + 1, sizeof *m.paths),
        .sources = calloc(n + 1, sizeof(ip_store *)),
        .replace = access(out, F_OK) == 0,
    };
    if (m.paths == NULL || m.sources == NULL) {
        free(m.paths);
        free(m.sources);
        return ip_fail(err, IP_ERR_MEMORY, "out of memory for %zu files", n);
    }
    if (m.replace)
        m.paths[m.n++] = out;
    for (size_t k = 0; k < n; k++)
        m.paths[m.n++] = in[k];
    ip_whole_file_sweep(out);
    const ip_status status = merge_sources(&m, err);
    for (size_t k = 0; k < m.n; k++)
        ip_store_close(m.sources[k]);
    free(m.sources);
    free(m.paths);
    return status;
}

static ip_status tell_states(const char *out, ip_error *err)
{
    size_t counts[4] = {0};
    ip_store *store = NULL;
    IP_TRY(ip_store_open(out, &store, err));
    const size_t n = ip_store_n_jobs(store);
    int8_t *states = NULL;
    const ip_status status = ip_store_read_states(store, &states, err);
    for (size_t i = 0; status == IP_OK && i < n; i++)
        counts[states[i] & 3]++;
    if (status == IP_OK)
        printf("%zu jobs: %zu done, %zu failed, %zu quarantined, %zu pending (%s)\n", n,
               counts[IP_STATE_DONE], counts[IP_STATE_FAILED], counts[IP_STATE_QUARANTINED],
               counts[IP_STATE_PENDING], out);
    free(states);
    ip_store_close(store);
    return status;
}

static ip_status merge_locked(const char *out, const char *const *in, size_t n, ip_error *err)
{
    char token[IP_TOKEN_SIZE];
    IP_TRY(ip_lock_take(out, false, token, err));
    ip_status status = merge(out, token, in, n, err);
    if (status == IP_OK)
        status = tell_states(out, err);
    ip_lock_release(out, token);
    return status;
}

int ip_cmd_merge(int argc, char **argv)
{
    const ip_usage usage = {"merge",
                            "OUT IN...",
                            "the union of the rows of shards, lossless",
                            "sweep.h5 sweep.shard-1-of-2.h5 sweep.shard-2-of-2.h5",
                            NULL,
                            0,
                            2,
                            (size_t)argc};
    const char **files = calloc((size_t)argc + 2, sizeof *files);
    if (files == NULL)
        return ip_status_exit_code(IP_ERR_MEMORY);
    int code = (int)ip_options_parse(&usage, argc, argv, files, stderr);
    if (code == IP_PARSE_GO) {
        ip_error err = {0};
        size_t n = 0;
        while (files[1 + n] != NULL)
            n++;
        allow_many_files();
        code = merge_locked(files[0], files + 1, n, &err) == IP_OK ? 0 : ip_input_refuse(&err);
    }
    free(files);
    return code;
}
