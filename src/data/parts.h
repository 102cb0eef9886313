/* parts.h - what the files of the data layer share */
#ifndef DATA_PARTS_H
#define DATA_PARTS_H

#include "infoplane/task.h"

/* Fills digest. Errors: IP_ERR_MEMORY. */
ip_status ip_dataset_fill_digest(ip_dataset *dataset, ip_error *err) IP_CHECKED;

/* The most probable label of a row, ties to the lower class. */
size_t ip_dataset_label(const ip_dataset *dataset, size_t row);

/* What the label of a pattern of the icosahedron depends on, by options->form. */
double ip_icosahedron_f(const ip_icosahedron_class *class, const ip_task_options *options);

/* The rule that options describe: p(y=1|x) = 1 / (1 + exp(-gain (f - threshold))), and for an
 * infinite gain [f > threshold]. */
typedef struct ip_icosahedron_rule {
    double threshold, gain;
    double information; /* I(X;Y), bits */
} ip_icosahedron_rule;

/* Errors as ip_task.make. */
ip_status ip_icosahedron_rule_make(const ip_task_options *options, ip_icosahedron_rule *rule,
                                   ip_error *err) IP_CHECKED;

/* p(y=0|f) and p(y=1|f). */
void ip_icosahedron_rule_p(const ip_icosahedron_rule *rule, double f, double p[2]);

#endif
