/* lanes.h - a few floats side by side, and the operations that kernels are written in
 *
 * The instruction sets differ here and nowhere else. Where they multiply and add in one rounding
 * there are 8 lanes, and every function below gives the same bits as the portable text; without it
 * there are 4, and results agree within rounding. Comparisons give -1 where true and 0 where not.
 * A NaN: most and least return their second argument, comparisons are false. */
#ifndef KERNELS_LANES_H
#define KERNELS_LANES_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(IP_LANES_AVX2)
#include <immintrin.h>
enum { N_LANES = 8 };
#elif defined(IP_LANES_SSE4)
#include <smmintrin.h>
enum { N_LANES = 4 };
#else
enum { N_LANES = 8 };
#endif

typedef float lanes __attribute__((vector_size(N_LANES * 4)));
typedef int32_t int_lanes __attribute__((vector_size(N_LANES * 4)));

#define INLINE static inline __attribute__((always_inline))

INLINE lanes all(float x)
{
    return x - (lanes){0};
}

INLINE lanes load(const float *from)
{
    lanes a;
    memcpy(&a, from, sizeof a);
    return a;
}

INLINE void store(float *to, lanes a)
{
    memcpy(to, &a, sizeof a);
}

/* a where the mask is -1, b where it is 0. */
INLINE lanes pick(int_lanes mask, lanes a, lanes b);

/* a b + c, a > b ? a : b, a < b ? a : b, the square root, and the sum over the lanes: each is added
 * to the one half the lanes further, until one is left. */
INLINE lanes multiply_add(lanes a, lanes b, lanes c);
INLINE lanes most(lanes a, lanes b);
INLINE lanes least(lanes a, lanes b);
INLINE float sum_lanes(lanes a);

#if defined(IP_LANES_AVX2)

INLINE lanes pick(int_lanes mask, lanes a, lanes b)
{
    return (lanes)_mm256_blendv_ps((__m256)b, (__m256)a, (__m256)mask);
}

INLINE lanes multiply_add(lanes a, lanes b, lanes c)
{
    return (lanes)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
}

INLINE lanes most(lanes a, lanes b)
{
    return (lanes)_mm256_max_ps((__m256)a, (__m256)b);
}

INLINE lanes least(lanes a, lanes b)
{
    return (lanes)_mm256_min_ps((__m256)a, (__m256)b);
}

INLINE float sum_lanes(lanes a)
{
    const __m128 four =
        _mm_add_ps(_mm256_castps256_ps128((__m256)a), _mm256_extractf128_ps((__m256)a, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

#elif defined(IP_LANES_SSE4)

INLINE lanes pick(int_lanes mask, lanes a, lanes b)
{
    return (lanes)_mm_blendv_ps((__m128)b, (__m128)a, (__m128)mask);
}

INLINE lanes multiply_add(lanes a, lanes b, lanes c)
{
    return a * b + c;
}

INLINE lanes most(lanes a, lanes b)
{
    return (lanes)_mm_max_ps((__m128)a, (__m128)b);
}

INLINE lanes least(lanes a, lanes b)
{
    return (lanes)_mm_min_ps((__m128)a, (__m128)b);
}

INLINE float sum_lanes(lanes a)
{
    const __m128 two = _mm_add_ps((__m128)a, _mm_movehl_ps((__m128)a, (__m128)a));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

#else

INLINE lanes pick(int_lanes mask, lanes a, lanes b)
{
    return (lanes)((mask & (int_lanes)a) | (~mask & (int_lanes)b));
}

INLINE lanes multiply_add(lanes a, lanes b, lanes c)
{
    for (int l = 0; l < N_LANES; l++)
        c[l] = fmaf(a[l], b[l], c[l]);
    return c;
}

INLINE lanes most(lanes a, lanes b)
{
    return pick(a > b, a, b);
}

INLINE lanes least(lanes a, lanes b)
{
    return pick(a < b, a, b);
}

INLINE float sum_lanes(lanes a)
{
    for (int half = N_LANES / 2; half > 0; half /= 2) {
        for (int l = 0; l < half; l++)
            a[l] += a[l + half];
    }
    return a[0];
}

#endif

INLINE lanes magnitude(lanes a)
{
    return (lanes)((int_lanes)a & 0x7fffffff);
}

/* The magnitude of a with the sign of b. */
INLINE lanes with_sign(lanes a, lanes b)
{
    return (lanes)(((int_lanes)a & 0x7fffffff) | ((int_lanes)b & INT32_MIN));
}

#endif
