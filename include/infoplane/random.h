/* random.h - random numbers that depend on nothing but their name
 *
 * A stream is named by (seed, purpose, index); its i-th number is a function of that name and i
 * alone. So a job draws the same numbers on any rank, after any interruption, whatever was drawn
 * before it, and two jobs that differ in one setting share the rest. Source: Threefry-4x32-20 of
 * Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011, as packaged
 * in Random123. */
#ifndef INFOPLANE_RANDOM_H
#define INFOPLANE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* What a stream is for. The values are part of the results' identity: append, never renumber. */
typedef enum ip_purpose {
    IP_PURPOSE_SPLIT = 1,         /* training rows of a seed */
    IP_PURPOSE_WEIGHTS = 2,       /* initial weights; index = layer from 0 */
    IP_PURPOSE_ORDER = 3,         /* order of the rows; index = epoch from 1 */
    IP_PURPOSE_LABELS = 4,        /* sampled labels */
    IP_PURPOSE_NULL = 5,          /* labels shuffled among the rows; index = shuffle from 0 */
    IP_PURPOSE_ROWS = 6,          /* rows drawn by an estimator; index = place of the sample */
    IP_PURPOSE_MEASURE_NOISE = 8, /* noise added for measuring; index = place of the sample */
    IP_PURPOSE_NOISE = 10, /* inside the network in training; index = 2^16 epoch (from 1) + layer */
    IP_PURPOSE_NOISE_MEASURED = 11, /* the same in a measurement after that epoch */
    IP_PURPOSE_MEASURED_ROWS = 12,  /* rows that are measured; index = 0: trained on, 1: not */
    IP_PURPOSE_BOUND = 100,         /* searches on the bottleneck's curve; index says which */
    IP_PURPOSE_TEST = 1000          /* the project's own tests */
} ip_purpose;

enum { IP_RNG_BLOCKS = 8 }; /* made at a time, side by side; each has four words */

typedef struct ip_rng {
    uint32_t key[4];
    uint64_t index;
    uint64_t block;                    /* the next */
    uint32_t words[4 * IP_RNG_BLOCKS]; /* of the blocks before it */
    unsigned used;                     /* words of them already given */
} ip_rng;

/* The beginning of stream (seed, purpose, index). */
ip_rng ip_rng_make(uint64_t seed, ip_purpose purpose, uint64_t index);

/* Uniform on 0 .. 2^32-1. */
uint32_t ip_rng_u32(ip_rng *rng);

/* Uniform on the open interval (0, 1), 53 bits: (z + 1/2) 2^-53. Takes two words. */
double ip_rng_uniform(ip_rng *rng);

/* Normal with mean 0 and deviation 1, by Box-Muller (the cosine one; the sine is not kept). */
double ip_rng_normal(ip_rng *rng);

/* Uniform on 0 .. n-1 without bias; n >= 1. Source: Lemire, ACM TOMACS 29(1), 2019. */
uint32_t ip_rng_below(ip_rng *rng, uint32_t n);

/* Permutes the n items uniformly (Fisher-Yates, from the end). */
void ip_rng_shuffle(ip_rng *rng, uint32_t *items, size_t n);

#endif
