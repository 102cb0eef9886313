/* activations_read.c - somebody else's activations out of an HDF5 file, one layer at a time
 *
 * Labels, weights and inputs are read when the file is opened, a layer when it is asked for, so the
 * memory is that of the widest layer.
 * Checked by: tests/cmd/test_estimate.py. */
#include "spec/spec_errors.h"
#include "store_internal.h"
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Predictions come out of 16-bit numbers, too. */
static const double prediction_tolerance = 1e-2;

struct ip_activations {
    ip_foreign in;
    char *path;
    ip_arena arena; /* of the arrays of the sample, and of widths */
    ip_sample sample;
    ip_strings layers; /* paths such as "t/layer1", in natural order */
    size_t *widths;    /* (layers.n) */
};

/* ---- layers ---- */

/* Orders "layer2" before "layer10": runs of digits are compared as numbers. */
static int compare_paths(const void *a, const void *b)
{
    const char *x = *(const char *const *)a, *y = *(const char *const *)b;
    const char *const whole_x = x, *const whole_y = y;
    while (*x != '\0' && *y != '\0') {
        if (isdigit((unsigned char)*x) && isdigit((unsigned char)*y)) {
            x += strspn(x, "0");
            y += strspn(y, "0");
            const size_t n = strspn(x, "0123456789"), m = strspn(y, "0123456789");
            const int order = n != m ? (n > m) - (n < m) : strncmp(x, y, n);
            if (order != 0)
                return order;
            x += n;
            y += m;
        } else if (*x != *y) {
            return (unsigned char)*x - (unsigned char)*y;
        } else {
            x++;
            y++;
        }
    }
    const int rest = (*x != '\0') - (*y != '\0');
    return rest != 0 ? rest : strcmp(whole_x, whole_y);
}

/* Whether a terminal and JSON can be given the name. */
static bool is_plain(const char *name)
{
    bool plain = true;
    for (size_t left = strlen(name); plain && left > 0;) {
        const size_t length = ip_character(name, left, &plain);
        name += length;
        left -= length;
    }
    return plain;
}

static ip_status add_name(ip_activations *a, hid_t group, hsize_t index, ip_error *err)
{
    char path[256] = "t/";
    const ssize_t length = H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, index,
                                              path + 2, sizeof path - 2, H5P_DEFAULT);
    if (length <= 0 || (size_t)length >= sizeof path - 2 || !is_plain(path))
        return ip_file_fail(err, IP_ERR_DATA, a->path,
                            "/t: expected names of at most %zu bytes of printable UTF-8",
                            sizeof path - 3);
    ip_strings_add(&a->layers, path);
    return IP_OK;
}

static ip_status list_layers(ip_activations *a, ip_error *err)
{
    H5G_info_t info;
    const hid_t group =
        ip_foreign_has(&a->in, "t") ? H5Gopen2(a->in.file, "t", H5P_DEFAULT) : H5I_INVALID_HID;
    if (group < 0 || H5Gget_info(group, &info) < 0 || info.nlinks == 0) {
        ip_h5_close(group);
        return ip_file_fail(err, IP_ERR_DATA, a->path,
                            "/t: expected a group with a dataset (n, d) for each layer, saw %s",
                            group < 0 ? "none" : "an empty one");
    }
    ip_status status = IP_OK;
    for (hsize_t i = 0; status == IP_OK && i < info.nlinks; i++)
        status = add_name(a, group, i, err);
    ip_h5_close(group);
    if (status == IP_OK && !ip_strings_finish(&a->layers))
        status = ip_file_fail(err, IP_ERR_MEMORY, a->path, "out of memory for the layers' names");
    return status;
}

/* The first layer says how many rows there are. */
static ip_status measure_layer(ip_activations *a, size_t k, ip_error *err)
{
    const char *path = a->layers.at[k];
    hsize_t dims[IP_MAX_RANK] = {0};
    hid_t dataset;
    if (k == 0)
        IP_TRY(ip_foreign_open_numbers(&a->in, path, false, 2, dims, &dataset, err));
    else
        IP_TRY(ip_foreign_open_rows(&a->in, path, false, 2, dims, &dataset, err));
    ip_h5_close(dataset);
    if (dims[0] == 0 || dims[1] == 0 || dims[0] >= UINT32_MAX || dims[1] >= UINT32_MAX)
        return ip_file_fail(err, IP_ERR_DATA, a->path,
                            "/%s: expected rows and units, saw shape (%llu, %llu)", path,
                            (unsigned long long)dims[0], (unsigned long long)dims[1]);
    a->in.n = dims[0];
    a->widths[k] = (size_t)dims[1];
    return IP_OK;
}

