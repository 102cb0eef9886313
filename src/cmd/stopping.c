/* stopping.c - when a run stops by itself before its time is up, and when it begins no more jobs */
#include "cmd/stopping.h"
#include "infoplane/lab.h"
#include <math.h>

double ip_stop_margin(double walltime)
{
    return fmin(60, fmax(15, 0.1 * walltime));
}

/* Predicted costs are good to a factor; a process starts in a moment. */
static double start_seconds(const ip_plan *plan, size_t number)
{
    const double nanosecond = 1e-9, safety = 3, starting = 2;
    ip_job job;
    ip_plan_job(plan, number, &job);
    const double epoch = 1 / (double)job.settings.training.epochs;
    return starting + safety * nanosecond * ip_job_cost_part(plan, &job, epoch, 2);
}

double ip_start_seconds(const ip_plan *plan, const uint64_t *numbers, size_t n)
{
    double most = 0;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, start_seconds(plan, numbers != NULL ? (size_t)numbers[i] : i));
    return most;
}
