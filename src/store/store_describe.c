/* store_describe.c - what a result file says of itself: kind, dimensions, columns, provenance */
#include "store_internal.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- what the file is ---- */

static ip_status check_kind(hid_t file, const char *path, ip_error *err)
{
    int64_t schema = 0;
    ip_text conventions = {0};
    const bool is_ours = ip_h5_get_text(file, "Conventions", &conventions) &&
                         strstr(conventions.at, "infoplane-") != NULL &&
                         ip_h5_get_integer(file, "schema", &schema);
    ip_text_release(&conventions);
    if (!is_ours)
        return ip_file_fail(err, IP_ERR_CREATE, path,
                            "expected a result file of infoplane, saw another HDF5 file");
    if (schema > IP_SCHEMA)
        return ip_file_fail(err, IP_ERR_CREATE, path,
                            "expected schema %d at most, saw %lld: written by a newer infoplane",
                            IP_SCHEMA, (long long)schema);
    if (schema < IP_SCHEMA)
        return ip_file_fail(err, IP_ERR_CREATE, path,
                            "expected schema %d, saw %lld: written by an older infoplane",
                            IP_SCHEMA, (long long)schema);
    return IP_OK;
}

static ip_status read_lengths(hid_t file, const char *path, hsize_t *lengths, ip_error *err)
{
    for (int dim = 0; dim < IP_N_FILE_DIMS; dim++) {
        hsize_t dims[IP_MAX_RANK] = {0};
        const hid_t scale = H5Dopen2(file, ip_scales[dim].path, H5P_DEFAULT);
        const int rank = scale < 0 ? -1 : ip_h5_dims(scale, dims);
        ip_h5_close(scale);
        if (rank != 1)
            return ip_file_fail(err, IP_ERR_CREATE, path,
                                "not a whole result file: no dimension %s", ip_scales[dim].path);
        lengths[dim] = dims[0];
    }
    return IP_OK;
}

static ip_status read_dimensions(ip_store *store, const hsize_t *lengths, ip_error *err)
{
    store->n_jobs = (size_t)lengths[IP_DIM_JOB];
    for (int dim = 0; dim < IP_N_DIMS; dim++)
        store->shape.length[dim] = (size_t)lengths[dim];
    store->epochs = calloc(store->shape.length[IP_DIM_EPOCH] + 1, sizeof *store->epochs);
    store->row = calloc(1, ip_trace_bytes(&store->shape) + 2 * sizeof(int64_t));
    if (store->epochs == NULL || store->row == NULL)
        return ip_fail(err, IP_ERR_MEMORY, "out of memory for a row of the file");

    const ip_array epochs = ip_layout_array(&ip_scales[IP_DIM_EPOCH], lengths);
    const hid_t epoch = H5Dopen2(store->file, ip_scales[IP_DIM_EPOCH].path, H5P_DEFAULT);
    const hid_t estimator = H5Dopen2(store->file, ip_scales[IP_DIM_ESTIMATOR].path, H5P_DEFAULT);
    ip_status status = IP_OK;
    if (!ip_h5_get(epoch, &epochs, store->epochs) ||
        !ip_h5_get_strings(estimator, &store->estimators))
        status = ip_h5_fail(err, IP_ERR_CREATE, store->path, "cannot read the dimensions");
    ip_h5_close(estimator);
    ip_h5_close(epoch);
    return status;
}

ip_status ip_store_describe(ip_store *store, ip_error *err)
{
    hsize_t lengths[IP_N_FILE_DIMS] = {0};
    IP_TRY(check_kind(store->file, store->path, err));
    IP_TRY(read_lengths(store->file, store->path, lengths, err));
    IP_TRY(read_dimensions(store, lengths, err));
    return ip_columns_read(store->file, store->path, lengths, &store->columns, err);
}

/* ---- what it holds ---- */

size_t ip_store_n_jobs(const ip_store *store)
{
    return store->n_jobs;
}

const ip_shape *ip_store_shape(const ip_store *store)
{
    return &store->shape;
}

const int64_t *ip_store_epochs(const ip_store *store)
{
    return store->epochs;
}

const char *ip_store_estimator(const ip_store *store, size_t k)
{
    assert(k < store->estimators.n);
    return store->estimators.at[k];
}

ip_status ip_store_provenance(const ip_store *store, const char *name, ip_text *text, ip_error *err)
{
    const ip_quiet quiet = ip_h5_quiet();
    ip_text path = {0};
    ip_text_append(&path, "provenance/%s", name);
    ip_strings strings = {0};
    const hid_t dataset = H5Dopen2(store->file, path.at, H5P_DEFAULT);
    ip_status status = IP_OK;
    if (dataset < 0 || !ip_h5_get_strings(dataset, &strings) || strings.n != 1)
        status = ip_h5_fail(err, IP_ERR_IO, store->path, "cannot read %s", path.at);
    else
        ip_text_append_bytes(text, strings.at[0], strlen(strings.at[0]));
    ip_h5_close(dataset);
    ip_strings_release(&strings);
    ip_text_release(&path);
    ip_h5_restore(quiet);
    return status;
}

const char *ip_hdf5_version(void)
{
#define TEXT(number)  #number
#define VALUE(number) TEXT(number)
    return VALUE(H5_VERS_MAJOR) "." VALUE(H5_VERS_MINOR) "." VALUE(H5_VERS_RELEASE);
#undef VALUE
#undef TEXT
}
