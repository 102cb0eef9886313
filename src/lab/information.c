/* information.c - what a snapshot's activations say of inputs and labels, into the trace
 *
 * Every layer is handed to the estimators as a sample, once for each choice of rows (measure.on),
 * and once more for each shuffle of the labels (measure.null). */
#include "infoplane/random.h"
#include "lab/lab_internal.h"
#include <math.h>
#include <string.h>

void ip_lab_widen(size_t n, const float *from, double *to)
{
    for (size_t i = 0; i < n; i++)
        to[i] = (double)from[i];
}

/* A layer as estimators see it. */
static ip_sample sample_of(const ip_lab *lab, ip_rows *range, size_t l)
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
        .weighing = &range->weighing,
        .d_x = d_x,
        .x = lab->x + first * d_x,
        .q_y_given_x = lab->q_y_given_x + first * c,
        .epoch_range = lab->epoch_range,
        .run_range = lab->progress->run_range[l],
        .bits = is_hidden && !is_noisy ? (unsigned)lab->network.bits : 0,
        .is_drawn = range->n < lab->dataset->n || lab->dataset->is_drawn,
        .is_noisy = lab->draws > 1,
        .last = range->last + l * range->n_requests,
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
    sample.weighing = NULL;
    sample.last = NULL;
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

/* What the trace keeps of an estimate; the flags beside. */
static const struct {
    ip_variable_id id;
    size_t offset;
} kept[] = {
    {IP_I_XT, offsetof(ip_information, i_xt)},
    {IP_I_TY, offsetof(ip_information, i_ty)},
    {IP_I_XT_SE, offsetof(ip_information, i_xt_se)},
    {IP_I_TY_SE, offsetof(ip_information, i_ty_se)},
    {IP_BETA, offsetof(ip_information, beta)},
    {IP_BETA_RESIDUAL, offsetof(ip_information, beta_residual)},
};

static void keep_one(const ip_trace *trace, size_t at, const ip_information *out)
{
    for (size_t v = 0; v < IP_LENGTH(kept); v++)
        memcpy(&ip_trace_real(trace, kept[v].id)[at], (const char *)out + kept[v].offset,
               sizeof(double));
    ip_trace_integer(trace, IP_FLAGS)[at] = out->flags;
}

/* Takes the estimates of some rows into the trace. */
static void keep(const ip_lab *lab, const ip_rows *range, size_t first)
{
    for (size_t k = 0; k < range->n_requests; k++)
        keep_one(&lab->trace, first + range->entries[k], &range->out[k]);
}

/* Flags what breaks the data processing inequality. */
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
                if (ip_breaks_processing(bits[now], se[now], bits[before], se[before]))
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
        ip_lab_widen(m * lab->dataset->c, lab->t[last], lab->q_y_given_x);
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
    const size_t m = lab->n_measured * lab->draws;
    ip_lab_pass(lab, loss, accuracy);
    for (size_t l = 0; l < lab->network.n_layers; l++)
        layers[l] = ip_cmat_view(lab->t[l], m, lab->network.layers[l].n_out);
    predict(lab, m);
    *q_y_given_x = lab->q_y_given_x;
}

static ip_status estimate_rows(const ip_lab *lab, ip_rows *range, size_t l, size_t at,
                               ip_error *err)
{
    const ip_sample sample = sample_of(lab, range, l);
    IP_TRY(ip_estimate(range->requests, range->n_requests, &sample, lab->scratch, range->out, err));
    keep(lab, range, at);
    return measure_null(lab, range, sample, at, err);
}

/* Estimates what is asked of a layer on some rows; at: the layer's first element in the trace. */
static ip_status measure_rows(ip_lab *lab, ip_on on, size_t l, size_t at, ip_error *err)
{
    ip_rows *range = &lab->on[on];
    if (range->weight == 0) { /* no rows, or none that p_x counts */
        for (size_t k = 0; k < range->n_requests; k++)
            ip_trace_integer(&lab->trace, IP_FLAGS)[at + range->entries[k]] = IP_FLAG_NOT_KNOWN;
        return IP_OK;
    }
    if (range->n_requests == 0)
        return IP_OK;
    ip_error inner;
    const ip_status status = estimate_rows(lab, range, l, at, &inner);
    return status == IP_OK ? IP_OK
                           : ip_fail(err, status, "layer %zu on %s rows: %s", l + 1,
                                     ip_on_name((size_t)on), inner.text);
}

static ip_status measure_layers(ip_lab *lab, size_t s, ip_error *err)
{
    const size_t *length = lab->trace.shape->length;
    const size_t m = lab->n_measured * lab->draws, last = lab->network.n_layers - 1;
    predict(lab, m);
    for (size_t l = 0; l <= last; l++) {
        const size_t units = lab->network.layers[l].n_out;
        ip_lab_widen(m * units, lab->t[l], lab->layer_t);
        if (lab->clean[l] != NULL)
            ip_lab_widen(m * units, lab->clean[l], lab->layer_clean);
        const size_t at = (s * length[IP_DIM_LAYER] + l) * length[IP_DIM_ESTIMATOR];
        for (int on = IP_ON_ALL; on <= IP_ON_TEST; on++)
            IP_TRY(measure_rows(lab, (ip_on)on, l, at, err));
    }
    return IP_OK;
}

/* Takes back what the estimators gave of a snapshot that is not whole. */
static void forget_information(const ip_lab *lab, size_t s)
{
    const size_t *length = lab->trace.shape->length;
    for (size_t l = 0; l < length[IP_DIM_LAYER]; l++) {
        for (size_t k = 0; k < length[IP_DIM_ESTIMATOR]; k++) {
            const size_t at = (s * length[IP_DIM_LAYER] + l) * length[IP_DIM_ESTIMATOR] + k;
            keep_one(&lab->trace, at, &ip_information_none);
            ip_trace_real(&lab->trace, IP_I_TY_NULL)[at] = (double)NAN;
        }
    }
}

ip_status ip_lab_measure_information(ip_lab *lab, size_t s, ip_error *err)
{
    const ip_status status = measure_layers(lab, s, err);
    if (status == IP_OK)
        flag_processing(lab, s);
    else
        forget_information(lab, s);
    return status;
}
