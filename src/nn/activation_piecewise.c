/* activation_piecewise.c - activations made of straight lines
 *
 * At a kink the slope is that of the flatter side. The comparisons are written so that a NaN falls
 * through to z itself.
 * Checked by: tests/nn/test_activations.c, tests/nn/test_gradients.c. */
#include "nn/elementwise.h"

IP_ELEMENTWISE(relu, (z[i] < 0.0F) ? 0.0F : z[i], (z[i] > 0.0F) ? 1.0F : 0.0F)

const ip_activation ip_activation_relu = {
    .name = "relu",
    .summary = "max(0, z)",
    .source = "Nair, Hinton, ICML 2010",
    .forward = relu_forward,
    .backward = relu_backward,
    .lo = 0,
    .hi = 6, /* as in ReLU6: Krizhevsky, CIFAR-10, 2010 */
};

IP_ELEMENTWISE(leaky_relu, (z[i] > 0.0F ? 1.0F : 0.01F) * z[i], (z[i] > 0.0F) ? 1.0F : 0.01F)

const ip_activation ip_activation_leaky_relu = {
    .name = "leaky-relu",
    .summary = "z for z > 0, else 0.01 z",
    .source = "Maas, Hannun, Ng, ICML workshop on deep learning, 2013",
    .forward = leaky_relu_forward,
    .backward = leaky_relu_backward,
};

static inline float cut(float z)
{
    const float raised = z < -1.0F ? -1.0F : z;
    return raised > 1.0F ? 1.0F : raised;
}

IP_ELEMENTWISE(hard_tanh, cut(z[i]), (fabsf(z[i]) < 1.0F) ? 1.0F : 0.0F)

const ip_activation ip_activation_hard_tanh = {
    .name = "hard-tanh",
    .summary = "z cut to [-1, 1]",
    .source = "Collobert, thesis, Universite Paris 6, 2004",
    .forward = hard_tanh_forward,
    .backward = hard_tanh_backward,
    .lo = -1,
    .hi = 1,
};

IP_ELEMENTWISE(linear, z[i], 1.0F)

const ip_activation ip_activation_linear = {
    .name = "linear",
    .summary = "z itself",
    .source = "Baldi, Hornik, Neural Networks 2, 1989",
    .forward = linear_forward,
    .backward = linear_backward,
};
