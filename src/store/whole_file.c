/* whole_file.c - a file that appears under its name complete or not at all
 *
 * HDF5 leaves an unreadable file behind when it is stopped while writing metadata. So a file is
 * written under a temporary name, closed, synced and renamed, and the folder is synced too.
 *
 * After a write that failed (a full disk), HDF5 can neither close the file nor end without a crash.
 * So the writing is done by a child process, which ends without HDF5 noticing. */
#include "beside.h"
#include "store_internal.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef IP_COVERAGE
void __gcov_dump(void);
#endif

static ip_status system_fail(ip_error *err, const char *path, const char *what, int error)
{
    return ip_file_fail(err, ip_make_status(error), path, "cannot %s: %s", what, strerror(error));
}

/* What the system has to say to the name comes first: its words are clearer than those of HDF5. */
static ip_status take_name(const char *temporary, const char *path, ip_error *err)
{
    const int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return system_fail(err, path, "create the file", errno);
    close(fd);
    return IP_OK;
}

static ip_status write_contents(const char *temporary, const char *path, ip_fill *fill,
                                const void *context, ip_error *err)
{
    const hid_t creation = H5Pcreate(H5P_FILE_CREATE);
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_link_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    H5Pset_obj_track_times(creation, false); /* equal contents, equal bytes */
    H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_LATEST);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    /* What a sieve buffer holds is written when a dataset closes, where a failure is not seen. */
    H5Pset_sieve_buf_size(access, 0);

    const hid_t file = H5Fcreate(temporary, H5F_ACC_TRUNC, creation, access);
    ip_status status = file >= 0 ? fill(file, path, context, err)
                                 : ip_h5_fail(err, IP_ERR_IO, path, "cannot write the file");
    if (file >= 0 && H5Fclose(file) < 0 && status == IP_OK)
        status = ip_h5_fail(err, IP_ERR_IO, path, "cannot write the file");
    ip_h5_close(access);
    ip_h5_close(creation);
    return status;
}

/* Runs in the child, which does not outlive its parent. _exit, so that HDF5 has no say in it. */
static _Noreturn void write_and_end(const char *temporary, const char *path, ip_fill *fill,
                                    const void *context, ip_error *met, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(0);
    if (write_contents(temporary, path, fill, context, met) == IP_OK)
        met->status = IP_OK;
#ifdef IP_COVERAGE
    __gcov_dump();
#endif
    _exit(0);
}

