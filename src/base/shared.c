/* shared.c - an anonymous file, mapped */
#include "infoplane/shared.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

/* Whether the kernel would give so much: an anonymous file takes its pages one by one, and nobody
 * is told when there are none left. */
static bool can_be_had(size_t bytes)
{
    void *tried = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return tried != MAP_FAILED && munmap(tried, bytes) == 0;
}

static bool map(int fd, size_t bytes, int protection, ip_shared *shared)
{
    void *at = mmap(NULL, bytes, protection, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED)
        return false;
    shared->at = at;
    shared->bytes = bytes;
    return true;
}

bool ip_shared_new(size_t bytes, ip_shared *shared)
{
    *shared = (ip_shared){.fd = -1, .owner = (int)getpid()};
    if ((off_t)bytes <= 0 || !can_be_had(bytes))
        return false;
    shared->fd = memfd_create("infoplane", MFD_CLOEXEC);
    if (shared->fd >= 0 && ftruncate(shared->fd, (off_t)bytes) == 0 &&
        map(shared->fd, bytes, PROT_READ | PROT_WRITE, shared))
        return true;
    ip_shared_release(shared);
    return false;
}

bool ip_shared_attach(const ip_shared *of, ip_shared *shared)
{
    char path[64];
    *shared = (ip_shared){.fd = -1, .owner = of->owner};
    snprintf(path, sizeof path, "/proc/%d/fd/%d", of->owner, of->fd);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    const bool done = map(fd, of->bytes, PROT_READ, shared);
    close(fd);
    return done;
}

void ip_shared_seal(const ip_shared *shared)
{
    mprotect(shared->at, shared->bytes, PROT_READ);
}

void ip_shared_release(ip_shared *shared)
{
    if (shared->at != NULL)
        munmap(shared->at, shared->bytes);
    if (shared->fd >= 0)
        close(shared->fd);
    *shared = (ip_shared){.fd = -1};
}
