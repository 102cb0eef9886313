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

/* State of a lab; counted as ip_lab_begin lays it out. */
static size_t state_bytes(const ip_plan *plan, const ip_settings *settings)
{
    ip_network network;
    const ip_dataset *data = ip_plan_dataset(plan);
    if (ip_network_layout(&network, &settings->network, data->d, data->c, NULL) != IP_OK)
        return 0; /* the job will fail for the same reason, and has nothing to save */
    const ip_optimizer *optimizer = ip_optimizer_at((size_t)settings->training.optimizer);
    return ip_lab_state_bytes(network.n_parameters, optimizer->n_state);
}

size_t ip_lab_saved_bytes(const ip_plan *plan)
{
    size_t most = 0;
    for (size_t point = 0; point < ip_plan_n_points(plan); point++) {
        ip_settings settings;
        ip_plan_point(plan, point, &settings);
        const size_t bytes = state_bytes(plan, &settings);
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

/* Whether a block is that of a lab with so many bytes of state, whose trace has a place in shape.
 */
static bool fits(const void *block, size_t bytes, size_t state, const ip_shape *shape, head *saved)
{
    if (bytes < sizeof *saved)
        return false;
    memcpy(saved, block, sizeof *saved);
    return saved->state_bytes == state && ip_shape_fits(&saved->shape, shape) &&
           bytes == sizeof *saved + state + ip_trace_bytes(&saved->shape);
}

bool ip_lab_can_restore(const ip_plan *plan, const ip_job *job, const void *block, size_t bytes)
{
    head saved;
    return fits(block, bytes, state_bytes(plan, &job->settings), ip_plan_shape(plan), &saved);
}

bool ip_lab_restore(ip_lab *lab, const void *block, size_t bytes)
{
    head saved;
    if (!fits(block, bytes, lab->state_bytes, lab->trace.shape, &saved))
        return false;
    const char *at = (const char *)block + sizeof saved;
    memcpy(lab->progress, at, lab->state_bytes);
    ip_trace_embed(&saved.shape, at + lab->state_bytes, &lab->trace);
    return true;
}
