/* test_gradients.c - the backward pass against finite differences of another forward pass
 *
 * The differences are taken of an independent network in double precision, so their own error is
 * about 1e-9 and the tolerance is that of the float program under test. */
#include "check.h"
#include "infoplane/network.h"
#include <float.h>

enum { MAX_WIDTH = 9, MAX_ROWS = 9, MAX_LAYERS = 4, MAX_PARAMETERS = 512, SHAPES = 25 };

/* ---- the activations again, in double, from their definitions ---- */

static double relu(double z)
{
    return fmax(z, 0.0);
}
static double leaky_relu(double z)
{
    return fmax(z, 0.01 * z);
}
static double elu(double z)
{
    return z > 0.0 ? z : exp(z) - 1.0;
}
static double selu(double z)
{
    const double lambda = 1.0507009873554804934;
    const double alpha = 1.6732632423543772848;
    return z > 0.0 ? lambda * z : lambda * alpha * (exp(z) - 1.0);
}
static double gelu(double z)
{
    return 0.5 * z * (1.0 + erf(z / sqrt(2.0)));
}
static double sigmoid(double z)
{
    return 1.0 / (1.0 + exp(-z));
}
static double swish(double z)
{
    return z * sigmoid(z);
}
static double hard_tanh(double z)
{
    return fmin(fmax(z, -1.0), 1.0);
}
static double softplus(double z)
{
    return log(1.0 + exp(z));
}
static double softsign(double z)
{
    return z / (1.0 + fabs(z));
}
static double linear(double z)
{
    return z;
}

/* In the order of the program's own list. */
static double (*const activations[])(double z) = {
    tanh, relu, leaky_relu, elu, selu, gelu, swish, sigmoid, hard_tanh, softplus, softsign, linear};

/* ---- a case: a random network with random rows ---- */

typedef struct problem {
    ip_network network;
    int activation;
    size_t n;
    float x[MAX_ROWS * MAX_WIDTH];
    float targets[MAX_ROWS * MAX_WIDTH];
    double parameters[MAX_PARAMETERS];
} problem;

/* One layer of one row, and the distance of its pre-activations from the kinks at -1, 0 and 1. */
static void reference_layer(const problem *p, size_t l, const double *in, double *out,
                            double *nearest_kink)
{
    const ip_layer *layer = &p->network.layers[l];
    for (size_t j = 0; j < layer->n_out; j++) {
        double z = p->parameters[layer->b + j];
        for (size_t i = 0; i < layer->n_in; i++)
            z += in[i] * p->parameters[layer->w + i * layer->n_out + j];
        out[j] = z;
        if (l + 1 < p->network.n_layers) {
            out[j] = activations[p->activation](z);
            *nearest_kink = fmin(*nearest_kink, fmin(fabs(z), fabs(fabs(z) - 1.0)));
        }
    }
}

/* -sum_y target log p of one row's logits. */
static double reference_row_loss(const problem *p, const double *z, const float *target)
{
    if (p->network.output == IP_OUTPUT_SIGMOID)
        return -(double)target[1] * log(sigmoid(z[0])) - (double)target[0] * log(sigmoid(-z[0]));
    double sum = 0.0;
    double loss = 0.0;
    for (size_t j = 0; j < p->network.n_classes; j++)
        sum += exp(z[j]);
    for (size_t j = 0; j < p->network.n_classes; j++)
        loss -= (double)target[j] * log(exp(z[j]) / sum);
    return loss;
}

static double reference_loss(const problem *p, double *nearest_kink)
{
    double loss = 0.0;
    *nearest_kink = (double)INFINITY;
    for (size_t i = 0; i < p->n; i++) {
        double values[2][MAX_WIDTH] = {{0}};
        for (size_t j = 0; j < p->network.n_inputs; j++)
            values[0][j] = (double)p->x[i * p->network.n_inputs + j];
        for (size_t l = 0; l < p->network.n_layers; l++)
            reference_layer(p, l, values[l % 2], values[(l + 1) % 2], nearest_kink);
        loss += reference_row_loss(p, values[p->network.n_layers % 2],
                                   p->targets + i * p->network.n_classes);
    }
    return loss / (double)p->n;
}

static size_t between(ip_rng *rng, size_t least, size_t most)
{
    return least + ip_rng_below(rng, (uint32_t)(most - least + 1));
}

static void draw_shape(ip_rng *rng, ip_output output, problem *p, ip_arena *arena)
{
    ip_network_options options = {.activation = p->activation, .output = (int)output};
    options.hidden.n = between(rng, 0, MAX_LAYERS - 1);
    for (size_t l = 0; l < options.hidden.n; l++)
        options.hidden.at[l] = (uint32_t)between(rng, 1, MAX_WIDTH);
    const size_t n_inputs = between(rng, 1, MAX_WIDTH);
    const size_t n_classes = output == IP_OUTPUT_SIGMOID ? 2 : between(rng, 2, 4);
    p->n = between(rng, 1, MAX_ROWS);
    CHECK(ip_network_init(&p->network, &options, n_inputs, n_classes, arena, NULL) == IP_OK);
    CHECK(p->network.n_parameters <= MAX_PARAMETERS);
}

