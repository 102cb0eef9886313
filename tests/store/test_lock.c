/* test_lock.c - taking, keeping and leaving a lock: who is let in, who is refused in which words,
 * and what is left in the folder */
#include "infoplane/lock.h"
#include "lock_files.h"
#include <dirent.h>
#include <limits.h>
#include <sys/resource.h>
#include <sys/syscall.h>

/* ---- a file system that misbehaves: these stand before the system's own ---- */

static int failing_reads;
static enum { LINK_WELL, LINK_UNKNOWN, LINK_ANSWER_LOST } link_mode;

ssize_t read(int fd, void *bytes, size_t n)
{
    if (failing_reads > 0) {
        failing_reads--;
        errno = EIO;
        return -1;
    }
    return syscall(SYS_read, fd, bytes, n);
}

int link(const char *from, const char *to)
{
    if (link_mode == LINK_UNKNOWN) {
        errno = EPERM;
        return -1;
    }
    const int result = linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
    if (link_mode == LINK_WELL || result != 0)
        return result;
    errno = EIO;
    return -1;
}

/* ---- helpers ---- */

static int n_files(void)
{
    int n = 0;
    DIR *folder = opendir(".");
    const struct dirent *entry;
    while ((entry = readdir(folder)) != NULL)
        n += entry->d_name[0] != '.';
    closedir(folder);
    return n;
}

static void take_well(const char *path, char *token)
{
    ip_error err = {0};
    CHECK(ip_lock_take_within(path, false, 0, token, &err) == IP_OK);
    CHECK_STR(err.text, "");
}

static void check_refused(const char *path, ip_status status, const char *words)
{
    ip_error err = {0};
    char token[IP_TOKEN_SIZE] = "as before";
    CHECK_COUNT(ip_lock_take_within(path, false, 0.1, token, &err), status);
    CHECK_COUNT(err.status, status);
    CHECK(strncmp(err.file, path, sizeof err.file - 1) == 0);
    CHECK_HAS(err.text, words);
    CHECK_STR(token, "as before");
}

/* The stale lock at a.h5 is taken over with a warning that has these words, and given back. */
static void check_taken_over(bool break_it, const char *words)
{
    ip_error err = {0};
    char token[IP_TOKEN_SIZE];
    scratch_listen();
    CHECK(ip_lock_take_within("a.h5", break_it, 0, token, &err) == IP_OK);
    const char *said = scratch_said();
    CHECK_HAS(said, words);
    CHECK_HAS(said, "warning: a.h5: ");
    CHECK_COUNT(strchr(said, '\n') - said + 1, (long)strlen(said)); /* one line */
    CHECK(ip_lock_is_ours("a.h5", token));
    CHECK_COUNT(n_files(), 1);
    ip_lock_release("a.h5", token);
    CHECK_COUNT(n_files(), 0);
}

/* ---- the way it usually goes ---- */

static void test_take_and_release(void)
{
    char token[IP_TOKEN_SIZE];
    char second[IP_TOKEN_SIZE];
    ip_lock_owner owner = {.pid = -5};
    CHECK_COUNT(ip_lock_look("a.h5", &owner), IP_LOCK_FREE);
    CHECK_COUNT(owner.pid, -5);
    CHECK(!ip_lock_is_ours("a.h5", "nobody"));
    take_well("a.h5", token);
    CHECK(scratch_exists("a.h5.lock"));
    CHECK_COUNT(n_files(), 1);
    CHECK(ip_lock_is_ours("a.h5", token));
    CHECK(!ip_lock_is_ours("a.h5", "another"));
    CHECK(!ip_lock_is_ours("a.h5", ""));

    ip_lock_owner self;
    ip_lock_owner_self(&self);
    CHECK_COUNT(ip_lock_look("a.h5", &owner), IP_LOCK_HELD);
    CHECK_COUNT(owner.pid, getpid());
    CHECK(owner.start == self.start && self.start > 0);
    CHECK_STR(owner.host, self.host);
    CHECK_STR(owner.token, token);

    ip_lock_release("a.h5", "another");
    CHECK(ip_lock_is_ours("a.h5", token));
    ip_lock_release("a.h5", token);
    CHECK_COUNT(n_files(), 0);
    ip_lock_release("a.h5", token);
    CHECK_COUNT(n_files(), 0);

    take_well("a.h5", second);
    CHECK(strcmp(token, second) != 0);
    CHECK(!ip_lock_is_ours("a.h5", token));
    ip_lock_release("a.h5", second);
}

