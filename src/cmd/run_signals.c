/* run_signals.c - the signals that ask a run to stop
 *
 * mpirun answers SIGINT and SIGTERM to itself by sending SIGTERM to its ranks after its
 * odls_base_sigkill_timeout K (a second by default) and SIGKILL after K more; SIGUSR1 it passes on.
 * The same signal may come twice or more, at once: mpirun and SLURM both send it, a terminal sends
 * it to a whole group of processes. */
#include "cmd/run_signals.h"
#include "infoplane/clock.h"
#include "infoplane/farm.h"
#include <math.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static const double echo_seconds = 0.2; /* the same ^C, sent on by somebody */

static volatile sig_atomic_t stop = IP_STOP_NO;
static double interrupted; /* when the first SIGINT came; the handler's alone */

static void on_signal(int number)
{
    const bool is_notice = number == SIGUSR1 || number == SIGUSR2 || number == SIGXCPU;
    if (number == SIGINT && interrupted > 0 && ip_clock() - interrupted > echo_seconds)
        _exit(130);
    if (number == SIGINT && interrupted == 0)
        interrupted = ip_clock();
    if (!is_notice)
        stop = IP_STOP_NOW;
    else if (stop == IP_STOP_NO)
        stop = IP_STOP_SOON;
}

void ip_signals_catch(void)
{
    static const int caught[] = {SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGXCPU, SIGHUP};
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    signal(SIGPIPE, SIG_IGN); /* whoever listened has gone: no reason to lose the work */
    signal(SIGXFSZ, SIG_IGN); /* the write that was refused tells of it */
    for (size_t i = 0; i < IP_LENGTH(caught); i++) {
        struct sigaction before;
        sigaction(caught[i], NULL, &before);
        if (caught[i] != SIGHUP || before.sa_handler != SIG_IGN)
            sigaction(caught[i], &action, NULL);
    }
}

void ip_signals_stop(void)
{
    if (stop == IP_STOP_NO)
        stop = IP_STOP_SOON;
}

const volatile sig_atomic_t *ip_signals_flag(void)
{
    return &stop;
}

double ip_signals_now_seconds(void)
{
    if (getenv("OMPI_COMM_WORLD_SIZE") == NULL)
        return 5;
    const char *timeout = getenv("OMPI_MCA_odls_base_sigkill_timeout");
    return fmin(5, fmax(0.5, timeout != NULL ? 0.5 * atof(timeout) : 0));
}
