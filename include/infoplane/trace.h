/* trace.h - everything one job measured
 *
 * A trace is one flat block of 8-byte numbers whose layout follows from its shape and the table of
 * variables below; so it can lie in memory shared with another process and be written to a file row
 * by row. The same table names the datasets of the result file, their dimensions and units. */
#ifndef INFOPLANE_TRACE_H
#define INFOPLANE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum ip_dim {
    IP_DIM_EPOCH,
    IP_DIM_LAYER,
    IP_DIM_ESTIMATOR,
    IP_DIM_SPLIT,
    IP_N_DIMS
} ip_dim;

/* Lengths of the dimensions a row has, equal for every job of a sweep. */
typedef struct ip_shape {
    size_t length[IP_N_DIMS]; /* snapshots, layers of the deepest network, estimators, 2 */
} ip_shape;

typedef enum ip_variable_id {
    IP_I_XT,
    IP_I_TY,
    IP_I_XT_SE,
    IP_I_TY_SE,
    IP_I_TY_NULL,
    IP_BETA,
    IP_BETA_RESIDUAL,
    IP_FLAGS,
    IP_LOSS,
    IP_ACCURACY,
    IP_GRADIENT_MEAN,
    IP_GRADIENT_STD,
    IP_WEIGHT_NORM,
    IP_UPDATE,
    IP_N_VARIABLES
} ip_variable_id;

typedef struct ip_variable {
    const char *name, *long_name, *unit;
    size_t n_dims;
    ip_dim dims[3];  /* slowest first; in the file `job` stands before them */
    bool is_integer; /* int64, else float64 */
} ip_variable;

extern const ip_variable ip_variables[IP_N_VARIABLES];

/* Number of elements of a variable of one job. */
size_t ip_variable_count(ip_variable_id id, const ip_shape *shape);

/* Bytes of a whole trace. */
size_t ip_trace_bytes(const ip_shape *shape);

/* A trace: shape and block, both borrowed. */
typedef struct ip_trace {
    const ip_shape *shape;
    void *block; /* ip_trace_bytes(shape), aligned to 8 bytes */
} ip_trace;

/* First element of a variable; row-major over its dims. The second is for the integer ones. */
double *ip_trace_real(const ip_trace *trace, ip_variable_id id);
int64_t *ip_trace_integer(const ip_trace *trace, ip_variable_id id);

/* Everything NaN, integers 0. */
void ip_trace_clear(const ip_trace *trace);

/* Whether a row of the narrow shape has a place in the wide one: equal but for fewer layers, or as
 * many. */
bool ip_shape_fits(const ip_shape *narrow, const ip_shape *wide);

/* Fills `to` with what was measured of fewer layers: the block of a trace of the narrow shape,
 * which must fit and need not be aligned. The further layers are cleared. */
void ip_trace_embed(const ip_shape *narrow, const void *block, const ip_trace *to);

#endif
