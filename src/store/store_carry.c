/* store_carry.c - rows of other result files, carried over to a new one by their keys
 *
 * The new file has been laid out and every row in it is pending. The sources are gone through one
 * after the other, a row at a time; a row is written when it says more than what the new file holds
 * by then. The keys of the new file are sorted once, so that a row is found by bisection. */
#include "infoplane/log.h"
#include "store_internal.h"
#include <stdlib.h>
#include <string.h>

/* A job of the new file. */
typedef struct known {
    const char *key;
    size_t job;
} known;

/* Where a row of the new file came from; source NULL: it is pending. */
typedef struct origin {
    const ip_store *source;
    ip_state state;
} origin;

typedef struct carrier {
    ip_store *target;
    known *by_key;   /* (n_jobs) */
    origin *origins; /* (n_jobs) */
    ip_trace wide;   /* the row at hand in the shape of the target */
    ip_trace held;   /* what the target holds, to be compared with */
    ip_trace narrow; /* the row as the source has it */
} carrier;

/* ---- keys ---- */

static int compare_keys(const void *a, const void *b)
{
    const known *x = a;
    const known *y = b;
    return strcmp(x->key, y->key);
}

/* NULL when there is none. */
static const known *find(const carrier *c, const char *key)
{
    const known wanted = {.key = key};
    return bsearch(&wanted, c->by_key, c->target->n_jobs, sizeof *c->by_key, compare_keys);
}

static void sort_keys(carrier *c)
{
    for (size_t job = 0; job < c->target->n_jobs; job++)
        c->by_key[job] = (known){ip_store_key(c->target, job), job};
    qsort(c->by_key, c->target->n_jobs, sizeof *c->by_key, compare_keys);
}

/* ---- shapes ---- */

static ip_status check_shape(const ip_store *target, const ip_store *source, ip_error *err)
{
    const size_t *wanted = target->shape.length;
    bool same = ip_shape_fits(&source->shape, &target->shape);
    same = same && memcmp(source->epochs, target->epochs,
                          wanted[IP_DIM_EPOCH] * sizeof *target->epochs) == 0;
    for (size_t k = 0; same && k < wanted[IP_DIM_ESTIMATOR]; k++)
        same = strcmp(ip_store_estimator(source, k), ip_store_estimator(target, k)) == 0;
    if (same)
        return IP_OK;
    return ip_file_fail(err, IP_ERR_SPEC, source->path,
                        "its rows have other epochs, layers or estimators than those of %s",
                        target->path);
}

/* ---- rows ---- */

static int worth(ip_state state)
{
    static const int worths[] = {
        [IP_STATE_PENDING] = 0,
        [IP_STATE_QUARANTINED] = 1,
        [IP_STATE_FAILED] = 2,
        [IP_STATE_DONE] = 3,
    };
    return worths[state];
}

/* A job that is done twice must be done alike. */
static ip_status check_alike(const carrier *c, const ip_store *source, size_t source_job,
                             size_t job, ip_error *err)
{
    ip_row row;
    bool sound;
    IP_TRY(ip_store_read_row(c->target, job, &row, &c->held, &sound, err));
    if (memcmp(c->held.block, c->wide.block, ip_trace_bytes(c->wide.shape)) == 0)
        return IP_OK;
    return ip_file_fail(err, IP_ERR_DATA, source->path,
                        "job %zu (key %s) is done here and in %s, with different numbers",
                        source_job, ip_store_key(source, source_job), c->origins[job].source->path);
}

static ip_status carry_committed(const carrier *c, const ip_store *source, size_t source_job,
                                 const ip_row *row, size_t job, ip_error *err)
{
    origin *held = &c->origins[job];
    if (held->state == IP_STATE_DONE && row->state == IP_STATE_DONE)
        return check_alike(c, source, source_job, job, err);
    if (worth(row->state) <= worth(held->state))
        return IP_OK;
    *held = (origin){source, row->state};
    return ip_store_write_row(c->target, job, row, &c->wide, err);
}

