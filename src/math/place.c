/* place.c - points by coordinate, and near ones together
 *
 * Checked by: tests/math/test_place.c. */
#include "infoplane/place.h"

void ip_points_by_coordinate(size_t n, size_t d, const double *points, double *columns)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t c = 0; c < d; c++)
            columns[c * n + i] = points[i * d + c];
    }
}

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

static double larger(double a, double b)
{
    return a > b ? a : b;
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
