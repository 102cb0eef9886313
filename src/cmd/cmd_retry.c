/* cmd_retry.c - puts failed and quarantined jobs back: the next run computes them as if for the
 * first time */
#include "cmd/commands.h"
#include "cmd/input.h"
#include "cmd/run_log.h"
#include "infoplane/lock.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Which rows are meant, and what became of them. */
typedef struct retrial {
    const char *file;
    bool failed, quarantined;
    size_t put_back, pending; /* rows; the second counts the first */
} retrial;

static bool is_meant(const retrial *r, int8_t state)
{
    return (state == IP_STATE_FAILED && r->failed) ||
           (state == IP_STATE_QUARANTINED && r->quarantined);
}

static ip_status reset_rows(retrial *r, ip_store *store, const int8_t *states, ip_error *err)
{
    for (size_t job = 0; job < ip_store_n_jobs(store); job++) {
        r->pending += states[job] == IP_STATE_PENDING || is_meant(r, states[job]);
        if (!is_meant(r, states[job]))
            continue;
        IP_TRY(ip_store_reset_row(store, job, err));
        r->put_back++;
    }
    return IP_OK;
}

static ip_status reset_file(retrial *r, ip_error *err)
{
    ip_store *store = NULL;
    IP_TRY(ip_store_open_shared(r->file, MPI_COMM_SELF, true, &store, err));
    int8_t *states = NULL;
    ip_status status = ip_store_read_states(store, &states, err);
    if (status == IP_OK)
        status = reset_rows(r, store, states, err);
    free(states);
    ip_store_close(store);
    return status;
}

static ip_status retry(retrial *r, ip_error *err)
{
    char token[IP_TOKEN_SIZE];
    if (access(r->file, F_OK) != 0)
        return ip_fail(err, IP_ERR_IO, "%s: cannot open: %s", r->file, strerror(errno));
    IP_TRY(ip_lock_take(r->file, false, token, err));
    const ip_status status = reset_file(r, err);
    if (status == IP_OK)
        ip_run_log_jobs(r->file, "retried", r->put_back);
    ip_lock_release(r->file, token);
    return status;
}

int ip_cmd_retry(int argc, char **argv, MPI_Comm comm)
{
    int rank = 0;
    retrial r = {0};
    const ip_option options[] = {
        {"--failed", IP_OPTION_FLAG, &r.failed, NULL, "only the failed ones"},
        {"--quarantined", IP_OPTION_FLAG, &r.quarantined, NULL, "only the quarantined ones"},
    };
    const ip_usage usage = {"retry",
                            "FILE [--failed|--quarantined]",
                            "put failed and quarantined jobs back, for the next run",
                            "sweep.h5",
                            options,
                            IP_LENGTH(options),
                            1,
                            0};
    MPI_Comm_rank(comm, &rank);
    const ip_parse parsed =
        ip_options_parse(&usage, argc, argv, &r.file, rank == 0 ? stderr : NULL);
    if (parsed != IP_PARSE_GO)
        return (int)parsed;
    if (!r.failed && !r.quarantined)
        r.failed = r.quarantined = true;
    ip_error err = {0};
    if (rank == 0)
        err.status = retry(&r, &err);
    const ip_status status = ip_leave_together(comm, &err);
    if (status == IP_OK && rank == 0)
        printf("%zu jobs put back, %zu pending: `infoplane run` computes them (%s)\n", r.put_back,
               r.pending, r.file);
    return ip_status_exit_code(status);
}
