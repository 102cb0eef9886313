/* kde_ladder.c - sums of Gaussians over all pairs of points, for several variances at once
 *
 * Distances are sums of squared differences in double: no cancellation, however far from 0 the
 *   points lie and however near to one another. Each distance is taken once, and each exponential
 *   serves both points; that of a quarter of the variance is its fourth power. Pairs of blocks too
 *   far apart for the widest variance cost their distances only.
 * Cost: m^2 / 2 (2 d + (exponential + 2 labels of a block) v) operations for m points and v
 *   variances. */
#include "info/kde_internal.h"
#include <math.h>
#include <string.h>

enum {
    MOST_EXPONENT = 64, /* m e^-64 is far below rounding */
    MOST_LINKS = 4      /* each multiplies the rounding error of an exponential by 4 */
};

void ip_kde_cut(ip_cut *at, size_t most_rungs, const ip_sample *sizes, ip_kde_ladder *l)
{
    const size_t n_sums = most_rungs * sizes->c;
    l->rungs = ip_cut_take(at, most_rungs, sizeof *l->rungs);
    l->pair_rungs = ip_cut_take(at, most_rungs, sizeof *l->pair_rungs);
    l->sums = ip_cut_take(at, n_sums * ip_pair_stride(sizes->n), sizeof *l->sums);
    l->row_sums = ip_cut_take(at, n_sums * IP_PAIR_ROW_SUMS, sizeof *l->row_sums);
}

ip_kde_rung *ip_kde_find(const ip_kde_ladder *l, double variance)
{
    for (size_t r = 0; r < l->n; r++) {
        if (l->rungs[r].variance == variance)
            return &l->rungs[r];
    }
    return NULL;
}

/* Moves the rung `from` to the place `to` before it; those between go one place on. */
static void move(ip_kde_ladder *l, size_t from, size_t to)
{
    const ip_kde_rung one = l->rungs[from];
    memmove(l->rungs + to + 1, l->rungs + to, (from - to) * sizeof one);
    l->rungs[to] = one;
}

void ip_kde_add(ip_kde_ladder *l, double variance)
{
    if (ip_kde_find(l, variance) != NULL)
        return;
    size_t at = l->n;
    while (at > 0 && l->rungs[at - 1].variance < variance)
        at--;
    l->rungs[l->n++] = (ip_kde_rung){.variance = variance};
    move(l, l->n - 1, at);
}

/* Products with 4 are exact, so that variances that look related are. */
void ip_kde_link(ip_kde_ladder *l)
{
    size_t links = 0;
    for (size_t r = 0; r < l->n; r++) {
        size_t next = r;
        while (r > 0 && next < l->n && 4 * l->rungs[next].variance != l->rungs[r - 1].variance)
            next++;
        const bool is_linked = r > 0 && next < l->n && links < MOST_LINKS;
        links = is_linked ? links + 1 : 0;
        if (is_linked)
            move(l, next, r);
        const double variance = l->rungs[r].variance;
        l->pair_rungs[r] = (ip_pair_rung){.factor = -M_LOG2E / (2 * variance),
                                          .reach = 2 * MOST_EXPONENT * variance,
                                          .is_fourth_power = is_linked};
    }
}

void ip_kde_sum_pairs(const ip_cloud *cloud, const ip_kde_ladder *l)
{
    for (size_t r = 0; r < l->n; r++)
        l->pair_rungs[r].sums = l->sums + r * cloud->blocks.c * cloud->blocks.stride;
    ip_kernels_in_use()->pair_sums(&(ip_pairs){cloud->blocks, l->n, l->pair_rungs, l->row_sums});
}
