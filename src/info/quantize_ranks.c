/* quantize_ranks.c - codes by the order of a layer's activations
 *
 * What: rules equal_freq and ebab: the bins follow the layer. The activations are sorted once for
 *   all requests of a sample.
 * Cost: O(M log M) for M activations, then a binary search each. */
#include "info/quantize.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static const double *sort(ip_quantizer *quantizer)
{
    const size_t n = quantizer->sample->n * quantizer->sample->d;
    if (!quantizer->is_sorted) {
        memcpy(quantizer->sorted, quantizer->sample->t, n * sizeof *quantizer->sorted);
        qsort(quantizer->sorted, n, sizeof *quantizer->sorted, compare);
        quantizer->is_sorted = true;
    }
    return quantizer->sorted;
}

/* How many of the n ascending numbers are below t. */
static size_t count_below(size_t n, const double *ascending, double t)
{
    size_t low = 0;
    while (n > 0) {
        const size_t half = n / 2;
        if (ascending[low + half] < t) {
            low += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    return low;
}

void ip_quantize_equal_freq(ip_quantizer *quantizer, uint64_t bins, int64_t *codes)
{
    const size_t m = quantizer->sample->n * quantizer->sample->d;
    const double *sorted = sort(quantizer);
    double *edges = quantizer->edges;
    size_t n_edges = 0;
    for (uint64_t j = 1; j < bins; j++) {
        const size_t place = (size_t)(((__uint128_t)j * m + bins - 1) / bins);
        const double edge = sorted[place > 0 ? place - 1 : 0];
        if (n_edges == 0 || edge != edges[n_edges - 1])
            edges[n_edges++] = edge;
    }
    for (size_t i = 0; i < m; i++)
        codes[i] = (int64_t)count_below(n_edges, edges, quantizer->sample->t[i]);
}

/* Moves the different ones of n ascending numbers to the front; returns how many. */
static size_t drop_repeats(size_t n, double *ascending)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (kept == 0 || ascending[i] != ascending[kept - 1])
            ascending[kept++] = ascending[i];
    }
    return kept;
}

static size_t count_zeros(size_t n, const double *ascending)
{
    size_t i = count_below(n, ascending, 0.0), zeros = 0;
    while (i + zeros < n && ascending[i + zeros] == 0.0)
        zeros++;
    return zeros;
}

/* Uses up the sorted activations. */
void ip_quantize_ebab(ip_quantizer *quantizer, uint64_t bins, int64_t *codes)
{
    const size_t m = quantizer->sample->n * quantizer->sample->d;
    sort(quantizer);
    double *values = quantizer->sorted;
    const bool zero_apart = count_zeros(m, values) > 1;
    const size_t v = drop_repeats(m, values);
    const size_t below_zero = count_below(v, values, 0.0);
    const size_t shared = v - zero_apart, share = bins - zero_apart;
    quantizer->is_sorted = false;
    for (size_t i = 0; i < m; i++) {
        const double t = quantizer->sample->t[i];
        size_t r = count_below(v, values, t);
        r -= zero_apart && r > below_zero; /* 0 is not counted among the others */
        const size_t code = shared == 0 ? 0 : (size_t)((__uint128_t)r * share / shared);
        codes[i] = zero_apart && t == 0.0 ? 0 : (int64_t)(code + zero_apart);
    }
}
