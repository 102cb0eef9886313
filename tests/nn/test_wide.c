/* test_wide.c - the gradient of networks of narrow and wide layers, whatever was passed before
 *
 * Wide layers are multiplied by OpenBLAS, narrow ones by each set of kernels. Expected values are
 * the formulas in double precision, one row at a time. Sums of up to 1500 floats are off by some
 * sqrt(1500) 2^-24 = 2.3e-6 of the largest; 1e-5 is allowed. */
#include "infoplane/matrix.h"
#include "infoplane/network.h"
#include <kernel_sets.h>

enum { ROWS = 40, MOST_IN = 64, CLASSES = 3, MOST_WIDTH = 1500 };

static float x[ROWS * MOST_IN], targets[ROWS * CLASSES];

static void fill(void)
{
    ip_rng rng = ip_rng_make(11, IP_PURPOSE_TEST, 0);
    for (size_t i = 0; i < ROWS * MOST_IN; i++)
        x[i] = (float)ip_rng_normal(&rng);
    for (size_t i = 0; i < ROWS; i++)
        targets[i * CLASSES + i % CLASSES] = 1;
}

/* t[l] of one row: its inputs, then each layer's activations, the last one's z. */
static void forward(const ip_network *network, const float *row, double t[][MOST_WIDTH])
{
    for (size_t k = 0; k < network->n_inputs; k++)
        t[0][k] = (double)row[k];
    for (size_t l = 0; l < network->n_layers; l++) {
        const ip_layer *layer = &network->layers[l];
        for (size_t m = 0; m < layer->n_out; m++) {
            double z = (double)network->parameters[layer->b + m];
            for (size_t k = 0; k < layer->n_in; k++)
                z += t[l][k] * (double)network->parameters[layer->w + k * layer->n_out + m];
            t[l + 1][m] = l + 1 < network->n_layers ? tanh(z) : z;
        }
    }
}

/* dLoss/dz of the output: softmax less target. */
static void output_delta(const double *z, const float *target, size_t n, double *delta)
{
    double sum = 0;
    for (size_t c = 0; c < CLASSES; c++)
        sum += exp(z[c]);
    for (size_t c = 0; c < CLASSES; c++)
        delta[c] = (exp(z[c]) / sum - (double)target[c]) / (double)n;
}

/* Adds the gradient of one of n rows. */
static void add_row(const ip_network *network, size_t i, size_t n, double *gradient)
{
    static double t[IP_MAX_HIDDEN + 2][MOST_WIDTH], delta[2][MOST_WIDTH];
    double *now = delta[0], *before = delta[1];
    forward(network, x + i * network->n_inputs, t);
    output_delta(t[network->n_layers], targets + i * CLASSES, n, now);
    for (size_t l = network->n_layers; l-- > 0;) {
        const ip_layer *layer = &network->layers[l];
        for (size_t m = 0; m < layer->n_out; m++)
            gradient[layer->b + m] += now[m];
        for (size_t k = 0; k < layer->n_in; k++) {
            double sum = 0;
            for (size_t m = 0; m < layer->n_out; m++) {
                const size_t at = layer->w + k * layer->n_out + m;
                gradient[at] += t[l][k] * now[m];
                sum += (double)network->parameters[at] * now[m];
            }
            before[k] = sum * (1 - t[l][k] * t[l][k]);
        }
        double *kept = now;
        now = before;
        before = kept;
    }
}

/* The gradient of the first n rows, after a pass of all rows or of none. */
static void check_gradient(const ip_network *network, size_t n, bool is_used)
{
    ip_arena arena = {0};
    ip_error err = {0};
    ip_pass pass;
    CHECK(ip_pass_init(&pass, network, ROWS, true, &arena, &err) == IP_OK);
    float *seen = ip_arena_alloc(&arena, network->n_parameters, sizeof *seen);
    double *expected = ip_arena_alloc(&arena, network->n_parameters, sizeof *expected);
    ip_batch batch = {ROWS, NULL, x, targets};
    for (int k = is_used ? 0 : 1; k < 2; k++) {
        batch.n = k == 0 ? ROWS : n;
        ip_network_forward(network, &pass, &batch);
        ip_network_backward(network, &pass, &batch, seen);
    }
    for (size_t i = 0; i < n; i++)
        add_row(network, i, n, expected);
    double worst = 0, largest = 0;
    for (size_t i = 0; i < network->n_parameters; i++) {
        worst = fmax(worst, fabs((double)seen[i] - expected[i]));
        largest = fmax(largest, fabs(expected[i]));
    }
    CHECK_REPORT(worst <= 1e-5 * largest, "%zu of %d rows, %s: off by %g of %g", n, ROWS,
                 is_used ? "after all" : "first", worst, largest);
    ip_arena_release(&arena);
}

static void check(const ip_kernels *set)
{
    static const struct {
        size_t n_inputs;
        ip_widths hidden;
    } networks[] = {
        {12, {2, {20, 1500}}},     /* narrow, wide, narrow */
        {12, {3, {200, 200, 4}}},  /* the same with one more behind */
        {30, {2, {1000, 20}}},     /* wide first */
        {64, {3, {500, 100, 300}}} /* wide throughout */
    };
    (void)set;
    for (size_t k = 0; k < IP_LENGTH(networks); k++) {
        ip_arena arena = {0};
        ip_error err = {0};
        ip_network network;
        const ip_network_options options = {.hidden = networks[k].hidden};
        CHECK(ip_network_init(&network, &options, networks[k].n_inputs, CLASSES, &arena, &err) ==
              IP_OK);
        CHECK(ip_network_initialize(&network, &options, 3, &err) == IP_OK);
        for (size_t n = 1; n <= ROWS; n += n < 16 ? 5 : 11) {
            check_gradient(&network, n, false);
            check_gradient(&network, n, true);
        }
        ip_arena_release(&arena);
    }
}

int main(void)
{
    ip_error err = {0};
    CHECK(ip_blas_use_threads(1, &err) == IP_OK);
    fill();
    for_every_set(check);
    return check_finish();
}
