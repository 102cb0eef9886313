/* run_list.c - what is left to do in a result file, and in which order */
#include "cmd/run_list.h"
#include "cmd/run_job.h"
#include "infoplane/lab.h"
#include "infoplane/log.h"
#include <stdlib.h>

/* ---- suspects ---- */

static ip_status raise_count(ip_store *store, size_t job, ip_count count, int32_t *value,
                             ip_error *err)
{
    IP_TRY(ip_store_read_count(store, job, count, value, err));
    ++*value;
    return ip_store_write_count(store, job, count, *value, err);
}

/* The mark goes first: a kill between the writes forgets a strike, it does not count one twice. */
static ip_status judge(ip_store *store, size_t job, int32_t running, int retries, ip_error *err)
{
    int32_t suspicion = 0;
    ip_row row = {.state = IP_STATE_QUARANTINED};
    IP_TRY(ip_store_write_count(store, job, IP_COUNT_RUNNING, 0, err));
    IP_TRY(raise_count(store, job, IP_COUNT_SUSPICION, &suspicion, err));
    if (running != IP_RUNNING_ALONE)
        return IP_OK;
    IP_TRY(raise_count(store, job, IP_COUNT_STRIKES, &row.strikes, err));
    if (row.strikes <= retries)
        return IP_OK;
    IP_TRY(ip_store_read_count(store, job, IP_COUNT_ATTEMPTS, &row.attempts, err));
    snprintf(row.reason, sizeof row.reason,
             "%d runs ended without a word while only this job was at work", (int)row.strikes);
    ip_log(IP_LOG_WARNING, "job %zu is quarantined: %s", job, row.reason);
    return ip_store_write_row(store, job, &row, NULL, err);
}

static ip_status judge_all(const char *file, const int32_t *running, int retries, ip_error *err)
{
    ip_store *store = NULL;
    IP_TRY(ip_store_open_shared(file, MPI_COMM_SELF, true, &store, err));
    ip_status status = IP_OK;
    for (size_t job = 0; status == IP_OK && job < ip_store_n_jobs(store); job++) {
        if (running[job] != 0)
            status = judge(store, job, running[job], retries, err);
    }
    ip_store_close(store);
    return status;
}

/* Takes the marks off committed rows; whether any is left. */
static bool leave_pending(int32_t *running, const int8_t *states, size_t n)
{
    bool any = false;
    for (size_t job = 0; job < n; job++) {
        if (states[job] != IP_STATE_PENDING)
            running[job] = 0;
        any = any || running[job] != 0;
    }
    return any;
}

/* The marks of jobs whose rows are not committed; *any tells whether there is one. */
static ip_status read_marks(const char *file, int32_t **running, bool *any, ip_error *err)
{
    ip_store *store = NULL;
    IP_TRY(ip_store_open(file, &store, err));
    const size_t n = ip_store_n_jobs(store);
    int8_t *states = NULL;
    ip_status status = ip_store_read_states(store, &states, err);
    if (status == IP_OK)
        status = ip_store_read_counts(store, IP_COUNT_RUNNING, running, err);
    *any = status == IP_OK && leave_pending(*running, states, n);
    free(states);
    ip_store_close(store);
    return status;
}

ip_status ip_suspects_judge(const char *file, int retries, ip_error *err)
{
    int32_t *running = NULL;
    bool any = false;
    ip_status status = read_marks(file, &running, &any, err);
    if (status == IP_OK && any)
        status = judge_all(file, running, retries, err);
    free(running);
    return status;
}

/* ---- the list ---- */

typedef struct entry {
    uint64_t number;
    double cost;
    int32_t suspicion;
} entry;

static int by_suspicion_and_cost(const void *a, const void *b)
{
    const entry *x = a;
    const entry *y = b;
    if (x->suspicion != y->suspicion)
        return x->suspicion < y->suspicion ? -1 : 1;
    if (x->cost != y->cost)
        return x->cost < y->cost ? 1 : -1;
    return x->number < y->number ? -1 : 1;
}

static int crowd_of(int32_t suspicion, int size)
{
    int crowd = size;
    for (int32_t s = 0; s < suspicion && crowd > 1; s++)
        crowd /= 4;
    return crowd > 1 ? crowd : 1;
}

static bool in_shard(ip_shard shard, size_t job)
{
    return job % (size_t)shard.n == (size_t)shard.index - 1;
}

