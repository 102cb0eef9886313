/* checkpoint.c - the state of unfinished jobs, one small file each
 *
 * A file is a header, the tag and the block. The checksum covers the job's key too, so that a file
 * under a wrong name is not taken for that job's. Numbers are in the byte order of the machine: on
 * one of the other order the version does not fit, and the job starts from its beginning.
 *
 * What a process that was killed left under its temporary name is swept by the next run. A sweep
 * may also take the folder, or a temporary file, from under a writer: it then writes once more. */
#include "infoplane/checkpoint.h"
#include "beside.h"
#include "infoplane/log.h"
#include "store_internal.h"
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

static const char temporary_mark[] = ".tmp.";

enum { VERSION = 1, MAX_TAG = 4096 };

typedef struct header {
    char magic[8];
    uint32_t version;
    uint32_t tag_bytes;
    uint64_t bytes;    /* of the block */
    uint64_t checksum; /* XXH3 of key, tag, this header with a zero here, and block */
} header;
static_assert(sizeof(header) == 32, "no gaps: every byte of a header is written and checked");

static header new_header(const char *tag, size_t bytes)
{
    return (header){.magic = "ip-state",
                    .version = VERSION,
                    .tag_bytes = (uint32_t)strlen(tag),
                    .bytes = bytes};
}

/* The hash of each part seeds that of the next. */
static uint64_t checksum(header head, const char *key, const char *tag, const void *block)
{
    head.checksum = 0;
    uint64_t sum = XXH3_64bits(key, strlen(key) + 1);
    sum = XXH3_64bits_withSeed(tag, head.tag_bytes, sum);
    sum = XXH3_64bits_withSeed(&head, sizeof head, sum);
    return XXH3_64bits_withSeed(block, head.bytes, sum);
}

/* ---- names ---- */

static bool is_temporary(const char *name)
{
    return strstr(name, temporary_mark) != NULL;
}

static void name_folder(const char *file, ip_text *folder)
{
    ip_beside(file, ".checkpoints", folder);
}

static void name_checkpoint(const char *file, const char *key, ip_text *name)
{
    assert(key[0] != '\0' && key[0] != '.' && strchr(key, '/') == NULL && !is_temporary(key));
    name_folder(file, name);
    ip_text_append(name, "/%s", key);
}

/* ---- writing ---- */

/* What is to be written, and where. */
typedef struct writing {
    ip_text folder, temporary, name;
    header head;
    const char *tag;
    const void *block;
    bool sync;
} writing;

