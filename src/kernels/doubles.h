/* doubles.h - a few doubles side by side, and Gaussians of them
 *
 * A vector has the size of one of floats, and half as many lanes. As there: sets that multiply and
 * add in one rounding give the same bits, the one without agrees within rounding. */
#ifndef KERNELS_DOUBLES_H
#define KERNELS_DOUBLES_H

#include "kernels/lanes.h"
#include <stdbool.h>

enum { N_DOUBLES = N_LANES / 2 };

typedef double doubles __attribute__((vector_size(N_LANES * 4)));
typedef int64_t long_lanes __attribute__((vector_size(N_LANES * 4)));
typedef uint64_t bit_lanes __attribute__((vector_size(N_LANES * 4)));

INLINE doubles every(double x)
{
    return x - (doubles){0};
}

INLINE doubles load_doubles(const double *from)
{
    doubles a;
    memcpy(&a, from, sizeof a);
    return a;
}

INLINE void store_doubles(double *to, doubles a)
{
    memcpy(to, &a, sizeof a);
}

/* a where the mask is -1, 0 where it is 0. */
INLINE doubles keep(long_lanes mask, doubles a)
{
    return (doubles)(mask & (long_lanes)a);
}

INLINE doubles magnitude_of_doubles(doubles a)
{
    return (doubles)((long_lanes)a & INT64_MAX);
}

/* a b + c; a < b ? a : b; a > b ? a : b; whether a < b in any lane; both in single precision, side
 * by side. */
INLINE doubles multiply_add_doubles(doubles a, doubles b, doubles c);
INLINE doubles lesser(doubles a, doubles b);
INLINE doubles greater(doubles a, doubles b);
INLINE bool is_any_below(doubles a, doubles b);
INLINE lanes narrow(doubles low, doubles high);

#if defined(IP_LANES_AVX2)

INLINE doubles multiply_add_doubles(doubles a, doubles b, doubles c)
{
    return (doubles)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
}

INLINE doubles lesser(doubles a, doubles b)
{
    return (doubles)_mm256_min_pd((__m256d)a, (__m256d)b);
}

INLINE doubles greater(doubles a, doubles b)
{
    return (doubles)_mm256_max_pd((__m256d)a, (__m256d)b);
}

INLINE bool is_any_below(doubles a, doubles b)
{
    return _mm256_movemask_pd((__m256d)(a < b)) != 0;
}

INLINE lanes narrow(doubles low, doubles high)
{
    return (lanes)_mm256_set_m128(_mm256_cvtpd_ps((__m256d)high), _mm256_cvtpd_ps((__m256d)low));
}

#elif defined(IP_LANES_SSE4)

INLINE doubles multiply_add_doubles(doubles a, doubles b, doubles c)
{
    return a * b + c;
}

INLINE doubles lesser(doubles a, doubles b)
{
    return (doubles)_mm_min_pd((__m128d)a, (__m128d)b);
}

INLINE doubles greater(doubles a, doubles b)
{
    return (doubles)_mm_max_pd((__m128d)a, (__m128d)b);
}

INLINE bool is_any_below(doubles a, doubles b)
{
    return _mm_movemask_pd((__m128d)(a < b)) != 0;
}

INLINE lanes narrow(doubles low, doubles high)
{
    return (lanes)_mm_movelh_ps(_mm_cvtpd_ps((__m128d)low), _mm_cvtpd_ps((__m128d)high));
}

#else

INLINE doubles multiply_add_doubles(doubles a, doubles b, doubles c)
{
    for (int l = 0; l < N_DOUBLES; l++)
        c[l] = fma(a[l], b[l], c[l]);
    return c;
}

INLINE doubles lesser(doubles a, doubles b)
{
    const long_lanes is_less = a < b;
    return (doubles)((is_less & (long_lanes)a) | (~is_less & (long_lanes)b));
}

INLINE doubles greater(doubles a, doubles b)
{
    const long_lanes is_more = a > b;
    return (doubles)((is_more & (long_lanes)a) | (~is_more & (long_lanes)b));
}

INLINE bool is_any_below(doubles a, doubles b)
{
    const long_lanes is_below = a < b;
    int64_t any = 0;
    for (int l = 0; l < N_DOUBLES; l++)
        any |= is_below[l];
    return any != 0;
}

INLINE lanes narrow(doubles low, doubles high)
{
    lanes both = {0};
    for (int l = 0; l < N_DOUBLES; l++) {
        both[l] = (float)low[l];
        both[l + N_DOUBLES] = (float)high[l];
    }
    return both;
}

#endif

/* The sum of the lanes, each added to the one half the lanes further until one is left. */
INLINE double sum_doubles(doubles a)
{
    double part[N_DOUBLES];
    store_doubles(part, a);
    for (int half = N_DOUBLES / 2; half > 0; half /= 2) {
        for (int l = 0; l < half; l++)
            part[l] += part[l + half];
    }
    return part[0];
}

/* 2^x for |x| <= 1000: x = n + r, |r| <= 1/2, where adding 1.5 2^52 leaves n in the last bits. The
 * polynomial is minimax, fitted with 40 digits to 3.0e-16 of the value; 1 ulp is not exceeded by
 * more than its own rounding: 3.5e-16 in all, and 2^0 is exactly 1. x comes as a product, which is
 * not rounded before n is taken from it where the set fuses. */
INLINE doubles power_of_2_of_product(doubles a, doubles b)
{
    const double shift = 0x1.8p52;
    const doubles shifted = multiply_add_doubles(a, b, every(shift));
    const doubles r = multiply_add_doubles(a, b, every(shift) - shifted);
    doubles q = every(0x1.e8b75fb9ea361p-28);
    q = multiply_add_doubles(q, r, every(0x1.b689b40e9acb4p-24));
    q = multiply_add_doubles(q, r, every(0x1.62be6865db54bp-20));
    q = multiply_add_doubles(q, r, every(0x1.ffcb3f1bcd649p-17));
    q = multiply_add_doubles(q, r, every(0x1.43091387c60dap-13));
    q = multiply_add_doubles(q, r, every(0x1.5d87fea4a7160p-10));
    q = multiply_add_doubles(q, r, every(0x1.3b2ab6fb82094p-7));
    q = multiply_add_doubles(q, r, every(0x1.c6b08d703955cp-5));
    q = multiply_add_doubles(q, r, every(0x1.ebfbdff82c61fp-3));
    q = multiply_add_doubles(q, r, every(0x1.62e42fefa3a28p-1));
    q = multiply_add_doubles(q, r, every(1.0));
    return (doubles)((bit_lanes)q + ((bit_lanes)shifted << 52));
}

#endif
