/* probe.c - can these ranks write one HDF5 file together, here?
 *
 * What a run relies on: a file opened through MPI-IO by all ranks, rows written independently, read
 * back by everybody once the file was closed. A file system without the locks MPI-IO wants, or a
 * folder that is not the same on every host, fails here in a moment.
 *
 * Plain bytes come first. Ranks that cannot write them learn it and leave; HDF5, where some rank
 * fails to close a file, hangs on the others and crashes at the end of the program. */
#include "store_internal.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROW = 512, ROW_BYTES = ROW * sizeof(double), HEAD_BYTES = 1 << 16 };

typedef struct probe {
    const char *path;
    MPI_Comm comm;
    int rank, size;
} probe;

static double value_at(int rank, size_t k)
{
    return (double)rank * ROW + (double)k;
}

static void make_row(int rank, double *row)
{
    for (size_t k = 0; k < ROW; k++)
        row[k] = value_at(rank, k);
}

/* rows: of all ranks. */
static ip_status compare(const probe *p, const double *rows, ip_error *err)
{
    for (int rank = 0; rank < p->size; rank++) {
        for (size_t k = 0; k < ROW; k++) {
            if (rows[(size_t)rank * ROW + k] != value_at(rank, k))
                return ip_file_fail(err, IP_ERR_IO, p->path,
                                    "what rank %d wrote through MPI-IO reads back different", rank);
        }
    }
    return IP_OK;
}

/* ---- bytes ---- */

static ip_status mpi_fail(ip_error *err, const probe *p, const char *what, int code)
{
    char reason[MPI_MAX_ERROR_STRING] = "";
    int length = 0;
    MPI_Error_string(code, reason, &length);
    reason[strcspn(reason, "\n")] = '\0';
    return ip_file_fail(err, IP_ERR_IO, p->path, "cannot %s through MPI-IO: %s", what, reason);
}

/* A row, and of rank 0 more than HDF5 will write besides rows. */
static ip_status write_bytes(const probe *p, MPI_File file, ip_error *err)
{
    double row[ROW];
    int code = MPI_SUCCESS;
    const MPI_Offset place = HEAD_BYTES + (MPI_Offset)p->rank * ROW_BYTES;
    make_row(p->rank, row);
    for (int k = 0; p->rank == 0 && code == MPI_SUCCESS && k < HEAD_BYTES / ROW_BYTES; k++)
        code = MPI_File_write_at(file, (MPI_Offset)k * ROW_BYTES, row, ROW, MPI_DOUBLE,
                                 MPI_STATUS_IGNORE);
    if (code == MPI_SUCCESS)
        code = MPI_File_write_at(file, place, row, ROW, MPI_DOUBLE, MPI_STATUS_IGNORE);
    return code == MPI_SUCCESS ? IP_OK : mpi_fail(err, p, "write", code);
}

static ip_status read_bytes(const probe *p, MPI_File file, double *rows, ip_error *err)
{
    const int code =
        MPI_File_read_at(file, HEAD_BYTES, rows, p->size * ROW, MPI_DOUBLE, MPI_STATUS_IGNORE);
    return code == MPI_SUCCESS ? compare(p, rows, err) : mpi_fail(err, p, "read", code);
}

static ip_status try_bytes(const probe *p, double *rows, ip_error *err)
{
    MPI_File file;
    int code = MPI_File_open(p->comm, p->path, MPI_MODE_CREATE | MPI_MODE_EXCL | MPI_MODE_RDWR,
                             MPI_INFO_NULL, &file);
    if (code != MPI_SUCCESS)
        return mpi_fail(err, p, "create a file", code);
    ip_status status = ip_store_agree(p->comm, write_bytes(p, file, err), err);
    code = MPI_File_sync(file);
    if (code != MPI_SUCCESS && status == IP_OK)
        status = mpi_fail(err, p, "sync a file", code);
    MPI_Barrier(p->comm);
    if (status == IP_OK)
        status = read_bytes(p, file, rows, err);
    MPI_File_close(&file);
    return status;
}

/* ---- HDF5 ---- */

static hid_t open_together(const probe *p, bool create)
{
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fapl_mpio(access, p->comm, MPI_INFO_NULL);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    const hid_t file = create ? H5Fcreate(p->path, H5F_ACC_TRUNC, H5P_DEFAULT, access)
                              : H5Fopen(p->path, H5F_ACC_RDONLY, access);
    ip_h5_close(access);
    return file;
}

