/* schedule.c - the learning rate of an epoch, and the names of the orders of the rows
 *
 * Source of the cosine: Loshchilov, Hutter, "SGDR", ICLR 2017, Eq. 5, without restarts and down to
 * zero. Checked by: tests/nn/test_schedule.c. */
#include "infoplane/network.h"
#include <assert.h>
#include <math.h>

static double constant(const ip_training_options *options, uint64_t epoch)
{
    (void)epoch;
    return options->rate;
}

static double step(const ip_training_options *options, uint64_t epoch)
{
    assert(options->step_epochs >= 1);
    const uint64_t steps = (epoch - 1) / options->step_epochs;
    return options->rate * pow(options->step_factor, (double)steps);
}

static double cosine(const ip_training_options *options, uint64_t epoch)
{
    const double pi = 3.141592653589793;
    const double done = (double)(epoch - 1) / (double)options->epochs;
    return 0.5 * options->rate * (1.0 + cos(pi * done));
}

static const struct {
    const char *name;
    double (*rate)(const ip_training_options *options, uint64_t epoch);
} schedules[] = {
    [IP_SCHEDULE_CONSTANT] = {"constant", constant},
    [IP_SCHEDULE_STEP] = {"step", step},
    [IP_SCHEDULE_COSINE] = {"cosine", cosine},
};

double ip_schedule_rate(const ip_training_options *options, uint64_t epoch)
{
    assert((size_t)options->schedule < IP_LENGTH(schedules));
    assert(epoch >= 1 && epoch <= options->epochs);
    return schedules[options->schedule].rate(options, epoch);
}

const char *ip_schedule_name(size_t index)
{
    return index < IP_LENGTH(schedules) ? schedules[index].name : NULL;
}

const char *ip_shuffle_name(size_t index)
{
    static const char *const names[] = {
        [IP_SHUFFLE_EPOCH] = "epoch",
        [IP_SHUFFLE_NONE] = "none",
        [IP_SHUFFLE_REPLACEMENT] = "replacement",
    };
    return index < IP_LENGTH(names) ? names[index] : NULL;
}
