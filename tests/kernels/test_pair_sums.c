/* test_pair_sums.c - sums of Gaussians over pairs by every set of kernels against long double, and
 * sets of equal results against each other to the bit */
#include "kernel_sets.h"
#include <float.h>
#include <math.h>

enum {
    MAX_N = 160,
    MAX_STRIDE = 168,
    MAX_D = 12,
    C = 3,
    N_RUNGS = 5,
    BLOCKS = MAX_STRIDE / IP_PAIR_BLOCK
};

static const double U = 0.5 * DBL_EPSILON; /* relative error of one rounding */

typedef struct problem {
    size_t n, d, stride;
    double t[MAX_D * MAX_STRIDE], w[C * MAX_STRIDE];
    ip_label_range labels[BLOCKS];
    ip_pair_rung rungs[N_RUNGS];
    double row_sums[N_RUNGS * C * IP_PAIR_ROW_SUMS];
    double sums[N_RUNGS][C * MAX_STRIDE];
} problem;

static problem p;

/* Two variances, the first with a quarter and a sixteenth of it, then one of which no pair is in
 * reach but a point with itself. */
static void set_rungs(double variance)
{
    const double of[N_RUNGS] = {variance, variance / 4, variance / 16, 0.3 * variance, 1e-30};
    for (size_t r = 0; r < N_RUNGS; r++)
        p.rungs[r] = (ip_pair_rung){.factor = -0.5 * 1.4426950408889634 / of[r],
                                    .reach = 128 * of[r],
                                    .is_fourth_power = r == 1 || r == 2,
                                    .sums = p.sums[r]};
}

/* Points around `origin` in units whose sizes differ by up to `spread`. Labels one block each, two
 * in a block, or all in all; some points and blocks without weight. */
static void make(size_t n, size_t d, double origin, double spread, double variance)
{
    uint32_t state = (uint32_t)(n + 1000 * d);
    p.n = n;
    p.d = d;
    p.stride = ip_pair_stride(n);
    CHECK(p.stride <= MAX_STRIDE && p.stride % IP_PAIR_BLOCK == 0 && p.stride >= n);
    for (size_t k = 0; k < d; k++) {
        for (size_t i = 0; i < p.stride; i++)
            p.t[k * p.stride + i] =
                i % 7 == 6 ? p.t[k * p.stride + i - 5]
                           : origin + pow(spread, -(double)k) * (double)pseudo_random(&state);
    }
    for (size_t block = 0; block * IP_PAIR_BLOCK < p.stride; block++) {
        const size_t first = block % 4 == 3 ? 0 : block % 4;
        p.labels[block] = (ip_label_range){first, block % 5 == 4  ? first
                                                  : block % 4 < 2 ? first + 1
                                                                  : C};
    }
    for (size_t y = 0; y < C; y++) {
        for (size_t i = 0; i < p.stride; i++) {
            const ip_label_range labels = p.labels[i / IP_PAIR_BLOCK];
            const bool is_in = labels.first <= y && y < labels.end && i % 11 != 10;
            p.w[y * p.stride + i] = is_in ? 1.5 + (double)pseudo_random(&state) : 0;
        }
    }
    set_rungs(variance);
}

static void run(const ip_kernels *set)
{
    const ip_pairs pairs = {
        {p.n, p.d, C, p.stride, p.t, p.w, p.labels}, N_RUNGS, p.rungs, p.row_sums};
    memset(p.sums, 0xa5, sizeof p.sums);
    memset(p.row_sums, 0xa5, sizeof p.row_sums);
    set->pair_sums(&pairs);
}

/* The rung that a fourth power is taken of, and how many times. */
static size_t root_of(size_t r)
{
    return r < 3 ? 0 : r;
}

/* What is exact; *size gains the error of one e by the roundings of d products and as many sums, of
 * its exponent, of the polynomial and of the powers. */
static double gaussian(size_t r, size_t i, size_t j, double *error)
{
    long double square = 0;
    for (size_t k = 0; k < p.d; k++) {
        const long double difference =
            (long double)p.t[k * p.stride + i] - (long double)p.t[k * p.stride + j];
        square += difference * difference;
    }
    *error = 0;
    const size_t root = root_of(r);
    if (square >= (long double)p.rungs[root].reach)
        return 0;
    const double exponent = (double)square * p.rungs[root].factor * pow(4, (double)(r - root));
    const long double e = exp2l(square * (long double)p.rungs[root].factor * powl(4, r - root));
    *error = (double)e * ((double)(2 * p.d + 4) * U * fabs(exponent) +
                          pow(4, (double)(r - root)) * 3.5e-16 * 2);
    return (double)e;
}

static void check_sums(void)
{
    for (size_t r = 0; r < N_RUNGS; r++) {
        for (size_t y = 0; y < C; y++) {
            for (size_t i = 0; i < p.n; i++) {
                double sum = 0;
                double tolerance = 0;
                for (size_t j = 0; j < p.n; j++) {
                    double error;
                    const double e = gaussian(r, i, j, &error);
                    sum += p.w[y * p.stride + j] * e;
                    tolerance += p.w[y * p.stride + j] * (error + (double)(p.n + 1) * U * e);
                }
                CHECK_NEAR(p.sums[r][y * p.stride + i], sum, tolerance);
            }
        }
    }
}

static const struct {
    size_t n, d;
    double origin, spread, variance;
} cases[] = {
    {8, 0, 0, 1, 1},           {8, 1, 0, 1, 0.1},       {16, 2, 0, 1, 1e-2},
    {24, 3, 5, 1, 1e-3},       {136, 5, 0, 1, 0.3},     {160, 12, 0, 1, 1},
    {160, 4, 0x1p20, 1, 1e-2}, {144, 6, 0, 1e3, 1e-3},  {152, 3, 1e-150, 1, 1e-2},
    {128, 2, -1e8, 10, 100},   {160, 10, 0, 1.0, 1e-3},
};

static double first_sums[IP_LENGTH(cases)][N_RUNGS][C * MAX_STRIDE];
static const ip_kernels *first_fused;

static void check_set(const ip_kernels *set)
{
    for (size_t k = 0; k < IP_LENGTH(cases); k++) {
        make(cases[k].n, cases[k].d, cases[k].origin, cases[k].spread, cases[k].variance);
        run(set);
        check_sums();
        if (!is_fused(set))
            continue;
        if (first_fused == NULL || first_fused == set)
            memcpy(first_sums[k], p.sums, sizeof p.sums);
        for (size_t r = 0; r < N_RUNGS; r++)
            CHECK(memcmp(first_sums[k][r], p.sums[r], C * p.stride * sizeof(double)) == 0);
    }
    if (is_fused(set) && first_fused == NULL)
        first_fused = set;
}

/* Distances that overflow are out of reach. */
static void check_overflow(const ip_kernels *set)
{
    make(8, 1, 0, 1, 1);
    for (size_t i = 0; i < p.stride; i++)
        p.t[i] = i % 2 == 0 ? 1e200 : -1e200;
    run(set);
    for (size_t i = 0; i < p.n; i++)
        CHECK_NEAR(p.sums[0][i], p.w[i % 2] + p.w[2 + i % 2] + p.w[4 + i % 2] + p.w[6 + i % 2],
                   1e-14);
}

int main(void)
{
    for_every_set(check_set);
    for_every_set(check_overflow);
    return check_finish();
}
