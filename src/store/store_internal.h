/* store_internal.h - what the files of the store share: HDF5 helpers, whole files, layout, columns
 *
 * HDF5 keeps the reasons of a failure until its next call, so a failure is reported before anything
 * is closed. */
#ifndef INFOPLANE_STORE_INTERNAL_H
#define INFOPLANE_STORE_INTERNAL_H

#include "infoplane/store.h"
#include <hdf5.h>

/* ---- hdf5_util.c ---- */

/* HDF5's own printing of errors, switched off between the two calls. */
typedef struct ip_quiet {
    H5E_auto2_t function;
    void *data;
} ip_quiet;
ip_quiet ip_h5_quiet(void);
void ip_h5_restore(ip_quiet quiet);

/* ip_fail with the file's name; the second appends the innermost reason of HDF5's last failure. */
ip_status ip_file_fail(ip_error *err, ip_status status, const char *path, const char *format, ...)
    IP_PRINTF(4, 5);
ip_status ip_h5_fail(ip_error *err, ip_status status, const char *path, const char *format, ...)
    IP_PRINTF(4, 5);

/* Names the file in an error that a lower function made. */
void ip_file_name(ip_error *err, const char *path);

/* What an element is, in the file and in memory. */
typedef enum ip_value {
    IP_VALUE_INT8,
    IP_VALUE_UINT8,
    IP_VALUE_INT32,
    IP_VALUE_UINT32,
    IP_VALUE_INT64,
    IP_VALUE_UINT64,
    IP_VALUE_FLOAT,
    IP_VALUE_REAL,
    IP_VALUE_CHARS, /* UTF-8 in a fixed number of bytes, the last of them zero */
    IP_VALUE_STRING /* UTF-8 of any length; const char * in memory */
} ip_value;

enum { IP_MAX_RANK = 4 };

/* Elements of one kind in a box. */
typedef struct ip_array {
    ip_value value;
    size_t bytes; /* IP_VALUE_CHARS only */
    int rank;     /* 0 = one element */
    hsize_t dims[IP_MAX_RANK];
} ip_array;

/* Types and spaces of an array; to be closed. */
hid_t ip_h5_file_type(const ip_array *array);
hid_t ip_h5_memory_type(const ip_array *array);
hid_t ip_h5_space(const ip_array *array);

/* Closes an object of any kind but a file; negative ones are left alone. */
void ip_h5_close(hid_t id);

/* Opens a file to read it as it is at each moment, without a lock; negative after a failure. */
hid_t ip_h5_open_to_read(const char *path);

/* A new group or dataset under place, to be closed; negative after a failure. */
hid_t ip_h5_create_group(hid_t place, const char *name);
hid_t ip_h5_create(hid_t place, const char *name, const ip_array *array, hid_t properties);

/* Writes and reads all elements; whether it went well. */
bool ip_h5_put(hid_t dataset, const ip_array *array, const void *data);
bool ip_h5_get(hid_t dataset, const ip_array *array, void *data);

/* Lengths of a dataset; returns its rank, -1 when that is above IP_MAX_RANK. */
int ip_h5_dims(hid_t dataset, hsize_t *dims);

/* Attributes; whether it went well. */
bool ip_h5_put_attribute(hid_t object, const char *name, const ip_array *array, const void *data);
bool ip_h5_put_text(hid_t object, const char *name, const char *text);
bool ip_h5_get_real(hid_t object, const char *name, double *value);
bool ip_h5_get_integer(hid_t object, const char *name, int64_t *value);
bool ip_h5_get_text(hid_t object, const char *name, ip_text *text);

/* Strings in one block. All zero is the empty list. */
typedef struct ip_strings {
    size_t n;
    ip_text bytes;
    const char **at; /* (n), after ip_strings_finish */
} ip_strings;
void ip_strings_add(ip_strings *strings, const char *text);
bool ip_strings_finish(ip_strings *strings); /* false when out of memory */
void ip_strings_release(ip_strings *strings);

/* Every string of a dataset of IP_VALUE_STRING; whether it went well. */
bool ip_h5_get_strings(hid_t dataset, ip_strings *strings);

/* ---- whole_file.c ---- */

/* Writes a file beside path under the name PATH.tmp.PID, brings it to the disk and moves it to path
 * when it is complete; otherwise nothing is left. replace: an existing file gives way (one that a
 * symbolic link names, where the link points), else it is an error. fill writes the contents, in a
 * process of its own: what it changes in memory is lost. Errors: IP_ERR_CREATE, IP_ERR_IO. */
