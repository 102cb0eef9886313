/* noise.h - sums of Gaussians around a point that noise has moved
 *
 * A tile is a few points: their squared distances and their products with some draws stay in
 * registers, and every variance and both signs of the noise take their exponentials from them. */
#ifndef KERNELS_NOISE_H
#define KERNELS_NOISE_H

#include "infoplane/kernels.h"
#include "kernels/doubles.h"
#include <assert.h>

enum { NOISE_VECTORS = 2, NOISE_COLUMNS = NOISE_VECTORS * N_DOUBLES };

static_assert((int)IP_NOISE_LANES >= (int)N_DOUBLES, "the partial sums fit");
static_assert(IP_PAIR_BLOCK % NOISE_COLUMNS == 0, "tiles fit into blocks");

#define EACH_DRAW(i)   _Pragma("GCC unroll 4") for (size_t i = 0; i < IP_NOISE_BATCH; i++)
#define EACH_VECTOR(j) _Pragma("GCC unroll 2") for (size_t j = 0; j < NOISE_VECTORS; j++)

/* A point's relation to the points of a tile. */
typedef struct noise_tile {
    doubles squares[NOISE_VECTORS];
    doubles slopes[IP_NOISE_BATCH][NOISE_VECTORS];
} noise_tile;

INLINE void take_tile_squares(const ip_noise *noise, size_t column, noise_tile *tile)
{
    EACH_VECTOR(j) tile->squares[j] = (doubles){0};
    const double *t = noise->points.t + column;
    for (size_t k = 0; k < noise->points.d; k++, t += noise->points.stride) {
        EACH_VECTOR(j)
        {
            const doubles difference = noise->from[k] - load_doubles(t + j * N_DOUBLES);
            tile->squares[j] = multiply_add_doubles(difference, difference, tile->squares[j]);
        }
    }
}

INLINE void take_tile_slopes(const ip_noise *noise, size_t column, noise_tile *tile)
{
    const size_t d = noise->points.d;
    EACH_DRAW(i)
    {
        EACH_VECTOR(j) tile->slopes[i][j] = (doubles){0};
    }
    const double *t = noise->points.t + column;
    for (size_t k = 0; k < d; k++, t += noise->points.stride) {
        doubles difference[NOISE_VECTORS];
        EACH_VECTOR(j) difference[j] = noise->from[k] - load_doubles(t + j * N_DOUBLES);
        EACH_DRAW(i)
        {
            const doubles g = every(noise->g[i * d + k]);
            EACH_VECTOR(j)
            tile->slopes[i][j] = multiply_add_doubles(g, difference[j], tile->slopes[i][j]);
        }
    }
}

/* parts (labels, IP_NOISE_LANES) += w e of one draw and sign. */
INLINE void add_draw(const ip_noise *noise, const noise_tile *tile, const doubles *slopes,
                     double factor, double slope, size_t column, double *parts)
{
    const ip_label_range labels = noise->points.labels[column / IP_PAIR_BLOCK];
    doubles e[NOISE_VECTORS];
    EACH_VECTOR(j)
    {
        const doubles x =
            multiply_add_doubles(tile->squares[j], every(factor), every(slope) * slopes[j]);
        e[j] = keep(x > every(-noise->lowest), power_of_2_of_product(x, every(1.0)));
    }
    for (size_t y = labels.first; y < labels.end; y++) {
        const double *w = noise->points.w + y * noise->points.stride + column;
        double *to = parts + y * IP_NOISE_LANES;
        doubles sum = load_doubles(to);
        EACH_VECTOR(j) sum = multiply_add_doubles(e[j], load_doubles(w + j * N_DOUBLES), sum);
        store_doubles(to, sum);
    }
}

INLINE void add_noise_tile(const ip_noise *noise, size_t column)
{
    const size_t step = noise->points.c * IP_NOISE_LANES;
    noise_tile tile;
    take_tile_squares(noise, column, &tile);
    doubles nearest = tile.squares[0];
    EACH_VECTOR(j) nearest = lesser(nearest, tile.squares[j]);
    if (!is_any_below(nearest, every(noise->reach)))
        return;
    take_tile_slopes(noise, column, &tile);
    for (size_t r = 0; r < noise->n_rungs; r++) {
        const ip_noise_rung rung = noise->rungs[r];
        double *parts = noise->parts + r * IP_NOISE_BATCH * 2 * step;
        for (size_t i = 0; i < noise->n_draws; i++) {
            add_draw(noise, &tile, tile.slopes[i], rung.factor, rung.slope, column,
                     parts + 2 * i * step);
            add_draw(noise, &tile, tile.slopes[i], rung.factor, -rung.slope, column,
                     parts + (2 * i + 1) * step);
        }
    }
}

static void noise_sums(const ip_noise *of)
{
    const ip_noise noise = *of; /* a copy that no store can change */
    const size_t n_sums = 2 * noise.points.c;
    const size_t n_parts = noise.n_rungs * IP_NOISE_BATCH * n_sums * IP_NOISE_LANES;
    memset(noise.parts, 0, n_parts * sizeof *noise.parts);
    for (size_t column = 0; column < noise.points.n; column += NOISE_COLUMNS)
        add_noise_tile(&noise, column);
    for (size_t r = 0; r < noise.n_rungs; r++) {
        const double *parts = noise.parts + r * IP_NOISE_BATCH * n_sums * IP_NOISE_LANES;
        for (size_t i = 0; i < noise.n_draws * n_sums; i++)
            noise.rungs[r].sums[i] = sum_doubles(load_doubles(parts + i * IP_NOISE_LANES));
    }
}

#endif
