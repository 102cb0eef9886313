/* set_x86_64_v2.c - the kernels for x86-64-v2: 4 lanes, without fused multiply and add */
#if defined(__x86_64__)
#define IP_LANES_SSE4
#include "kernels/set.h"

IP_KERNEL_SET(ip_kernels_x86_64_v2, "x86-64-v2", "plain");
#else
typedef int ip_no_set; /* a file of C is not empty */
#endif