typedef ip_status ip_fill(hid_t file, const char *path, const void *context, ip_error *err);
ip_status ip_whole_file_write(const char *path, bool replace, ip_fill *fill, const void *context,
                              ip_error *err) IP_CHECKED;

/* ---- store_bound.c ---- */

/* Works out the curve of the task and lays it into the file. Errors: IP_ERR_MEMORY, IP_ERR_IO. */
ip_status ip_lay_bound(hid_t file, const char *path, const ip_dataset *data,
                       ip_error *err) IP_CHECKED;

/* ---- foreign.c ---- */

/* A file that somebody else wrote, while it is read; datasets go by their path without the leading
 * slash. Errors, with the file's name and in the text the dataset at fault: IP_ERR_DATA,
 * IP_ERR_MEMORY. */
typedef struct ip_foreign {
    hid_t file;
    const char *path;
    const char *counted; /* the dataset whose rows count */
    hsize_t n;           /* its rows */
} ip_foreign;

/* Opens the file; in->file is to be closed. Errors: `missing` when it cannot be opened, IP_ERR_DATA
 * when it is no HDF5 file, where something with `expected` was. */
ip_status ip_foreign_open(ip_foreign *in, const char *path, ip_status missing, const char *expected,
                          ip_error *err) IP_CHECKED;
bool ip_foreign_has(const ip_foreign *in, const char *name);

/* Opens a dataset that must have rank dimensions, the second one with a row for each that counts;
 * *dataset is to be closed. */
ip_status ip_foreign_open_numbers(const ip_foreign *in, const char *name, bool whole_numbers,
                                  int rank, hsize_t *dims, hid_t *dataset,
                                  ip_error *err) IP_CHECKED;
ip_status ip_foreign_open_rows(const ip_foreign *in, const char *name, bool whole_numbers, int rank,
                               hsize_t *dims, hid_t *dataset, ip_error *err) IP_CHECKED;

/* Reads all elements and closes. */
ip_status ip_foreign_take(const ip_foreign *in, const char *name, hid_t dataset, ip_value value,
                          void *data, ip_error *err) IP_CHECKED;

/* Whole numbers, one for each row, to be freed, also after a failure: unsigned ones above 2^63 as
 * their bits; and whether all lie in [0, limit). */
ip_status ip_foreign_integers(const ip_foreign *in, const char *name, int64_t **at,
                              ip_error *err) IP_CHECKED;
ip_status ip_foreign_check_range(const ip_foreign *in, const char *name, const int64_t *at,
                                 int64_t limit, ip_error *err) IP_CHECKED;

/* Number of classes of /y or /p_y_given_x; then, into p_y_given_x (n, c) zeroed, the labels, not
 * yet checked for their sums. */
ip_status ip_foreign_classes(const ip_foreign *in, size_t *c, ip_error *err) IP_CHECKED;
ip_status ip_foreign_labels(const ip_foreign *in, size_t c, double *p_y_given_x,
                            ip_error *err) IP_CHECKED;

/* A dataset (n, c) into p. */
ip_status ip_foreign_distributions(const ip_foreign *in, const char *name, size_t c, double *p,
                                   ip_error *err) IP_CHECKED;

/* /p_x into p_x (n), as it is; untouched where the file has none: the rows are a sample. */
ip_status ip_foreign_weights(const ip_foreign *in, double *p_x, bool *is_drawn,
                             ip_error *err) IP_CHECKED;

ip_status ip_foreign_no_memory(const ip_foreign *in, ip_error *err);

/* ---- layout.c ---- */

/* Version of the layout; part of the attribute Conventions. */
#define IP_CONVENTION "infoplane-1"
enum { IP_SCHEMA = 4 };

/* Dimensions of the result file: those of a row, and the row itself. */
enum { IP_DIM_JOB = IP_N_DIMS, IP_N_FILE_DIMS };

/* A dataset of the result file. */
typedef struct ip_layout {
    const char *path, *long_name, *unit; /* unit NULL: none */
    ip_value value;
    int rank;
    int dims[IP_MAX_RANK];
    size_t bytes; /* IP_VALUE_CHARS only */
    int64_t fill; /* of integers; reals are filled with NaN */
} ip_layout;

