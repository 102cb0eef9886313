/* dataset.c - making, checking and completing a dataset
 *
 * Cost: O(n (d + c)) time; memory beside the dataset while it is completed: n (c + 1) doubles. */
#include "infoplane/dataset.h"
#include "data/parts.h"
#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

/* rows * cols zeroed elements, or NULL when that many cannot be had or counted. */
static void *array(size_t rows, size_t cols, size_t size)
{
    return cols > SIZE_MAX / size ? NULL : calloc(rows, cols * size);
}

/* The arrays in the order of the struct, and the bytes that each has for a row. */
enum { N_ARRAYS = 5, ALIGNMENT = 64 };

static void row_bytes(const ip_dataset *dataset, bool with_split, size_t bytes[N_ARRAYS])
{
    bytes[0] = dataset->d * sizeof *dataset->x;
    bytes[1] = dataset->c * sizeof *dataset->p_y_given_x;
    bytes[2] = sizeof *dataset->p_x;
    bytes[3] = with_split ? sizeof *dataset->split : 0;
    bytes[4] = sizeof *dataset->x_id;
}

static void set_arrays(ip_dataset *dataset, void *const at[N_ARRAYS])
{
    dataset->x = at[0];
    dataset->p_y_given_x = at[1];
    dataset->p_x = at[2];
    dataset->split = at[3];
    dataset->x_id = at[4];
}

/* Bytes of all arrays, one behind the other in a block that begins at `block`; NULL: only counted.
 * 0 when they are too many to be counted. */
