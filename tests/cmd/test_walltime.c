/* test_walltime.c - the time a batch system leaves, from the environment and from a stand-in for
 * squeue: quick, slow, hanging, failing, talking nonsense, missing */
#include "check.h"
#include "cmd/walltime.h"
#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char folder[] = "/tmp/infoplane-walltime-XXXXXX";
static char squeue[64], asked_file[64], path[256];

static void nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
}

/* A squeue that notes how it was asked, then does this. */
static void install_squeue(const char *body)
{
    FILE *script = fopen(squeue, "w");
    if (script == NULL)
        abort();
    fprintf(script, "#!/bin/sh\necho \"$*\" >>%s\n%s\n", asked_file, body);
    fclose(script);
    chmod(squeue, 0755);
    (void)unlink(asked_file);
}

static void enter_job(const char *job)
{
    unsetenv("SLURM_JOB_END_TIME");
    unsetenv("SLURM_ARRAY_JOB_ID");
    unsetenv("SLURM_ARRAY_TASK_ID");
    setenv("SLURM_JOB_ID", job, 1);
}

/* How often squeue was asked; the last question in line. */
static int questions(char *line, int bytes)
{
    int n = 0;
    FILE *file = fopen(asked_file, "r");
    if (file == NULL)
        return 0;
    while (fgets(line, bytes, file) != NULL)
        n++;
    fclose(file);
    return n;
}

static bool has_children(void)
{
    return waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD;
}

/* Calls until the question under way has ended, a minute at most. */
static double settle(ip_walltime *walltime)
{
    double left = ip_walltime_left(walltime);
    for (int i = 0; i < 6000 && walltime->pid != 0; i++) {
        nap();
        left = ip_walltime_left(walltime);
    }
    return left;
}

/* ---- what is read ---- */

