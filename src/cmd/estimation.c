/* estimation.c - every estimator asked for on every layer chosen of an activations file */
#include "cmd/estimation.h"
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
    double *t;
    void *scratch;
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
    IP_TRY(ip_arena_check(&e->arena, err));
    for (size_t k = 0; k < n; k++) {
        const ip_measure_entry *entry = &e->measure->entries[k];
        ws->requests[k] = (ip_request){entry->estimator, entry->options, entry->side};
    }
    const size_t bytes = ip_estimate_scratch_bytes(ws->requests, n, &sizes);
    ws->scratch = ip_arena_alloc(&e->arena, bytes, 1);
    return ip_arena_check(&e->arena, err);
}

static ip_status estimate_layer(ip_estimation *e, const char *path, const workspace *ws, size_t i,
                                ip_error *err)
{
    const size_t layer = e->layers[i], n = e->measure->n_entries;
    ip_sample sample = *ip_activations_sample(e->activations);
    sample.d = ip_activations_width(e->activations, layer);
    sample.t = ws->t;
    sample.place = layer;
    IP_TRY(ip_activations_read(e->activations, layer, ws->t, err));
    ip_error inner;
    const ip_status status =
        ip_estimate(ws->requests, n, &sample, ws->scratch, e->out + i * n, &inner);
    if (status == IP_OK)
        return IP_OK;
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

ip_status ip_estimation_make(ip_estimation *estimation, const char *path, const ip_measure *measure,
                             const ip_texts *names, ip_error *err)
{
    workspace ws = {0};
    *estimation = (ip_estimation){.measure = measure};
    IP_TRY(ip_activations_open(path, &estimation->activations, err));
    IP_TRY(choose_layers(estimation, names, err));
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
