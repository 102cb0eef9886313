/* task_file.c - data of the user's own; the store reads it, for it alone knows HDF5 */
#include "infoplane/task.h"

const ip_task ip_task_file = {
    .name = "file",
    .summary = "inputs and labels from an HDF5 file",
    .source = "the user",
    .make = NULL,
};
