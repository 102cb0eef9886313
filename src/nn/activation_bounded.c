/* activation_bounded.c - smooth activations that saturate on both sides
 *
 * Checked by: tests/nn/test_activations.c, tests/nn/test_gradients.c. */
#include "nn/elementwise.h"

IP_ELEMENTWISE(tanh, tanhf(z[i]), 1.0F - t[i] * t[i])

const ip_activation ip_activation_tanh = {
    .name = "tanh",
    .summary = "hyperbolic tangent, in [-1, 1]",
    .source = "LeCun, Bottou, Orr, Mueller, Efficient BackProp, 1998",
    .forward = tanh_forward,
    .backward = tanh_backward,
    .lo = -1,
    .hi = 1,
};

IP_ELEMENTWISE(sigmoid, ip_logistic(z[i]), t[i] * (1.0F - t[i]))

const ip_activation ip_activation_sigmoid = {
    .name = "sigmoid",
    .summary = "1 / (1 + exp(-z)), in [0, 1]",
    .source = "Rumelhart, Hinton, Williams, Nature 323, 1986",
    .forward = sigmoid_forward,
    .backward = sigmoid_backward,
    .lo = 0,
    .hi = 1,
};

static inline float softsign_slope(float z)
{
    const float shrink = 1.0F / (1.0F + fabsf(z));
    return shrink * shrink;
}

IP_ELEMENTWISE(softsign, z[i] / (1.0F + fabsf(z[i])), softsign_slope(z[i]))

const ip_activation ip_activation_softsign = {
    .name = "softsign",
    .summary = "z / (1 + |z|), in [-1, 1]",
    .source = "Bergstra, Desjardins, Lamblin, Bengio, report 1337, Universite de Montreal, 2009",
    .forward = softsign_forward,
    .backward = softsign_backward,
    .lo = -1,
    .hi = 1,
};
