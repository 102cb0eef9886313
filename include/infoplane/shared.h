/* shared.h - memory that several processes of a node see
 *
 * It has no name that could be left behind: it is an anonymous file of the kernel (memfd_create),
 * which goes with the last process that has it, however that ends, and for which no mount such as
 * /dev/shm sets a size. Another process finds it under /proc of the one that made it. */
#ifndef INFOPLANE_SHARED_H
#define INFOPLANE_SHARED_H

#include "infoplane/error.h"
#include <stdbool.h>
#include <stddef.h>

typedef struct ip_shared {
    void *at; /* NULL: no memory */
    size_t bytes;
    int fd;    /* in the process that made it */
    int owner; /* which is that one */
} ip_shared;

/* Makes zeroed memory of `bytes` >= 1, aligned to a page. False when that much cannot be had. */
bool ip_shared_new(size_t bytes, ip_shared *shared) IP_CHECKED;

/* Maps the memory that another process, which still has it, made: `of` as it stands there. For
 * reading only. False where the other cannot be looked into, as in a container of its own. */
bool ip_shared_attach(const ip_shared *of, ip_shared *shared) IP_CHECKED;

/* From here on the memory cannot be written, by this process and those it forks. */
void ip_shared_seal(const ip_shared *shared);

void ip_shared_release(ip_shared *shared); /* what could not be made or mapped is fine */

#endif
