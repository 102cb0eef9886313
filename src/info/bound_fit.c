/* bound_fit.c - the beta whose optimal code is nearest to a layer
 *
 * What: with D_xt = KL[p(y|x) || p(y|t)] and Z_x = sum_t p(t) e^{-beta D_xt}, in nats,
 *     g(beta) = -E ln p(t(x)) + beta E D_{x t(x)} + E ln Z_x(beta) - H(T|X),
 *     g' = E [D_{x t(x)} - mean of D_xt under the code], convex.
 *   A zero of g' between 0 and 1e6 is found by Newton steps kept inside a bracket. Where g' stays
 *   below 0 up to there the layer is the limit of codes, and g has the limit
 *   -E ln( p(t(x)) / sum of p(t) over the nearest t ) - H(T|X).
 * Source: Shwartz-Ziv, Tishby, arXiv 1703.00810, section 3.5. */
#include "info/bound_internal.h"
#include <assert.h>

static const double infinite_beta = 1e6;
static const double flat = 1e-12; /* nats: g' above -flat is no fall; distances closer are equal */

/* Inputs that differ are rows of d; rows of the layer refer to them. */
typedef struct layer {
    size_t n, n_cells;
    const double *p_x;    /* (n) */
    const uint32_t *cell; /* (n) */
    ip_bound_task inputs;
    double *q;          /* (n_cells) */
    double *r;          /* (n_cells, c) */
    double *d;          /* (inputs.n, n_cells) */
    double *mean;       /* (inputs.n) of D under the code */
    double *var;        /* (inputs.n) */
    double *ln_z;       /* (inputs.n) */
    double h_t_given_x; /* nats */
} layer;

static ip_status layer_alloc(layer *l, ip_arena *arena, ip_error *err)
{
    const size_t n = l->inputs.n;
    l->q = ip_arena_alloc(arena, l->n_cells, sizeof *l->q);
    l->r = ip_arena_alloc(arena, l->n_cells * l->inputs.c, sizeof *l->r);
    l->d = n > SIZE_MAX / l->n_cells ? ip_arena_alloc(arena, SIZE_MAX, 1)
                                     : ip_arena_alloc(arena, n * l->n_cells, sizeof *l->d);
    l->mean = ip_arena_alloc(arena, n, sizeof *l->mean);
    l->var = ip_arena_alloc(arena, n, sizeof *l->var);
    l->ln_z = ip_arena_alloc(arena, n, sizeof *l->ln_z);
    return ip_arena_check(arena, err);
}

/* q, r and d. Returns how many cells are occupied. */
static size_t fill_cells(layer *l)
{
    const size_t c = l->inputs.c;
    size_t occupied = 0;
    for (size_t i = 0; i < l->n; i++) {
        if (l->inputs.input_of[i] == UINT32_MAX)
            continue;
        assert(l->cell[i] < l->n_cells);
        const double *p = l->inputs.p_y_given_x + l->inputs.input_of[i] * c;
        l->q[l->cell[i]] += l->p_x[i];
        for (size_t y = 0; y < c; y++)
            l->r[l->cell[i] * c + y] += l->p_x[i] * p[y];
    }
    for (size_t t = 0; t < l->n_cells; t++) {
        if (l->q[t] == 0.0)
            continue;
        occupied++;
        for (size_t y = 0; y < c; y++)
            l->r[t * c + y] /= l->q[t];
    }
    for (size_t x = 0; x < l->inputs.n; x++) {
        for (size_t t = 0; t < l->n_cells; t++)
            l->d[x * l->n_cells + t] =
                l->q[t] > 0.0 ? ip_bound_distance(c, l->inputs.p_y_given_x + x * c, l->r + t * c)
                              : (double)INFINITY;
    }
    return occupied;
}

static size_t nearest_cell(const layer *l, size_t x)
{
    const double *d = l->d + x * l->n_cells;
    size_t nearest = 0;
    for (size_t t = 1; t < l->n_cells; t++)
        nearest = d[t] < d[nearest] ? t : nearest;
    return nearest;
}

