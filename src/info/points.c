/* points.c - equal rows are found and merged */
#include "info/info_internal.h"
#include "info/points_internal.h"
#include "info/scratch.h"
#include <assert.h>
#include <math.h>
#include <string.h>

/* What is needed only while the points are made. */
typedef struct workspace {
    uint32_t *point; /* (n) of each row */
    uint32_t *atom;  /* (n) likewise */
    uint32_t *pairs; /* (n, 2) input and point of each row; then input and point of each atom */
    double *w;       /* (n) of each atom */
    void *table;
} workspace;

/* Cuts the scratch up; how many bytes are taken. NULL: only counted. */
static size_t cut(char *scratch, const ip_sample *sizes, ip_points *points, workspace *ws)
{
    ip_cut at = {.base = scratch};
    const size_t n = sizes->n;
    points->t = ip_cut_take(&at, n * sizes->d, sizeof *points->t);
    points->w_y = ip_cut_take(&at, n * sizes->c, sizeof *points->w_y);
    points->w = ip_cut_take(&at, n, sizeof *points->w);
    points->p_y = ip_cut_take(&at, sizes->c, sizeof *points->p_y);
    points->point = ip_cut_take(&at, n, sizeof *points->point);
    points->w_atom = ip_cut_take(&at, n, sizeof *points->w_atom);
    points->first = ip_cut_take(&at, n + 1, sizeof *points->first);
    ws->point = ip_cut_take(&at, n, sizeof *ws->point);
    ws->atom = ip_cut_take(&at, n, sizeof *ws->atom);
    ws->pairs = ip_cut_take(&at, 2 * n, sizeof *ws->pairs);
    ws->w = ip_cut_take(&at, n, sizeof *ws->w);
    ws->table = ip_cut_take(&at, 1, ip_number_rows_bytes(n));
    return at.bytes;
}

size_t ip_points_bytes(const ip_sample *sizes)
{
    ip_points points;
    workspace ws;
    return cut(NULL, sizes, &points, &ws);
}

/* Activations of each point, and its weight with each label. */
static void merge_rows(const ip_sample *sample, const workspace *ws, ip_points *points)
{
    const size_t c = points->c;
    memset(points->w_y, 0, points->m * c * sizeof *points->w_y);
    for (size_t i = 0; i < sample->n; i++) {
        const size_t at = ws->point[i];
        for (size_t k = 0; k < points->d; k++)
            points->t[k * points->m + at] = sample->t[i * points->d + k];
        for (size_t y = 0; y < c; y++)
            points->w_y[y * points->m + at] += sample->p_x[i] * sample->p_y_given_x[i * c + y];
    }
}

static void add_up(ip_points *points)
{
    const size_t c = points->c;
    memset(points->p_y, 0, c * sizeof *points->p_y);
    points->total = 0;
    for (size_t k = 0; k < points->m; k++) {
        points->w[k] = 0;
        for (size_t y = 0; y < c; y++) {
            points->w[k] += points->w_y[y * points->m + k];
            points->p_y[y] += points->w_y[y * points->m + k];
        }
        points->total += points->w[k];
    }
}

/* H(Y) - H(Y|X). */
static double label_information(const ip_sample *sample, const ip_points *points)
{
    double i_xy = ip_entropy(points->c, points->p_y);
    for (size_t i = 0; i < sample->n; i++)
        i_xy -= sample->p_x[i] * ip_entropy(points->c, sample->p_y_given_x + i * points->c);
    return fmax(i_xy, 0);
}

