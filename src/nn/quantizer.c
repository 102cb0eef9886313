/* quantizer.c - activations rounded to 2^bits levels, and what of a gradient passes the rounding
 *
 * What: levels and edges are quotients of whole numbers, each rounded once, so a code is the same
 *   on every machine; a product only guesses it, and comparisons with the edges decide.
 * Cost: three divisions an activation.
 * Limits: ranges that are whole numbers. The levels do not follow the activations: those of an
 *   unbounded one are cut off at its range.
 * Checked by: tests/nn/test_quantizer.c, tests/lab/test_lab_numpy.py. */
#include "nn/quantizer.h"
#include <assert.h>
#include <math.h>

typedef struct scale {
    double lo, hi;
    double last; /* K, the highest code */
} scale;

static double level(const scale *s, double k)
{
    return (s->lo * (s->last - k) + s->hi * k) / s->last;
}

/* Where code j begins. */
static double edge(const scale *s, double j)
{
    return (s->lo * (2 * s->last - 2 * j + 1) + s->hi * (2 * j - 1)) / (2 * s->last);
}

/* The guess is hardly ever off, and by one at most. */
static double code_of(const scale *s, double f)
{
    double k = floor((f - s->lo) * (s->last / (s->hi - s->lo)) + 0.5);
    k = k > 0 ? k : 0;
    k = k < s->last ? k : s->last;
    while (k < s->last && edge(s, k + 1) <= f)
        k++;
    while (k > 0 && edge(s, k) > f)
        k--;
    return k;
}

bool ip_activation_has_range(const ip_activation *activation)
{
    return activation->lo < activation->hi;
}

void ip_activation_quantize(const ip_activation *activation, uint64_t bits, size_t n,
                            const float *f, float *q)
{
    assert(bits >= 1 && bits <= IP_MAX_BITS && ip_activation_has_range(activation));
    const scale s = {activation->lo, activation->hi, (double)((UINT64_C(1) << bits) - 1)};
    for (size_t i = 0; i < n; i++)
        q[i] = isnan(f[i]) ? f[i] : (float)level(&s, code_of(&s, (double)f[i]));
}

void ip_quantizer_backward(const ip_activation *activation, size_t n, const float *f, float *delta)
{
    const float lo = (float)activation->lo;
    const float hi = (float)activation->hi;
    for (size_t i = 0; i < n; i++)
        delta[i] = f[i] <= lo || f[i] >= hi ? 0.0F : delta[i];
}
