/* data_file_read.c - a dataset out of an HDF5 file
 *
 * Under MPI the first rank of a node reads it, the others see its memory. A window of MPI's would
 * be a file in /dev/shm, which has a name while it is made, for a kill to leave behind, and no more
 * room than that mount, in containers often 64 MB. */
#include "store_internal.h"
#include <stdlib.h>
#include <sys/stat.h>

static ip_status read_split(const ip_foreign *in, ip_dataset *dataset, ip_error *err)
{
    if (dataset->split == NULL)
        return IP_OK;
    int64_t *split;
    ip_status status = ip_foreign_integers(in, "split", &split, err);
    if (status == IP_OK)
        status = ip_foreign_check_range(in, "split", split, 2, err);
    for (size_t i = 0; status == IP_OK && i < in->n; i++)
        dataset->split[i] = (uint8_t)split[i];
    free(split);
    return status;
}

/* Opens /x, whose rows count. */
static ip_status open_inputs(ip_foreign *in, hsize_t *dims, hid_t *x, ip_error *err)
{
    IP_TRY(ip_foreign_open_numbers(in, "x", false, 2, dims, x, err));
    in->counted = "x";
    in->n = dims[0];
    if (dims[0] > 0 && dims[1] > 0 && dims[0] <= UINT32_MAX)
        return IP_OK;
    ip_h5_close(*x);
    return ip_file_fail(err, IP_ERR_DATA, in->path,
                        "/x: expected rows and features, saw shape (%llu, %llu)",
                        (unsigned long long)dims[0], (unsigned long long)dims[1]);
}

/* ip_dataset_new, or the like. */
typedef ip_dataset *maker(size_t n, size_t d, size_t c, int with_split);

/* What is made is left in *dataset, complete or not. */
static ip_status fill(const ip_foreign *in, maker *make, size_t d, hid_t x, ip_dataset **dataset,
                      ip_error *err)
{
    size_t c = 0;
    const ip_status status = ip_foreign_classes(in, &c, err);
    if (status == IP_OK)
        *dataset = make((size_t)in->n, d, c, ip_foreign_has(in, "split"));
    if (*dataset == NULL) {
        ip_h5_close(x);
        return status != IP_OK ? status : ip_foreign_no_memory(in, err);
    }
    IP_TRY(ip_foreign_take(in, "x", x, IP_VALUE_FLOAT, (*dataset)->x, err));
    IP_TRY(ip_foreign_labels(in, c, (*dataset)->p_y_given_x, err));
    IP_TRY(ip_foreign_weights(in, (*dataset)->p_x, &(*dataset)->is_drawn, err));
    return read_split(in, *dataset, err);
}

static ip_status read_file(const char *path, maker *make, ip_dataset **dataset, ip_error *err)
{
    ip_foreign in;
    hsize_t dims[IP_MAX_RANK] = {0};
    hid_t x;
    IP_TRY(ip_foreign_open(&in, path, IP_ERR_DATA, "/x and labels", err));
    ip_status status = open_inputs(&in, dims, &x, err);
    if (status == IP_OK)
        status = fill(&in, make, (size_t)dims[1], x, dataset, err);
    H5Fclose(in.file);
    IP_TRY(status);
    status = ip_dataset_finish(*dataset, err);
    if (status != IP_OK)
        ip_file_name(err, path);
    return status;
}

static ip_status read_into(const char *path, maker *make, ip_dataset **dataset, ip_error *err)
{
    const ip_quiet quiet = ip_h5_quiet();
    *dataset = NULL;
    const ip_status status = read_file(path, make, dataset, err);
    if (status != IP_OK) {
        ip_dataset_free(*dataset);
        *dataset = NULL;
    }
    ip_h5_restore(quiet);
    return status;
}

ip_status ip_data_file_read(const char *path, ip_dataset **dataset, ip_error *err)
{
    return read_into(path, ip_dataset_new, dataset, err);
}

/* Which file a path leads to; of none, where it leads to none. */
typedef struct file_id {
    dev_t device;
    ino_t inode;
} file_id;

static file_id identify(const char *path)
{
    struct stat at = {0};
    return stat(path, &at) == 0 ? (file_id){at.st_dev, at.st_ino} : (file_id){0};
}

/* What the first rank of a node tells the others. */
typedef struct offer {
    ip_error err;
    file_id file;
    ip_dataset dataset; /* its pointers say nothing elsewhere */
} offer;

/* Memory is taken for a file only where the path leads to that file here too. */
static ip_status take(const offer *made, const char *path, ip_dataset **dataset, ip_error *err)
{
    const file_id mine = identify(path);
    const bool same = mine.device == made->file.device && mine.inode == made->file.inode;
    if (same && made->err.status != IP_OK) {
        *err = made->err;
        return err->status;
    }
    *dataset = same ? ip_dataset_attach(&made->dataset) : NULL;
    return *dataset != NULL ? IP_OK : ip_data_file_read(path, dataset, err);
}

static ip_status read_on_node(const char *path, MPI_Comm node, ip_dataset **dataset, ip_error *err)
{
    int rank = 0;
    offer made = {.file = identify(path)};
    MPI_Comm_rank(node, &rank);
    if (rank == 0)
        made.err.status = read_into(path, ip_dataset_new_shared, dataset, &made.err);
    if (rank == 0 && *dataset != NULL)
        made.dataset = **dataset;
    MPI_Bcast(&made, (int)sizeof made, MPI_BYTE, 0, node);
    if (rank != 0)
        return take(&made, path, dataset, err);
    *err = made.err;
    return err->status;
}

ip_status ip_data_file_read_once(const char *path, MPI_Comm comm, ip_dataset **dataset,
                                 ip_error *err)
{
    MPI_Comm node;
    *dataset = NULL;
    MPI_Comm_split_type(comm, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node);
    const ip_status status = read_on_node(path, node, dataset, err);
    MPI_Barrier(node); /* the first keeps its memory until the others have it */
    MPI_Comm_free(&node);
    return status;
}
