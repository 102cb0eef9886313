/* cloud.c - the points of a sample as the kernels take them
 *
 * Points of one label, and near ones among them, stand together, so that a block of them has few
 * labels and far blocks can be passed over. */
#include "info/cloud.h"
#include "infoplane/place.h"
#include <math.h>
#include <string.h>

void ip_cloud_cut(ip_cut *at, const ip_sample *sizes, ip_cloud *cloud)
{
    const size_t stride = ip_pair_stride(sizes->n);
    cloud->order = ip_cut_take(at, sizes->n, sizeof *cloud->order);
    cloud->t = ip_cut_take(at, sizes->d * stride, sizeof *cloud->t);
    cloud->w = ip_cut_take(at, sizes->c * stride, sizeof *cloud->w);
    cloud->w_all = ip_cut_take(at, stride, sizeof *cloud->w_all);
    cloud->labels = ip_cut_take(at, stride / IP_PAIR_BLOCK, sizeof *cloud->labels);
}

/* Takes the activations of the points in the order, and forgets all weights. */
static void begin(const ip_points *points, size_t n, size_t c, ip_cloud *cloud)
{
    const size_t n_blocks = (n + IP_PAIR_BLOCK - 1) / IP_PAIR_BLOCK;
    const size_t stride = ip_pair_stride(n);
    cloud->n = n;
    cloud->blocks = (ip_blocks){.n = n_blocks * IP_PAIR_BLOCK,
                                .d = points->d,
                                .c = c,
                                .stride = stride,
                                .t = cloud->t,
                                .w = cloud->w,
                                .labels = cloud->labels};
    for (size_t k = 0; k < points->d; k++) {
        double *t = cloud->t + k * stride;
        for (size_t i = 0; i < stride; i++)
            t[i] = points->t[k * points->m + cloud->order[i < n ? i : n - 1]];
    }
    memset(cloud->w, 0, c * stride * sizeof *cloud->w);
    memset(cloud->w_all, 0, stride * sizeof *cloud->w_all);
}

/* Finds the labels of each block. */
static void end(ip_cloud *cloud)
{
    const size_t stride = cloud->blocks.stride;
    for (size_t block = 0; block < cloud->blocks.n / IP_PAIR_BLOCK; block++) {
        ip_label_range *labels = &cloud->labels[block];
        *labels = (ip_label_range){0, 0};
        for (size_t y = 0; y < cloud->blocks.c; y++) {
            const double *w = cloud->w + y * stride + block * IP_PAIR_BLOCK;
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

void ip_cloud_take_points(const ip_points *points, ip_cloud *cloud)
{
    size_t n = 0;
    double *label = cloud->w_all; /* until the weights come */
    for (size_t i = 0; i < points->m; i++)
        label[i] = (double)main_label(points, i);
    for (size_t y = 0; y < points->c; y++) {
        const size_t first = n;
        for (size_t i = 0; i < points->m; i++) {
            if (label[i] == (double)y)
                cloud->order[n++] = (uint32_t)i;
        }
        ip_order_by_place(n - first, points->d, points->t, points->m, IP_PAIR_BLOCK,
                          cloud->order + first);
    }
    begin(points, n, points->c, cloud);
    const size_t stride = cloud->blocks.stride;
    for (size_t i = 0; i < n; i++) {
        for (size_t y = 0; y < points->c; y++)
            cloud->w[y * stride + i] = points->w_y[y * points->m + cloud->order[i]];
        cloud->w_all[i] = points->w[cloud->order[i]];
    }
    end(cloud);
}

void ip_cloud_take_input(const ip_points *points, size_t x, ip_cloud *cloud)
{
    const size_t first = points->first[x];
    const size_t n = points->first[x + 1] - first;
    memcpy(cloud->order, points->point + first, n * sizeof *cloud->order);
    begin(points, n, 1, cloud);
    memcpy(cloud->w, points->w_atom + first, n * sizeof *cloud->w);
    memcpy(cloud->w_all, cloud->w, n * sizeof *cloud->w);
    end(cloud);
}
