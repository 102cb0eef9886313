/* set_x86_64_v4.c - the kernels for x86-64-v4: 8 lanes, as sums have to have */
#if defined(__x86_64__)
#define IP_LANES_AVX2
#include "kernels/set.h"

IP_KERNEL_SET(ip_kernels_x86_64_v4, "x86-64-v4", "fma");
#else
typedef int ip_no_set; /* a file of C is not empty */
#endif