static void answers_are_read(void)
{
    static const struct {
        const char *text;
        double seconds;
    } good[] = {
        {"7", 7},
        {"0:00", 0},
        {"0:59", 59},
        {"59:59", 3599},
        {"1:00:00", 3600},
        {"23:59:59", 86399},
        {"1-00:00:00", 86400},
        {"365-01:02:03", 365 * 86400.0 + 3723},
        {"10:00", 600},
    };
    static const char *const bad[] = {
        "",        "NOT_SET", "INVALID",  "unlimited",   "UNLIMITED ",    "1:60",  "1:2:3:4",
        ":30",     "1:",      "-1:00",    "1-00:00",     "1-24:00:00",    "1-2",   "1--2:00:00",
        "1:00:0x", "1.5",     " 1:00:00", "1-1-1:00:00", "9999999999:00", "+1:00", "1:-1",
    };
    double seconds = 0;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        CHECK_REPORT(ip_walltime_parse(good[i].text, &seconds) && seconds == good[i].seconds,
                     "'%s' is %g s, saw %g", good[i].text, good[i].seconds, seconds);
    CHECK(ip_walltime_parse("UNLIMITED", &seconds) && isinf(seconds) && seconds > 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK_REPORT(!ip_walltime_parse(bad[i], &seconds), "'%s' is no time", bad[i]);
}

/* ---- without squeue ---- */

static void no_job_no_limit(void)
{
    ip_walltime walltime = {0};
    char line[128] = "";
    install_squeue("echo 1:00");
    enter_job("17");
    unsetenv("SLURM_JOB_ID");
    CHECK(isinf(settle(&walltime)) && !walltime.is_known);
    CHECK_COUNT(questions(line, sizeof line), 0);
}

static void end_time_counts_first(void)
{
    ip_walltime walltime = {0};
    char text[32];
    char line[128] = "";
    install_squeue("echo 1:00");
    enter_job("17");
    snprintf(text, sizeof text, "%lld", (long long)time(NULL) + 5000);
    setenv("SLURM_JOB_END_TIME", text, 1);
    const double left = ip_walltime_left(&walltime);
    CHECK(left > 4000 && left <= 5000);
    CHECK_COUNT(questions(line, sizeof line), 0);
    snprintf(text, sizeof text, "%lld", (long long)time(NULL) - 5000);
    setenv("SLURM_JOB_END_TIME", text, 1);
    CHECK(ip_walltime_left(&walltime) <= -4999);
    setenv("SLURM_JOB_END_TIME", "soon", 1);
    CHECK(settle(&walltime) <= 60 && walltime.is_known);
    ip_walltime_release(&walltime);
}

static void missing_squeue(void)
{
    ip_walltime walltime = {0};
    enter_job("17");
    (void)unlink(squeue);
    setenv("PATH", folder, 1); /* the system may have one */
    CHECK(isinf(ip_walltime_left(&walltime)) && walltime.pid == 0 && !walltime.is_known);
    CHECK(isinf(ip_walltime_wait(&walltime, 60)));
    setenv("PATH", path, 1);
    CHECK(walltime.asked != 0 && !has_children());
    ip_walltime_release(&walltime);
}

/* ---- with squeue ---- */

static void quick_answer_counts_down(void)
{
    ip_walltime walltime = {0};
    char line[128] = "";
    install_squeue("echo 1-00:00:00");
    enter_job("17");
    const double left = ip_walltime_wait(&walltime, 60);
    CHECK(walltime.is_known && left <= 86400 && left > 86400 - 60);
    CHECK_COUNT(questions(line, sizeof line), 1);
    CHECK_STR(line, "-h -j 17 -o %L\n");
    walltime.since -= 1000; /* as if it had been asked earlier */
    CHECK(ip_walltime_left(&walltime) <= 85400);
    CHECK(!has_children());
}

static void task_of_an_array(void)
{
    ip_walltime walltime = {0};
    char line[128] = "";
    install_squeue("echo 5:00");
    enter_job("17");
    setenv("SLURM_ARRAY_JOB_ID", "12", 1);
    setenv("SLURM_ARRAY_TASK_ID", "5", 1);
    CHECK(ip_walltime_wait(&walltime, 60) <= 300);
    CHECK_COUNT(questions(line, sizeof line), 1);
    CHECK_STR(line, "-h -j 12_5 -o %L\n");
}

/* Asked again after three minutes, not before; the new limit counts. */
static void asked_again(void)
{
    ip_walltime walltime = {0};
    char line[128] = "";
    install_squeue("echo 10:00");
    enter_job("17");
    CHECK(ip_walltime_wait(&walltime, 60) <= 600);
    walltime.asked -= 170;
    for (int i = 0; i < 1000; i++)
        CHECK(ip_walltime_left(&walltime) <= 600);
    CHECK_COUNT(questions(line, sizeof line), 1);
    install_squeue("echo 2:00:00");
    walltime.asked -= 20;
    CHECK(settle(&walltime) <= 7200 && ip_walltime_left(&walltime) > 600);
    CHECK_COUNT(questions(line, sizeof line), 1);
    install_squeue("echo UNLIMITED");
    walltime.asked -= 190;
    CHECK(isinf(settle(&walltime)) && walltime.is_known);
}

static void slow_answer_is_not_waited_for(void)
{
    ip_walltime walltime = {0};
    install_squeue("while [ ! -e \"$0.go\" ]; do sleep 0.01; done; echo 10:00");
    enter_job("17");
    for (int i = 0; i < 1000; i++)
        CHECK(isinf(ip_walltime_left(&walltime)));
    CHECK(walltime.pid != 0 && !walltime.is_known);
    CHECK(isinf(ip_walltime_wait(&walltime, 0.05)) && walltime.pid != 0);
    char go[80];
    snprintf(go, sizeof go, "%s.go", squeue);
    fclose(fopen(go, "w"));
    CHECK(ip_walltime_wait(&walltime, 60) <= 600 && walltime.is_known);
    (void)unlink(go);
}

static void hanging_squeue_is_killed(void)
{
    ip_walltime walltime = {0};
    install_squeue("exec sleep 600");
    enter_job("17");
    CHECK(isinf(ip_walltime_left(&walltime)));
    const pid_t pid = walltime.pid;
    CHECK(pid > 0 && kill(pid, 0) == 0);
    walltime.asked -= 19;
    CHECK(isinf(ip_walltime_left(&walltime)) && !walltime.is_late);
    walltime.asked -= 2;
    CHECK(isinf(settle(&walltime)) && walltime.is_late && !walltime.is_known);
    CHECK(kill(pid, 0) != 0 && errno == ESRCH);
    install_squeue("echo 10:00");
    walltime.asked -= 180;
    CHECK(settle(&walltime) <= 600 && !walltime.is_late);
}

static void release_ends_the_question(void)
{
    ip_walltime walltime = {0};
    install_squeue("exec sleep 600");
    enter_job("17");
    ip_walltime_left(&walltime);
    const pid_t pid = walltime.pid;
    ip_walltime_release(&walltime);
    ip_walltime_release(&walltime);
    CHECK(pid > 0 && walltime.pid == 0 && kill(pid, 0) != 0 && errno == ESRCH);
}

/* None of these is an answer; none makes an earlier one forgotten. */
static void worthless_answers(void)
{
    static const char *const bodies[] = {
        "echo 1:00; exit 1",
        "echo 1:00; kill -9 $$",
        "echo NOT_SET",
        "echo INVALID",
        "echo slurm_load_jobs error: Invalid job id specified >&2; exit 1",
        "echo",
        "",
        "exec yes 1:00:00", /* never ends: killed */
        "i=0; while [ $i -lt 20000 ]; do printf 1:00; i=$((i+1)); done; exit 0",
    };
    enter_job("17");
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        ip_walltime fresh = {0};
        ip_walltime known = {.is_known = true, .left = 500};
        install_squeue(bodies[i]);
        ip_walltime_left(&fresh);
        ip_walltime_left(&known);
        CHECK(fresh.pid != 0 && known.pid != 0);
        known.since = known.asked; /* 500 s left just now */
        for (int k = 0; k < 50 && (fresh.pid != 0 || known.pid != 0); k++) {
            nap();
            ip_walltime_left(&fresh);
            ip_walltime_left(&known);
        }
        fresh.asked -= 30;
        known.asked -= 30;
        CHECK_REPORT(isinf(settle(&fresh)) && !fresh.is_known, "'%s' is no answer", bodies[i]);
        const double left = settle(&known);
        CHECK_REPORT(left <= 500 && left > 400, "'%s': 500 s known before, saw %g", bodies[i],
                     left);
    }
}

