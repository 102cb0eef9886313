/* derived.h - columns of an export that follow from its values, for the files of report/ alone */
#ifndef DERIVED_H
#define DERIVED_H

#include "infoplane/bound.h"
#include "infoplane/store.h"

/* The information-bottleneck curve of a file, as bound.h takes it. */
typedef struct ip_frontier {
    ip_bound_task task; /* its totals alone */
    ip_bound_point points[IP_CURVE_POINTS];
    size_t n; /* 0: no curve */
} ip_frontier;

/* Errors: IP_ERR_CREATE. */
ip_status ip_frontier_read(const ip_store *store, ip_frontier *to, ip_error *err) IP_CHECKED;

/* One value, bits. */
typedef struct ip_place {
    double i_xt, i_ty;
    double before_i_xt, before_i_ty; /* of the layer before; NaN: none */
    const ip_frontier *curve;        /* of the rows it is about; NULL: none */
} ip_place;

typedef struct ip_derived_column {
    const char *name;
    double (*value)(const ip_place *place); /* bits; NaN: none */
} ip_derived_column;

extern const ip_derived_column ip_derived[];
extern const size_t ip_n_derived;

#endif
