/* plugin.c - exact information of the distribution given, by counting
 *
 * What: rows with equal codes are one symbol t; I(X;T) and I(T;Y) follow from the weights
 *   w(t) = sum of p(x), w(t,y) = sum of p(x) p(y|x) over the rows x of t. That is exact where the
 *   rows are all there is; where they were drawn, an entropy may be corrected for its bias.
 * Sums run in the order of the rows and of the symbols, which are numbered by their first row, so
 *   the result depends on nothing else. Weights that are whole numbers are summed by how often each
 *   occurs: one logarithm a different number. What concerns rows alone is in the weighing.
 * Source: Shwartz-Ziv, Tishby, arXiv 1703.00810, section 3; the paper's letters.
 * Cost: O(n (d + c)) time: symbols are found through a hash table at most half full, which
 *   compares whole rows, so a collision costs time and never a wrong symbol. */
#include "info/info_internal.h"
#include "infoplane/estimator.h"
#include <assert.h>
#include <math.h>
#include <string.h>

/* What a call works on: its arguments, and the caller's scratch, cut up. */
typedef struct workspace {
    ip_weighing *rows;
    size_t n_symbols;
    size_t n_cells;  /* pairs of a symbol and a label that occur; symbols, where labels are not
                        certain */
    size_t n_pairs;  /* of an input and a symbol */
    double *w;       /* (n) of each symbol */
    double *w_ty;    /* (n, c) of each symbol with each label */
    uint64_t *words; /* (n) for finding equal rows, then pairs (input, symbol) */
    uint32_t *t;     /* (n) symbol of each row */
    uint32_t *xt;    /* (n) the same of the pair (input, symbol); before that, see is_function */
    uint32_t *n_t;   /* (n) rows of each symbol */
    uint32_t *row;   /* (n) one of them */
    uint32_t *alone; /* (n) the symbols of one row from the front, the others from the back */
    size_t n_alone;
    uint32_t *often; /* (n) how often each whole number occurs, from 1 */
    void *table;     /* for finding equal rows */
} workspace;

size_t ip_plugin_scratch_bytes(size_t n, size_t c)
{
    return (n + n * c) * sizeof(double) + n * sizeof(uint64_t) + 6 * n * sizeof(uint32_t) +
           ip_number_rows_bytes(n);
}

static workspace cut(void *scratch, size_t n, size_t c)
{
    workspace ws = {.w = scratch};
    ws.w_ty = ws.w + n;
    ws.words = (uint64_t *)(void *)(ws.w_ty + n * c);
    ws.t = (uint32_t *)(void *)(ws.words + n);
    ws.xt = ws.t + n;
    ws.n_t = ws.xt + n;
    ws.row = ws.n_t + n;
    ws.alone = ws.row + n;
    ws.often = ws.alone + n;
    ws.table = ws.often + n;
    return ws;
}

static void count_rows(size_t n, workspace *ws)
{
    const uint32_t *restrict t_of = ws->t;
    uint32_t *restrict n_t = ws->n_t, *restrict row = ws->row;
    memset(n_t, 0, ws->n_symbols * sizeof *n_t);
    for (size_t i = 0; i < n; i++) {
        n_t[t_of[i]]++;
        row[t_of[i]] = (uint32_t)i;
    }
    ws->n_alone = 0;
    for (size_t t = 0; t < ws->n_symbols; t++) { /* no jumps, which nobody could foretell */
        ws->alone[ws->n_alone] = (uint32_t)t;
        ws->alone[n - 1 - (t - ws->n_alone)] = (uint32_t)t;
        ws->n_alone += n_t[t] == 1;
    }
}

/* w[symbol] = sum of the weights of its rows. */
static void gather(size_t n, const uint32_t *symbol, size_t n_symbols, const workspace *ws)
{
    memset(ws->w, 0, n_symbols * sizeof *ws->w);
    for (size_t i = 0; i < n; i++)
        ws->w[symbol[i]] += ws->rows->w_x[i];
}

/* In line, so that the loop over a known number of labels is none. */
static inline void add_labels(size_t n, size_t c, bool skips, const workspace *ws)
{
    for (size_t i = 0; i < n; i++) {
        if (skips && ws->n_t[ws->t[i]] == 1)
            continue;
        const double *w_xy = ws->rows->w_xy + i * c;
        double *restrict w_ty = ws->w_ty + ws->t[i] * c;
        for (size_t y = 0; y < c; y++)
            w_ty[y] += w_xy[y];
    }
}

