/* set_portable.c - the kernels in plain C: what the others must agree with, and what machines run
 * that none of them is for */
#include "kernels/set.h"

IP_KERNEL_SET(ip_kernels_portable, "portable", "fma");
