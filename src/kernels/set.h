/* set.h - the kernels as one table; every set_*.c includes this text once, for its instructions */
#ifndef KERNELS_SET_H
#define KERNELS_SET_H

#include "kernels/activations.h"
#include "kernels/bins.h"
#include "kernels/dense.h"
#include "kernels/distances.h"
#include "kernels/gather.h"
#include "kernels/noise.h"
#include "kernels/pairs.h"
#include "kernels/sets.h"

static void softmax(size_t n_out, size_t n, size_t stride, const float *z, float *t)
{
    for (size_t i = 0; i < n; i += N_LANES) {
        lanes top = load(z + i);
        for (size_t m = 1; m < n_out; m++)
            top = most(top, load(z + m * stride + i));
        lanes sum = {0};
        for (size_t m = 0; m < n_out; m++) {
            const lanes e = exp_of_negative(load(z + m * stride + i) - top);
            store(t + m * stride + i, e);
            sum += e;
        }
        for (size_t m = 0; m < n_out; m++)
            store(t + m * stride + i, load(t + m * stride + i) / sum);
    }
}

/* Defines the set `symbol`. */
#define IP_KERNEL_SET(symbol, set_name, set_results)                                               \
    const ip_kernels symbol = {.name = (set_name),                                                 \
                               .results = (set_results),                                           \
                               .gather = gather,                                                   \
                               .values = values,                                                   \
                               .gradient = gradient,                                               \
                               .softmax = softmax,                                                 \
                               .pair_sums = pair_sums,                                             \
                               .noise_sums = noise_sums,                                           \
                               .cell_distances = cell_distances,                                   \
                               .cell_below = cell_below,                                           \
                               .cell_larger = cell_larger,                                         \
                               .guess_bins = guess_bins,                                           \
                               .find_range = find_range,                                           \
                               .elementwise = {IP_ACTIVATION_LIST(IP_ELEMENTWISE_ENTRY)}}
#define IP_ELEMENTWISE_ENTRY(name) [IP_ELEMENTWISE_##name] = {name##_forward, name##_backward},

#endif
