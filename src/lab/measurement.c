/* measurement.c - one snapshot: activations, loss, accuracy, gradients, weights
 *
 * All rows are passed through the network in chunks, first those trained on, then the others; the
 * activations of those that are measured are kept. So the rows of each split lie together and every
 * estimator gets a contiguous block of activations.
 * A network with noise is passed several times, and the passes of a row lie together as rows that
 * share an input. What is estimated of them is of the passes drawn: with few of them for an input,
 * H(T|X) comes out too small. */
#include "infoplane/kernels.h"
#include "infoplane/random.h"
#include "lab/lab_internal.h"
#include <math.h>
#include <string.h>

/* The first split's share of n_measured rows, to nearest, halves up; neither split goes without. */
static size_t share_of(size_t n_measured, const size_t sizes[2])
{
    if (sizes[1] == 0 || n_measured == 1)
        return n_measured;
    const double exact = (double)n_measured * (double)sizes[0] / (double)(sizes[0] + sizes[1]);
    const size_t nearest = (size_t)floor(exact + 0.5);
    return nearest < 1 ? 1 : nearest < n_measured ? nearest : n_measured - 1;
}

/* Draws the rows that are measured, each split's share of them, and at least one of each. */
static ip_status draw_rows(ip_lab *lab, ip_arena *arena, ip_error *err)
{
    const size_t n = lab->dataset->n, n_measured = ip_plan_n_measured(lab->plan);
    lab->passed = lab->measured = lab->rows;
    lab->n_measured = n_measured;
    lab->n_measured_train = lab->n_train;
    if (n_measured == n)
        return IP_OK;
    uint32_t *passed = ip_arena_alloc(arena, n, sizeof *passed);
    uint32_t *measured = ip_arena_alloc(arena, n_measured, sizeof *measured);
    IP_TRY(ip_arena_check(arena, err));
    const size_t sizes[] = {lab->n_train, n - lab->n_train};
    const size_t n_train = share_of(n_measured, sizes);
    const size_t kept[] = {n_train, n_measured - n_train};
    for (size_t k = 0; k < 2; k++) {
        const size_t first = k * sizes[0];
        ip_rng rng = ip_rng_make(lab->job.seed, IP_PURPOSE_MEASURED_ROWS, k);
        ip_rows_draw(sizes[k], lab->rows + first, kept[k], &rng, passed + first);
        memcpy(measured + k * n_train, passed + first, kept[k] * sizeof *measured);
    }
    lab->passed = passed;
    lab->measured = measured;
    lab->n_measured_train = n_train;
    return IP_OK;
}

/* Numbers equal inputs of a range of rows from 0, in the order of their first row. */
static void renumber(const ip_lab *lab, ip_rows *range, uint32_t *number_of)
{
    uint32_t next = 0;
    memset(number_of, 0xff, lab->dataset->n * sizeof *number_of);
    for (size_t i = 0; i < range->n * lab->draws; i++) {
        const uint32_t id = lab->dataset->x_id[lab->measured[range->first + i / lab->draws]];
        if (number_of[id] == UINT32_MAX)
            number_of[id] = next++;
        range->x_id[i] = number_of[id];
    }
}

/* Labels and weights stay the same from layer to layer and snapshot to snapshot. */
static ip_status weigh_rows(const ip_lab *lab, ip_rows *range, ip_arena *arena, ip_error *err)
{
    const size_t n = range->n * lab->draws, c = lab->dataset->c;
    void *memory = ip_arena_alloc(arena, ip_weighing_bytes(n, c), 1);
    IP_TRY(ip_arena_check(arena, err));
    const ip_sample rows = {.n = n,
                            .c = c,
                            .p_x = range->p_x,
                            .p_y_given_x = lab->p_y_given_x + range->first * lab->draws * c,
                            .x_id = range->x_id};
    range->weighing = ip_weighing_make(&rows, memory);
    return IP_OK;
}