/* Mean and variance of D_xt under the code at beta, and ln Z_x; at 0 what beta falls towards. */
static void fill_code(const layer *l, double beta)
{
    for (size_t x = 0; x < l->inputs.n; x++) {
        const double *d = l->d + x * l->n_cells;
        const size_t nearest = nearest_cell(l, x);
        const double least = d[nearest];
        double z = l->q[nearest];
        double sum = 0.0;
        double squares = 0.0;
        for (size_t t = 0; t < l->n_cells; t++) {
            if (t == nearest || !isfinite(d[t]))
                continue;
            const double w = l->q[t] * exp(-beta * (d[t] - least));
            z += w;
            sum += w * (d[t] - least);
            squares += w * (d[t] - least) * (d[t] - least);
        }
        l->mean[x] = least + sum / z;
        l->var[x] = fmax(squares / z - sum / z * (sum / z), 0.0);
        l->ln_z[x] = log(z) - beta * least;
    }
}

/* g'(beta), and its slope. */
static double derivative(const layer *l, double beta, double *slope)
{
    double sum = 0.0;
    *slope = 0.0;
    fill_code(l, beta);
    for (size_t i = 0; i < l->n; i++) {
        const uint32_t x = l->inputs.input_of[i];
        if (x == UINT32_MAX)
            continue;
        sum += l->p_x[i] * (l->d[x * l->n_cells + l->cell[i]] - l->mean[x]);
        *slope += l->p_x[i] * l->var[x];
    }
    return sum;
}

static double residual(const layer *l, double beta)
{
    double sum = -l->h_t_given_x;
    fill_code(l, beta);
    for (size_t i = 0; i < l->n; i++) {
        const uint32_t x = l->inputs.input_of[i];
        if (x != UINT32_MAX)
            sum += l->p_x[i] *
                   (beta * l->d[x * l->n_cells + l->cell[i]] - log(l->q[l->cell[i]]) + l->ln_z[x]);
    }
    return fmax(sum, 0.0);
}

static double residual_at_infinity(const layer *l)
{
    double sum = -l->h_t_given_x;
    for (size_t i = 0; i < l->n; i++) {
        const uint32_t x = l->inputs.input_of[i];
        if (x == UINT32_MAX)
            continue;
        const double least = l->d[x * l->n_cells + nearest_cell(l, x)];
        double nearest = 0.0;
        for (size_t t = 0; t < l->n_cells; t++)
            nearest += l->d[x * l->n_cells + t] <= least + flat ? l->q[t] : 0.0;
        sum += l->p_x[i] * log(nearest / l->q[l->cell[i]]);
    }
    return fmax(sum, 0.0);
}

/* The zero of g' between 0 and infinite_beta, where it has both signs. */
static double find_zero(const layer *l)
{
    double low = 0.0;
    double high = infinite_beta;
    double beta = 1.0;
    for (int i = 0; i < 200 && high - low > 1e-15 * high; i++) {
        double slope = 0.0;
        const double value = derivative(l, beta, &slope);
        *(value < 0.0 ? &low : &high) = beta;
        const double newton = beta - value / slope;
        if (newton == beta)
            break;
        beta = newton > low && newton < high ? newton
               : low > 0.0                   ? sqrt(low * high)
                                             : high / 1024.0;
    }
    return beta;
}

static ip_bound_fit fit_layer(const layer *l)
{
    double slope = 0.0;
    if (derivative(l, infinite_beta, &slope) <= flat)
        return (ip_bound_fit){(double)INFINITY, residual_at_infinity(l) / IP_NATS_PER_BIT};
    const double beta = derivative(l, 0.0, &slope) >= 0.0 ? 0.0 : find_zero(l);
    return (ip_bound_fit){beta, residual(l, beta) / IP_NATS_PER_BIT};
}

ip_status ip_bound_fit_beta(size_t n, size_t c, const double *p_x, const double *p_y_given_x,
                            size_t n_cells, const uint32_t *cell, double h_t_given_x,
                            ip_bound_fit *fit, ip_error *err)
{
    ip_arena arena = {0};
    layer l = {.n = n, .n_cells = n_cells, .p_x = p_x, .cell = cell};
    l.h_t_given_x = h_t_given_x * IP_NATS_PER_BIT;
    ip_status status = ip_bound_task_make(n, c, p_x, p_y_given_x, NULL, &arena, &l.inputs, err);
    if (status == IP_OK)
        status = layer_alloc(&l, &arena, err);
    if (status == IP_OK)
        *fit = fill_cells(&l) > 1 ? fit_layer(&l) : (ip_bound_fit){(double)NAN, 0.0};
    ip_arena_release(&arena);
    return status;
}