static ip_status find_layers(ip_activations *a, ip_error *err)
{
    IP_TRY(list_layers(a, err));
    qsort(a->layers.at, a->layers.n, sizeof *a->layers.at, compare_paths);
    a->widths = ip_arena_alloc(&a->arena, a->layers.n, sizeof *a->widths);
    IP_TRY(ip_arena_check(&a->arena, err));
    a->in.counted = a->layers.at[0];
    for (size_t k = 0; k < a->layers.n; k++)
        IP_TRY(measure_layer(a, k, err));
    a->sample.n = (size_t)a->in.n;
    return IP_OK;
}

/* ---- what the layers share ---- */

/* All of the file's memory comes from here. */
static ip_status allocate(ip_activations *a, size_t count, size_t size, void **out, ip_error *err)
{
    *out = ip_arena_alloc(&a->arena, count, size);
    return *out != NULL ? IP_OK : ip_foreign_no_memory(&a->in, err);
}

static ip_status check_finite(const ip_activations *a, const char *name, size_t d, const double *at,
                              ip_error *err)
{
    for (size_t i = 0; i < a->sample.n * d; i++) {
        if (!isfinite(at[i]))
            return ip_file_fail(err, IP_ERR_DATA, a->path,
                                "/%s, row %zu: expected finite numbers, saw %g", name, i / d,
                                at[i]);
    }
    return IP_OK;
}

static ip_status read_labels(ip_activations *a, ip_error *err)
{
    const size_t n = a->sample.n;
    size_t c = 0;
    void *p;
    IP_TRY(ip_foreign_classes(&a->in, &c, err));
    IP_TRY(allocate(a, n, c * sizeof(double), &p, err));
    IP_TRY(ip_foreign_labels(&a->in, c, p, err));
    a->sample.c = c;
    a->sample.p_y_given_x = p;
    return ip_labels_finish(n, c, p, err);
}

/* Divides by the sum once, even where that is 1 but for rounding, as a run does with the rows it is
 * asked about: so the values are the same to the last bit. */
static ip_status read_weights(ip_activations *a, ip_error *err)
{
    const size_t n = a->sample.n;
    void *block;
    IP_TRY(allocate(a, n, sizeof(double), &block, err));
    double *p_x = block;
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        p_x[i] = 1.0 / (double)n;
    IP_TRY(ip_foreign_weights(&a->in, p_x, &a->sample.is_drawn, err));
    IP_TRY(ip_weights_check(n, p_x, &sum, err));
    for (size_t i = 0; i < n; i++)
        p_x[i] /= sum;
    a->sample.p_x = p_x;
    return IP_OK;
}

/* Rows with equal bytes share an input. */
static ip_status number_inputs(ip_activations *a, size_t row_bytes, const void *rows, ip_error *err)
{
    size_t n_inputs;
    void *x_id;
    IP_TRY(allocate(a, a->sample.n, sizeof(uint32_t), &x_id, err));
    a->sample.x_id = x_id;
    return ip_rows_number(a->sample.n, row_bytes, rows, x_id, &n_inputs, err);
}

static ip_status read_inputs(ip_activations *a, ip_error *err)
{
    if (!ip_foreign_has(&a->in, "x"))
        return IP_OK;
    hsize_t dims[IP_MAX_RANK] = {0};
    hid_t dataset;
    void *x;
    IP_TRY(ip_foreign_open_rows(&a->in, "x", false, 2, dims, &dataset, err));
    if (dims[1] == 0 || dims[1] >= UINT32_MAX) {
        ip_h5_close(dataset);
        return ip_file_fail(err, IP_ERR_DATA, a->path, "/x: expected features, saw %llu",
                            (unsigned long long)dims[1]);
    }
    const size_t d = (size_t)dims[1];
    const ip_status status = allocate(a, a->sample.n, d * sizeof(double), &x, err);
    if (status != IP_OK) {
        ip_h5_close(dataset);
        return status;
    }
    IP_TRY(ip_foreign_take(&a->in, "x", dataset, IP_VALUE_REAL, x, err));
    IP_TRY(check_finite(a, "x", d, x, err));
    for (size_t i = 0; i < a->sample.n * d; i++)
        ((double *)x)[i] += 0.0; /* -0.0 and 0.0 become equal bytes */
    a->sample.d_x = d;
    a->sample.x = x;
    return number_inputs(a, d * sizeof(double), x, err);
}

