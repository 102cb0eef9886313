/* store.h - the result file, the data file and the activations file (HDF5)
 *
 * The result file is laid out once, whole, by one process (ip_store_create); afterwards its
 * metadata never changes, and every rank writes its own rows independently. A row is committed by
 * its state, written last, after its checksum. Any reader may open the file at any moment. */
#ifndef INFOPLANE_STORE_H
#define INFOPLANE_STORE_H

#include "infoplane/matrix.h"
#include "infoplane/plan.h"
#include <mpi.h>

typedef enum ip_state {
    IP_STATE_PENDING,
    IP_STATE_DONE,
    IP_STATE_FAILED,
    IP_STATE_QUARANTINED
} ip_state;
ip_name_at ip_state_name; /* pending, done, failed, quarantined */

/* What is known of a row beside its science; kept in group /run. */
typedef struct ip_row {
    ip_state state;
    int32_t attempts, strikes;
    int32_t suspicion; /* runs that ended without a word while it was at work */
    int32_t running;   /* 0 no, 1 at work, 2 at work alone; 0, as suspicion, in a committed row */
    double seconds;    /* wall clock of the last attempt */
    int32_t rank;      /* that computed it */
    char host[64];
    char
        openblas_core[32]; /* core type OpenBLAS was tuned for: last bits may differ between them */
    char reason[200];      /* "" when done */
    uint64_t
        checksum; /* XXH3 of the row's science, its job number and state; filled by the store */
} ip_row;

/* The counts of a row, which change while it is pending. */
typedef enum ip_count {
    IP_COUNT_ATTEMPTS,
    IP_COUNT_STRIKES,
    IP_COUNT_SUSPICION,
    IP_COUNT_RUNNING,
    IP_N_COUNTS
} ip_count;

typedef struct ip_store ip_store;

/* A text of group /provenance. */
typedef struct ip_provenance {
    const char *name, *text;
} ip_provenance;

/* What a result file is made of; all borrowed. */
typedef struct ip_contents {
    const ip_plan *plan;
    const char *title;               /* the root attribute */
    const ip_provenance *provenance; /* (n_provenance); NULL: that of the first source, if any */
    size_t n_provenance;
    ip_store *const *sources; /* (n_sources) whose rows are carried over; from ip_store_open */
    size_t n_sources;
    bool replace; /* an existing file gives way, else it is an error */
} ip_contents;

/* Lays out the file of a plan and carries the rows of its sources over: written beside path under a
 * temporary name, synced, renamed, so that at any moment path holds the whole old file or the whole
 * new one. A plan that grew is laid out with the old file as its source, and replaces it; shards
 * are merged with all of them as sources.
 *
 * A job is known by its key. Committed rows whose checksum holds are carried over bit for bit, with
 * not-a-number for the layers of a deeper network that came in; damaged ones are pending, with a
 * warning; pending ones keep their counts but for RUNNING, the highest where there are several. Of
 * rows with the same key done goes before failed, failed before quarantined, that before pending;
 * of equals the first is taken. Rows go by one at a time.
 *
 * Collective: no (one process calls it, serially). Errors: IP_ERR_CREATE (exists, no permission),
 * IP_ERR_IO (disk full), IP_ERR_DATA (two rows are done with different science), IP_ERR_SPEC (a
 * source has other epochs or estimators, or a job the plan does not name). path is then untouched,
 * and no temporary file is left. */
ip_status ip_store_create(const char *path, const ip_contents *contents, ip_error *err) IP_CHECKED;

/* Removes temporary files that processes left beside path when they were killed. Only the holder of
 * the file's lock may call it. */
void ip_whole_file_sweep(const char *path);

/* Opens for reading, serially, without a lock; a run may be going on. Errors: IP_ERR_IO (not there,
 * cannot be read), IP_ERR_CREATE (not an infoplane file, or of another schema). Freed with
 * ip_store_close. */
ip_status ip_store_open(const char *path, ip_store **store, ip_error *err) IP_CHECKED;

/* Opens for writing rows by every rank of comm. sync: a committed row is on the disk before its
 * state says so, and the state before ip_store_write_row returns. Collective, as is then
 * ip_store_close. A rank to which path shows another file than to rank 0, or none, waits some
 * seconds for the right one. Errors as ip_store_open, the same on all ranks; IP_ERR_IO naming the
 * host that still sees another file. */