/* The weights of each symbol with each label. With skips, those of symbols of one row stay 0: where
 * nearly all are, jumping over them is faster. */
static void gather_labels(size_t n, size_t c, bool skips, const workspace *ws)
{
    memset(ws->w_ty, 0, ws->n_symbols * c * sizeof *ws->w_ty);
    if (skips)
        add_labels(n, c, true, ws);
    else if (c == 2)
        add_labels(n, 2, false, ws);
    else
        add_labels(n, c, false, ws);
}

/* ---- entropies ---- */

/* Of whole numbers from 2 to `most` that occur so often, and of as many 1 as add up to `total`. */
static double entropy_of_counts(size_t most, const uint32_t *often, double total)
{
    double sum = 0.0;
    for (size_t k = 2; k <= most; k++) {
        if (often[k - 1] != 0)
            sum += (double)often[k - 1] * ((double)k * log2((double)k));
    }
    return log2(total) - sum / total;
}

/* H(T) of rows that weigh the same. */
static double entropy_of_rows(size_t n, const workspace *ws)
{
    uint32_t most = 0;
    memset(ws->often, 0, n * sizeof *ws->often);
    for (size_t k = 0; k < ws->n_symbols - ws->n_alone; k++) {
        const uint32_t count = ws->n_t[ws->alone[n - 1 - k]];
        ws->often[count - 1]++;
        most = count > most ? count : most;
    }
    return entropy_of_counts(most, ws->often, ws->rows->total);
}

/* H(T,Y) where labels are certain as well; counts the cells. */
static double entropy_of_labelled_rows(size_t n, size_t c, workspace *ws)
{
    uint32_t most = 0;
    ws->n_cells = 0;
    memset(ws->often, 0, n * sizeof *ws->often);
    for (size_t i = 0; i < ws->n_symbols * c; i++) {
        const uint32_t count = (uint32_t)ws->w_ty[i];
        if (count == 0)
            continue;
        ws->n_cells++;
        ws->often[count - 1]++;
        most = count > most ? count : most;
    }
    return entropy_of_counts(most, ws->often, ws->rows->total);
}

/* H(T,Y) where they are not. */
static double entropy_with_labels(size_t n, size_t c, const workspace *ws)
{
    double sum = 0.0;
    for (size_t k = 0; k < ws->n_alone; k++)
        sum += ip_weighing_row(ws->rows, c, ws->row[ws->alone[k]]);
    for (size_t k = 0; k < ws->n_symbols - ws->n_alone; k++)
        sum += ip_sum_of_logs(c, ws->w_ty + ws->alone[n - 1 - k] * c);
    return log2(ws->rows->total) - sum / ws->rows->total;
}

static double entropy_of_t(size_t n, const workspace *ws)
{
    if (ws->rows->is_even)
        return entropy_of_rows(n, ws);
    gather(n, ws->t, ws->n_symbols, ws);
    return ip_entropy_of_weights(ws->n_symbols, ws->w, ws->rows->total);
}

static double entropy_of_t_and_y(size_t n, size_t c, workspace *ws)
{
    const bool is_counted = ws->rows->is_counted;
    gather_labels(n, c, !is_counted && 8 * ws->n_alone > 7 * n, ws);
    return is_counted ? entropy_of_labelled_rows(n, c, ws) : entropy_with_labels(n, c, ws);
}

/* ---- noise ---- */

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

/* H(T|X) = H(X,T) - H(X), and exactly 0 where T follows from X. Overwrites w; fills xt with the
 * pair of each row where T does not follow. */
static double entropy_given_x(const ip_sample *sample, workspace *ws)
{
    const size_t n = sample->n;
    ws->n_pairs = ws->rows->inputs_differ ? n : ws->rows->n_inputs;
    if (ws->rows->inputs_differ || is_function(sample, ws))
        return 0.0;
    for (size_t i = 0; i < n; i++)
        ws->words[i] = (uint64_t)sample->x_id[i] << 32 | ws->t[i];
    ws->n_pairs = ip_number_rows(n, sizeof *ws->words, ws->words, ws->table, ws->xt);
    gather(n, ws->xt, ws->n_pairs, ws);
    return ip_entropy_of_weights(ws->n_pairs, ws->w, ws->rows->total) - ws->rows->h_inputs;
}

