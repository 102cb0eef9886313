/* test_random.c - the generator gives the published words, and the draws have their distributions
 */
#include "check.h"
#include "infoplane/macros.h"
#include "infoplane/random.h"
#include <stdbool.h>

/* Answers of Threefry-4x32-20 published with Random123: counter, key, words. */
static void known_words(void)
{
    static const struct {
        uint32_t counter[4], key[4], words[4];
    } known[] = {
        {{0, 0, 0, 0}, {0, 0, 0, 0}, {0x9c6ca96a, 0xe17eae66, 0xfc10ecd4, 0x5256a7d8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0x2a881696, 0x57012287, 0xf6c7446e, 0xa16a6732}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0, 0x082efa98, 0xec4e6c89},
         {0x59cd1dbb, 0xb8879579, 0x86b5d00c, 0xac8b6d84}},
    };
    for (size_t i = 0; i < IP_LENGTH(known); i++) {
        ip_rng rng = {.used = IP_LENGTH(rng.words)};
        memcpy(rng.key, known[i].key, sizeof rng.key);
        rng.block = known[i].counter[0] | (uint64_t)known[i].counter[1] << 32;
        rng.index = known[i].counter[2] | (uint64_t)known[i].counter[3] << 32;
        for (size_t j = 0; j < 4; j++)
            CHECK_COUNT(ip_rng_u32(&rng), known[i].words[j]);
    }
}

/* Key = (seed, purpose), counter = (block, index). The words were computed by a second
 * implementation of the cipher, in Python. */
static void streams_are_named(void)
{
    static const uint32_t expected[] = {0x36ccead6, 0x6ad44d57, 0xa3954e63, 0xd85063cf,
                                        0xda2cc87e, 0xc4187b93, 0x804e6c9c, 0xcb336e8f};
    ip_rng rng = ip_rng_make(0x100000005, IP_PURPOSE_ORDER, 0x200000007);
    for (size_t i = 0; i < IP_LENGTH(expected); i++)
        CHECK_COUNT(ip_rng_u32(&rng), expected[i]);
}

/* Word i is the same whichever block the stream was entered at. */
static void words_follow_each_other(void)
{
    ip_rng rng = ip_rng_make(3, IP_PURPOSE_ORDER, 4);
    for (uint64_t i = 0; i < 200; i++) {
        ip_rng entered = ip_rng_make(3, IP_PURPOSE_ORDER, 4);
        entered.block = i / 4;
        for (uint64_t j = 0; j < i % 4; j++)
            (void)ip_rng_u32(&entered);
        CHECK_COUNT(ip_rng_u32(&rng), ip_rng_u32(&entered));
    }
}

static void streams_differ(void)
{
    ip_rng streams[] = {
        ip_rng_make(1, IP_PURPOSE_SPLIT, 0),
        ip_rng_make(2, IP_PURPOSE_SPLIT, 0),
        ip_rng_make(0x100000001, IP_PURPOSE_SPLIT, 0),
        ip_rng_make(1, IP_PURPOSE_LABELS, 0),
        ip_rng_make(1, IP_PURPOSE_SPLIT, 1),
        ip_rng_make(1, IP_PURPOSE_SPLIT, 0x100000000),
    };
    uint64_t first[IP_LENGTH(streams)];
    for (size_t i = 0; i < IP_LENGTH(streams); i++) {
        first[i] = (uint64_t)ip_rng_u32(&streams[i]) << 32;
        first[i] |= ip_rng_u32(&streams[i]);
        for (size_t j = 0; j < i; j++)
            CHECK(first[i] != first[j]);
    }
    ip_rng again = ip_rng_make(1, IP_PURPOSE_SPLIT, 0);
    CHECK_COUNT(ip_rng_u32(&again), first[0] >> 32);
}

/* Mean, variance and fourth moment of n draws, each within 5 standard deviations of its sampling
 * distribution (1e-6 for a right generator, and the seed is fixed). */
static void uniform_moments(void)
{
    const size_t n = 100000;
    ip_rng rng = ip_rng_make(1, IP_PURPOSE_TEST, 1);
    double sum = 0.0;
    double squares = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double u = ip_rng_uniform(&rng);
        CHECK(u > 0.0 && u < 1.0);
        sum += u;
        squares += (u - 0.5) * (u - 0.5);
    }
    const double root = sqrt((double)n);
    CHECK_NEAR(sum / (double)n, 0.5, 5 * sqrt(1.0 / 12) / root);
    CHECK_NEAR(squares / (double)n, 1.0 / 12, 5 * sqrt(1.0 / 180) / root);
}

static void normal_moments(void)
{
    const size_t n = 100000;
    ip_rng rng = ip_rng_make(1, IP_PURPOSE_TEST, 2);
    double moment[5] = {0};
    for (size_t i = 0; i < n; i++) {
        double power = 1.0;
        const double z = ip_rng_normal(&rng);
        for (size_t k = 1; k <= 4; k++)
            moment[k] += power *= z;
    }
    /* E z^k = 0, 1, 0, 3; its draws have variance E z^2k - (E z^k)^2 = 1, 2, 15, 96. */
    static const double expected[] = {0, 0, 1, 0, 3};
    static const double variance[] = {0, 1, 2, 15, 96};
    for (size_t k = 1; k <= 4; k++)
        CHECK_NEAR(moment[k] / (double)n, expected[k], 5 * sqrt(variance[k] / (double)n));
}

