/* layout.c - what the result file is made of
 *
 * Three tables say it all: the dimensions, the fields of a row beside its science, and the science
 * variables of trace.h. Creating, opening, writing and reading walk them. Each variable has `job`
 * as its slowest dimension, so that a row is one piece of the file that nobody else writes. */
#include "store_internal.h"
#include <stddef.h>
#include <string.h>

#define JOB       IP_DIM_JOB
#define EPOCH     IP_DIM_EPOCH
#define LAYER     IP_DIM_LAYER
#define ESTIMATOR IP_DIM_ESTIMATOR
#define SPLIT     IP_DIM_SPLIT

#define SCALE(name, DIM, long_name, unit, value)                                                   \
    [DIM] = {name, long_name, unit, value, 1, {DIM}, 0, 0}

const ip_layout ip_scales[IP_N_FILE_DIMS] = {
    SCALE("job", JOB, "row of the job", "1", IP_VALUE_INT64),
    SCALE("epoch", EPOCH, "epochs trained before the snapshot", "1", IP_VALUE_INT64),
    SCALE("layer", LAYER, "hidden layers from 1, the output last", "1", IP_VALUE_INT64),
    SCALE("estimator", ESTIMATOR, "label of the estimator", NULL, IP_VALUE_STRING),
    SCALE("split", SPLIT, "part of the data", NULL, IP_VALUE_STRING),
};

const ip_layout ip_width_layout = {.path = "width",
                                   .long_name = "units of the layer, 0 where the job has none",
                                   .unit = "1",
                                   .value = IP_VALUE_INT64,
                                   .rank = 2,
                                   .dims = {JOB, LAYER}};

#define FIELD(path, member, long_name, unit, value, bytes, fill)                                   \
    {                                                                                              \
        {path, long_name, unit, value, 1, {JOB}, bytes, fill}, offsetof(ip_record, member)         \
    }
#define NUMBER(member, long_name, unit, value, fill)                                               \
    FIELD("run/" #member, member, long_name, unit, value, 0, fill)
#define CHARS(member, long_name)                                                                   \
    FIELD("run/" #member, member, long_name, NULL, IP_VALUE_CHARS, sizeof((ip_record *)0)->member, \
          0)

const ip_record_field ip_record_fields[IP_N_RECORD_FIELDS] = {
    [IP_COUNT_ATTEMPTS] = NUMBER(attempts, "attempts made", "1", IP_VALUE_INT32, 0),
    [IP_COUNT_STRIKES] = NUMBER(strikes, "runs that ended without a word while only this job ran",
                                "1", IP_VALUE_INT32, 0),
    [IP_COUNT_SUSPICION] =
        NUMBER(suspicion, "runs that ended without a word while the job was at work", "1",
               IP_VALUE_INT32, 0),
    [IP_COUNT_RUNNING] = NUMBER(running, "1 while the job is at work, 2 while it is at work alone",
                                "1", IP_VALUE_INT32, 0),
    CHARS(reason, "why the job failed"),
    NUMBER(seconds, "wall clock of the last attempt", "s", IP_VALUE_REAL, 0),
    CHARS(host, "host that computed the job"),
    NUMBER(rank, "rank that computed the job", "1", IP_VALUE_INT32, -1),
    CHARS(openblas_core, "core type that OpenBLAS was tuned for"),
    NUMBER(checksum, "XXH3_64 of the job's science in the order of the variables, job and state",
           "1", IP_VALUE_UINT64, 0),
    [IP_RECORD_STATE] = FIELD("state", state, "what became of the job", "1", IP_VALUE_INT8, 0, 0),
};

ip_layout ip_variable_layout(ip_variable_id id)
{
    const ip_variable *variable = &ip_variables[id];
    ip_layout layout = {.path = variable->name,
                        .long_name = variable->long_name,
                        .unit = variable->unit,
                        .value = variable->is_integer ? IP_VALUE_INT64 : IP_VALUE_REAL,
                        .rank = (int)variable->n_dims + 1,
                        .dims = {JOB}};
    for (size_t k = 0; k < variable->n_dims; k++)
        layout.dims[k + 1] = (int)variable->dims[k];
    return layout;
}

ip_array ip_layout_array(const ip_layout *layout, const hsize_t *lengths)
{
    ip_array array = {.value = layout->value, .bytes = layout->bytes, .rank = layout->rank};
    for (int k = 0; k < layout->rank; k++)
        array.dims[k] = lengths[layout->dims[k]];
    return array;
}

ip_status ip_layout_open(hid_t file, const char *path, const ip_layout *layout,
                         const hsize_t *lengths, hid_t *dataset, ip_error *err)
{
    const ip_array expected = ip_layout_array(layout, lengths);
    *dataset = H5Dopen2(file, layout->path, H5P_DEFAULT);
    if (*dataset < 0)
        return ip_h5_fail(err, IP_ERR_CREATE, path, "not a whole result file: %s", layout->path);
    hsize_t dims[IP_MAX_RANK] = {0};
    if (ip_h5_dims(*dataset, dims) == expected.rank &&
        memcmp(dims, expected.dims, sizeof dims) == 0)
        return IP_OK;
    ip_h5_close(*dataset);
    *dataset = H5I_INVALID_HID;
    return ip_file_fail(err, IP_ERR_CREATE, path,
                        "not a whole result file: %s has another shape than its dimensions",
                        layout->path);
}