/* The same with a correction of both. */
static double corrected_entropy_given_x(const ip_sample *sample, ip_correction correction,
                                        const workspace *ws)
{
    gather(sample->n, ws->xt, ws->n_pairs, ws);
    const double h_xt = ip_entropy_of_counts(correction, ws->n_pairs, ws->w);
    gather(sample->n, sample->x_id, ws->rows->n_inputs, ws);
    return h_xt - ip_entropy_of_counts(correction, ws->rows->n_inputs, ws->w);
}

/* ---- result ---- */

/* Frequencies of drawn rows are not known where cells hold fewer than five of them on average, as
 * for a chi-squared test: the bias, cells / 2n nats, is then no small correction. */
static unsigned flags_of(const ip_sample *sample, const workspace *ws)
{
    const size_t rows_a_cell = 5;
    const bool has_few_y = sample->is_drawn && rows_a_cell * ws->n_cells > sample->n;
    const bool has_few_x = sample->is_noisy && rows_a_cell * ws->n_pairs > sample->n;
    return (has_few_y || has_few_x ? IP_FLAG_INVALID : 0U) |
           (2 * ws->n_alone > sample->n ? IP_FLAG_DISTINCT : 0U);
}

/* Replaces all entropies by corrected ones; what cannot be counted stays, and H(T|X) = 0. The sign
 * of a corrected difference is kept. */
static void correct(const ip_sample *sample, ip_correction correction, double h_t_given_x,
                    const workspace *ws, ip_information *out)
{
    const size_t n = sample->n, c = sample->c;
    const bool counted = ws->rows->is_counted;
    if (!sample->is_drawn || !counted)
        out->flags |= IP_FLAG_INVALID;
    if (!counted)
        return;
    gather(n, ws->t, ws->n_symbols, ws);
    gather_labels(n, c, false, ws);
    const double h_t = ip_entropy_of_counts(correction, ws->n_symbols, ws->w);
    const double h_y = ip_entropy_of_counts(correction, c, ws->rows->w_y);
    const double h_ty = ip_entropy_of_counts(correction, ws->n_symbols * c, ws->w_ty);
    out->i_xt = h_t - (h_t_given_x > 0 ? corrected_entropy_given_x(sample, correction, ws) : 0);
    out->i_ty = h_t + h_y - h_ty;
}

/* H(T) and H(T,Y). Where every row is a symbol they are known. */
static void find_entropies(size_t n, size_t c, workspace *ws, double *h_t, double *h_ty)
{
    ws->n_cells = ws->n_symbols;
    ws->n_alone = n;
    if (ws->n_symbols == n) {
        ip_weighing_rows(ws->rows, n, c);
        *h_t = ws->rows->h_x;
        *h_ty = ws->rows->h_xy;
        return;
    }
    count_rows(n, ws);
    *h_t = entropy_of_t(n, ws);
    *h_ty = entropy_of_t_and_y(n, c, ws);
}

void ip_plugin(const ip_sample *sample, ip_weighing *weighing, ip_correction correction,
               const ip_codes *codes, void *scratch, ip_symbols *symbols, ip_information *out)
{
    const size_t n = sample->n, c = sample->c;
    assert(n >= 1 && n < UINT32_MAX && c >= 1);
    workspace ws = cut(scratch, n, c);
    ws.rows = weighing;
    ws.n_symbols = ip_number_codes(n, sample->d, codes, ws.words, ws.table, ws.t);
    double h_t, h_ty;
    find_entropies(n, c, &ws, &h_t, &h_ty);
    const double h_t_given_x = entropy_given_x(sample, &ws);
    out->i_xt = fmax(h_t - h_t_given_x, 0.0);
    out->i_ty = fmax(h_t + weighing->h_y - h_ty, 0.0);
    out->flags |= flags_of(sample, &ws);
    *symbols = (ip_symbols){ws.n_symbols, ws.t, h_t_given_x};
    if (correction != IP_CORRECTION_NONE)
        correct(sample, correction, h_t_given_x, &ws, out);
}
