/* A process that hangs ends itself in time, with the code it chose last, and not when it took that
 * back. */
#include "check.h"
#include "infoplane/farm.h"
#include <sys/wait.h>
#include <unistd.h>

static void at_once(void)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL); /* a caller's mask does not keep it */
    ip_farm_leave_within(-1, 41);
    for (;;)
        pause();
}

static void in_a_while(void)
{
    ip_farm_leave_within(1e9, 40);
    ip_farm_leave_within(0.05, 42);
    for (;;)
        pause();
}

static void never(void)
{
    ip_farm_leave_within(0.2, 43);
    ip_farm_leave_within((double)INFINITY, 44);
    usleep(400000);
    _exit(7);
}

static int code_of(void (*act)(void))
{
    int status = 0;
    const pid_t pid = fork();
    if (pid == 0)
        act();
    CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
    return WEXITSTATUS(status);
}

int main(void)
{
    CHECK_COUNT(code_of(at_once), 41);
    CHECK_COUNT(code_of(in_a_while), 42);
    CHECK_COUNT(code_of(never), 7);
    return check_finish();
}
