/* kde_internal.h - sums of Gaussians over all pairs of points, for several variances at once */
#ifndef IP_KDE_INTERNAL_H
#define IP_KDE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

/* Points whose distances from another are taken at once: they stay in the nearest cache. */
enum { IP_KDE_STRIP = 128 };

/* One variance, and what is found for it. */
typedef struct ip_kde_rung {
    double variance;
    const struct ip_kde_rung *wider; /* of four times the variance: e is its e to the fourth */
    size_t links;                    /* from rung to rung to one without */
    double *sums; /* (c, m) of each label and point over the points of that label */
    double *e;    /* (IP_KDE_STRIP) exponentials */
    double points, given_y, given_x; /* K in bits; the latter are averages */
} ip_kde_rung;

/* Different variances, widest first. */
typedef struct ip_kde_ladder {
    ip_kde_rung *rungs;
    size_t n;
    double *squares; /* (IP_KDE_STRIP) distances */
    double *t;       /* (d, m) the points of one input */
} ip_kde_ladder;

/* Points with weights for each of c labels. */
typedef struct ip_kde_cloud {
    size_t n, d, c;
    const double *t; /* (d, n) */
    const double *w; /* (c, n) */
} ip_kde_cloud;

/* The rung of this variance, or NULL. */
ip_kde_rung *ip_kde_find(const ip_kde_ladder *l, double variance);

/* Adds a variance where it is not there already; rungs move. */
void ip_kde_add(ip_kde_ladder *l, double variance);

/* Links the rungs once all are there, and gives each n_sums of sums and a strip of e. */
void ip_kde_link(ip_kde_ladder *l, size_t n_sums, double *sums, double *e);

/* Of every rung: sums (c, n) = sum over j of w_j exp(-|t_i - t_j|^2 / (2 variance)), the point
 * itself among them. Exponentials below e^-64 count as 0. Order of summation: fixed by the order of
 * the points. */
void ip_kde_sum_pairs(const ip_kde_cloud *points, const ip_kde_ladder *l);

#endif
