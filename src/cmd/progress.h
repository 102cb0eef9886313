/* progress.h - the line that tells how a run goes */
#ifndef PROGRESS_H
#define PROGRESS_H

#include "infoplane/farm.h"
#include "infoplane/plan.h"

/* What a job writes into the farm's shared memory, zero at its start. */
typedef struct ip_result {
    volatile uint64_t snapshots; /* in the trace so far: what the progress line may look at */
    double block[];              /* of the trace */
} ip_result;

/* Appends "12 s", "3 min", "1.5 h". */
void ip_append_duration(double seconds, ip_text *text);

/* The trace of a result, only to be read. */
ip_trace ip_result_trace(const ip_result *result, const ip_plan *plan);

typedef struct ip_progress_line {
    const ip_plan *plan;
    const char *file;     /* result file, for its log */
    bool is_terminal;     /* redraw instead of a line every few seconds */
    double shown, logged; /* seconds since the start, of the last line; 0 = not yet */
} ip_progress_line;

ip_progress_line ip_progress_begin(const ip_plan *plan, const char *file);

/* Shows progress on stderr when it is time to, and now and then in FILE.log. */
void ip_progress_show(ip_progress_line *line, const ip_farm_progress *progress);

/* Ends a redrawn line. */
void ip_progress_end(const ip_progress_line *line);

#endif
