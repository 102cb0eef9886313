/* trace.c - the table of variables and the layout of a row */
#include "infoplane/trace.h"
#include <math.h>
#include <string.h>

#define EPOCH     IP_DIM_EPOCH
#define LAYER     IP_DIM_LAYER
#define ESTIMATOR IP_DIM_ESTIMATOR
#define SPLIT     IP_DIM_SPLIT

const ip_variable ip_variables[IP_N_VARIABLES] = {
    [IP_I_XT] = {"I_XT",
                 "information the layer keeps of the input, I(X;T)",
                 "bit",
                 3,
                 {EPOCH, LAYER, ESTIMATOR},
                 false},
    [IP_I_TY] = {"I_TY",
                 "information the layer has of the label, I(T;Y)",
                 "bit",
                 3,
                 {EPOCH, LAYER, ESTIMATOR},
                 false},
    [IP_I_XT_SE] = {"I_XT_se",
                    "standard error of I_XT where it is drawn",
                    "bit",
                    3,
                    {EPOCH, LAYER, ESTIMATOR},
                    false},
    [IP_I_TY_SE] = {"I_TY_se",
                    "standard error of I_TY where it is drawn",
                    "bit",
                    3,
                    {EPOCH, LAYER, ESTIMATOR},
                    false},
    [IP_I_TY_NULL] = {"I_TY_null",
                      "I_TY with the labels shuffled, the mean of measure.null times",
                      "bit",
                      3,
                      {EPOCH, LAYER, ESTIMATOR},
                      false},
    [IP_BETA] = {"beta",
                 "beta of the bottleneck's code nearest to the layer, with fit_beta; infinite: "
                 "every input lies in the cell nearest to it",
                 "1",
                 3,
                 {EPOCH, LAYER, ESTIMATOR},
                 false},
    [IP_BETA_RESIDUAL] = {"beta_residual",
                          "mean KL divergence of the layer's code from that code",
                          "bit",
                          3,
                          {EPOCH, LAYER, ESTIMATOR},
                          false},
    [IP_FLAGS] =
        {"flags", "how the two values are to be read", "1", 3, {EPOCH, LAYER, ESTIMATOR}, true},
    [IP_LOSS] =
        {"loss", "mean cross-entropy against the job's targets", "nat", 2, {EPOCH, SPLIT}, false},
    [IP_ACCURACY] =
        {"accuracy", "mean target of the most probable class", "1", 2, {EPOCH, SPLIT}, false},
    [IP_GRADIENT_MEAN] = {"gradient_mean",
                          "norm of the mean of the weight gradients of an epoch's batches",
                          "1",
                          2,
                          {EPOCH, LAYER},
                          false},
    [IP_GRADIENT_STD] = {"gradient_std",
                         "root of the summed variances of those gradients",
                         "1",
                         2,
                         {EPOCH, LAYER},
                         false},
    [IP_WEIGHT_NORM] = {"weight_norm",
                        "Frobenius norm of the weights, without biases",
                        "1",
                        2,
                        {EPOCH, LAYER},
                        false},
    [IP_UPDATE] = {"update", "parameter updates done", "1", 1, {EPOCH}, true},
};

size_t ip_variable_count(ip_variable_id id, const ip_shape *shape)
{
    size_t count = 1;
    for (size_t k = 0; k < ip_variables[id].n_dims; k++)
        count *= shape->length[ip_variables[id].dims[k]];
    return count;
}

static size_t first(int id, const ip_shape *shape)
{
    size_t offset = 0;
    for (int before = 0; before < id; before++)
        offset += ip_variable_count((ip_variable_id)before, shape);
    return offset;
}

size_t ip_trace_bytes(const ip_shape *shape)
{
    return first(IP_N_VARIABLES, shape) * sizeof(double);
}

double *ip_trace_real(const ip_trace *trace, ip_variable_id id)
{
    return (double *)trace->block + first((int)id, trace->shape);
}

int64_t *ip_trace_integer(const ip_trace *trace, ip_variable_id id)
{
    return (int64_t *)trace->block + first((int)id, trace->shape);
}

void ip_trace_clear(const ip_trace *trace)
{
    for (int i = 0; i < IP_N_VARIABLES; i++) {
        const ip_variable_id id = (ip_variable_id)i;
        const size_t count = ip_variable_count(id, trace->shape);
        for (size_t k = 0; k < count; k++) {
            if (ip_variables[id].is_integer)
                ip_trace_integer(trace, id)[k] = 0;
            else
                ip_trace_real(trace, id)[k] = (double)NAN;
        }
    }
}

bool ip_shape_fits(const ip_shape *narrow, const ip_shape *wide)
{
    bool fits = narrow->length[LAYER] <= wide->length[LAYER];
    for (int dim = 0; dim < IP_N_DIMS; dim++)
        fits = fits && (dim == LAYER || narrow->length[dim] == wide->length[dim]);
    return fits;
}

/* Elements between two neighbours of the dimension before `layer`, or all where there is none. */
static size_t step_of(const ip_variable *variable, const ip_shape *shape)
{
    size_t step = 1;
    for (size_t k = variable->n_dims; k-- > 0;) {
        step *= shape->length[variable->dims[k]];
        if (variable->dims[k] == LAYER)
            break;
    }
    return step;
}

/* All elements are 8 bytes long. */
void ip_trace_embed(const ip_shape *narrow, const void *block, const ip_trace *to)
{
    ip_trace_clear(to);
    for (int i = 0; i < IP_N_VARIABLES; i++) {
        const ip_variable_id id = (ip_variable_id)i;
        const size_t from_step = step_of(&ip_variables[id], narrow);
        const size_t to_step = step_of(&ip_variables[id], to->shape);
        const char *source = (const char *)block + first(i, narrow) * sizeof(double);
        double *target = ip_trace_real(to, id);
        const size_t n = from_step == 0 ? 0 : ip_variable_count(id, narrow) / from_step;
        for (size_t k = 0; k < n; k++)
            memcpy(target + k * to_step, source + k * from_step * sizeof *target,
                   from_step * sizeof *target);
    }
}