ip_status ip_store_open_shared(const char *path, MPI_Comm comm, bool sync, ip_store **store,
                               ip_error *err) IP_CHECKED;

/* Whether a file opened for writing still lies whole under its name. Errors: IP_ERR_IO. Collective:
 * no. */
ip_status ip_store_check_place(const ip_store *store, ip_error *err) IP_CHECKED;

/* Closes and frees; NULL is fine. */
void ip_store_close(ip_store *store);

/* Tries on a new file at path, which must not exist, what a run asks of MPI-IO: every rank of comm
 * writes a row, all read every row back. The file is removed again, whatever came of it. Errors,
 * the same on all ranks: IP_ERR_IO, IP_ERR_MEMORY. Collective over comm. */
ip_status ip_store_probe(const char *path, MPI_Comm comm, ip_error *err) IP_CHECKED;

/* A point of the information-bottleneck curve of the file's task, and the deterministic code at its
 * beta; what the names say is in bound.h. */
typedef struct ip_curve_point {
    double beta, i_xt, i_ty, gap, code_h_t, code_i_ty; /* bits but for beta */
    int64_t clusters, proven, code_clusters;
} ip_curve_point;

enum { IP_CURVE_POINTS = 46 };

typedef struct ip_store_curve {
    double h_x, h_y, i_xy; /* bits; h_x counts inputs with the same p(y|x) as one */
    double onset;          /* beta at which the origin stops being a local optimum */
    size_t n;              /* 0: the file has no curve */
    ip_curve_point points[IP_CURVE_POINTS];
} ip_store_curve;

/* The curve that ip_store_create laid into the file: none where the label tells nothing of the
 * input, or the task has so many different p(y|x) that it would take long. Errors: IP_ERR_CREATE.
 * Collective: no. */
ip_status ip_store_read_curve(const ip_store *store, ip_store_curve *curve,
                              ip_error *err) IP_CHECKED;

/* What the file holds. Borrowed from the store. */
size_t ip_store_n_jobs(const ip_store *store);
const ip_shape *ip_store_shape(const ip_store *store);
const int64_t *ip_store_epochs(const ip_store *store);
const char *ip_store_estimator(const ip_store *store, size_t k); /* label */

/* The columns of a job (key, seed, architecture, activation, then the other swept keys), index from
 * 0, NULL past the end; and the value of one, appended as text; is_number tells whether it is bare
 * in JSON. */
const char *ip_store_column(const ip_store *store, size_t k);
bool ip_store_column_is_number(const ip_store *store, size_t k);
void ip_store_column_text(const ip_store *store, size_t k, size_t job, ip_text *text);
const char *ip_store_key(const ip_store *store, size_t job);
int64_t ip_store_width(const ip_store *store, size_t job, size_t layer); /* 0 = no such layer */

/* Text of /provenance/name appended. Errors: IP_ERR_IO. */
ip_status ip_store_provenance(const ip_store *store, const char *name, ip_text *text,
                              ip_error *err) IP_CHECKED;

/* Writes the row of a job: science, /run columns, checksum, and last the state. For a state other
 * than done and a NULL trace everything is NaN. Independent: no other rank takes part. Errors:
 * IP_ERR_IO. */
ip_status ip_store_write_row(ip_store *store, size_t job, const ip_row *row, const ip_trace *trace,
                             ip_error *err) IP_CHECKED;

/* States of all jobs as stored, read afresh: (n_jobs) on the heap, freed by the caller; NULL after
 * an error. Errors: IP_ERR_IO, IP_ERR_MEMORY. */
ip_status ip_store_read_states(const ip_store *store, int8_t **states, ip_error *err) IP_CHECKED;

/* Makes the row of a job pending again, as it was laid out: first its counts, then the state, then
 * the rest, so that a call that is cut short leaves a row that is committed, or pending without
 * attempts. Independent: no other rank takes part. Errors: IP_ERR_IO. */
ip_status ip_store_reset_row(ip_store *store, size_t job, ip_error *err) IP_CHECKED;

/* Writes one count of a pending job; with sync it is on the disk on return. Independent: no other
 * rank takes part. Errors: IP_ERR_IO. */
ip_status ip_store_write_count(ip_store *store, size_t job, ip_count count, int32_t value,
                               ip_error *err) IP_CHECKED;

