/* gather.h - rows of a table, laid out unit by unit
 *
 * As many rows as there are lanes are read side by side and transposed in registers. The last units
 * of a row come with those before them, if there are any, so that nothing behind a row is read. */
#ifndef KERNELS_GATHER_H
#define KERNELS_GATHER_H

#include "kernels/lanes.h"
#include <stdint.h>

/* Units of N_LANES rows from the k-th on, N_LANES of them where the rows have so many. */
INLINE void gather_units(size_t d, size_t k, const float *const from[N_LANES], size_t stride,
                         float *to)
{
    lanes row[N_LANES];
    for (int r = 0; r < N_LANES; r++)
        row[r] = d < N_LANES ? load_some(d, from[r]) : load(from[r] + k);
    transpose(row);
    for (size_t j = 0; j < (d < N_LANES ? d : N_LANES); j++)
        store(to + (k + j) * stride, row[j]);
}

static void gather(size_t d, size_t n, const uint32_t *rows, const float *x, size_t stride,
                   float *to)
{
    for (size_t i = 0; i < n; i += N_LANES) {
        const float *from[N_LANES];
        for (size_t r = 0; r < N_LANES; r++) {
            const size_t at = i + r < n ? i + r : n - 1; /* something finite behind the last */
            from[r] = x + (rows != NULL ? rows[at] : at) * d;
        }
        for (size_t k = 0; k + N_LANES <= d; k += N_LANES)
            gather_units(d, k, from, stride, to + i);
        if (d % N_LANES != 0)
            gather_units(d, d < N_LANES ? 0 : d - N_LANES, from, stride, to + i);
    }
}

#endif
