/* store_bound.c - group /bound: the information-bottleneck curve of the file's task
 *
 * Laid out with the file and never changed. The betas are multiples of the one at which the origin
 * stops being a local optimum, never that one itself, where any search is slow: a few close above
 * it, where the curve bends most, then 2^((i + 1/2)/4). A task whose
 * inputs say too many different things of the label would take minutes: its file has no curve, and
 * `infoplane bound` can still be asked. */
#include "infoplane/bound.h"
#include "store_internal.h"
#include <hdf5_hl.h>
#include <math.h>
#include <string.h>

enum {
    MOST_INPUTS = 128,
    MOST_CLASSES = 8,
    PER_DOUBLING = 4,
    N_CLOSE = 6,
    N_BETAS = IP_CURVE_POINTS
};

static const double close_above[N_CLOSE] = {1.002, 1.006, 1.015, 1.03, 1.05, 1.07};

/* Columns of the group, beta first: it is the dimension. */
static const struct {
    const char *name, *long_name, *unit;
    ip_value value;
    size_t offset;
} columns[] = {
#define COLUMN(name, member, value, unit, text)                                                    \
    {                                                                                              \
        name, text, unit, value, offsetof(ip_curve_point, member)                                  \
    }
    COLUMN("beta", beta, IP_VALUE_REAL, "1", "the curve's slope here is 1 / beta"),
    COLUMN("I_XT", i_xt, IP_VALUE_REAL, "bit", "I(X;T) of the optimal code"),
    COLUMN("I_TY", i_ty, IP_VALUE_REAL, "bit", "I(T;Y) of the optimal code"),
    COLUMN("gap", gap, IP_VALUE_REAL, "bit",
           "I(X;T) - beta I(T;Y) is at most this above its minimum"),
    COLUMN("clusters", clusters, IP_VALUE_INT64, "1", "values of T"),
    COLUMN("proven", proven, IP_VALUE_INT64, "1", "1: the gap is proven; 0: searched for"),
    COLUMN("deterministic_H_T", code_h_t, IP_VALUE_REAL, "bit",
           "H(T) of the best deterministic code"),
    COLUMN("deterministic_I_TY", code_i_ty, IP_VALUE_REAL, "bit",
           "I(T;Y) of the best deterministic code"),
    COLUMN("deterministic_clusters", code_clusters, IP_VALUE_INT64, "1", "values of its T"),
#undef COLUMN
};

/* Attributes of the group. */
static const struct {
    const char *name;
    size_t offset;
} attributes[] = {
    {"H_X", offsetof(ip_store_curve, h_x)},
    {"H_Y", offsetof(ip_store_curve, h_y)},
    {"I_XY", offsetof(ip_store_curve, i_xy)},
    {"onset_local", offsetof(ip_store_curve, onset)},
};

/* ---- working it out ---- */

static ip_status trace_curve(const ip_bound_task *task, double onset, ip_arena *arena,
                             ip_curve_point *rows, ip_error *err)
{
    double betas[N_BETAS];
    ip_bound_point *points = ip_arena_alloc(arena, N_BETAS, sizeof *points);
    ip_bound_code *codes = ip_arena_alloc(arena, N_BETAS, sizeof *codes);
    IP_TRY(ip_arena_check(arena, err));
    for (size_t i = 0; i < N_CLOSE; i++)
        betas[i] = onset * close_above[i];
    for (size_t i = N_CLOSE; i < N_BETAS; i++)
        betas[i] = onset * exp2(((double)(i - N_CLOSE) + 0.5) / PER_DOUBLING);
    IP_TRY(ip_bound_curve(task, N_BETAS, betas, arena, points, err));
    IP_TRY(ip_bound_codes(task, N_BETAS, betas, arena, codes, err));
    for (size_t i = 0; i < N_BETAS; i++)
        rows[i] = (ip_curve_point){.beta = betas[i],
                                   .i_xt = points[i].i_xt,
                                   .i_ty = points[i].i_ty,
                                   .gap = points[i].gap,
                                   .clusters = (int64_t)points[i].clusters,
                                   .proven = points[i].proven,
                                   .code_h_t = codes[i].h_t,
                                   .code_i_ty = codes[i].i_ty,
                                   .code_clusters = (int64_t)codes[i].clusters};
    return IP_OK;
}

/* *n stays 0 when there is no curve to draw. */
static ip_status work_out(const ip_dataset *data, ip_arena *arena, ip_store_curve *curve,
                          ip_error *err)
{
    ip_bound_task task;
    IP_TRY(ip_bound_task_make(data->n, data->c, data->p_x, data->p_y_given_x, data->x_id, arena,
                              &task, err));
    *curve = (ip_store_curve){.h_x = task.h_x, .h_y = task.h_y, .i_xy = task.i_xy};
    if (task.n == 1 || (!task.is_kink && (task.n > MOST_INPUTS || task.c > MOST_CLASSES)))
        return IP_OK;
    IP_TRY(ip_bound_find_local_onset(&task, arena, &curve->onset, err));
    IP_TRY(trace_curve(&task, curve->onset, arena, curve->points, err));
    curve->n = N_BETAS;
    return IP_OK;
}

