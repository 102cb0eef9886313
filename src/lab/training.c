/* training.c - one epoch of minibatch descent
 *
 * The order of the rows is drawn anew from the stream (seed, order, epoch), and so is the noise of
 * the hidden layers, so an epoch depends on the weights before it and on nothing else. */
#include "infoplane/random.h"
#include "lab/lab_internal.h"
#include <string.h>

ip_batch ip_lab_batch(const ip_lab *lab, const uint32_t *rows, size_t n)
{
    return (ip_batch){n, rows, lab->dataset->x, lab->targets};
}

static void draw_order(ip_lab *lab, uint64_t epoch)
{
    const ip_shuffle shuffle = (ip_shuffle)lab->job.settings.training.shuffle;
    ip_rng rng = ip_rng_make(lab->job.seed, IP_PURPOSE_ORDER, epoch);
    for (size_t i = 0; i < lab->n_train; i++)
        lab->order[i] = shuffle == IP_SHUFFLE_REPLACEMENT
                            ? lab->rows[ip_rng_below(&rng, (uint32_t)lab->n_train)]
                            : lab->rows[i];
    if (shuffle == IP_SHUFFLE_EPOCH)
        ip_rng_shuffle(&rng, lab->order, lab->n_train);
}

static void clear_moments(ip_lab *lab)
{
    for (size_t l = 0; l < lab->network.n_layers; l++) {
        const ip_layer *layer = &lab->network.layers[l];
        memset(lab->moments[l].mean, 0, layer->n_in * layer->n_out * sizeof(double));
        lab->moments[l].spread = 0;
    }
    lab->moments_weight = 0;
}

static void add_moments(ip_lab *lab, size_t n)
{
    lab->moments_weight += (double)n;
    const double share = (double)n / lab->moments_weight;
    for (size_t l = 0; l < lab->network.n_layers; l++) {
        const ip_layer *layer = &lab->network.layers[l];
        const float *g = lab->gradient + layer->w;
        double *mean = lab->moments[l].mean;
        double squares = 0;
        for (size_t i = 0; i < layer->n_in * layer->n_out; i++) {
            const double from_old = (double)g[i] - mean[i];
            mean[i] += share * from_old;
            squares += from_old * ((double)g[i] - mean[i]);
        }
        lab->moments[l].spread += (double)n * squares;
    }
}

static void update(ip_lab *lab, double rate)
{
    const ip_training_options *training = &lab->job.settings.training;
    if (training->l2 != 0 && lab->optimizer->decoupled_decay)
        ip_network_decay(&lab->network, rate, training->l2);
    else if (training->l2 != 0)
        ip_network_add_l2(&lab->network, training->l2, lab->gradient);
    lab->progress->update++;
    lab->optimizer->step(training, rate, lab->progress->update, lab->network.n_parameters,
                         lab->network.parameters, lab->gradient, lab->optimizer_state);
}

void ip_lab_train(ip_lab *lab, uint64_t epoch, bool with_moments)
{
    const double rate = ip_schedule_rate(&lab->job.settings.training, epoch);
    draw_order(lab, epoch);
    ip_pass_seed_noise(&lab->pass, &lab->network, lab->job.seed, IP_PURPOSE_NOISE, epoch);
    if (with_moments)
        clear_moments(lab);
    for (size_t first = 0; first < lab->n_train; first += lab->batch) {
        const size_t left = lab->n_train - first;
        const size_t n = left < lab->batch ? left : lab->batch;
        const ip_batch batch = ip_lab_batch(lab, lab->order + first, n);
        ip_network_forward(&lab->network, &lab->pass, &batch);
        ip_network_backward(&lab->network, &lab->pass, &batch, lab->gradient);
        if (with_moments)
            add_moments(lab, n);
        update(lab, rate);
    }
}
