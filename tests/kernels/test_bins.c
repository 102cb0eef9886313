/* test_bins.c - the bins of a block and the range of many numbers by every set of kernels, to the
 * bit
 *
 * Expected bins are the definition, one number at a time. */
#include "infoplane/kernels.h"
#include <kernel_sets.h>

enum { MOST = 200 };

/* The place of t, and whether its bin is sure. */
static int32_t bin_of(const ip_even_bins *even, double t, bool *is_sure)
{
    const float at = ((float)t - even->lo) * even->per_unit;
    const float place = fminf(fmaxf(at, 0.5F), (float)even->n - 0.5F);
    const float from_middle = fabsf(place - floorf(place) - 0.5F);
    *is_sure = *is_sure && from_middle <= 0.5F - even->doubt;
    return (int32_t)place;
}

static void check_block(const ip_kernels *set, const ip_even_bins *even, const double *t)
{
    int32_t bins[IP_BIN_BLOCK];
    bool is_sure = true;
    const bool said = set->guess_bins(even, t, bins);
    for (size_t i = 0; i < IP_BIN_BLOCK; i++)
        CHECK_COUNT(bins[i], bin_of(even, t[i], &is_sure));
    CHECK(said == is_sure);
}

/* 3 bins on [-1, 1], exact in single precision: on edges, beside them, outside, far outside. */
static void check_edges(const ip_kernels *set)
{
    static const double special[] = {-1, -1.0 / 3, 1.0 / 3, 1,      -0.0, 0,    -2,
                                     2,  1e300,    -1e300,  1e-300, 0.33, 0.334};
    const ip_even_bins even = {-1, 1.5F, 1e-5F, 3};
    double t[IP_BIN_BLOCK] = {0};
    check_block(set, &even, t);
    for (size_t k = 0; k < IP_LENGTH(special); k++) {
        for (size_t place = 0; place < IP_BIN_BLOCK; place += 5) {
            t[place] = special[k];
            check_block(set, &even, t);
            t[place] = 0;
        }
    }
}

static void check_random(const ip_kernels *set)
{
    uint32_t state = 3;
    for (size_t n = 1; n < 2000; n += 1 + n / 2) {
        const ip_even_bins even = {-1, (float)n / 2, 1e-3F, n};
        double t[IP_BIN_BLOCK];
        for (int round = 0; round < 20; round++) {
            for (size_t i = 0; i < IP_BIN_BLOCK; i++)
                t[i] = 1.1 * (double)pseudo_random(&state);
            check_block(set, &even, t);
        }
    }
}

static void check_range(const ip_kernels *set)
{
    static const double not_finite[] = {(double)NAN, (double)INFINITY, (double)-INFINITY};
    uint32_t state = 5;
    double t[MOST] = {0}, range[2];
    CHECK(set->find_range(0, t, range));
    for (size_t n = 1; n <= MOST; n += 1 + n / 16) {
        double low = (double)INFINITY, high = (double)-INFINITY;
        for (size_t i = 0; i < n; i++) {
            t[i] = 1e300 * (double)pseudo_random(&state);
            low = fmin(low, t[i]);
            high = fmax(high, t[i]);
        }
        CHECK(set->find_range(n, t, range));
        CHECK(range[0] == low && range[1] == high);
        for (size_t i = 0; i < n; i++) {
            const double kept = t[i];
            t[i] = not_finite[i % 3];
            CHECK(!set->find_range(n, t, range));
            t[i] = kept;
        }
    }
}

static void check(const ip_kernels *set)
{
    check_edges(set);
    check_random(set);
    check_range(set);
}

int main(void)
{
    for_every_set(check);
    return check_finish();
}
