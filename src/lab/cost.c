/* cost.c - how long a job will take, and how much memory, roughly
 *
 * Counts multiply-adds and activations, with weights read off runs of the paper's network: a
 * multiply-add 0.02 ns, an activation 0.8 ns, its noise 50 ns; estimators tell their own.
 * Only ratios matter for the order of the jobs; `plan` scales the sum by a
 * short run. */
#include "lab/lab_internal.h"
#include <math.h>

static double rows_trained(const ip_dataset *data, const ip_task_options *task)
{
    if (task->split != IP_SPLIT_GIVEN)
        return task->train_fraction * (double)data->n;
    double n = 0;
    for (size_t i = 0; i < data->n; i++)
        n += data->split[i] == 0;
    return n;
}

/* Of all estimates of one layer with so many rows. */
static double estimates_cost(const ip_measure *measure, double n, double share_trained)
{
    const double shares[] = {1, share_trained, 1 - share_trained};
    double cost = 0;
    for (size_t k = 0; k < measure->n_entries; k++) {
        const ip_estimator *estimator = measure->entries[k].estimator;
        const double rows = shares[measure->entries[k].on] * n;
        cost += rows * estimator->row_ns + rows * rows / 2 * estimator->pair_ns;
    }
    return cost * (1 + (double)measure->null);
}

/* Of a network: weights, units and those of the widest and the last layer. */
typedef struct extent {
    double weights, units, widest, last;
    size_t n_layers;
} extent;

static extent extent_of(const ip_dataset *data, const ip_job *job)
{
    size_t widths[IP_MAX_HIDDEN + 1], before = data->d;
    extent e = {.n_layers = ip_job_widths(job, data, widths)};
    for (size_t l = 0; l < e.n_layers; l++) {
        e.weights += (double)before * (double)widths[l];
        e.units += (double)widths[l];
        e.widest = fmax(e.widest, (double)widths[l]);
        before = widths[l];
    }
    e.last = (double)before;
    return e;
}

/* Of training a share of the epochs, of so many passes of all rows, and of estimates after some. */
static double cost_of(const ip_plan *plan, const ip_job *job, double share, double passes,
                      double snapshots)
{
    const ip_dataset *data = ip_plan_dataset(plan);
    const extent e = extent_of(data, job);
    const double draws = (double)ip_job_draws(job);
    const double noise = draws > 1 ? 50 * (e.units - e.last) : 0;
    const double pass = 0.02 * e.weights + 0.8 * e.units + noise;
    const double trained = rows_trained(data, &job->settings.task);
    const double n = draws * (double)data->n;
    const double measured = draws * (double)ip_plan_n_measured(plan);
    const ip_measure *measure = ip_spec_measure(ip_plan_spec(plan));
    const double estimates = estimates_cost(measure, measured, trained / (double)data->n);
    return share * (double)job->settings.training.epochs * trained * (pass + 0.04 * e.weights) +
           passes * n * pass + snapshots * (double)e.n_layers * estimates;
}

double ip_job_cost_part(const ip_plan *plan, const ip_job *job, double share, double snapshots)
{
    return cost_of(plan, job, share, snapshots, snapshots);
}

double ip_job_cost(const ip_plan *plan, const ip_job *job)
{
    const double snapshots = (double)ip_plan_shape(plan)->length[IP_DIM_EPOCH];
    const bool has_survey = ip_lab_wants(plan, IP_WANTS_RUN_RANGE);
    return cost_of(plan, job, 1, snapshots, snapshots) +
           (has_survey ? cost_of(plan, job, 1, snapshots, 0) : 0);
}

/* What a pass holds of a batch, what is kept and handed to estimators of the rows measured, and
 * parameters with their gradient, its moments and the optimiser's state. */
double ip_job_size(const ip_plan *plan, const ip_job *job)
{
    const ip_dataset *data = ip_plan_dataset(plan);
    const extent e = extent_of(data, job);
    const double n = (double)data->n, asked = (double)job->settings.training.batch;
    const double batch = asked > 0 ? fmin(asked, n) : n;
    const double measured = (double)ip_job_draws(job) * (double)ip_plan_n_measured(plan);
    const size_t n_state = ip_optimizer_at((size_t)job->settings.training.optimizer)->n_state;
    return sizeof(float) *
           (batch * ((double)data->d + 2 * e.units + 2 * e.widest) +
            measured * (e.units + 4 * e.widest) + e.weights * (4 + (double)n_state));
}