static void test_touch(void)
{
    struct stat status;
    char token[IP_TOKEN_SIZE];
    take_well("a.h5", token);
    scratch_age("a.h5.lock", 300);
    ip_lock_touch("a.h5", "another");
    CHECK(stat("a.h5.lock", &status) == 0 && status.st_mtime < time(NULL) - 200);
    ip_lock_touch("a.h5", token);
    CHECK(stat("a.h5.lock", &status) == 0 && status.st_mtime > time(NULL) - 200);
    CHECK(ip_lock_is_ours("a.h5", token));
    ip_lock_release("a.h5", token);
    ip_lock_touch("a.h5", token);
    CHECK_COUNT(n_files(), 0);
}

/* ---- somebody else has it ---- */

static void test_living_holder(void)
{
    char token[IP_TOKEN_SIZE];
    char words[200];
    ip_lock_owner owner;
    take_well("a.h5", token);
    ip_lock_look("a.h5", &owner);
    snprintf(words, sizeof words, "another run holds it: host %s, pid %ld, since %s; wait for it",
             owner.host, owner.pid, owner.since);
    check_refused("a.h5", IP_ERR_CREATE, words);
    check_refused("a.h5", IP_ERR_CREATE, "if you are sure that it is dead: --break-lock");
    CHECK(ip_lock_is_ours("a.h5", token));
    CHECK_COUNT(n_files(), 1);
    ip_lock_release("a.h5", token);
}

/* A run that was killed takes a moment to die: it is waited for. */
static void test_dying_holder(void)
{
    ip_error err = {0};
    char token[IP_TOKEN_SIZE];
    fflush(NULL);
    const pid_t pid = fork();
    if (pid == 0) {
        if (ip_lock_take_within("a.h5", false, 0, token, &err) != IP_OK)
            _exit(1);
        usleep(300000);
        _exit(0);
    }
    while (!scratch_exists("a.h5.lock"))
        usleep(1000);
    scratch_listen();
    CHECK(ip_lock_take_within("a.h5", false, 600, token, &err) == IP_OK);
    CHECK_HAS(scratch_said(), "a run that is gone was removed");
    ip_lock_release("a.h5", token);
    waitpid(pid, NULL, 0);
}

static void test_holder_elsewhere(void)
{
    ip_lock_owner owner = lock_files_elsewhere();
    lock_files_put("a.h5.lock", &owner, 0);
    check_refused("a.h5", IP_ERR_CREATE,
                  "another run holds it: host n3, pid 4711, since 2026-11-23T02:12:00Z; wait");
    strcpy(owner.slurm_job, "1234");
    lock_files_put("a.h5.lock", &owner, 0);
    check_refused("a.h5", IP_ERR_CREATE,
                  "host n3, pid 4711, SLURM job 1234, since 2026-11-23T02:12:00Z; wait");
    ip_error err = {0};
    char token[IP_TOKEN_SIZE]; /* whether it dies cannot be seen from here: no use waiting */
    CHECK(ip_lock_take_within("a.h5", false, 6000, token, &err) == IP_ERR_CREATE);
    CHECK_COUNT(n_files(), 1);
    lock_files_put("a.h5.lock", &owner, IP_LOCK_OLD_SECONDS + 60);
    check_taken_over(false, "a run that is gone was removed: host n3, pid 4711, SLURM job 1234, ");
}

static void test_dead_holder(void)
{
    ip_lock_owner owner;
    ip_lock_owner_self(&owner);
    owner.pid = lock_files_dead_pid();
    lock_files_put("a.h5.lock", &owner, 0);
    CHECK_COUNT(ip_lock_look("a.h5", &owner), IP_LOCK_STALE);
    CHECK_COUNT(n_files(), 1);
    check_taken_over(false, "a run that is gone");
}

