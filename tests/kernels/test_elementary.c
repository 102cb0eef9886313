/* test_elementary.c - tanh, exp, log and their kin of every set of kernels against libm in double
 *
 * Each function is reached through the activation that is made of it. */
#include "kernel_sets.h"
#include <float.h>

static double sigmoid(double z)
{
    return 1.0 / (1.0 + exp(-z));
}

static double elu(double z)
{
    return z > 0.0 ? z : expm1(z);
}

static double softplus(double z)
{
    return fmax(z, 0.0) + log1p(exp(-fabs(z)));
}

static double swish(double z)
{
    return z * sigmoid(z);
}

static double gelu(double z)
{
    return 0.5 * z * erfc(-z * 0.70710678118654752440);
}

/* Largest errors in units in the last place: those stated in elementary.h, and half of one for each
 * rounding behind. The last column is for sets that round a product before they add to it. */
static const struct {
    ip_elementwise_kind kind;
    double (*exact)(double z);
    double ulp, ulp_unfused;
} functions[] = {
    {IP_ELEMENTWISE_tanh, tanh, 2.5, 2.5},         {IP_ELEMENTWISE_sigmoid, sigmoid, 2.4, 2.4},
    {IP_ELEMENTWISE_elu, elu, 1.0, 1.0},           {IP_ELEMENTWISE_softplus, softplus, 4.0, 4.0},
    {IP_ELEMENTWISE_swish, swish, 2.4 + 1.0, 3.4}, {IP_ELEMENTWISE_gelu, gelu, 8.1 + 1.0, 67.0},
};

/* Distance from the exact value in steps of the float grid there. */
static double ulps(float seen, double exact)
{
    int exponent = 0;
    (void)frexp(exact, &exponent);
    return fabs((double)seen - exact) / ldexp(1.0, exponent - 24);
}

enum { BLOCK = 1024 };

/* Every 1597th float between 2^-126 and 100, of both signs. */
static void check_errors(const ip_kernels *set)
{
    const uint32_t first = 0x00800000U;
    const uint32_t last = 0x42c80000U;
    for (size_t f = 0; f < IP_LENGTH(functions); f++) {
        double worst = 0.0;
        float worst_at = 0.0F;
        for (uint32_t from = first; from < last; from += 1597U * BLOCK) {
            for (uint32_t sign = 0; sign < 2; sign++) {
                float z[BLOCK];
                float t[BLOCK];
                for (uint32_t i = 0; i < BLOCK; i++) {
                    const uint32_t bits = (from + 1597U * i) | sign << 31;
                    memcpy(&z[i], &bits, sizeof bits);
                }
                set->elementwise[functions[f].kind].forward(BLOCK, z, t);
                for (size_t i = 0; i < BLOCK; i++) {
                    const double exact = functions[f].exact((double)z[i]);
                    if (fabs(exact) < 100.0 * (double)FLT_MIN)
                        continue; /* subnormal numbers, here z times one, have fewer digits */
                    const double error = ulps(t[i], exact);
                    if (!(error <= worst)) {
                        worst = error;
                        worst_at = z[i];
                    }
                }
            }
        }
        const double bound = is_fused(set) ? functions[f].ulp : functions[f].ulp_unfused;
        CHECK_REPORT(worst <= bound, "%s: function %zu: %.3f ulp at %.9g, expected at most %g",
                     set->name, f, worst, (double)worst_at, bound);
    }
}

/* tanh(-z) = -tanh(z) to the bit, it never steps back on a grid of 2^-20, and reaches 1. */
static void check_tanh(const ip_kernels *set)
{
    const ip_elementwise *tanh_kernel = &set->elementwise[IP_ELEMENTWISE_tanh];
    float z[BLOCK];
    float negative[BLOCK];
    float t[BLOCK];
    float t_negative[BLOCK];
    float before = 0.0F;
    size_t steps_back = 0;
    size_t asymmetric = 0;
    for (size_t from = 0; from < (size_t)10 << 20; from += BLOCK) {
        for (size_t i = 0; i < BLOCK; i++) {
            z[i] = (float)(from + i) * 0x1p-20F;
            negative[i] = -z[i];
        }
        tanh_kernel->forward(BLOCK, z, t);
        tanh_kernel->forward(BLOCK, negative, t_negative);
        for (size_t i = 0; i < BLOCK; i++) {
            steps_back += t[i] < before;
            asymmetric += t_negative[i] != -t[i] || signbit(t_negative[i]) == signbit(t[i]);
            before = t[i];
        }
    }
    CHECK_COUNT(steps_back, 0);
    CHECK_COUNT(asymmetric, 0);
    CHECK(before == 1.0F);
    const float far[] = {9.1F, 20.0F, FLT_MAX, INFINITY, -9.1F, -INFINITY};
    tanh_kernel->forward(IP_LENGTH(far), far, t);
    for (size_t i = 0; i < IP_LENGTH(far); i++)
        CHECK_NEAR((double)t[i], far[i] > 0.0F ? 1.0 : -1.0, 0.0);
}

/* What lies behind the last element is left alone, at any length. */
static void check_lengths(const ip_kernels *set)
{
    for (size_t n = 0; n <= 20; n++) {
        for (size_t kind = 0; kind < IP_N_ELEMENTWISE; kind++) {
            float z[21];
            float t[21];
            float alone[21];
            float delta[21];
            for (size_t i = 0; i < 21; i++) {
                z[i] = 0.3F * (float)i - 2.0F;
                t[i] = delta[i] = 7.0F;
            }
            const ip_elementwise *kernel = &set->elementwise[kind];
            kernel->forward(n, z, t);
            kernel->backward(n, z, t, delta);
            for (size_t i = 0; i < n; i++) {
                kernel->forward(1, &z[i], &alone[i]);
                CHECK(alone[i] == t[i]);
                float one = 7.0F;
                kernel->backward(1, &z[i], &alone[i], &one);
                CHECK(one == delta[i]);
            }
            CHECK(t[n] == 7.0F && delta[n] == 7.0F);
        }
    }
}

int main(void)
{
    for_every_set(check_errors);
    for_every_set(check_tanh);
    for_every_set(check_lengths);
    return check_finish();
}
