/* test_noise_sums.c - sums of Gaussians around a moved point by every set of kernels against long
 * double, and sets of equal results against each other to the bit */
#include "kernel_sets.h"
#include <float.h>
#include <math.h>

enum { MAX_N = 96, MAX_STRIDE = 104, MAX_D = 9, C = 3, N_RUNGS = 2, N_SIGNS = 2 };
enum { N_SUMS = IP_NOISE_BATCH * N_SIGNS * C };

static const double U = 0.5 * DBL_EPSILON; /* relative error of one rounding */
static const double LOWEST = 64 * 1.4426950408889634;

typedef struct problem {
    double t[MAX_D * MAX_STRIDE], w[C * MAX_STRIDE];
    double from[MAX_D], g[IP_NOISE_BATCH * MAX_D];
    ip_label_range labels[MAX_STRIDE / IP_PAIR_BLOCK];
    double sums[N_RUNGS][N_SUMS];
    double parts[N_RUNGS * N_SUMS * IP_NOISE_LANES];
    ip_noise_rung rungs[N_RUNGS];
    ip_noise noise;
} problem;

static problem p;

static double drawn(uint32_t *state)
{
    return (double)pseudo_random(state);
}

/* Some points around one of them; a block of one label, of two, of all, of none. */
static void make(size_t n, size_t d, size_t n_draws, double origin, double deviation)
{
    uint32_t state = (uint32_t)(n + 100 * d);
    const size_t stride = ip_pair_stride(n);
    CHECK(stride <= MAX_STRIDE);
    for (size_t i = 0; i < d * stride; i++)
        p.t[i] = origin + drawn(&state);
    for (size_t k = 0; k < d; k++)
        p.from[k] = p.t[k * stride + n / 2];
    for (size_t i = 0; i < IP_NOISE_BATCH * d; i++)
        p.g[i] = 2 * drawn(&state);
    for (size_t block = 0; block < n / IP_PAIR_BLOCK; block++)
        p.labels[block] = (ip_label_range){block % 4 == 0, block % 4};
    for (size_t y = 0; y < C; y++) {
        for (size_t i = 0; i < stride; i++) {
            const ip_label_range labels = p.labels[i / IP_PAIR_BLOCK];
            const bool is_in = i < n && labels.first <= y && y < labels.end;
            p.w[y * stride + i] = is_in ? 1.5 + drawn(&state) : 0;
        }
    }
    for (size_t r = 0; r < N_RUNGS; r++) {
        const double of = r == 0 ? deviation : deviation / 3;
        p.rungs[r] = (ip_noise_rung){-0.5 * 1.4426950408889634 / (of * of), 1.4426950408889634 / of,
                                     p.sums[r]};
    }
    p.noise = (ip_noise){.points = {n, d, C, stride, p.t, p.w, p.labels},
                         .from = p.from,
                         .n_draws = n_draws,
                         .g = p.g,
                         .reach = (double)INFINITY,
                         .lowest = LOWEST,
                         .n_rungs = N_RUNGS,
                         .rungs = p.rungs,
                         .parts = p.parts};
}

static void run(const ip_kernels *set)
{
    memset(p.sums, 0xa5, sizeof p.sums);
    memset(p.parts, 0xa5, sizeof p.parts);
    set->noise_sums(&p.noise);
}

/* The exponential of one point, and how far roundings may take it: of d products and sums in the
 * square and in the product with g, of the exponent and of the polynomial. Terms that may fall on
 * either side of the lowest are as large as the error allows. */
static double gaussian(const ip_noise_rung *rung, const double *g, double sign, size_t j,
                       double *error)
{
    const double terms = (double)(2 * p.noise.points.d + 4);
    long double square = 0;
    long double product = 0;
    double size = 0;
    for (size_t k = 0; k < p.noise.points.d; k++) {
        const long double difference =
            (long double)p.from[k] - (long double)p.t[k * p.noise.points.stride + j];
        square += difference * difference;
        product += (long double)g[k] * difference;
        size += fabs(g[k] * (double)difference);
    }
    const long double x =
        (long double)rung->factor * square + (long double)(sign * rung->slope) * product;
    const double sizes = fabs(rung->factor) * (double)square + rung->slope * size;
    const double e = (double)exp2l(x);
    *error = e * (terms * U * sizes + 3.5e-16);
    if (fabs((double)x + LOWEST) < terms * U * sizes)
        *error = e;
    return x > -(long double)LOWEST ? e : 0;
}

static void check_sums(void)
{
    const ip_blocks *points = &p.noise.points;
    for (size_t r = 0; r < N_RUNGS; r++) {
        for (size_t i = 0; i < p.noise.n_draws * N_SIGNS * C; i++) {
            const size_t y = i % C;
            double sum = 0;
            double tolerance = 0;
            for (size_t j = 0; j < points->n; j++) {
                double error;
                const double e = gaussian(&p.rungs[r], p.g + i / C / N_SIGNS * points->d,
                                          i / C % N_SIGNS == 0 ? 1 : -1, j, &error);
                sum += p.w[y * points->stride + j] * e;
                tolerance +=
                    p.w[y * points->stride + j] * (error + (double)(points->n + 1) * U * e);
            }
            CHECK_NEAR(p.sums[r][i], sum, tolerance);
        }
    }
}

static const struct {
    size_t n, d, n_draws;
    double origin, deviation;
} cases[] = {
    {8, 0, 1, 0, 1},         {8, 1, 4, 0, 1},       {16, 2, 3, 0, 0.1},
    {40, 3, 2, 5, 0.03},     {96, 5, 4, 0, 0.5},    {96, 9, 4, 0, 1},
    {88, 4, 4, 0x1p20, 0.1}, {96, 7, 1, -1e8, 0.3}, {96, 9, 4, 0, 1e-3},
};

static double first_sums[IP_LENGTH(cases)][N_RUNGS][N_SUMS];
static const ip_kernels *first_fused;

static void check_set(const ip_kernels *set)
{
    const bool is_first = is_fused(set) && first_fused == NULL;
    for (size_t k = 0; k < IP_LENGTH(cases); k++) {
        make(cases[k].n, cases[k].d, cases[k].n_draws, cases[k].origin, cases[k].deviation);
        run(set);
        check_sums();
        if (is_first)
            memcpy(first_sums[k], p.sums, sizeof p.sums);
        for (size_t i = 0; is_fused(set) && i < cases[k].n_draws * N_SIGNS * C; i++)
            CHECK(first_sums[k][0][i] == p.sums[0][i] && first_sums[k][1][i] == p.sums[1][i]);
    }
    if (is_first)
        first_fused = set;
}

/* What is out of reach counts as 0, whatever it is; and so does what overflows. */
static void check_reach(const ip_kernels *set)
{
    make(8, 1, 1, 0, 1);
    p.noise.reach = 0;
    run(set);
    for (size_t i = 0; i < N_SIGNS * C; i++)
        CHECK(p.sums[0][i] == 0);
    make(8, 1, 4, 0, 1);
    p.labels[0] = (ip_label_range){0, C};
    for (size_t i = 0; i < 8; i++) {
        p.t[i] = i == 4 ? 0 : 1e200;
        p.w[i] = 2;
    }
    p.from[0] = 0;
    p.rungs[0].slope = 1e150;
    run(set);
    for (size_t i = 0; i < p.noise.n_draws * N_SIGNS; i++)
        CHECK(p.sums[0][i * C] == 2);
}

int main(void)
{
    for_every_set(check_set);
    for_every_set(check_reach);
    return check_finish();
}