/* A text that is not understood belongs to somebody, until it is old. */
static void test_illegible_locks(void)
{
    static const char *const texts[] = {"", "infoplane-lock 2\n", "mine\n",
                                        "infoplane-lock 1\nhost"};
    for (size_t k = 0; k < IP_LENGTH(texts); k++) {
        ip_lock_owner owner;
        scratch_write("a.h5.lock", texts[k], strlen(texts[k]));
        CHECK_COUNT(ip_lock_look("a.h5", &owner), IP_LOCK_HELD);
        CHECK_STR(owner.host, "");
        check_refused("a.h5", IP_ERR_CREATE, "another run holds it: its lock says nothing");
        check_refused("a.h5", IP_ERR_CREATE, "--break-lock");
        CHECK(!ip_lock_is_ours("a.h5", ""));
        scratch_age("a.h5.lock", IP_LOCK_OLD_SECONDS + 60);
        CHECK_COUNT(ip_lock_look("a.h5", &owner), IP_LOCK_STALE);
        check_taken_over(false, "a run that is gone");
    }
    CHECK(symlink("nowhere", "a.h5.lock") == 0);
    check_refused("a.h5", IP_ERR_CREATE, "another run holds it");
    check_taken_over(true, "another run");
    CHECK(mkfifo("a.h5.lock", 0666) == 0);
    check_refused("a.h5", IP_ERR_CREATE, "another run holds it");
    unlink("a.h5.lock");
    CHECK(mkdir("a.h5.lock", 0777) == 0);
    scratch_age("a.h5.lock", IP_LOCK_OLD_SECONDS + 60);
    check_refused("a.h5", IP_ERR_CREATE, "cannot remove the lock of another run");
    CHECK(rmdir("a.h5.lock") == 0);
    CHECK_COUNT(n_files(), 0);
}

/* ---- --break-lock ---- */

static void test_breaking(void)
{
    ip_error err = {0};
    char first[IP_TOKEN_SIZE];
    char second[IP_TOKEN_SIZE];
    take_well("a.h5", first);
    scratch_listen();
    CHECK(ip_lock_take_within("a.h5", true, 60, second, &err) == IP_OK);
    CHECK_HAS(scratch_said(), "the lock of another run was removed: host ");
    CHECK(!ip_lock_is_ours("a.h5", first));
    CHECK(ip_lock_is_ours("a.h5", second));

    scratch_age("a.h5.lock", 300);
    ip_lock_touch("a.h5", first);
    ip_lock_release("a.h5", first);
    CHECK(ip_lock_is_ours("a.h5", second));
    ip_lock_release("a.h5", second);

    scratch_listen();
    CHECK(ip_lock_take_within("a.h5", true, 0, first, &err) == IP_OK);
    CHECK_STR(scratch_said(), "");
    ip_lock_release("a.h5", first);
    const ip_lock_owner owner = lock_files_elsewhere();
    lock_files_put("a.h5.lock", &owner, 0);
    check_taken_over(true, "another run was removed: host n3, pid 4711");
}

/* ---- what was left over ---- */

static void test_left_over_claims(void)
{
    ip_lock_owner owner;
    char claims[3][300];
    ip_lock_owner_self(&owner);
    owner.pid = lock_files_dead_pid();
    lock_files_put("a.h5.lock", &owner, 0);
    for (int k = 0; k < 3; k++) {
        snprintf(claims[k], sizeof claims[k], "a.h5.lock.break.%s.%d", owner.token, k);
        scratch_write(claims[k], "", 0);
        scratch_age(claims[k], 90);
    }
    check_taken_over(false, "a run that is gone");
}

static int take_in_child(void *context)
{
    (void)context;
    char token[IP_TOKEN_SIZE];
    ip_error err = {0};
    if (ip_lock_take_within("a.h5", false, 0, token, &err) != IP_OK)
        return 1;
    ip_lock_release("a.h5", token);
    return 0;
}

/* A claim that is not old belongs to a process at work: it is waited for. */
static void test_claim_of_another(void)
{
    ip_lock_owner owner;
    char claim[300];
    int status = -1;
    ip_lock_owner_self(&owner);
    owner.pid = lock_files_dead_pid();
    lock_files_put("a.h5.lock", &owner, 0);
    snprintf(claim, sizeof claim, "a.h5.lock.break.%s.0", owner.token);
    scratch_write(claim, "", 0);
    fflush(NULL);
    const pid_t pid = fork();
    if (pid == 0) {
        scratch_listen();
        _exit(take_in_child(NULL));
    }
    usleep(300000);
    CHECK_COUNT(waitpid(pid, &status, WNOHANG), 0);
    ip_lock_owner still;
    ip_lock_look("a.h5", &still);
    CHECK_STR(still.token, owner.token);
    CHECK(unlink(claim) == 0);
    CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    unlink("said");
    CHECK_COUNT(n_files(), 0);
}

