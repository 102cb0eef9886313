/* kde_internal.h - sums of Gaussians over all pairs of points, for several variances at once */
#ifndef IP_KDE_INTERNAL_H
#define IP_KDE_INTERNAL_H

#include "info/cloud.h"

/* One variance, and what is found for it. */
typedef struct ip_kde_rung {
    double variance;
    double points, given_y, given_x; /* K in bits; the latter are averages */
} ip_kde_rung;

/* Different variances, widest first; once they are linked, each is followed by the one of a quarter
 * of it. */
typedef struct ip_kde_ladder {
    ip_kde_rung *rungs;
    ip_pair_rung *pair_rungs; /* (n) how each is summed */
    size_t n;
    double *sums;     /* (n, c, stride) */
    double *row_sums; /* the kernel's */
} ip_kde_ladder;

/* Cuts scratch for a ladder of at most so many rungs. */
void ip_kde_cut(ip_cut *at, size_t most_rungs, const ip_sample *sizes, ip_kde_ladder *l);

/* The rung of this variance, or NULL. */
ip_kde_rung *ip_kde_find(const ip_kde_ladder *l, double variance);

/* Adds a variance where it is not there already; rungs move. */
void ip_kde_add(ip_kde_ladder *l, double variance);

/* Links the rungs once all are there; rungs move. */
void ip_kde_link(ip_kde_ladder *l);

/* sums[r][y][i] = sum over j of w[y][j] exp(-|t_i - t_j|^2 / (2 variance of r)), the point itself
 * among them. Exponentials below e^-64 count as 0. Order of summation: fixed by the order of the
 * points and by the set of kernels. */
void ip_kde_sum_pairs(const ip_cloud *cloud, const ip_kde_ladder *l);

#endif
