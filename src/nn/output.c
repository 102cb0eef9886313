/* output.c - probabilities, cross-entropy and accuracy from the logits of the last layer
 *
 * Everything between logit and result is in double, and exponentials are of numbers <= 0 only, so a
 * confident network gives neither infinity nor NaN. A NaN logit gives a NaN loss.
 * Checked by: tests/nn/test_output.c, tests/nn/test_gradients.c. */
#include "nn/output.h"
#include <assert.h>
#include <math.h>

/* ---- softmax: p_j = exp z_j / sum_k exp z_k ---- */

static double log_sum_exp(size_t n, const float *z)
{
    double most = (double)z[0];
    for (size_t j = 1; j < n; j++)
        if ((double)z[j] > most)
            most = (double)z[j];
    double sum = exp((double)z[0] - most);
    for (size_t j = 1; j < n; j++)
        sum += exp((double)z[j] - most);
    return most + log(sum);
}

static void softmax_probabilities(size_t n_units, const float *z, float *t)
{
    const double log_sum = log_sum_exp(n_units, z);
    for (size_t j = 0; j < n_units; j++)
        t[j] = (float)exp((double)z[j] - log_sum);
}

static double softmax_loss(size_t n_units, const float *z, const float *target)
{
    const double log_sum = log_sum_exp(n_units, z);
    double loss = 0.0;
    for (size_t j = 0; j < n_units; j++)
        loss += (double)target[j] * (log_sum - (double)z[j]);
    return loss;
}

static size_t softmax_choice(size_t n_units, const float *t)
{
    size_t best = 0;
    for (size_t j = 1; j < n_units; j++)
        if (t[j] > t[best])
            best = j;
    return best;
}

/* ---- sigmoid: p_1 = 1 / (1 + exp(-z)), p_0 = 1 - p_1 ---- */

/* log(1 + exp z) */
static double softplus(double z)
{
    return (z > 0.0 ? z : 0.0) + log1p(exp(-fabs(z)));
}

static void sigmoid_probabilities(size_t n_units, const float *z, float *t)
{
    (void)n_units;
    t[0] = (float)exp(-softplus(-(double)z[0]));
}

static double sigmoid_loss(size_t n_units, const float *z, const float *target)
{
    (void)n_units;
    return (double)target[0] * softplus((double)z[0]) + (double)target[1] * softplus(-(double)z[0]);
}

static size_t sigmoid_choice(size_t n_units, const float *t)
{
    (void)n_units;
    return t[0] > 0.5F ? 1 : 0;
}

/* ---- the table; each function sees one row ---- */

static const struct {
    const char *name;
    void (*probabilities)(size_t n_units, const float *z, float *t);
    double (*loss)(size_t n_units, const float *z, const float *target);
    size_t (*choice)(size_t n_units, const float *t); /* most probable class */
} outputs[] = {
    [IP_OUTPUT_SOFTMAX] = {"softmax", softmax_probabilities, softmax_loss, softmax_choice},
    [IP_OUTPUT_SIGMOID] = {"sigmoid", sigmoid_probabilities, sigmoid_loss, sigmoid_choice},
};

const char *ip_output_name(size_t index)
{
    return index < IP_LENGTH(outputs) ? outputs[index].name : NULL;
}

static size_t n_units(const ip_network *network)
{
    return network->layers[network->n_layers - 1].n_out;
}

void ip_output_forward(const ip_network *network, size_t n, const float *z, float *t)
{
    const size_t units = n_units(network);
    for (size_t i = 0; i < n; i++)
        outputs[network->output].probabilities(units, z + i * units, t + i * units);
}

/* For both outputs dLoss/dz = (p - target) / n, where the one unit of the sigmoid stands for class
 * 1. */
void ip_output_backward(const ip_network *network, size_t n, const float *t, const float *targets,
                        float *delta)
{
    const size_t units = n_units(network);
    const size_t first = network->n_classes - units;
    for (size_t i = 0; i < n; i++) {
        const float *target = targets + i * network->n_classes + first;
        for (size_t j = 0; j < units; j++)
            delta[i * units + j] =
                (float)(((double)t[i * units + j] - (double)target[j]) / (double)n);
    }
}

double ip_network_loss(const ip_network *network, const ip_pass *pass, size_t n,
                       const float *targets)
{
    assert(n >= 1 && n <= pass->capacity);
    const size_t units = n_units(network);
    const float *z = pass->z[network->n_layers - 1];
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum +=
            outputs[network->output].loss(units, z + i * units, targets + i * network->n_classes);
    return sum / (double)n;
}

double ip_network_accuracy(const ip_network *network, const ip_pass *pass, size_t n,
                           const float *targets)
{
    assert(n >= 1 && n <= pass->capacity);
    const size_t units = n_units(network);
    const float *t = pass->t[network->n_layers - 1];
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        const size_t choice = outputs[network->output].choice(units, t + i * units);
        sum += (double)targets[i * network->n_classes + choice];
    }
    return sum / (double)n;
}
