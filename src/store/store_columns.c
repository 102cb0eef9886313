/* store_columns.c - what sets a job apart: key, seed, architecture, activation, the swept keys,
 * widths
 *
 * The columns are built in memory from the plan and written once, or read from a file whose
 * `coordinates` attributes name them. */
#include "store_internal.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- from a plan ---- */

static void key_text(const ip_job *job, const ip_dataset *dataset, ip_text *text)
{
    (void)dataset;
    ip_text_append(text, "%s", job->key);
}

static void activation_text(const ip_job *job, const ip_dataset *dataset, ip_text *text)
{
    (void)dataset;
    ip_text_append(text, "%s", ip_activation_name((size_t)job->settings.network.activation));
}

/* The columns every file has; the seed has no text. */
static const struct {
    const char *name, *long_name;
    void (*text)(const ip_job *job, const ip_dataset *dataset, ip_text *text);
} fixed[] = {
    {"key", "hash of the job's parameters, seed and data", key_text},
    {"seed", "seed of the job", NULL},
    {"architecture", "inputs and units of each layer", ip_job_architecture},
    {"activation", "activation function of the hidden layers", activation_text},
};

/* What the fixed columns say already. */
static bool is_repeated(const ip_field *field)
{
    return strcmp(field->key, "network.activation") == 0 ||
           strcmp(field->key, "network.hidden") == 0;
}

static ip_value value_of(const ip_field *field)
{
    switch (field->kind) {
    case IP_KIND_COUNT:
    case IP_KIND_BYTES:
        return IP_VALUE_INT64;
    case IP_KIND_REAL:
        return IP_VALUE_REAL;
    default:
        return IP_VALUE_STRING;
    }
}

static void describe(const ip_plan *plan, ip_columns *columns)
{
    for (size_t k = 0; k < IP_LENGTH(fixed); k++) {
        ip_column *column = &columns->at[columns->n++];
        snprintf(column->name, sizeof column->name, "%s", fixed[k].name);
        column->long_name = fixed[k].long_name;
        column->value = fixed[k].text != NULL ? IP_VALUE_STRING : IP_VALUE_INT64;
    }
    const ip_field *field;
    for (size_t k = 0; (field = ip_plan_swept(plan, k)) != NULL; k++) {
        if (is_repeated(field))
            continue;
        ip_column *column = &columns->at[columns->n++];
        snprintf(column->name, sizeof column->name, "%s", field->key);
        column->long_name = field->help;
        column->field = field;
        column->value = value_of(field);
    }
}

static bool make_room(ip_columns *columns)
{
    columns->widths = calloc(columns->n_jobs * columns->n_layers + 1, sizeof *columns->widths);
    bool ok = columns->widths != NULL;
    for (size_t k = 0; k < columns->n; k++) {
        ip_column *column = &columns->at[k];
        if (column->value == IP_VALUE_INT64)
            ok = (column->integers = calloc(columns->n_jobs, sizeof(int64_t))) != NULL && ok;
        if (column->value == IP_VALUE_REAL)
            ok = (column->reals = calloc(columns->n_jobs, sizeof(double))) != NULL && ok;
    }
    return ok;
}

static void set_swept(ip_column *column, const ip_job *job)
{
    const void *value = ip_field_at(column->field, &job->settings);
    if (column->value == IP_VALUE_INT64) {
        column->integers[job->index] = (int64_t) * (const uint64_t *)value;
    } else if (column->value == IP_VALUE_REAL) {
        column->reals[job->index] = *(const double *)value;
    } else {
        ip_text text = {0};
        ip_field_print(column->field, &job->settings, &text);
        ip_strings_add(&column->strings, text.at);
        ip_text_release(&text);
    }
}

static void set_fixed(ip_column *columns, const ip_job *job, const ip_dataset *dataset)
{
    for (size_t k = 0; k < IP_LENGTH(fixed); k++) {
        if (fixed[k].text == NULL) {
            columns[k].integers[job->index] = (int64_t)job->seed;
            continue;
        }
        ip_text text = {0};
        fixed[k].text(job, dataset, &text);
        ip_strings_add(&columns[k].strings, text.at);
        ip_text_release(&text);
    }
}

