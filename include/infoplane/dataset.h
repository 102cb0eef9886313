/* dataset.h - inputs with their label distribution, and what a job draws from them: splits and
 * targets */
#ifndef INFOPLANE_DATASET_H
#define INFOPLANE_DATASET_H

#include "infoplane/error.h"
#include "infoplane/random.h"
#include "infoplane/shared.h"
#include "infoplane/text.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IP_DIGEST_SIZE = 33 }; /* 32 hexadecimal digits and the zero */

/* n inputs of d features, and for each the distribution of its label over c classes. Const after it
 * was made; freed with ip_dataset_free. */
typedef struct ip_dataset {
    size_t n, d, c;
    float *x;                    /* (n, d) row-major */
    double *p_y_given_x;         /* (n, c) rows sum to 1 */
    double *p_x;                 /* (n) sums to 1; weighs information only */
    uint8_t *split;              /* (n) 0 = train, 1 = test; NULL = not given */
    uint32_t *x_id;              /* (n) rows with equal x have equal numbers below n */
    bool is_drawn;               /* the rows are a sample of the inputs, not all there are */
    double h_y;                  /* H(Y), bits */
    double i_xy;                 /* I(X;Y) = H(Y) - H(Y|X), bits */
    char digest[IP_DIGEST_SIZE]; /* of n, d, c, x, p_y_given_x, p_x, split: equal data, equal digest
                                  */
    ip_shared memory;            /* where the arrays lie; at is NULL: each by itself in the heap */
} ip_dataset;

/* A dataset with room for (n, d, c), p_x uniform, the rest zero; with_split makes split too. n, d,
 * c >= 1. The caller fills x, p_y_given_x (and p_x, split) and calls ip_dataset_finish. NULL when
 * out of memory. */
ip_dataset *ip_dataset_new(size_t n, size_t d, size_t c, int with_split);

/* The same in memory that other processes of the node can see; once finished, nobody can write it.
 */
ip_dataset *ip_dataset_new_shared(size_t n, size_t d, size_t c, int with_split);

/* The dataset that another process of the node made so and has finished: of is the struct as it
 * stands there, copied. NULL where that cannot be seen. */
ip_dataset *ip_dataset_attach(const ip_dataset *of);

/* Bytes of the arrays. */
size_t ip_dataset_bytes(const ip_dataset *dataset);

/* Checks and completes a filled dataset: x finite (-0.0 becomes 0.0); rows of p_y_given_x in
 * [0, 1], summing to 1 within 1e-9, then normalised; p_x >= 0 with a positive sum, then normalised;
 * split 0 or 1 with a train row. Computes x_id, h_y, i_xy, digest. Errors: IP_ERR_DATA naming the
 * array and the row (from 0), IP_ERR_MEMORY. */
ip_status ip_dataset_finish(ip_dataset *dataset, ip_error *err) IP_CHECKED;

void ip_dataset_free(ip_dataset *dataset); /* NULL is fine */

/* The parts of that, for rows that are no dataset: labels (n, c), checked and normalised; weights
 * (n), checked, and their sum. Errors: IP_ERR_DATA naming the array and the row. */
ip_status ip_labels_finish(size_t n, size_t c, double *p_y_given_x, ip_error *err) IP_CHECKED;
ip_status ip_weights_check(size_t n, const double *p_x, double *sum, ip_error *err) IP_CHECKED;

/* Numbers n rows of row_bytes bytes by first appearance into number (n): equal bytes, equal
 * numbers. *n_numbers = how many differ. n < 2^32. Errors: IP_ERR_MEMORY. */
ip_status ip_rows_number(size_t n, size_t row_bytes, const void *rows, uint32_t *number,
                         size_t *n_numbers, ip_error *err) IP_CHECKED;

/* How the training rows of a seed are chosen. */
typedef enum ip_split_rule {
    IP_SPLIT_RANDOM,     /* a uniform subset */
    IP_SPLIT_STRATIFIED, /* the same from each class of the most probable label */
    IP_SPLIT_PREFIX,     /* the first rows: compares with code that does not shuffle */
    IP_SPLIT_GIVEN       /* as the data file says */
} ip_split_rule;
ip_name_at ip_split_name; /* random, stratified, prefix, given */

/* Puts the training rows, ascending, into rows[0 .. *n_train) and the test rows, ascending, behind
 * them. rows holds n numbers. fraction in (0, 1]: n_train = fraction n rounded to nearest (halves
 * up), at least 1; stratified: the same total, shared among the classes by largest remainder (ties
 * to the lower class); not used by `given`. Depends on (dataset, rule, fraction, seed) only. */
void ip_split_make(const ip_dataset *dataset, ip_split_rule rule, double fraction, uint64_t seed,
                   uint32_t *rows, size_t *n_train);

/* Puts n_drawn of the n rows, every subset of that size equally likely, first into out and the
 * others behind them, both in the order they had. out: n numbers, not rows itself. */
void ip_rows_draw(size_t n, const uint32_t *rows, size_t n_drawn, ip_rng *rng, uint32_t *out);

/* What the network is trained towards. */
typedef enum ip_target_rule {
    IP_TARGETS_SOFT,    /* p(y|x) itself */
    IP_TARGETS_SAMPLED, /* one label per row drawn from p(y|x), kept for the whole job */
    IP_TARGETS_HARD     /* the most probable label, ties to the lower class */
} ip_target_rule;
ip_name_at ip_target_name; /* soft, sampled, hard */

/* Fills targets (n, c) row-major; rows sum to 1. Depends on (dataset, rule, seed) only. */
void ip_targets_make(const ip_dataset *dataset, ip_target_rule rule, uint64_t seed, float *targets);

#endif