/* The five dimensions, by their number. */
extern const ip_layout ip_scales[IP_N_FILE_DIMS];
extern const ip_layout ip_width_layout;

/* What a row holds beside its science, as it is stored. */
typedef struct ip_record {
    int32_t attempts, strikes, suspicion, running, rank;
    double seconds;
    uint64_t checksum;
    int8_t state;
    char host[sizeof((ip_row *)0)->host];
    char openblas_core[sizeof((ip_row *)0)->openblas_core];
    char reason[sizeof((ip_row *)0)->reason];
} ip_record;

/* Its fields in the order they are written: first the counts by their number; the state commits the
 * row and comes last. */
typedef struct ip_record_field {
    ip_layout layout;
    size_t offset; /* in ip_record */
} ip_record_field;
enum { IP_RECORD_STATE = IP_N_COUNTS + 6, IP_N_RECORD_FIELDS };
extern const ip_record_field ip_record_fields[IP_N_RECORD_FIELDS];

ip_layout ip_variable_layout(ip_variable_id id);
ip_array ip_layout_array(const ip_layout *layout, const hsize_t *lengths);

/* Opens a dataset that must be as laid out; *dataset is to be closed. Errors: IP_ERR_CREATE. */
ip_status ip_layout_open(hid_t file, const char *path, const ip_layout *layout,
                         const hsize_t *lengths, hid_t *dataset, ip_error *err) IP_CHECKED;

/* ---- store_columns.c ---- */

/* What sets a job apart, one value for each job. */
typedef struct ip_column {
    char name[80];
    ip_value value;        /* IP_VALUE_INT64, IP_VALUE_REAL or IP_VALUE_STRING */
    const ip_field *field; /* of a swept key; NULL otherwise, and when read from a file */
    const char *long_name; /* NULL when read from a file */
    int64_t *integers;     /* one of the three is used */
    double *reals;
    ip_strings strings;
} ip_column;

typedef struct ip_columns {
    size_t n, n_jobs, n_layers;
    ip_column *at;
    int64_t *widths; /* (n_jobs, n_layers) */
} ip_columns;

/* Errors: IP_ERR_MEMORY; IP_ERR_CREATE for a file that is not as it should be. */
ip_status ip_columns_of_plan(const ip_plan *plan, ip_columns *columns, ip_error *err) IP_CHECKED;
ip_status ip_columns_read(hid_t file, const char *path, const hsize_t *lengths, ip_columns *columns,
                          ip_error *err) IP_CHECKED;
const void *ip_column_data(const ip_column *column);
void ip_columns_release(ip_columns *columns);

/* ---- the store ---- */

/* A dataset of which every job has a row. */
typedef struct ip_row_dataset {
    hid_t id;
    ip_array row; /* of one job: the dataset's, 1 long in the first dimension */
} ip_row_dataset;

struct ip_store {
    char *path;
    hid_t file;
    int fd;         /* of the same file, when opened for writing; else -1 */
    bool sync;      /* rows are brought to the disk */
    uint64_t bytes; /* of the file, when it was opened for writing */
    size_t n_jobs;
    ip_shape shape;
    int64_t *epochs;
    ip_strings estimators;
    ip_columns columns;
    ip_row_dataset variables[IP_N_VARIABLES];
    ip_row_dataset record[IP_N_RECORD_FIELDS];
    void *row; /* a trace, then the job and the state: what the checksum is taken of */
};

/* store_open.c: a store that nothing was opened of, and the row datasets of one whose file and
 * shape are set. Errors: IP_ERR_CREATE. Freed with ip_store_close. */
ip_store *ip_store_new(const char *path);
ip_status ip_store_open_rows(ip_store *store, ip_error *err) IP_CHECKED;
void ip_store_close_rows(ip_store *store);

/* store_carry.c: carries the rows of n sources over to a file that was laid out, which stays open.
 * Errors as ip_store_create. */
ip_status ip_store_carry(hid_t file, const char *path, ip_store *const *sources, size_t n,
                         ip_error *err) IP_CHECKED;

/* store_open.c: all ranks leave with the error of the lowest that met one. Collective over comm. */
ip_status ip_store_agree(MPI_Comm comm, ip_status status, ip_error *err) IP_CHECKED;

/* store_describe.c: fills everything of an open file but its row datasets. Errors: IP_ERR_CREATE,
 * IP_ERR_MEMORY. */
ip_status ip_store_describe(ip_store *store, ip_error *err) IP_CHECKED;

#endif
