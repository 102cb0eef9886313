/* forecast.h - what a plan will take: time, disk, memory */
#ifndef FORECAST_H
#define FORECAST_H

#include "infoplane/plan.h"

typedef struct ip_forecast {
    const ip_plan *plan;
    size_t n;         /* jobs of the plan */
    size_t done;      /* of these, what FILE holds already */
    size_t strangers; /* rows of FILE that are no job of the plan */
    double *seconds;  /* (n) a job each, longest first, 0 for those done */
    uint64_t file_bytes;
    uint64_t memory_per_rank; /* of its two processes */
    uint64_t
        memory_per_node;  /* beside: what the ranks of a node have together, a data file's rows */
    uint64_t state_bytes; /* of the largest checkpoint */
} ip_forecast;

/* Runs the first epochs of the longest job for about a third of a second and scales up; epochs that
 * would take long are not tried. file: where
 * to look for finished jobs, only read; NULL or absent: none. plan is borrowed. Released with
 * ip_forecast_release, also after a failure. Errors: IP_ERR_MEMORY; those of ip_store_open.
 * Collective: no. */
ip_status ip_forecast_make(ip_forecast *forecast, const ip_plan *plan, const char *file,
                           ip_error *err) IP_CHECKED;

/* Seconds until the last of so many ranks is done; NaN when out of memory. */
double ip_forecast_seconds(const ip_forecast *forecast, int ranks);

void ip_forecast_release(ip_forecast *forecast);

#endif
