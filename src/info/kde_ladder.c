/* kde_ladder.c - sums of Gaussians over all pairs of points, for several variances at once
 *
 * Distances are sums of squared differences in double: no cancellation, however far from 0 the
 *   points lie and however near to one another. Each distance is taken once, and each exponential
 *   serves both points; that of a quarter of the variance is its fourth power. Points of one label,
 *   and near ones among them, stand together, so that a block of them has few labels and pairs of
 *   blocks too far apart cost their distances only.
 * Cost: m^2 / 2 (2 d + (exponential + 2 labels of a block) v) operations for m points and v
 *   variances. */
#include "info/kde_internal.h"
#include "infoplane/neighbours.h"
#include <float.h>
#include <math.h>
#include <string.h>

enum {
    MOST_EXPONENT = 64, /* m e^-64 is far below rounding */
    MOST_LINKS = 4      /* each multiplies the rounding error of an exponential by 4 */
};

void ip_kde_cut(ip_cut *at, size_t most_rungs, const ip_sample *sizes, ip_kde_ladder *l,
                ip_kde_cloud *cloud)
{
    const size_t stride = ip_pair_stride(sizes->n);
    l->rungs = ip_cut_take(at, most_rungs, sizeof *l->rungs);
    l->pair_rungs = ip_cut_take(at, most_rungs, sizeof *l->pair_rungs);
    cloud->order = ip_cut_take(at, sizes->n, sizeof *cloud->order);
    cloud->t = ip_cut_take(at, sizes->d * stride, sizeof *cloud->t);
    cloud->w = ip_cut_take(at, sizes->c * stride, sizeof *cloud->w);
    cloud->w_all = ip_cut_take(at, stride, sizeof *cloud->w_all);
    cloud->sums = ip_cut_take(at, most_rungs * sizes->c * stride, sizeof *cloud->sums);
    cloud->row_sums =
        ip_cut_take(at, most_rungs * sizes->c * IP_PAIR_ROW_SUMS, sizeof *cloud->row_sums);
    cloud->labels = ip_cut_take(at, stride / IP_PAIR_BLOCK, sizeof *cloud->labels);
}

/* ---- rungs ---- */

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

/* ---- points ---- */

/* Takes the activations of the points in the order, and forgets all weights. */
static void begin(const ip_points *points, size_t n, size_t c, ip_kde_cloud *cloud)
{
    cloud->n = n;
    cloud->d = points->d;
    cloud->c = c;
    cloud->stride = ip_pair_stride(n);
    for (size_t k = 0; k < cloud->d; k++) {
        double *t = cloud->t + k * cloud->stride;
        for (size_t i = 0; i < cloud->stride; i++)
            t[i] = points->t[k * points->m + cloud->order[i < n ? i : n - 1]];
    }
    memset(cloud->w, 0, c * cloud->stride * sizeof *cloud->w);
    memset(cloud->w_all, 0, cloud->stride * sizeof *cloud->w_all);
}

/* Finds the labels of each block. */
static void end(ip_kde_cloud *cloud)
{
    for (size_t block = 0; block < cloud->stride / IP_PAIR_BLOCK; block++) {
        ip_label_range *labels = &cloud->labels[block];
        *labels = (ip_label_range){0, 0};
        for (size_t y = 0; y < cloud->c; y++) {
            const double *w = cloud->w + y * cloud->stride + block * IP_PAIR_BLOCK;
            double most = 0;
            for (size_t i = 0; i < IP_PAIR_BLOCK; i++)
                most = fmax(most, w[i]);
            if (most > 0)
                *labels = (ip_label_range){labels->end > 0 ? labels->first : y, y + 1};
        }
    }
}

static size_t main_label(const ip_points *points, size_t i)
{
    size_t best = 0;
    for (size_t y = 1; y < points->c; y++) {
        if (points->w_y[y * points->m + i] > points->w_y[best * points->m + i])
            best = y;
    }
    return best;
}

void ip_kde_take_points(const ip_points *points, ip_kde_cloud *cloud)
{
    size_t n = 0;
    for (size_t y = 0; y < points->c; y++) {
        const size_t first = n;
        for (size_t i = 0; i < points->m; i++) {
            if (main_label(points, i) == y)
                cloud->order[n++] = (uint32_t)i;
        }
        ip_order_by_place(n - first, points->d, points->t, points->m, IP_PAIR_BLOCK,
                          cloud->order + first);
    }
    begin(points, n, points->c, cloud);
    for (size_t i = 0; i < n; i++) {
        for (size_t y = 0; y < points->c; y++)
            cloud->w[y * cloud->stride + i] = points->w_y[y * points->m + cloud->order[i]];
        cloud->w_all[i] = points->w[cloud->order[i]];
    }
    end(cloud);
}

void ip_kde_take_input(const ip_points *points, size_t x, ip_kde_cloud *cloud)
{
    const size_t first = points->first[x];
    const size_t n = points->first[x + 1] - first;
    memcpy(cloud->order, points->point + first, n * sizeof *cloud->order);
    begin(points, n, 1, cloud);
    memcpy(cloud->w, points->w_atom + first, n * sizeof *cloud->w);
    memcpy(cloud->w_all, cloud->w, n * sizeof *cloud->w);
    end(cloud);
}

void ip_kde_sum_pairs(const ip_kde_cloud *cloud, const ip_kde_ladder *l)
{
    for (size_t r = 0; r < l->n; r++)
        l->pair_rungs[r].sums = cloud->sums + r * cloud->c * cloud->stride;
    const size_t n_blocks = (cloud->n + IP_PAIR_BLOCK - 1) / IP_PAIR_BLOCK;
    const ip_pairs pairs = {.n = n_blocks * IP_PAIR_BLOCK,
                            .d = cloud->d,
                            .c = cloud->c,
                            .stride = cloud->stride,
                            .t = cloud->t,
                            .w = cloud->w,
                            .labels = cloud->labels,
                            .n_rungs = l->n,
                            .rungs = l->pair_rungs,
                            .row_sums = cloud->row_sums};
    ip_kernels_in_use()->pair_sums(&pairs);
}
