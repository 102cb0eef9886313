/* bins.h - the range of many numbers, and the bins of a block of them where edges lie evenly
 *
 * Conversions, differences and products are rounded once and the rest is exact: every set gives the
 * same bits. */
#ifndef KERNELS_BINS_H
#define KERNELS_BINS_H

#include "infoplane/kernels.h"
#include "kernels/doubles.h"
#include <assert.h>

static_assert(IP_BIN_BLOCK % N_LANES == 0, "a block is whole vectors");

INLINE bool is_any(int_lanes mask)
{
    int32_t any = 0;
    for (int l = 0; l < N_LANES; l++)
        any |= mask[l];
    return any != 0;
}

static bool guess_bins(const ip_even_bins *even, const double *t, int32_t *bin)
{
    const lanes half = all(0.5F), last = all((float)even->n - 0.5F);
    const lanes lo = all(even->lo), per_unit = all(even->per_unit), sure = all(0.5F - even->doubt);
    int_lanes doubtful = {0};
    for (size_t i = 0; i < IP_BIN_BLOCK; i += N_LANES) {
        const lanes near = narrow(load_doubles(t + i), load_doubles(t + i + N_DOUBLES));
        const lanes place = least(most((near - lo) * per_unit, half), last);
        const int_lanes whole = __builtin_convertvector(place, int_lanes);
        doubtful |= magnitude(place - __builtin_convertvector(whole, lanes) - half) > sure;
        memcpy(bin + i, &whole, sizeof whole);
    }
    return !is_any(doubtful);
}

/* Sums of products with 0 are not a number once one factor is not finite. */
static bool find_range(size_t n, const double *t, double *range)
{
    enum { ABREAST = 4, RUN_OF_DOUBLES = ABREAST * N_DOUBLES };
    doubles low[ABREAST], high[ABREAST], zeros[ABREAST] = {{0}};
    double least_of_all = (double)INFINITY, most_of_all = (double)-INFINITY, zero = 0;
    for (size_t j = 0; j < ABREAST; j++) {
        low[j] = every((double)INFINITY);
        high[j] = every((double)-INFINITY);
    }
    size_t i = 0;
    for (; i + RUN_OF_DOUBLES <= n; i += RUN_OF_DOUBLES) {
        _Pragma("GCC unroll 4") for (size_t j = 0; j < ABREAST; j++)
        {
            const doubles x = load_doubles(t + i + j * N_DOUBLES);
            low[j] = lesser(x, low[j]);
            high[j] = greater(x, high[j]);
            zeros[j] += x * 0.0;
        }
    }
    double ends[2][RUN_OF_DOUBLES];
    for (size_t j = 0; j < ABREAST; j++) {
        store_doubles(ends[0] + j * N_DOUBLES, low[j]);
        store_doubles(ends[1] + j * N_DOUBLES, high[j]);
        zero += sum_doubles(zeros[j]);
    }
    for (size_t k = 0; k < RUN_OF_DOUBLES; k++) {
        least_of_all = fmin(least_of_all, ends[0][k]);
        most_of_all = fmax(most_of_all, ends[1][k]);
    }
    for (; i < n; i++) {
        least_of_all = fmin(least_of_all, t[i]);
        most_of_all = fmax(most_of_all, t[i]);
        zero += t[i] * 0.0;
    }
    range[0] = least_of_all;
    range[1] = most_of_all;
    return zero == 0.0;
}

#endif
