/* distances.h - from one point to those of a cell, in the maximum norm, and counts of them
 *
 * All distances of a cell stay in registers while the coordinates go by. A difference, its
 * magnitude and the larger of two are exact or rounded once: every set gives the same bits. */
#ifndef KERNELS_DISTANCES_H
#define KERNELS_DISTANCES_H

#include "infoplane/kernels.h"
#include "kernels/doubles.h"
#include <assert.h>

enum { CELL_VECTORS = IP_CELL / N_DOUBLES };

static_assert(IP_CELL % N_DOUBLES == 0, "a cell is whole vectors");

#define EACH_OF_CELL(j) _Pragma("GCC unroll 16") for (size_t j = 0; j < CELL_VECTORS; j++)

static void cell_distances(size_t d, const double *t, size_t stride, const double *from,
                           double *distance)
{
    doubles far[CELL_VECTORS] = {{0}};
    for (size_t k = 0; k < d; k++, t += stride) {
        const doubles here = every(from[k]);
        EACH_OF_CELL(j)
        far[j] = greater(magnitude_of_doubles(load_doubles(t + j * N_DOUBLES) - here), far[j]);
    }
    EACH_OF_CELL(j) store_doubles(distance + j * N_DOUBLES, far[j]);
}

/* A mask is -1 where a number counts. */
INLINE size_t count_of(const long_lanes *minus)
{
    size_t count = 0;
    for (int l = 0; l < N_DOUBLES; l++)
        count -= (size_t)(*minus)[l];
    return count;
}

static size_t cell_below(const double *distance, double limit)
{
    long_lanes minus = {0};
    EACH_OF_CELL(j) minus += load_doubles(distance + j * N_DOUBLES) < every(limit);
    return count_of(&minus);
}

static size_t cell_larger(const double *a, const double *b, double limit, double *larger)
{
    long_lanes minus = {0};
    EACH_OF_CELL(j)
    {
        const doubles far =
            greater(load_doubles(a + j * N_DOUBLES), load_doubles(b + j * N_DOUBLES));
        store_doubles(larger + j * N_DOUBLES, far);
        minus += far < every(limit);
    }
    return count_of(&minus);
}

#endif
