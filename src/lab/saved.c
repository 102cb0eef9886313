/* saved.c - a running job as one block of bytes, out and in
 *
 * The block is a head that says how long its parts are, the lab's state and the trace. It means
 * something to the same job alone, on the kind of machine that wrote it: whoever keeps it guards it
 * with the job's key, the name of the arithmetic and a checksum. */
#include "lab/lab_internal.h"
#include <string.h>

typedef struct head {
    ip_shape shape; /* of the trace */
    size_t state_bytes;
} head;

/* State of the lab of one point; counted as ip_lab_begin lays it out. */
static size_t state_bytes(const ip_plan *plan, size_t point)
{
    ip_settings settings;
    ip_network network;
    const ip_dataset *data = ip_plan_dataset(plan);
    ip_plan_point(plan, point, &settings);
    if (ip_network_layout(&network, &settings.network, data->d, data->c, NULL) != IP_OK)
        return 0; /* the job will fail for the same reason, and has nothing to save */
    const ip_optimizer *optimizer = ip_optimizer_at((size_t)settings.training.optimizer);
    return ip_lab_state_bytes(network.n_parameters, optimizer->n_state);
}

size_t ip_lab_saved_bytes(const ip_plan *plan)
{
    size_t most = 0;
    for (size_t point = 0; point < ip_plan_n_points(plan); point++) {
        const size_t bytes = state_bytes(plan, point);
        most = bytes > most ? bytes : most;
    }
    return sizeof(head) + most + ip_trace_bytes(ip_plan_shape(plan));
}

size_t ip_lab_save(const ip_lab *lab, void *block)
{
    const size_t trace_bytes = ip_trace_bytes(lab->trace.shape);
    const head saved = {*lab->trace.shape, lab->state_bytes};
    char *at = block;
    memcpy(at, &saved, sizeof saved);
    at += sizeof saved;
    memcpy(at, lab->progress, lab->state_bytes);
    at += lab->state_bytes;
    memcpy(at, lab->trace.block, trace_bytes);
    return sizeof saved + lab->state_bytes + trace_bytes;
}

bool ip_lab_restore(ip_lab *lab, const void *block, size_t bytes)
{
    const size_t trace_bytes = ip_trace_bytes(lab->trace.shape);
    const head expected = {*lab->trace.shape, lab->state_bytes};
    const char *at = block;
    if (bytes != sizeof expected + lab->state_bytes + trace_bytes ||
        memcmp(at, &expected, sizeof expected) != 0)
        return false;
    at += sizeof expected;
    memcpy(lab->progress, at, lab->state_bytes);
    at += lab->state_bytes;
    memcpy(lab->trace.block, at, trace_bytes);
    return true;
}
