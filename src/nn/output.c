/* output.c - probabilities, cross-entropy and accuracy from the logits of the last layer
 *
 * Probabilities are for the gradient, in single precision; the loss is computed from the logits, in
 * double. Exponentials are of numbers <= 0 only, so a confident network gives neither infinity nor
 * NaN. A NaN logit gives a NaN loss.
 * Checked by: tests/nn/test_output.c, tests/nn/test_gradients.c. */
#include "nn/output.h"
#include "infoplane/kernels.h"
#include <assert.h>
#include <math.h>
#include <string.h>

/* ---- softmax: p_j = exp z_j / sum_k exp z_k ---- */

static void softmax_probabilities(const ip_pass *pass, size_t n_units, size_t n, const float *z,
                                  float *t)
{
    ip_kernels_in_use()->softmax(n_units, n, pass->stride, z, t);
}

static double log_sum_exp(size_t n, size_t stride, const float *z)
{
    double most = (double)z[0];
    for (size_t j = 1; j < n; j++)
        if ((double)z[j * stride] > most)
            most = (double)z[j * stride];
    double sum = exp((double)z[0] - most);
    for (size_t j = 1; j < n; j++)
        sum += exp((double)z[j * stride] - most);
    return most + log(sum);
}

static double softmax_loss(size_t n_units, size_t stride, const float *z, const float *target)
{
    const double log_sum = log_sum_exp(n_units, stride, z);
    double loss = 0.0;
    for (size_t j = 0; j < n_units; j++)
        loss += (double)target[j] * (log_sum - (double)z[j * stride]);
    return loss;
}

static size_t softmax_choice(size_t n_units, size_t stride, const float *t)
{
    size_t best = 0;
    for (size_t j = 1; j < n_units; j++)
        if (t[j * stride] > t[best * stride])
            best = j;
    return best;
}

/* ---- sigmoid: p_1 = 1 / (1 + exp(-z)), p_0 = 1 - p_1 ---- */

/* log(1 + exp z) */
static double softplus(double z)
{
    return (z > 0.0 ? z : 0.0) + log1p(exp(-fabs(z)));
}

static void sigmoid_probabilities(const ip_pass *pass, size_t n_units, size_t n, const float *z,
                                  float *t)
{
    (void)pass, (void)n_units;
    ip_kernels_in_use()->elementwise[IP_ELEMENTWISE_sigmoid].forward(ip_kernel_columns(n), z, t);
}

static double sigmoid_loss(size_t n_units, size_t stride, const float *z, const float *target)
{
    (void)n_units, (void)stride;
    return (double)target[0] * softplus((double)z[0]) + (double)target[1] * softplus(-(double)z[0]);
}

static size_t sigmoid_choice(size_t n_units, size_t stride, const float *t)
{
    (void)n_units, (void)stride;
    return t[0] > 0.5F ? 1 : 0;
}

/* ---- the table ---- */

static const struct {
    const char *name;
    void (*probabilities)(const ip_pass *pass, size_t n_units, size_t n, const float *z, float *t);
    double (*loss)(size_t n_units, size_t stride, const float *z, const float *target); /* of one */
    size_t (*choice)(size_t n_units, size_t stride, const float *t); /* most probable class */
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

static const float *target_of(const ip_network *network, const ip_batch *batch, size_t i)
{
    return batch->targets + ip_batch_row(batch, i) * network->n_classes;
}

void ip_output_forward(const ip_network *network, const ip_pass *pass, size_t n)
{
    const size_t last = network->n_layers - 1;
    outputs[network->output].probabilities(pass, n_units(network), n, pass->z[last], pass->t[last]);
}

/* For both outputs dLoss/dz = (p - target) / n, where the one unit of the sigmoid stands for class
 * 1. */
void ip_output_backward(const ip_network *network, const ip_pass *pass, const ip_batch *batch,
                        float *delta)
{
    const size_t units = n_units(network), n = batch->n;
    const size_t first = network->n_classes - units;
    const float share = 1.0F / (float)n;
    for (size_t j = 0; j < units; j++) {
        const float *p = pass->t[network->n_layers - 1] + j * pass->stride;
        float *to = delta + j * pass->stride;
        for (size_t i = 0; i < n; i++)
            to[i] = share * (p[i] - target_of(network, batch, i)[first + j]);
        memset(to + n, 0, (ip_kernel_columns(n) - n) * sizeof *to);
    }
}

double ip_network_loss(const ip_network *network, const ip_pass *pass, const ip_batch *batch)
{
    assert(batch->n >= 1 && batch->n <= pass->capacity);
    const float *z = pass->z[network->n_layers - 1];
    double sum = 0.0;
    for (size_t i = 0; i < batch->n; i++)
        sum += outputs[network->output].loss(n_units(network), pass->stride, z + i,
                                             target_of(network, batch, i));
    return sum / (double)batch->n;
}

double ip_network_accuracy(const ip_network *network, const ip_pass *pass, const ip_batch *batch)
{
    assert(batch->n >= 1 && batch->n <= pass->capacity);
    const float *t = pass->t[network->n_layers - 1];
    double sum = 0.0;
    for (size_t i = 0; i < batch->n; i++) {
        const size_t choice =
            outputs[network->output].choice(n_units(network), pass->stride, t + i);
        sum += (double)target_of(network, batch, i)[choice];
    }
    return sum / (double)batch->n;
}
