/* test_checkpoint.c - a checkpoint is there whole or not at all: disks that are full, writers that
 * are killed, files that are damaged */
#include "infoplane/checkpoint.h"
#include "infoplane/log.h"
#include "scratch.h"
#include <dirent.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

/* ---- a file system that misbehaves: these stand before the system's own ---- */

static size_t most_bytes = SIZE_MAX; /* that one write or read takes */
static int interruptions;            /* every so many-th is interrupted; 0: none */
static int calls, syncs, failing_syncs;
static void (*before_rename)(const char *from);

static bool is_interrupted(void)
{
    return interruptions > 0 && ++calls % interruptions == 0;
}

ssize_t write(int fd, const void *bytes, size_t n)
{
    if (is_interrupted()) {
        errno = EINTR;
        return -1;
    }
    return syscall(SYS_write, fd, bytes, n < most_bytes ? n : most_bytes);
}

ssize_t read(int fd, void *bytes, size_t n)
{
    if (is_interrupted()) {
        errno = EINTR;
        return -1;
    }
    return syscall(SYS_read, fd, bytes, n < most_bytes ? n : most_bytes);
}

int fsync(int fd)
{
    syncs++;
    if (failing_syncs == 0)
        return (int)syscall(SYS_fsync, fd);
    failing_syncs--;
    errno = EIO;
    return -1;
}