/* ---- writing ---- */

static bool put_column(hid_t group, size_t k, size_t n, const ip_curve_point *rows, hid_t *beta)
{
    double reals[N_BETAS];
    int64_t integers[N_BETAS];
    const bool is_real = columns[k].value == IP_VALUE_REAL;
    for (size_t i = 0; i < n; i++) {
        const char *at = (const char *)&rows[i] + columns[k].offset;
        if (is_real)
            memcpy(&reals[i], at, sizeof reals[i]);
        else
            memcpy(&integers[i], at, sizeof integers[i]);
    }
    const ip_array array = {.value = columns[k].value, .rank = 1, .dims = {n}};
    const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(properties, false); /* equal files, equal bytes */
    const hid_t dataset = ip_h5_create(group, columns[k].name, &array, properties);
    ip_h5_close(properties);
    const bool ok =
        dataset >= 0 && ip_h5_put(dataset, &array, is_real ? (void *)reals : (void *)integers) &&
        ip_h5_put_text(dataset, "long_name", columns[k].long_name) &&
        ip_h5_put_text(dataset, "units", columns[k].unit) &&
        (k == 0 ? H5DSset_scale(dataset, columns[k].name) : H5DSattach_scale(dataset, *beta, 0)) >=
            0;
    if (k == 0)
        *beta = dataset;
    else
        ip_h5_close(dataset);
    return ok;
}

static bool put_curve(hid_t group, const ip_store_curve *curve)
{
    const ip_array one = {.value = IP_VALUE_REAL};
    hid_t beta = H5I_INVALID_HID;
    bool ok = group >= 0;
    for (size_t k = 0; ok && k < IP_LENGTH(attributes); k++)
        ok = ip_h5_put_attribute(group, attributes[k].name, &one,
                                 (const char *)curve + attributes[k].offset);
    for (size_t k = 0; ok && k < IP_LENGTH(columns); k++)
        ok = put_column(group, k, curve->n, curve->points, &beta);
    ip_h5_close(beta);
    return ok;
}

ip_status ip_lay_bound(hid_t file, const char *path, const ip_dataset *data, ip_error *err)
{
    ip_arena arena = {0};
    ip_store_curve curve;
    ip_status status = work_out(data, &arena, &curve, err);
    ip_arena_release(&arena);
    if (status != IP_OK || curve.n == 0)
        return status;
    const hid_t group = ip_h5_create_group(file, "bound");
    if (!put_curve(group, &curve))
        status = ip_h5_fail(err, IP_ERR_IO, path, "cannot write the group bound");
    ip_h5_close(group);
    return status;
}

/* ---- reading ---- */

static bool read_column(hid_t group, size_t k, const ip_array *array, void *data)
{
    const hid_t dataset = H5Dopen2(group, columns[k].name, H5P_DEFAULT);
    hsize_t dims[IP_MAX_RANK] = {0};
    const bool ok = dataset >= 0 && ip_h5_dims(dataset, dims) == 1 && dims[0] == array->dims[0] &&
                    ip_h5_get(dataset, array, data);
    ip_h5_close(dataset);
    return ok;
}

static hsize_t count_points(hid_t group)
{
    hsize_t dims[IP_MAX_RANK] = {0};
    const hid_t beta = H5Dopen2(group, columns[0].name, H5P_DEFAULT);
    const bool ok = beta >= 0 && ip_h5_dims(beta, dims) == 1 && dims[0] <= N_BETAS;
    ip_h5_close(beta);
    return ok ? dims[0] : 0;
}

static bool read_curve(hid_t group, ip_store_curve *curve)
{
    const hsize_t n = count_points(group);
    bool ok = n > 0;
    for (size_t k = 0; ok && k < IP_LENGTH(attributes); k++)
        ok = ip_h5_get_real(group, attributes[k].name,
                            (double *)(void *)((char *)curve + attributes[k].offset));
    for (size_t k = 0; ok && k < IP_LENGTH(columns); k++) {
        const ip_array array = {.value = columns[k].value, .rank = 1, .dims = {n}};
        char numbers[N_BETAS * sizeof(double)];
        ok = read_column(group, k, &array, numbers);
        for (size_t i = 0; ok && i < n; i++)
            memcpy((char *)&curve->points[i] + columns[k].offset, numbers + i * sizeof(double),
                   sizeof(double));
    }
    curve->n = ok ? (size_t)n : 0;
    return ok;
}

ip_status ip_store_read_curve(const ip_store *store, ip_store_curve *curve, ip_error *err)
{
    *curve = (ip_store_curve){0};
    if (H5Lexists(store->file, "bound", H5P_DEFAULT) <= 0)
        return IP_OK;
    const hid_t group = H5Gopen2(store->file, "bound", H5P_DEFAULT);
    ip_status status = IP_OK;
    if (group < 0 || !read_curve(group, curve))
        status = ip_h5_fail(err, IP_ERR_CREATE, store->path, "not a whole result file: bound");
    ip_h5_close(group);
    return status;
}