static int write_contents(const writing *w)
{
    const int fd = open(w->temporary.at, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return errno;
    int error = ip_write_all(fd, &w->head, sizeof w->head);
    if (error == 0)
        error = ip_write_all(fd, w->tag, w->head.tag_bytes);
    if (error == 0)
        error = ip_write_all(fd, w->block, w->head.bytes);
    if (error == 0 && w->sync && fsync(fd) != 0)
        error = errno;
    if (close(fd) != 0 && error == 0)
        error = errno;
    return error;
}

/* Makes the folder where it is missing. What is wrong with it, the first file in it will tell. */
static void make_folder(const writing *w)
{
    if (mkdir(w->folder.at, 0777) == 0 && w->sync)
        ip_sync_folder_of(w->folder.at);
}

static int write_once(const writing *w)
{
    int error = write_contents(w);
    if (error == 0 && rename(w->temporary.at, w->name.at) != 0)
        error = errno;
    if (error == 0 && w->sync)
        ip_sync_folder_of(w->name.at);
    if (error != 0)
        (void)unlink(w->temporary.at);
    return error;
}

ip_status ip_checkpoint_write(const char *file, const char *key, const char *tag, const void *block,
                              size_t bytes, bool sync, ip_error *err)
{
    assert(bytes > 0 && strlen(tag) <= MAX_TAG);
    writing w = {.head = new_header(tag, bytes), .tag = tag, .block = block, .sync = sync};
    w.head.checksum = checksum(w.head, key, tag, block);
    name_folder(file, &w.folder);
    name_checkpoint(file, key, &w.name);
    ip_text_append(&w.temporary, "%s%s%ld", w.name.at, temporary_mark, (long)getpid());
    int error = write_once(&w);
    for (int k = 0; k < 3 && error == ENOENT; k++) {
        make_folder(&w);
        error = write_once(&w);
    }
    const ip_status status = error == 0
                                 ? IP_OK
                                 : ip_file_fail(err, IP_ERR_IO, w.name.at,
                                                "cannot write the checkpoint: %s", strerror(error));
    ip_text_release(&w.temporary);
    ip_text_release(&w.name);
    ip_text_release(&w.folder);
    return status;
}

/* ---- reading ---- */

/* Reads exactly n bytes. */
static bool read_all(int fd, void *bytes, size_t n)
{
    size_t done = 0;
    while (done < n) {
        const ssize_t got = read(fd, (char *)bytes + done, n - done);
        if (got == 0 || (got < 0 && errno != EINTR))
            return false;
        done += got > 0 ? (size_t)got : 0;
    }
    return true;
}

/* The rest of a file whose header has been read, into tag (MAX_TAG) and block; what is wrong with
 * it, NULL when nothing is. */
static const char *read_rest(int fd, const header *head, const char *key, const char *expected,
                             void *block, size_t capacity)
{
    char tag[MAX_TAG];
    struct stat status;
    if (fstat(fd, &status) != 0 || head->bytes == 0 || head->tag_bytes > MAX_TAG ||
        head->bytes > (uint64_t)INT64_MAX - sizeof *head - MAX_TAG ||
        (uint64_t)status.st_size != sizeof *head + head->tag_bytes + head->bytes)
        return "it is damaged";
    if (head->bytes > capacity)
        return "it is longer than the state of such a job";
    if (!read_all(fd, tag, head->tag_bytes) || !read_all(fd, block, head->bytes) ||
        checksum(*head, key, tag, block) != head->checksum)
        return "it is damaged";
    if (head->tag_bytes != strlen(expected) || memcmp(tag, expected, head->tag_bytes) != 0)
        return "it was made with other arithmetic";
    return NULL;
}

static const char *read_checkpoint(int fd, const char *key, const char *tag, void *block,
                                   size_t capacity, size_t *bytes)
{
    header head;
    const header expected = new_header("", 0);
    if (!read_all(fd, &head, sizeof head) ||
        memcmp(head.magic, expected.magic, sizeof head.magic) != 0)
        return "it is damaged";
    if (head.version != expected.version)
        return "it was made by another version of this program";
    *bytes = head.bytes;
    return read_rest(fd, &head, key, tag, block, capacity);
}

size_t ip_checkpoint_read(const char *file, const char *key, const char *tag, void *block,
                          size_t capacity)
{
    size_t bytes = 0;
    const char *fault = NULL;
    ip_text name = {0};
    name_checkpoint(file, key, &name);
    const int fd = open(name.at, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0)
        fault = read_checkpoint(fd, key, tag, block, capacity, &bytes);
    else if (errno != ENOENT)
        fault = strerror(errno);
    if (fault != NULL)
        ip_log(IP_LOG_WARNING, "the checkpoint %s is not used: %s", name.at, fault);
    if (fd >= 0)
        close(fd);
    ip_text_release(&name);
    return fault == NULL ? bytes : 0;
}

/* ---- removing ---- */

void ip_checkpoint_remove(const char *file, const char *key)
{
    ip_text name = {0};
    name_checkpoint(file, key, &name);
    (void)unlink(name.at);
    ip_text_release(&name);
}

void ip_checkpoint_sweep(const char *file, bool (*is_wanted)(void *context, const char *key),
                         void *context)
{
    ip_text name = {0};
    name_folder(file, &name);
    DIR *folder = opendir(name.at);
    const struct dirent *entry;
    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        const char *key = entry->d_name;
        if (strcmp(key, ".") == 0 || strcmp(key, "..") == 0)
            continue;
        if (is_temporary(key) || is_wanted == NULL || !is_wanted(context, key))
            (void)unlinkat(dirfd(folder), key, 0);
    }
    if (folder != NULL)
        closedir(folder);
    (void)rmdir(name.at); /* fails when there is something in it */
    ip_text_release(&name);
}
