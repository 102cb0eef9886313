/* cost.c - how long a job will take, roughly
 *
 * Counts multiply-adds and activations, with weights read off runs of the paper's network: a
 * multiply-add 0.3 ns in training, an activation 20 ns, its noise 50 ns, a row and layer of a
 * binned estimate 60 ns. Only ratios matter for the order of the jobs; `plan` scales the sum by a
 * short run. */
#include "infoplane/lab.h"

static double rows_trained(const ip_dataset *data, const ip_task_options *task)
{
    if (task->split != IP_SPLIT_GIVEN)
        return task->train_fraction * (double)data->n;
    double n = 0;
    for (size_t i = 0; i < data->n; i++)
        n += data->split[i] == 0;
    return n;
}

double ip_job_cost_part(const ip_plan *plan, const ip_job *job, double share, double snapshots)
{
    const ip_dataset *data = ip_plan_dataset(plan);
    const ip_shape *shape = ip_plan_shape(plan);
    size_t widths[IP_MAX_HIDDEN + 1];
    const size_t n_layers = ip_job_widths(job, data, widths);
    double products = 0;
    double units = 0;
    size_t before = data->d;
    for (size_t l = 0; l < n_layers; l++) {
        products += (double)before * (double)widths[l];
        units += (double)widths[l];
        before = widths[l];
    }
    const double draws = (double)ip_job_draws(job);
    const double noise = draws > 1 ? 50 * (units - (double)widths[n_layers - 1]) : 0;
    const double pass = 0.3 * products + 20 * units + noise;
    const double trained = rows_trained(data, &job->settings.task);
    const double estimates = 60 * (double)n_layers * (double)shape->length[IP_DIM_ESTIMATOR];
    return share * (double)job->settings.training.epochs * trained * (pass + 0.6 * products) +
           snapshots * draws * (double)data->n * (pass + estimates);
}

double ip_job_cost(const ip_plan *plan, const ip_job *job)
{
    return ip_job_cost_part(plan, job, 1, (double)ip_plan_shape(plan)->length[IP_DIM_EPOCH]);
}
