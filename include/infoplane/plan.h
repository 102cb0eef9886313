/* plan.h - the numbered jobs of a spec
 *
 * Job i is computed from the spec, not stored: the first entry of `sweep` changes slowest, the seed
 * fastest. Equal spec and data give the equal plan on every rank. */
#ifndef INFOPLANE_PLAN_H
#define INFOPLANE_PLAN_H

#include "infoplane/spec.h"
#include "infoplane/trace.h"

enum { IP_KEY_SIZE = 33 }; /* 32 hexadecimal digits and the zero */

/* One point of the sweep with its seed. */
typedef struct ip_job {
    size_t index; /* row in the result file, from 0 */
    uint64_t seed;
    ip_settings settings;
    char key[IP_KEY_SIZE]; /* hash of the resolved parameters, the seed and the data: the job's
                              identity */
} ip_job;

typedef struct ip_plan ip_plan;

/* Expands the spec over a dataset. spec and dataset are borrowed and must outlive the plan. Errors
 * (added to errors, NULL returned): no job left after `exclude`, settings that do not go together
 * or not with the data, clashing labels. Collective: no. Freed with ip_plan_free. */
ip_plan *ip_plan_new(const ip_spec *spec, const ip_dataset *dataset, ip_errors *errors) IP_CHECKED;
void ip_plan_free(ip_plan *plan); /* NULL is fine */

const ip_spec *ip_plan_spec(const ip_plan *plan);
const ip_dataset *ip_plan_dataset(const ip_plan *plan);
size_t ip_plan_n_jobs(const ip_plan *plan);

/* Rows of the dataset that a job measures: measure.samples of them, or all. */
size_t ip_plan_n_measured(const ip_plan *plan);

/* Lengths of the dimensions of a row; epochs of the snapshots, ascending, 0 and the last epoch
 * among them. */
const ip_shape *ip_plan_shape(const ip_plan *plan);
const int64_t *ip_plan_epochs(const ip_plan *plan);

/* Points of the sweep, and the settings of one of them: each point has a job for every seed. */
size_t ip_plan_n_points(const ip_plan *plan);
void ip_plan_point(const ip_plan *plan, size_t point, ip_settings *settings);

/* Job index < n_jobs. */
void ip_plan_job(const ip_plan *plan, size_t index, ip_job *job);

/* The jobs by key, for n log n comparisons with another list of keys. NULL when out of memory
 * (IP_ERR_MEMORY). find: the job of the key, n_jobs when there is none. */
typedef struct ip_plan_index ip_plan_index;
ip_plan_index *ip_plan_index_new(const ip_plan *plan, ip_error *err) IP_CHECKED;
size_t ip_plan_index_find(const ip_plan_index *index, const char *key);
void ip_plan_index_free(ip_plan_index *index); /* NULL is fine */

/* Swept keys in the order written (all keys of a zip entry); network.activation and network.hidden
 * are among them when swept. NULL past the end. */
const ip_field *ip_plan_swept(const ip_plan *plan, size_t k);

/* Units of the layers of a job: hidden layers, then the output; returns their number. widths holds
 * IP_MAX_HIDDEN + 1. */
size_t ip_job_widths(const ip_job *job, const ip_dataset *dataset, size_t *widths);

/* Appends "12-10-7-5-4-3-2". */
void ip_job_architecture(const ip_job *job, const ip_dataset *dataset, ip_text *text);

/* Appends the plan as one JSON object, a setting a line: shared settings with their defaults, axes,
 * seeds, measurements, digest of the data. Equal text means equal identity: name, limits, comments
 * and the order of keys leave no trace. */
void ip_plan_describe(const ip_plan *plan, ip_text *json);

#endif