int rename(const char *from, const char *to)
{
    if (before_rename != NULL)
        before_rename(from);
    before_rename = NULL;
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

/* ---- helpers ---- */

enum { BLOCK = 10000 };

static const char tag[] = "avx2 fma Haswell";

/* A block that tells its number, at any length. */
static void fill(unsigned char *block, size_t n, unsigned number)
{
    for (size_t k = 0; k < n; k++)
        block[k] = (unsigned char)(number + 7 * k + k / 256);
}

static bool holds(const unsigned char *block, size_t n, unsigned number)
{
    unsigned char expected[BLOCK];
    fill(expected, n, number);
    return memcmp(block, expected, n) == 0;
}

static ip_status put(const char *key, size_t n, unsigned number, ip_error *err)
{
    unsigned char block[BLOCK];
    fill(block, n, number);
    return ip_checkpoint_write("a.h5", key, tag, block, n, number % 2 == 1, err);
}

static void put_well(const char *key, size_t n, unsigned number)
{
    ip_error err = {0};
    CHECK(put(key, n, number, &err) == IP_OK);
    CHECK_STR(err.text, "");
}

/* The checkpoint is there, n bytes of that number, and nothing is said. */
static void check_has(const char *key, size_t n, unsigned number)
{
    unsigned char block[BLOCK];
    scratch_listen();
    const size_t got = ip_checkpoint_read("a.h5", key, tag, block, n);
    CHECK_STR(scratch_said(), "");
    CHECK_COUNT(got, n);
    CHECK(got == n && holds(block, n, number));
}

/* It cannot be used, with these words; NULL: it is not there, and nothing is said. */
static void check_has_not(const char *key, const char *expected_tag, size_t capacity,
                          const char *words)
{
    unsigned char *block = malloc(capacity + 1); /* sanitizers see what is written beyond it */
    scratch_listen();
    CHECK_COUNT(ip_checkpoint_read("a.h5", key, expected_tag, block, capacity), 0);
    const char *said = scratch_said();
    if (words == NULL)
        CHECK_STR(said, "");
    if (words != NULL) {
        CHECK_HAS(said, "warning: the checkpoint ");
        CHECK_HAS(said, words);
    }
    free(block);
}

static int n_files(void)
{
    int n = 0;
    DIR *folder = opendir("a.h5.checkpoints");
    const struct dirent *entry;
    while (folder != NULL && (entry = readdir(folder)) != NULL)
        n += entry->d_name[0] != '.';
    if (folder != NULL)
        closedir(folder);
    return n;
}

/* ---- the way it usually goes ---- */

static void test_write_and_read(void)
{
    check_has_not("key", tag, BLOCK, NULL);
    CHECK(!scratch_exists("a.h5.checkpoints"));
    put_well("key", 1000, 2);
    check_has("key", 1000, 2);
    put_well("other", 1, 4);
    for (unsigned number = 0; number < 4; number++) { /* with and without sync */
        put_well("key", BLOCK - number, number);
        check_has("key", BLOCK - number, number);
    }
    check_has("other", 1, 4);
    CHECK_COUNT(n_files(), 2);
    ip_checkpoint_remove("a.h5", "key");
    ip_checkpoint_remove("a.h5", "key");
    check_has_not("key", tag, BLOCK, NULL);
    check_has("other", 1, 4);
    CHECK_COUNT(n_files(), 1);
    ip_checkpoint_sweep("a.h5", NULL, NULL);
    CHECK(!scratch_exists("a.h5.checkpoints"));
}

static void test_sync(void)
{
    syncs = 0;
    put_well("key", 100, 2);
    CHECK_COUNT(syncs, 0);
    put_well("key", 100, 3);
    CHECK_COUNT(syncs, 2); /* the file and the folder */
    ip_checkpoint_sweep("a.h5", NULL, NULL);
    syncs = 0;
    put_well("key", 100, 5);
    CHECK_COUNT(syncs, 3); /* and the one above, for the folder is new */
    ip_checkpoint_sweep("a.h5", NULL, NULL);
}

static void test_names(void)
{
    unsigned char block[BLOCK];
    CHECK(mkdir("real", 0777) == 0);
    scratch_write("real/b.h5", "data", 4);
    CHECK(symlink("real/b.h5", "link.h5") == 0);
    ip_error err = {0};
    fill(block, 100, 8);
    CHECK(ip_checkpoint_write("link.h5", "key", "", block, 100, true, &err) == IP_OK);
    CHECK(scratch_exists("real/b.h5.checkpoints/key"));
    CHECK_COUNT(ip_checkpoint_read("./real/../real/b.h5", "key", "", block, BLOCK), 100);
    CHECK(chdir("real") == 0);
    CHECK_COUNT(ip_checkpoint_read("b.h5", "key", "", block, BLOCK), 100);
    CHECK(holds(block, 100, 8));
    CHECK(chdir("..") == 0);
    ip_checkpoint_sweep("link.h5", NULL, NULL);
    CHECK(!scratch_exists("real/b.h5.checkpoints"));
    scratch_remove("real");
    CHECK(unlink("link.h5") == 0);
}

/* ---- sweeping ---- */

static bool is_even(void *context, const char *key)
{
    ++*(int *)context;
    return key[0] % 2 == 0;
}

static void test_sweep(void)
{
    static const char *const keys[] = {"0", "1", "2", "3", "4a", "5a"};
    int asked = 0;
    ip_checkpoint_sweep("a.h5", is_even, &asked);
    CHECK_COUNT(asked, 0);
    for (size_t k = 0; k < IP_LENGTH(keys); k++)
        put_well(keys[k], 100, (unsigned)k);
    scratch_write("a.h5.checkpoints/2.tmp.4711", "half", 4);
    scratch_write("a.h5.checkpoints/9.tmp.1", "", 0);
    ip_checkpoint_sweep("a.h5", is_even, &asked);
    CHECK_COUNT(asked, IP_LENGTH(keys));
    CHECK_COUNT(n_files(), 3);
    for (size_t k = 0; k < IP_LENGTH(keys); k += 2)
        check_has(keys[k], 100, (unsigned)k);

    CHECK(mkdir("a.h5.checkpoints/folder", 0777) == 0); /* not ours: left alone */
    ip_checkpoint_sweep("a.h5", NULL, NULL);
    CHECK_COUNT(n_files(), 1);
    CHECK(rmdir("a.h5.checkpoints/folder") == 0);
    ip_checkpoint_sweep("a.h5", NULL, NULL);
    CHECK(!scratch_exists("a.h5.checkpoints"));
}

static void sweep_all(const char *from)
{
    CHECK(scratch_exists(from));
    ip_checkpoint_sweep("a.h5", NULL, NULL);
    CHECK(!scratch_exists("a.h5.checkpoints"));
}

/* A sweep just before the rename takes temporary file and folder. */
static void test_sweep_under_a_writer(void)
{
    before_rename = sweep_all;
    put_well("key", 1000, 4);
    CHECK(before_rename == NULL);
    check_has("key", 1000, 4);
    ip_checkpoint_sweep("a.h5", NULL, NULL);
}

/* ---- damage ---- */

#define KEY_PATH "a.h5.checkpoints/key"

static size_t file_of(unsigned char *bytes)
{
    put_well("key", 500, 6);
    return scratch_read(KEY_PATH, bytes, BLOCK);
}

static void test_damage(void)
{
    unsigned char bytes[BLOCK];
    const size_t n = file_of(bytes);
    CHECK_COUNT(n, 32 + strlen(tag) + 500);
    for (size_t k = 0; k < n; k++) { /* one flipped bit anywhere */
        bytes[k] ^= (unsigned char)(1 << k % 8);
        scratch_write(KEY_PATH, bytes, n);
        check_has_not("key", tag, BLOCK, "is not used: it ");
        bytes[k] ^= (unsigned char)(1 << k % 8);
    }
    for (size_t length = 0; length < n; length++) { /* cut off anywhere */
        scratch_write(KEY_PATH, bytes, length);
        check_has_not("key", tag, BLOCK, "it is damaged");
    }
    scratch_write(KEY_PATH, bytes, n + 1);
    check_has_not("key", tag, BLOCK, "it is damaged");
    scratch_write(KEY_PATH, bytes, n);
    check_has("key", 500, 6);

    memset(bytes + 16, 0xff, 8); /* a length that no file has */
    scratch_write(KEY_PATH, bytes, n);
    check_has_not("key", tag, BLOCK, "it is damaged");
    memset(bytes + 12, 0xff, 4); /* of the tag */
    scratch_write(KEY_PATH, bytes, n);
    check_has_not("key", tag, BLOCK, "it is damaged");
    put_well("key", 500, 8); /* and the next one is well */
    check_has("key", 500, 8);
}

static void test_misfits(void)
{
    unsigned char bytes[BLOCK];
    const size_t n = file_of(bytes);
    check_has_not("key", "sse2", BLOCK, "it was made with other arithmetic");
    check_has_not("key", "", BLOCK, "it was made with other arithmetic");
    check_has_not("key", "avx2 fma Haswell ", BLOCK, "it was made with other arithmetic");
    check_has_not("key", tag, 499, "it is longer than the state of such a job");
    check_has_not("key", tag, 0, "it is longer than the state of such a job");
    scratch_write("a.h5.checkpoints/ke", bytes, n); /* of another job */
    check_has_not("ke", tag, BLOCK, "it is damaged");
    bytes[8]++;
    scratch_write(KEY_PATH, bytes, n);
    check_has_not("key", tag, BLOCK, "it was made by another version of this program");
    unlink(KEY_PATH);
    CHECK(mkdir(KEY_PATH, 0777) == 0);
    check_has_not("key", tag, BLOCK, "it is damaged");
    CHECK(rmdir(KEY_PATH) == 0);
    CHECK(mkfifo(KEY_PATH, 0666) == 0);
    check_has_not("key", tag, BLOCK, "it is damaged");
    CHECK(unlink(KEY_PATH) == 0);
    CHECK(symlink("key", KEY_PATH) == 0); /* to itself */
    check_has_not("key", tag, BLOCK, "Too many levels of symbolic links");
    ip_checkpoint_sweep("a.h5", NULL, NULL);
}

/* ---- disks ---- */

static void check_old_stays(const char *words)
{
    ip_error err = {0};
    CHECK(put("key", 2000, 11, &err) == IP_ERR_IO);
    CHECK_HAS(err.text, "cannot write the checkpoint");
    CHECK_HAS(err.text, words);
    CHECK_HAS(err.file, KEY_PATH);
    CHECK_COUNT(n_files(), 1);
}

static void test_full_disk(void)
{
    struct rlimit before;
    put_well("key", 500, 6);
    getrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_IGN);
    for (rlim_t bytes = 0; bytes < 2000; bytes += bytes < 64 ? 8 : 500) {
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){bytes, before.rlim_max});
        check_old_stays("File too large");
        setrlimit(RLIMIT_FSIZE, &before);
        check_has("key", 500, 6);
    }
    signal(SIGXFSZ, SIG_DFL);
    failing_syncs = 1;
    check_old_stays("Input/output error");
    check_has("key", 500, 6);
    put_well("key", 2000, 11);
    check_has("key", 2000, 11);
}

