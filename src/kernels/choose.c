/* choose.c - which set of kernels runs */
#include "kernels/sets.h"
#include <string.h>

static bool always(void)
{
    return true;
}

#if defined(__x86_64__)
static bool has_v2(void)
{
    return __builtin_cpu_supports("sse4.1") != 0;
}

static bool has_v3(void)
{
    return has_v2() && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool has_v4(void)
{
    return has_v3() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#endif

/* Slowest first. */
static const struct {
    const ip_kernels *set;
    bool (*is_supported)(void);
} sets[] = {
    {&ip_kernels_portable, always},
#if defined(__x86_64__)
    {&ip_kernels_x86_64_v2, has_v2},
    {&ip_kernels_x86_64_v3, has_v3},
    {&ip_kernels_x86_64_v4, has_v4},
#endif
};

static const ip_kernels *chosen;

/* The index-th that this machine has. */
static const ip_kernels *supported(size_t index)
{
    for (size_t k = 0; k < IP_LENGTH(sets); k++) {
        if (sets[k].is_supported() && index-- == 0)
            return sets[k].set;
    }
    return NULL;
}

const char *ip_kernels_name(size_t index)
{
    const ip_kernels *set = supported(index);
    return set != NULL ? set->name : NULL;
}

const ip_kernels *ip_kernels_in_use(void)
{
    for (size_t k = 0; chosen == NULL; k++) {
        if (supported(k + 1) == NULL)
            chosen = supported(k);
    }
    return chosen;
}

ip_status ip_kernels_use(const char *name, ip_error *err)
{
    const ip_kernels *set = supported(ip_names_find(ip_kernels_name, name));
    if (set != NULL) {
        chosen = set;
        return IP_OK;
    }
    ip_text names = {0};
    ip_names_join(ip_kernels_name, &names);
    ip_fail(err, IP_ERR_USAGE, "expected kernels that this machine has (%s), saw '%s'", names.at,
            name);
    ip_text_release(&names);
    return IP_ERR_USAGE;
}

size_t ip_kernel_columns(size_t n)
{
    return (n + IP_KERNEL_COLUMNS - 1) / IP_KERNEL_COLUMNS * IP_KERNEL_COLUMNS;
}

size_t ip_kernel_stride(size_t n)
{
    const size_t columns = (n + IP_KERNEL_COLUMNS - 1) / IP_KERNEL_COLUMNS;
    return (columns | 1) * IP_KERNEL_COLUMNS;
}

size_t ip_pair_stride(size_t n)
{
    const size_t blocks = (n + IP_PAIR_BLOCK - 1) / IP_PAIR_BLOCK;
    return (blocks | 1) * IP_PAIR_BLOCK;
}
