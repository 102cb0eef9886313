/* scratch.h - cutting the caller's scratch up, and counting beforehand how much that takes */
#ifndef SCRATCH_H
#define SCRATCH_H

#include <stddef.h>

/* Scratch of which the first `bytes` are taken; base NULL: only counted. */
typedef struct ip_cut {
    char *base;
    size_t bytes;
} ip_cut;

/* Takes count elements; parts begin at multiples of a cache line. */
static inline void *ip_cut_take(ip_cut *cut, size_t count, size_t size)
{
    void *taken = cut->base != NULL ? cut->base + cut->bytes : NULL;
    cut->bytes += (count * size + 63) / 64 * 64;
    return taken;
}

#endif
