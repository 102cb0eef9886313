/* test_distances.c - distances to a cell and counts of them by every set of kernels, to the bit */
#include "infoplane/kernels.h"
#include <kernel_sets.h>

enum { STRIDE = 3 * IP_CELL, MOST_D = 20 };

static double t[MOST_D * STRIDE];

/* Of neighbours, of what was rounded to a few values, or with points infinitely far. */
static void fill(unsigned round)
{
    uint32_t state = round;
    for (size_t i = 0; i < MOST_D * STRIDE; i++) {
        const double x = (double)pseudo_random(&state) * (1 + 1e-12 * (double)i);
        t[i] = round % 3 == 0   ? x
               : round % 3 == 1 ? floor(4 * x)
               : i % 7 == 0     ? (double)INFINITY
                                : x;
    }
}

static void check_distances(const ip_kernels *set, size_t d, double *distance)
{
    double from[MOST_D];
    for (size_t k = 0; k < d; k++)
        from[k] = t[k * STRIDE + 5];
    for (size_t k = 0; k < d; k++)
        from[k] = isinf(from[k]) ? 0.25 : from[k];
    memset(distance, 0xff, IP_CELL * sizeof *distance);
    set->cell_distances(d, t + IP_CELL, STRIDE, from, distance);
    for (size_t j = 0; j < IP_CELL; j++) {
        double far = 0;
        for (size_t k = 0; k < d; k++)
            far = fmax(far, fabs(t[k * STRIDE + IP_CELL + j] - from[k]));
        CHECK(distance[j] == far);
    }
}

static void check_counts(const ip_kernels *set, const double *a, const double *b, double limit)
{
    double larger[IP_CELL];
    size_t below = 0, both_below = 0;
    for (size_t j = 0; j < IP_CELL; j++) {
        below += a[j] < limit;
        both_below += a[j] < limit && b[j] < limit;
    }
    CHECK_COUNT(set->cell_below(a, limit), below);
    CHECK_COUNT(set->cell_larger(a, b, limit, larger), both_below);
    for (size_t j = 0; j < IP_CELL; j++)
        CHECK(larger[j] == fmax(a[j], b[j]));
}

static void check(const ip_kernels *set)
{
    double a[IP_CELL], b[IP_CELL];
    for (unsigned round = 0; round < 12; round++) {
        fill(round);
        for (size_t d = 0; d <= MOST_D; d += 1 + d / 4) {
            check_distances(set, d, a);
            check_distances(set, MOST_D - d, b);
            for (size_t j = 0; j < IP_CELL; j += 9) {
                check_counts(set, a, b, a[j]);
                check_counts(set, a, b, nextafter(b[j], (double)INFINITY));
            }
            check_counts(set, a, b, 0);
            check_counts(set, a, b, (double)INFINITY);
        }
    }
}

int main(void)
{
    for_every_set(check);
    return check_finish();
}
