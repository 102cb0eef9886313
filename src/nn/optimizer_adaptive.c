/* optimizer_adaptive.c - gradient descent with a rate of its own for each parameter
 *
 * Letters: m and v, the running means of g and g^2. A mean is updated as v += (1 - beta) (g^2 - v):
 * beta itself, rounded to float, would put an error of 1e-5 into 1 - beta.
 * Checked by: tests/nn/test_optimizers.c, tests/nn/test_training_reference.py. */
#include "nn/tables.h"
#include <math.h>

static void rmsprop(const ip_training_options *options, double rate, uint64_t step, size_t n,
                    float *p, const float *g, float *v)
{
    (void)step;
    const float take = (float)(1.0 - options->beta2);
    const float epsilon = (float)options->epsilon;
    const float eta = (float)rate;
    for (size_t i = 0; i < n; i++) {
        v[i] += take * (g[i] * g[i] - v[i]);
        p[i] -= eta * g[i] / (sqrtf(v[i]) + epsilon);
    }
}

const ip_optimizer ip_optimizer_rmsprop = {
    .name = "rmsprop",
    .summary = "p -= rate g / (sqrt v + epsilon), v = running mean of g^2 with decay beta2",
    .source = "Tieleman, Hinton, lecture 6.5 of Neural Networks for Machine Learning, 2012",
    .n_state = 1,
    .step = rmsprop,
};

/* Algorithm 1 of Kingma, Ba. The corrections of the first steps, 1 - beta^step, are the same for
 * all parameters. */
static void adam(const ip_training_options *options, double rate, uint64_t step, size_t n, float *p,
                 const float *g, float *state)
{
    const float take1 = (float)(1.0 - options->beta1);
    const float take2 = (float)(1.0 - options->beta2);
    const float eta = (float)(rate / (1.0 - pow(options->beta1, (double)step)));
    const float correct = (float)(1.0 / (1.0 - pow(options->beta2, (double)step)));
    const float epsilon = (float)options->epsilon;
    float *m = state;
    float *v = state + n;
    for (size_t i = 0; i < n; i++) {
        m[i] += take1 * (g[i] - m[i]);
        v[i] += take2 * (g[i] * g[i] - v[i]);
        p[i] -= eta * m[i] / (sqrtf(correct * v[i]) + epsilon);
    }
}

const ip_optimizer ip_optimizer_adam = {
    .name = "adam",
    .summary = "p -= rate m / (sqrt v + epsilon), m and v corrected for their start at zero",
    .source = "Kingma, Ba, ICLR 2015, Algorithm 1",
    .n_state = 2,
    .step = adam,
};

const ip_optimizer ip_optimizer_adamw = {
    .name = "adamw",
    .summary = "adam, with l2 shrinking the weights directly",
    .source = "Loshchilov, Hutter, ICLR 2019",
    .n_state = 2,
    .decoupled_decay = true,
    .step = adam,
};
