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

/* Number l of row k becomes number k of row l. */
INLINE void transpose(lanes row[N_LANES]);

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

/* Two numbers of neighbouring rows come together, then four, then the halves. */
INLINE void transpose(lanes row[N_LANES])
{
    __m256d pairs[N_LANES];
    __m256 fours[N_LANES];
    for (int k = 0; k < N_LANES; k += 2) {
        pairs[k] = _mm256_castps_pd(_mm256_unpacklo_ps((__m256)row[k], (__m256)row[k + 1]));
        pairs[k + 1] = _mm256_castps_pd(_mm256_unpackhi_ps((__m256)row[k], (__m256)row[k + 1]));
    }
    for (int k = 0; k < N_LANES; k += 4) {
        for (int j = 0; j < 2; j++) {
            const __m256d a = pairs[k + j], b = pairs[k + j + 2];
            fours[k + 2 * j] = _mm256_castpd_ps(_mm256_unpacklo_pd(a, b));
            fours[k + 2 * j + 1] = _mm256_castpd_ps(_mm256_unpackhi_pd(a, b));
        }
    }
    for (int k = 0; k < N_LANES / 2; k++) {
        row[k] = (lanes)_mm256_permute2f128_ps(fours[k], fours[k + 4], 0x20);
        row[k + 4] = (lanes)_mm256_permute2f128_ps(fours[k], fours[k + 4], 0x31);
    }
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

INLINE void transpose(lanes row[N_LANES])
{
    __m128 a = (__m128)row[0], b = (__m128)row[1], c = (__m128)row[2], d = (__m128)row[3];
    _MM_TRANSPOSE4_PS(a, b, c, d);
    row[0] = (lanes)a, row[1] = (lanes)b, row[2] = (lanes)c, row[3] = (lanes)d;
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

INLINE void transpose(lanes row[N_LANES])
{
    for (int k = 0; k < N_LANES; k++) {
        for (int l = 0; l < k; l++) {
            const float kept = row[k][l];
            row[k][l] = row[l][k];
            row[l][k] = kept;
        }
    }
}

#endif

/* The first n < N_LANES of them; the rest are zeros. */
INLINE lanes load_some(size_t n, const float *from)
{
    lanes a = {0};
    memcpy(&a, from, n * sizeof *from);
    return a;
}

INLINE void store_some(size_t n, float *to, lanes a)
{
    memcpy(to, &a, n * sizeof *to);
}

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
