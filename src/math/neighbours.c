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
