/* plan_internal.h - what a plan consists of, for the files of spec/ alone */
#ifndef PLAN_INTERNAL_H
#define PLAN_INTERNAL_H

#include "spec/spec_internal.h"

struct ip_plan {
    ip_arena arena;
    const ip_spec *spec;
    const ip_dataset *dataset;
    ip_settings base; /* shared settings, with what the data decides filled in */
    size_t n_points;  /* of the product of the axes, left after the exclusions */
    size_t *kept;     /* their numbers in the full product; NULL = all */
    ip_shape shape;
    int64_t *epochs;
    ip_text measured; /* the measurements in canonical text: part of every job's key */
};

/* Fills plan->epochs and the shape's number of snapshots. Errors: IP_ERR_MEMORY. */
ip_status ip_plan_snapshots(ip_plan *plan, ip_error *err) IP_CHECKED;

/* Appends the measurements in canonical text. */
void ip_plan_print_measure(const ip_measure *measure, ip_text *text);

#endif