/* Children of somebody else are neither waited for nor killed. */
static void other_children_are_left_alone(void)
{
    ip_walltime walltime = {0};
    const pid_t ended = fork();
    if (ended == 0)
        _exit(7);
    const pid_t alive = fork();
    if (alive == 0) {
        pause();
        _exit(0);
    }
    install_squeue("echo 10:00");
    enter_job("17");
    CHECK(ip_walltime_wait(&walltime, 60) <= 600);
    ip_walltime_release(&walltime);
    int status = 0;
    CHECK(waitpid(ended, &status, 0) == ended && WIFEXITED(status) && WEXITSTATUS(status) == 7);
    CHECK(kill(alive, 0) == 0 && waitpid(alive, NULL, WNOHANG) == 0);
    kill(alive, SIGKILL);
    CHECK(waitpid(alive, NULL, 0) == alive);
}

int main(void)
{
    if (mkdtemp(folder) == NULL)
        return EXIT_FAILURE;
    snprintf(squeue, sizeof squeue, "%s/squeue", folder);
    snprintf(asked_file, sizeof asked_file, "%s/asked", folder);
    snprintf(path, sizeof path, "%s:/usr/bin:/bin", folder);
    setenv("PATH", path, 1);
    answers_are_read();
    no_job_no_limit();
    end_time_counts_first();
    missing_squeue();
    quick_answer_counts_down();
    task_of_an_array();
    asked_again();
    slow_answer_is_not_waited_for();
    hanging_squeue_is_killed();
    release_ends_the_question();
    worthless_answers();
    other_children_are_left_alone();
    CHECK(!has_children());
    (void)unlink(squeue);
    (void)unlink(asked_file);
    CHECK(rmdir(folder) == 0);
    return check_finish();
}
