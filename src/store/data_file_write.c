/* data_file_write.c - a dataset, or the activations of a network, into an HDF5 file
 *
 * The file holds exactly what a job sees, and reads back as the same data. A layer may be a view
 * with gaps between its rows; the file holds it without them. */
#include "store_internal.h"

static ip_status write_array(hid_t place, const char *path, const char *name, const ip_array *array,
                             const void *data, ip_error *err)
{
    const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(properties, false);
    const hid_t dataset = ip_h5_create(place, name, array, properties);
    ip_status status = IP_OK;
    if (dataset < 0 || !ip_h5_put(dataset, array, data))
        status = ip_h5_fail(err, IP_ERR_IO, path, "cannot write /%s", name);
    ip_h5_close(dataset);
    ip_h5_close(properties);
    return status;
}

/* An array of one element for each row, or some of them; NULL data is left out. */
typedef struct part {
    const char *name;
    ip_array array;
    const void *data;
} part;

static ip_status write_parts(hid_t file, const char *path, const part *parts, size_t n,
                             ip_error *err)
{
    for (size_t k = 0; k < n; k++) {
        if (parts[k].data != NULL)
            IP_TRY(write_array(file, path, parts[k].name, &parts[k].array, parts[k].data, err));
    }
    return IP_OK;
}

/* Rows without weights are a sample, and read back as one. */
static ip_status write_dataset(hid_t file, const char *path, const ip_dataset *dataset,
                               const uint8_t *split, ip_error *err)
{
    const hsize_t n = dataset->n;
    const part parts[] = {
        {"x", {IP_VALUE_FLOAT, 0, 2, {n, dataset->d}}, dataset->x},
        {"p_y_given_x", {IP_VALUE_REAL, 0, 2, {n, dataset->c}}, dataset->p_y_given_x},
        {"p_x", {IP_VALUE_REAL, 0, 1, {n}}, dataset->is_drawn ? NULL : dataset->p_x},
        {"split", {IP_VALUE_UINT8, 0, 1, {n}}, split},
    };
    return write_parts(file, path, parts, IP_LENGTH(parts), err);
}

/* ---- a data file ---- */

typedef struct contents {
    const ip_dataset *dataset;
    const uint8_t *split;
} contents;

static ip_status fill_data(hid_t file, const char *path, const void *context, ip_error *err)
{
    const contents *all = context;
    return write_dataset(file, path, all->dataset, all->split, err);
}

ip_status ip_data_file_write(const char *path, const ip_dataset *dataset, const uint8_t *split,
                             ip_error *err)
{
    const contents all = {dataset, split};
    return ip_whole_file_write(path, true, fill_data, &all, err);
}

/* ---- an activations file ---- */

/* The elements of a view: cols of each stride, from rows of it (the last row may be shorter). */
static hid_t view_space(const ip_cmat *view)
{
    const hsize_t dims[] = {view->rows, view->stride};
    const hsize_t start[] = {0, 0};
    const hsize_t count[] = {view->rows, view->cols};
    const hid_t space = H5Screate_simple(2, dims, NULL);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
    return space;
}

static ip_status write_layer(hid_t group, const char *path, const char *name, const ip_cmat *layer,
                             ip_error *err)
{
    const ip_array array = {IP_VALUE_FLOAT, 0, 2, {layer->rows, layer->cols}};
    const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(properties, false);
    const hid_t memory = view_space(layer);
    const hid_t dataset = ip_h5_create(group, name, &array, properties);
    ip_status status = IP_OK;
    if (dataset < 0 ||
        H5Dwrite(dataset, H5T_NATIVE_FLOAT, memory, H5S_ALL, H5P_DEFAULT, layer->at) < 0)
        status = ip_h5_fail(err, IP_ERR_IO, path, "cannot write /t/%s", name);
    ip_h5_close(dataset);
    ip_h5_close(memory);
    ip_h5_close(properties);
    return status;
}

static ip_status write_layers(hid_t file, const char *path, const ip_layers *all, ip_error *err)
{
    const hid_t group = ip_h5_create_group(file, "t");
    if (group < 0)
        return ip_h5_fail(err, IP_ERR_IO, path, "cannot write the group t");
    ip_status status = IP_OK;
    for (size_t l = 0; status == IP_OK && l < all->n_layers; l++)
        status = write_layer(group, path, all->names[l], &all->at[l], err);
    ip_h5_close(group);
    return status;
}

static ip_status fill_activations(hid_t file, const char *path, const void *context, ip_error *err)
{
    const ip_layers *all = context;
    const ip_dataset *dataset = all->dataset;
    const part parts[] = {
        {"q_y_given_x", {IP_VALUE_REAL, 0, 2, {dataset->n, dataset->c}}, all->q_y_given_x},
        {"row", {IP_VALUE_UINT32, 0, 1, {dataset->n}}, all->rows},
    };
    IP_TRY(write_layers(file, path, all, err));
    IP_TRY(write_dataset(file, path, dataset, dataset->split, err));
    return write_parts(file, path, parts, IP_LENGTH(parts), err);
}

ip_status ip_activations_write(const char *path, const ip_layers *layers, ip_error *err)
{
    return ip_whole_file_write(path, true, fill_activations, layers, err);
}