static void set_widths(ip_columns *columns, const ip_job *job, const ip_dataset *dataset)
{
    size_t widths[IP_MAX_HIDDEN + 1];
    const size_t n = ip_job_widths(job, dataset, widths);
    for (size_t l = 0; l < n; l++)
        columns->widths[job->index * columns->n_layers + l] = (int64_t)widths[l];
}

static bool finish_strings(ip_columns *columns)
{
    bool ok = true;
    for (size_t k = 0; k < columns->n; k++)
        if (columns->at[k].value == IP_VALUE_STRING)
            ok = ip_strings_finish(&columns->at[k].strings) && ok;
    return ok;
}

ip_status ip_columns_of_plan(const ip_plan *plan, ip_columns *columns, ip_error *err)
{
    size_t n = IP_LENGTH(fixed);
    for (size_t k = 0; ip_plan_swept(plan, k) != NULL; k++)
        n++;
    *columns = (ip_columns){.n_jobs = ip_plan_n_jobs(plan),
                            .n_layers = ip_plan_shape(plan)->length[IP_DIM_LAYER],
                            .at = calloc(n, sizeof *columns->at)};
    if (columns->at == NULL)
        return ip_fail(err, IP_ERR_MEMORY, "out of memory for the columns of the file");
    describe(plan, columns);
    if (!make_room(columns))
        return ip_fail(err, IP_ERR_MEMORY, "out of memory for the columns of %zu jobs",
                       columns->n_jobs);
    for (size_t i = 0; i < columns->n_jobs; i++) {
        ip_job job;
        ip_plan_job(plan, i, &job);
        set_fixed(columns->at, &job, ip_plan_dataset(plan));
        for (size_t k = IP_LENGTH(fixed); k < columns->n; k++)
            set_swept(&columns->at[k], &job);
        set_widths(columns, &job, ip_plan_dataset(plan));
    }
    if (!finish_strings(columns))
        return ip_fail(err, IP_ERR_MEMORY, "out of memory for the columns of %zu jobs",
                       columns->n_jobs);
    return IP_OK;
}

/* ---- from a file ---- */

/* The names of the columns stand, separated by blanks, in the attribute of the first variable. */
static ip_status read_names(hid_t file, const char *path, ip_text *names, ip_error *err)
{
    const hid_t variable = H5Dopen2(file, ip_variables[0].name, H5P_DEFAULT);
    ip_status status = IP_OK;
    if (variable < 0 || !ip_h5_get_text(variable, "coordinates", names))
        status = ip_file_fail(err, IP_ERR_CREATE, path,
                              "not a whole result file: %s has no attribute coordinates",
                              ip_variables[0].name);
    ip_h5_close(variable);
    return status;
}

/* Columns with nothing but their names. */
static bool split_names(ip_text *names, ip_columns *columns)
{
    columns->at = calloc(names->length / 2 + 1, sizeof *columns->at);
    char *rest = names->at;
    const char *name;
    while (columns->at != NULL && rest != NULL && (name = strtok_r(rest, " ", &rest)) != NULL) {
        ip_column *column = &columns->at[columns->n++];
        snprintf(column->name, sizeof column->name, "%s", name);
    }
    return columns->at != NULL;
}

static ip_value value_in(hid_t dataset)
{
    const hid_t type = H5Dget_type(dataset);
    const H5T_class_t class = H5Tget_class(type);
    ip_h5_close(type);
    return class == H5T_INTEGER ? IP_VALUE_INT64
           : class == H5T_FLOAT ? IP_VALUE_REAL
                                : IP_VALUE_STRING;
}

static bool read_values(hid_t dataset, const ip_array *array, ip_column *column)
{
    const size_t n = (size_t)array->dims[0];
    if (array->value == IP_VALUE_STRING)
        return ip_h5_get_strings(dataset, &column->strings);
    if (array->value == IP_VALUE_REAL)
        return (column->reals = calloc(n + 1, sizeof(double))) != NULL &&
               ip_h5_get(dataset, array, column->reals);
    return (column->integers = calloc(n + 1, sizeof(int64_t))) != NULL &&
           ip_h5_get(dataset, array, column->integers);
}

