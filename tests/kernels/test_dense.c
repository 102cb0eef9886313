/* test_dense.c - products and softmax of every set of kernels against double precision, at every
 * shape of a tile, and sets of equal results against each other to the bit */
#include "kernel_sets.h"
#include <float.h>

enum { MAX_UNITS = 14, MAX_PATTERNS = 50, MAX_STRIDE = 80 };

static const double U = 0.5 * (double)FLT_EPSILON; /* relative error of one rounding */

typedef struct problem {
    size_t n_in, n_out, n, stride;
    float w[MAX_UNITS * MAX_UNITS];
    float x[MAX_UNITS * MAX_STRIDE];
    float delta[MAX_UNITS * MAX_STRIDE];
} problem;

static const float untouched = 77.0F;

/* Behind pattern n lie large finite numbers in x, and zeros in delta. */
static problem make_problem(size_t n_in, size_t n_out, size_t n)
{
    problem p = {.n_in = n_in, .n_out = n_out, .n = n, .stride = ip_kernel_stride(n)};
    uint32_t state = (uint32_t)(n_in + 100 * n_out + 10000 * n);
    for (size_t i = 0; i < n_in * n_out; i++)
        p.w[i] = pseudo_random(&state);
    for (size_t unit = 0; unit < MAX_UNITS; unit++) {
        for (size_t i = 0; i < p.stride; i++) {
            p.x[unit * p.stride + i] = i < n ? pseudo_random(&state) : 1e30F;
            p.delta[unit * p.stride + i] = i < n ? pseudo_random(&state) : 0.0F;
        }
    }
    return p;
}

/* The weights as they lie, row by row of the inputs, or seen from the other side. */
static ip_weights forward_weights(const problem *p)
{
    return (ip_weights){p->w, p->n_in, p->n_out, p->n_out, 1};
}

static ip_weights backward_weights(const problem *p)
{
    return (ip_weights){p->w, p->n_out, p->n_in, 1, p->n_out};
}

/* Each product takes one or two roundings, each sum one: at most k + 1 for k terms. */
static double sum_tolerance(size_t terms, double sum_of_magnitudes)
{
    return ((double)terms + 1.0) * U * sum_of_magnitudes;
}

static void check_values(const ip_kernels *set, const problem *p, ip_weights w, const float *x)
{
    float y[MAX_UNITS * MAX_STRIDE];
    for (size_t i = 0; i < MAX_UNITS * p->stride; i++)
        y[i] = untouched;
    set->values(&w, p->n, p->stride, x, y);
    for (size_t m = 0; m < w.n_out; m++) {
        for (size_t i = 0; i < p->n; i++) {
            double sum = 0.0;
            double size = 0.0;
            for (size_t k = 0; k < w.n_in; k++) {
                const double term =
                    (double)w.at[k * w.step_in + m * w.step_out] * (double)x[k * p->stride + i];
                sum += term;
                size += fabs(term);
            }
            CHECK_NEAR((double)y[m * p->stride + i], sum, sum_tolerance(w.n_in, size));
        }
        for (size_t i = ip_kernel_columns(p->n); i < p->stride; i++)
            CHECK(y[m * p->stride + i] == untouched);
    }
    for (size_t i = w.n_out * p->stride; i < MAX_UNITS * p->stride; i++)
        CHECK(y[i] == untouched);
}

static void check_gradient(const ip_kernels *set, const problem *p)
{
    float x[MAX_UNITS * MAX_STRIDE];
    float dw[MAX_UNITS * MAX_UNITS + 1];
    memcpy(x, p->x, sizeof x);
    dw[p->n_in * p->n_out] = untouched;
    set->gradient(p->n_in, p->n_out, p->n, p->stride, x, p->delta, dw);
    for (size_t k = 0; k < p->n_in; k++) {
        for (size_t m = 0; m < p->n_out; m++) {
            double sum = 0.0;
            double size = 0.0;
            for (size_t i = 0; i < p->n; i++) {
                const double term =
                    (double)x[k * p->stride + i] * (double)p->delta[m * p->stride + i];
                sum += term;
                size += fabs(term);
            }
            CHECK_NEAR((double)dw[k * p->n_out + m], sum, sum_tolerance(p->n, size));
        }
    }
    CHECK(dw[p->n_in * p->n_out] == untouched);
}

/* Relative error: the difference of z rounds once in its own size (at most 2 * 20 here), exp takes
 * 1 ulp, the sum n_out roundings and the quotient one. */
static void check_softmax(const ip_kernels *set, const problem *p)
{
    float z[MAX_UNITS * MAX_STRIDE];
    float t[MAX_UNITS * MAX_STRIDE];
    for (size_t i = 0; i < MAX_UNITS * p->stride; i++)
        z[i] = 20.0F * p->delta[i];
    set->softmax(p->n_out, p->n, p->stride, z, t);
    for (size_t i = 0; i < p->n; i++) {
        double sum = 0.0;
        for (size_t m = 0; m < p->n_out; m++)
            sum += exp((double)z[m * p->stride + i]);
        for (size_t m = 0; m < p->n_out; m++) {
            const double exact = exp((double)z[m * p->stride + i]) / sum;
            const double tolerance = (2.0 * 40.0 + 2.0 * 2.0 + (double)p->n_out + 1.0) * U * exact;
            CHECK_NEAR((double)t[m * p->stride + i], exact, tolerance);
        }
    }
}