/* /x_id says it where both are there: inputs may be equal and yet two. */
static ip_status read_numbers(ip_activations *a, ip_error *err)
{
    if (!ip_foreign_has(&a->in, "x_id"))
        return IP_OK;
    int64_t *x_id;
    ip_status status = ip_foreign_integers(&a->in, "x_id", &x_id, err);
    if (status == IP_OK)
        status = number_inputs(a, sizeof *x_id, x_id, err);
    free(x_id);
    return status;
}

static ip_status check_prediction(const ip_activations *a, const double *q, ip_error *err)
{
    const size_t c = a->sample.c;
    for (size_t i = 0; i < a->sample.n; i++) {
        double sum = 0;
        bool within = true;
        for (size_t y = 0; y < c; y++) {
            within = within && q[i * c + y] >= 0 && q[i * c + y] <= 1;
            sum += q[i * c + y];
        }
        if (!within || !(fabs(sum - 1) <= prediction_tolerance))
            return ip_file_fail(err, IP_ERR_DATA, a->path,
                                "/q_y_given_x, row %zu: expected probabilities that sum to 1, "
                                "saw the sum %g",
                                i, sum);
    }
    return IP_OK;
}

static ip_status read_prediction(ip_activations *a, ip_error *err)
{
    void *q;
    if (!ip_foreign_has(&a->in, "q_y_given_x"))
        return IP_OK;
    IP_TRY(allocate(a, a->sample.n, a->sample.c * sizeof(double), &q, err));
    IP_TRY(ip_foreign_distributions(&a->in, "q_y_given_x", a->sample.c, q, err));
    a->sample.q_y_given_x = q;
    return check_prediction(a, q, err);
}

/* ---- the file ---- */

static ip_status read_all(ip_activations *a, ip_error *err)
{
    IP_TRY(ip_foreign_open(&a->in, a->path, IP_ERR_IO, "layers under /t and labels", err));
    static ip_status (*const parts[])(ip_activations *, ip_error *) = {
        find_layers, read_labels, read_weights, read_inputs, read_numbers, read_prediction};
    for (size_t i = 0; i < IP_LENGTH(parts); i++) {
        const ip_status status = parts[i](a, err);
        if (status != IP_OK) {
            ip_file_name(err, a->path);
            return status;
        }
    }
    return IP_OK;
}

ip_status ip_activations_open(const char *path, ip_activations **activations, ip_error *err)
{
    *activations = NULL;
    ip_activations *a = calloc(1, sizeof *a);
    char *copy = strdup(path);
    if (a == NULL || copy == NULL) {
        free(a);
        free(copy);
        return ip_fail(err, IP_ERR_MEMORY, "out of memory");
    }
    a->path = copy;
    const ip_quiet quiet = ip_h5_quiet();
    const ip_status status = read_all(a, err);
    ip_h5_restore(quiet);
    if (status == IP_OK)
        *activations = a;
    else
        ip_activations_close(a);
    return status;
}

void ip_activations_close(ip_activations *activations)
{
    if (activations == NULL)
        return;
    if (activations->in.file >= 0)
        H5Fclose(activations->in.file);
    ip_strings_release(&activations->layers);
    ip_arena_release(&activations->arena);
    free(activations->path);
    free(activations);
}

const ip_sample *ip_activations_sample(const ip_activations *activations)
{
    return &activations->sample;
}

const char *ip_activations_layer(const ip_activations *activations, size_t k)
{
    return k < activations->layers.n ? activations->layers.at[k] + strlen("t/") : NULL;
}

size_t ip_activations_width(const ip_activations *activations, size_t k)
{
    return activations->widths[k];
}

static ip_status read_layer(const ip_activations *a, size_t k, double *t, ip_error *err)
{
    const char *path = a->layers.at[k];
    hsize_t dims[IP_MAX_RANK] = {0};
    hid_t dataset;
    IP_TRY(ip_foreign_open_rows(&a->in, path, false, 2, dims, &dataset, err));
    if (dims[1] != a->widths[k]) {
        ip_h5_close(dataset);
        return ip_file_fail(err, IP_ERR_DATA, a->path, "/%s: changed while it was read", path);
    }
    IP_TRY(ip_foreign_take(&a->in, path, dataset, IP_VALUE_REAL, t, err));
    return check_finite(a, path, a->widths[k], t, err);
}

ip_status ip_activations_read(const ip_activations *activations, size_t k, double *t, ip_error *err)
{
    const ip_quiet quiet = ip_h5_quiet();
    const ip_status status = read_layer(activations, k, t, err);
    ip_h5_restore(quiet);
    return status;
}
