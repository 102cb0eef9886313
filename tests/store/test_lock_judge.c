/* test_lock_judge.c - who lives: processes of this host, jobs of SLURM, silence; and the text of a
 * lock, whole or not at all */
#include "lock_files.h"
#include <limits.h>

static ip_lock_owner self;

static ip_lock_life judge(const ip_lock_owner *owner, time_t age)
{
    lock_files_put("lock", owner, age);
    const ip_lock_sight sight = ip_lock_see("lock");
    CHECK(sight.exists && sight.is_legible);
    return ip_lock_judge("lock", &sight, &self);
}

#define CHECK_LIFE(owner, age, life) CHECK_COUNT(judge(&(owner), age), life)

/* ---- processes of this host ---- */

enum { LONG_AGO = 10 * IP_LOCK_OLD_SECONDS };

static void test_here(void)
{
    ip_lock_owner owner = self;
    CHECK_LIFE(owner, 0, IP_LIFE_HERE);
    CHECK_LIFE(owner, LONG_AGO, IP_LIFE_HERE); /* silence does not count against the living */
    owner.start++;
    CHECK_LIFE(owner, 0, IP_LIFE_GONE); /* another process with its pid */
    owner = self;
    owner.pid = lock_files_dead_pid();
    CHECK_LIFE(owner, 0, IP_LIFE_GONE);
    owner = self;
    strcpy(owner.boot, "00000000-0000-0000-0000-000000000000");
    CHECK_LIFE(owner, 0, IP_LIFE_GONE);
}

/* A child that was killed but not yet waited for. */
static void test_zombie(void)
{
    ip_lock_owner owner = self;
    char state = '?';
    siginfo_t info;
    const pid_t pid = fork();
    if (pid == 0) {
        pause();
        _exit(0);
    }
    owner.pid = pid;
    CHECK(ip_process_look(owner.pid, &state, &owner.start));
    CHECK_LIFE(owner, 0, IP_LIFE_HERE);
    kill(pid, SIGKILL);
    CHECK(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0);
    CHECK_LIFE(owner, 0, IP_LIFE_GONE);
    waitpid(pid, NULL, 0);
    CHECK_LIFE(owner, 0, IP_LIFE_GONE);
}

/* A name with blanks and parentheses does not shift the fields behind it. */
static void test_odd_name(void)
{
    char state = '?';
    char line[1024] = "";
    uint64_t start = 0;
    CHECK(ip_process_look(self.pid, &state, &start));
    scratch_write("/proc/self/comm", "a) Z 1 (b c", 11);
    CHECK(scratch_read("/proc/self/comm", line, sizeof line) > 0);
    CHECK_HAS(line, "a) Z 1 (b c");
    state = '?';
    CHECK(ip_process_look(self.pid, &state, &start));
    CHECK(state == 'R' && start == self.start);
    CHECK(!ip_process_look(lock_files_dead_pid(), &state, &start));
}

/* ---- hosts that cannot be asked ---- */

static void check_by_age(const ip_lock_owner *owner)
{
    CHECK_LIFE(*owner, 0, IP_LIFE_UNKNOWN);
    CHECK_LIFE(*owner, IP_LOCK_OLD_SECONDS - 60, IP_LIFE_UNKNOWN);
    CHECK_LIFE(*owner, IP_LOCK_OLD_SECONDS + 60, IP_LIFE_GONE);
    CHECK_LIFE(*owner, -LONG_AGO, IP_LIFE_UNKNOWN); /* a clock that was set back */
}

static void test_elsewhere(void)
{
    ip_lock_owner owner = lock_files_elsewhere();
    check_by_age(&owner);
    owner = self; /* a container on this host: its pid says nothing here */
    strcpy(owner.pid_space, "pid:[1]");
    owner.pid = lock_files_dead_pid();
    check_by_age(&owner);
    owner = self;
    owner.boot[0] = owner.pid_space[0] = '\0';
    owner.pid = lock_files_dead_pid();
    check_by_age(&owner);
    owner = self;
    owner.host[0] = '\0';
    check_by_age(&owner);
}

/* The probe of the file system's clock leaves nothing behind, and no folder is fine too. */
static void test_clock(void)
{
    const time_t now = time(NULL);
    CHECK_NEAR((double)ip_lock_clock("lock"), (double)now, 100);
    CHECK_NEAR((double)ip_lock_clock("no-folder/lock"), (double)now, 100);
    CHECK(!ip_is_older((struct timespec){.tv_sec = now - 10}, now, 10));
    CHECK(ip_is_older((struct timespec){.tv_sec = now - 11}, now, 10));
    CHECK(!ip_is_older((struct timespec){.tv_sec = (time_t)INT64_MAX}, now, 10));
}

/* ---- SLURM ---- */

