/* pass.c - the values of a network, forward and backward, layer by layer
 *
 * Cost of one row: 2 operations per weight forward, 4 backward.
 * Source of the backward pass: Rumelhart, Hinton, Williams, Nature 323, 533 (1986).
 * Checked by: tests/nn/test_gradients.c, tests/nn/test_training_reference.py. */
#include "infoplane/kernels.h"
#include "nn/output.h"
#include "nn/quantizer.h"
#include <assert.h>
#include <string.h>

/* From this many weights on a layer is wide: OpenBLAS is faster there. Measured with AVX2 in layers
 * of 10 x 10 to 784 x 1024, in batches of 32 to 512: even at 128 x 128 for 128 rows, at 96 x 96 for
 * 32. The same for all kernels, so that the choice is no part of the results. */
enum { WIDE = 24576 };

static bool is_hidden(const ip_network *network, size_t l)
{
    return l + 1 < network->n_layers;
}

static bool is_noisy(const ip_network *network, size_t l)
{
    return is_hidden(network, l) && network->noise != 0;
}

static bool is_quantized(const ip_network *network, size_t l)
{
    return is_hidden(network, l) && network->bits != 0;
}

/* Memory for n_units units, and behind them the one that is always 1. */
static float *take_units(const ip_pass *pass, size_t n_units, ip_arena *arena)
{
    float *units = ip_arena_alloc(arena, pass->stride, (n_units + 1) * sizeof *units);
    for (size_t i = 0; units != NULL && i < pass->stride; i++)
        units[n_units * pass->stride + i] = 1.0F;
    return units;
}

ip_status ip_pass_init(ip_pass *pass, const ip_network *network, size_t capacity,
                       bool with_backward, ip_arena *arena, ip_error *err)
{
    *pass = (ip_pass){.capacity = capacity, .stride = ip_kernel_stride(capacity)};
    pass->x = take_units(pass, network->n_inputs, arena);
    size_t widest = 0;
    for (size_t l = 0; l < network->n_layers; l++) {
        const size_t n_out = network->layers[l].n_out;
        pass->z[l] = take_units(pass, n_out, arena);
        pass->f[l] = take_units(pass, n_out, arena);
        pass->q[l] = is_quantized(network, l) ? take_units(pass, n_out, arena) : pass->f[l];
        pass->t[l] = is_noisy(network, l) ? take_units(pass, n_out, arena) : pass->q[l];
        widest = n_out > widest ? n_out : widest;
    }
    for (int i = 0; with_backward && i < 2; i++)
        pass->delta[i] = take_units(pass, widest, arena);
    return ip_arena_check(arena, err);
}

void ip_pass_seed_noise(ip_pass *pass, const ip_network *network, uint64_t seed, ip_purpose purpose,
                        uint64_t number)
{
    for (size_t l = 0; l < network->n_layers; l++) {
        if (is_noisy(network, l))
            pass->noise[l] = ip_rng_make(seed, purpose, (number << 16) + l);
    }
}

/* Row by row, whatever the layout. */
static void add_noise(double sd, ip_rng *rng, size_t n, size_t n_units, size_t stride,
                      const float *q, float *t)
{
    assert(rng->key[2] != 0); /* the stream has begun */
    for (size_t i = 0; i < n; i++) {
        for (size_t at = i; at < n_units * stride; at += stride)
            t[at] = (float)((double)q[at] + sd * ip_rng_normal(rng));
    }
}

/* Computes f of a hidden layer from z, q from f, and t from q. */
static void activate(const ip_network *network, ip_pass *pass, size_t l, size_t n)
{
    const size_t n_out = network->layers[l].n_out, stride = pass->stride;
    const size_t columns = ip_kernel_columns(n);
    for (size_t at = 0; at < n_out * stride; at += stride) {
        ip_activation_forward(network->activation, columns, pass->z[l] + at, pass->f[l] + at);
        if (is_quantized(network, l))
            ip_activation_quantize(network->activation, network->bits, columns, pass->f[l] + at,
                                   pass->q[l] + at);
    }
    if (is_noisy(network, l))
        add_noise(network->noise, &pass->noise[l], n, n_out, stride, pass->q[l], pass->t[l]);
}

/* delta = dLoss/dz of hidden layer l from dLoss/dt. */
static void activate_backward(const ip_network *network, const ip_pass *pass, size_t l, size_t n,
                              float *delta)
{
    const size_t n_out = network->layers[l].n_out, stride = pass->stride;
    const size_t columns = ip_kernel_columns(n);
    for (size_t at = 0; at < n_out * stride; at += stride) {
        ip_activation_backward(network->activation, columns, pass->z[l] + at, pass->f[l] + at,
                               delta + at);
        if (is_quantized(network, l))
            ip_quantizer_backward(network->activation, columns, pass->f[l] + at, delta + at);
    }
}