/* A run that is breaking our lock is not disturbed by our leaving it. */
static void test_release_under_a_claim(void)
{
    char token[IP_TOKEN_SIZE];
    char claim[300];
    take_well("a.h5", token);
    snprintf(claim, sizeof claim, "a.h5.lock.break.%s.0", token);
    scratch_write(claim, "", 0);
    ip_lock_release("a.h5", token);
    CHECK(ip_lock_is_ours("a.h5", token));
    CHECK(unlink(claim) == 0);
    ip_lock_release("a.h5", token);
    CHECK_COUNT(n_files(), 0);
}

static void test_sweep(void)
{
    static const char *const ours[] = {"a.h5.lock.0123456789abcdef0123456789abcdef",
                                       "a.h5.lock.break.0123.0"};
    static const char *const others[] = {"a.h5.lock.0123456789abcdef0123456789abcdeg",
                                         "a.h5.lock.txt", "a.h5.lockbreak.1",
                                         "b.h5.lock.0123456789abcdef0123456789abcdef"};
    char token[IP_TOKEN_SIZE];
    for (size_t k = 0; k < IP_LENGTH(ours); k++)
        scratch_write(ours[k], "", 0);
    for (size_t k = 0; k < IP_LENGTH(others); k++) {
        scratch_write(others[k], "", 0);
        scratch_age(others[k], 1000);
    }
    scratch_age(ours[0], 1000);
    take_well("a.h5", token);
    CHECK(!scratch_exists(ours[0]));
    CHECK(scratch_exists(ours[1])); /* young: of a process at work */
    ip_lock_release("a.h5", token);
    scratch_age(ours[1], 1000);
    take_well("a.h5", token);
    CHECK(!scratch_exists(ours[1]));
    ip_lock_release("a.h5", token);
    for (size_t k = 0; k < IP_LENGTH(others); k++)
        CHECK(unlink(others[k]) == 0);
    CHECK_COUNT(n_files(), 0);
}

/* ---- names ---- */

static void test_names(void)
{
    char token[IP_TOKEN_SIZE];
    char whole[PATH_MAX];
    CHECK(mkdir("real", 0777) == 0 && mkdir("links", 0777) == 0);
    scratch_write("real/a.h5", "data", 4);
    CHECK(symlink("../real/a.h5", "links/b.h5") == 0);
    CHECK(symlink("real", "folder") == 0);
    take_well("links/b.h5", token);
    CHECK(scratch_exists("real/a.h5.lock"));
    CHECK(ip_lock_is_ours("real/a.h5", token));
    CHECK(ip_lock_is_ours("./folder/../real/a.h5", token));
    CHECK(realpath("real/a.h5", whole) != NULL && ip_lock_is_ours(whole, token));
    check_refused("folder/a.h5", IP_ERR_CREATE, "another run holds it");
    CHECK(chdir("real") == 0);
    CHECK(ip_lock_is_ours("a.h5", token));
    ip_lock_release("a.h5", token);
    CHECK(chdir("..") == 0);
    CHECK(!scratch_exists("real/a.h5.lock"));

    take_well("folder/new.h5", token); /* a file that is not there yet */
    CHECK(scratch_exists("real/new.h5.lock"));
    scratch_write("real/new.h5", "data", 4);
    CHECK(ip_lock_is_ours("real/new.h5", token));
    ip_lock_release("folder/new.h5", token);
    CHECK(!scratch_exists("real/new.h5.lock"));
    scratch_remove("links");
    scratch_remove("real");
    CHECK(unlink("folder") == 0);
    CHECK_COUNT(n_files(), 0);
}

/* ---- folders that do not let us ---- */

static int be_refused(void *context)
{
    ip_error err = {0};
    char token[IP_TOKEN_SIZE];
    if (ip_lock_take_within(context, false, 0, token, &err) != IP_ERR_CREATE)
        return 1;
    if (strstr(err.text, "ermission denied") == NULL && strstr(err.text, "not permitted") == NULL)
        return 2;
    return scratch_exists("closed/a.h5.lock");
}

