/* pass.c - the values of a network, forward and backward, layer by layer
 *
 * Cost of one row: 2 operations per weight forward, 4 backward. The products of narrow layers are
 * small, so bias and activation are passes of their own over contiguous rows.
 * Source of the backward pass: Rumelhart, Hinton, Williams, Nature 323, 533 (1986).
 * Checked by: tests/nn/test_gradients.c, tests/nn/test_training_reference.py. */
#include "nn/output.h"
#include "nn/quantizer.h"
#include <assert.h>

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

ip_status ip_pass_init(ip_pass *pass, const ip_network *network, size_t capacity,
                       bool with_backward, ip_arena *arena, ip_error *err)
{
    *pass = (ip_pass){.capacity = capacity};
    size_t widest = 0;
    for (size_t l = 0; l < network->n_layers; l++) {
        const size_t n_out = network->layers[l].n_out;
        pass->z[l] = ip_arena_alloc(arena, capacity, n_out * sizeof(float));
        pass->f[l] = ip_arena_alloc(arena, capacity, n_out * sizeof(float));
        pass->q[l] = is_quantized(network, l)
                         ? ip_arena_alloc(arena, capacity, n_out * sizeof(float))
                         : pass->f[l];
        pass->t[l] = is_noisy(network, l) ? ip_arena_alloc(arena, capacity, n_out * sizeof(float))
                                          : pass->q[l];
        widest = n_out > widest ? n_out : widest;
    }
    for (int i = 0; with_backward && i < 2; i++)
        pass->delta[i] = ip_arena_alloc(arena, capacity, widest * sizeof(float));
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

static void add_noise(double sd, ip_rng *rng, size_t n, const float *q, float *t)
{
    assert(rng->key[2] != 0); /* the stream has begun */
    for (size_t i = 0; i < n; i++)
        t[i] = (float)((double)q[i] + sd * ip_rng_normal(rng));
}

/* Computes f of a hidden layer from z, q from f, and t from q. */
static void activate(const ip_network *network, ip_pass *pass, size_t l, size_t n)
{
    const size_t count = n * network->layers[l].n_out;
    network->activation->forward(count, pass->z[l], pass->f[l]);
    if (is_quantized(network, l))
        ip_activation_quantize(network->activation, network->bits, count, pass->f[l], pass->q[l]);
    if (is_noisy(network, l))
        add_noise(network->noise, &pass->noise[l], count, pass->q[l], pass->t[l]);
}

/* delta = dLoss/dz of hidden layer l from dLoss/dt. */
static void activate_backward(const ip_network *network, const ip_pass *pass, size_t l, size_t n,
                              float *delta)
{
    const size_t count = n * network->layers[l].n_out;
    network->activation->backward(count, pass->z[l], pass->f[l], delta);
    if (is_quantized(network, l))
        ip_quantizer_backward(network->activation, count, pass->f[l], delta);
}

/* The input of layer l, (n, n_in). */
static const float *layer_input(const ip_pass *pass, size_t l, const float *x)
{
    return l == 0 ? x : pass->t[l - 1];
}

static ip_cmat layer_weights(const ip_network *network, size_t l)
{
    const ip_layer *layer = &network->layers[l];
    return ip_cmat_view(network->parameters + layer->w, layer->n_in, layer->n_out);
}

/* row += b for each of the n rows at z. */
static void add_bias(size_t n, size_t n_out, const float *b, float *z)
{
    for (size_t i = 0; i < n; i++, z += n_out)
        for (size_t j = 0; j < n_out; j++)
            z[j] += b[j];
}

/* db = sum of the n rows of delta. */
static void sum_rows(size_t n, size_t n_out, const float *delta, float *db)
{
    for (size_t j = 0; j < n_out; j++) {
        double sum = 0.0;
        for (size_t i = 0; i < n; i++)
            sum += (double)delta[i * n_out + j];
        db[j] = (float)sum;
    }
}

/* z = t_prev W + b, then f(z), q and t */
static void forward_layer(const ip_network *network, ip_pass *pass, size_t l, size_t n,
                          const float *x)
{
    const ip_layer *layer = &network->layers[l];
    float *z = pass->z[l];
    ip_mat_multiply(false, ip_cmat_view(layer_input(pass, l, x), n, layer->n_in), false,
                    layer_weights(network, l), 0.0F, ip_mat_view(z, n, layer->n_out));
    add_bias(n, layer->n_out, network->parameters + layer->b, z);
    if (is_hidden(network, l))
        activate(network, pass, l, n);
    else
        ip_output_forward(network, n, z, pass->t[l]);
}

/* dW = t_prev^T delta, db = sum of rows; then delta_prev = (delta W^T) f'(z_prev), but not for x.
 */
static void backward_layer(const ip_network *network, const ip_pass *pass, size_t l, size_t n,
                           const float *x, const float *delta, float *delta_prev, float *gradient)
{
    const ip_layer *layer = &network->layers[l];
    const ip_cmat d = ip_cmat_view(delta, n, layer->n_out);
    ip_mat_multiply(true, ip_cmat_view(layer_input(pass, l, x), n, layer->n_in), false, d, 0.0F,
                    ip_mat_view(gradient + layer->w, layer->n_in, layer->n_out));
    sum_rows(n, layer->n_out, delta, gradient + layer->b);
    if (l == 0)
        return;
    ip_mat_multiply(false, d, true, layer_weights(network, l), 0.0F,
                    ip_mat_view(delta_prev, n, layer->n_in));
    activate_backward(network, pass, l - 1, n, delta_prev);
}

void ip_network_forward(const ip_network *network, ip_pass *pass, size_t n, const float *x)
{
    assert(n >= 1 && n <= pass->capacity);
    for (size_t l = 0; l < network->n_layers; l++)
        forward_layer(network, pass, l, n, x);
}

void ip_network_backward(const ip_network *network, ip_pass *pass, size_t n, const float *x,
                         const float *targets, float *gradient)
{
    assert(n >= 1 && n <= pass->capacity && pass->delta[0] != NULL);
    const size_t last = network->n_layers - 1;
    float *delta = pass->delta[0];
    float *delta_prev = pass->delta[1];
    ip_output_backward(network, n, pass->t[last], targets, delta);
    for (size_t l = network->n_layers; l-- > 0;) {
        backward_layer(network, pass, l, n, x, delta, delta_prev, gradient);
        float *swapped = delta;
        delta = delta_prev;
        delta_prev = swapped;
    }
}
