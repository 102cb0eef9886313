/* ruler.c - the bin of a number, by comparisons with edges
 *
 * Where edges lie evenly, a kernel guesses the bins of a block of numbers by a product each, in
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
    return (ip_ruler){.edges = edges, .n = n};
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
    ruler->even = (ip_even_bins){(float)lo, (float)ruler->per_unit, (float)doubt, ruler->n};
    ruler->is_even = true;
}

/* By the edge nearest to the place in bins, which is off by less than half a bin. */
static void settle(const ip_ruler *ruler, const double *restrict t, int32_t *restrict bins)
{
    const double most = (double)ruler->n;
    for (size_t i = 0; i < IP_BIN_BLOCK; i++) {
        const double at = (t[i] - ruler->lo) * ruler->per_unit;
        const double above = at > 0.0 ? at : 0.0;
        const int32_t nearest = (int32_t)((above < most ? above : most) + 0.5);
        bins[i] = nearest - (ruler->edges[nearest] > t[i]);
    }
}

static void search(const ip_ruler *ruler, const double *restrict t, int32_t *restrict bins)
{
    for (size_t i = 0; i < IP_BIN_BLOCK; i++) {
        const double *at = ruler->edges; /* the last edge not above t is one of `left` from here */
        for (size_t left = ruler->n; left > 1; left -= left / 2)
            at += at[left / 2] <= t[i] ? left / 2 : 0;
        bins[i] = (int32_t)(at - ruler->edges);
    }
}

void ip_ruler_read(const ip_ruler *ruler, const double *t, int32_t *bins)
{
    if (!ruler->is_even)
        search(ruler, t, bins);
    else if (!ip_kernels_in_use()->guess_bins(&ruler->even, t, bins))
        settle(ruler, t, bins);
}
