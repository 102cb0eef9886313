/* store_create.c - laying out a result file
 *
 * Everything is made here once: dimensions, columns, one row of not-a-number for each job, the
 * provenance. Space is allocated at once and nothing is compressed, so that a row can later be
 * written by itself, by anybody, without touching metadata. The CF conventions (version 1.8) name
 * the attributes. */
#include "store_internal.h"
#include <hdf5_hl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The file while it is being laid out. */
typedef struct layer_out {
    hid_t file;
    const char *path;
    const ip_contents *contents;
    const ip_columns *columns;
    hsize_t lengths[IP_N_FILE_DIMS];
    hid_t scales[IP_N_FILE_DIMS]; /* datasets of the dimensions */
    const char *coordinates;      /* names of the columns */
} layer_out;

static void set_fill(hid_t properties, const ip_layout *layout)
{
    const double nothing = (double)NAN;
    if (layout->value == IP_VALUE_REAL)
        H5Pset_fill_value(properties, H5T_NATIVE_DOUBLE, &nothing);
    else if (layout->fill != 0)
        H5Pset_fill_value(properties, H5T_NATIVE_INT64, &layout->fill);
}

static hid_t creation_properties(const ip_layout *layout)
{
    const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_layout(properties, H5D_CONTIGUOUS);
    H5Pset_alloc_time(properties, H5D_ALLOC_TIME_EARLY);
    H5Pset_fill_time(properties, H5D_FILL_TIME_ALLOC);
    H5Pset_obj_track_times(properties, false);
    H5Pset_attr_creation_order(properties, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    set_fill(properties, layout);
    return properties;
}

static bool describe(hid_t dataset, const ip_layout *layout)
{
    const double nothing = (double)NAN;
    const ip_array one = {.value = IP_VALUE_REAL};
    const bool has_utf8_chars = layout->value == IP_VALUE_CHARS;
    return ip_h5_put_text(dataset, "long_name", layout->long_name) &&
           (layout->unit == NULL || ip_h5_put_text(dataset, "units", layout->unit)) &&
           (layout->value != IP_VALUE_REAL ||
            ip_h5_put_attribute(dataset, "_FillValue", &one, &nothing)) &&
           (!has_utf8_chars || ip_h5_put_text(dataset, "_Encoding", "utf-8"));
}

static bool attach(const layer_out *out, hid_t dataset, const ip_layout *layout)
{
    bool ok = true;
    for (int k = 0; ok && k < layout->rank; k++)
        ok = H5DSattach_scale(dataset, out->scales[layout->dims[k]], (unsigned)k) >= 0;
    return ok;
}

/* Makes a dataset with its attributes and, unless data is NULL, its elements. A scale describes
 * itself; any other dataset gets its scales attached. *kept, when asked for, is to be closed. */
static ip_status lay_dataset(const layer_out *out, const ip_layout *layout, bool is_scale,
                             const void *data, hid_t *kept, ip_error *err)
{
    const ip_array array = ip_layout_array(layout, out->lengths);
    const hid_t properties = creation_properties(layout);
    const hid_t dataset = ip_h5_create(out->file, layout->path, &array, properties);
    const bool ok =
        dataset >= 0 &&
        (is_scale ? H5DSset_scale(dataset, layout->path) >= 0 : attach(out, dataset, layout)) &&
        describe(dataset, layout) && (data == NULL || ip_h5_put(dataset, &array, data));
    ip_status status = IP_OK;
    if (!ok)
        status = ip_h5_fail(err, IP_ERR_IO, out->path, "cannot write %s", layout->path);
    if (kept != NULL)
        *kept = dataset;
    else
        ip_h5_close(dataset);
    ip_h5_close(properties);
    return status;
}

/* ---- dimensions ---- */

/* 0, 1, 2, ... or 1, 2, 3, ... */
static int64_t *numbers(size_t n, int64_t first)
{
    int64_t *at = malloc((n + 1) * sizeof *at);
    for (size_t i = 0; at != NULL && i < n; i++)
        at[i] = first + (int64_t)i;
    return at;
}

static ip_status lay_numbers(layer_out *out, int dim, int64_t first, ip_error *err)
{
    int64_t *at = numbers((size_t)out->lengths[dim], first);
    if (at == NULL)
        return ip_fail(err, IP_ERR_MEMORY, "out of memory for the dimension %s",
                       ip_scales[dim].path);
    const ip_status status = lay_dataset(out, &ip_scales[dim], true, at, &out->scales[dim], err);
    free(at);
    return status;
}

static ip_status lay_labels(layer_out *out, const ip_measure *measure, ip_error *err)
{
    ip_strings labels = {0};
    for (size_t k = 0; k < measure->n_entries; k++)
        ip_strings_add(&labels, measure->entries[k].label);
    ip_status status = IP_OK;
    if (!ip_strings_finish(&labels))
        status = ip_fail(err, IP_ERR_MEMORY, "out of memory for the labels of the estimators");
    if (status == IP_OK)
        status = lay_dataset(out, &ip_scales[IP_DIM_ESTIMATOR], true, labels.at,
                             &out->scales[IP_DIM_ESTIMATOR], err);
    ip_strings_release(&labels);
    return status;
}

static ip_status lay_dimensions(layer_out *out, ip_error *err)
{
    const ip_plan *plan = out->contents->plan;
    static const char *const splits[] = {"train", "test"};
    IP_TRY(lay_numbers(out, IP_DIM_JOB, 0, err));
    IP_TRY(lay_dataset(out, &ip_scales[IP_DIM_EPOCH], true, ip_plan_epochs(plan),
                       &out->scales[IP_DIM_EPOCH], err));
    IP_TRY(lay_numbers(out, IP_DIM_LAYER, 1, err));
    IP_TRY(lay_labels(out, ip_spec_measure(ip_plan_spec(plan)), err));
    return lay_dataset(out, &ip_scales[IP_DIM_SPLIT], true, splits, &out->scales[IP_DIM_SPLIT],
                       err);
}

/* ---- columns ---- */

/* A word such as `full` is stored as the number it stands for, and said here. */
static void describe_column(const ip_column *column, ip_text *text)
{
    const ip_field *field = column->field;
    ip_text_append(text, "%s", column->long_name);
    if (field != NULL && field->word != NULL && column->value != IP_VALUE_STRING)
        ip_text_append(text, " (%s = %s)", column->value == IP_VALUE_INT64 ? "0" : "NaN",
                       field->word);
}

static const char *unit_of(const ip_column *column)
{
    if (column->value == IP_VALUE_STRING)
        return NULL;
    const char *unit = column->field != NULL ? column->field->unit : NULL;
    return unit == NULL || unit[0] == '\0' ? "1" : unit;
}

static ip_status lay_columns(const layer_out *out, ip_error *err)
{
    const ip_columns *columns = out->columns;
    for (size_t k = 0; k < columns->n; k++) {
        const ip_column *column = &columns->at[k];
        ip_text long_name = {0};
        describe_column(column, &long_name);
        const ip_layout layout = {.path = column->name,
                                  .long_name = long_name.at,
                                  .unit = unit_of(column),
                                  .value = column->value,
                                  .rank = 1,
                                  .dims = {IP_DIM_JOB}};
        const ip_status status =
            lay_dataset(out, &layout, false, ip_column_data(column), NULL, err);
        ip_text_release(&long_name);
        IP_TRY(status);
    }
    return lay_dataset(out, &ip_width_layout, false, columns->widths, NULL, err);
}

/* ---- rows ---- */

static ip_status lay_state(const layer_out *out, ip_error *err)
{
    const int8_t values[] = {IP_STATE_PENDING, IP_STATE_DONE, IP_STATE_FAILED,
                             IP_STATE_QUARANTINED};
    const ip_array array = {.value = IP_VALUE_INT8, .rank = 1, .dims = {IP_LENGTH(values)}};
    ip_text meanings = {0};
    for (size_t k = 0; k < IP_LENGTH(values); k++)
        ip_text_append(&meanings, "%s%s", k > 0 ? " " : "", ip_state_name(k));
    const ip_layout *layout = &ip_record_fields[IP_RECORD_STATE].layout;
    hid_t state = H5I_INVALID_HID;
    ip_status status = lay_dataset(out, layout, false, NULL, &state, err);
    if (status == IP_OK && !(ip_h5_put_attribute(state, "flag_values", &array, values) &&
                             ip_h5_put_text(state, "flag_meanings", meanings.at)))
        status = ip_h5_fail(err, IP_ERR_IO, out->path, "cannot write %s", layout->path);
    ip_h5_close(state);
    ip_text_release(&meanings);
    return status;
}

/* What the bits of `flags` say. */
static bool describe_flags(hid_t variable)
{
    const ip_array array = {
        .value = IP_VALUE_INT64, .rank = 1, .dims = {ip_names_count(ip_flag_name)}};
    int64_t masks[32];
    ip_text meanings = {0};
    for (size_t i = 0; i < array.dims[0]; i++) {
        masks[i] = INT64_C(1) << i;
        ip_text_append(&meanings, "%s%s", i > 0 ? " " : "", ip_flag_name(i));
    }
    const bool ok = ip_h5_put_attribute(variable, "flag_masks", &array, masks) &&
                    ip_h5_put_text(variable, "flag_meanings", meanings.at);
    ip_text_release(&meanings);
    return ok;
}

static ip_status lay_variables(const layer_out *out, ip_error *err)
{
    for (int id = 0; id < IP_N_VARIABLES; id++) {
        const ip_layout layout = ip_variable_layout((ip_variable_id)id);
        hid_t variable = H5I_INVALID_HID;
        ip_status status = lay_dataset(out, &layout, false, NULL, &variable, err);
        if (status == IP_OK && !(ip_h5_put_text(variable, "coordinates", out->coordinates) &&
                                 (id != IP_FLAGS || describe_flags(variable))))
            status = ip_h5_fail(err, IP_ERR_IO, out->path, "cannot write %s", layout.path);
        ip_h5_close(variable);
        IP_TRY(status);
    }
    return IP_OK;
}

static ip_status lay_group(const layer_out *out, const char *name, ip_error *err)
{
    const hid_t group = ip_h5_create_group(out->file, name);
    if (group < 0)
        return ip_h5_fail(err, IP_ERR_IO, out->path, "cannot write the group %s", name);
    ip_h5_close(group);
    return IP_OK;
}

static ip_status lay_run(const layer_out *out, ip_error *err)
{
    IP_TRY(lay_group(out, "run", err));
    for (size_t k = 0; k < IP_RECORD_STATE; k++)
        IP_TRY(lay_dataset(out, &ip_record_fields[k].layout, false, NULL, NULL, err));
    return IP_OK;
}

/* ---- the file ---- */

static ip_status lay_attributes(const layer_out *out, ip_error *err)
{
    const int64_t schema = IP_SCHEMA;
    const ip_array one = {.value = IP_VALUE_INT64};
    if (ip_h5_put_text(out->file, "title", out->contents->title) &&
        ip_h5_put_text(out->file, "Conventions", "CF-1.8 " IP_CONVENTION) &&
        ip_h5_put_attribute(out->file, "schema", &one, &schema))
        return IP_OK;
    return ip_h5_fail(err, IP_ERR_IO, out->path, "cannot write the attributes of the file");
}

static ip_status lay_text(const layer_out *out, const ip_provenance *text, ip_error *err)
{
    ip_text name = {0};
    ip_text_append(&name, "provenance/%s", text->name);
    const ip_layout layout = {.path = name.at, .value = IP_VALUE_STRING};
    const ip_array array = ip_layout_array(&layout, out->lengths);
    const hid_t properties = creation_properties(&layout);
    const hid_t dataset = ip_h5_create(out->file, name.at, &array, properties);
    ip_status status = IP_OK;
    if (dataset < 0 || !ip_h5_put(dataset, &array, &text->text))
        status = ip_h5_fail(err, IP_ERR_IO, out->path, "cannot write %s", name.at);
    ip_h5_close(dataset);
    ip_h5_close(properties);
    ip_text_release(&name);
    return status;
}

static ip_status copy_provenance(const layer_out *out, const ip_store *source, ip_error *err)
{
    if (H5Ocopy(source->file, "provenance", out->file, "provenance", H5P_DEFAULT, H5P_DEFAULT) >= 0)
        return IP_OK;
    return ip_h5_fail(err, IP_ERR_IO, out->path, "cannot copy the provenance of %s", source->path);
}

static ip_status lay_provenance(const layer_out *out, ip_error *err)
{
    const ip_contents *contents = out->contents;
    if (contents->provenance == NULL && contents->n_sources > 0)
        return copy_provenance(out, contents->sources[0], err);
    IP_TRY(lay_group(out, "provenance", err));
    for (size_t k = 0; contents->provenance != NULL && k < contents->n_provenance; k++)
        IP_TRY(lay_text(out, &contents->provenance[k], err));
    return IP_OK;
}

static ip_status lay_everything(layer_out *out, ip_error *err)
{
    IP_TRY(lay_attributes(out, err));
    IP_TRY(lay_dimensions(out, err));
    IP_TRY(lay_columns(out, err));
    IP_TRY(lay_state(out, err));
    IP_TRY(lay_variables(out, err));
    IP_TRY(lay_run(out, err));
    const ip_plan *plan = out->contents->plan;
    if (ip_plan_n_measured(plan) == ip_plan_dataset(plan)->n) /* else it is no bound for them */
        IP_TRY(ip_lay_bound(out->file, out->path, ip_plan_dataset(plan), err));
    return lay_provenance(out, err);
}

/* What the process that writes the file is given. */
typedef struct order {
    const ip_contents *contents;
    const ip_columns *columns;
} order;

static ip_status lay_out(hid_t file, const char *path, const void *context, ip_error *err)
{
    const order *given = context;
    const ip_contents *contents = given->contents;
    const ip_shape *shape = ip_plan_shape(contents->plan);
    ip_text coordinates = {0};
    for (size_t k = 0; k < given->columns->n; k++)
        ip_text_append(&coordinates, "%s%s", k > 0 ? " " : "", given->columns->at[k].name);
    layer_out out = {.file = file,
                     .path = path,
                     .contents = contents,
                     .columns = given->columns,
                     .coordinates = coordinates.at};
    for (int dim = 0; dim < IP_N_FILE_DIMS; dim++) {
        out.lengths[dim] = dim == IP_DIM_JOB ? (hsize_t)ip_plan_n_jobs(contents->plan)
                                             : (hsize_t)shape->length[dim];
        out.scales[dim] = H5I_INVALID_HID;
    }
    ip_status status = lay_everything(&out, err);
    for (int dim = 0; dim < IP_N_FILE_DIMS; dim++)
        ip_h5_close(out.scales[dim]);
    ip_text_release(&coordinates);
    if (status == IP_OK && contents->n_sources > 0)
        status = ip_store_carry(file, path, contents->sources, contents->n_sources, err);
    return status;
}

ip_status ip_store_create(const char *path, const ip_contents *contents, ip_error *err)
{
    ip_columns columns;
    ip_status status = ip_columns_of_plan(contents->plan, &columns, err);
    const order given = {contents, &columns};
    if (status == IP_OK)
        status = ip_whole_file_write(path, contents->replace, lay_out, &given, err);
    ip_columns_release(&columns);
    return status;
}