/* Numbers the pairs of input and point, and weighs them. Rows without weight are nobody's. */
static void find_atoms(const ip_sample *sample, const workspace *ws, ip_points *points)
{
    for (size_t i = 0; i < sample->n; i++) {
        assert(sample->x_id == NULL || sample->x_id[i] < sample->n);
        ws->pairs[2 * i] = sample->x_id != NULL ? sample->x_id[i] : (uint32_t)i;
        ws->pairs[2 * i + 1] = ws->point[i];
    }
    points->n_atoms =
        ip_number_rows(sample->n, 2 * sizeof *ws->pairs, ws->pairs, ws->table, ws->atom);
    memset(ws->w, 0, points->n_atoms * sizeof *ws->w);
    for (size_t i = 0; i < sample->n; i++) {
        ws->w[ws->atom[i]] += sample->p_x[i];
        memmove(ws->pairs + 2 * (size_t)ws->atom[i], ws->pairs + 2 * i, 2 * sizeof *ws->pairs);
    }
}

/* Puts the atoms of each input together: counting sort, in the order of the inputs' numbers. Inputs
 * without rows have no atoms. */
static void sort_atoms(const ip_sample *sample, const workspace *ws, ip_points *points)
{
    size_t *first = points->first;
    points->n_inputs = sample->n;
    memset(first, 0, (sample->n + 1) * sizeof *first);
    for (size_t a = 0; a < points->n_atoms; a++)
        first[ws->pairs[2 * a] + 1]++;
    points->is_function = true;
    for (size_t x = 0; x < sample->n; x++) {
        points->is_function = points->is_function && first[x + 1] <= 1;
        first[x + 1] += first[x];
    }
    for (size_t a = 0; a < points->n_atoms; a++) {
        const size_t to = first[ws->pairs[2 * a]]++;
        points->point[to] = ws->pairs[2 * a + 1];
        points->w_atom[to] = ws->w[a];
    }
    memmove(first + 1, first, sample->n * sizeof *first);
    first[0] = 0;
}

static double input_entropy(const ip_points *points)
{
    double h = 0;
    for (size_t x = 0; x < points->n_inputs; x++) {
        double p = 0;
        for (size_t a = points->first[x]; a < points->first[x + 1]; a++)
            p += points->w_atom[a];
        h += ip_entropy(1, &p);
    }
    return fmax(h, 0); /* one input may weigh 1 and a rounding */
}

static double square_distance(const ip_points *points, size_t i, size_t j)
{
    double square = 0;
    for (size_t k = 0; k < points->d; k++) {
        const double difference = points->t[k * points->m + i] - points->t[k * points->m + j];
        square += difference * difference;
    }
    return square;
}

/* One for an input whose atoms lie together, as many as these where they lie far apart. */
static double count_places(const ip_points *points, size_t x, double variance)
{
    double n_places = 0;
    const size_t end = points->first[x + 1];
    for (size_t a = points->first[x]; a < end; a++) {
        double near = 0;
        for (size_t b = points->first[x]; b < end; b++)
            near +=
                points->w_atom[b] *
                exp(-square_distance(points, points->point[a], points->point[b]) / (4 * variance));
        n_places += points->w_atom[a] > 0 ? points->w_atom[a] / near : 0;
    }
    return n_places;
}

unsigned ip_points_limit(const ip_sample *sample, const ip_points *points, double variance)
{
    const double rows_a_place = 5;
    double n_places = 0;
    for (size_t x = 0; sample->is_noisy && x < points->n_inputs; x++)
        n_places += count_places(points, x, variance);
    return rows_a_place * n_places > (double)sample->n ? IP_FLAG_INVALID : 0U;
}

ip_points ip_points_make(const ip_sample *sample, void *scratch)
{
    workspace ws;
    ip_points points = {.d = sample->d, .c = sample->c};
    assert(sample->n >= 1 && sample->n < UINT32_MAX && sample->c >= 1);
    cut(scratch, sample, &points, &ws);
    points.m =
        ip_number_rows(sample->n, sample->d * sizeof *sample->t, sample->t, ws.table, ws.point);
    merge_rows(sample, &ws, &points);
    add_up(&points);
    find_atoms(sample, &ws, &points);
    sort_atoms(sample, &ws, &points);
    points.i_xy = label_information(sample, &points);
    points.h_x = input_entropy(&points);
    return points;
}
