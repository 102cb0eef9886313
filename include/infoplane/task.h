/* task.h - where a dataset comes from
 *
 * A task is a row in a table: name, meaning, and the function that makes its dataset from the
 * options. The task `file` has no such function: its data is read by the store (store.h). */
#ifndef INFOPLANE_TASK_H
#define INFOPLANE_TASK_H

#include "infoplane/dataset.h"
#include "infoplane/field.h"

typedef struct ip_task_options {
    int name;               /* index into the tasks */
    int rule;               /* ip_task_rule_name: soft, hard */
    int form;               /* ip_task_form_name: linear, integer, spectrum */
    double information;     /* bits; used when gain is NaN; soft rule only */
    double gain;            /* NaN = solve for information; may be infinite */
    double threshold;       /* NaN = the form's own */
    ip_reals weights;       /* l = 0, 1, 2; form spectrum */
    char path[IP_MAX_PATH]; /* task file */
    double train_fraction;
    int split; /* ip_split_rule */
} ip_task_options;

typedef enum ip_task_rule { IP_RULE_SOFT, IP_RULE_HARD } ip_task_rule;
ip_name_at ip_task_rule_name;
typedef enum ip_task_form { IP_FORM_LINEAR, IP_FORM_INTEGER, IP_FORM_SPECTRUM } ip_task_form;
ip_name_at ip_task_form_name;

typedef struct ip_task {
    const char *name, *summary, *source;
    /* Makes the dataset (freed by the caller). Errors: IP_ERR_SPEC with the key at fault (such as
     * "task.information"), IP_ERR_MEMORY. NULL: the data comes from a file. Collective: no. */
    ip_status (*make)(const ip_task_options *options, ip_dataset **dataset, ip_error *err);
} ip_task;

/* The tasks in the order of the documentation: index from 0, NULL past the end; and their names. */
const ip_task *ip_task_at(size_t index);
ip_name_at ip_task_name;

/* ---- icosahedron: 12 bits on the vertices of an icosahedron ---- */

enum { IP_ICOSAHEDRON_PATTERNS = 4096, IP_ICOSAHEDRON_BITS = 12 };

/* What the rotation-invariant power spectrum of a pattern depends on. */
typedef struct ip_icosahedron_class {
    int ones, edges, antipodes; /* set vertices; edges and antipodal pairs with both ends set */
} ip_icosahedron_class;

/* The class of pattern 0 .. 4095; bit 0 (vertex 0) is the most significant bit of the number. */
ip_icosahedron_class ip_icosahedron_class_of(unsigned pattern);

/* I(X;Y) in bits of the rule `options` describes, and the gain used (infinite for the hard rule).
 * Errors as ip_task.make. */
ip_status ip_icosahedron_information(const ip_task_options *options, double *information,
                                     double *gain, ip_error *err) IP_CHECKED;

extern const ip_task ip_task_icosahedron;
extern const ip_task ip_task_file;

#endif
