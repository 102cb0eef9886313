/* leave.c - a bound on the time after the farm
 *
 * A rank that is stuck, on a dead disk say, never comes to a collective call, and whoever waits for
 * it inside MPI takes no turns. A timer still fires there. */
#include "infoplane/farm.h"
#include <math.h>
#include <sys/time.h>
#include <unistd.h>

static volatile sig_atomic_t leave_code;

static void leave(int signal_number)
{
    (void)signal_number;
    _exit(leave_code);
}

static void allow_alarm(void)
{
    sigset_t alarm_only;
    sigemptyset(&alarm_only);
    sigaddset(&alarm_only, SIGALRM);
    sigprocmask(SIG_UNBLOCK, &alarm_only, NULL);
}

void ip_farm_leave_within(double seconds, int code)
{
    struct itimerval timer = {0}; /* never */
    if (isfinite(seconds)) {
        const double bound = fmax(seconds, 1e-6), whole = floor(bound);
        timer.it_value.tv_sec = (time_t)whole;
        timer.it_value.tv_usec = (suseconds_t)ceil(999999 * (bound - whole));
    }
    leave_code = code;
    struct sigaction action = {.sa_handler = leave};
    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &action, NULL);
    allow_alarm();
    setitimer(ITIMER_REAL, &timer, NULL);
}