/* Bytes come and go a few at a time, with interruptions. */
static void test_short_writes(void)
{
    most_bytes = 7;
    for (interruptions = 0; interruptions < 5; interruptions += 1 + (interruptions == 0)) {
        put_well("key", 1000, (unsigned)interruptions);
        unsigned char block[BLOCK];
        CHECK_COUNT(ip_checkpoint_read("a.h5", "key", tag, block, BLOCK), 1000);
        CHECK(holds(block, 1000, (unsigned)interruptions));
    }
    most_bytes = SIZE_MAX;
    interruptions = 0;
}

static int be_refused(void *context)
{
    ip_error err = {0};
    (void)context;
    if (put("key", 100, 2, &err) != IP_ERR_IO)
        return 1;
    return strstr(err.text, "Permission denied") == NULL;
}

static void test_folders(void)
{
    ip_error err = {0};
    ip_checkpoint_sweep("a.h5", NULL, NULL);
    CHECK(ip_checkpoint_write("no-folder/a.h5", "key", tag, "block", 5, true, &err) == IP_ERR_IO);
    CHECK_HAS(err.text, "No such file");
    scratch_write("a.h5.checkpoints", "a file", 6);
    CHECK(put("key", 100, 2, &err) == IP_ERR_IO);
    CHECK_HAS(err.text, "Not a directory");
    check_has_not("key", tag, BLOCK, "Not a directory");
    ip_checkpoint_remove("a.h5", "key");
    ip_checkpoint_sweep("a.h5", NULL, NULL);
    CHECK(unlink("a.h5.checkpoints") == 0);
    CHECK(mkdir("a.h5.checkpoints", 0777) == 0 && chmod("a.h5.checkpoints", 0555) == 0);
    CHECK_COUNT(scratch_child(true, be_refused, NULL), 0);
    CHECK_COUNT(n_files(), 0);
    ip_checkpoint_sweep("a.h5", NULL, NULL);
    CHECK(!scratch_exists("a.h5.checkpoints"));
}

