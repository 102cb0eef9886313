/* test_quantizer.c - activations rounded to 2^bits levels, against levels and edges by hand and an
 * exact comparison, and what of the gradient passes
 *
 * Code j begins at edge (lo (2K - 2j + 1) + hi (2j - 1)) / 2K. Multiplied by 2K, the edge is a
 * whole number below 2^21 and the float f a product of 17 and 24 bits: both exact in double. */
#include "check.h"
#include "infoplane/network.h"
#include "nn/quantizer.h"
#include <stdbool.h>

enum { POINTS = 4001 };

static const ip_activation *find(const char *name)
{
    return ip_activation_at(ip_names_find(ip_activation_name, name));
}

static float quantized(const char *name, uint64_t bits, float f)
{
    float q = 0;
    ip_activation_quantize(find(name), bits, 1, &f, &q);
    return q;
}

static void by_hand(void)
{
    static const struct {
        const char *name;
        uint64_t bits;
        float f, q;
    } cases[] = {
        {"tanh", 1, -1.0F, -1.0F},       {"tanh", 1, -1e-30F, -1.0F},
        {"tanh", 1, 0.0F, 1.0F},         {"tanh", 1, 1.0F, 1.0F},
        {"tanh", 2, -0.67F, -1.0F},      {"tanh", 2, -0.66F, -1.0F / 3},
        {"tanh", 2, -1e-45F, -1.0F / 3}, {"tanh", 2, -0.0F, 1.0F / 3},
        {"tanh", 2, 0.66F, 1.0F / 3},    {"tanh", 2, 0.67F, 1.0F},
        {"softsign", 2, 0.5F, 1.0F / 3}, {"hard-tanh", 2, 0.7F, 1.0F},
        {"sigmoid", 1, 0.5F, 1.0F},      {"sigmoid", 1, 0.49999997F, 0},
        {"sigmoid", 2, 0.4F, 1.0F / 3},  {"sigmoid", 2, 0.51F, 2.0F / 3},
        {"relu", 1, 2.9999998F, 0},      {"relu", 1, 3.0F, 6.0F},
        {"relu", 2, 0.0F, 0.0F},         {"relu", 2, 0.99999994F, 0.0F},
        {"relu", 2, 1.0F, 2.0F},         {"relu", 2, 4.9999995F, 4.0F},
        {"relu", 2, 5.0F, 6.0F},         {"relu", 2, 1e30F, 6.0F},
        {"relu", 16, 6.0F, 6.0F},        {"tanh", 16, 1.0F, 1.0F},
        {"relu", 3, INFINITY, 6.0F},
    };
    for (size_t i = 0; i < IP_LENGTH(cases); i++) {
        const float q = quantized(cases[i].name, cases[i].bits, cases[i].f);
        CHECK_REPORT(q == cases[i].q, "%s of %llu bits at %.9g = %.9g, expected %.9g",
                     cases[i].name, (unsigned long long)cases[i].bits, (double)cases[i].f,
                     (double)q, (double)cases[i].q);
    }
    CHECK(isnan(quantized("tanh", 3, NAN)));
}

/* The number of edges not above f, by bisection. */
static size_t exact_code(const ip_activation *a, size_t last, double f)
{
    size_t below = 0, above = last + 1;
    while (above - below > 1) {
        const size_t j = (below + above) / 2;
        const double edge = a->lo * (double)(2 * (last - j) + 1) + a->hi * (double)(2 * j - 1);
        *(edge <= f * (double)(2 * last) ? &below : &above) = j;
    }
    return below;
}

/* Points over the range and beyond, and the floats next to every edge where there are few. */
static void exact(const ip_activation *a, uint64_t bits)
{
    const size_t last = ((size_t)1 << bits) - 1;
    size_t wrong = 0;
    for (size_t i = 0; i < POINTS + 3 * last && i < 5 * POINTS; i++) {
        const double at =
            i < POINTS
                ? a->lo + (a->hi - a->lo) * ((double)i / POINTS * 1.2 - 0.1)
                : a->lo + (a->hi - a->lo) * ((double)((i - POINTS) / 3) + 0.5) / (double)last;
        float f = (float)at;
        f = i >= POINTS && i % 3 == 0 ? nextafterf(f, -9) : f;
        f = i >= POINTS && i % 3 == 1 ? nextafterf(f, 9) : f;
        const size_t k = exact_code(a, last, (double)f);
        const float level =
            (float)((a->lo * (double)(last - k) + a->hi * (double)k) / (double)last);
        wrong += quantized(a->name, bits, f) != level;
    }
    CHECK_REPORT(wrong == 0, "%s of %llu bits: %zu codes differ", a->name, (unsigned long long)bits,
                 wrong);
}

/* 2^bits values, not one more; each rounds to itself; on [-1, 1] they mirror each other. */
static void levels(const ip_activation *a, uint64_t bits)
{
    const size_t n = (size_t)1 << bits;
    size_t distinct = 0;
    float before = -INFINITY;
    for (size_t i = 0; i <= 8 * n; i++) {
        const float f = (float)(a->lo + (a->hi - a->lo) * (double)i / (double)(8 * n));
        const float q = quantized(a->name, bits, f);
        CHECK_REPORT(q >= before && quantized(a->name, bits, q) == q, "%s: %.9g after %.9g",
                     a->name, (double)q, (double)before);
        CHECK(a->lo != -a->hi || f == 0 || quantized(a->name, bits, -f) == -q);
        distinct += q != before;
        before = q;
    }
    CHECK_COUNT(distinct, n);
}

/* Between the ends of the range the gradient passes, at and beyond them it does not. */
static void gradient_passes(void)
{
    const float f[] = {-1.0F, -0.99999994F, 0.0F, 0.5F, 1.0F, 5.9999995F, 6.0F, 7.0F};
    float on_tanh[8], on_relu[8];
    static const float passed_tanh[] = {0, -3, -3, -3, 0, 0, 0, 0};
    static const float passed_relu[] = {0, 0, 0, -3, -3, -3, 0, 0};
    for (size_t i = 0; i < 8; i++)
        on_tanh[i] = on_relu[i] = -3.0F;
    ip_quantizer_backward(find("tanh"), 8, f, on_tanh);
    ip_quantizer_backward(find("relu"), 8, f, on_relu);
    CHECK(memcmp(on_tanh, passed_tanh, sizeof on_tanh) == 0);
    CHECK(memcmp(on_relu, passed_relu, sizeof on_relu) == 0);
}

int main(void)
{
    size_t with_range = 0;
    by_hand();
    for (size_t i = 0; ip_activation_at(i) != NULL; i++) {
        const ip_activation *a = ip_activation_at(i);
        if (!ip_activation_has_range(a))
            continue;
        with_range++;
        for (uint64_t bits = 1; bits <= IP_MAX_BITS; bits++)
            exact(a, bits);
        for (uint64_t bits = 1; bits <= 10; bits++)
            levels(a, bits);
    }
    CHECK_COUNT(with_range, 5); /* tanh, relu, sigmoid, hard-tanh, softsign */
    gradient_passes();
    return check_finish();
}
