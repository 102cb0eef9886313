/* clock.h - time that never goes back */
#ifndef INFOPLANE_CLOCK_H
#define INFOPLANE_CLOCK_H

/* Seconds since some moment before the program started, by CLOCK_MONOTONIC. Safe in a signal
 * handler. Collective: no. */
double ip_clock(void);

#endif
