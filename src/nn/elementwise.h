/* elementwise.h - an activation from two formulas, its value and its slope
 *
 * The loops stand here once, with the formulas inlined, so that the compiler can vectorise those
 * that call no function. Rules for a formula: finite for every finite z, so it never takes the
 * exponential of a large number; not a number when z is not, by which a diverged run is seen. */
#ifndef NN_ELEMENTWISE_H
#define NN_ELEMENTWISE_H

#include "nn/tables.h"
#include <math.h>

/* Defines NAME_forward and NAME_backward: value = f as a formula in z[i], slope = f' as a formula
 * in z[i] and t[i] = f(z[i]). */
#define IP_ELEMENTWISE(name, value, slope)                                                         \
    static void name##_forward(size_t n, const float *z, float *t)                                 \
    {                                                                                              \
        for (size_t i = 0; i < n; i++)                                                             \
            t[i] = (value);                                                                        \
    }                                                                                              \
    static void name##_backward(size_t n, const float *z, const float *t, float *delta)            \
    {                                                                                              \
        (void)z, (void)t; /* many slopes need only one of them */                                  \
        for (size_t i = 0; i < n; i++)                                                             \
            delta[i] *= (slope);                                                                   \
    }

/* 1 / (1 + exp(-z)), with the exponential always of a number <= 0. */
static inline float ip_logistic(float z)
{
    const float e = expf(-fabsf(z));
    return (z < 0.0F ? e : 1.0F) / (1.0F + e);
}

#endif
