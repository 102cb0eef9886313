/* kde_ladder.c - sums of Gaussians over all pairs of points, for several variances at once
 *
 * Distances are sums of squared differences in double: no cancellation, however far from 0 the
 *   points lie and however near to one another. Each distance is taken once, and each exponential
 *   serves both points and all labels; that of a quarter of the variance is its fourth power.
 * Cost: m^2 / 2 (3 d + (exponential + 4 c) v) operations for m points and v variances; pairs too
 *   far apart for the widest variance cost their distance only. */
#include "info/kde_internal.h"
#include <math.h>
#include <string.h>

enum {
    MOST_EXPONENT = 64, /* m e^-64 is far below rounding */
    MOST_LINKS = 4      /* each multiplies the rounding error of an exponential by 4 */
};

ip_kde_rung *ip_kde_find(const ip_kde_ladder *l, double variance)
{
    for (size_t r = 0; r < l->n; r++) {
        if (l->rungs[r].variance == variance)
            return &l->rungs[r];
    }
    return NULL;
}

void ip_kde_add(ip_kde_ladder *l, double variance)
{
    if (ip_kde_find(l, variance) != NULL)
        return;
    size_t at = l->n++;
    for (; at > 0 && l->rungs[at - 1].variance < variance; at--)
        l->rungs[at] = l->rungs[at - 1];
    l->rungs[at] = (ip_kde_rung){.variance = variance};
}

/* Products with 4 are exact, so that variances that look related are. */
void ip_kde_link(ip_kde_ladder *l, size_t n_sums, double *sums, double *e)
{
    for (size_t r = 0; r < l->n; r++) {
        ip_kde_rung *one = &l->rungs[r];
        one->sums = sums + r * n_sums;
        one->e = e + r * IP_KDE_STRIP;
        one->wider = ip_kde_find(l, 4 * one->variance);
        if (one->wider != NULL && one->wider->links == MOST_LINKS)
            one->wider = NULL;
        one->links = one->wider != NULL ? one->wider->links + 1 : 0;
    }
}

/* Squared distances of n points, from `first`, from point i. */
static void take_distances(const ip_kde_cloud *points, size_t i, size_t first, size_t n,
                           double *restrict squares)
{
    memset(squares, 0, n * sizeof *squares);
    for (size_t k = 0; k < points->d; k++) {
        const double *t = points->t + k * points->n;
        for (size_t j = 0; j < n; j++) {
            const double difference = t[first + j] - t[i];
            squares[j] += difference * difference;
        }
    }
}

static bool is_any_near(const ip_kde_ladder *l, size_t n)
{
    const double reach = 2 * MOST_EXPONENT * l->rungs[0].variance;
    double nearest = l->squares[0];
    for (size_t j = 1; j < n; j++)
        nearest = l->squares[j] < nearest ? l->squares[j] : nearest;
    return nearest < reach;
}

static void take_exponentials(const ip_kde_rung *one, size_t n, const double *restrict squares)
{
    if (one->wider != NULL) {
        for (size_t j = 0; j < n; j++) {
            const double square = one->wider->e[j] * one->wider->e[j];
            one->e[j] = square * square;
        }
        return;
    }
    for (size_t j = 0; j < n; j++) {
        const double exponent = squares[j] / (2 * one->variance);
        one->e[j] = exponent < MOST_EXPONENT ? exp(-exponent) : 0;
    }
}

/* In four parts, which the compiler may take at once. */
static double dot(size_t n, const double *a, const double *b)
{
    double sums[4] = {0};
    size_t j = 0;
    for (; j + 4 <= n; j += 4) {
        for (size_t part = 0; part < 4; part++)
            sums[part] += a[j + part] * b[j + part];
    }
    for (; j < n; j++)
        sums[0] += a[j] * b[j];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/* Adds what point i and n points from `first` are to one another. */
static void add_pairs(const ip_kde_cloud *points, size_t i, size_t first, size_t n,
                      const ip_kde_rung *one)
{
    for (size_t y = 0; y < points->c; y++) {
        const double *w = points->w + y * points->n;
        const double w_i = w[i];
        double *restrict sums = one->sums + y * points->n;
        sums[i] += dot(n, one->e, w + first);
        for (size_t j = 0; w_i != 0 && j < n; j++)
            sums[first + j] += w_i * one->e[j];
    }
}

/* The sums of all rungs. Every pair once, a strip of points at a time with all before them. */
void ip_kde_sum_pairs(const ip_kde_cloud *points, const ip_kde_ladder *l)
{
    for (size_t r = 0; r < l->n; r++) /* each point with itself */
        memcpy(l->rungs[r].sums, points->w, points->n * points->c * sizeof(double));
    for (size_t strip = 0; strip < points->n; strip += IP_KDE_STRIP) {
        const size_t end = points->n - strip < IP_KDE_STRIP ? points->n : strip + IP_KDE_STRIP;
        for (size_t i = 0; i + 1 < end; i++) {
            const size_t first = i < strip ? strip : i + 1;
            take_distances(points, i, first, end - first, l->squares);
            if (!is_any_near(l, end - first))
                continue;
            for (size_t r = 0; r < l->n; r++) {
                take_exponentials(&l->rungs[r], end - first, l->squares);
                add_pairs(points, i, first, end - first, &l->rungs[r]);
            }
        }
    }
}