/* What answers to the name squeue from now on; NULL: nothing does. */
static void put_squeue(const char *script)
{
    ip_text text = {0};
    ip_text_append(&text, "#!/bin/sh\n%s\n", script != NULL ? script : "");
    unlink("bin/squeue");
    if (script != NULL) {
        scratch_write("bin/squeue", text.at, text.length);
        CHECK(chmod("bin/squeue", 0755) == 0);
    }
    ip_text_release(&text);
}

static void test_squeue(void)
{
    static const struct {
        const char *script;
        bool is_gone;
    } cases[] = {
        {"exit 0", true},
        {"echo", true},
        {"test \"$*\" = '-h -j 77 -o %t' || echo R", true},
        {"echo PD", true},
        {"echo CD", true},
        {"echo TO; echo F", true},
        {"echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1", true},
        {"echo R", false},
        {"echo CG", false},
        {"echo S", false},
        {"echo PD; echo R", false},
        {"echo PDX", false},
        {"echo 'squeue: warning: the controller is slow' >&2", false},
        {"echo 'slurm_load_jobs error: Unable to contact slurm controller' >&2; exit 1", false},
        {"exit 1", false},
        {"kill -KILL $$", false},
        {"exec 2>&-; head -c 100000 /dev/zero", false},
        {NULL, false},
    };
    for (size_t k = 0; k < IP_LENGTH(cases); k++) {
        put_squeue(cases[k].script);
        CHECK_REPORT(ip_slurm_job_is_gone("77", 60) == cases[k].is_gone, "squeue '%s': expected %d",
                     cases[k].script != NULL ? cases[k].script : "(missing)", cases[k].is_gone);
    }
}

/* One that hangs is ended with all it started, whether it holds its output open or not. */
static void test_hanging_squeue(void)
{
    static const char *const scripts[] = {"sleep 600 & echo $! > sleeper; wait",
                                          "exec >&- 2>&-; sleep 600 & echo $! > sleeper; wait"};
    for (size_t k = 0; k < IP_LENGTH(scripts); k++) {
        char text[32] = "";
        char state = '?';
        uint64_t start;
        put_squeue(scripts[k]);
        CHECK(!ip_slurm_job_is_gone("77", 1));
        text[scratch_read("sleeper", text, sizeof text - 1)] = '\0';
        const long pid = strtol(text, NULL, 10);
        CHECK(pid > 0);
        while (pid > 0 && ip_process_look(pid, &state, &start) && state != 'Z' && state != 'X')
            usleep(1000);
        CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
        unlink("sleeper");
    }
}

static void test_slurm_owner(void)
{
    ip_lock_owner owner = lock_files_elsewhere();
    strcpy(owner.slurm_job, "77");
    put_squeue(NULL);
    check_by_age(&owner);
    put_squeue("echo R");
    check_by_age(&owner);
    put_squeue("exit 0");
    CHECK_LIFE(owner, 0, IP_LIFE_GONE);

    strcpy(owner.slurm_cluster, "one"); /* a job id of another cluster says nothing here */
    CHECK_LIFE(owner, 0, IP_LIFE_GONE);
    strcpy(self.slurm_cluster, "two");
    check_by_age(&owner);
    strcpy(self.slurm_cluster, "one");
    CHECK_LIFE(owner, 0, IP_LIFE_GONE);

    strcpy(self.slurm_job, "77"); /* the same job: SLURM need not be asked */
    check_by_age(&owner);
    self.slurm_restart = 1;
    CHECK_LIFE(owner, 0, IP_LIFE_GONE);
    owner.slurm_restart = 1;
    check_by_age(&owner);
    owner.slurm_restart = 2;
    check_by_age(&owner);
    strcpy(self.slurm_cluster, "two");
    owner.slurm_restart = 0;
    check_by_age(&owner);

    owner = self; /* here the process itself is asked, whatever SLURM says */
    strcpy(owner.slurm_job, "78");
    CHECK_LIFE(owner, 0, IP_LIFE_HERE);
    ip_lock_owner_self(&self);
}

static void test_environment(void)
{
    ip_lock_owner owner;
    setenv("SLURM_JOB_ID", "1234", 1);
    setenv("SLURM_CLUSTER_NAME", "my cluster", 1);
    setenv("SLURM_RESTART_COUNT", "3", 1);
    ip_lock_owner_self(&owner);
    CHECK_STR(owner.slurm_job, "1234");
    CHECK_STR(owner.slurm_cluster, "my_cluster");
    CHECK_COUNT(owner.slurm_restart, 3);
    setenv("SLURM_JOB_ID", "--help", 1);
    ip_lock_owner_self(&owner);
    CHECK_STR(owner.slurm_job, "");
    unsetenv("SLURM_JOB_ID");
    unsetenv("SLURM_CLUSTER_NAME");
    unsetenv("SLURM_RESTART_COUNT");
    ip_lock_owner_self(&owner);
    CHECK_STR(owner.slurm_job, "");
    CHECK_COUNT(owner.slurm_restart, 0);
    CHECK_COUNT(strlen(owner.since), strlen("2026-11-23T02:12:00Z"));
    CHECK_COUNT(strlen(owner.boot), 36);
    CHECK_HAS(owner.pid_space, "pid:[");
}

