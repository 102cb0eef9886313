/* dense.h - the three products of a narrow layer, with the batch in the lanes
 *
 * Values lie unit by unit: row k of x is unit k of every pattern, rows are `stride` floats apart. A
 * layer's bias is its weight from a unit that is always 1, so no product knows of it.
 * A tile of the result stays in registers: 6 rows by 2 columns of lanes of a value, 4 by 3 sums of
 * a gradient, which leaves 4 or 3 of 16 registers for what is read. */
#ifndef KERNELS_DENSE_H
#define KERNELS_DENSE_H

#include "infoplane/kernels.h"
#include "kernels/lanes.h"

/* ---- values: y[m] = sum of w[k][m] x[k] ---- */

enum { VALUE_ROWS = 6, VALUE_COLUMNS = 2 * N_LANES };

INLINE void value_tile(const int rows, const ip_weights *w, size_t m, size_t stride, const float *x,
                       float *y)
{
    lanes sum[VALUE_ROWS][2] = {{{0}}};
    const float *weight = w->at + m * w->step_out;
    for (size_t k = 0; k < w->n_in; k++, weight += w->step_in) {
        const lanes x0 = load(x + k * stride);
        const lanes x1 = load(x + k * stride + N_LANES);
#pragma GCC unroll 6
        for (int i = 0; i < rows; i++) {
            const lanes one = all(weight[(size_t)i * w->step_out]);
            sum[i][0] = multiply_add(one, x0, sum[i][0]);
            sum[i][1] = multiply_add(one, x1, sum[i][1]);
        }
    }
#pragma GCC unroll 6
    for (int i = 0; i < rows; i++) {
        store(y + (m + (size_t)i) * stride, sum[i][0]);
        store(y + (m + (size_t)i) * stride + N_LANES, sum[i][1]);
    }
}

/* Some rows of y, from row m on. */
#define VALUE_ROWS_OF(rows)                                                                        \
    static void value_rows_##rows(const ip_weights *w, size_t m, size_t n, size_t stride,          \
                                  const float *x, float *y)                                        \
    {                                                                                              \
        const ip_weights near = *w; /* a copy that no store to y can change */                     \
        for (size_t i = 0; i < n; i += VALUE_COLUMNS)                                              \
            value_tile(rows, &near, m, stride, x + i, y + i);                                      \
    }
VALUE_ROWS_OF(1)
VALUE_ROWS_OF(2)
VALUE_ROWS_OF(3)
VALUE_ROWS_OF(4)
VALUE_ROWS_OF(5)
VALUE_ROWS_OF(6)

static void values(const ip_weights *w, size_t n, size_t stride, const float *x, float *y)
{
    static void (*const some[])(const ip_weights *, size_t, size_t, size_t, const float *,
                                float *) = {
        NULL, value_rows_1, value_rows_2, value_rows_3, value_rows_4, value_rows_5, value_rows_6,
    };
    size_t m = 0;
    for (size_t tiles = (w->n_out + VALUE_ROWS - 1) / VALUE_ROWS; tiles > 0; tiles--) {
        const size_t rows = (w->n_out - m) / tiles; /* 7 rows are 3 and 4, not 6 and 1 */
        some[rows](w, m, n, stride, x, y);
        m += rows;
    }
}

/* ---- gradient: dw[k][m] = sum over the patterns of x[k] delta[m] ---- */

enum { GRADIENT_ROWS = 4, GRADIENT_COLUMNS = 3 };

INLINE void gradient_tile(const int rows, const int columns, size_t n, size_t stride,
                          const float *x, const float *delta, size_t n_out, float *dw)
{
    lanes sum[GRADIENT_ROWS][GRADIENT_COLUMNS] = {{{0}}};
    for (size_t i = 0; i < n; i += N_LANES) {
        lanes d[GRADIENT_COLUMNS];
#pragma GCC unroll 3
        for (int m = 0; m < columns; m++)
            d[m] = load(delta + (size_t)m * stride + i);
#pragma GCC unroll 4
        for (int k = 0; k < rows; k++) {
            const lanes x_k = load(x + (size_t)k * stride + i);
#pragma GCC unroll 3
            for (int m = 0; m < columns; m++)
                sum[k][m] = multiply_add(x_k, d[m], sum[k][m]);
        }
    }
#pragma GCC unroll 4
    for (int k = 0; k < rows; k++) {
#pragma GCC unroll 3
        for (int m = 0; m < columns; m++)
            dw[(size_t)k * n_out + (size_t)m] = sum_lanes(sum[k][m]);
    }
}

#define GRADIENT_TILE(rows, columns)                                                               \
    static void gradient_tile_##rows##_##columns(size_t n, size_t stride, const float *x,          \
                                                 const float *delta, size_t n_out, float *dw)      \
    {                                                                                              \
        gradient_tile(rows, columns, n, stride, x, delta, n_out, dw);                              \
    }
#define GRADIENT_TILES(rows)                                                                       \
    GRADIENT_TILE(rows, 1)                                                                         \
    GRADIENT_TILE(rows, 2)                                                                         \
    GRADIENT_TILE(rows, 3)
#define GRADIENT_TILE_NAMES(rows)                                                                  \
    {                                                                                              \
        NULL, gradient_tile_##rows##_1, gradient_tile_##rows##_2, gradient_tile_##rows##_3         \
    }
GRADIENT_TILES(1)
GRADIENT_TILES(2)
GRADIENT_TILES(3)
GRADIENT_TILES(4)

static void gradient(size_t n_in, size_t n_out, size_t n, size_t stride, const float *x,
                     const float *delta, float *dw)
{
    static void (*const tile[][GRADIENT_COLUMNS + 1])(size_t, size_t, const float *, const float *,
                                                      size_t, float *) = {
        {NULL},
        GRADIENT_TILE_NAMES(1),
        GRADIENT_TILE_NAMES(2),
        GRADIENT_TILE_NAMES(3),
        GRADIENT_TILE_NAMES(4),
    };
    size_t k = 0;
    for (size_t down = (n_in + GRADIENT_ROWS - 1) / GRADIENT_ROWS; down > 0; down--) {
        const size_t rows = (n_in - k) / down;
        size_t m = 0;
        for (size_t right = (n_out + GRADIENT_COLUMNS - 1) / GRADIENT_COLUMNS; right > 0; right--) {
            const size_t columns = (n_out - m) / right;
            tile[rows][columns](n, stride, x + k * stride, delta + m * stride, n_out,
                                dw + k * n_out + m);
            m += columns;
        }
        k += rows;
    }
}

#endif
