/* walltime.h - how long the batch system lets us live
 *
 * SLURM_JOB_END_TIME (Unix time) counts where the site sets it. Else squeue is asked, and asked
 * again every few minutes, for a limit may be changed while the job runs; in between the clock
 * counts down. Nobody waits for the answer: it is looked for at every call. A question that fails
 * changes nothing, so a batch system that is busy or gone does not make a known limit forgotten. */
#ifndef WALLTIME_H
#define WALLTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* All zero: not asked yet. Times are seconds of the monotonic clock. */
typedef struct ip_walltime {
    bool is_known; /* an answer has come, if only that there is no limit */
    double left;   /* seconds left at `since`; INFINITY = no limit */
    double since;  /* when that was asked */
    double asked;  /* when the last question was asked; 0 = never */
    pid_t pid;     /* of the squeue under way; 0 = none */
    int pipe;      /* its answer, while it is under way */
    bool is_late;  /* it was killed for its time */
    char text[64]; /* what it has said so far */
    size_t length;
} ip_walltime;

/* Seconds until the batch system ends this job, negative when that is overdue; INFINITY when there
 * is no limit or none is known (yet). Cheap: may be called thousands of times a second, and must
 * be called now and then for an answer to arrive. Collective: no (rank 0). */
double ip_walltime_left(ip_walltime *walltime);

/* The same, waiting up to so many seconds for the answer to a first question. */
double ip_walltime_wait(ip_walltime *walltime, double seconds);

/* Ends a question that is still on its way. */
void ip_walltime_release(ip_walltime *walltime);

/* Reads what squeue prints for %L: S, M:SS, H:MM:SS, D-HH:MM:SS, UNLIMITED (INFINITY). Whether it
 * was one of them; NOT_SET and INVALID (the limit has passed) are not. */
bool ip_walltime_parse(const char *text, double *seconds);

#endif