static ip_status prepare_rows(ip_lab *lab, ip_on on, uint32_t *number_of, ip_arena *arena,
                              ip_error *err)
{
    const size_t firsts[] = {0, 0, lab->n_measured_train};
    const size_t ends[] = {lab->n_measured, lab->n_measured_train, lab->n_measured};
    ip_rows *range = &lab->on[on];
    range->first = firsts[on];
    range->n = ends[on] - firsts[on];
    if (range->n == 0)
        return IP_OK;
    range->p_x = ip_arena_alloc(arena, range->n, lab->draws * sizeof(double));
    range->x_id = ip_arena_alloc(arena, range->n, lab->draws * sizeof(uint32_t));
    IP_TRY(ip_arena_check(arena, err));
    for (size_t i = 0; i < range->n; i++)
        range->weight += lab->dataset->p_x[lab->measured[range->first + i]];
    const double shared = range->weight * (double)lab->draws;
    for (size_t i = 0; i < range->n * lab->draws; i++)
        range->p_x[i] = lab->dataset->p_x[lab->measured[range->first + i / lab->draws]] / shared;
    renumber(lab, range, number_of);
    return range->weight > 0 ? weigh_rows(lab, range, arena, err) : IP_OK;
}

/* Sorts the entries of the estimator dimension by the rows they are about. */
static ip_status gather_requests(ip_lab *lab, ip_arena *arena, ip_error *err)
{
    const ip_measure *measure = ip_spec_measure(ip_plan_spec(lab->plan));
    for (int on = IP_ON_ALL; on <= IP_ON_TEST; on++) {
        ip_rows *range = &lab->on[on];
        range->requests = ip_arena_alloc(arena, measure->n_entries, sizeof *range->requests);
        range->entries = ip_arena_alloc(arena, measure->n_entries, sizeof *range->entries);
        range->out = ip_arena_alloc(arena, measure->n_entries, sizeof *range->out);
    }
    IP_TRY(ip_arena_check(arena, err));
    for (size_t k = 0; k < measure->n_entries; k++) {
        const ip_measure_entry *entry = &measure->entries[k];
        ip_rows *range = &lab->on[entry->on];
        range->entries[range->n_requests] = k;
        range->requests[range->n_requests++] =
            (ip_request){entry->estimator, entry->options, entry->side};
    }
    for (int on = IP_ON_ALL; on <= IP_ON_TEST; on++) {
        ip_rows *range = &lab->on[on];
        range->last =
            ip_arena_alloc(arena, lab->network.n_layers * range->n_requests, sizeof *range->last);
    }
    return ip_arena_check(arena, err);
}

static size_t widest(const ip_lab *lab)
{
    size_t most = 0;
    for (size_t l = 0; l < lab->network.n_layers; l++)
        most = lab->network.layers[l].n_out > most ? lab->network.layers[l].n_out : most;
    return most;
}

/* Enough for every layer and choice of rows. */
static size_t most_scratch(const ip_lab *lab)
{
    const ip_sample sizes = {.n = lab->n_measured * lab->draws,
                             .d = widest(lab),
                             .c = lab->dataset->c,
                             .d_x = lab->dataset->d};
    size_t most = 1;
    for (int on = IP_ON_ALL; on <= IP_ON_TEST; on++) {
        const ip_rows *range = &lab->on[on];
        const size_t bytes = ip_estimate_scratch_bytes(range->requests, range->n_requests, &sizes);
        most = bytes > most ? bytes : most;
    }
    return most;
}

static void make_room(ip_lab *lab, ip_arena *arena)
{
    const size_t m = lab->n_measured * lab->draws;
    const bool is_noisy = lab->network.noise != 0;
    for (size_t l = 0; l < lab->network.n_layers; l++) {
        const size_t bytes = lab->network.layers[l].n_out * sizeof(float);
        lab->t[l] = ip_arena_alloc(arena, m, bytes);
        if (is_noisy && l + 1 < lab->network.n_layers)
            lab->clean[l] = ip_arena_alloc(arena, m, bytes);
    }
    lab->layer_t = ip_arena_alloc(arena, m, widest(lab) * sizeof(double));
    if (is_noisy)
        lab->layer_clean = ip_arena_alloc(arena, m, widest(lab) * sizeof(double));
    lab->x = ip_arena_alloc(arena, m, lab->dataset->d * sizeof(double));
    lab->q_y_given_x = ip_arena_alloc(arena, m, lab->dataset->c * sizeof(double));
    lab->p_y_given_x = ip_arena_alloc(arena, m, lab->dataset->c * sizeof(double));
    if (ip_spec_measure(ip_plan_spec(lab->plan))->null == 0)
        return;
    lab->shuffled_p_y = ip_arena_alloc(arena, m, lab->dataset->c * sizeof(double));
    lab->shuffled = ip_arena_alloc(arena, lab->n_measured, sizeof(uint32_t));
}

