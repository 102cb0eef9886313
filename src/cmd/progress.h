/* progress.h - the line that tells how a run goes */
#ifndef PROGRESS_H
#define PROGRESS_H

#include "infoplane/farm.h"
#include "infoplane/plan.h"

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
