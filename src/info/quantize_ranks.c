/* quantize_ranks.c - codes by the order of a layer's activations
 *
 * What: rules equal_freq and ebab: the bins follow the layer. The activations are sorted once for
 *   all requests of a sample; both rules are steps of t, so each gives edges.
 * Cost: O(M) time for M activations, sorted digit by digit, then a search each among the edges. */
#include "info/quantize.h"
#include <math.h>
#include <string.h>

/* ---- order ---- */

enum { DIGIT_BITS = 12, N_DIGITS = 1 << DIGIT_BITS };

/* Numbers as whole numbers of the same order, and back. */
static uint64_t key_of(double t)
{
    const double number = t + 0.0; /* -0 becomes 0 */
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    return bits >> 63 ? ~bits : bits | 1ULL << 63;
}

static double number_of(uint64_t key)
{
    const uint64_t bits = key >> 63 ? key & ~(1ULL << 63) : ~key;
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

/* Keys in the order of a digit, those of equal digits as before. */
static void sort_by_digit(size_t n, const uint64_t *keys, unsigned shift, size_t *starts,
                          uint64_t *to)
{
    memset(starts, 0, N_DIGITS * sizeof *starts);
    for (size_t i = 0; i < n; i++)
        starts[keys[i] >> shift & (N_DIGITS - 1)]++;
    size_t start = 0;
    for (size_t digit = 0; digit < N_DIGITS; digit++) {
        const size_t count = starts[digit];
        starts[digit] = start;
        start += count;
    }
    for (size_t i = 0; i < n; i++)
        to[starts[keys[i] >> shift & (N_DIGITS - 1)]++] = keys[i];
}

/* Bits in which some keys differ. */
static uint64_t bits_that_differ(size_t n, const uint64_t *keys)
{
    uint64_t differ = 0;
    for (size_t i = 0; i < n; i++)
        differ |= keys[i] ^ keys[0];
    return differ;
}

/* Digits in which all keys agree are left out: what was single precision has few. Returns where the
 * sorted keys lie, keys or other. */
static uint64_t *sort_keys(size_t n, uint64_t *keys, uint64_t *other, size_t *starts)
{
    uint64_t differ = bits_that_differ(n, keys);
    while (differ != 0) {
        const unsigned shift = (unsigned)__builtin_ctzll(differ);
        sort_by_digit(n, keys, shift, starts, other);
        uint64_t *sorted = other;
        other = keys;
        keys = sorted;
        differ =
            shift + DIGIT_BITS < 64 ? differ >> (shift + DIGIT_BITS) << (shift + DIGIT_BITS) : 0;
    }
    return keys;
}

/* Two rooms for the keys, and one for where each digit starts. */
size_t ip_quantize_sorting(size_t n)
{
    return 2 * n + N_DIGITS;
}

static const double *sort(ip_quantizer *quantizer)
{
    const size_t n = quantizer->sample->n * quantizer->sample->d;
    if (quantizer->is_sorted)
        return quantizer->sorted;
    uint64_t *keys = (uint64_t *)(void *)quantizer->sorted;
    size_t *starts = (size_t *)(void *)(quantizer->sorted + 2 * n);
    for (size_t i = 0; i < n; i++)
        keys[i] = key_of(quantizer->sample->t[i]);
    const uint64_t *sorted = sort_keys(n, keys, keys + n, starts);
    for (size_t i = 0; i < n; i++) {
        const double number = number_of(sorted[i]);
        memcpy(&quantizer->sorted[i], &number, sizeof number);
    }
    quantizer->is_sorted = true;
    return quantizer->sorted;
}

/* ---- rules ---- */

ip_status ip_quantize_equal_freq(ip_reading *r, unsigned *flags, ip_error *err)
{
    (void)err;
    const size_t m = r->quantizer->sample->n * r->quantizer->sample->d;
    const uint64_t bins = r->options->bins;
    const double *sorted = sort(r->quantizer);
    double *edges = r->quantizer->edges;
    size_t n_edges = 0;
    for (uint64_t j = 1; j < bins && m > 0; j++) {
        const size_t place = (size_t)(((__uint128_t)j * m + bins - 1) / bins);
        /* What is above the one is not below the next number. */
        const double edge = nextafter(sorted[place > 0 ? place - 1 : 0], (double)INFINITY);
        if (n_edges == 0 || edge != edges[n_edges])
            edges[++n_edges] = edge;
    }
    const ip_ruler ruler = ip_ruler_make(edges, n_edges + 1);
    ip_reading_begin(r, 0, ruler.n);
    ip_reading_take(r, &ruler, 0, 1);
    *flags |= IP_FLAG_MOVING;
    return IP_OK;
}

/* The different ones of the sorted activations; a layer that has two zeros counts none of them. */
typedef struct values {
    double *at; /* ascending, 0 left out where it is apart */
    size_t n;
    bool zero_apart;
} values;

static values drop_repeats(ip_quantizer *quantizer)
{
    const size_t m = quantizer->sample->n * quantizer->sample->d;
    const double *sorted = sort(quantizer);
    values v = {.at = quantizer->sorted + m};
    size_t zeros = 0;
    for (size_t i = 0; i < m; i++) {
        v.at[v.n] = sorted[i];
        v.n += i + 1 == m || sorted[i + 1] != sorted[i];
        zeros += sorted[i] == 0.0;
    }
    v.zero_apart = zeros > 1;
    if (!v.zero_apart)
        return v;
    size_t kept = 0;
    for (size_t i = 0; i < v.n; i++) {
        if (v.at[i] != 0.0)
            v.at[kept++] = v.at[i];
    }
    v.n = kept;
    return v;
}

/* Codes above are those of the others: 0 itself has none of them. */
static void set_zeros_apart(const ip_reading *r)
{
    const ip_sample *sample = r->quantizer->sample;
    for (size_t i = 0; i < sample->n * sample->d; i++) {
        if (r->codes->narrow != NULL)
            r->codes->narrow[i] = (uint8_t)(sample->t[i] == 0.0 ? 0 : r->codes->narrow[i] + 1);
        else
            r->codes->wide[i] = sample->t[i] == 0.0 ? 0 : r->codes->wide[i] + 1;
    }
}

ip_status ip_quantize_ebab(ip_reading *r, unsigned *flags, ip_error *err)
{
    (void)err;
    const values v = drop_repeats(r->quantizer);
    const size_t share = r->options->bins - v.zero_apart;
    double *edges = r->quantizer->edges;
    for (size_t code = 1; code < share; code++) {
        const size_t first = (size_t)(((__uint128_t)code * v.n + share - 1) / share);
        edges[code] = first < v.n ? v.at[first] : (double)INFINITY;
    }
    const ip_ruler ruler = ip_ruler_make(edges, share);
    ip_reading_begin(r, 0, r->options->bins);
    ip_reading_take(r, &ruler, 0, 1);
    if (v.zero_apart)
        set_zeros_apart(r);
    *flags |= IP_FLAG_MOVING;
    return IP_OK;
}
