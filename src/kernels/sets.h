/* sets.h - the sets of kernels there are */
#ifndef KERNELS_SETS_H
#define KERNELS_SETS_H

#include "infoplane/kernels.h"

extern const ip_kernels ip_kernels_portable;
#if defined(__x86_64__)
extern const ip_kernels ip_kernels_x86_64_v2, ip_kernels_x86_64_v3, ip_kernels_x86_64_v4;
#endif

#endif