/* One count of a job, or of all jobs as of their states, read afresh. Errors: IP_ERR_IO, and
 * IP_ERR_MEMORY for all. */
ip_status ip_store_read_count(const ip_store *store, size_t job, ip_count count, int32_t *value,
                              ip_error *err) IP_CHECKED;
ip_status ip_store_read_counts(const ip_store *store, ip_count count, int32_t **values,
                               ip_error *err) IP_CHECKED;

/* Reads the row of a job; *sound tells whether its checksum holds (a pending row: false). trace of
 * the store's shape. Errors: IP_ERR_IO. */
ip_status ip_store_read_row(const ip_store *store, size_t job, ip_row *row, const ip_trace *trace,
                            bool *sound, ip_error *err) IP_CHECKED;

/* ---- data and activations ---- */

/* Reads the data file of task `file`; finished. *dataset is freed by the caller. Errors:
 * IP_ERR_DATA with the file's name and, in the text, the dataset at fault (missing, wrong shape or
 * type, wrong values). */
ip_status ip_data_file_read(const char *path, ip_dataset **dataset, ip_error *err) IP_CHECKED;

/* The same, once for all ranks of a node, which see the memory of the first of them; a rank that
 * cannot, or finds another file at path, reads for itself, and its (*dataset)->memory.at is NULL.
 * Errors: of each rank its own. Collective over comm. */
ip_status ip_data_file_read_once(const char *path, MPI_Comm comm, ip_dataset **dataset,
                                 ip_error *err) IP_CHECKED;

/* Writes /x, /p_y_given_x, /p_x (but for data that is drawn), and /split when split is not NULL
 * ((n), 0 = train, 1 = test), by way of a temporary name; replaces an existing file. Errors:
 * IP_ERR_CREATE, IP_ERR_IO. */
ip_status ip_data_file_write(const char *path, const ip_dataset *dataset, const uint8_t *split,
                             ip_error *err) IP_CHECKED;

/* What an activations file is made of; all borrowed. */
typedef struct ip_layers {
    const ip_dataset *dataset; /* its rows are those of the layers */
    size_t n_layers;
    const char *const *names;  /* (n_layers) */
    const ip_cmat *at;         /* (n_layers) of n rows each */
    const uint32_t *rows;      /* (n) where each row stands in the task's data; NULL: left out */
    const double *q_y_given_x; /* (n, c) the label as the network predicts it; NULL: left out */
} ip_layers;

/* Writes an activations file: /t/<name> (n, d) float32 for each layer, /row, /q_y_given_x, and the
 * dataset as in a data file, the same way. */
ip_status ip_activations_write(const char *path, const ip_layers *layers, ip_error *err) IP_CHECKED;

/* An activations file that is read one layer at a time. */
typedef struct ip_activations ip_activations;

/* Opens a file with /t/<layer> (n, d), /y (n) or /p_y_given_x (n, c) as in a data file, and where
 * it has them /p_x (n), /x (n, d_x), /x_id (n) integers, equal where rows share an input, and
 * /q_y_given_x (n, c). All but the layers is read. Errors: IP_ERR_IO (cannot be opened),
 * IP_ERR_DATA with the file's name and, in the text, the dataset at fault and its row;
 * IP_ERR_MEMORY. Freed with ip_activations_close. */
ip_status ip_activations_open(const char *path, ip_activations **activations,
                              ip_error *err) IP_CHECKED;
void ip_activations_close(ip_activations *activations); /* NULL is fine */

/* What the layers share: a sample without t and d. Rows without /p_x are drawn, and weigh the same;
 * x_id follows from equal rows of /x where there is no /x_id. Borrowed. */
const ip_sample *ip_activations_sample(const ip_activations *activations);

/* Name of layer k under /t, NULL past the end; in natural order: 2 comes before 10. And its units.
 */
const char *ip_activations_layer(const ip_activations *activations, size_t k);
size_t ip_activations_width(const ip_activations *activations, size_t k);

/* Reads layer k into t (n, width). Errors: as ip_activations_open. */
ip_status ip_activations_read(const ip_activations *activations, size_t k, double *t,
                              ip_error *err) IP_CHECKED;

/* "1.10.8" */
const char *ip_hdf5_version(void);

#endif
