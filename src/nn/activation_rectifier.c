/* activation_rectifier.c - smooth activations that saturate on the left only
 *
 * Checked by: tests/nn/test_activations.c, tests/nn/test_gradients.c. */
#include "nn/elementwise.h"

/* On the left f = exp(z) - 1, so f' = f + 1. */
IP_ELEMENTWISE(elu, z[i] > 0.0F ? z[i] : expm1f(z[i]), z[i] > 0.0F ? 1.0F : t[i] + 1.0F)

const ip_activation ip_activation_elu = {
    .name = "elu",
    .summary = "z for z > 0, else exp(z) - 1",
    .source = "Clevert, Unterthiner, Hochreiter, ICLR 2016",
    .forward = elu_forward,
    .backward = elu_backward,
};

/* The fixed point of mean 0 and variance 1: Eq. 14 of the paper. */
#define SELU_LAMBDA       1.0507009873554805F
#define SELU_LAMBDA_ALPHA (1.0507009873554805F * 1.6732632423543772F)

IP_ELEMENTWISE(selu, z[i] > 0.0F ? SELU_LAMBDA * z[i] : SELU_LAMBDA_ALPHA * expm1f(z[i]),
               z[i] > 0.0F ? SELU_LAMBDA : t[i] + SELU_LAMBDA_ALPHA)

const ip_activation ip_activation_selu = {
    .name = "selu",
    .summary = "1.0507 z for z > 0, else 1.7581 (exp(z) - 1)",
    .source = "Klambauer, Unterthiner, Mayr, Hochreiter, NeurIPS 2017",
    .forward = selu_forward,
    .backward = selu_backward,
};

/* log(1 + exp z) = max(z, 0) + log(1 + exp(-|z|)). */
IP_ELEMENTWISE(softplus, (z[i] < 0.0F ? 0.0F : z[i]) + log1pf(expf(-fabsf(z[i]))),
               ip_logistic(z[i]))

const ip_activation ip_activation_softplus = {
    .name = "softplus",
    .summary = "log(1 + exp z)",
    .source = "Dugas, Bengio, Belisle, Nadeau, Garcia, NIPS 2000",
    .forward = softplus_forward,
    .backward = softplus_backward,
};