/* Counts a committed row, lists any other one. */
static ip_status take_row(ip_worklist *worklist, const ip_store *store, size_t job,
                          const ip_trace *trace, ip_error *err)
{
    ip_row row = {0};
    bool sound = false;
    IP_TRY(ip_store_read_row(store, job, &row, trace, &sound, err));
    worklist->n_rows++;
    if (row.state != IP_STATE_PENDING && !sound) {
        ip_log(IP_LOG_WARNING, "row %zu is damaged and will be run again", job);
        worklist->n_damaged++;
    }
    if (!sound)
        worklist->numbers[worklist->n++] = job;
    else if (row.state == IP_STATE_QUARANTINED)
        worklist->quarantined++;
    else
        worklist->failed += row.state == IP_STATE_FAILED;
    return IP_OK;
}

static ip_status find_pending(ip_worklist *worklist, const ip_store *store, ip_shard shard,
                              ip_error *err)
{
    const ip_shape *shape = ip_store_shape(store);
    const ip_trace trace = {shape, malloc(ip_trace_bytes(shape))};
    if (trace.block == NULL)
        return ip_fail(err, IP_ERR_MEMORY, "out of memory for a row");
    ip_status status = IP_OK;
    for (size_t job = 0; status == IP_OK && job < ip_store_n_jobs(store); job++) {
        if (in_shard(shard, job))
            status = take_row(worklist, store, job, &trace, err);
    }
    free(trace.block);
    return status;
}

static ip_status order(ip_worklist *worklist, const ip_store *store, const ip_plan *plan, int size,
                       ip_error *err)
{
    entry *list = malloc((worklist->n + 1) * sizeof *list);
    if (list == NULL)
        return ip_fail(err, IP_ERR_MEMORY, "out of memory for %zu jobs", worklist->n);
    ip_status status = IP_OK;
    for (size_t i = 0; status == IP_OK && i < worklist->n; i++) {
        ip_job job;
        ip_plan_job(plan, (size_t)worklist->numbers[i], &job);
        list[i] = (entry){.number = job.index, .cost = ip_job_cost(plan, &job)};
        status = ip_store_read_count(store, job.index, IP_COUNT_SUSPICION, &list[i].suspicion, err);
    }
    if (status == IP_OK)
        qsort(list, worklist->n, sizeof *list, by_suspicion_and_cost);
    for (size_t i = 0; status == IP_OK && i < worklist->n; i++) {
        worklist->numbers[i] = list[i].number;
        worklist->costs[i] = list[i].cost;
        worklist->crowds[i] = crowd_of(list[i].suspicion, size);
    }
    free(list);
    return status;
}

static ip_status list_rows(ip_worklist *worklist, const ip_store *store, const ip_plan *plan,
                           ip_shard shard, int size, ip_error *err)
{
    const size_t n = ip_store_n_jobs(store);
    worklist->numbers = calloc(n + 1, sizeof *worklist->numbers);
    worklist->costs = calloc(n + 1, sizeof *worklist->costs);
    worklist->crowds = calloc(n + 1, sizeof *worklist->crowds);
    if (worklist->numbers == NULL || worklist->costs == NULL || worklist->crowds == NULL)
        return ip_fail(err, IP_ERR_MEMORY, "out of memory for %zu jobs", n);
    IP_TRY(find_pending(worklist, store, shard, err));
    return order(worklist, store, plan, size, err);
}

/* ---- damaged rows ---- */

/* Of the rows to do, those that say they are committed. */
static ip_status reset_committed(const ip_worklist *worklist, ip_store *store, const int8_t *states,
                                 ip_error *err)
{
    for (size_t i = 0; i < worklist->n; i++) {
        if (states[worklist->numbers[i]] != IP_STATE_PENDING)
            IP_TRY(ip_store_reset_row(store, (size_t)worklist->numbers[i], err));
    }
    return IP_OK;
}

/* Rows whose checksum does not hold become pending, and forget their past. */
static ip_status put_damaged_back(const ip_worklist *worklist, const char *file, ip_error *err)
{
    ip_store *store = NULL;
    IP_TRY(ip_store_open_shared(file, MPI_COMM_SELF, true, &store, err));
    int8_t *states = NULL;
    ip_status status = ip_store_read_states(store, &states, err);
    if (status == IP_OK)
        status = reset_committed(worklist, store, states, err);
    free(states);
    ip_store_close(store);
    return status;
}

ip_status ip_worklist_make(ip_worklist *worklist, const char *file, const ip_plan *plan,
                           ip_shard shard, int size, ip_error *err)
{
    ip_store *store = NULL;
    IP_TRY(ip_store_open(file, &store, err));
    const ip_status status = list_rows(worklist, store, plan, shard, size, err);
    ip_store_close(store);
    if (status == IP_OK && worklist->n_damaged > 0)
        return put_damaged_back(worklist, file, err);
    return status;
}

void ip_worklist_release(ip_worklist *worklist)
{
    free(worklist->numbers);
    free(worklist->costs);
    free(worklist->crowds);
    *worklist = (ip_worklist){0};
}
