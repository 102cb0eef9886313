/* lab_internal.h - what a running job consists of, for the files of lab/ alone */
#ifndef LAB_INTERNAL_H
#define LAB_INTERNAL_H

#include "infoplane/lab.h"

/* Mean and spread of one layer's weight gradient over the batches of an epoch, each weighted by its
 * size. Updated by West's form of Welford's recurrence (West, Comm. ACM 22(9), 1979), so that a
 * spread far below the mean is not lost to cancellation. */
typedef struct ip_gradient_moments {
    double *mean;  /* (weights of the layer) */
    double spread; /* sum over batches of size * |g - mean|^2 */
} ip_gradient_moments;

/* The rows one value of `measure.on` selects, as estimators see them, and what is asked of them. */
typedef struct ip_rows {
    size_t first, n;      /* in the order of `measured` */
    double weight;        /* sum of the dataset's p_x over them */
    double *p_x;          /* (n draws) renormalised over these rows, shared out over their passes */
    uint32_t *x_id;       /* (n draws) renumbered below n */
    ip_weighing weighing; /* of them */
    ip_request *requests; /* (n_requests) */
    size_t n_requests;
    size_t *entries;     /* (n_requests) each one's place in the estimator dimension */
    ip_information *out; /* (n_requests) */
    ip_counted *last;    /* (layers, n_requests) */
} ip_rows;

/* Begins the block that ip_lab_save copies; parameters and optimiser state follow it. A job whose
 * estimators want the range of a layer over the whole run is trained twice: first only to see it.
 */
typedef struct ip_lab_progress {
    uint64_t epoch, update;
    uint64_t snapshots;                     /* measured so far */
    uint64_t is_survey;                     /* the first of two trainings */
    double run_range[IP_MAX_HIDDEN + 1][2]; /* of each layer over the survey's snapshots */
} ip_lab_progress;

struct ip_lab {
    const ip_plan *plan;
    const ip_dataset *dataset;
    ip_job job;
    ip_trace trace;

    ip_lab_progress *progress; /* first of the state block */
    size_t state_bytes;
    ip_network network; /* its parameters lie in the state block */
    const ip_optimizer *optimizer;
    float *optimizer_state;

    uint32_t *rows; /* (n) dataset rows: those trained on, then the others */
    size_t n_train, batch;
    float *targets; /* (n, c) in the dataset's order */

    ip_pass pass; /* for up to `capacity` rows */
    size_t capacity;
    uint32_t *order; /* (n_train) positions in rows */
    float *gradient;
    ip_gradient_moments moments[IP_MAX_HIDDEN + 1];
    double moments_weight; /* rows seen this epoch */

    /* Of each split the rows that are measured stand first in `passed`; `measured` has them alone.
     */
    const uint32_t *passed, *measured; /* (n), (n_measured); rows itself where all are measured */
    size_t n_measured, n_measured_train;

    /* For the estimators: m = n_measured draws rows, in the order of `measured`, the passes of a
     * row together. */
    size_t draws;
    float *t[IP_MAX_HIDDEN + 1];     /* (m, units) activations */
    float *clean[IP_MAX_HIDDEN + 1]; /* (m, units) before their own noise; NULL: they have none */
    double *layer_t, *layer_clean;   /* (m, most units) those of the layer being measured */
    double epoch_range[2];           /* of all hidden layers in the snapshot being measured */
    double *x;                       /* (m, d) inputs */
    double *q_y_given_x;             /* (m, c) the output layer */
    double *p_y_given_x;             /* (m, c) */
    double *shuffled_p_y;            /* (m, c) the same among other rows, with measure.null */
    uint32_t *shuffled;              /* (n_measured) */
    ip_rows on[3];                   /* by ip_on */
    void *scratch;
};

/* Bytes of progress, parameters and n_state numbers of the optimiser for each of them. */
size_t ip_lab_state_bytes(size_t n_parameters, size_t n_state);

/* The n dataset rows with their targets, for a pass. */
ip_batch ip_lab_batch(const ip_lab *lab, const uint32_t *rows, size_t n);

/* Trains one epoch; with moments, also collects the gradient moments. */
void ip_lab_train(ip_lab *lab, uint64_t epoch, bool with_moments);

/* Passes all rows through the network, those measured into lab->t and lab->clean. loss and
 * accuracy: (2) of all training and all test rows, NaN where there are none. */
void ip_lab_pass(ip_lab *lab, double *loss, double *accuracy);

/* Prepares the memory of the measurements / writes snapshot s of the trace. */
ip_status ip_lab_prepare_measure(ip_lab *lab, ip_arena *arena, ip_error *err) IP_CHECKED;
ip_status ip_lab_measure(ip_lab *lab, size_t s, bool with_moments, ip_error *err) IP_CHECKED;

/* The part of snapshot s that estimators give, of the activations of the last pass. On failure the
 * trace has none of it. */
ip_status ip_lab_measure_information(ip_lab *lab, size_t s, ip_error *err) IP_CHECKED;

/* n numbers to double precision. */
void ip_lab_widen(size_t n, const float *from, double *to);

/* Whether any estimator reads that range. */
bool ip_lab_wants(const ip_plan *plan, enum ip_range_wanted range);

/* Widens the run's ranges by a snapshot of the survey. False when an activation is not finite: the
 * snapshot will fail. */
bool ip_lab_survey(ip_lab *lab) IP_CHECKED;

#endif
