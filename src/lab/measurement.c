/* measurement.c - one snapshot: information, loss, accuracy, gradients, weights
 *
 * The rows are passed through the network in chunks, first those trained on, then the others; so
 * the rows of each split lie together and every estimator gets a contiguous block of activations.
 * A network with noise is passed several times, and the passes of a row lie together as rows that
 * share an input. What is estimated of them is of the passes drawn: with few of them for an input,
 * H(T|X) comes out too small. */
#include "infoplane/random.h"
#include "lab/lab_internal.h"
#include <math.h>
#include <string.h>

/* Numbers equal inputs of a range of rows from 0, in the order of their first row. */
static void renumber(const ip_lab *lab, ip_rows *range, uint32_t *number_of)
{
    uint32_t next = 0;
    memset(number_of, 0xff, lab->dataset->n * sizeof *number_of);
    for (size_t i = 0; i < range->n * lab->draws; i++) {
        const uint32_t id = lab->dataset->x_id[lab->rows[range->first + i / lab->draws]];
        if (number_of[id] == UINT32_MAX)
            number_of[id] = next++;
        range->x_id[i] = number_of[id];
    }
}

static ip_status prepare_rows(ip_lab *lab, ip_on on, uint32_t *number_of, ip_arena *arena,
                              ip_error *err)
{
    const size_t firsts[] = {0, 0, lab->n_train};
    const size_t ends[] = {lab->dataset->n, lab->n_train, lab->dataset->n};
    ip_rows *range = &lab->on[on];
    range->first = firsts[on];
    range->n = ends[on] - firsts[on];
    if (range->n == 0)
        return IP_OK;
    range->p_x = ip_arena_alloc(arena, range->n, lab->draws * sizeof(double));
    range->x_id = ip_arena_alloc(arena, range->n, lab->draws * sizeof(uint32_t));
    IP_TRY(ip_arena_check(arena, err));
    for (size_t i = 0; i < range->n; i++)
        range->weight += lab->dataset->p_x[lab->rows[range->first + i]];
    const double shared = range->weight * (double)lab->draws;
    for (size_t i = 0; i < range->n * lab->draws; i++)
        range->p_x[i] = lab->dataset->p_x[lab->rows[range->first + i / lab->draws]] / shared;
    renumber(lab, range, number_of);
    return IP_OK;
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
    return IP_OK;
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
    const ip_sample sizes = {.n = lab->dataset->n * lab->draws,
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
    const size_t m = lab->dataset->n * lab->draws;
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
    lab->shuffled = ip_arena_alloc(arena, lab->dataset->n, sizeof(uint32_t));
}

/* Inputs and label distributions in the job's order. */
static void copy_data(const ip_lab *lab)
{
    const ip_dataset *data = lab->dataset;
    const size_t c = data->c, d = data->d;
    for (size_t i = 0; i < data->n * lab->draws; i++) {
        const size_t row = lab->rows[i / lab->draws];
        memcpy(lab->p_y_given_x + i * c, data->p_y_given_x + row * c, c * sizeof(double));
        for (size_t j = 0; j < d; j++)
            lab->x[i * d + j] = (double)data->x[row * d + j];
    }
}

ip_status ip_lab_prepare_measure(ip_lab *lab, ip_arena *arena, ip_error *err)
{
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

/* Keeps n rows of the last pass as pass number `draw` of the rows from `first`. */
static void keep_rows(const ip_lab *lab, size_t first, size_t n, size_t draw)
{
    for (size_t l = 0; l < lab->network.n_layers; l++) {
        const size_t width = lab->network.layers[l].n_out;
        for (size_t i = 0; i < n; i++) {
            const size_t to = ((first + i) * lab->draws + draw) * width;
            memcpy(lab->t[l] + to, lab->pass.t[l] + i * width, width * sizeof(float));
            if (lab->clean[l] != NULL)
                memcpy(lab->clean[l] + to, lab->pass.q[l] + i * width, width * sizeof(float));
        }
    }
}

/* Passes the rows of a split through the network once; adds up loss and accuracy. */
static void pass_once(ip_lab *lab, const ip_rows *range, size_t draw, double *losses, double *hits)
{
    for (size_t done = 0; done < range->n; done += lab->capacity) {
        const size_t left = range->n - done;
        const size_t n = left < lab->capacity ? left : lab->capacity;
        ip_lab_gather(lab, lab->rows + range->first + done, n);
        ip_network_forward(&lab->network, &lab->pass, n, lab->batch_x);
        *losses += (double)n * ip_network_loss(&lab->network, &lab->pass, n, lab->batch_targets);
        *hits += (double)n * ip_network_accuracy(&lab->network, &lab->pass, n, lab->batch_targets);
        keep_rows(lab, range->first + done, n, draw);
    }
}

void ip_lab_pass(ip_lab *lab, double *loss, double *accuracy)
{
    static const ip_on splits[] = {IP_ON_TRAIN, IP_ON_TEST};
    ip_pass_seed_noise(&lab->pass, &lab->network, lab->job.seed, IP_PURPOSE_NOISE_MEASURED,
                       lab->progress->epoch);
    for (size_t k = 0; k < IP_LENGTH(splits); k++) {
        const ip_rows *range = &lab->on[splits[k]];
        double losses = 0, hits = 0;
        for (size_t draw = 0; draw < lab->draws; draw++)
            pass_once(lab, range, draw, &losses, &hits);
        const double passed = (double)(range->n * lab->draws);
        loss[k] = range->n > 0 ? losses / passed : (double)NAN;
        accuracy[k] = range->n > 0 ? hits / passed : (double)NAN;
    }
}

static void widen(size_t n, const float *from, double *to)
{
    for (size_t i = 0; i < n; i++)
        to[i] = (double)from[i];
}

/* A layer as estimators see it. */
static ip_sample sample_of(const ip_lab *lab, const ip_rows *range, size_t l)
{
    const size_t d = lab->network.layers[l].n_out, c = lab->dataset->c, d_x = lab->dataset->d;
    const size_t first = range->first * lab->draws;
    const bool is_hidden = l + 1 < lab->network.n_layers;
    const bool is_noisy = lab->clean[l] != NULL;
    return (ip_sample){
        .n = range->n * lab->draws,
        .d = d,
        .c = c,
        .t = lab->layer_t + first * d,
        .t_clean = is_noisy ? lab->layer_clean + first * d : NULL,
        .noise_variance = is_noisy ? lab->network.noise * lab->network.noise : 0,
        .p_x = range->p_x,
        .p_y_given_x = lab->p_y_given_x + first * c,
        .x_id = range->x_id,
        .d_x = d_x,
        .x = lab->x + first * d_x,
        .q_y_given_x = lab->q_y_given_x + first * c,
        .epoch_range = lab->epoch_range,
        .run_range = lab->progress->run_range[l],
        .bits = is_hidden && !is_noisy ? (unsigned)lab->network.bits : 0,
        .is_drawn = range->n < lab->dataset->n || lab->dataset->is_drawn,
        .seed = lab->job.seed,
        .place = lab->progress->epoch * (IP_MAX_HIDDEN + 1) + l,
    };
}

/* Deals the label distributions of the rows out among them; the passes of a row keep together. */
static void shuffle_labels(const ip_lab *lab, const ip_rows *range, uint64_t shuffle)
{
    const size_t c = lab->dataset->c;
    ip_rng rng = ip_rng_make(lab->job.seed, IP_PURPOSE_NULL, shuffle);
    for (size_t i = 0; i < range->n; i++)
        lab->shuffled[i] = (uint32_t)i;
    ip_rng_shuffle(&rng, lab->shuffled, range->n);
    for (size_t i = 0; i < range->n * lab->draws; i++) {
        const size_t from = range->first + lab->shuffled[i / lab->draws];
        memcpy(lab->shuffled_p_y + i * c, lab->p_y_given_x + from * lab->draws * c,
               c * sizeof(double));
    }
}

/* I(T;Y) where T knows nothing of Y: how far an estimate is off by itself. Into the trace. */
static ip_status measure_null(const ip_lab *lab, const ip_rows *range, ip_sample sample, size_t at,
                              ip_error *err)
{
    const uint64_t n = ip_spec_measure(ip_plan_spec(lab->plan))->null;
    double *null = ip_trace_real(&lab->trace, IP_I_TY_NULL) + at;
    sample.p_y_given_x = lab->shuffled_p_y;
    for (size_t k = 0; k < range->n_requests && n > 0; k++)
        null[range->entries[k]] = 0;
    for (uint64_t shuffle = 0; shuffle < n; shuffle++) {
        shuffle_labels(lab, range, shuffle);
        IP_TRY(ip_estimate(range->requests, range->n_requests, &sample, lab->scratch, range->out,
                           err));
        for (size_t k = 0; k < range->n_requests; k++)
            null[range->entries[k]] += range->out[k].i_ty / (double)n;
    }
    return IP_OK;
}

/* Takes the estimates of some rows into the trace. */
static void keep(const ip_lab *lab, const ip_rows *range, size_t first)
{
    for (size_t k = 0; k < range->n_requests; k++) {
        const ip_information *out = &range->out[k];
        const size_t at = first + range->entries[k];
        ip_trace_real(&lab->trace, IP_I_XT)[at] = out->i_xt;
        ip_trace_real(&lab->trace, IP_I_TY)[at] = out->i_ty;
        ip_trace_real(&lab->trace, IP_I_XT_SE)[at] = out->i_xt_se;
        ip_trace_real(&lab->trace, IP_I_TY_SE)[at] = out->i_ty_se;
        ip_trace_integer(&lab->trace, IP_FLAGS)[at] = out->flags;
    }
}

/* Flags what breaks the data processing inequality: more information than the layer before had,
 * beyond rounding and four standard errors. */
static void flag_processing(const ip_lab *lab, size_t s)
{
    const size_t *length = lab->trace.shape->length;
    const size_t n_k = length[IP_DIM_ESTIMATOR];
    static const ip_variable_id values[][2] = {{IP_I_XT, IP_I_XT_SE}, {IP_I_TY, IP_I_TY_SE}};
    for (size_t v = 0; v < IP_LENGTH(values); v++) {
        const double *bits = ip_trace_real(&lab->trace, values[v][0]);
        const double *se = ip_trace_real(&lab->trace, values[v][1]);
        for (size_t l = 1; l < lab->network.n_layers; l++) {
            for (size_t k = 0; k < n_k; k++) {
                const size_t now = (s * length[IP_DIM_LAYER] + l) * n_k + k, before = now - n_k;
                const double error = isnan(se[now]) ? 0 : 4 * hypot(se[now], se[before]);
                if (bits[now] - bits[before] > 1e-9 + error)
                    ip_trace_integer(&lab->trace, IP_FLAGS)[now] |= IP_FLAG_PROCESSING;
            }
        }
    }
}

/* The output layer as a distribution over the classes: one unit alone stands for class 1. */
static void predict(const ip_lab *lab, size_t m)
{
    const size_t last = lab->network.n_layers - 1;
    if (lab->network.layers[last].n_out == lab->dataset->c) {
        widen(m * lab->dataset->c, lab->t[last], lab->q_y_given_x);
        return;
    }
    for (size_t i = 0; i < m; i++) {
        lab->q_y_given_x[2 * i + 1] = (double)lab->t[last][i];
        lab->q_y_given_x[2 * i] = 1 - (double)lab->t[last][i];
    }
}

void ip_lab_activations(ip_lab *lab, ip_cmat *layers, const double **q_y_given_x)
{
    double loss[2], accuracy[2];
    const size_t m = lab->dataset->n * lab->draws;
    ip_lab_pass(lab, loss, accuracy);
    for (size_t l = 0; l < lab->network.n_layers; l++)
        layers[l] = ip_cmat_view(lab->t[l], m, lab->network.layers[l].n_out);
    predict(lab, m);
    *q_y_given_x = lab->q_y_given_x;
}

/* Estimates what is asked of a layer on some rows; at: the layer's first element in the trace. */
static ip_status measure_rows(const ip_lab *lab, const ip_rows *range, size_t l, size_t at,
                              ip_error *err)
{
    if (range->weight == 0 || range->n_requests == 0) /* no rows, or none that p_x counts */
        return IP_OK;
    const ip_sample sample = sample_of(lab, range, l);
    IP_TRY(ip_estimate(range->requests, range->n_requests, &sample, lab->scratch, range->out, err));
    keep(lab, range, at);
    return measure_null(lab, range, sample, at, err);
}

static ip_status measure_information(const ip_lab *lab, size_t s, ip_error *err)
{
    const size_t *length = lab->trace.shape->length;
    const size_t m = lab->dataset->n * lab->draws, last = lab->network.n_layers - 1;
    predict(lab, m);
    for (size_t l = 0; l <= last; l++) {
        const size_t units = lab->network.layers[l].n_out;
        widen(m * units, lab->t[l], lab->layer_t);
        if (lab->clean[l] != NULL)
            widen(m * units, lab->clean[l], lab->layer_clean);
        const size_t at = (s * length[IP_DIM_LAYER] + l) * length[IP_DIM_ESTIMATOR];
        for (int on = IP_ON_ALL; on <= IP_ON_TEST; on++)
            IP_TRY(measure_rows(lab, &lab->on[on], l, at, err));
    }
    flag_processing(lab, s);
    return IP_OK;
}

/* Takes back what the estimators gave of a snapshot that is not whole. */
static void forget_information(const ip_lab *lab, size_t s)
{
    const size_t *length = lab->trace.shape->length;
    for (size_t l = 0; l < length[IP_DIM_LAYER]; l++) {
        for (size_t k = 0; k < length[IP_DIM_ESTIMATOR]; k++) {
            const size_t at = (s * length[IP_DIM_LAYER] + l) * length[IP_DIM_ESTIMATOR] + k;
            ip_trace_real(&lab->trace, IP_I_XT)[at] = (double)NAN;
            ip_trace_real(&lab->trace, IP_I_TY)[at] = (double)NAN;
            ip_trace_real(&lab->trace, IP_I_XT_SE)[at] = (double)NAN;
            ip_trace_real(&lab->trace, IP_I_TY_SE)[at] = (double)NAN;
            ip_trace_real(&lab->trace, IP_I_TY_NULL)[at] = (double)NAN;
            ip_trace_integer(&lab->trace, IP_FLAGS)[at] = 0;
        }
    }
}

static void widen_range(size_t n, const float *t, double *range)
{
    for (size_t i = 0; i < n; i++) {
        range[0] = fmin(range[0], (double)t[i]);
        range[1] = fmax(range[1], (double)t[i]);
    }
}

static void measure_epoch_range(ip_lab *lab)
{
    lab->epoch_range[0] = (double)INFINITY;
    lab->epoch_range[1] = (double)-INFINITY;
    const size_t m = lab->dataset->n * lab->draws;
    for (size_t l = 0; l + 1 < lab->network.n_layers; l++)
        widen_range(m * lab->network.layers[l].n_out, lab->t[l], lab->epoch_range);
}

bool ip_lab_wants_survey(const ip_lab *lab)
{
    for (int on = IP_ON_ALL; on <= IP_ON_TEST; on++) {
        for (size_t k = 0; k < lab->on[on].n_requests; k++) {
            const ip_request *request = &lab->on[on].requests[k];
            if (request->estimator->wants_run_range != NULL &&
                request->estimator->wants_run_range(request->options))
                return true;
        }
    }
    return false;
}

bool ip_lab_survey(ip_lab *lab)
{
    const bool is_first = lab->progress->snapshots == 1;
    double loss[2], accuracy[2];
    const size_t m = lab->dataset->n * lab->draws;
    bool is_finite = true;
    ip_lab_pass(lab, loss, accuracy);
    for (size_t l = 0; l < lab->network.n_layers; l++) {
        double now[2] = {(double)INFINITY, (double)-INFINITY};
        double *range = lab->progress->run_range[l];
        widen_range(m * lab->network.layers[l].n_out, lab->t[l], now);
        is_finite = is_finite && isfinite(now[1] - now[0]);
        if (is_finite) {
            range[0] = is_first ? now[0] : fmin(range[0], now[0]);
            range[1] = is_first ? now[1] : fmax(range[1], now[1]);
        }
    }
    return is_finite;
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
    if (lab->on[IP_ON_TEST].n > 0 && !isfinite(loss[1]))
        return ip_fail(err, IP_ERR_NUMERIC, "the test loss is not finite");
    measure_epoch_range(lab);
    const ip_status status = measure_information(lab, s, err);
    if (status != IP_OK) {
        forget_information(lab, s);
        return status;
    }
    memcpy(ip_trace_real(&lab->trace, IP_LOSS) + 2 * s, loss, sizeof loss);
    memcpy(ip_trace_real(&lab->trace, IP_ACCURACY) + 2 * s, accuracy, sizeof accuracy);
    measure_weights(lab, s, with_moments);
    ip_trace_integer(&lab->trace, IP_UPDATE)[s] = (int64_t)lab->progress->update;
    return IP_OK;
}
