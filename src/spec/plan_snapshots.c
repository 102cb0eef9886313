/* plan_snapshots.c - the epochs at which a job is measured */
#include "spec/plan_internal.h"
#include <math.h>
#include <stdlib.h>

/* The i-th epoch of a rule, before sorting and dropping duplicates. */
static int64_t epoch_of(const ip_measure *measure, uint64_t i, uint64_t last)
{
    const uint64_t n = measure->at_n;
    switch (measure->at) {
    case IP_AT_LOG:
        return (int64_t)floor(pow((double)last, (double)i / ((double)n - 1)) + 0.5);
    case IP_AT_LINEAR: /* rounded to nearest, halves up; both factors are below 2^40 and 2^20 */
        return (int64_t)((2 * i * last + n) / (2 * n));
    case IP_AT_EVERY:
        return (int64_t)(i * n);
    case IP_AT_LIST:
        break;
    }
    return (int64_t)measure->at_epochs[i];
}

static uint64_t count_of(const ip_measure *measure, uint64_t last)
{
    switch (measure->at) {
    case IP_AT_LOG:
        return measure->at_n;
    case IP_AT_LINEAR:
        return measure->at_n + 1;
    case IP_AT_EVERY:
        return last / measure->at_n + 1;
    case IP_AT_LIST:
        break;
    }
    return measure->n_at_epochs;
}

static int compare(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a;
    const int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

ip_status ip_plan_snapshots(ip_plan *plan, ip_error *err)
{
    const ip_measure *measure = &plan->spec->measure;
    const uint64_t last = plan->spec->settings.training.epochs;
    const uint64_t count = count_of(measure, last);
    int64_t *epochs = ip_arena_alloc(&plan->arena, count + 2, sizeof *epochs);
    IP_TRY(ip_arena_check(&plan->arena, err));
    for (uint64_t i = 0; i < count; i++)
        epochs[i] = epoch_of(measure, i, last);
    epochs[count] = 0;
    epochs[count + 1] = (int64_t)last;
    qsort(epochs, count + 2, sizeof *epochs, compare);
    size_t n = 1;
    for (size_t i = 1; i < count + 2; i++) {
        if (epochs[i] != epochs[n - 1])
            epochs[n++] = epochs[i];
    }
    plan->epochs = epochs;
    plan->shape.length[IP_DIM_EPOCH] = n;
    return IP_OK;
}
