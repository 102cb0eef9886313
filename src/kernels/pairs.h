/* pairs.h - sums of Gaussians over all pairs of points
 *
 * A tile is the squared distances of some rows from some columns, in registers. All rungs take
 * their exponentials from it, and each exponential serves its row's sum and its column's. Rows go
 * by a strip of columns that stays in the nearest cache, up to the diagonal; of the block on the
 * diagonal both halves are worked out, and only its rows are added to. */
#ifndef KERNELS_PAIRS_H
#define KERNELS_PAIRS_H

#include "infoplane/kernels.h"
#include "kernels/doubles.h"
#include <assert.h>

enum {
    PAIR_ROWS = 4,
    PAIR_COLUMNS = 2, /* of vectors */
    PAIR_STEP = PAIR_COLUMNS * N_DOUBLES,
    PAIR_STRIP = 16 * IP_PAIR_BLOCK
};

static_assert(IP_PAIR_ROW_SUMS >= PAIR_ROWS * N_DOUBLES, "the row sums of a tile fit");
static_assert(IP_PAIR_BLOCK % PAIR_ROWS == 0 && IP_PAIR_BLOCK % PAIR_STEP == 0,
              "tiles fit into blocks");

typedef struct pair_tile {
    doubles at[PAIR_ROWS][PAIR_COLUMNS];
} pair_tile;

#define EACH_ROW(i)    _Pragma("GCC unroll 4") for (size_t i = 0; i < PAIR_ROWS; i++)
#define EACH_COLUMN(j) _Pragma("GCC unroll 2") for (size_t j = 0; j < PAIR_COLUMNS; j++)

INLINE pair_tile take_squares(const ip_pairs *p, size_t row, size_t column)
{
    pair_tile squares = {{{{0}}}};
    const double *t = p->points.t;
    for (size_t k = 0; k < p->points.d; k++, t += p->points.stride) {
        doubles there[PAIR_COLUMNS];
        EACH_COLUMN(j) there[j] = load_doubles(t + column + j * N_DOUBLES);
        EACH_ROW(i)
        {
            const doubles here = every(t[row + i]);
            EACH_COLUMN(j)
            {
                const doubles difference = there[j] - here;
                squares.at[i][j] = multiply_add_doubles(difference, difference, squares.at[i][j]);
            }
        }
    }
    return squares;
}

INLINE doubles nearest_of(const pair_tile *squares)
{
    doubles nearest = squares->at[0][0];
    EACH_ROW(i)
    {
        EACH_COLUMN(j) nearest = lesser(nearest, squares->at[i][j]);
    }
    return nearest;
}

INLINE pair_tile gaussians_of(const ip_pair_rung *rung, const pair_tile *squares)
{
    const doubles factor = every(rung->factor);
    const doubles reach = every(rung->reach);
    pair_tile e;
    EACH_ROW(i)
    {
        EACH_COLUMN(j)
        e.at[i][j] =
            keep(squares->at[i][j] < reach, power_of_2_of_product(squares->at[i][j], factor));
    }
    return e;
}

INLINE void raise_to_fourth(pair_tile *e)
{
    EACH_ROW(i)
    {
        EACH_COLUMN(j)
        {
            const doubles square = e->at[i][j] * e->at[i][j];
            e->at[i][j] = square * square;
        }
    }
}

/* row_sums (IP_PAIR_ROW_SUMS) += w e. */
INLINE void add_to_rows(const pair_tile *e, const double *w, double *row_sums)
{
    doubles weight[PAIR_COLUMNS];
    EACH_COLUMN(j) weight[j] = load_doubles(w + j * N_DOUBLES);
    EACH_ROW(i)
    {
        doubles sum = load_doubles(row_sums + i * N_DOUBLES);
        EACH_COLUMN(j) sum = multiply_add_doubles(e->at[i][j], weight[j], sum);
        store_doubles(row_sums + i * N_DOUBLES, sum);
    }
}

INLINE void add_to_columns(const pair_tile *e, const double *w, double *sums)
{
    EACH_COLUMN(j)
    {
        doubles sum = load_doubles(sums + j * N_DOUBLES);
        EACH_ROW(i) sum = multiply_add_doubles(e->at[i][j], every(w[i]), sum);
        store_doubles(sums + j * N_DOUBLES, sum);
    }
}

