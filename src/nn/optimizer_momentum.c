/* optimizer_momentum.c - gradient descent, plain and with momentum
 *
 * Letters: p parameters, g gradient, v velocity (the state).
 * Checked by: tests/nn/test_optimizers.c, tests/nn/test_training_reference.py. */
#include "nn/tables.h"

static void sgd(const ip_training_options *options, double rate, uint64_t step, size_t n, float *p,
                const float *g, float *state)
{
    (void)options, (void)step, (void)state;
    const float eta = (float)rate;
    for (size_t i = 0; i < n; i++)
        p[i] -= eta * g[i];
}

const ip_optimizer ip_optimizer_sgd = {
    .name = "sgd",
    .summary = "p -= rate g",
    .source = "Robbins, Monro, Annals of Mathematical Statistics 22, 1951",
    .step = sgd,
};

static void momentum(const ip_training_options *options, double rate, uint64_t step, size_t n,
                     float *p, const float *g, float *v)
{
    (void)step;
    const float mu = (float)options->momentum;
    const float eta = (float)rate;
    for (size_t i = 0; i < n; i++) {
        v[i] = mu * v[i] + g[i];
        p[i] -= eta * v[i];
    }
}

const ip_optimizer ip_optimizer_momentum = {
    .name = "momentum",
    .summary = "v = momentum v + g; p -= rate v",
    .source = "Polyak, USSR Computational Mathematics and Mathematical Physics 4(5), 1964",
    .n_state = 1,
    .step = momentum,
};

static void nesterov(const ip_training_options *options, double rate, uint64_t step, size_t n,
                     float *p, const float *g, float *v)
{
    (void)step;
    const float mu = (float)options->momentum;
    const float eta = (float)rate;
    for (size_t i = 0; i < n; i++) {
        v[i] = mu * v[i] + g[i];
        p[i] -= eta * (g[i] + mu * v[i]);
    }
}

const ip_optimizer ip_optimizer_nesterov = {
    .name = "nesterov",
    .summary = "v = momentum v + g; p -= rate (g + momentum v)",
    .source = "Nesterov, Soviet Mathematics Doklady 27, 1983; Sutskever et al., ICML 2013",
    .n_state = 1,
    .step = nesterov,
};
