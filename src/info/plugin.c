/* plugin.c - exact information of the distribution given, by counting
 *
 * What: rows with equal codes are one symbol t; I(X;T) and I(T;Y) follow from the weights
 *   w(t) = sum of p(x), w(t,y) = sum of p(x) p(y|x) over the rows x of t. That is exact where the
 *   rows are all there is; where they were drawn, an entropy may be corrected for its bias.
 * Sums run in the order of the rows, so the result depends on nothing else. The weights p(x) are
 *   first divided by the largest: equal ones become 1, their sums whole numbers and exact, and the
 *   many symbols of one row need no logarithm (1 log 1 = 0).
 * Source: Shwartz-Ziv, Tishby, arXiv 1703.00810, section 3; the paper's letters.
 * Cost: O(n (d + c)) time: symbols are found through a hash table at most half full, which
 *   compares whole rows, so a collision costs time and never a wrong symbol. */
#include "info/info_internal.h"
#include "infoplane/estimator.h"
#include <assert.h>
#include <math.h>
#include <string.h>

/* The caller's scratch, cut up. */
typedef struct workspace {
    double *w_x;     /* (n) of each row */
    double total;    /* their sum */
    double *w;       /* (n) of each symbol */
    double *w_y;     /* (c) */
    double *w_ty;    /* (n, c) of each symbol with each label */
    uint32_t *t;     /* (n) symbol of each row */
    uint32_t *xt;    /* (n) the same of the pair (input, symbol); before that, see is_function */
    uint32_t *pairs; /* (n, 2) */
    void *table;     /* for finding equal rows */
} workspace;

size_t ip_plugin_scratch_bytes(size_t n, size_t c)
{
    return (2 * n + c + n * c) * sizeof(double) + 4 * n * sizeof(uint32_t) +
           ip_number_rows_bytes(n);
}

static workspace cut(void *scratch, size_t n, size_t c)
{
    workspace ws = {.w_x = scratch};
    ws.w = ws.w_x + n;
    ws.w_y = ws.w + n;
    ws.w_ty = ws.w_y + c;
    ws.t = (uint32_t *)(void *)(ws.w_ty + n * c);
    ws.xt = ws.t + n;
    ws.pairs = ws.xt + n;
    ws.table = ws.pairs + 2 * n;
    return ws;
}

/* log2 W - (1/W) sum of w log2 w: the entropy of w / W. */
static double entropy_of_weights(size_t n, const double *w, double total)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        if (w[i] > 0.0 && w[i] != 1.0)
            sum += w[i] * log2(w[i]);
    }
    return log2(total) - sum / total;
}

/* The weights of the rows in units of the largest, and their sum. */
static void weigh(const ip_sample *sample, workspace *ws)
{
    double largest = 0.0;
    for (size_t i = 0; i < sample->n; i++)
        largest = sample->p_x[i] > largest ? sample->p_x[i] : largest;
    assert(largest > 0.0);
    ws->total = 0.0;
    for (size_t i = 0; i < sample->n; i++) {
        ws->w_x[i] = sample->p_x[i] / largest;
        ws->total += ws->w_x[i];
    }
}

/* w[symbol] = sum of the weights of its rows. */
static void gather(size_t n, const uint32_t *symbol, size_t n_symbols, const workspace *ws)
{
    memset(ws->w, 0, n_symbols * sizeof *ws->w);
    for (size_t i = 0; i < n; i++)
        ws->w[symbol[i]] += ws->w_x[i];
}

static void gather_labels(const ip_sample *sample, size_t n_symbols, const workspace *ws)
{
    const size_t c = sample->c;
    memset(ws->w_y, 0, c * sizeof *ws->w_y);
    memset(ws->w_ty, 0, n_symbols * c * sizeof *ws->w_ty);
    for (size_t i = 0; i < sample->n; i++) {
        const double *p = sample->p_y_given_x + i * c;
        double *w_ty = ws->w_ty + ws->t[i] * c;
        for (size_t y = 0; y < c; y++) {
            const double w = ws->w_x[i] * p[y];
            ws->w_y[y] += w;
            w_ty[y] += w;
        }
    }
}

/* Whether rows that share an input always share a symbol. Uses xt for the symbol of each input. */
static bool is_function(const ip_sample *sample, const workspace *ws)
{
    const uint32_t unseen = UINT32_MAX;
    memset(ws->xt, 0xff, sample->n * sizeof *ws->xt);
    for (size_t i = 0; i < sample->n; i++) {
        assert(sample->x_id[i] < sample->n);
        uint32_t *seen = &ws->xt[sample->x_id[i]];
        if (*seen != unseen && *seen != ws->t[i])
            return false;
        *seen = ws->t[i];
    }
    return true;
}