/* Adds the exponentials of one rung. */
INLINE void add_rung(const ip_pairs *p, size_t r, const bool is_diagonal, const pair_tile *e,
                     size_t row, size_t column)
{
    const ip_label_range rows = p->points.labels[row / IP_PAIR_BLOCK];
    const ip_label_range columns = p->points.labels[column / IP_PAIR_BLOCK];
    for (size_t y = columns.first; y < columns.end; y++)
        add_to_rows(e, p->points.w + y * p->points.stride + column,
                    p->row_sums + (r * p->points.c + y) * IP_PAIR_ROW_SUMS);
    for (size_t y = rows.first; !is_diagonal && y < rows.end; y++)
        add_to_columns(e, p->points.w + y * p->points.stride + row,
                       p->rungs[r].sums + y * p->points.stride + column);
}

/* What the rows and columns of a tile are to one another. */
INLINE void add_tile(const ip_pairs *p, const bool is_diagonal, size_t row, size_t column)
{
    const pair_tile squares = take_squares(p, row, column);
    const doubles nearest = nearest_of(&squares);
    for (size_t r = 0, next; r < p->n_rungs; r = next) {
        next = r + 1;
        while (next < p->n_rungs && p->rungs[next].is_fourth_power)
            next++;
        if (!is_any_below(nearest, every(p->rungs[r].reach)))
            continue;
        pair_tile e = gaussians_of(&p->rungs[r], &squares);
        add_rung(p, r, is_diagonal, &e, row, column);
        for (size_t narrower = r + 1; narrower < next; narrower++) {
            raise_to_fourth(&e);
            add_rung(p, narrower, is_diagonal, &e, row, column);
        }
    }
}

/* The labels of any of some columns. */
static ip_label_range labels_of(const ip_pairs *p, size_t first, size_t end)
{
    ip_label_range all = {p->points.c, 0};
    for (size_t block = first / IP_PAIR_BLOCK; block < end / IP_PAIR_BLOCK; block++) {
        const ip_label_range one = p->points.labels[block];
        if (one.first < one.end) {
            all.first = one.first < all.first ? one.first : all.first;
            all.end = one.end > all.end ? one.end : all.end;
        }
    }
    return all;
}

static void clear_rows(const ip_pairs *p, ip_label_range labels)
{
    for (size_t r = 0; r < p->n_rungs; r++) {
        for (size_t y = labels.first; y < labels.end; y++) {
            double *parts = p->row_sums + (r * p->points.c + y) * IP_PAIR_ROW_SUMS;
            EACH_ROW(i) store_doubles(parts + i * N_DOUBLES, (doubles){0});
        }
    }
}

static void close_rows(const ip_pairs *p, ip_label_range labels, size_t row)
{
    for (size_t r = 0; r < p->n_rungs; r++) {
        for (size_t y = labels.first; y < labels.end; y++) {
            const double *parts = p->row_sums + (r * p->points.c + y) * IP_PAIR_ROW_SUMS;
            double *sums = p->rungs[r].sums + y * p->points.stride + row;
            EACH_ROW(i) sums[i] += sum_doubles(load_doubles(parts + i * N_DOUBLES));
        }
    }
}

/* Some rows with the columns from their block on, of one strip. */
static void add_rows(const ip_pairs *p, size_t row, size_t first, size_t end)
{
    const size_t own = row / IP_PAIR_BLOCK * IP_PAIR_BLOCK;
    const ip_label_range labels = labels_of(p, first > own ? first : own, end);
    clear_rows(p, labels);
    size_t column = first;
    if (own >= first) {
        for (column = own; column < own + IP_PAIR_BLOCK; column += PAIR_STEP)
            add_tile(p, true, row, column);
    }
    for (; column < end; column += PAIR_STEP)
        add_tile(p, false, row, column);
    close_rows(p, labels, row);
}

static void pair_sums(const ip_pairs *pairs)
{
    const ip_pairs p = *pairs; /* a copy that no store can change */
    for (size_t r = 0; r < p.n_rungs; r++)
        memset(p.rungs[r].sums, 0, p.points.c * p.points.stride * sizeof(double));
    for (size_t first = 0; first < p.points.n; first += PAIR_STRIP) {
        const size_t end = p.points.n - first < PAIR_STRIP ? p.points.n : first + PAIR_STRIP;
        for (size_t row = 0; row < end; row += PAIR_ROWS)
            add_rows(&p, row, first, end);
    }
}

#endif
