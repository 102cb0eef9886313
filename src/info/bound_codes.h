/* bound_codes.h - what the two ways to deterministic codes share */
#ifndef INFO_BOUND_CODES_H
#define INFO_BOUND_CODES_H

#include "info/bound_internal.h"

/* x ln x, and 0 at 0. */
double ip_bound_x_ln_x(double x);

/* Fills t_of and clusters of n codes, whose beta is set, for any number of labels.
 * Errors: IP_ERR_MEMORY. */
ip_status ip_bound_search_codes(const ip_bound_task *task, size_t n, ip_arena *scratch,
                                ip_bound_code *codes, ip_error *err) IP_CHECKED;

#endif
