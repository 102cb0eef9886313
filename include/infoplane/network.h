/* network.h - multilayer perceptrons: weights, forward and backward pass
 *
 * Activations, initialisers and optimisers are tables: one file with one const entry and one line
 * in the list adds one. Letters: B rows of a batch, l a layer from 0 (the last is the output), z =
 * t_prev W + b its pre-activation, f(z) its activation, q that quantised, t = q + noise what the
 * next layer sees (without bits q is f(z), without noise t is q), delta = dLoss/dz. */
#ifndef INFOPLANE_NETWORK_H
#define INFOPLANE_NETWORK_H

#include "infoplane/arena.h"
#include "infoplane/field.h"
#include "infoplane/matrix.h"
#include "infoplane/random.h"

/* ---- options, as the spec gives them ---- */

typedef enum ip_output { IP_OUTPUT_SOFTMAX, IP_OUTPUT_SIGMOID } ip_output;
ip_name_at ip_output_name;

typedef struct ip_network_options {
    ip_widths hidden;
    int activation;
    int initializer;
    double initializer_sd; /* NaN = not given */
    int output;            /* ip_output */
    double noise;  /* sd of what is added to the activations of the hidden layers; 0 = none */
    uint64_t bits; /* of their activations, 1 .. IP_MAX_BITS; 0 = not quantised */
} ip_network_options;

enum { IP_MAX_BITS = 16 };

typedef enum ip_schedule { IP_SCHEDULE_CONSTANT, IP_SCHEDULE_STEP, IP_SCHEDULE_COSINE } ip_schedule;
ip_name_at ip_schedule_name;
typedef enum ip_shuffle { IP_SHUFFLE_EPOCH, IP_SHUFFLE_NONE, IP_SHUFFLE_REPLACEMENT } ip_shuffle;
ip_name_at ip_shuffle_name;

typedef struct ip_training_options {
    uint64_t epochs;
    int optimizer;
    double momentum, beta1, beta2, epsilon;
    double rate;
    uint64_t batch; /* 0 = the whole training set */
    int shuffle;    /* ip_shuffle */
    int targets;    /* ip_target_rule of dataset.h */
    double l2;
    int schedule;         /* ip_schedule */
    uint64_t step_epochs; /* 0 = not given */
    double step_factor;
    uint64_t threads; /* of OpenBLAS; another number, other last bits */
} ip_training_options;

/* Learning rate during epoch e = 1 .. epochs: constant: rate; step: rate *
 * factor^floor((e-1)/step_epochs); cosine: rate/2 * (1 + cos(pi (e-1)/epochs)). */
double ip_schedule_rate(const ip_training_options *options, uint64_t epoch);

/* ---- tables ---- */

typedef struct ip_activation {
    const char *name, *summary, *source;
    double lo, hi; /* whole numbers: range it is quantised on; both 0: it has none */
} ip_activation;
const ip_activation *ip_activation_at(size_t index); /* NULL past the end */
ip_name_at ip_activation_name;

/* t = f(z), and delta *= f'(z) where t = f(z); n elements, no array overlaps another. Errors of the
 * functions in units in the last place: kernels/elementary.h. */
void ip_activation_forward(const ip_activation *activation, size_t n, const float *z, float *t);
void ip_activation_backward(const ip_activation *activation, size_t n, const float *z,
                            const float *t, float *delta);

/* Whether the activation can be quantised. */
bool ip_activation_has_range(const ip_activation *activation);

/* Rounds n activations to the nearest of 2^bits levels, bits 1 .. IP_MAX_BITS, of an activation
 * that has a range. With K = 2^bits - 1, level k = 0 .. K is (lo (K - k) + hi k) / K rounded to
 * float, so both ends of the range are levels; edge j = 1 .. K is (lo (2K - 2j + 1) + hi (2j - 1))
 * / 2K in double; f gets level number #{j: edge j <= f}. What lies outside the range gets its end,
 * a NaN stays one. On [-1, 1] levels and edges are symmetric, 0 is an edge and goes up; on [0, ...]
 * 0 is a level. Source: Zhou et al., "DoReFa-Net", arXiv 1606.06160, Eq. 5, with the edges stated.
 */
void ip_activation_quantize(const ip_activation *activation, uint64_t bits, size_t n,
                            const float *f, float *q);

typedef struct ip_initializer {
    const char *name, *summary, *source;
    bool needs_sd;
    /* Fills w (n_in, n_out), drawing from rng only. sd as given in the spec. scratch: n_in * n_out
     * doubles. */
    void (*fill)(size_t n_in, size_t n_out, double sd, ip_rng *rng, double *scratch, float *w);
} ip_initializer;
const ip_initializer *ip_initializer_at(size_t index);
ip_name_at ip_initializer_name;

typedef struct ip_optimizer {
    const char *name, *summary, *source;
    size_t n_state;       /* floats of state per parameter */
    bool decoupled_decay; /* l2 shrinks the weights directly instead of entering the gradient */
    /* One update. p, g (n); state (n_state, n) zero before the first; step from 1; rate already
     * scheduled. */
    void (*step)(const ip_training_options *options, double rate, uint64_t step, size_t n, float *p,
                 const float *g, float *state);
} ip_optimizer;
const ip_optimizer *ip_optimizer_at(size_t index);
ip_name_at ip_optimizer_name;

/* ---- a network ---- */

typedef struct ip_layer {
    size_t n_in, n_out;
    size_t w; /* offset of W (n_in, n_out) row-major in the parameter block */
    size_t b; /* offset of b (n_out) */
} ip_layer;

