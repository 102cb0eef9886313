/* estimation.c - every estimator asked for on every layer chosen of an activations file */
#include "cmd/estimation.h"
#include "infoplane/random.h"
#include <math.h>
#include <string.h>

/* ---- layers ---- */

static const char *nearest_layer(const ip_activations *activations, const char *typed)
{
    const char *best = NULL;
    const char *name;
    for (size_t k = 0; (name = ip_activations_layer(activations, k)) != NULL; k++) {
        if (ip_text_is_near(typed, name) &&
            (best == NULL || ip_text_distance(typed, name) < ip_text_distance(typed, best)))
            best = name;
    }
    return best;
}

static bool is_layer(const ip_activations *activations, const char *typed)
{
    const char *name = "";
    for (size_t k = 0; name != NULL && strcmp(name, typed) != 0; k++)
        name = ip_activations_layer(activations, k);
    return name != NULL && typed[0] != '\0';
}

static ip_status check_names(const ip_activations *activations, const ip_texts *names,
                             ip_error *err)
{
    for (size_t i = 0; i < names->n; i++) {
        if (is_layer(activations, names->at[i]))
            continue;
        const char *nearest = nearest_layer(activations, names->at[i]);
        return ip_fail_key(err, IP_ERR_USAGE, "--layer", "--layer: the file has no /t/%.60s%s%s%s",
                           names->at[i], nearest != NULL ? " (did you mean '" : "",
                           nearest != NULL ? nearest : "", nearest != NULL ? "'?)" : "");
    }
    return IP_OK;
}

static bool is_chosen(const ip_texts *names, const char *layer)
{
    for (size_t i = 0; i < names->n; i++) {
        if (strcmp(names->at[i], layer) == 0)
            return true;
    }
    return names->n == 0;
}

static ip_status choose_layers(ip_estimation *e, const ip_texts *names, ip_error *err)
{
    IP_TRY(check_names(e->activations, names, err));
    size_t n = 0;
    while (ip_activations_layer(e->activations, n) != NULL)
        n++;
    e->layers = ip_arena_alloc(&e->arena, n, sizeof *e->layers);
    IP_TRY(ip_arena_check(&e->arena, err));
    for (size_t k = 0; k < n; k++) {
        if (is_chosen(names, ip_activations_layer(e->activations, k)))
            e->layers[e->n_layers++] = k;
    }
    return IP_OK;
}

/* ---- values ---- */

/* Memory that serves one layer after the other. */
typedef struct workspace {
    ip_request *requests;
    ip_weighing weighing; /* of the rows, whatever the layer */
    double *t;
    void *scratch;
    uint32_t *order;         /* (n) of shuffled labels, with room for these: */
    double *p_y;             /* (n, c) */
    ip_information *of_null; /* (measure->n_entries) */
} workspace;

static ip_status prepare(ip_estimation *e, workspace *ws, ip_error *err)
{
    ip_sample sizes = *ip_activations_sample(e->activations);
    for (size_t i = 0; i < e->n_layers; i++) {
        const size_t width = ip_activations_width(e->activations, e->layers[i]);
        sizes.d = width > sizes.d ? width : sizes.d;
    }
    const size_t n = e->measure->n_entries;
    ws->t = ip_arena_alloc(&e->arena, sizes.n, sizes.d * sizeof *ws->t);
    ws->requests = ip_arena_alloc(&e->arena, n, sizeof *ws->requests);
    e->out = ip_arena_alloc(&e->arena, e->n_layers * n, sizeof *e->out);
    e->i_ty_null = ip_arena_alloc(&e->arena, e->n_layers * n, sizeof *e->i_ty_null);
    if (e->n_shuffles > 0) {
        ws->order = ip_arena_alloc(&e->arena, sizes.n, sizeof *ws->order);
        ws->p_y = ip_arena_alloc(&e->arena, sizes.n, sizes.c * sizeof *ws->p_y);
        ws->of_null = ip_arena_alloc(&e->arena, n, sizeof *ws->of_null);
    }
    IP_TRY(ip_arena_check(&e->arena, err));
    for (size_t k = 0; k < n; k++) {
        const ip_measure_entry *entry = &e->measure->entries[k];
        ws->requests[k] = (ip_request){entry->estimator, entry->options, entry->side};
    }
    void *weights = ip_arena_alloc(&e->arena, ip_weighing_bytes(sizes.n, sizes.c), 1);
    const size_t bytes = ip_estimate_scratch_bytes(ws->requests, n, &sizes);
    ws->scratch = ip_arena_alloc(&e->arena, bytes, 1);
    IP_TRY(ip_arena_check(&e->arena, err));
    ws->weighing = ip_weighing_make(&sizes, weights);
    return IP_OK;
}