/* ---- the text ---- */

static bool parses(const char *bytes, size_t n, ip_lock_owner *owner)
{
    char *text = malloc(n + 1); /* of this size, so that sanitizers see what is read beyond it */
    memcpy(text, bytes, n);
    text[n] = '\0';
    const bool ok = ip_lock_owner_parse(text, n, owner);
    free(text);
    return ok;
}

static void check_text(const ip_lock_owner *owner)
{
    ip_text text = {0};
    ip_lock_owner back;
    memset(&back, 0x55, sizeof back);
    ip_lock_owner_print(owner, &text);
    CHECK(parses(text.at, text.length, &back));
    CHECK(memcmp(&back, owner, sizeof back) == 0);
    for (size_t n = 0; n < text.length; n++)
        CHECK(!parses(text.at, n, &back));
    ip_text_append(&text, "more\n");
    CHECK(!parses(text.at, text.length, &back));
    ip_text_release(&text);
}

static void check_bad_text(const char *from, const char *to)
{
    ip_text text = {0};
    ip_lock_owner back;
    ip_lock_owner_print(&self, &text);
    char *at = strstr(text.at, from);
    char *changed = malloc(text.length + strlen(to) + 1);
    const size_t before = (size_t)(at - text.at);
    memcpy(changed, text.at, before);
    strcpy(changed + before, to);
    strcat(changed, at + strlen(from));
    CHECK_REPORT(!parses(changed, strlen(changed), &back), "expected '%s' for '%s' refused", to,
                 from);
    free(changed);
    ip_text_release(&text);
}

static void fill(char *word, size_t bytes)
{
    memset(word, 0, bytes);
    memset(word, 'w', bytes - 1);
}

static void test_text(void)
{
    ip_lock_owner owner = self;
    check_text(&owner);
    fill(owner.host, sizeof owner.host);
    fill(owner.boot, sizeof owner.boot);
    fill(owner.pid_space, sizeof owner.pid_space);
    fill(owner.slurm_cluster, sizeof owner.slurm_cluster);
    fill(owner.slurm_job, sizeof owner.slurm_job);
    fill(owner.since, sizeof owner.since);
    fill(owner.token, sizeof owner.token);
    owner.start = UINT64_MAX;
    owner.pid = owner.slurm_restart = LONG_MAX;
    check_text(&owner);
    owner = (ip_lock_owner){.pid = 1, .token = "t"};
    check_text(&owner);

    check_bad_text("infoplane-lock 1", "infoplane-lock 2");
    check_bad_text("infoplane-lock 1", "infoplane-lock 11");
    check_bad_text("host ", "host w w");
    check_bad_text("host ", "host /");
    check_bad_text("host ",
                   "host wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww");
    check_bad_text("pid ", "pid -");
    check_bad_text("pid ", "pid x");
    check_bad_text("token ", "token ../");
    check_bad_text("token ", "token \xc3\xa4");
    owner = (ip_lock_owner){.pid = 1};
    ip_text text = {0};
    ip_lock_owner_print(&owner, &text);
    CHECK(!parses(text.at, text.length, &owner));
    ip_text_release(&text);
}

static void test_tokens(void)
{
    char tokens[2][IP_TOKEN_SIZE];
    ip_lock_new_token(tokens[0]);
    ip_lock_new_token(tokens[1]);
    CHECK_COUNT(strlen(tokens[0]), IP_TOKEN_DIGITS);
    CHECK_COUNT(strspn(tokens[0], "0123456789abcdef"), IP_TOKEN_DIGITS);
    CHECK(strcmp(tokens[0], tokens[1]) != 0);
}

int main(void)
{
    scratch_enter("test_lock_judge.files");
    CHECK(mkdir("bin", 0777) == 0);
    char path[PATH_MAX + 40];
    CHECK(realpath("bin", path) != NULL);
    CHECK(setenv("PATH", strcat(path, ":/bin:/usr/bin"), 1) == 0);
    put_squeue("echo R"); /* the machine may have a real one */
    test_environment();
    ip_lock_owner_self(&self);
    test_here();
    test_zombie();
    test_odd_name();
    test_elsewhere();
    test_clock();
    test_squeue();
    test_hanging_squeue();
    test_slurm_owner();
    test_text();
    test_tokens();
    scratch_leave("test_lock_judge.files");
    return check_finish();
}