static ip_status write_apart(const char *temporary, const char *path, ip_fill *fill,
                             const void *context, ip_error *err)
{
    ip_error *met =
        mmap(NULL, sizeof *met, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (met == MAP_FAILED)
        return ip_file_fail(err, IP_ERR_MEMORY, path, "cannot write the file: %s", strerror(errno));
    ip_file_fail(met, IP_ERR_IO, path, "the process that wrote the file was killed");
    const pid_t parent = getpid();
    const pid_t child = fork();
    if (child == 0)
        write_and_end(temporary, path, fill, context, met, parent);
    if (child < 0)
        ip_file_fail(met, IP_ERR_IO, path, "cannot start a process to write the file: %s",
                     strerror(errno));
    while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
        continue;
    const ip_status status = met->status;
    if (status != IP_OK && err != NULL)
        *err = *met;
    (void)munmap(met, sizeof *met);
    return status;
}

static bool sync_file(const char *path)
{
    const int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return false;
    const bool ok = fsync(fd) == 0;
    close(fd);
    return ok;
}

/* Moves without replacing; 0 or an errno. Where the file system knows no such rename, a second name
 * is as good: it cannot be made over an existing one. */
static int move_to_new(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return errno;
    if (link(from, to) != 0)
        return errno;
    (void)unlink(from);
    return 0;
}

/* The new file may be read and written by whom the old one could. */
static void keep_mode(const char *temporary, const char *path)
{
    struct stat old;
    if (stat(path, &old) == 0)
        (void)chmod(temporary, old.st_mode & 07777);
}

static ip_status publish(const char *temporary, const char *name, const char *path, bool replace,
                         ip_error *err)
{
    if (replace)
        keep_mode(temporary, name);
    if (!sync_file(temporary))
        return ip_file_fail(err, IP_ERR_IO, path, "cannot write the file: %s", strerror(errno));
    const int error = !replace                       ? move_to_new(temporary, name)
                      : rename(temporary, name) == 0 ? 0
                                                     : errno;
    if (error != 0)
        return system_fail(err, path, "create the file", error);
    ip_sync_folder_of(name);
    return IP_OK;
}

/* ---- names ---- */

/* Where the bytes of path are or will be; on the heap. */
static char *real_name(const char *path)
{
    char *real = realpath(path, NULL);
    return real != NULL ? real : strdup(path);
}

#define TEMPORARY ".tmp."

/* path is what the caller calls the file, and what an error names. */
static ip_status write_named(const char *name, const char *path, bool replace, ip_fill *fill,
                             const void *context, ip_error *err)
{
    ip_text temporary = {0};
    ip_text_append(&temporary, "%s" TEMPORARY "%ld", name, (long)getpid());
    ip_status status = take_name(temporary.at, path, err);
    if (status == IP_OK)
        status = write_apart(temporary.at, path, fill, context, err);
    if (status == IP_OK)
        status = publish(temporary.at, name, path, replace, err);
    if (status != IP_OK)
        (void)unlink(temporary.at);
    ip_text_release(&temporary);
    return status;
}

ip_status ip_whole_file_write(const char *path, bool replace, ip_fill *fill, const void *context,
                              ip_error *err)
{
    struct stat existing;
    if (!replace && lstat(path, &existing) == 0 && stat(path, &existing) != 0)
        return ip_file_fail(err, IP_ERR_CREATE, path,
                            "cannot create the file: a symbolic link that leads nowhere is there");
    if (!replace && lstat(path, &existing) == 0)
        return system_fail(err, path, "create the file", EEXIST);
    char *name = replace ? real_name(path) : strdup(path);
    if (name == NULL)
        return ip_file_fail(err, IP_ERR_MEMORY, path, "out of memory");
    const ip_quiet quiet = ip_h5_quiet(); /* also starts HDF5, here rather than in the child */
    const ip_status status = write_named(name, path, replace, fill, context, err);
    ip_h5_restore(quiet);
    free(name);
    return status;
}

/* ---- what was left behind ---- */

/* The process that made a temporary file of `name`; 0 when this is none. */
static pid_t maker_of(const char *entry, const char *name)
{
    const size_t length = strlen(name);
    if (strncmp(entry, name, length) != 0 ||
        strncmp(entry + length, TEMPORARY, sizeof TEMPORARY - 1) != 0)
        return 0;
    const char *digits = entry + length + sizeof TEMPORARY - 1;
    const size_t n = strspn(digits, "0123456789");
    return n > 0 && n < 10 && digits[n] == '\0' ? (pid_t)atol(digits) : 0;
}

static bool lives(pid_t process)
{
    return kill(process, 0) == 0 || errno != ESRCH;
}

static void sweep_folder(const char *folder, const char *name)
{
    DIR *entries = opendir(folder);
    const struct dirent *entry;
    while (entries != NULL && (entry = readdir(entries)) != NULL) {
        const pid_t maker = maker_of(entry->d_name, name);
        if (maker > 0 && !lives(maker))
            (void)unlinkat(dirfd(entries), entry->d_name, 0);
    }
    if (entries != NULL)
        closedir(entries);
}

void ip_whole_file_sweep(const char *path)
{
    char *name = real_name(path);
    char *slash = name != NULL ? strrchr(name, '/') : NULL;
    if (slash != NULL)
        *slash = '\0';
    if (slash != NULL)
        sweep_folder(slash == name ? "/" : name, slash + 1);
    else if (name != NULL)
        sweep_folder(".", name);
    free(name);
}
