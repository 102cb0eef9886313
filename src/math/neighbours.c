/* neighbours.c - distances in the maximum norm and their order, by brute force
 *
 * Cost: a row of distances is d passes over a tile of points that stays in the first cache. Trees
 *   would save time in few dimensions only.
 * Checked by: tests/math/test_neighbours.c. */
#include "infoplane/neighbours.h"
#include <assert.h>
#include <math.h>

enum { TILE = 512 }; /* points; 4 KiB of distances */

void ip_points_by_coordinate(size_t n, size_t d, const double *points, double *columns)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t c = 0; c < d; c++)
            columns[c * n + i] = points[i * d + c];
    }
}

/* Not fmax(), which takes care of NaN and is no single instruction. */
static inline double larger(double a, double b)
{
    return a > b ? a : b;
}

/* distance[j] = the larger of itself and |at[j] - here|. */
static void raise_distances(size_t n, const double *restrict at, double here,
                            double *restrict distance)
{
    for (size_t j = 0; j < n; j++)
        distance[j] = larger(fabs(at[j] - here), distance[j]);
}

void ip_max_distances(size_t n, size_t d, const double *columns, size_t i, double *distance)
{
    for (size_t first = 0; first < n; first += TILE) {
        const size_t tile = n - first < TILE ? n - first : TILE;
        for (size_t j = 0; j < tile; j++)
            distance[first + j] = 0.0;
        for (size_t c = 0; c < d; c++)
            raise_distances(tile, columns + c * n + first, columns[c * n + i], distance + first);
    }
}

void ip_max_of(size_t n, const double *restrict a, const double *restrict b, double *restrict max)
{
    for (size_t j = 0; j < n; j++)
        max[j] = larger(a[j], b[j]);
}

void ip_smallest(size_t n, const double *values, size_t k, double *smallest)
{
    assert(k >= 1);
    for (size_t l = 0; l < k; l++)
        smallest[l] = (double)INFINITY;
    for (size_t j = 0; j < n; j++) {
        if (!(values[j] < smallest[k - 1]))
            continue;
        size_t l = k - 1;
        for (; l > 0 && values[j] < smallest[l - 1]; l--)
            smallest[l] = smallest[l - 1];
        smallest[l] = values[j];
    }
}

size_t ip_count_below(size_t n, const double *values, double limit)
{
    size_t count = 0;
    for (size_t j = 0; j < n; j++)
        count += values[j] < limit;
    return count;
}

size_t ip_count_within(size_t n, const double *values, double limit)
{
    size_t count = 0;
    for (size_t j = 0; j < n; j++)
        count += values[j] <= limit;
    return count;
}

/* ---- order by place ---- */

/* The coordinate whose values lie furthest apart. */
static const double *widest(size_t n, size_t d, const double *columns, size_t stride,
                            const uint32_t *order)
{
    const double *found = columns;
    double most = -1.0;
    for (size_t c = 0; c < d; c++) {
        const double *at = columns + c * stride;
        double low = at[order[0]];
        double high = low;
        for (size_t i = 1; i < n; i++) {
            low = at[order[i]] < low ? at[order[i]] : low;
            high = at[order[i]] > high ? at[order[i]] : high;
        }
        if (high - low > most) {
            most = high - low;
            found = at;
        }
    }
    return found;
}

static double median_of_3(double a, double b, double c)
{
    return larger(a < b ? a : b, larger(a, b) < c ? larger(a, b) : c);
}

static void swap(uint32_t *a, uint32_t *b)
{
    const uint32_t other = *a;
    *a = *b;
    *b = other;
}

/* Puts the k smallest of n > k first: Hoare, "Algorithm 65: FIND", Comm. ACM 4, 321 (1961). */
static void put_smallest_first(size_t n, const double *at, size_t k, uint32_t *order)
{
    const ptrdiff_t here = (ptrdiff_t)k;
    ptrdiff_t first = 0;
    ptrdiff_t last = (ptrdiff_t)n - 1;
    while (first < last) {
        const double pivot =
            median_of_3(at[order[first]], at[order[first + (last - first) / 2]], at[order[last]]);
        ptrdiff_t i = first;
        ptrdiff_t j = last;
        while (i <= j) {
            while (at[order[i]] < pivot)
                i++;
            while (pivot < at[order[j]])
                j--;
            if (i <= j)
                swap(&order[i++], &order[j--]);
        }
        first = j < here ? i : first;
        last = here < i ? j : last;
    }
}

void ip_order_by_place(size_t n, size_t d, const double *columns, size_t stride, size_t cell,
                       uint32_t *order)
{
    while (n > cell && d > 0) {
        const size_t half = (n / 2 + cell - 1) / cell * cell;
        if (half == n)
            return;
        put_smallest_first(n, widest(n, d, columns, stride, order), half, order);
        ip_order_by_place(half, d, columns, stride, cell, order);
        order += half;
        n -= half;
    }
}
