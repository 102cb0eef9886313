/* bound_print.h - the bottleneck's curve of a task, as a table or as JSON */
#ifndef BOUND_PRINT_H
#define BOUND_PRINT_H

#include "infoplane/bound.h"

/* What `bound` found; all borrowed. */
typedef struct ip_curve {
    const char *task, *path; /* the task's name; spec or result file */
    ip_bound_task inputs;
    ip_bound_onset onset;
    size_t n;
    const double *betas;          /* (n) */
    const ip_bound_point *points; /* (n) */
    const ip_bound_code *codes;   /* (n) */
} ip_curve;

/* On stdout; the table ends in a line of words. */
void ip_curve_print(const ip_curve *curve);
void ip_curve_print_json(const ip_curve *curve);

#endif
