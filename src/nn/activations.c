/* activations.c - the activations: names, sources, ranges; their formulas are kernels
 *
 * Checked by: tests/nn/test_activations.c, tests/nn/test_gradients.c. */
#include "infoplane/kernels.h"
#include "infoplane/network.h"

static const ip_activation table[] = {
    [IP_ELEMENTWISE_tanh] =
        {
            .name = "tanh",
            .summary = "hyperbolic tangent, in [-1, 1]",
            .source = "LeCun, Bottou, Orr, Mueller, Efficient BackProp, 1998",
            .lo = -1,
            .hi = 1,
        },
    [IP_ELEMENTWISE_relu] =
        {
            .name = "relu",
            .summary = "max(0, z)",
            .source = "Nair, Hinton, ICML 2010",
            .lo = 0,
            .hi = 6, /* as in ReLU6: Krizhevsky, CIFAR-10, 2010 */
        },
    [IP_ELEMENTWISE_leaky_relu] =
        {
            .name = "leaky-relu",
            .summary = "z for z > 0, else 0.01 z",
            .source = "Maas, Hannun, Ng, ICML workshop on deep learning, 2013",
        },
    [IP_ELEMENTWISE_elu] =
        {
            .name = "elu",
            .summary = "z for z > 0, else exp(z) - 1",
            .source = "Clevert, Unterthiner, Hochreiter, ICLR 2016",
        },
    [IP_ELEMENTWISE_selu] =
        {
            .name = "selu",
            .summary = "1.0507 z for z > 0, else 1.7581 (exp(z) - 1)",
            .source = "Klambauer, Unterthiner, Mayr, Hochreiter, NeurIPS 2017",
        },
    [IP_ELEMENTWISE_gelu] =
        {
            .name = "gelu",
            .summary =
                "z times the normal distribution function (exact, not its tanh approximation)",
            .source = "Hendrycks, Gimpel, arXiv 1606.08415, 2016",
        },
    [IP_ELEMENTWISE_swish] =
        {
            .name = "swish",
            .summary = "z / (1 + exp(-z)), also called SiLU",
            .source = "Ramachandran, Zoph, Le, arXiv 1710.05941, 2017",
        },
    [IP_ELEMENTWISE_sigmoid] =
        {
            .name = "sigmoid",
            .summary = "1 / (1 + exp(-z)), in [0, 1]",
            .source = "Rumelhart, Hinton, Williams, Nature 323, 1986",
            .lo = 0,
            .hi = 1,
        },
    [IP_ELEMENTWISE_hard_tanh] =
        {
            .name = "hard-tanh",
            .summary = "z cut to [-1, 1]",
            .source = "Collobert, thesis, Universite Paris 6, 2004",
            .lo = -1,
            .hi = 1,
        },
    [IP_ELEMENTWISE_softplus] =
        {
            .name = "softplus",
            .summary = "log(1 + exp z)",
            .source = "Dugas, Bengio, Belisle, Nadeau, Garcia, NIPS 2000",
        },
    [IP_ELEMENTWISE_softsign] =
        {
            .name = "softsign",
            .summary = "z / (1 + |z|), in [-1, 1]",
            .source =
                "Bergstra, Desjardins, Lamblin, Bengio, report 1337, Universite de Montreal, 2009",
            .lo = -1,
            .hi = 1,
        },
    [IP_ELEMENTWISE_linear] =
        {
            .name = "linear",
            .summary = "z itself",
            .source = "Baldi, Hornik, Neural Networks 2, 1989",
        },
};

const ip_activation *ip_activation_at(size_t index)
{
    return index < IP_LENGTH(table) ? &table[index] : NULL;
}

const char *ip_activation_name(size_t index)
{
    return index < IP_LENGTH(table) ? table[index].name : NULL;
}

static const ip_elementwise *kernels_of(const ip_activation *activation)
{
    return &ip_kernels_in_use()->elementwise[activation - table];
}

void ip_activation_forward(const ip_activation *activation, size_t n, const float *z, float *t)
{
    kernels_of(activation)->forward(n, z, t);
}

void ip_activation_backward(const ip_activation *activation, size_t n, const float *z,
                            const float *t, float *delta)
{
    kernels_of(activation)->backward(n, z, t, delta);
}
