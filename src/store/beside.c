/* beside.c - what stands beside a result file: its name, its bytes, its folder on the disk */
#include "beside.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Appends "/a/." for "/a/b", "." for "b". */
static void append_folder(const char *name, ip_text *folder)
{
    const char *slash = strrchr(name, '/');
    ip_text_append(folder, "%.*s.", slash != NULL ? (int)(slash + 1 - name) : 0, name);
}

/* The real name of the folder of file, to be freed; NULL when there is none. */
static char *real_folder(const char *file)
{
    ip_text folder = {0};
    append_folder(file, &folder);
    char *real = realpath(folder.at, NULL);
    ip_text_release(&folder);
    return real;
}

void ip_beside(const char *file, const char *suffix, ip_text *name)
{
    const char *slash = strrchr(file, '/');
    char *real = realpath(file, NULL);
    char *folder = real == NULL ? real_folder(file) : NULL;
    if (real != NULL)
        ip_text_append(name, "%s%s", real, suffix);
    else if (folder != NULL)
        ip_text_append(name, "%s/%s%s", strcmp(folder, "/") != 0 ? folder : "",
                       slash != NULL ? slash + 1 : file, suffix);
    else
        ip_text_append(name, "%s%s", file, suffix);
    free(folder);
    free(real);
}

int ip_write_all(int fd, const void *bytes, size_t n)
{
    size_t done = 0;
    while (done < n) {
        const ssize_t written = write(fd, (const char *)bytes + done, n - done);
        if (written < 0 && errno != EINTR)
            return errno;
        done += written > 0 ? (size_t)written : 0;
    }
    return 0;
}

ip_status ip_make_status(int error)
{
    const bool is_full = error == ENOSPC || error == EDQUOT || error == EFBIG || error == EIO;
    return is_full ? IP_ERR_IO : IP_ERR_CREATE;
}

void ip_sync_folder_of(const char *name)
{
    ip_text folder = {0};
    append_folder(name, &folder);
    const int fd = open(folder.at, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ip_text_release(&folder);
    if (fd < 0)
        return;
    (void)fsync(fd);
    close(fd);
}