static void shuffle_labels(const ip_sample *sample, size_t shuffle, const workspace *ws)
{
    const size_t c = sample->c;
    ip_rng rng = ip_rng_make(sample->seed, IP_PURPOSE_NULL, shuffle);
    for (size_t i = 0; i < sample->n; i++)
        ws->order[i] = (uint32_t)i;
    ip_rng_shuffle(&rng, ws->order, sample->n);
    for (size_t i = 0; i < sample->n; i++)
        memcpy(ws->p_y + i * c, sample->p_y_given_x + ws->order[i] * c, c * sizeof *ws->p_y);
}

/* Means over the shuffles into null (measure->n_entries). */
static ip_status estimate_null(const ip_estimation *e, const ip_sample *sample, const workspace *ws,
                               double *null, ip_error *err)
{
    const size_t n = e->measure->n_entries;
    ip_sample shuffled = *sample;
    shuffled.p_y_given_x = ws->p_y;
    shuffled.weighing = NULL;
    for (size_t k = 0; k < n; k++)
        null[k] = e->n_shuffles > 0 ? 0 : (double)NAN;
    for (size_t s = 0; s < e->n_shuffles; s++) {
        shuffle_labels(sample, s, ws);
        IP_TRY(ip_estimate(ws->requests, n, &shuffled, ws->scratch, ws->of_null, err));
        for (size_t k = 0; k < n; k++)
            null[k] += ws->of_null[k].i_ty / (double)e->n_shuffles;
    }
    return IP_OK;
}

/* Holds the values of layer i against those of the one before. */
static void flag_processing(const ip_estimation *e, size_t i)
{
    const size_t n = e->measure->n_entries;
    for (size_t k = 0; i > 0 && k < n; k++) {
        ip_information *now = &e->out[i * n + k];
        const ip_information *before = now - n;
        if (ip_breaks_processing(now->i_xt, now->i_xt_se, before->i_xt, before->i_xt_se) ||
            ip_breaks_processing(now->i_ty, now->i_ty_se, before->i_ty, before->i_ty_se))
            now->flags |= IP_FLAG_PROCESSING;
    }
}

static ip_status estimate_layer(ip_estimation *e, const char *path, workspace *ws, size_t i,
                                ip_error *err)
{
    const size_t layer = e->layers[i], n = e->measure->n_entries;
    ip_sample sample = *ip_activations_sample(e->activations);
    sample.d = ip_activations_width(e->activations, layer);
    sample.t = ws->t;
    sample.weighing = &ws->weighing;
    sample.place = layer;
    sample.is_noisy = e->is_noisy;
    IP_TRY(ip_activations_read(e->activations, layer, ws->t, err));
    ip_error inner;
    ip_status status = ip_estimate(ws->requests, n, &sample, ws->scratch, e->out + i * n, &inner);
    if (status == IP_OK)
        status = estimate_null(e, &sample, ws, e->i_ty_null + i * n, &inner);
    if (status == IP_OK) {
        flag_processing(e, i);
        return IP_OK;
    }
    ip_fail(err, IP_ERR_DATA, "/t/%s: %s", ip_activations_layer(e->activations, layer), inner.text);
    snprintf(err->file, sizeof err->file, "%s", path);
    return IP_ERR_DATA;
}

static ip_status estimate_label(ip_estimation *e, ip_error *err)
{
    const ip_sample *sample = ip_activations_sample(e->activations);
    double *p_y = ip_arena_alloc(&e->arena, sample->c, sizeof *p_y);
    IP_TRY(ip_arena_check(&e->arena, err));
    for (size_t i = 0; i < sample->n; i++) {
        for (size_t y = 0; y < sample->c; y++)
            p_y[y] += sample->p_x[i] * sample->p_y_given_x[i * sample->c + y];
    }
    const double h_y = ip_entropy(sample->c, p_y);
    e->h_y = h_y > 0 ? h_y : 0; /* not -0, nor below by rounding */
    return IP_OK;
}

ip_status ip_estimation_make(ip_estimation *estimation, const char *path,
                             const ip_estimation_options *options, ip_error *err)
{
    workspace ws = {0};
    *estimation = (ip_estimation){.measure = options->measure,
                                  .n_shuffles = options->n_shuffles,
                                  .is_noisy = options->is_noisy};
    IP_TRY(ip_activations_open(path, &estimation->activations, err));
    IP_TRY(choose_layers(estimation, options->names, err));
    IP_TRY(prepare(estimation, &ws, err));
    IP_TRY(estimate_label(estimation, err));
    for (size_t i = 0; i < estimation->n_layers; i++)
        IP_TRY(estimate_layer(estimation, path, &ws, i, err));
    return IP_OK;
}

void ip_estimation_release(ip_estimation *estimation)
{
    ip_activations_close(estimation->activations);
    ip_arena_release(&estimation->arena);
    *estimation = (ip_estimation){0};
}
