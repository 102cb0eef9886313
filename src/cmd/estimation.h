/* estimation.h - every estimator asked for on every layer chosen of an activations file */
#ifndef ESTIMATION_H
#define ESTIMATION_H

#include "cmd/options.h"
#include "infoplane/spec.h"
#include "infoplane/store.h"

typedef struct ip_estimation_options {
    const ip_measure *measure; /* the estimators; borrowed */
    const ip_texts *names;     /* of the layers; none: all */
    size_t n_shuffles;         /* of the labels among the rows, always the same ones */
    bool is_noisy;             /* see ip_sample */
} ip_estimation_options;

typedef struct ip_estimation {
    const ip_measure *measure;   /* what was asked; borrowed */
    ip_activations *activations; /* where it is estimated */
    size_t n_layers;
    size_t *layers;      /* (n_layers) numbers of those chosen, in natural order of their names */
    ip_information *out; /* (n_layers, measure->n_entries) */
    size_t n_shuffles;
    bool is_noisy;
    double *i_ty_null; /* (n_layers, measure->n_entries) I(T;Y) of shuffled labels, the mean over
                          n_shuffles, bits; NaN when that is 0 */
    double h_y;        /* H(Y), bits */
    ip_arena arena;    /* of all that */
} ip_estimation;

/* Opens the file at path and estimates. A layer is held against the one chosen before it: see
 * ip_breaks_processing. The memory is that of the widest layer.
 * Errors: as ip_activations_open and _read; IP_ERR_USAGE for a name the file does not have;
 * IP_ERR_DATA for activations that an estimator cannot take. Released with ip_estimation_release,
 * also after a failure. */
ip_status ip_estimation_make(ip_estimation *estimation, const char *path,
                             const ip_estimation_options *options, ip_error *err) IP_CHECKED;
void ip_estimation_release(ip_estimation *estimation);

#endif
