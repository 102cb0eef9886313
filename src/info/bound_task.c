/* bound_task.c - the inputs of a task that differ in what they say of the label
 *
 * Rows are sorted by their numbers and equal neighbours made one. Masses are added in the order of
 * the rows, so the result depends on nothing else. Lumping is exact: p(t|x) of an optimal code
 * depends on x through p(y|x) alone. Rows that share an input but not the label are first averaged:
 * no code of x can tell them apart. */
#include "info/bound_internal.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

typedef struct row {
    const double *p; /* (c) */
    size_t c, index;
} row;

/* Falling in the first label, rising in the others: for two labels the order of p(y=1|x), also
 * where 1 - p(y=1|x) or p(y=1|x) alone would be rounded to the same number. */
static int compare_numbers(const row *a, const row *b)
{
    for (size_t y = 0; y < a->c; y++) {
        if (a->p[y] != b->p[y])
            return (a->p[y] < b->p[y]) == (y == 0) ? 1 : -1;
    }
    return 0;
}

static int compare_rows(const void *left, const void *right)
{
    const row *a = left;
    const row *b = right;
    const int order = compare_numbers(a, b);
    return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

/* The rows that have weight, sorted; returns how many. */
static size_t sort_rows(size_t n, size_t c, const double *p_x, const double *p_y_given_x, row *rows)
{
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        if (p_x[i] > 0.0)
            rows[used++] = (row){p_y_given_x + i * c, c, i};
    }
    qsort(rows, used, sizeof *rows, compare_rows);
    return used;
}

static void lump(size_t used, const row *rows, const double *p_x, ip_bound_task *task)
{
    for (size_t i = 0; i < used; i++) {
        if (i == 0 || compare_numbers(&rows[i - 1], &rows[i]) != 0) {
            memcpy(task->p_y_given_x + task->n * task->c, rows[i].p, task->c * sizeof(double));
            task->n++;
        }
        task->p_x[task->n - 1] += p_x[rows[i].index];
        task->input_of[rows[i].index] = (uint32_t)(task->n - 1);
    }
}

static void fill_p_y(ip_bound_task *task)
{
    for (size_t x = 0; x < task->n; x++) {
        for (size_t y = 0; y < task->c; y++)
            task->p_y[y] += task->p_x[x] * task->p_y_given_x[x * task->c + y];
    }
}

/* Moves the columns of labels that occur to the front. */
static void drop_labels(ip_bound_task *task)
{
    size_t kept = 0;
    for (size_t y = 0; y < task->c; y++)
        kept += task->p_y[y] > 0.0;
    for (size_t x = 0, to = 0; x < task->n; x++) {
        for (size_t y = 0; y < task->c; y++) {
            if (task->p_y[y] > 0.0)
                task->p_y_given_x[to++] = task->p_y_given_x[x * task->c + y];
        }
    }
    for (size_t y = 0, to = 0; y < task->c; y++) {
        if (task->p_y[y] > 0.0)
            task->p_y[to++] = task->p_y[y];
    }
    task->c = kept;
}

static double entropy(size_t n, const double *p)
{
    double h = 0.0;
    for (size_t i = 0; i < n; i++)
        h -= p[i] > 0.0 ? p[i] * log2(p[i]) : 0.0;
    return fmax(h, 0.0);
}

/* I(X;Y) as the mean distance to p(y): a sum of terms that are not negative. */
static void measure(ip_bound_task *task)
{
    double nats = 0.0;
    bool is_function = true;
    for (size_t x = 0; x < task->n; x++) {
        const double *p = task->p_y_given_x + x * task->c;
        nats += task->p_x[x] * ip_bound_distance(task->c, p, task->p_y);
        for (size_t y = 0; y < task->c; y++)
            is_function = is_function && (p[y] == 0.0 || p[y] == 1.0);
    }
    task->h_x = entropy(task->n, task->p_x);
    task->h_y = entropy(task->c, task->p_y);
    task->is_kink = is_function && task->n > 1;
    task->i_xy = task->n == 1 ? 0.0 : task->is_kink ? task->h_y : nats / IP_NATS_PER_BIT;
}

