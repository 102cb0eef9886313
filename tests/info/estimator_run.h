/* estimator_run.h - calls of ip_estimate with exactly the scratch they ask for, and layers to call
 * it on */
#ifndef ESTIMATOR_RUN_H
#define ESTIMATOR_RUN_H

#include "infoplane/estimator.h"
#include "infoplane/random.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void estimator_run(const ip_request *requests, size_t n, const ip_sample *sample,
                                 ip_information *out)
{
    ip_error err = {0};
    const size_t bytes = ip_estimate_scratch_bytes(requests, n, sample);
    void *scratch = NULL;
    if (posix_memalign(&scratch, 64, bytes) != 0)
        exit(EXIT_FAILURE);
    memset(scratch, 0xa5, bytes);
    if (ip_estimate(requests, n, sample, scratch, out, &err) != IP_OK) {
        fprintf(stderr, "%s\n", err.text);
        exit(EXIT_FAILURE);
    }
    free(scratch);
}

/* A layer that can be changed; the sample's pointers lead into its own arrays. */
typedef struct layer {
    ip_sample sample;
    double *t, *p_x, *p_y;
    uint32_t *x_id;
} layer;

/* All zero, every row another input of equal weight with label 0. */
static inline layer layer_new(size_t n, size_t d, size_t c)
{
    layer l = {.t = calloc(n * d + 1, sizeof(double)),
               .p_x = calloc(n, sizeof(double)),
               .p_y = calloc(n * c, sizeof(double)),
               .x_id = calloc(n, sizeof(uint32_t))};
    if (l.t == NULL || l.p_x == NULL || l.p_y == NULL || l.x_id == NULL)
        exit(EXIT_FAILURE);
    l.sample = (ip_sample){.n = n,
                           .d = d,
                           .c = c,
                           .t = l.t,
                           .p_x = l.p_x,
                           .p_y_given_x = l.p_y,
                           .x_id = l.x_id,
                           .seed = 7,
                           .place = 3};
    for (size_t i = 0; i < n; i++) {
        l.p_x[i] = 1.0 / (double)n;
        l.p_y[i * c] = 1;
        l.x_id[i] = (uint32_t)i;
    }
    return l;
}

static inline void layer_free(layer *l)
{
    free(l->t);
    free(l->p_x);
    free(l->p_y);
    free(l->x_id);
}

/* A layer of one unit. */
static inline layer layer_of(size_t n, const double *t, size_t c)
{
    layer l = layer_new(n, 1, c);
    memcpy(l.t, t, n * sizeof *t);
    return l;
}

/* A distribution over n things: equal, of one thing, or any. */
static inline void layer_distribution(ip_rng *rng, size_t n, double *p, unsigned kind)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += p[i] = kind == 0 ? 1 : kind == 1 ? 0 : ip_rng_uniform(rng);
    if (kind == 1)
        sum = p[ip_rng_below(rng, (uint32_t)n)] = 1;
    for (size_t i = 0; i < n; i++)
        p[i] /= sum;
}

/* A random layer of up to 60 rows, 4 units and 3 labels, the same for the same round: clusters of
 * all tightnesses, weights equal and not, labels certain and soft; where `is_noisy`, inputs that
 * meet several points. */
static inline layer layer_draw(unsigned round, bool is_noisy)
{
    ip_rng rng = ip_rng_make(31, IP_PURPOSE_TEST, round);
    const size_t n = 2 + ip_rng_below(&rng, 59), d = 1 + ip_rng_below(&rng, 4);
    layer l = layer_new(n, d, 1 + ip_rng_below(&rng, 3));
    const size_t c = l.sample.c;
    const double step = exp(2 * ip_rng_normal(&rng));
    for (size_t i = 0; i < n * d; i++)
        l.t[i] = step * ip_rng_below(&rng, 4) + (round % 2 == 0 ? 0.3 * ip_rng_normal(&rng) : 0);
    layer_distribution(&rng, n, l.p_x, round % 3 == 0 ? 0 : 2);
    for (size_t i = 0; i < n; i++) {
        layer_distribution(&rng, c, l.p_y + i * c, round % 4 < 2 ? 1 : 2);
        l.x_id[i] = is_noisy ? ip_rng_below(&rng, (uint32_t)(1 + n / 3)) : (uint32_t)i;
    }
    return l;
}

/* Rows of `from` in the order given, n of them; each with its weight times `share`. */
static inline layer layer_pick(const layer *from, size_t n, const uint32_t *order, double share)
{
    const size_t d = from->sample.d, c = from->sample.c;
    layer l = layer_new(n, d, c);
    for (size_t i = 0; i < n; i++) {
        memcpy(l.t + i * d, from->t + order[i] * d, d * sizeof *l.t);
        memcpy(l.p_y + i * c, from->p_y + order[i] * c, c * sizeof *l.p_y);
        l.p_x[i] = share * from->p_x[order[i]];
        l.x_id[i] = from->x_id[order[i]];
    }
    return l;
}

#endif
