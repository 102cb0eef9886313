/* stopping.c - when a run stops by itself before its time is up, and when it begins no more jobs */
#include "cmd/stopping.h"
#include "infoplane/lab.h"
#include <math.h>

double ip_stop_margin(double walltime)
{
    return fmin(60, fmax(15, 0.1 * walltime));
}

/* Predicted costs are good to a factor; a process starts in a moment. */
double ip_start_seconds(const ip_plan *plan, const ip_job *job)
{
    const double nanosecond = 1e-9, safety = 3, starting = 2;
    const double epoch = 1 / (double)job->settings.training.epochs;
    return starting + safety * nanosecond * ip_job_cost_part(plan, job, epoch, 2);
}