static ip_status read_column(hid_t file, const char *path, const hsize_t *lengths,
                             ip_column *column, ip_error *err)
{
    ip_layout layout = {.path = column->name, .rank = 1, .dims = {IP_DIM_JOB}};
    hid_t dataset;
    IP_TRY(ip_layout_open(file, path, &layout, lengths, &dataset, err));
    column->value = layout.value = value_in(dataset);
    const ip_array array = ip_layout_array(&layout, lengths);
    ip_status status = IP_OK;
    if (!read_values(dataset, &array, column))
        status = ip_h5_fail(err, IP_ERR_CREATE, path, "cannot read %s", column->name);
    ip_h5_close(dataset);
    return status;
}

static ip_status read_widths(hid_t file, const char *path, const hsize_t *lengths,
                             ip_columns *columns, ip_error *err)
{
    hid_t dataset;
    IP_TRY(ip_layout_open(file, path, &ip_width_layout, lengths, &dataset, err));
    const ip_array array = ip_layout_array(&ip_width_layout, lengths);
    columns->widths = calloc(columns->n_jobs * columns->n_layers + 1, sizeof *columns->widths);
    ip_status status = IP_OK;
    if (columns->widths == NULL || !ip_h5_get(dataset, &array, columns->widths))
        status = ip_h5_fail(err, IP_ERR_CREATE, path, "cannot read %s", ip_width_layout.path);
    ip_h5_close(dataset);
    return status;
}

ip_status ip_columns_read(hid_t file, const char *path, const hsize_t *lengths, ip_columns *columns,
                          ip_error *err)
{
    *columns = (ip_columns){.n_jobs = (size_t)lengths[IP_DIM_JOB],
                            .n_layers = (size_t)lengths[IP_DIM_LAYER]};
    ip_text names = {0};
    const ip_status status = read_names(file, path, &names, err);
    const bool ok = status != IP_OK || split_names(&names, columns);
    ip_text_release(&names);
    IP_TRY(status);
    if (!ok)
        return ip_fail(err, IP_ERR_MEMORY, "out of memory for the columns of the file");
    for (size_t k = 0; k < columns->n; k++)
        IP_TRY(read_column(file, path, lengths, &columns->at[k], err));

    /* The key comes first wherever columns are counted. */
    if (columns->n == 0 || strcmp(columns->at->name, fixed[0].name) != 0 ||
        columns->at->value != IP_VALUE_STRING)
        return ip_file_fail(err, IP_ERR_CREATE, path, "not a whole result file: no column %s",
                            fixed[0].name);
    return read_widths(file, path, lengths, columns, err);
}

/* ---- either ---- */

const void *ip_column_data(const ip_column *column)
{
    return column->value == IP_VALUE_INT64  ? (const void *)column->integers
           : column->value == IP_VALUE_REAL ? (const void *)column->reals
                                            : (const void *)column->strings.at;
}

void ip_columns_release(ip_columns *columns)
{
    for (size_t k = 0; k < columns->n; k++) {
        free(columns->at[k].integers);
        free(columns->at[k].reals);
        ip_strings_release(&columns->at[k].strings);
    }
    free(columns->at);
    free(columns->widths);
    *columns = (ip_columns){0};
}

const char *ip_store_column(const ip_store *store, size_t k)
{
    return k < store->columns.n ? store->columns.at[k].name : NULL;
}

bool ip_store_column_is_number(const ip_store *store, size_t k)
{
    return store->columns.at[k].value != IP_VALUE_STRING;
}

void ip_store_column_text(const ip_store *store, size_t k, size_t job, ip_text *text)
{
    const ip_column *column = &store->columns.at[k];
    if (column->value == IP_VALUE_INT64)
        ip_text_append(text, "%" PRId64, column->integers[job]);
    else if (column->value == IP_VALUE_REAL)
        ip_text_append_real(text, column->reals[job]);
    else
        ip_text_append(text, "%s", column->strings.at[job]);
}

const char *ip_store_key(const ip_store *store, size_t job)
{
    return store->columns.at[0].strings.at[job];
}

int64_t ip_store_width(const ip_store *store, size_t job, size_t layer)
{
    return store->columns.widths[job * store->columns.n_layers + layer];
}
