/* store_row.c - one row of the result file, written and read
 *
 * A row is committed by its state, which is written last; and the checksum, which covers the state
 * too, tells a row that a dying machine tore apart. With sync the row is on the disk before its
 * state is written, and the state before the call returns. HDF5 could only flush with all ranks
 * taking part, so this is done through a descriptor of our own. */
#include "store_internal.h"
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

const char *ip_state_name(size_t index)
{
    static const char *const names[] = {
        [IP_STATE_PENDING] = "pending",
        [IP_STATE_DONE] = "done",
        [IP_STATE_FAILED] = "failed",
        [IP_STATE_QUARANTINED] = "quarantined",
    };
    return index < IP_LENGTH(names) ? names[index] : NULL;
}

/* ---- one dataset ---- */

/* The row of a job in the file. */
static hid_t row_space(const ip_row_dataset *rows, size_t job)
{
    const hid_t space = H5Dget_space(rows->id);
    const hsize_t start[IP_MAX_RANK] = {job};
    if (H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, rows->row.dims, NULL) >= 0)
        return space;
    ip_h5_close(space);
    return H5I_INVALID_HID;
}

typedef herr_t transfer(hid_t dataset, hid_t type, hid_t memory, hid_t file, void *data);

static herr_t put(hid_t dataset, hid_t type, hid_t memory, hid_t file, void *data)
{
    return H5Dwrite(dataset, type, memory, file, H5P_DEFAULT, data);
}

static herr_t get(hid_t dataset, hid_t type, hid_t memory, hid_t file, void *data)
{
    return H5Dread(dataset, type, memory, file, H5P_DEFAULT, data);
}

static ip_status move_row(const ip_store *store, const ip_row_dataset *rows, size_t job,
                          transfer *move, void *data, ip_error *err)
{
    const hid_t file = row_space(rows, job);
    const hid_t memory = ip_h5_space(&rows->row);
    const hid_t type = ip_h5_memory_type(&rows->row);
    ip_status status = IP_OK;
    if (file < 0 || move(rows->id, type, memory, file, data) < 0)
        status = ip_h5_fail(err, IP_ERR_IO, store->path, "cannot %s the row of job %zu",
                            move == put ? "write" : "read", job);
    ip_h5_close(type);
    ip_h5_close(memory);
    ip_h5_close(file);
    return status;
}

static ip_status move_trace(const ip_store *store, size_t job, transfer *move,
                            const ip_trace *trace, ip_error *err)
{
    for (int i = 0; i < IP_N_VARIABLES; i++) {
        const ip_variable_id id = (ip_variable_id)i;
        void *data = ip_variables[id].is_integer ? (void *)ip_trace_integer(trace, id)
                                                 : (void *)ip_trace_real(trace, id);
        IP_TRY(move_row(store, &store->variables[id], job, move, data, err));
    }
    return IP_OK;
}

static ip_status move_field(const ip_store *store, size_t k, size_t job, transfer *move,
                            ip_record *record, ip_error *err)
{
    void *data = (char *)record + ip_record_fields[k].offset;
    return move_row(store, &store->record[k], job, move, data, err);
}

/* ---- the record ---- */

/* Copies what fits of a text, without the first bytes of a character whose last ones do not: a
 * reader expects UTF-8. What follows is zero. */
static void copy_text(char *to, size_t size, const char *from)
{
    size_t length = strnlen(from, size - 1);
    size_t start = length;
    while (start > 0 && ((unsigned char)from[start - 1] & 0xC0U) == 0x80U)
        start--;
    if (start > 0) {
        const unsigned char lead = (unsigned char)from[start - 1];
        const size_t needed = lead < 0x80U ? 1 : lead < 0xE0U ? 2 : lead < 0xF0U ? 3 : 4;
        if (start - 1 + needed > length)
            length = start - 1;
    }
    memset(to, 0, size);
    memcpy(to, from, length);
}

