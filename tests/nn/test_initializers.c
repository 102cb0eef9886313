/* test_initializers.c - the distribution of initial weights, and what it may depend on */
#include "check.h"
#include "infoplane/network.h"
#include <float.h>

enum { ORTHOGONAL = 5, WIDE = 300, HIGH = 200 };

static float weights[WIDE * HIGH];
static double scratch[WIDE * HIGH];

static void fill(size_t index, size_t n_in, size_t n_out, uint64_t seed)
{
    ip_rng rng = ip_rng_make(seed, IP_PURPOSE_TEST, index);
    ip_initializer_at(index)->fill(n_in, n_out, 0.25, &rng, scratch, weights);
}

/* Theory for fan_in = 300, fan_out = 200: variance, kurtosis, and the bound no weight exceeds. The
 * normal distribution cut at 2 deviations has variance 0.7737413 and kurtosis 2.3655367 (by
 * scipy.stats.truncnorm; -0.6344633 + 3). A normal number from 53 bits stays below 8.6. */
static const struct {
    const char *name;
    double variance, kurtosis, bound;
} theory[] = {
    {"lecun-truncated", 0.7737413 / 300, 2.3655367, 0.11547005384 * (1 + 1e-7)},
    {"glorot-uniform", 2.0 / 500, 1.8, 0.10954451150 * (1 + 1e-7)},
    {"glorot-normal", 2.0 / 500, 3.0, 8.6 * 0.063246},
    {"he-uniform", 2.0 / 300, 1.8, 0.14142135624 * (1 + 1e-7)},
    {"he-normal", 2.0 / 300, 3.0, 8.6 * 0.081650},
    {"orthogonal", 1.0 / 300, 3.0, 1.0},
    {"normal", 0.0625, 3.0, 8.6 * 0.25},
};

/* Mean and variance within 4 standard errors: sd / sqrt n, and variance sqrt((kurtosis - 1) / n).
 * (Orthogonal weights are tied together, which makes both errors smaller.) */
static void check_moments(size_t index)
{
    const size_t n = (size_t)WIDE * HIGH;
    double sum = 0.0;
    double sum_squares = 0.0;
    double largest = 0.0;
    fill(index, WIDE, HIGH, 11);
    for (size_t i = 0; i < n; i++) {
        sum += (double)weights[i];
        sum_squares += (double)weights[i] * (double)weights[i];
        largest = fmax(largest, fabs((double)weights[i]));
    }
    const double variance = theory[index].variance;
    const double kurtosis = theory[index].kurtosis;
    CHECK_STR(ip_initializer_name(index), theory[index].name);
    CHECK_NEAR(sum / (double)n, 0.0, 4.0 * sqrt(variance / (double)n));
    CHECK_NEAR(sum_squares / (double)n, variance,
               4.0 * variance * sqrt((kurtosis - 1.0) / (double)n));
    CHECK_REPORT(largest <= theory[index].bound, "%s: a weight of %g exceeds %g",
                 theory[index].name, largest, theory[index].bound);
}

/* Columns of a tall matrix, rows of a wide one are orthonormal. Each weight is rounded to float
 * once, so a product of two unit vectors errs by at most 2 u, u = FLT_EPSILON / 2. */
static void check_orthonormal(size_t n_in, size_t n_out)
{
    const bool tall = n_in >= n_out;
    const size_t length = tall ? n_in : n_out;
    const size_t count = tall ? n_out : n_in;
    const size_t along = tall ? n_out : 1;
    const size_t across = tall ? 1 : n_out;
    double worst = 0.0;
    fill(ORTHOGONAL, n_in, n_out, 12);
    for (size_t a = 0; a < count; a++) {
        for (size_t b = 0; b < count; b++) {
            double product = a == b ? -1.0 : 0.0;
            for (size_t i = 0; i < length; i++)
                product += (double)weights[a * across + i * along] *
                           (double)weights[b * across + i * along];
            worst = fmax(worst, fabs(product));
        }
    }
    CHECK_REPORT(worst <= (double)FLT_EPSILON, "%zu x %zu is orthonormal within %g only", n_in,
                 n_out, worst);
}