/* Inputs and label distributions in the job's order. */
static void copy_data(const ip_lab *lab)
{
    const ip_dataset *data = lab->dataset;
    const size_t c = data->c, d = data->d;
    for (size_t i = 0; i < lab->n_measured * lab->draws; i++) {
        const size_t row = lab->measured[i / lab->draws];
        memcpy(lab->p_y_given_x + i * c, data->p_y_given_x + row * c, c * sizeof(double));
        for (size_t j = 0; j < d; j++)
            lab->x[i * d + j] = (double)data->x[row * d + j];
    }
}

ip_status ip_lab_prepare_measure(ip_lab *lab, ip_arena *arena, ip_error *err)
{
    IP_TRY(draw_rows(lab, arena, err));
    make_room(lab, arena);
    IP_TRY(gather_requests(lab, arena, err));
    lab->scratch = ip_arena_alloc(arena, most_scratch(lab), 1);
    uint32_t *number_of = ip_arena_alloc(arena, lab->dataset->n, sizeof(uint32_t));
    IP_TRY(ip_arena_check(arena, err));
    copy_data(lab);
    for (int on = IP_ON_ALL; on <= IP_ON_TEST; on++)
        IP_TRY(prepare_rows(lab, (ip_on)on, number_of, arena, err));
    return IP_OK;
}

/* Copies n rows of units that lie unit by unit to rows that lie `draws` apart. */
static void copy_rows(const ip_lab *lab, size_t n, size_t width, const float *units, float *to)
{
    for (size_t i = 0; i < n; i++, to += lab->draws * width) {
        for (size_t j = 0; j < width; j++)
            to[j] = units[j * lab->pass.stride + i];
    }
}

/* Keeps n rows of the last pass as pass number `draw` of the rows from `first`. */
static void keep_rows(const ip_lab *lab, size_t first, size_t n, size_t draw)
{
    for (size_t l = 0; l < lab->network.n_layers; l++) {
        const size_t width = lab->network.layers[l].n_out;
        const size_t to = (first * lab->draws + draw) * width;
        copy_rows(lab, n, width, lab->pass.t[l], lab->t[l] + to);
        if (lab->clean[l] != NULL)
            copy_rows(lab, n, width, lab->pass.q[l], lab->clean[l] + to);
    }
}

/* The rows of a split as they are passed: n from first on, of which the first are measured. */
typedef struct split {
    size_t first, n;
    const ip_rows *measured;
} split;

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Passes the rows of a split through the network once; adds up loss and accuracy. */
static void pass_once(ip_lab *lab, const split *all, size_t draw, double *losses, double *hits)
{
    for (size_t done = 0; done < all->n; done += lab->capacity) {
        const size_t n = smaller(all->n - done, lab->capacity);
        const ip_batch batch = ip_lab_batch(lab, lab->passed + all->first + done, n);
        ip_network_forward(&lab->network, &lab->pass, &batch);
        *losses += (double)n * ip_network_loss(&lab->network, &lab->pass, &batch);
        *hits += (double)n * ip_network_accuracy(&lab->network, &lab->pass, &batch);
        if (done < all->measured->n)
            keep_rows(lab, all->measured->first + done, smaller(all->measured->n - done, n), draw);
    }
}

void ip_lab_pass(ip_lab *lab, double *loss, double *accuracy)
{
    const size_t n_train = lab->n_train;
    const split splits[] = {{0, n_train, &lab->on[IP_ON_TRAIN]},
                            {n_train, lab->dataset->n - n_train, &lab->on[IP_ON_TEST]}};
    ip_pass_seed_noise(&lab->pass, &lab->network, lab->job.seed, IP_PURPOSE_NOISE_MEASURED,
                       lab->progress->epoch);
    for (size_t k = 0; k < IP_LENGTH(splits); k++) {
        const split *all = &splits[k];
        double losses = 0, hits = 0;
        for (size_t draw = 0; draw < lab->draws; draw++)
            pass_once(lab, all, draw, &losses, &hits);
        const double passed = (double)(all->n * lab->draws);
        loss[k] = all->n > 0 ? losses / passed : (double)NAN;
        accuracy[k] = all->n > 0 ? hits / passed : (double)NAN;
    }
}

