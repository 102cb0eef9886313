/* ruler.c - the bin of a number, by comparisons with edges
 *
 * Where edges lie evenly, a flat loop guesses the bins of a block of numbers by a product each, in
 * single precision. Rounding can mislead it only close to an edge; a block that has such a number
 * is read again, each number against the edge nearest to it. No loop has jumps that depend on the
 * numbers, which saturated activations would make slow. Cost: under 1 ns a number, read again 2 ns;
 * without a guess a search of log2 n steps. */
#include "info/ruler.h"
#include <float.h>
#include <math.h>

ip_ruler ip_ruler_make(double *edges, size_t n)
{
    edges[0] = (double)-INFINITY;
    edges[n] = (double)INFINITY;
    return (ip_ruler){.edges = edges, .n = n, .doubt = (double)NAN};
}

/* Roundings of t, lo, per_unit and their product: 8 half units of the width and the largest edge at
 * most. What single precision cannot hold is searched. */
void ip_ruler_guess(ip_ruler *ruler, double lo, double width, double n_widths, double error)
{
    const double bin = width / n_widths;
    const double largest = fmax(fabs(lo), fabs(lo + width));
    const double doubt = (4 * (double)FLT_EPSILON * (width + largest) + error) / bin;
    if (!(bin > 0x1p-100) || !(width + largest < 0x1p100) || !(doubt < 0.25))
        return;
    ruler->lo = lo;
    ruler->per_unit = n_widths / width;
    ruler->doubt = doubt;
}

/* False: some number lies too near an edge to be sure. The end bins hold what lies outside: no
 * place is nearer than half a bin to where they end. */
static bool guess(const ip_ruler *ruler, const double *restrict t, int32_t *restrict bins)
{
    const float lo = (float)ruler->lo, per_unit = (float)ruler->per_unit;
    const float least = 0.5F, most = (float)ruler->n - 0.5F, sure = (float)(0.5 - ruler->doubt);
    float place[IP_RULER_BLOCK];
    for (size_t i = 0; i < IP_RULER_BLOCK; i++) {
        const float at = ((float)t[i] - lo) * per_unit;
        const float above = at > least ? at : least;
        place[i] = above < most ? above : most;
    }
    for (size_t i = 0; i < IP_RULER_BLOCK; i++)
        bins[i] = (int32_t)place[i];
    int32_t doubtful = 0;
    for (size_t i = 0; i < IP_RULER_BLOCK; i++)
        doubtful |= fabsf(place[i] - (float)bins[i] - 0.5F) > sure;
    return doubtful == 0;
}

/* By the edge nearest to the place in bins, which is off by less than half a bin. */
static void settle(const ip_ruler *ruler, const double *restrict t, int32_t *restrict bins)
{
    const double most = (double)ruler->n;
    for (size_t i = 0; i < IP_RULER_BLOCK; i++) {
        const double at = (t[i] - ruler->lo) * ruler->per_unit;
        const double above = at > 0.0 ? at : 0.0;
        const int32_t nearest = (int32_t)((above < most ? above : most) + 0.5);
        bins[i] = nearest - (ruler->edges[nearest] > t[i]);
    }
}

static void search(const ip_ruler *ruler, const double *restrict t, int32_t *restrict bins)
{
    for (size_t i = 0; i < IP_RULER_BLOCK; i++) {
        const double *at = ruler->edges; /* the last edge not above t is one of `left` from here */
        for (size_t left = ruler->n; left > 1; left -= left / 2)
            at += at[left / 2] <= t[i] ? left / 2 : 0;
        bins[i] = (int32_t)(at - ruler->edges);
    }
}

void ip_ruler_read(const ip_ruler *ruler, const double *t, int32_t *bins)
{
    if (isnan(ruler->doubt))
        search(ruler, t, bins);
    else if (!guess(ruler, t, bins))
        settle(ruler, t, bins);
}
