/* kernel_sets.h - a check for every set of kernels that this machine has */
#ifndef KERNEL_SETS_H
#define KERNEL_SETS_H

#include "check.h"
#include "infoplane/kernels.h"
#include <stdint.h>

/* Calls the check with each set in turn; at least the portable one is there. */
static inline void for_every_set(void (*check)(const ip_kernels *set))
{
    ip_error err = {0};
    const char *name;
    size_t n_sets = 0;
    for (; (name = ip_kernels_name(n_sets)) != NULL; n_sets++) {
        CHECK(ip_kernels_use(name, &err) == IP_OK);
        CHECK_STR(ip_kernels_in_use()->name, name);
        check(ip_kernels_in_use());
    }
    CHECK(n_sets >= 1);
}

static inline bool is_fused(const ip_kernels *set)
{
    return strcmp(set->results, "fma") == 0;
}

/* Numbers that look random, between -1 and 1. */
static inline float pseudo_random(uint32_t *state)
{
    *state = *state * 1664525U + 1013904223U;
    return (float)(int32_t)*state * 0x1p-31F;
}

#endif