/* range (2) of a layer in the last pass. False: not all of it is finite. */
static bool find_range(const ip_lab *lab, size_t l, double *range)
{
    const size_t n = lab->n_measured * lab->draws * lab->network.layers[l].n_out;
    ip_lab_widen(n, lab->t[l], lab->layer_t);
    return ip_kernels_in_use()->find_range(n, lab->layer_t, range);
}

/* Adds what a layer takes up to a range. */
static void extend(const double *by, double *range)
{
    range[0] = fmin(range[0], by[0]);
    range[1] = fmax(range[1], by[1]);
}

static void measure_epoch_range(ip_lab *lab)
{
    lab->epoch_range[0] = (double)INFINITY;
    lab->epoch_range[1] = (double)-INFINITY;
    for (size_t l = 0; l + 1 < lab->network.n_layers; l++) {
        double range[2];
        if (find_range(lab, l, range))
            extend(range, lab->epoch_range);
    }
}

bool ip_lab_wants(const ip_plan *plan, enum ip_range_wanted range)
{
    const ip_measure *measure = ip_spec_measure(ip_plan_spec(plan));
    for (size_t k = 0; k < measure->n_entries; k++) {
        const ip_measure_entry *entry = &measure->entries[k];
        if (entry->estimator->wants_ranges != NULL &&
            (entry->estimator->wants_ranges(entry->options) & (unsigned)range) != 0)
            return true;
    }
    return false;
}

bool ip_lab_survey(ip_lab *lab)
{
    const bool is_first = lab->progress->snapshots == 1;
    double loss[2], accuracy[2], range[2];
    ip_lab_pass(lab, loss, accuracy);
    for (size_t l = 0; l < lab->network.n_layers; l++) {
        if (!find_range(lab, l, range))
            return false;
        if (is_first)
            memcpy(lab->progress->run_range[l], range, sizeof range);
        else
            extend(range, lab->progress->run_range[l]);
    }
    return true;
}

static void measure_weights(const ip_lab *lab, size_t s, bool with_moments)
{
    const size_t n_layers = lab->trace.shape->length[IP_DIM_LAYER];
    for (size_t l = 0; l < lab->network.n_layers; l++) {
        const ip_layer *layer = &lab->network.layers[l];
        const size_t at = s * n_layers + l;
        ip_trace_real(&lab->trace, IP_WEIGHT_NORM)[at] = ip_network_weight_norm(&lab->network, l);
        if (!with_moments)
            continue;
        double squares = 0;
        for (size_t i = 0; i < layer->n_in * layer->n_out; i++)
            squares += lab->moments[l].mean[i] * lab->moments[l].mean[i];
        ip_trace_real(&lab->trace, IP_GRADIENT_MEAN)[at] = sqrt(squares);
        ip_trace_real(&lab->trace, IP_GRADIENT_STD)[at] =
            sqrt(fmax(0, lab->moments[l].spread / lab->moments_weight));
    }
}

ip_status ip_lab_measure(ip_lab *lab, size_t s, bool with_moments, ip_error *err)
{
    double loss[2], accuracy[2];
    ip_lab_pass(lab, loss, accuracy);
    if (!isfinite(loss[0]))
        return ip_fail(err, IP_ERR_NUMERIC, "the training loss is not finite");
    if (lab->n_train < lab->dataset->n && !isfinite(loss[1]))
        return ip_fail(err, IP_ERR_NUMERIC, "the test loss is not finite");
    if (ip_lab_wants(lab->plan, IP_WANTS_EPOCH_RANGE))
        measure_epoch_range(lab);
    IP_TRY(ip_lab_measure_information(lab, s, err));
    memcpy(ip_trace_real(&lab->trace, IP_LOSS) + 2 * s, loss, sizeof loss);
    memcpy(ip_trace_real(&lab->trace, IP_ACCURACY) + 2 * s, accuracy, sizeof accuracy);
    measure_weights(lab, s, with_moments);
    ip_trace_integer(&lab->trace, IP_UPDATE)[s] = (int64_t)lab->progress->update;
    return IP_OK;
}