/* Uniformly distributed orthogonal 2 x 2 matrices favour no direction and no orientation: over 4000
 * seeds the mean of an element (variance 1/2) and of the determinant (+-1) are 0 within 4 standard
 * errors. */
static void orthogonal_favours_no_direction(void)
{
    const int draws = 4000;
    double corner[4] = {0};
    double determinant = 0.0;
    for (int i = 0; i < draws; i++) {
        fill(ORTHOGONAL, 2, 2, (uint64_t)i);
        for (size_t k = 0; k < 4; k++)
            corner[k] += (double)weights[k] / draws;
        determinant += (double)(weights[0] * weights[3] - weights[1] * weights[2]) / (double)draws;
    }
    for (size_t k = 0; k < 4; k++)
        CHECK_NEAR(corner[k], 0.0, 4.0 * sqrt(0.5 / draws));
    CHECK_NEAR(determinant, 0.0, 4.0 * sqrt(1.0 / draws));
}

static ip_network make(const ip_network_options *options, uint64_t seed, ip_arena *arena)
{
    ip_network network;
    CHECK(ip_network_init(&network, options, 12, 2, arena, NULL) == IP_OK);
    for (size_t i = 0; i < network.n_parameters; i++)
        network.parameters[i] = 7.0F;
    CHECK(ip_network_initialize(&network, options, seed, NULL) == IP_OK);
    return network;
}

static bool same_bits(const void *a, const void *b, size_t n_floats)
{
    return memcmp(a, b, n_floats * sizeof(float)) == 0;
}

static bool same_weights(const ip_network *a, const ip_network *b, size_t l)
{
    const size_t n = a->layers[l].n_in * a->layers[l].n_out;
    return same_bits(a->parameters + a->layers[l].w, b->parameters + b->layers[l].w, n);
}

/* A layer's weights are a function of seed, layer number and its own shape; biases start at 0. */
static void layers_depend_on_nothing_else(int initializer)
{
    const ip_network_options options = {
        .hidden = {3, {10, 7, 5}}, .initializer = initializer, .initializer_sd = 0.25};
    const ip_network_options shorter = {
        .hidden = {2, {10, 7}}, .initializer = initializer, .initializer_sd = 0.25};
    ip_arena arena = {0};
    const ip_network first = make(&options, 3, &arena);
    const ip_network again = make(&options, 3, &arena);
    const ip_network other_seed = make(&options, 4, &arena);
    const ip_network other_shape = make(&shorter, 3, &arena);
    CHECK(same_bits(first.parameters, again.parameters, first.n_parameters));
    for (size_t l = 0; l < first.n_layers; l++) {
        const ip_layer *layer = &first.layers[l];
        CHECK(!same_weights(&first, &other_seed, l));
        for (size_t j = 0; j < layer->n_out; j++)
            CHECK_NEAR((double)first.parameters[layer->b + j], 0.0, 0.0);
    }
    CHECK(same_weights(&first, &other_shape, 0) && same_weights(&first, &other_shape, 1));
    CHECK(!same_bits(first.parameters, first.parameters + first.layers[1].w, 16));
    ip_arena_release(&arena);
}

int main(void)
{
    const size_t count = sizeof theory / sizeof theory[0];
    CHECK_COUNT(ip_names_count(ip_initializer_name), count);
    CHECK(ip_initializer_at(count) == NULL);
    for (size_t i = 0; i < count; i++) {
        check_moments(i);
        layers_depend_on_nothing_else((int)i);
        CHECK(ip_initializer_at(i)->needs_sd == (strcmp(theory[i].name, "normal") == 0));
        CHECK(strlen(ip_initializer_at(i)->summary) > 0);
        CHECK(strlen(ip_initializer_at(i)->source) > 0);
    }
    check_orthonormal(60, 17);
    check_orthonormal(17, 60);
    check_orthonormal(40, 40);
    check_orthonormal(1, 1);
    check_orthonormal(1, 9);
    check_orthonormal(9, 1);
    orthogonal_favours_no_direction();
    return check_finish();
}
