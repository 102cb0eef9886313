/* data_file_read.c - a dataset out of an HDF5 file
 *
 * The file is somebody else's, so every way it can be wrong gets its own sentence; its numbers may
 * be of any width. */
#include "store_internal.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Classes above this are taken for a mistake: labels count from 0. */
enum { MAX_CLASSES = 65536 };

/* The file while it is read. */
typedef struct source {
    hid_t file;
    const char *path;
    hsize_t n; /* rows of /x */
    hsize_t d;
} source;

static bool has(const source *in, const char *name)
{
    return H5Lexists(in->file, name, H5P_DEFAULT) > 0;
}

static const char *type_fault(hid_t dataset, bool whole_numbers)
{
    const hid_t type = H5Dget_type(dataset);
    const H5T_class_t class = H5Tget_class(type);
    ip_h5_close(type);
    const bool is_whole = class == H5T_INTEGER || class == H5T_ENUM; /* h5py's booleans */
    if (whole_numbers)
        return is_whole ? NULL : "expected integers, saw another type";
    return is_whole || class == H5T_FLOAT ? NULL : "expected numbers, saw another type";
}

static ip_status fault(const source *in, const char *name, const char *what, ip_error *err)
{
    return ip_file_fail(err, IP_ERR_DATA, in->path, "/%s: %s", name, what);
}

/* Opens a dataset that must have rank dimensions; *dataset is to be closed. */
static ip_status open_numbers(const source *in, const char *name, bool whole_numbers, int rank,
                              hsize_t *dims, hid_t *dataset, ip_error *err)
{
    *dataset = H5Dopen2(in->file, name, H5P_DEFAULT);
    if (*dataset < 0)
        return fault(in, name, "expected a dataset, saw none", err);
    const int seen = ip_h5_dims(*dataset, dims);
    const char *wrong = type_fault(*dataset, whole_numbers);
    ip_status status = IP_OK;
    if (seen != rank)
        status = ip_file_fail(err, IP_ERR_DATA, in->path, "/%s: expected %d dimension%s, saw %d",
                              name, rank, rank == 1 ? "" : "s", seen);
    else if (wrong != NULL)
        status = fault(in, name, wrong, err);
    if (status != IP_OK)
        ip_h5_close(*dataset);
    return status;
}

/* Opens a dataset with a row for each row of /x. */
static ip_status open_rows(const source *in, const char *name, bool whole_numbers, int rank,
                           hsize_t *dims, hid_t *dataset, ip_error *err)
{
    IP_TRY(open_numbers(in, name, whole_numbers, rank, dims, dataset, err));
    if (dims[0] == in->n)
        return IP_OK;
    ip_h5_close(*dataset);
    return ip_file_fail(err, IP_ERR_DATA, in->path, "/%s: expected %llu rows as in /x, saw %llu",
                        name, (unsigned long long)in->n, (unsigned long long)dims[0]);
}

/* Reads all elements and closes. */
static ip_status take(const source *in, const char *name, hid_t dataset, ip_value value, void *data,
                      ip_error *err)
{
    ip_status status = IP_OK;
    if (!ip_h5_get(dataset, &(ip_array){.value = value}, data))
        status = ip_h5_fail(err, IP_ERR_DATA, in->path, "/%s: cannot be read", name);
    ip_h5_close(dataset);
    return status;
}

static ip_status out_of_memory(const source *in, ip_error *err)
{
    ip_file_fail(err, IP_ERR_MEMORY, in->path, "out of memory for %llu rows",
                 (unsigned long long)in->n);
    return IP_ERR_MEMORY;
}

/* Whole numbers, one for each row, to be freed. */
static ip_status read_integers(const source *in, const char *name, int64_t **at, ip_error *err)
{
    *at = calloc((size_t)in->n, sizeof **at);
    if (*at == NULL)
        return out_of_memory(in, err);
    hsize_t dims[IP_MAX_RANK] = {0};
    hid_t dataset;
    ip_status status = open_rows(in, name, true, 1, dims, &dataset, err);
    if (status == IP_OK)
        status = take(in, name, dataset, IP_VALUE_INT64, *at, err);
    if (status != IP_OK)
        free(*at);
    return status;
}

/* All of them must lie in [0, limit). */
static ip_status check_range(const source *in, const char *name, const int64_t *at, int64_t limit,
                             ip_error *err)
{
    for (hsize_t i = 0; i < in->n; i++)
        if (at[i] < 0 || at[i] >= limit)
            return ip_file_fail(err, IP_ERR_DATA, in->path,
                                "/%s: expected 0 to %lld, saw %lld in row %llu", name,
                                (long long)limit - 1, (long long)at[i], (unsigned long long)i);
    return IP_OK;
}

static ip_dataset *new_dataset(const source *in, size_t c)
{
    return ip_dataset_new((size_t)in->n, (size_t)in->d, c, has(in, "split"));
}

static ip_status new_of_labels(const source *in, const int64_t *y, ip_dataset **dataset,
                               ip_error *err)
{
    IP_TRY(check_range(in, "y", y, MAX_CLASSES, err));
    int64_t highest = 0;
    for (hsize_t i = 0; i < in->n; i++)
        highest = y[i] > highest ? y[i] : highest;
    const size_t c = (size_t)highest + 1;
    *dataset = new_dataset(in, c);
    if (*dataset == NULL)
        return out_of_memory(in, err);
    for (size_t i = 0; i < in->n; i++)
        (*dataset)->p_y_given_x[i * c + (size_t)y[i]] = 1;
    return IP_OK;
}

