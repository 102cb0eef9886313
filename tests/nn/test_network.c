/* test_network.c - the layout of a network, and what touches its weights but not its biases */
#include "check.h"
#include "infoplane/network.h"
#include <float.h>

static const ip_network_options small = {.hidden = {2, {3, 2}}};

static ip_network make(const ip_network_options *options, size_t n_inputs, ip_arena *arena)
{
    ip_network network;
    CHECK(ip_network_init(&network, options, n_inputs, 2, arena, NULL) == IP_OK);
    return network;
}

static void layers_follow_one_another(void)
{
    ip_arena arena = {0};
    const ip_network network = make(&small, 4, &arena);
    CHECK_COUNT(network.n_layers, 3);
    CHECK_COUNT(network.n_parameters, 4 * 3 + 3 + 3 * 2 + 2 + 2 * 2 + 2);
    CHECK_COUNT(network.layers[0].w, 0);
    CHECK_COUNT(network.layers[0].b, 12);
    CHECK_COUNT(network.layers[1].w, 15);
    CHECK_COUNT(network.layers[1].b, 21);
    CHECK_COUNT(network.layers[2].w, 23);
    CHECK_COUNT(network.layers[2].b, 27);
    CHECK_COUNT(network.layers[1].n_in, 3);
    CHECK_COUNT(network.layers[1].n_out, 2);
    CHECK_COUNT(network.n_inputs, 4);
    for (size_t i = 0; i < network.n_parameters; i++)
        CHECK_NEAR((double)network.parameters[i], 0.0, 0.0);
    ip_arena_release(&arena);
}

static void sigmoid_output_has_one_unit(void)
{
    ip_arena arena = {0};
    const ip_network_options options = {.hidden = {1, {3}}, .output = IP_OUTPUT_SIGMOID};
    const ip_network network = make(&options, 4, &arena);
    CHECK_COUNT(network.layers[1].n_out, 1);
    CHECK_COUNT(network.n_classes, 2);
    CHECK_STR(ip_output_name(IP_OUTPUT_SOFTMAX), "softmax");
    CHECK_STR(ip_output_name(IP_OUTPUT_SIGMOID), "sigmoid");
    CHECK(ip_output_name(2) == NULL);
    ip_arena_release(&arena);
}

static void no_hidden_layer_is_fine(void)
{
    ip_arena arena = {0};
    const ip_network_options options = {0};
    const ip_network network = make(&options, 4, &arena);
    CHECK_COUNT(network.n_layers, 1);
    CHECK_COUNT(network.n_parameters, 4 * 2 + 2);
    ip_arena_release(&arena);
}

/* Neither a size that no memory holds nor one that cannot be counted ends the program. */
static void too_large_is_an_error(void)
{
    const ip_network_options options = {.hidden = {1, {1000}}};
    const size_t sizes[] = {SIZE_MAX, SIZE_MAX / 1000, SIZE_MAX / 2000};
    for (size_t i = 0; i < 3; i++) {
        ip_arena arena = {0};
        ip_network network;
        ip_error err;
        CHECK(ip_network_init(&network, &options, sizes[i], 2, &arena, &err) == IP_ERR_MEMORY);
        CHECK(err.status == IP_ERR_MEMORY && strlen(err.text) > 0);
        ip_arena_release(&arena);
    }
}

static void too_large_a_pass_is_an_error(void)
{
    ip_arena arena = {0};
    const ip_network network = make(&small, 4, &arena);
    ip_pass pass;
    ip_error err;
    CHECK(ip_pass_init(&pass, &network, SIZE_MAX / 8, true, &arena, &err) == IP_ERR_MEMORY);
    ip_arena_release(&arena);
}

static void a_pass_takes_only_what_it_needs(void)
{
    ip_arena arena = {0};
    const ip_network network = make(&small, 4, &arena);
    ip_pass forward;
    ip_pass both;
    CHECK(ip_pass_init(&forward, &network, 5, false, &arena, NULL) == IP_OK);
    CHECK(ip_pass_init(&both, &network, 5, true, &arena, NULL) == IP_OK);
    CHECK(forward.delta[0] == NULL && forward.delta[1] == NULL);
    CHECK(both.delta[0] != NULL && both.delta[1] != NULL);
    CHECK_COUNT(both.capacity, 5);
    ip_arena_release(&arena);
}

/* Sets parameter i to i + 1 and tells which are biases. */
static bool is_bias(const ip_network *network, size_t i)
{
    for (size_t l = 0; l < network->n_layers; l++)
        if (i >= network->layers[l].b && i < network->layers[l].b + network->layers[l].n_out)
            return true;
    return false;
}

static void count_up(const ip_network *network)
{
    for (size_t i = 0; i < network->n_parameters; i++)
        network->parameters[i] = (float)(i + 1);
}

/* l2 = 1/4 is exact in binary, and so is every result. */
static void l2_pulls_at_weights_only(void)
{
    ip_arena arena = {0};
    const ip_network network = make(&small, 4, &arena);
    float gradient[64];
    count_up(&network);
    for (size_t i = 0; i < network.n_parameters; i++)
        gradient[i] = -8.0F;
    ip_network_add_l2(&network, 0.25, gradient);
    for (size_t i = 0; i < network.n_parameters; i++) {
        const double pull = is_bias(&network, i) ? 0.0 : 0.25 * (double)(i + 1);
        CHECK_NEAR((double)gradient[i], pull - 8.0, 0.0);
        CHECK_NEAR((double)network.parameters[i], (double)(i + 1), 0.0);
    }
    ip_arena_release(&arena);
}

static void decay_shrinks_weights_only(void)
{
    ip_arena arena = {0};
    ip_network network = make(&small, 4, &arena);
    count_up(&network);
    ip_network_decay(&network, 0.5, 0.25);
    for (size_t i = 0; i < network.n_parameters; i++) {
        const double factor = is_bias(&network, i) ? 1.0 : 0.875;
        CHECK_NEAR((double)network.parameters[i], factor * (double)(i + 1), 0.0);
    }
    ip_arena_release(&arena);
}

/* Sums of squares 1..12, 16..21, 24..27 by hand: 650, 2071, 2606. */
static void weight_norm_leaves_biases_out(void)
{
    ip_arena arena = {0};
    const ip_network network = make(&small, 4, &arena);
    count_up(&network);
    CHECK_NEAR(ip_network_weight_norm(&network, 0), sqrt(650.0), 1e-14);
    CHECK_NEAR(ip_network_weight_norm(&network, 1), sqrt(2071.0), 1e-14);
    CHECK_NEAR(ip_network_weight_norm(&network, 2), sqrt(2606.0), 1e-14);
    network.parameters[0] = 1e30F; /* whose square no float holds */
    CHECK_NEAR(ip_network_weight_norm(&network, 0), 1e30, 1e30 * (double)FLT_EPSILON);
    network.parameters[20] = NAN;
    CHECK(isnan(ip_network_weight_norm(&network, 1)));
    ip_arena_release(&arena);
}

int main(void)
{
    layers_follow_one_another();
    sigmoid_output_has_one_unit();
    no_hidden_layer_is_fine();
    too_large_is_an_error();
    too_large_a_pass_is_an_error();
    a_pass_takes_only_what_it_needs();
    l2_pulls_at_weights_only();
    decay_shrinks_weights_only();
    weight_norm_leaves_biases_out();
    return check_finish();
}