static const float *layer_input(const ip_pass *pass, size_t l)
{
    return l == 0 ? pass->x : pass->t[l - 1];
}

static bool is_wide(const ip_layer *layer)
{
    return layer->n_in * layer->n_out >= WIDE;
}

/* The first n rows of units. */
static ip_cmat view(const ip_pass *pass, const float *units, size_t n_units, size_t n)
{
    return (ip_cmat){units, n_units, n, pass->stride};
}

/* W with the biases as its last row: they stand behind it. */
static ip_cmat weights_of(const ip_network *network, const ip_layer *layer)
{
    return ip_cmat_view(network->parameters + layer->w, layer->n_in + 1, layer->n_out);
}

/* z = W^T t_prev + b */
static void multiply_forward(const ip_network *network, const ip_pass *pass, size_t l, size_t n)
{
    const ip_layer *layer = &network->layers[l];
    const ip_cmat w = weights_of(network, layer);
    float *z = pass->z[l];
    if (is_wide(layer)) {
        ip_mat_multiply(true, w, false, view(pass, layer_input(pass, l), w.rows, n), 0.0F,
                        (ip_mat){z, w.cols, n, pass->stride});
        return;
    }
    const ip_weights weights = {w.at, w.rows, w.cols, .step_in = w.cols, .step_out = 1};
    ip_kernels_in_use()->values(&weights, n, pass->stride, layer_input(pass, l), z);
}

/* The kernels want zeros behind the last row, where OpenBLAS leaves what was there. */
static void clear_behind(size_t n, size_t n_units, size_t stride, float *units)
{
    for (size_t k = 0; k < n_units; k++)
        memset(units + k * stride + n, 0, (ip_kernel_columns(n) - n) * sizeof *units);
}

/* delta_prev = W delta: dLoss/dt of the layer before. */
static void multiply_backward(const ip_network *network, const ip_pass *pass, size_t l, size_t n,
                              const float *delta, float *delta_prev)
{
    const ip_layer *layer = &network->layers[l];
    const ip_cmat w = weights_of(network, layer);
    if (is_wide(layer)) {
        ip_mat_multiply(false, ip_cmat_view(w.at, layer->n_in, layer->n_out), false,
                        view(pass, delta, layer->n_out, n), 0.0F,
                        (ip_mat){delta_prev, layer->n_in, n, pass->stride});
        clear_behind(n, layer->n_in, pass->stride, delta_prev);
        return;
    }
    const ip_weights transposed = {w.at, w.cols, layer->n_in, .step_in = 1, .step_out = w.cols};
    ip_kernels_in_use()->values(&transposed, n, pass->stride, delta, delta_prev);
}

/* dW = t_prev delta^T, the biases' as its last row. */
static void multiply_gradient(const ip_network *network, const ip_pass *pass, size_t l, size_t n,
                              const float *delta, float *gradient)
{
    const ip_layer *layer = &network->layers[l];
    const size_t rows = layer->n_in + 1, n_out = layer->n_out;
    const float *t = layer_input(pass, l);
    if (is_wide(layer))
        ip_mat_multiply(false, view(pass, t, rows, n), true, view(pass, delta, n_out, n), 0.0F,
                        ip_mat_view(gradient + layer->w, rows, n_out));
    else
        ip_kernels_in_use()->gradient(rows, n_out, n, pass->stride, t, delta, gradient + layer->w);
}

void ip_network_forward(const ip_network *network, ip_pass *pass, const ip_batch *batch)
{
    assert(batch->n >= 1 && batch->n <= pass->capacity);
    ip_kernels_in_use()->gather(network->n_inputs, batch->n, batch->rows, batch->x, pass->stride,
                                pass->x);
    for (size_t l = 0; l < network->n_layers; l++) {
        multiply_forward(network, pass, l, batch->n);
        if (is_hidden(network, l))
            activate(network, pass, l, batch->n);
        else
            ip_output_forward(network, pass, batch->n);
    }
}

void ip_network_backward(const ip_network *network, ip_pass *pass, const ip_batch *batch,
                         float *gradient)
{
    assert(batch->n >= 1 && batch->n <= pass->capacity && pass->delta[0] != NULL);
    float *delta = pass->delta[0];
    float *delta_prev = pass->delta[1];
    ip_output_backward(network, pass, batch, delta);
    for (size_t l = network->n_layers; l-- > 0;) {
        multiply_gradient(network, pass, l, batch->n, delta, gradient);
        if (l == 0)
            return;
        multiply_backward(network, pass, l, batch->n, delta, delta_prev);
        activate_backward(network, pass, l - 1, batch->n, delta_prev);
        float *swapped = delta;
        delta = delta_prev;
        delta_prev = swapped;
    }
}