static hid_t create_rows(const probe *p, hid_t file)
{
    const ip_array rows = {.value = IP_VALUE_REAL, .rank = 2, .dims = {(hsize_t)p->size, ROW}};
    const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_alloc_time(properties, H5D_ALLOC_TIME_EARLY);
    const hid_t dataset = ip_h5_create(file, "rows", &rows, properties);
    ip_h5_close(properties);
    return dataset;
}

static bool write_row(const probe *p, hid_t dataset)
{
    double row[ROW];
    const hsize_t start[] = {(hsize_t)p->rank, 0};
    const hsize_t count[] = {1, ROW};
    make_row(p->rank, row);
    const hid_t space = H5Dget_space(dataset);
    const hid_t memory = H5Screate_simple(2, count, NULL);
    const bool ok = H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) >= 0 &&
                    H5Dwrite(dataset, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, row) >= 0;
    ip_h5_close(memory);
    ip_h5_close(space);
    return ok;
}

/* Every rank closes what it opened, also after a failure: closing is collective. */
static ip_status write_file(const probe *p, ip_error *err)
{
    const hid_t file = open_together(p, true);
    if (file < 0)
        return ip_h5_fail(err, IP_ERR_IO, p->path, "cannot create a file through MPI-IO");
    const hid_t dataset = create_rows(p, file);
    ip_status status = IP_OK;
    if (dataset < 0 || !write_row(p, dataset))
        status = ip_h5_fail(err, IP_ERR_IO, p->path, "cannot write through MPI-IO");
    ip_h5_close(dataset);
    if (H5Fclose(file) < 0 && status == IP_OK)
        status = ip_h5_fail(err, IP_ERR_IO, p->path, "cannot close a file of MPI-IO");
    return status;
}

static ip_status read_file(const probe *p, double *rows, ip_error *err)
{
    const ip_array expected = {.value = IP_VALUE_REAL};
    const hid_t file = open_together(p, false);
    if (file < 0)
        return ip_h5_fail(err, IP_ERR_IO, p->path, "cannot open a file through MPI-IO");
    memset(rows, 0, (size_t)p->size * ROW_BYTES);
    const hid_t dataset = H5Dopen2(file, "rows", H5P_DEFAULT);
    const ip_status status =
        dataset >= 0 && ip_h5_get(dataset, &expected, rows)
            ? compare(p, rows, err)
            : ip_h5_fail(err, IP_ERR_IO, p->path, "cannot read through MPI-IO");
    ip_h5_close(dataset);
    H5Fclose(file);
    return status;
}

/* ---- both ---- */

/* Up to here nothing is collective. */
static ip_status prepare(const probe *p, double **rows, ip_error *err)
{
    *rows = calloc((size_t)p->size, ROW_BYTES);
    if (*rows == NULL)
        return ip_file_fail(err, IP_ERR_MEMORY, p->path, "out of memory");
    if (access(p->path, F_OK) == 0)
        return ip_file_fail(err, IP_ERR_IO, p->path, "expected no such file");
    return IP_OK;
}

/* The file is ours from here on. */
static ip_status try_all(const probe *p, double *rows, ip_error *err)
{
    ip_status status = ip_store_agree(p->comm, try_bytes(p, rows, err), err);
    if (status == IP_OK)
        status = ip_store_agree(p->comm, write_file(p, err), err);
    if (status == IP_OK)
        status = ip_store_agree(p->comm, read_file(p, rows, err), err);
    if (p->rank == 0)
        (void)unlink(p->path);
    MPI_Barrier(p->comm);
    return status;
}

ip_status ip_store_probe(const char *path, MPI_Comm comm, ip_error *err)
{
    probe p = {.path = path, .comm = comm};
    ip_error met = {0};
    double *rows = NULL;
    MPI_Comm_rank(comm, &p.rank);
    MPI_Comm_size(comm, &p.size);
    const ip_quiet quiet = ip_h5_quiet();
    ip_status status = ip_store_agree(comm, prepare(&p, &rows, &met), &met);
    if (status == IP_OK)
        status = try_all(&p, rows, &met);
    ip_h5_restore(quiet);
    free(rows);
    if (status != IP_OK && err != NULL)
        *err = met;
    return status;
}