/* The first number of a stream by hand: (z + 1/2) 2^-53 of its first 53 bits. */
static void uniform_is_open(void)
{
    ip_rng least = {.used = 0};
    CHECK(ip_rng_uniform(&least) == 0x1p-54);
    ip_rng most = {.words = {0xffffffff, 0xffffffff, 0, 0}};
    CHECK(ip_rng_uniform(&most) == 1.0 - 0x1p-53);
    ip_rng half = {.words = {0x40000000, 0, 0, 0}};
    CHECK(ip_rng_uniform(&half) == 0.25 + 0x1p-54);
}

/* u1 = e^-2 cut to 32 bits makes the radius 2 within 2^-32 / (2 e^-2) = 9e-10; u2 = 1/2 makes the
 * cosine -1. */
static void normal_is_box_muller(void)
{
    ip_rng rng = {.words = {(uint32_t)(0.1353352832366127 * 4294967296.0), 0, 0x80000000, 0}};
    CHECK_NEAR(ip_rng_normal(&rng), -2.0, 1e-9);
}

static double chi_square(size_t n_cells, const uint32_t *count, double expected)
{
    double sum = 0.0;
    for (size_t i = 0; i < n_cells; i++)
        sum += (count[i] - expected) * (count[i] - expected) / expected;
    return sum;
}

/* The limits are the points that chi-square with 5 and 9 degrees of freedom passes with
 * probability 1e-6. */
static void below_is_unbiased(void)
{
    static const struct {
        uint32_t n;
        double limit;
    } cases[] = {{6, 35.89}, {10, 44.81}};
    for (size_t k = 0; k < IP_LENGTH(cases); k++) {
        uint32_t count[10] = {0};
        ip_rng rng = ip_rng_make(3, IP_PURPOSE_TEST, k);
        for (size_t i = 0; i < 60000; i++) {
            const uint32_t drawn = ip_rng_below(&rng, cases[k].n);
            CHECK(drawn < cases[k].n);
            count[drawn % 10]++;
        }
        CHECK(chi_square(cases[k].n, count, 60000.0 / cases[k].n) < cases[k].limit);
    }
    ip_rng rng = ip_rng_make(3, IP_PURPOSE_TEST, 9);
    CHECK_COUNT(ip_rng_below(&rng, 1), 0);
}

/* n = 3 2^30 is where taking a remainder, or a product without rejection, is worst: a quarter of
 * the words must be drawn again. Thirds of the range: 2 degrees of freedom, 1e-6. */
static void below_rejects(void)
{
    uint32_t count[3] = {0};
    ip_rng rng = ip_rng_make(4, IP_PURPOSE_TEST, 0);
    uint32_t multiples_of_three = 0;
    for (size_t i = 0; i < 60000; i++) {
        const uint32_t drawn = ip_rng_below(&rng, 0xc0000000);
        count[drawn / 0x40000000]++;
        multiples_of_three += drawn % 3 == 0;
    }
    CHECK(chi_square(3, count, 20000.0) < 27.63);
    /* Without rejection half of all draws are multiples of three: two of four words meet there. */
    CHECK_NEAR(multiples_of_three, 20000.0, 5 * sqrt(60000.0 * 2 / 9));
}

static void shuffle_permutes(void)
{
    uint32_t items[1000];
    bool seen[1000] = {false};
    for (uint32_t i = 0; i < 1000; i++)
        items[i] = i;
    ip_rng rng = ip_rng_make(5, IP_PURPOSE_TEST, 0);
    ip_rng_shuffle(&rng, items, 1000);
    size_t in_place = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        CHECK(items[i] < 1000 && !seen[items[i] % 1000]);
        seen[items[i] % 1000] = true;
        in_place += items[i] == i;
    }
    CHECK(in_place < 12); /* Poisson with mean 1: 12 or more have probability 1e-9 */
    ip_rng_shuffle(&rng, items, 0);
    ip_rng_shuffle(&rng, items, 1);
}

static void shuffle_is_uniform(void)
{
    uint32_t count[24] = {0};
    ip_rng rng = ip_rng_make(6, IP_PURPOSE_TEST, 0);
    for (size_t i = 0; i < 48000; i++) {
        uint32_t items[] = {0, 1, 2, 3};
        ip_rng_shuffle(&rng, items, 4);
        /* The rank of the permutation: digits that count the smaller items behind. */
        uint32_t rank = 0;
        for (size_t a = 0; a < 4; a++) {
            uint32_t smaller = 0;
            for (size_t b = a + 1; b < 4; b++)
                smaller += items[b] < items[a];
            rank = rank * (uint32_t)(4 - a) + smaller;
        }
        count[rank]++;
    }
    CHECK(chi_square(24, count, 2000.0) < 70.55); /* 23 degrees of freedom: 1e-6 */
}

int main(void)
{
    known_words();
    streams_are_named();
    words_follow_each_other();
    streams_differ();
    uniform_moments();
    normal_moments();
    uniform_is_open();
    normal_is_box_muller();
    below_is_unbiased();
    below_rejects();
    shuffle_permutes();
    shuffle_is_uniform();
    return check_finish();
}
