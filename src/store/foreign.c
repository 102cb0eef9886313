/* foreign.c - datasets of an HDF5 file that somebody else wrote
 *
 * Every way the file can be wrong gets its own sentence; its numbers may be of any width. */
#include "store_internal.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Classes above this are taken for a mistake: labels count from 0. */
enum { MAX_CLASSES = 65536 };

ip_status ip_foreign_open(ip_foreign *in, const char *path, ip_status missing, const char *expected,
                          ip_error *err)
{
    *in = (ip_foreign){.path = path, .file = H5I_INVALID_HID};
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return ip_file_fail(err, missing, path, "cannot open the file: %s", strerror(errno));
    close(fd);
    in->file = ip_h5_open_to_read(path);
    if (in->file < 0)
        return ip_h5_fail(err, IP_ERR_DATA, path, "expected an HDF5 file with %s", expected);
    return IP_OK;
}

bool ip_foreign_has(const ip_foreign *in, const char *name)
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

static ip_status fault(const ip_foreign *in, const char *name, const char *what, ip_error *err)
{
    return ip_file_fail(err, IP_ERR_DATA, in->path, "/%s: %s", name, what);
}

ip_status ip_foreign_open_numbers(const ip_foreign *in, const char *name, bool whole_numbers,
                                  int rank, hsize_t *dims, hid_t *dataset, ip_error *err)
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

ip_status ip_foreign_open_rows(const ip_foreign *in, const char *name, bool whole_numbers, int rank,
                               hsize_t *dims, hid_t *dataset, ip_error *err)
{
    IP_TRY(ip_foreign_open_numbers(in, name, whole_numbers, rank, dims, dataset, err));
    if (dims[0] == in->n)
        return IP_OK;
    ip_h5_close(*dataset);
    return ip_file_fail(err, IP_ERR_DATA, in->path, "/%s: expected %llu rows as in /%s, saw %llu",
                        name, (unsigned long long)in->n, in->counted, (unsigned long long)dims[0]);
}

ip_status ip_foreign_take(const ip_foreign *in, const char *name, hid_t dataset, ip_value value,
                          void *data, ip_error *err)
{
    ip_status status = IP_OK;
    if (!ip_h5_get(dataset, &(ip_array){.value = value}, data))
        status = ip_h5_fail(err, IP_ERR_DATA, in->path, "/%s: cannot be read", name);
    ip_h5_close(dataset);
    return status;
}

ip_status ip_foreign_no_memory(const ip_foreign *in, ip_error *err)
{
    return ip_file_fail(err, IP_ERR_MEMORY, in->path, "out of memory for %llu rows",
                        (unsigned long long)in->n);
}

/* No number is brought to the end of another type's range, which would make two of them one. */
static ip_value whole_type(hid_t dataset)
{
    const hid_t type = H5Dget_type(dataset);
    const bool is_unsigned = H5Tget_class(type) == H5T_INTEGER && H5Tget_sign(type) == H5T_SGN_NONE;
    ip_h5_close(type);
    return is_unsigned ? IP_VALUE_UINT64 : IP_VALUE_INT64;
}

ip_status ip_foreign_integers(const ip_foreign *in, const char *name, int64_t **at, ip_error *err)
{
    hsize_t dims[IP_MAX_RANK] = {0};
    hid_t dataset;
    *at = NULL;
    IP_TRY(ip_foreign_open_rows(in, name, true, 1, dims, &dataset, err));
    *at = calloc((size_t)in->n, sizeof **at);
    if (*at == NULL) {
        ip_h5_close(dataset);
        (void)ip_foreign_no_memory(in, err);
        return IP_ERR_MEMORY;
    }
    return ip_foreign_take(in, name, dataset, whole_type(dataset), *at, err);
}

