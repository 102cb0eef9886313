/* store_open.c - opening a result file, alone for reading or together for writing
 *
 * Both ways read what describes the file serially; the shared one then opens the file anew through
 * MPI-IO, when every rank has found it well, so that no rank waits in a collective call for one
 * that has left.
 *
 * A network file system may show a rank for a while what a name stood for before: an older file
 * that has given way to a new one, or none. So every rank compares what it has open with rank 0's,
 * and opens anew until it is the same file. */
#include "store_internal.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static ip_status open_row_dataset(const ip_store *store, const ip_layout *layout,
                                  ip_row_dataset *rows, ip_error *err)
{
    hsize_t lengths[IP_N_FILE_DIMS] = {[IP_DIM_JOB] = store->n_jobs};
    for (int dim = 0; dim < IP_N_DIMS; dim++)
        lengths[dim] = store->shape.length[dim];
    rows->row = ip_layout_array(layout, lengths);
    rows->row.dims[0] = 1;
    return ip_layout_open(store->file, store->path, layout, lengths, &rows->id, err);
}

ip_status ip_store_open_rows(ip_store *store, ip_error *err)
{
    for (int id = 0; id < IP_N_VARIABLES; id++) {
        const ip_layout layout = ip_variable_layout((ip_variable_id)id);
        IP_TRY(open_row_dataset(store, &layout, &store->variables[id], err));
    }
    for (size_t k = 0; k < IP_N_RECORD_FIELDS; k++)
        IP_TRY(open_row_dataset(store, &ip_record_fields[k].layout, &store->record[k], err));
    return IP_OK;
}

void ip_store_close_rows(ip_store *store)
{
    for (int id = 0; id < IP_N_VARIABLES; id++) {
        ip_h5_close(store->variables[id].id);
        store->variables[id].id = H5I_INVALID_HID;
    }
    for (size_t k = 0; k < IP_N_RECORD_FIELDS; k++) {
        ip_h5_close(store->record[k].id);
        store->record[k].id = H5I_INVALID_HID;
    }
}

/* ---- opening ---- */

ip_store *ip_store_new(const char *path)
{
    ip_store *store = calloc(1, sizeof *store);
    if (store == NULL)
        return NULL;
    store->file = H5I_INVALID_HID;
    store->fd = -1;
    for (int id = 0; id < IP_N_VARIABLES; id++)
        store->variables[id].id = H5I_INVALID_HID;
    for (size_t k = 0; k < IP_N_RECORD_FIELDS; k++)
        store->record[k].id = H5I_INVALID_HID;
    store->path = strdup(path);
    if (store->path != NULL)
        return store;
    free(store);
    return NULL;
}

/* What the system has to say comes first: its words are clearer than those of HDF5. */
static ip_status open_descriptor(ip_store *store, int flags, ip_error *err)
{
    struct stat file;
    if (stat(store->path, &file) == 0 && !S_ISREG(file.st_mode))
        return ip_file_fail(err, IP_ERR_CREATE, store->path,
                            "expected a result file of infoplane: not a regular file");
    store->fd = open(store->path, flags | O_CLOEXEC);
    if (store->fd >= 0)
        return IP_OK;
    const bool is_refused = flags == O_RDWR && (errno == EACCES || errno == EROFS);
    return ip_file_fail(err, is_refused ? IP_ERR_CREATE : IP_ERR_IO, store->path, "cannot open: %s",
                        strerror(errno));
}

static ip_status open_serial(ip_store *store, ip_error *err)
{
    store->file = ip_h5_open_to_read(store->path);
    if (store->file < 0)
        return ip_h5_fail(err, IP_ERR_CREATE, store->path, "expected a result file of infoplane");
    return IP_OK;
}

static void close_file(ip_store *store)
{
    ip_store_close_rows(store);
    if (store->file >= 0)
        H5Fclose(store->file);
    store->file = H5I_INVALID_HID;
}

static void close_descriptor(ip_store *store)
{
    if (store->fd >= 0)
        close(store->fd);
    store->fd = -1;
}

static ip_status open_alone(ip_store *store, ip_error *err)
{
    IP_TRY(open_descriptor(store, O_RDONLY, err));
    close_descriptor(store);
    IP_TRY(open_serial(store, err));
    IP_TRY(ip_store_describe(store, err));
    return ip_store_open_rows(store, err);
}

ip_status ip_store_open(const char *path, ip_store **store, ip_error *err)
{
    const ip_quiet quiet = ip_h5_quiet();
    *store = ip_store_new(path);
    const ip_status status = *store == NULL
                                 ? ip_file_fail(err, IP_ERR_MEMORY, path, "out of memory")
                                 : open_alone(*store, err);
    if (status != IP_OK) {
        ip_store_close(*store);
        *store = NULL;
    }
    ip_h5_restore(quiet);
    return status;
}

/* ---- opening together ---- */