/* Every unit of every row, with the rows in order and picked; the table ends where it ends. */
static void check_gather(const ip_kernels *set, size_t d, size_t n)
{
    const size_t stride = ip_kernel_stride(n);
    float *x = malloc(2 * n * d * sizeof *x);
    uint32_t rows[MAX_PATTERNS];
    float to[20 * MAX_STRIDE];
    for (size_t i = 0; i < 2 * n * d; i++)
        x[i] = (float)i;
    for (size_t i = 0; i < n; i++)
        rows[i] = (uint32_t)((7 * i + 2 * n - 1) % (2 * n));
    for (int picked = 0; picked < 2; picked++) {
        for (size_t i = 0; i < IP_LENGTH(to); i++)
            to[i] = untouched;
        set->gather(d, n, picked ? rows : NULL, x, stride, to);
        for (size_t k = 0; k < d; k++) {
            for (size_t i = 0; i < ip_kernel_columns(n); i++) {
                const float seen = to[k * stride + i];
                CHECK(i < n ? seen == x[(picked ? rows[i] : i) * d + k] : isfinite(seen));
            }
        }
        CHECK(to[d * stride] == untouched);
    }
    free(x);
}

static void check_shapes(const ip_kernels *set)
{
    static const size_t patterns[] = {1, 7, 8, 16, 17, 31, 32, 50};
    for (size_t n_in = 1; n_in <= MAX_UNITS; n_in++) {
        for (size_t n_out = 1; n_out <= MAX_UNITS; n_out++) {
            for (size_t i = 0; i < IP_LENGTH(patterns); i++) {
                const problem p = make_problem(n_in, n_out, patterns[i]);
                check_values(set, &p, forward_weights(&p), p.x);
                check_values(set, &p, backward_weights(&p), p.delta);
                check_gradient(set, &p);
                check_softmax(set, &p);
            }
        }
    }
    for (size_t d = 1; d < 20; d++)
        for (size_t i = 0; i < IP_LENGTH(patterns); i++)
            check_gather(set, d, patterns[i]);
}

/* ---- the same bits ---- */

typedef struct outcome {
    float y[MAX_UNITS * MAX_STRIDE], dw[MAX_UNITS * MAX_UNITS], t[MAX_UNITS * MAX_STRIDE];
    float elementwise[IP_N_ELEMENTWISE][2][MAX_UNITS * MAX_STRIDE];
} outcome;

static outcome outcome_of(const ip_kernels *set)
{
    static const size_t n = MAX_PATTERNS;
    const problem p = make_problem(MAX_UNITS, MAX_UNITS, n);
    const ip_weights w = forward_weights(&p);
    outcome result = {0};
    set->values(&w, n, p.stride, p.delta, result.y);
    set->gradient(p.n_in, p.n_out, n, p.stride, p.delta, p.delta, result.dw);
    set->softmax(p.n_out, n, p.stride, p.delta, result.t);
    float z[MAX_UNITS * MAX_STRIDE];
    for (size_t i = 0; i < IP_LENGTH(z); i++) /* from tiny to far out, of both signs */
        z[i] = ldexpf(p.delta[i], (int)(i % 40) - 32);
    for (size_t kind = 0; kind < IP_N_ELEMENTWISE; kind++) {
        float *forward = result.elementwise[kind][0];
        float *backward = result.elementwise[kind][1];
        set->elementwise[kind].forward(IP_LENGTH(z), z, forward);
        memcpy(backward, p.delta, sizeof p.delta);
        set->elementwise[kind].backward(IP_LENGTH(z), z, forward, backward);
    }
    return result;
}

static const ip_kernels *first_of[2]; /* unfused, fused */
static outcome of_first[2];

static void check_equal_bits(const ip_kernels *set)
{
    const size_t group = is_fused(set) ? 1 : 0;
    const outcome mine = outcome_of(set);
    if (first_of[group] == NULL) {
        first_of[group] = set;
        of_first[group] = mine;
    }
    CHECK_REPORT(memcmp(&mine, &of_first[group], sizeof mine) == 0,
                 "%s differs from %s though both are '%s'", set->name, first_of[group]->name,
                 set->results);
}

static void check_layout(void)
{
    for (size_t n = 1; n < 200; n++) {
        CHECK(ip_kernel_columns(n) >= n && ip_kernel_columns(n) < n + IP_KERNEL_COLUMNS);
        CHECK_COUNT(ip_kernel_columns(n) % IP_KERNEL_COLUMNS, 0);
        CHECK(ip_kernel_stride(n) >= ip_kernel_columns(n));
        CHECK_COUNT(ip_kernel_stride(n) / IP_KERNEL_COLUMNS % 2, 1);
    }
}

int main(void)
{
    for_every_set(check_shapes);
    for_every_set(check_equal_bits);
    check_layout();
    return check_finish();
}