static size_t place_arrays(ip_dataset *dataset, bool with_split, char *block)
{
    size_t each[N_ARRAYS], total = 0;
    void *at[N_ARRAYS] = {NULL};
    row_bytes(dataset, with_split, each);
    for (size_t k = 0; k < N_ARRAYS; k++) {
        if (each[k] > (SIZE_MAX / 2 - total) / dataset->n)
            return 0;
        if (block != NULL && each[k] > 0)
            at[k] = block + total;
        total += (dataset->n * each[k] + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
    if (block != NULL)
        set_arrays(dataset, at);
    return total;
}

static bool take_heap(ip_dataset *dataset, bool with_split)
{
    size_t each[N_ARRAYS];
    void *at[N_ARRAYS] = {NULL};
    bool whole = true;
    row_bytes(dataset, with_split, each);
    for (size_t k = 0; k < N_ARRAYS; k++) {
        if (each[k] > 0)
            at[k] = array(dataset->n, 1, each[k]);
        whole = whole && (each[k] == 0 || at[k] != NULL);
    }
    set_arrays(dataset, at);
    return whole;
}

static bool take_shared(ip_dataset *dataset, bool with_split)
{
    const size_t bytes = place_arrays(dataset, with_split, NULL);
    if (bytes == 0 || !ip_shared_new(bytes, &dataset->memory))
        return false;
    place_arrays(dataset, with_split, dataset->memory.at);
    return true;
}

static ip_dataset *new_dataset(size_t n, size_t d, size_t c, bool with_split,
                               bool (*take)(ip_dataset *, bool))
{
    assert(n >= 1 && d >= 1 && c >= 1);
    const bool countable = d <= SIZE_MAX / sizeof(float) && c <= SIZE_MAX / sizeof(double);
    ip_dataset *dataset = n > UINT32_MAX || !countable ? NULL : calloc(1, sizeof *dataset);
    if (dataset == NULL)
        return NULL;
    *dataset = (ip_dataset){.n = n, .d = d, .c = c, .memory = {.fd = -1}};
    if (!take(dataset, with_split)) {
        ip_dataset_free(dataset);
        return NULL;
    }
    for (size_t i = 0; i < n; i++)
        dataset->p_x[i] = 1.0 / (double)n;
    return dataset;
}

ip_dataset *ip_dataset_new(size_t n, size_t d, size_t c, int with_split)
{
    return new_dataset(n, d, c, with_split, take_heap);
}

ip_dataset *ip_dataset_new_shared(size_t n, size_t d, size_t c, int with_split)
{
    return new_dataset(n, d, c, with_split, take_shared);
}

ip_dataset *ip_dataset_attach(const ip_dataset *of)
{
    ip_dataset *dataset = calloc(1, sizeof *dataset);
    if (dataset == NULL)
        return NULL;
    *dataset = *of;
    if (!ip_shared_attach(&of->memory, &dataset->memory)) {
        free(dataset);
        return NULL;
    }
    place_arrays(dataset, of->split != NULL, dataset->memory.at);
    return dataset;
}

size_t ip_dataset_bytes(const ip_dataset *dataset)
{
    size_t each[N_ARRAYS], total = 0;
    row_bytes(dataset, dataset->split != NULL, each);
    for (size_t k = 0; k < N_ARRAYS; k++)
        total += dataset->n * each[k];
    return total;
}

static void free_heap(ip_dataset *dataset)
{
    free(dataset->x);
    free(dataset->p_y_given_x);
    free(dataset->p_x);
    free(dataset->split);
    free(dataset->x_id);
}

void ip_dataset_free(ip_dataset *dataset)
{
    if (dataset == NULL)
        return;
    if (dataset->memory.at == NULL)
        free_heap(dataset);
    ip_shared_release(&dataset->memory);
    free(dataset);
}

/* Divides by the sum. Numbers whose sum is 1 but for rounding are left alone: so normalising twice
 * is the same as once, and data that was written and read back is the same data. */
static void normalize(size_t n, double *p, double sum)
{
    if (fabs(sum - 1.0) <= (double)n * DBL_EPSILON)
        return;
    for (size_t i = 0; i < n; i++)
        p[i] /= sum;
}

/* Also turns -0.0 into 0.0, so that equal inputs are equal bytes. */
static ip_status check_x(ip_dataset *dataset, ip_error *err)
{
    for (size_t i = 0; i < dataset->n * dataset->d; i++) {
        if (!isfinite(dataset->x[i]))
            return ip_fail(err, IP_ERR_DATA, "x, row %zu: expected finite numbers, saw %g",
                           i / dataset->d, (double)dataset->x[i]);
        dataset->x[i] += 0.0F;
    }
    return IP_OK;
}

ip_status ip_labels_finish(size_t n, size_t c, double *p_y_given_x, ip_error *err)
{
    for (size_t i = 0; i < n; i++) {
        double *p = p_y_given_x + i * c;
        double sum = 0.0;
        for (size_t y = 0; y < c; y++) {
            if (!(p[y] >= 0.0 && p[y] <= 1.0))
                return ip_fail(err, IP_ERR_DATA,
                               "p_y_given_x, row %zu: expected numbers within [0, 1], saw %g", i,
                               p[y]);
            sum += p[y];
        }
        if (!(fabs(sum - 1.0) <= 1e-9))
            return ip_fail(err, IP_ERR_DATA, "p_y_given_x, row %zu: expected the sum 1, saw %.12g",
                           i, sum);
        normalize(c, p, sum);
    }
    return IP_OK;
}

ip_status ip_weights_check(size_t n, const double *p_x, double *sum, ip_error *err)
{
    *sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        if (!(p_x[i] >= 0.0 && isfinite(p_x[i])))
            return ip_fail(err, IP_ERR_DATA,
                           "p_x, row %zu: expected a finite number, at least 0, saw %g", i, p_x[i]);
        *sum += p_x[i];
    }
    if (!(*sum > 0.0 && isfinite(*sum)))
        return ip_fail(err, IP_ERR_DATA, "p_x: expected a positive finite sum, saw %g", *sum);
    return IP_OK;
}

static ip_status check_split(const ip_dataset *dataset, ip_error *err)
{
    if (dataset->split == NULL)
        return IP_OK;
    size_t n_train = 0;
    for (size_t i = 0; i < dataset->n; i++) {
        if (dataset->split[i] > 1)
            return ip_fail(err, IP_ERR_DATA,
                           "split, row %zu: expected 0 (train) or 1 (test), saw %d", i,
                           dataset->split[i]);
        n_train += dataset->split[i] == 0;
    }
    if (n_train == 0)
        return ip_fail(err, IP_ERR_DATA, "split: expected at least one 0 (train), saw only 1");
    return IP_OK;
}

/* H(Y) and H(Y|X) from joint (n_inputs, c) = p(x, y) and weight (n_inputs) = p(x). Summing p(x)
 * first over the same rows as p(x, y) makes H(Y|X) exactly 0 for labels that follow from x. */
static void measure(ip_dataset *dataset, size_t n_inputs, const double *joint, const double *weight)
{
    double h_y = 0.0;
    double h_y_given_x = 0.0;
    for (size_t y = 0; y < dataset->c; y++) {
        double p_y = 0.0;
        for (size_t x = 0; x < n_inputs; x++) {
            const double p = joint[x * dataset->c + y];
            p_y += p;
            if (p > 0.0)
                h_y_given_x -= p * log2(p / weight[x]);
        }
        if (p_y > 0.0)
            h_y -= p_y * log2(p_y);
    }
    dataset->h_y = fmax(h_y, 0.0);
    dataset->i_xy = fmax(h_y - fmax(h_y_given_x, 0.0), 0.0);
}

/* Rows with equal x are one input: their label distributions are averaged before H(Y|X). */
static ip_status fill_information(ip_dataset *dataset, size_t n_inputs, ip_error *err)
{
    const size_t c = dataset->c;
    double *joint = array(n_inputs, c, sizeof *joint);
    double *weight = array(n_inputs, 1, sizeof *weight);
    if (joint != NULL && weight != NULL) {
        for (size_t i = 0; i < dataset->n; i++) {
            const size_t x = dataset->x_id[i];
            weight[x] += dataset->p_x[i];
            for (size_t y = 0; y < c; y++)
                joint[x * c + y] += dataset->p_x[i] * dataset->p_y_given_x[i * c + y];
        }
        measure(dataset, n_inputs, joint, weight);
    }
    const bool done = joint != NULL && weight != NULL;
    free(joint);
    free(weight);
    return done ? IP_OK
                : ip_fail(err, IP_ERR_MEMORY, "out of memory for the information of %zu rows",
                          dataset->n);
}

ip_status ip_dataset_finish(ip_dataset *dataset, ip_error *err)
{
    IP_TRY(check_x(dataset, err));
    IP_TRY(ip_labels_finish(dataset->n, dataset->c, dataset->p_y_given_x, err));
    double weight = 0.0;
    IP_TRY(ip_weights_check(dataset->n, dataset->p_x, &weight, err));
    normalize(dataset->n, dataset->p_x, weight);
    IP_TRY(check_split(dataset, err));
    size_t n_inputs = 0;
    IP_TRY(ip_rows_number(dataset->n, dataset->d * sizeof *dataset->x, dataset->x, dataset->x_id,
                          &n_inputs, err));
    IP_TRY(fill_information(dataset, n_inputs, err));
    IP_TRY(ip_dataset_fill_digest(dataset, err));
    if (dataset->memory.at != NULL)
        ip_shared_seal(&dataset->memory);
    return IP_OK;
}
