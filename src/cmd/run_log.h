/* run_log.h - FILE.log: what happened when and where, one JSON object a line */
#ifndef RUN_LOG_H
#define RUN_LOG_H

#include "infoplane/farm.h"
#include <stdbool.h>

/* The newest run's progress as the log tells it; whether that run lives, its lock tells. */
typedef struct ip_log_tail {
    size_t running;      /* jobs */
    double seconds_left; /* NaN = not known */
} ip_log_tail;

/* Each appends one line to FILE.log, with the time (UTC) and host; a log that cannot be written is
 * left alone: it holds no result. */
void ip_run_log_start(const char *file, int ranks, size_t jobs, size_t pending);
void ip_run_log_progress(const char *file, const ip_farm_progress *progress);
void ip_run_log_loss(const char *file, const char *event, size_t job, int rank,
                     const ip_outcome *outcome); /* event: "lost", an attempt, or "failed" */
void ip_run_log_resumed(const char *file, size_t job, int rank); /* from its checkpoint */
void ip_run_log_grown(const char *file, size_t before, size_t jobs);
void ip_run_log_jobs(const char *file, const char *event,
                     size_t jobs); /* "retried" or "merged", so many */
void ip_run_log_stop(const char *file, const char *why);

/* Reads the end of FILE.log. */
ip_log_tail ip_run_log_tail(const char *file);

#endif