ip_status ip_store_agree(MPI_Comm comm, ip_status status, ip_error *err)
{
    int rank;
    int size;
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &size);
    int first = status == IP_OK ? size : rank;
    MPI_Allreduce(MPI_IN_PLACE, &first, 1, MPI_INT, MPI_MIN, comm);
    if (first == size)
        return IP_OK;
    MPI_Bcast(err, sizeof *err, MPI_BYTE, first, comm);
    return err->status;
}

/* What tells a file from another; all zero is none. */
typedef struct identity {
    uint64_t inode, bytes;
} identity;

enum { SETTLE_TRIES = 40, SETTLE_MICROSECONDS = 250000 };

static identity identity_of(const ip_store *store)
{
    struct stat file;
    if (store == NULL || store->fd < 0 || fstat(store->fd, &file) != 0)
        return (identity){0};
    return (identity){file.st_ino, (uint64_t)file.st_size};
}

static bool is_same(const ip_store *store, const identity *wanted)
{
    const identity seen = identity_of(store);
    return seen.inode == wanted->inode && seen.bytes == wanted->bytes;
}

/* Waits until the name stands for the wanted file on this host, too. status: of the first opening.
 */
static ip_status settle(ip_store *store, const identity *wanted, ip_status status, ip_error *err)
{
    for (int k = 0; k < SETTLE_TRIES; k++) {
        if (status != IP_ERR_IO && (status != IP_OK || is_same(store, wanted)))
            return status;
        usleep(SETTLE_MICROSECONDS);
        close_descriptor(store);
        status = open_descriptor(store, O_RDWR, err);
    }
    if (status != IP_OK || is_same(store, wanted))
        return status;
    char host[64] = "";
    gethostname(host, sizeof host - 1);
    return ip_file_fail(err, IP_ERR_IO, store->path,
                        "host %s sees another file under this name than rank 0 does", host);
}

/* Opens the descriptors of one and the same file on all ranks. Collective. */
static ip_status open_same(ip_store *store, const char *path, MPI_Comm comm, ip_error *err)
{
    ip_status status = store == NULL ? ip_file_fail(err, IP_ERR_MEMORY, path, "out of memory")
                                     : open_descriptor(store, O_RDWR, err);
    identity wanted = identity_of(store);
    MPI_Bcast(&wanted, (int)sizeof wanted, MPI_BYTE, 0, comm);
    if (store != NULL && wanted.inode != 0)
        status = settle(store, &wanted, status, err);
    return ip_store_agree(comm, status, err);
}

/* Here nothing is collective. */
static ip_status look_alone(ip_store *store, ip_error *err)
{
    IP_TRY(open_serial(store, err));
    const ip_status status = ip_store_describe(store, err);
    close_file(store);
    return status;
}

static ip_status open_together(ip_store *store, MPI_Comm comm, bool sync, ip_error *err)
{
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fapl_mpio(access, comm, MPI_INFO_NULL);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    store->file = H5Fopen(store->path, H5F_ACC_RDWR, access);
    ip_status status = store->file >= 0
                           ? ip_store_open_rows(store, err)
                           : ip_h5_fail(err, IP_ERR_IO, store->path, "cannot open for writing");
    ip_h5_close(access);
    store->sync = sync;
    store->bytes = identity_of(store).bytes;
    return status;
}

ip_status ip_store_open_shared(const char *path, MPI_Comm comm, bool sync, ip_store **store,
                               ip_error *err)
{
    const ip_quiet quiet = ip_h5_quiet();
    ip_error met = {0};
    *store = ip_store_new(path);
    ip_status status = open_same(*store, path, comm, &met);
    if (status == IP_OK && *store != NULL)
        status = ip_store_agree(comm, look_alone(*store, &met), &met);
    if (status == IP_OK && *store != NULL)
        status = ip_store_agree(comm, open_together(*store, comm, sync, &met), &met);
    if (status != IP_OK) {
        ip_store_close(*store);
        *store = NULL;
        if (err != NULL)
            *err = met;
    }
    ip_h5_restore(quiet);
    return status;
}

void ip_store_close(ip_store *store)
{
    if (store == NULL)
        return;
    const ip_quiet quiet = ip_h5_quiet();
    close_file(store);
    ip_h5_restore(quiet);
    close_descriptor(store);
    ip_columns_release(&store->columns);
    ip_strings_release(&store->estimators);
    free(store->epochs);
    free(store->row);
    free(store->path);
    free(store);
}

/* ---- afterwards ---- */

/* Rows that are written to a file without a name are lost, and the metadata of one that was cut
 * short. */
ip_status ip_store_check_place(const ip_store *store, ip_error *err)
{
    struct stat named;
    const identity own = identity_of(store);
    if (stat(store->path, &named) == 0 && named.st_ino == own.inode && own.bytes >= store->bytes)
        return IP_OK;
    return ip_file_fail(err, IP_ERR_IO, store->path,
                        "the file was removed, replaced or cut short while the run was writing it");
}
