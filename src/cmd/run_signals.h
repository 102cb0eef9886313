/* run_signals.h - the signals that ask a run to stop */
#ifndef RUN_SIGNALS_H
#define RUN_SIGNALS_H

#include <signal.h>

/* Catches SIGINT, SIGTERM and SIGHUP (SIGKILL is near: IP_STOP_NOW) and SIGUSR1, SIGUSR2 and
 * SIGXCPU (a batch system's notice: IP_STOP_SOON). A second SIGINT, a fifth of a second later or
 * more, leaves at once with 130. A SIGHUP that is ignored, as under nohup, stays so. SIGPIPE and
 * SIGXFSZ are ignored: a write that fails is an error of that write. To be called before MPI_Init,
 * which may take seconds. */
void ip_signals_catch(void);

/* Asks for IP_STOP_SOON, as a signal would. */
void ip_signals_stop(void);

/* What they have asked for: an ip_stop. */
const volatile sig_atomic_t *ip_signals_flag(void);

/* Seconds that may pass between IP_STOP_NOW and the end: mpirun kills its ranks a second after it
 * asked them to end, elsewhere there is more time. */
double ip_signals_now_seconds(void);

#endif