/* ---- rows that share an input ---- */

/* Marks the inputs whose rows differ; returns whether any do. first (n): of each input. */
static bool find_mixed(size_t n, size_t c, const double *p_x, const double *p_y_given_x,
                       const uint32_t *x_id, uint32_t *first, bool *mixed)
{
    bool any = false;
    memset(first, 0xff, n * sizeof *first);
    for (size_t i = 0; i < n; i++) {
        assert(x_id[i] < n);
        uint32_t *seen = &first[x_id[i]];
        if (!(p_x[i] > 0.0))
            continue;
        if (*seen == UINT32_MAX)
            *seen = (uint32_t)i;
        const row a = {p_y_given_x + *seen * c, c, 0};
        const row b = {p_y_given_x + i * c, c, 0};
        if (compare_numbers(&a, &b) != 0)
            any = mixed[x_id[i]] = true;
    }
    return any;
}

/* p(y|x) of each row's input: the mean over its rows, where they differ. Rows of other inputs stay
 * as they are, to the bit. */
static void fill_means(size_t n, size_t c, const double *p_x, const double *p_y_given_x,
                       const uint32_t *x_id, const bool *mixed, double *sums, double *weight,
                       double *means)
{
    for (size_t i = 0; i < n; i++) {
        weight[x_id[i]] += p_x[i];
        for (size_t y = 0; y < c; y++)
            sums[x_id[i] * c + y] += p_x[i] * p_y_given_x[i * c + y];
    }
    for (size_t i = 0; i < n * c; i++) {
        const size_t x = x_id[i / c];
        means[i] = mixed[x] ? sums[x * c + i % c] / weight[x] : p_y_given_x[i];
    }
}

/* *means = p_y_given_x itself where no rows have to be averaged. */
static ip_status average(size_t n, size_t c, const double *p_x, const double *p_y_given_x,
                         const uint32_t *x_id, ip_arena *arena, const double **means, ip_error *err)
{
    *means = p_y_given_x;
    if (x_id == NULL)
        return IP_OK;
    uint32_t *first = ip_arena_alloc(arena, n, sizeof *first);
    bool *mixed = ip_arena_alloc(arena, n, sizeof *mixed);
    IP_TRY(ip_arena_check(arena, err));
    if (!find_mixed(n, c, p_x, p_y_given_x, x_id, first, mixed))
        return IP_OK;
    double *sums = ip_arena_alloc(arena, n * c, sizeof *sums);
    double *weight = ip_arena_alloc(arena, n, sizeof *weight);
    double *averaged = ip_arena_alloc(arena, n * c, sizeof *averaged);
    IP_TRY(ip_arena_check(arena, err));
    fill_means(n, c, p_x, p_y_given_x, x_id, mixed, sums, weight, averaged);
    *means = averaged;
    return IP_OK;
}

ip_status ip_bound_task_make(size_t n, size_t c, const double *p_x, const double *p_y_given_x,
                             const uint32_t *x_id, ip_arena *arena, ip_bound_task *task,
                             ip_error *err)
{
    assert(n >= 1 && n < UINT32_MAX && c >= 1);
    *task = (ip_bound_task){.c = c};
    row *rows = ip_arena_alloc(arena, n, sizeof *rows);
    task->p_x = ip_arena_alloc(arena, n, sizeof *task->p_x);
    task->p_y_given_x = ip_arena_alloc(arena, n * c, sizeof *task->p_y_given_x);
    task->p_y = ip_arena_alloc(arena, c, sizeof *task->p_y);
    task->input_of = ip_arena_alloc(arena, n, sizeof *task->input_of);
    IP_TRY(ip_arena_check(arena, err));
    const double *p_y = NULL;
    IP_TRY(average(n, c, p_x, p_y_given_x, x_id, arena, &p_y, err));
    memset(task->input_of, 0xff, n * sizeof *task->input_of);
    lump(sort_rows(n, c, p_x, p_y, rows), rows, p_x, task);
    assert(task->n >= 1);
    fill_p_y(task);
    drop_labels(task);
    measure(task);
    return IP_OK;
}
