/* cloud.h - the points of a sample as the kernels take them: in blocks, near ones together */
#ifndef INFO_CLOUD_H
#define INFO_CLOUD_H

#include "info/points_internal.h"
#include "info/scratch.h"
#include "infoplane/kernels.h"

typedef struct ip_cloud {
    size_t n;         /* points; blocks.n has padding without weight, too */
    ip_blocks blocks; /* what follows, for the kernels */
    uint32_t *order;  /* (n) which of the sample's points each is */
    double *t, *w;    /* (d, stride), (c, stride) */
    double *w_all;    /* (stride) sums of w over the labels */
    ip_label_range *labels;
} ip_cloud;

/* Cuts scratch for a cloud of at most all points. */
void ip_cloud_cut(ip_cut *at, const ip_sample *sizes, ip_cloud *cloud);

/* Takes all points with their labels; or those of one input, as if of one label. */
void ip_cloud_take_points(const ip_points *points, ip_cloud *cloud);
void ip_cloud_take_input(const ip_points *points, size_t x, ip_cloud *cloud);

#endif