/* Soft targets of random rows. */
static void draw_targets(ip_rng *rng, problem *p)
{
    for (size_t i = 0; i < p->n; i++) {
        float *target = p->targets + i * p->network.n_classes;
        double rest = 1.0;
        for (size_t j = 0; j + 1 < p->network.n_classes; j++) {
            target[j] = (float)(rest * ip_rng_uniform(rng));
            rest -= (double)target[j];
        }
        target[p->network.n_classes - 1] = (float)rest;
    }
}

/* Numbers for the shape, drawn again until no pre-activation is near a kink, where a difference
 * would mix the slopes of both sides. */
static void draw_numbers(ip_rng *rng, problem *p)
{
    double nearest_kink = 0.0;
    while (nearest_kink < 1e-3) {
        for (size_t i = 0; i < p->n * p->network.n_inputs; i++)
            p->x[i] = (float)ip_rng_normal(rng);
        for (size_t i = 0; i < p->network.n_parameters; i++) {
            p->network.parameters[i] = (float)(0.5 * ip_rng_normal(rng));
            p->parameters[i] = (double)p->network.parameters[i];
        }
        reference_loss(p, &nearest_kink);
    }
    draw_targets(rng, p);
}

/* dLoss/dp_k by central differences: with h = 1e-5 the truncation error h^2/6 f''' and the rounding
 * error 1e-16 / h are both below 1e-9. */
static double difference(problem *p, size_t k)
{
    const double h = 1e-5;
    const double kept = p->parameters[k];
    double nearest_kink;
    p->parameters[k] = kept + h;
    const double above = reference_loss(p, &nearest_kink);
    p->parameters[k] = kept - h;
    const double below = reference_loss(p, &nearest_kink);
    p->parameters[k] = kept;
    return (above - below) / (2.0 * h);
}

/* A gradient passes up to 4 layers, each with at most fan_in + fan_out + n + 8 = 35 roundings of
 * relative size u. Being independent they add like sqrt(140) u = 12 u of the absolute terms, and
 * those exceed the largest gradient by what cancellation takes away, here at most 4 times: 48 u =
 * 2.9e-6 of the largest gradient (a wrong formula errs by its own size). Gradients that vanish have
 * terms below 1: the floor is 2 u. */
static void check_gradient(problem *p, ip_arena *arena)
{
    static float gradient[MAX_PARAMETERS];
    double expected[MAX_PARAMETERS];
    double largest = 0.0;
    ip_pass pass;
    CHECK(ip_pass_init(&pass, &p->network, MAX_ROWS, true, arena, NULL) == IP_OK);
    const ip_batch batch = {p->n, NULL, p->x, p->targets};
    ip_network_forward(&p->network, &pass, &batch);
    double nearest_kink;
    CHECK_NEAR(ip_network_loss(&p->network, &pass, &batch), reference_loss(p, &nearest_kink), 1e-5);
    memset(gradient, 0x7f, sizeof gradient);
    ip_network_backward(&p->network, &pass, &batch, gradient);
    for (size_t k = 0; k < p->network.n_parameters; k++) {
        expected[k] = difference(p, k);
        largest = fmax(largest, fabs(expected[k]));
    }
    const double u = 0.5 * (double)FLT_EPSILON;
    const double tolerance = 48.0 * u * largest + 2.0 * u;
    for (size_t k = 0; k < p->network.n_parameters; k++)
        CHECK_REPORT(fabs((double)gradient[k] - expected[k]) <= tolerance,
                     "%s %s: parameter %zu of %zu: %.9g, expected %.9g",
                     ip_activation_name((size_t)p->activation),
                     ip_output_name((size_t)p->network.output), k, p->network.n_parameters,
                     (double)gradient[k], expected[k]);
}

int main(void)
{
    CHECK_COUNT(ip_names_count(ip_activation_name), sizeof activations / sizeof activations[0]);
    for (uint64_t i = 0; i < ip_names_count(ip_activation_name) * SHAPES; i++) {
        static problem p;
        ip_arena arena = {0};
        ip_rng rng = ip_rng_make(2, IP_PURPOSE_TEST, i);
        p.activation = (int)(i / SHAPES);
        draw_shape(&rng, i % 2 == 0 ? IP_OUTPUT_SOFTMAX : IP_OUTPUT_SIGMOID, &p, &arena);
        draw_numbers(&rng, &p);
        check_gradient(&p, &arena);
        ip_arena_release(&arena);
    }
    return check_finish();
}
