/* fail_write.c - preloaded into the program: one write to a file under way fails, as on a full disk
 *
 * FAIL_WRITE=N: the N-th write of a process to a file with ".h5.tmp." in its name gives ENOSPC;
 * FAIL_WRITE_TOLD: a file that is made when it happens. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int n_writes;

static bool is_under_way(int fd)
{
    char link[64], path[4096] = "";
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t length = readlink(link, path, sizeof path - 1);
    return length > 0 && strstr(path, ".h5.tmp.") != NULL;
}

static bool fails(int fd)
{
    const char *number = getenv("FAIL_WRITE"), *told = getenv("FAIL_WRITE_TOLD");
    if (number == NULL || !is_under_way(fd) || ++n_writes != atoi(number))
        return false;
    if (told != NULL)
        close(open(told, O_WRONLY | O_CREAT, 0666));
    errno = ENOSPC;
    return true;
}

ssize_t write(int fd, const void *bytes, size_t n)
{
    ssize_t (*next)(int, const void *, size_t) = NULL;
    *(void **)&next = dlsym(RTLD_NEXT, "write");
    return fails(fd) ? -1 : next(fd, bytes, n);
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at)
{
    ssize_t (*next)(int, const void *, size_t, off_t) = NULL;
    *(void **)&next = dlsym(RTLD_NEXT, "pwrite");
    return fails(fd) ? -1 : next(fd, bytes, n, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at)
{
    ssize_t (*next)(int, const void *, size_t, off64_t) = NULL;
    *(void **)&next = dlsym(RTLD_NEXT, "pwrite64");
    return fails(fd) ? -1 : next(fd, bytes, n, at);
}