static ip_record record_of(const ip_row *row, uint64_t checksum)
{
    ip_record record = {.attempts = row->attempts,
                        .strikes = row->strikes,
                        .suspicion = row->suspicion,
                        .running = row->running,
                        .rank = row->rank,
                        .seconds = row->seconds,
                        .checksum = checksum,
                        .state = (int8_t)row->state};
    copy_text(record.host, sizeof record.host, row->host);
    copy_text(record.openblas_core, sizeof record.openblas_core, row->openblas_core);
    copy_text(record.reason, sizeof record.reason, row->reason);
    return record;
}

static ip_row row_of(const ip_record *record)
{
    ip_row row = {.state = (ip_state)record->state,
                  .attempts = record->attempts,
                  .strikes = record->strikes,
                  .suspicion = record->suspicion,
                  .running = record->running,
                  .rank = record->rank,
                  .seconds = record->seconds,
                  .checksum = record->checksum};
    copy_text(row.host, sizeof row.host, record->host);
    copy_text(row.openblas_core, sizeof row.openblas_core, record->openblas_core);
    copy_text(row.reason, sizeof row.reason, record->reason);
    return row;
}

/* Of the store's own copy of the row, job and state put behind it. */
static uint64_t checksum(const ip_store *store, size_t job, int64_t state)
{
    const size_t bytes = ip_trace_bytes(&store->shape);
    const int64_t tail[] = {(int64_t)job, state};
    memcpy((char *)store->row + bytes, tail, sizeof tail);
    return XXH3_64bits(store->row, bytes + sizeof tail);
}

/* ---- writing ---- */

static ip_status sync_row(const ip_store *store, size_t job, ip_error *err)
{
    if (!store->sync || fdatasync(store->fd) == 0)
        return IP_OK;
    return ip_file_fail(err, IP_ERR_IO, store->path,
                        "cannot bring the row of job %zu to the disk: %s", job, strerror(errno));
}

/* Fields from first to before end. */
static ip_status put_fields(const ip_store *store, size_t job, size_t first, size_t end,
                            ip_record *record, ip_error *err)
{
    for (size_t k = first; k < end; k++)
        IP_TRY(move_field(store, k, job, put, record, err));
    return IP_OK;
}

static ip_status put_state(const ip_store *store, size_t job, ip_record *record, ip_error *err)
{
    IP_TRY(sync_row(store, job, err));
    IP_TRY(move_field(store, IP_RECORD_STATE, job, put, record, err));
    return sync_row(store, job, err);
}

static ip_status commit_row(const ip_store *store, size_t job, ip_record *record, ip_error *err)
{
    const ip_trace own = {&store->shape, store->row};
    IP_TRY(move_trace(store, job, put, &own, err));
    IP_TRY(put_fields(store, job, 0, IP_RECORD_STATE, record, err));
    return put_state(store, job, record, err);
}

ip_status ip_store_write_row(ip_store *store, size_t job, const ip_row *row, const ip_trace *trace,
                             ip_error *err)
{
    assert(job < store->n_jobs);
    assert(trace != NULL || row->state != IP_STATE_DONE);
    assert(row->state == IP_STATE_PENDING || (row->suspicion == 0 && row->running == 0));
    const ip_trace own = {&store->shape, store->row};
    if (trace != NULL)
        memcpy(own.block, trace->block, ip_trace_bytes(&store->shape));
    else
        ip_trace_clear(&own);

    const ip_quiet quiet = ip_h5_quiet();
    ip_record record = record_of(row, checksum(store, job, row->state));
    const ip_status status = commit_row(store, job, &record, err);
    ip_h5_restore(quiet);
    return status;
}

/* The counts go before the state: a row that is found pending has none left of what failed. */
static ip_status clear_row(const ip_store *store, size_t job, ip_record *record, ip_error *err)
{
    const ip_trace own = {&store->shape, store->row};
    IP_TRY(put_fields(store, job, 0, IP_N_COUNTS, record, err));
    IP_TRY(put_state(store, job, record, err));
    IP_TRY(put_fields(store, job, IP_N_COUNTS, IP_RECORD_STATE, record, err));
    IP_TRY(move_trace(store, job, put, &own, err));
    return sync_row(store, job, err);
}

