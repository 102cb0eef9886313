/* network.c - layout of the parameters, their initial values, and what concerns the weights alone
 *
 * Checked by: tests/nn/test_network.c, tests/nn/test_initializers.c. */
#include "infoplane/network.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static size_t n_weights(const ip_layer *layer)
{
    return layer->n_in * layer->n_out;
}

/* Appends a layer behind the last one. Errors: IP_ERR_MEMORY when its offsets cannot be counted. */
static ip_status add_layer(ip_network *network, size_t n_in, size_t n_out, ip_error *err)
{
    assert(n_in >= 1 && n_out >= 1);
    const size_t w = network->n_parameters;
    if (n_in >= (SIZE_MAX - w) / n_out)
        return ip_fail(err, IP_ERR_MEMORY, "a layer of %zu x %zu weights is too large", n_in,
                       n_out);
    const size_t b = w + n_in * n_out;
    network->layers[network->n_layers++] = (ip_layer){n_in, n_out, .w = w, .b = b};
    network->n_parameters = b + n_out;
    return IP_OK;
}

ip_status ip_network_layout(ip_network *network, const ip_network_options *options, size_t n_inputs,
                            size_t n_classes, ip_error *err)
{
    const bool sigmoid = options->output == IP_OUTPUT_SIGMOID;
    assert(options->hidden.n <= IP_MAX_HIDDEN);
    assert(n_classes >= 1 && (!sigmoid || n_classes == 2));
    *network = (ip_network){
        .n_inputs = n_inputs,
        .n_classes = n_classes,
        .output = (ip_output)options->output,
        .activation = ip_activation_at((size_t)options->activation),
        .bits = options->bits,
        .noise = options->noise,
    };
    assert(network->activation != NULL);
    assert(options->bits == 0 || ip_activation_has_range(network->activation));
    size_t n_in = n_inputs;
    for (size_t l = 0; l < options->hidden.n; l++) {
        IP_TRY(add_layer(network, n_in, options->hidden.at[l], err));
        n_in = options->hidden.at[l];
    }
    return add_layer(network, n_in, sigmoid ? 1 : n_classes, err);
}

ip_status ip_network_init(ip_network *network, const ip_network_options *options, size_t n_inputs,
                          size_t n_classes, ip_arena *arena, ip_error *err)
{
    IP_TRY(ip_network_layout(network, options, n_inputs, n_classes, err));
    network->parameters = ip_arena_alloc(arena, network->n_parameters, sizeof(float));
    return ip_arena_check(arena, err);
}

ip_status ip_network_initialize(ip_network *network, const ip_network_options *options,
                                uint64_t seed, ip_error *err)
{
    const ip_initializer *initializer = ip_initializer_at((size_t)options->initializer);
    assert(initializer != NULL && (!initializer->needs_sd || isfinite(options->initializer_sd)));
    size_t largest = 1;
    for (size_t l = 0; l < network->n_layers; l++)
        if (n_weights(&network->layers[l]) > largest)
            largest = n_weights(&network->layers[l]);
    double *scratch = calloc(largest, sizeof *scratch);
    if (scratch == NULL)
        return ip_fail(err, IP_ERR_MEMORY, "out of memory for a layer of %zu weights", largest);
    for (size_t l = 0; l < network->n_layers; l++) {
        const ip_layer *layer = &network->layers[l];
        ip_rng rng = ip_rng_make(seed, IP_PURPOSE_WEIGHTS, l);
        initializer->fill(layer->n_in, layer->n_out, options->initializer_sd, &rng, scratch,
                          network->parameters + layer->w);
        memset(network->parameters + layer->b, 0, layer->n_out * sizeof(float));
    }
    free(scratch);
    return IP_OK;
}

void ip_network_add_l2(const ip_network *network, double l2, float *gradient)
{
    for (size_t l = 0; l < network->n_layers; l++) {
        const ip_layer *layer = &network->layers[l];
        const float *w = network->parameters + layer->w;
        for (size_t i = 0; i < n_weights(layer); i++)
            gradient[layer->w + i] += (float)(l2 * (double)w[i]);
    }
}

void ip_network_decay(ip_network *network, double rate, double l2)
{
    const double factor = 1.0 - rate * l2;
    for (size_t l = 0; l < network->n_layers; l++) {
        const ip_layer *layer = &network->layers[l];
        float *w = network->parameters + layer->w;
        for (size_t i = 0; i < n_weights(layer); i++)
            w[i] = (float)(factor * (double)w[i]);
    }
}

double ip_network_weight_norm(const ip_network *network, size_t l)
{
    assert(l < network->n_layers);
    const ip_layer *layer = &network->layers[l];
    const float *w = network->parameters + layer->w;
    double sum = 0.0;
    for (size_t i = 0; i < n_weights(layer); i++)
        sum += (double)w[i] * (double)w[i];
    return sqrt(sum);
}