static ip_status carry_counts(const carrier *c, const ip_row *row, size_t job, ip_error *err)
{
    const int32_t values[] = {
        [IP_COUNT_ATTEMPTS] = row->attempts,
        [IP_COUNT_STRIKES] = row->strikes,
        [IP_COUNT_SUSPICION] = row->suspicion,
        [IP_COUNT_RUNNING] = 0, /* in the new file nobody is at work */
    };
    if (c->origins[job].state != IP_STATE_PENDING)
        return IP_OK;
    for (int k = 0; k < IP_N_COUNTS; k++) {
        int32_t held = 0;
        if (values[k] == 0)
            continue;
        IP_TRY(ip_store_read_count(c->target, job, (ip_count)k, &held, err));
        if (values[k] > held)
            IP_TRY(ip_store_write_count(c->target, job, (ip_count)k, values[k], err));
    }
    return IP_OK;
}

static ip_status carry_row(const carrier *c, const ip_store *source, size_t source_job,
                           ip_error *err)
{
    const char *key = ip_store_key(source, source_job);
    const known *found = find(c, key);
    if (found == NULL)
        return ip_file_fail(err, IP_ERR_SPEC, source->path,
                            "its job %zu (key %s) has no place in %s", source_job, key,
                            c->target->path);
    ip_row row;
    bool sound;
    IP_TRY(ip_store_read_row(source, source_job, &row, &c->narrow, &sound, err));
    if (!sound && row.state != IP_STATE_PENDING) {
        ip_log(IP_LOG_WARNING, "%s: job %zu is damaged; it will be run again", source->path,
               source_job);
        return IP_OK;
    }
    if (!sound)
        return carry_counts(c, &row, found->job, err);
    ip_trace_embed(c->narrow.shape, c->narrow.block, &c->wide);
    return carry_committed(c, source, source_job, &row, found->job, err);
}

/* ---- files ---- */

static ip_status carry_source(carrier *c, const ip_store *source, ip_error *err)
{
    IP_TRY(check_shape(c->target, source, err));
    c->narrow = (ip_trace){&source->shape, malloc(ip_trace_bytes(&source->shape))};
    if (c->narrow.block == NULL)
        return ip_fail(err, IP_ERR_MEMORY, "out of memory for a row");
    ip_status status = IP_OK;
    for (size_t job = 0; status == IP_OK && job < source->n_jobs; job++)
        status = carry_row(c, source, job, err);
    free(c->narrow.block);
    return status;
}

static ip_status carry_all(carrier *c, ip_store *const *sources, size_t n, ip_error *err)
{
    if (c->by_key == NULL || c->origins == NULL || c->wide.block == NULL || c->held.block == NULL)
        return ip_fail(err, IP_ERR_MEMORY, "out of memory for %zu jobs", c->target->n_jobs);
    sort_keys(c);
    for (size_t k = 0; k < n; k++)
        IP_TRY(carry_source(c, sources[k], err));
    return IP_OK;
}

static ip_status carry_to(ip_store *target, ip_store *const *sources, size_t n, ip_error *err)
{
    const ip_shape *shape = &target->shape;
    carrier c = {
        .target = target,
        .by_key = calloc(target->n_jobs + 1, sizeof *c.by_key),
        .origins = calloc(target->n_jobs + 1, sizeof *c.origins),
        .wide = {shape, malloc(ip_trace_bytes(shape))},
        .held = {shape, malloc(ip_trace_bytes(shape))},
    };
    const ip_status status = carry_all(&c, sources, n, err);
    free(c.held.block);
    free(c.wide.block);
    free(c.origins);
    free(c.by_key);
    return status;
}

ip_status ip_store_carry(hid_t file, const char *path, ip_store *const *sources, size_t n,
                         ip_error *err)
{
    ip_store *target = ip_store_new(path);
    if (target == NULL)
        return ip_fail(err, IP_ERR_MEMORY, "out of memory");
    target->file = file;
    ip_status status = ip_store_describe(target, err);
    if (status == IP_OK)
        status = ip_store_open_rows(target, err);
    if (status == IP_OK)
        status = carry_to(target, sources, n, err);
    ip_store_close_rows(target);
    target->file = H5I_INVALID_HID; /* closed by whoever opened it */
    ip_store_close(target);
    return status;
}