typedef struct ip_network {
    size_t n_layers; /* hidden layers and the output */
    ip_layer layers[IP_MAX_HIDDEN + 1];
    size_t n_inputs, n_classes;
    ip_output output; /* softmax: n_classes units; sigmoid: one unit, the probability of class 1 */
    const ip_activation *activation;
    uint64_t bits; /* of the hidden layers' activations; 0 = not quantised */
    double noise;  /* sd of what is added to them; 0 = none */
    size_t n_parameters;
    float *parameters; /* all W and b in one block, layer by layer, W before b */
} ip_network;

/* Lays the network out; the caller gives it memory for its n_parameters. The sigmoid output needs
 * two classes. Errors: IP_ERR_MEMORY when they are too many to count. */
ip_status ip_network_layout(ip_network *network, const ip_network_options *options, size_t n_inputs,
                            size_t n_classes, ip_error *err) IP_CHECKED;

/* The same, and takes zeroed parameters from the arena. Errors: IP_ERR_MEMORY. */
ip_status ip_network_init(ip_network *network, const ip_network_options *options, size_t n_inputs,
                          size_t n_classes, ip_arena *arena, ip_error *err) IP_CHECKED;

/* Draws the weights of every layer from streams (seed, IP_PURPOSE_WEIGHTS, layer) and zeroes the
 * biases. Errors: IP_ERR_MEMORY. */
ip_status ip_network_initialize(ip_network *network, const ip_network_options *options,
                                uint64_t seed, ip_error *err) IP_CHECKED;

/* The values a pass leaves behind, for up to `capacity` rows. They lie unit by unit: unit j of row
 * i at j * stride + i, so that the rows of a batch fill the lanes of a vector; stride as kernels.h
 * wants it. Behind the units of x and of each t stands one more that is always 1, whose weights are
 * the biases. Where nothing is quantised q is the same memory as f, where nothing is added t the
 * same as q. */
typedef struct ip_pass {
    size_t capacity, stride;
    float *x;                    /* inputs */
    float *z[IP_MAX_HIDDEN + 1]; /* of each layer; the output's logits last */
    float *f[IP_MAX_HIDDEN + 1]; /* activations; the output's probabilities last */
    float *q[IP_MAX_HIDDEN + 1]; /* quantised: the layer before its own noise */
    float *t[IP_MAX_HIDDEN + 1]; /* with its noise: what the next layer sees */
    ip_rng noise[IP_MAX_HIDDEN]; /* where the noise of each hidden layer goes on */
    float *delta[2];             /* of the widest layer, only where with_backward was asked */
} ip_pass;

/* Memory of a pass for up to capacity rows, from the arena. Errors: IP_ERR_MEMORY. */
ip_status ip_pass_init(ip_pass *pass, const ip_network *network, size_t capacity,
                       bool with_backward, ip_arena *arena, ip_error *err) IP_CHECKED;

/* Begins the noise of every hidden layer at the start of stream (seed, purpose, 2^16 number +
 * layer): the passes that follow draw it row after row, unit after unit, however the rows are cut
 * into batches. Needed before the first pass of a network with noise. */
void ip_pass_seed_noise(ip_pass *pass, const ip_network *network, uint64_t seed, ip_purpose purpose,
                        uint64_t number);

/* Rows of a table that pass through the network together. Row i of the batch is row rows[i] of x
 * (.., n_inputs) and of targets (.., n_classes), or row i where rows is NULL. Nothing is copied or
 * owned. */
typedef struct ip_batch {
    size_t n;
    const uint32_t *rows;
    const float *x;
    const float *targets; /* p(y | x); ip_network_forward needs none */
} ip_batch;

/* The row of the table where row i of the batch is. */
static inline size_t ip_batch_row(const ip_batch *batch, size_t i)
{
    return batch->rows != NULL ? batch->rows[i] : i;
}

/* Runs n <= capacity rows through the network; fills x, z, f, q and t of the pass. Narrow layers
 * are computed by the kernels in use, wide ones by OpenBLAS. Noise: t = q + noise N(0, 1), in
 * double, rounded to float. */
void ip_network_forward(const ip_network *network, ip_pass *pass, const ip_batch *batch);

/* Mean over the rows of -sum_y target log p, in nats, computed from the logits that
 * ip_network_forward of this batch left, in double precision (so that a confident network gives no
 * infinity). */
double ip_network_loss(const ip_network *network, const ip_pass *pass, const ip_batch *batch);

/* Mean over the rows of target[argmax of the output], ties to the lower class. */
double ip_network_accuracy(const ip_network *network, const ip_pass *pass, const ip_batch *batch);

/* Gradient of that mean loss at the parameters and batch of the last ip_network_forward, into
 * gradient (n_parameters, laid out as the parameters, overwritten). l2 is no part of it. A
 * quantiser passes the gradient as it is between the ends of its range and stops it there: dt/dz is
 * taken as f'(z) where lo < f(z) < hi, else 0. Noise passes it as it is. Source: the
 * straight-through estimator of Bengio, Leonard, Courville, arXiv 1308.3432; range as in Hubara et
 * al., arXiv 1609.07061. */
void ip_network_backward(const ip_network *network, ip_pass *pass, const ip_batch *batch,
                         float *gradient);

/* gradient += l2 W on the weights, not on the biases: the gradient of l2/2 |W|^2. */
void ip_network_add_l2(const ip_network *network, double l2, float *gradient);

/* W *= 1 - rate * l2 on the weights, not on the biases (decoupled decay). Source: Loshchilov,
 * Hutter, "Decoupled weight decay regularization", ICLR 2019. */
void ip_network_decay(ip_network *network, double rate, double l2);

/* Frobenius norm of W of layer l, summed in double. */
double ip_network_weight_norm(const ip_network *network, size_t l);

#endif
