/* lab.h - one job: train a network and measure it on the way
 *
 * A job is a pure function of (plan, job number): no MPI, no file, no clock, no global state. It is
 * offered as begin / one epoch / end over a state that can be copied out and in, so that whoever
 * runs it can stop it between two epochs. */
#ifndef INFOPLANE_LAB_H
#define INFOPLANE_LAB_H

#include "infoplane/plan.h"

typedef struct ip_lab ip_lab;

/* A network with noise has a T that is random given x: every measurement passes each row this many
 * times, with noise drawn afresh, and takes the passes for rows of weight p_x / IP_NOISE_DRAWS that
 * share an input. Loss and accuracy are their means. */
enum { IP_NOISE_DRAWS = 8 };

/* Passes of a row in a measurement of the job: IP_NOISE_DRAWS, or 1 without noise. */
size_t ip_job_draws(const ip_job *job);

/* Takes all memory of the job from the arena, draws its split, targets and initial weights, and
 * measures epoch 0. trace: of the plan's shape, cleared here, filled as the snapshots come. plan
 * and trace are borrowed until the last call. OpenBLAS has the job's threads from here on: those of
 * the process, so that jobs with different numbers take turns. Errors: IP_ERR_MEMORY;
 * IP_ERR_SPEC when OpenBLAS has not so many threads; IP_ERR_NUMERIC when the first measurement
 * is not finite. */
ip_status ip_lab_begin(const ip_plan *plan, const ip_job *job, const ip_trace *trace,
                       ip_arena *arena, ip_lab **out, ip_error *err) IP_CHECKED;

/* Trains the next epoch and measures it when a snapshot is due. Must not be called when
 * ip_lab_is_done. Errors: IP_ERR_NUMERIC when training diverged or an estimator cannot compute its
 * input; the snapshots before stay in the trace. */
ip_status ip_lab_epoch(ip_lab *lab, ip_error *err) IP_CHECKED;

/* A job that is trained twice goes to its second training at once, with the ranges seen so far: for
 * trials of speed, not for results. Nothing otherwise. Errors: as ip_lab_begin. */
ip_status ip_lab_end_survey(ip_lab *lab, ip_error *err) IP_CHECKED;

bool ip_lab_is_done(const ip_lab *lab);

/* Epochs and snapshots done so far; 0 while a job that is trained twice sees its ranges. */
uint64_t ip_lab_epochs_done(const ip_lab *lab);
size_t ip_lab_snapshots_done(const ip_lab *lab);

/* Bytes that ip_lab_save writes at most, for any job of the plan. */
size_t ip_lab_saved_bytes(const ip_plan *plan);

/* Copies all the next epochs depend on - progress, weights, optimiser state, the trace so far -
 * into block, aligned to 8 bytes, and returns its length. Random numbers have no state: they are
 * drawn by seed, purpose and epoch. */
size_t ip_lab_save(const ip_lab *lab, void *block);

/* Takes over what ip_lab_save of the same job wrote: what follows is bit for bit as if nothing had
 * happened between. The deepest network of the sweep may have had fewer layers then. False, with
 * the lab as it was, when the block is of another shape; the second function tells that beforehand.
 */
bool ip_lab_restore(ip_lab *lab, const void *block, size_t bytes) IP_CHECKED;
bool ip_lab_can_restore(const ip_plan *plan, const ip_job *job, const void *block, size_t bytes);

/* The whole job. Stops with the error of ip_lab_begin or ip_lab_epoch. Allocates and frees its own
 * memory. */
ip_status ip_lab_run(const ip_plan *plan, const ip_job *job, const ip_trace *trace,
                     ip_error *err) IP_CHECKED;

/* The *n rows of the dataset that are measured: first the *n_train trained on, then the others.
 * Borrowed. */
const uint32_t *ip_lab_rows(const ip_lab *lab, size_t *n, size_t *n_train);

/* Activations of every layer at the current weights, bit for bit what the estimators are given of
 * a snapshot: layers[l] becomes (n draws, units of layer l), *q_y_given_x (n draws, c) the label as
 * the network predicts it, with draws = ip_job_draws; rows as in ip_lab_rows, the passes of a row
 * together. Borrowed until the next epoch. */
void ip_lab_activations(ip_lab *lab, ip_cmat *layers, const double **q_y_given_x);

/* Predicted work of a job, in units of about a nanosecond on one core: good enough to begin with
 * the longest and to share out time. */
double ip_job_cost(const ip_plan *plan, const ip_job *job);

/* Predicted memory of a job in bytes: good enough to tell which of them takes the most. */
double ip_job_size(const ip_plan *plan, const ip_job *job);

/* The cost of a part: a share in [0, 1] of the epochs, and some of the snapshots; without the
 * training that only sees ranges. */
double ip_job_cost_part(const ip_plan *plan, const ip_job *job, double share, double snapshots);

#endif