static int look_stale(void *context)
{
    ip_lock_owner owner;
    return ip_lock_look(context, &owner) != IP_LOCK_STALE;
}

static void test_folders(void)
{
    char name[300];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    check_refused("no-folder/a.h5", IP_ERR_CREATE, "No such file");
    check_refused(name, IP_ERR_CREATE, "name too long");
    scratch_write("file", "", 0);
    check_refused("file/a.h5", IP_ERR_CREATE, "Not a directory");
    ip_lock_owner owner;
    CHECK_COUNT(ip_lock_look("file/a.h5", &owner), IP_LOCK_FREE);
    CHECK_COUNT(ip_lock_look("no-folder/a.h5", &owner), IP_LOCK_FREE);
    unlink("file");

    CHECK(mkdir("closed", 0777) == 0 && chmod("closed", 0555) == 0);
    CHECK_COUNT(scratch_child(true, be_refused, "closed/a.h5"), 0);
    if (geteuid() == 0) { /* a stale lock that may be read but not removed */
        owner = lock_files_elsewhere();
        lock_files_put("closed/b.h5.lock", &owner, IP_LOCK_OLD_SECONDS + 60);
        CHECK_COUNT(scratch_child(true, look_stale, "closed/b.h5"), 0);
        CHECK(chmod("closed", 01777) == 0);
        CHECK_COUNT(scratch_child(true, be_refused, "closed/b.h5"), 0);
        CHECK(scratch_exists("closed/b.h5.lock"));
    }
    scratch_remove("closed");
    CHECK_COUNT(n_files(), 0);
}

/* The limit stands for a full disk. */
static void test_full_disk(void)
{
    char token[IP_TOKEN_SIZE];
    struct rlimit before;
    getrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_IGN);
    for (rlim_t bytes = 0; bytes < 200; bytes += 50) {
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){bytes, before.rlim_max});
        check_refused("a.h5", IP_ERR_IO, "File too large");
        setrlimit(RLIMIT_FSIZE, &before);
        CHECK_COUNT(n_files(), 0);
    }
    take_well("a.h5", token);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){0, before.rlim_max});
    CHECK(ip_lock_is_ours("a.h5", token));
    ip_lock_release("a.h5", token);
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_DFL);
    CHECK_COUNT(n_files(), 0);
}

/* ---- file systems that misbehave ---- */

static void test_read_errors_pass(void)
{
    char token[IP_TOKEN_SIZE];
    take_well("a.h5", token);
    failing_reads = 3;
    CHECK(ip_lock_is_ours("a.h5", token));
    CHECK_COUNT(failing_reads, 0);
    failing_reads = 1000;
    CHECK(!ip_lock_is_ours("a.h5", token));
    failing_reads = 3;
    ip_lock_release("a.h5", token);
    failing_reads = 0;
    CHECK_COUNT(n_files(), 0);
}

static void test_links(void)
{
    for (link_mode = LINK_UNKNOWN; link_mode <= LINK_ANSWER_LOST; link_mode++) {
        char token[IP_TOKEN_SIZE];
        take_well("a.h5", token);
        CHECK(ip_lock_is_ours("a.h5", token));
        check_refused("a.h5", IP_ERR_CREATE, "another run holds it");
        CHECK(ip_lock_is_ours("a.h5", token));
        CHECK_COUNT(n_files(), 1);
        ip_lock_release("a.h5", token);
        CHECK_COUNT(n_files(), 0);
    }
    link_mode = LINK_WELL;
}

int main(void)
{
    unsetenv("SLURM_JOB_ID");
    CHECK(setenv("PATH", "/nonexistent", 1) == 0); /* no squeue */
    scratch_enter("test_lock.files");
    test_take_and_release();
    test_touch();
    test_living_holder();
    test_dying_holder();
    test_holder_elsewhere();
    test_dead_holder();
    test_illegible_locks();
    test_breaking();
    test_left_over_claims();
    test_claim_of_another();
    test_release_under_a_claim();
    test_sweep();
    test_names();
    test_folders();
    test_full_disk();
    test_read_errors_pass();
    test_links();
    scratch_leave("test_lock.files");
    return check_finish();
}