ip_status ip_store_reset_row(ip_store *store, size_t job, ip_error *err)
{
    assert(job < store->n_jobs);
    const ip_trace own = {&store->shape, store->row};
    ip_record record = {.rank = -1, .seconds = (double)NAN};
    ip_trace_clear(&own);
    const ip_quiet quiet = ip_h5_quiet();
    const ip_status status = clear_row(store, job, &record, err);
    ip_h5_restore(quiet);
    return status;
}

ip_status ip_store_write_count(ip_store *store, size_t job, ip_count count, int32_t value,
                               ip_error *err)
{
    assert(job < store->n_jobs && count < IP_N_COUNTS);
    const ip_quiet quiet = ip_h5_quiet();
    ip_status status = move_row(store, &store->record[count], job, put, &value, err);
    ip_h5_restore(quiet);
    return status == IP_OK ? sync_row(store, job, err) : status;
}

/* ---- reading ---- */

/* A field of all jobs, so many bytes each, on the heap; NULL after an error. */
static ip_status read_field(const ip_store *store, size_t k, size_t bytes, void **values,
                            ip_error *err)
{
    const ip_row_dataset *field = &store->record[k];
    *values = malloc(bytes * store->n_jobs + 1);
    if (*values == NULL)
        return ip_fail(err, IP_ERR_MEMORY, "out of memory for a field of %zu jobs", store->n_jobs);
    const ip_quiet quiet = ip_h5_quiet();
    ip_status status = IP_OK;
    if (!ip_h5_get(field->id, &field->row, *values)) {
        status = ip_h5_fail(err, IP_ERR_IO, store->path, "cannot read %s",
                            ip_record_fields[k].layout.path);
        free(*values);
        *values = NULL;
    }
    ip_h5_restore(quiet);
    return status;
}

ip_status ip_store_read_states(const ip_store *store, int8_t **states, ip_error *err)
{
    void *values = NULL;
    const ip_status status = read_field(store, IP_RECORD_STATE, sizeof **states, &values, err);
    *states = values;
    return status;
}

ip_status ip_store_read_counts(const ip_store *store, ip_count count, int32_t **values,
                               ip_error *err)
{
    assert(count < IP_N_COUNTS);
    void *read = NULL;
    const ip_status status = read_field(store, count, sizeof **values, &read, err);
    *values = read;
    return status;
}

ip_status ip_store_read_count(const ip_store *store, size_t job, ip_count count, int32_t *value,
                              ip_error *err)
{
    assert(job < store->n_jobs && count < IP_N_COUNTS);
    const ip_quiet quiet = ip_h5_quiet();
    const ip_status status = move_row(store, &store->record[count], job, get, value, err);
    ip_h5_restore(quiet);
    return status;
}

static ip_status fetch_row(const ip_store *store, size_t job, ip_record *record, ip_error *err)
{
    const ip_trace own = {&store->shape, store->row};
    for (size_t k = IP_N_RECORD_FIELDS; k-- > 0;) /* the state first: the rest is older */
        IP_TRY(move_field(store, k, job, get, record, err));
    return move_trace(store, job, get, &own, err);
}

ip_status ip_store_read_row(const ip_store *store, size_t job, ip_row *row, const ip_trace *trace,
                            bool *sound, ip_error *err)
{
    assert(job < store->n_jobs);
    const ip_quiet quiet = ip_h5_quiet();
    ip_record record = {0};
    const ip_status status = fetch_row(store, job, &record, err);
    ip_h5_restore(quiet);
    IP_TRY(status);

    *row = row_of(&record);
    *sound = row->state != IP_STATE_PENDING && ip_state_name((size_t)row->state) != NULL &&
             record.checksum == checksum(store, job, record.state);
    memcpy(trace->block, store->row, ip_trace_bytes(&store->shape));
    return IP_OK;
}
