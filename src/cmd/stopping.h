/* stopping.h - when a run stops by itself before its time is up, and when it begins no more jobs */
#ifndef STOPPING_H
#define STOPPING_H

#include "infoplane/plan.h"

/* Seconds before the end of the walltime at which a run stops by itself, given those left at its
 * start: a tenth of them, at least 15, at most 60. */
double ip_stop_margin(double walltime);

/* Seconds within which the most costly of n jobs surely comes to its first checkpoint: none is
 * begun with less left. numbers: (n) which jobs; NULL: the first n. */
double ip_start_seconds(const ip_plan *plan, const uint64_t *numbers, size_t n);

#endif