/* H(T|X) = H(X,T) - H(X), and exactly 0 where T follows from X. Overwrites w. */
static double entropy_given_x(const ip_sample *sample, const workspace *ws)
{
    const size_t n = sample->n;
    if (sample->x_id == NULL || is_function(sample, ws))
        return 0.0;
    for (size_t i = 0; i < n; i++) {
        ws->pairs[2 * i] = sample->x_id[i];
        ws->pairs[2 * i + 1] = ws->t[i];
    }
    const size_t n_pairs = ip_number_rows(n, 2 * sizeof *ws->pairs, ws->pairs, ws->table, ws->xt);
    gather(n, ws->xt, n_pairs, ws);
    const double h_xt = entropy_of_weights(n_pairs, ws->w, ws->total);
    gather(n, sample->x_id, n, ws);
    return h_xt - entropy_of_weights(n, ws->w, ws->total);
}

/* How many inputs there are: x_id counts from 0 without a gap, or every row is one. */
static size_t count_inputs(const ip_sample *sample)
{
    size_t most = 0;
    for (size_t i = 0; sample->x_id != NULL && i < sample->n; i++)
        most = sample->x_id[i] > most ? sample->x_id[i] : most;
    return sample->x_id != NULL ? most + 1 : sample->n;
}

/* With as many symbols as inputs the information is that of the row numbers: on drawn rows it says
 * nothing of T. */
static unsigned flags_of(const ip_sample *sample, size_t n_symbols)
{
    const size_t n = count_inputs(sample);
    if (n == 1 || 20 * n_symbols < 19 * n)
        return 0;
    return IP_FLAG_CEILING | (sample->is_drawn ? IP_FLAG_INVALID : 0U);
}

/* Whether the weights are counts: rows weigh the same, and each label is certain. */
static bool are_counts(const ip_sample *sample, const workspace *ws)
{
    for (size_t i = 0; i < sample->n; i++) {
        if (ws->w_x[i] != 1.0)
            return false;
    }
    for (size_t i = 0; i < sample->n * sample->c; i++) {
        if (sample->p_y_given_x[i] != 0.0 && sample->p_y_given_x[i] != 1.0)
            return false;
    }
    return true;
}

/* Replaces the entropies of T, Y and (T,Y) by corrected ones; what cannot be counted stays. The
 * sign of a corrected difference is kept. */
static void correct(const ip_sample *sample, ip_correction correction, size_t n_symbols,
                    double h_t_given_x, const workspace *ws, ip_information *out)
{
    const size_t c = sample->c;
    const bool counted = are_counts(sample, ws);
    if (!sample->is_drawn || !counted)
        out->flags |= IP_FLAG_INVALID;
    if (!counted)
        return;
    gather(sample->n, ws->t, n_symbols, ws);
    const double h_t = ip_entropy_of_counts(correction, n_symbols, ws->w);
    const double h_y = ip_entropy_of_counts(correction, c, ws->w_y);
    const double h_ty = ip_entropy_of_counts(correction, n_symbols * c, ws->w_ty);
    out->i_xt = h_t - h_t_given_x;
    out->i_ty = h_t + h_y - h_ty;
}

void ip_plugin(const ip_sample *sample, ip_correction correction, const int64_t *codes,
               void *scratch, ip_symbols *symbols, ip_information *out)
{
    const size_t n = sample->n;
    const size_t c = sample->c;
    assert(n >= 1 && n < UINT32_MAX && c >= 1);
    workspace ws = cut(scratch, n, c);
    weigh(sample, &ws);
    const size_t n_symbols = ip_number_rows(n, sample->d * sizeof *codes, codes, ws.table, ws.t);
    gather(n, ws.t, n_symbols, &ws);
    gather_labels(sample, n_symbols, &ws);
    const double h_t = entropy_of_weights(n_symbols, ws.w, ws.total);
    const double h_y = entropy_of_weights(c, ws.w_y, ws.total);
    const double h_ty = entropy_of_weights(n_symbols * c, ws.w_ty, ws.total);
    const double h_t_given_x = entropy_given_x(sample, &ws);
    out->i_xt = fmax(h_t - h_t_given_x, 0.0);
    out->i_ty = fmax(h_t + h_y - h_ty, 0.0);
    out->flags |= flags_of(sample, n_symbols);
    *symbols = (ip_symbols){n_symbols, ws.t, h_t_given_x};
    if (correction != IP_CORRECTION_NONE)
        correct(sample, correction, n_symbols, h_t_given_x, &ws, out);
}
