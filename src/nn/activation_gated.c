/* activation_gated.c - activations that multiply z by a smooth gate between 0 and 1
 *
 * Checked by: tests/nn/test_activations.c, tests/nn/test_gradients.c. */
#include "nn/elementwise.h"

#define SQRT_HALF        0.70710678118654752F
#define INVERSE_ROOT_2PI 0.39894228040143268F

/* The normal distribution function; erfc keeps its digits in the left tail, where 1 + erf loses
 * them. */
static inline float normal_cdf(float z)
{
    return 0.5F * erfcf(-SQRT_HALF * z);
}

static inline float normal_density(float z)
{
    return INVERSE_ROOT_2PI * expf(-0.5F * z * z);
}

IP_ELEMENTWISE(gelu, z[i] * normal_cdf(z[i]), normal_cdf(z[i]) + z[i] * normal_density(z[i]))

const ip_activation ip_activation_gelu = {
    .name = "gelu",
    .summary = "z times the normal distribution function (exact, not its tanh approximation)",
    .source = "Hendrycks, Gimpel, arXiv 1606.08415, 2016",
    .forward = gelu_forward,
    .backward = gelu_backward,
};

/* f' = s + f (1 - s) with s the gate. */
static inline float swish_slope(float z, float t)
{
    const float gate = ip_logistic(z);
    return gate + t * (1.0F - gate);
}

IP_ELEMENTWISE(swish, z[i] * ip_logistic(z[i]), swish_slope(z[i], t[i]))

const ip_activation ip_activation_swish = {
    .name = "swish",
    .summary = "z / (1 + exp(-z)), also called SiLU",
    .source = "Ramachandran, Zoph, Le, arXiv 1710.05941, 2017",
    .forward = swish_forward,
    .backward = swish_backward,
};
