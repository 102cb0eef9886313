/* random.c - streams over Threefry-4x32-20: key = (seed, purpose), counter = (block, index) */
#include "infoplane/random.h"
#include <Random123/threefry.h>
#include <math.h>
#include <string.h>

enum { N_WORDS = 4 * IP_RNG_BLOCKS };

ip_rng ip_rng_make(uint64_t seed, ip_purpose purpose, uint64_t index)
{
    return (ip_rng){
        .key = {(uint32_t)seed, (uint32_t)(seed >> 32), (uint32_t)purpose, 0},
        .index = index,
        .used = N_WORDS,
    };
}

/* The blocks are computed side by side, word by word, so that a compiler can use vectors. */
static void refill(ip_rng *rng)
{
    threefry4x32_key_t key;
    memcpy(key.v, rng->key, sizeof rng->key);
    uint32_t words[4][IP_RNG_BLOCKS];
    for (unsigned b = 0; b < IP_RNG_BLOCKS; b++) {
        const uint64_t block = rng->block + b;
        const threefry4x32_ctr_t counter = {{(uint32_t)block, (uint32_t)(block >> 32),
                                             (uint32_t)rng->index, (uint32_t)(rng->index >> 32)}};
        const threefry4x32_ctr_t made = threefry4x32(counter, key);
        for (unsigned k = 0; k < 4; k++)
            words[k][b] = made.v[k];
    }
    for (unsigned b = 0; b < IP_RNG_BLOCKS; b++)
        for (unsigned k = 0; k < 4; k++)
            rng->words[4 * b + k] = words[k][b];
    rng->block += IP_RNG_BLOCKS;
    rng->used = 0;
}

uint32_t ip_rng_u32(ip_rng *rng)
{
    if (rng->used == N_WORDS)
        refill(rng);
    return rng->words[rng->used++];
}

double ip_rng_uniform(ip_rng *rng)
{
    const uint64_t high = ip_rng_u32(rng);
    const uint64_t low = ip_rng_u32(rng);
    const double u = ((double)(((high << 32) | low) >> 11) + 0.5) * 0x1p-53;
    return u < 1.0 ? u : 1.0 - 0x1p-53; /* the topmost of the 2^53 would round to 1 */
}

double ip_rng_normal(ip_rng *rng)
{
    const double two_pi = 6.283185307179586;
    const double radius = sqrt(-2.0 * log(ip_rng_uniform(rng)));
    return radius * cos(two_pi * ip_rng_uniform(rng));
}

uint32_t ip_rng_below(ip_rng *rng, uint32_t n)
{
    uint64_t product = (uint64_t)ip_rng_u32(rng) * n;
    if ((uint32_t)product < n) {
        const uint32_t threshold = (uint32_t)(-n) % n; /* 2^32 mod n */
        while ((uint32_t)product < threshold)
            product = (uint64_t)ip_rng_u32(rng) * n;
    }
    return (uint32_t)(product >> 32);
}

void ip_rng_shuffle(ip_rng *rng, uint32_t *items, size_t n)
{
    enum { AHEAD = 512 }; /* drawn before they are used: swaps wait for memory, draws for nothing */
    uint32_t drawn[AHEAD];
    for (size_t i = n; i > 1;) {
        const size_t count = i - 1 < AHEAD ? i - 1 : AHEAD;
        for (size_t k = 0; k < count; k++)
            drawn[k] = ip_rng_below(rng, (uint32_t)(i - k));
        for (size_t k = 0; k < count; k++, i--) {
            const uint32_t kept = items[i - 1];
            items[i - 1] = items[drawn[k]];
            items[drawn[k]] = kept;
        }
    }
}