ip_status ip_foreign_check_range(const ip_foreign *in, const char *name, const int64_t *at,
                                 int64_t limit, ip_error *err)
{
    for (hsize_t i = 0; i < in->n; i++)
        if (at[i] < 0 || at[i] >= limit)
            return ip_file_fail(err, IP_ERR_DATA, in->path,
                                "/%s: expected 0 to %lld, saw %lld in row %llu", name,
                                (long long)limit - 1, (long long)at[i], (unsigned long long)i);
    return IP_OK;
}

/* Certain labels, each below limit; to be freed, also after a failure. */
static ip_status read_labels(const ip_foreign *in, size_t limit, int64_t **y, ip_error *err)
{
    IP_TRY(ip_foreign_integers(in, "y", y, err));
    return ip_foreign_check_range(in, "y", *y, (int64_t)limit, err);
}

static ip_status highest_label(const ip_foreign *in, size_t *c, ip_error *err)
{
    int64_t *y;
    const ip_status status = read_labels(in, MAX_CLASSES, &y, err);
    *c = 0;
    for (size_t i = 0; status == IP_OK && i < in->n; i++)
        *c = (size_t)y[i] >= *c ? (size_t)y[i] + 1 : *c;
    free(y);
    return status;
}

ip_status ip_foreign_classes(const ip_foreign *in, size_t *c, ip_error *err)
{
    const bool certain = ip_foreign_has(in, "y");
    if (certain == ip_foreign_has(in, "p_y_given_x"))
        return ip_file_fail(err, IP_ERR_DATA, in->path,
                            "expected one of /y and /p_y_given_x, saw %s",
                            certain ? "both" : "neither");
    if (certain)
        return highest_label(in, c, err);
    hsize_t dims[IP_MAX_RANK] = {0};
    hid_t p;
    IP_TRY(ip_foreign_open_rows(in, "p_y_given_x", false, 2, dims, &p, err));
    ip_h5_close(p);
    if (dims[1] == 0 || dims[1] > MAX_CLASSES)
        return ip_file_fail(err, IP_ERR_DATA, in->path,
                            "/p_y_given_x: expected 1 to %d classes, saw %llu", MAX_CLASSES,
                            (unsigned long long)dims[1]);
    *c = (size_t)dims[1];
    return IP_OK;
}

/* The class of each row has probability 1. */
static ip_status certain_labels(const ip_foreign *in, size_t c, double *p_y_given_x, ip_error *err)
{
    int64_t *y;
    const ip_status status = read_labels(in, c, &y, err);
    for (size_t i = 0; status == IP_OK && i < in->n; i++)
        p_y_given_x[i * c + (size_t)y[i]] = 1;
    free(y);
    return status;
}

ip_status ip_foreign_distributions(const ip_foreign *in, const char *name, size_t c, double *p,
                                   ip_error *err)
{
    hsize_t dims[IP_MAX_RANK] = {0};
    hid_t dataset;
    IP_TRY(ip_foreign_open_rows(in, name, false, 2, dims, &dataset, err));
    if (dims[1] == c)
        return ip_foreign_take(in, name, dataset, IP_VALUE_REAL, p, err);
    ip_h5_close(dataset);
    return ip_file_fail(err, IP_ERR_DATA, in->path,
                        "/%s: expected %zu classes as the labels have, saw %llu", name, c,
                        (unsigned long long)dims[1]);
}

ip_status ip_foreign_labels(const ip_foreign *in, size_t c, double *p_y_given_x, ip_error *err)
{
    return ip_foreign_has(in, "y")
               ? certain_labels(in, c, p_y_given_x, err)
               : ip_foreign_distributions(in, "p_y_given_x", c, p_y_given_x, err);
}

ip_status ip_foreign_weights(const ip_foreign *in, double *p_x, bool *is_drawn, ip_error *err)
{
    *is_drawn = !ip_foreign_has(in, "p_x");
    if (*is_drawn)
        return IP_OK;
    hsize_t dims[IP_MAX_RANK] = {0};
    hid_t dataset;
    IP_TRY(ip_foreign_open_rows(in, "p_x", false, 1, dims, &dataset, err));
    return ip_foreign_take(in, "p_x", dataset, IP_VALUE_REAL, p_x, err);
}