/* Certain labels: the class of each row has probability 1. */
static ip_status from_labels(const source *in, ip_dataset **dataset, ip_error *err)
{
    int64_t *y;
    IP_TRY(read_integers(in, "y", &y, err));
    const ip_status status = new_of_labels(in, y, dataset, err);
    free(y);
    return status;
}

static ip_status from_probabilities(const source *in, ip_dataset **dataset, ip_error *err)
{
    hsize_t dims[IP_MAX_RANK] = {0};
    hid_t p;
    IP_TRY(open_rows(in, "p_y_given_x", false, 2, dims, &p, err));
    if (dims[1] == 0 || dims[1] > MAX_CLASSES) {
        ip_h5_close(p);
        return ip_file_fail(err, IP_ERR_DATA, in->path,
                            "/p_y_given_x: expected 1 to %d classes, saw %llu", MAX_CLASSES,
                            (unsigned long long)dims[1]);
    }
    *dataset = new_dataset(in, (size_t)dims[1]);
    if (*dataset == NULL) {
        ip_h5_close(p);
        return out_of_memory(in, err);
    }
    return take(in, "p_y_given_x", p, IP_VALUE_REAL, (*dataset)->p_y_given_x, err);
}

static ip_status read_labels(const source *in, ip_dataset **dataset, ip_error *err)
{
    const bool certain = has(in, "y");
    if (certain == has(in, "p_y_given_x")) {
        ip_file_fail(err, IP_ERR_DATA, in->path, "expected one of /y and /p_y_given_x, saw %s",
                     certain ? "both" : "neither");
        return IP_ERR_DATA;
    }
    return certain ? from_labels(in, dataset, err) : from_probabilities(in, dataset, err);
}

static ip_status read_weights(const source *in, ip_dataset *dataset, ip_error *err)
{
    dataset->is_drawn = !has(in, "p_x");
    if (dataset->is_drawn)
        return IP_OK;
    hsize_t dims[IP_MAX_RANK] = {0};
    hid_t p_x;
    IP_TRY(open_rows(in, "p_x", false, 1, dims, &p_x, err));
    return take(in, "p_x", p_x, IP_VALUE_REAL, dataset->p_x, err);
}

static ip_status read_split(const source *in, ip_dataset *dataset, ip_error *err)
{
    if (!has(in, "split"))
        return IP_OK;
    int64_t *split;
    IP_TRY(read_integers(in, "split", &split, err));
    const ip_status status = check_range(in, "split", split, 2, err);
    for (size_t i = 0; i < in->n; i++)
        dataset->split[i] = (uint8_t)split[i];
    free(split);
    return status;
}

static ip_status read_inputs(source *in, hid_t *x, ip_error *err)
{
    hsize_t dims[IP_MAX_RANK] = {0};
    IP_TRY(open_numbers(in, "x", false, 2, dims, x, err));
    in->n = dims[0];
    in->d = dims[1];
    if (in->n > 0 && in->d > 0 && in->n <= UINT32_MAX)
        return IP_OK;
    ip_h5_close(*x);
    return ip_file_fail(err, IP_ERR_DATA, in->path,
                        "/x: expected rows and features, saw shape (%llu, %llu)",
                        (unsigned long long)in->n, (unsigned long long)in->d);
}

/* What is made is left in *dataset, complete or not. */
static ip_status read_all(source *in, ip_dataset **dataset, ip_error *err)
{
    hid_t x;
    IP_TRY(read_inputs(in, &x, err));
    const ip_status status = read_labels(in, dataset, err);
    if (status != IP_OK || *dataset == NULL) {
        ip_h5_close(x);
        return status;
    }
    IP_TRY(take(in, "x", x, IP_VALUE_FLOAT, (*dataset)->x, err));
    IP_TRY(read_weights(in, *dataset, err));
    IP_TRY(read_split(in, *dataset, err));
    const ip_status finished = ip_dataset_finish(*dataset, err);
    if (finished != IP_OK && err != NULL)
        snprintf(err->file, sizeof err->file, "%s", in->path);
    return finished;
}

static ip_status read_file(const char *path, ip_dataset **dataset, ip_error *err)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return ip_file_fail(err, IP_ERR_DATA, path, "cannot open the data file: %s",
                            strerror(errno));
    close(fd);
    source in = {.path = path};
    in.file = ip_h5_open_to_read(path);
    if (in.file < 0)
        return ip_h5_fail(err, IP_ERR_DATA, path, "expected an HDF5 file with /x and labels");
    const ip_status status = read_all(&in, dataset, err);
    H5Fclose(in.file);
    return status;
}

ip_status ip_data_file_read(const char *path, ip_dataset **dataset, ip_error *err)
{
    const ip_quiet quiet = ip_h5_quiet();
    *dataset = NULL;
    const ip_status status = read_file(path, dataset, err);
    if (status != IP_OK) {
        ip_dataset_free(*dataset);
        *dataset = NULL;
    }
    ip_h5_restore(quiet);
    return status;
}
