/* activations.h - value and slope of every activation as formulas on lanes
 *
 * The loops stand here once, with the formulas inlined. Rules for a formula: finite for every
 * finite z; not a number when z is not, by which a diverged run is seen. */
#ifndef KERNELS_ACTIVATIONS_H
#define KERNELS_ACTIVATIONS_H

#include "kernels/elementary.h"

/* As many registers side by side keep a core busy while each waits for its last result. */
enum { AT_ONCE = 4, RUN = AT_ONCE * N_LANES };
#define UNROLLED(l) _Pragma("GCC unroll 4") for (size_t l = 0; l < AT_ONCE; l++)

/* Defines NAME_forward and NAME_backward: value = f as a formula in z, slope = f' as a formula in z
 * and t = f(z). What is left over at the end is computed among zeros. */
#define ELEMENTWISE(name, value, slope)                                                            \
    INLINE lanes name##_value(lanes z)                                                             \
    {                                                                                              \
        return (value);                                                                            \
    }                                                                                              \
    INLINE lanes name##_slope(lanes z, lanes t)                                                    \
    {                                                                                              \
        (void)z, (void)t; /* many slopes need only one of them */                                  \
        return (slope);                                                                            \
    }                                                                                              \
    INLINE void name##_run(const float *z, float *t)                                               \
    {                                                                                              \
        lanes a[AT_ONCE];                                                                          \
        UNROLLED(l) a[l] = name##_value(load(z + l * N_LANES));                                    \
        UNROLLED(l) store(t + l * N_LANES, a[l]);                                                  \
    }                                                                                              \
    static void name##_forward(size_t n, const float *z, float *t)                                 \
    {                                                                                              \
        size_t i = 0;                                                                              \
        for (; i + RUN <= n; i += RUN)                                                             \
            name##_run(z + i, t + i);                                                              \
        for (; i + N_LANES <= n; i += N_LANES)                                                     \
            store(t + i, name##_value(load(z + i)));                                               \
        if (i < n)                                                                                 \
            store_some(n - i, t + i, name##_value(load_some(n - i, z + i)));                       \
    }                                                                                              \
    INLINE void name##_run_back(const float *z, const float *t, float *delta)                      \
    {                                                                                              \
        lanes a[AT_ONCE];                                                                          \
        UNROLLED(l)                                                                                \
        a[l] = load(delta + l * N_LANES) *                                                         \
               name##_slope(load(z + l * N_LANES), load(t + l * N_LANES));                         \
        UNROLLED(l) store(delta + l * N_LANES, a[l]);                                              \
    }                                                                                              \
    static void name##_backward(size_t n, const float *z, const float *t, float *delta)            \
    {                                                                                              \
        size_t i = 0;                                                                              \
        for (; i + RUN <= n; i += RUN)                                                             \
            name##_run_back(z + i, t + i, delta + i);                                              \
        for (; i + N_LANES <= n; i += N_LANES)                                                     \
            store(delta + i, load(delta + i) * name##_slope(load(z + i), load(t + i)));            \
        if (i < n)                                                                                 \
            store_some(n - i, delta + i,                                                           \
                       load_some(n - i, delta + i) *                                               \
                           name##_slope(load_some(n - i, z + i), load_some(n - i, t + i)));        \
    }

/* ---- saturating on both sides ---- */

INLINE lanes softsign_slope_at(lanes z)
{
    const lanes shrink = 1.0F / (1.0F + magnitude(z));
    return shrink * shrink;
}

ELEMENTWISE(tanh, hyperbolic_tangent(z), 1.0F - t * t)
ELEMENTWISE(sigmoid, logistic(z), t *(1.0F - t))
ELEMENTWISE(softsign, z / (1.0F + magnitude(z)), softsign_slope_at(z))

/* ---- straight lines; at a kink the slope is that of the flatter side ---- */

ELEMENTWISE(relu, most(all(0.0F), z), pick(z > 0.0F, all(1.0F), all(0.0F)))
ELEMENTWISE(leaky_relu, pick(z > 0.0F, z, 0.01F * z), pick(z > 0.0F, all(1.0F), all(0.01F)))
ELEMENTWISE(hard_tanh, least(all(1.0F), most(all(-1.0F), z)),
            pick(magnitude(z) < 1.0F, all(1.0F), all(0.0F)))
ELEMENTWISE(linear, z, all(1.0F))

/* ---- rectifiers that saturate on the left; there elu = exp z - 1, so that its slope is t + 1.
 * selu: mean 0 and variance 1 are a fixed point, Eq. 14 of Klambauer et al. ---- */

#define SELU_LAMBDA       1.0507009873554805F
#define SELU_LAMBDA_ALPHA (1.0507009873554805F * 1.6732632423543772F)

ELEMENTWISE(elu, pick(z > 0.0F, z, exp_minus_1_of_negative(least(all(0.0F), z))),
            pick(z > 0.0F, all(1.0F), t + 1.0F))
ELEMENTWISE(selu,
            pick(z > 0.0F, SELU_LAMBDA *z,
                 SELU_LAMBDA_ALPHA *exp_minus_1_of_negative(least(all(0.0F), z))),
            pick(z > 0.0F, all(SELU_LAMBDA), t + SELU_LAMBDA_ALPHA))

/* log(1 + exp z) = max(z, 0) + log(1 + exp(-|z|)) */
ELEMENTWISE(softplus, most(all(0.0F), z) + log_1_plus(exp_of_negative(-magnitude(z))), logistic(z))

/* ---- z times a smooth gate s between 0 and 1; swish: f' = s + f (1 - s) ---- */

INLINE lanes swish_slope_at(lanes z, lanes t)
{
    const lanes gate = logistic(z);
    return multiply_add(t, 1.0F - gate, gate);
}

ELEMENTWISE(gelu, z *normal_distribution(z),
            multiply_add(least(all(15.0F), most(all(-15.0F), z)), normal_density(z),
                         normal_distribution(z)))
ELEMENTWISE(swish, z *logistic(z), swish_slope_at(z, t))

#endif
