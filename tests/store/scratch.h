/* scratch.h - a folder that a test has for itself and takes away again, files in it, and what the
 * library says on stderr */
#ifndef SCRATCH_H
#define SCRATCH_H

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static inline int scratch_remove_one(const char *path, const struct stat *status, int what,
                                     struct FTW *place)
{
    (void)status, (void)what, (void)place;
    return remove(path);
}

static inline void scratch_remove(const char *path)
{
    (void)nftw(path, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Makes the folder anew under the working directory and goes there. */
static inline void scratch_enter(const char *name)
{
    scratch_remove(name);
    if (mkdir(name, 0777) != 0 || chdir(name) != 0) {
        perror(name);
        exit(EXIT_FAILURE);
    }
}

static inline void scratch_leave(const char *name)
{
    if (chdir("..") == 0)
        scratch_remove(name);
}

static inline bool scratch_exists(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

static inline void scratch_write(const char *path, const void *bytes, size_t n)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes, 1, n, file) != n || fclose(file) != 0) {
        perror(path);
        exit(EXIT_FAILURE);
    }
}

/* At most n bytes; their number, 0 when there is no such file. */
static inline size_t scratch_read(const char *path, void *bytes, size_t n)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return 0;
    const size_t got = fread(bytes, 1, n, file);
    fclose(file);
    return got;
}

/* Makes a file look as if it was last written so long ago. */
static inline void scratch_age(const char *path, time_t seconds)
{
    const struct timespec then = {.tv_sec = time(NULL) - seconds};
    CHECK(utimensat(AT_FDCWD, path, (struct timespec[]){then, then}, AT_SYMLINK_NOFOLLOW) == 0);
}

/* Between the two calls stderr goes to a file, whose contents the second returns. */
static int scratch_stderr;
static inline void scratch_listen(void)
{
    const int fd = open("said", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    fflush(stderr);
    scratch_stderr = dup(STDERR_FILENO);
    dup2(fd, STDERR_FILENO);
    close(fd);
}

static inline const char *scratch_said(void)
{
    static char text[4096];
    fflush(stderr);
    dup2(scratch_stderr, STDERR_FILENO);
    close(scratch_stderr);
    text[scratch_read("said", text, sizeof text - 1)] = '\0';
    unlink("said");
    return text;
}

/* The exit code of a child that runs act; 128 and the signal's number when one ended it. as_nobody:
 * without the rights of root, when the test has them. */
static inline int scratch_child(bool as_nobody, int (*act)(void *context), void *context)
{
    fflush(NULL);
    const pid_t pid = fork();
    if (pid == 0) {
        if (as_nobody && geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
            _exit(99);
        _exit(act(context));
    }
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#endif