/* ---- kills ---- */

enum { N_KILLS = 50, LONGEST_MICROSECONDS = 6000 };

/* Numbers rise, lengths differ. */
static _Noreturn void write_for_ever(volatile unsigned *number, pid_t parent)
{
    ip_error err;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    for (;;) {
        const unsigned next = *number + 1;
        if (put("key", 100 + 97 * next % (BLOCK - 100), next, &err) != IP_OK)
            _exit(2);
        *number = next;
    }
}

/* A writer is killed at any moment: what is there is one of its blocks, whole, and not older than
 * the last one that it had finished. */
static void test_kills(void)
{
    unsigned char block[BLOCK];
    int status;
    volatile unsigned *number =
        mmap(NULL, sizeof *number, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (int k = 0; k < N_KILLS; k++) {
        fflush(NULL);
        const pid_t parent = getpid();
        const unsigned before = *number;
        const pid_t pid = fork();
        if (pid == 0)
            write_for_ever(number, parent);
        while (*number < before + 2 && waitpid(pid, &status, WNOHANG) == 0)
            usleep(100);
        usleep((useconds_t)(k * 7919 % LONGEST_MICROSECONDS));
        kill(pid, SIGKILL);
        CHECK(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
        const unsigned done = *number;
        const size_t n = ip_checkpoint_read("a.h5", "key", tag, block, BLOCK);
        CHECK((n == 100 + 97 * done % (BLOCK - 100) && holds(block, n, done)) ||
              (n == 100 + 97 * (done + 1) % (BLOCK - 100) && holds(block, n, done + 1)));
    }
    ip_checkpoint_sweep("a.h5", NULL, NULL);
    CHECK(!scratch_exists("a.h5.checkpoints"));
    munmap((void *)(uintptr_t)number, sizeof *number);
}

int main(void)
{
    scratch_enter("test_checkpoint.files");
    test_write_and_read();
    test_sync();
    test_names();
    test_sweep();
    test_sweep_under_a_writer();
    test_damage();
    test_misfits();
    test_full_disk();
    test_short_writes();
    test_folders();
    test_kills();
    scratch_leave("test_checkpoint.files");
    return check_finish();
}
