/* estimator_gaussian_copula.c - information of linear dependence, once every unit is made normal
 *
 * What: each unit's values become z = Phi^-1(rank / (n + 1)), equal ones by their mean rank; then
 *   the formulas for normal variables with the covariances of z:
 *     I(X;T) = 1/2 log2(|S_x| |S_t| / |S_xt|),
 *     I(T;Y) = 1/2 log2 |S_t| - 1/2 sum of p(y) log2 |S_t|y|, with S_t|y that of class y.
 *   Weights: n is 1 / sum of p(x)^2, a rank n (weight below + half the weight of the equals) + 1/2;
 *   covariances are weighted by p(x), in a class by p(x) p(y|x) / p(y).
 * Source: Ince et al., Human Brain Mapping 38, 1541 (2017), sections 2.3 and 3.2 ("model" form).
 *   Deviation: its correction for the bias of small samples, about d_x d / (2n) nats, is left out.
 * Cost: O(n (d_x + d) (log n + d_x + d) + n c d^2 + (d_x + d)^3 + c d^3) time, the last two for
 *   elimination; O(n (d_x + d) + (d_x + d)^2) scratch. Minutes and gigabytes at 20000 units.
 * Limits: sees only what is monotone in each unit and linear between them: 0 for an exclusive or.
 *   A unit that is constant or follows linearly from earlier ones of its own layer is left out: it
 *   adds nothing. Where z of t follows linearly from z of x, or within a class, the formula is
 *   infinite and so is the value. Above H(X), or H(Y), it is flagged IP_FLAG_INVALID; for classes
 *   it is a difference of upper bounds, IP_FLAG_NO_BOUND.
 * Checked by: tests/info/test_estimator_gaussian_copula.c, test_copula_numpy.py. */
#include "infoplane/estimator.h"
#include "infoplane/normal.h"
#include <assert.h>
#include <math.h>
#include <string.h>

/* A variance that is left below this is taken for 0. That of z is about 1, of which rounding leaves
 * some 1e-13; two rows of neighbouring ranks in a class of their own have one of about 2 / n^2. */
static const double least_variance = 1e-12;

/* The caller's scratch, cut up. Units of x come first, then those of t. */
typedef struct workspace {
    size_t n, d_x, d;   /* of x, as far as it is known */
    double *z;          /* (d_x + d, n) */
    double *weight;     /* (n) of the rows, in a class */
    double *covariance; /* (d_x + d, d_x + d) */
    double *mean;       /* (d_x + d) */
    bool *is_used;      /* (d_x + d) not constant, and no copy */
    uint32_t *order;    /* (n) rows by value */
    uint32_t *merged;   /* (n) */
    double count;       /* n, where rows weigh the same */
    bool has_ties;
} workspace;

/* Memory being cut up, or only measured when there is none. */
typedef struct memory {
    char *at;
    size_t used;
} memory;

static void *take(memory *from, size_t bytes)
{
    char *part = from->at != NULL ? from->at + from->used : NULL;
    from->used += (bytes + 63) / 64 * 64;
    return part;
}

/* Returns how many bytes that takes. */
static size_t cut(size_t n, size_t d_x, size_t d, void *scratch, workspace *ws)
{
    const size_t units = d_x + d;
    memory rest = {scratch, 0};
    *ws = (workspace){.n = n, .d_x = d_x, .d = d};
    ws->z = take(&rest, units * n * sizeof(double));
    ws->weight = take(&rest, n * sizeof(double));
    ws->covariance = take(&rest, units * units * sizeof(double));
    ws->mean = take(&rest, units * sizeof(double));
    ws->is_used = take(&rest, units * sizeof(bool));
    ws->order = take(&rest, n * sizeof(uint32_t));
    ws->merged = take(&rest, n * sizeof(uint32_t));
    return rest.used;
}

static size_t scratch_bytes(const ip_request *requests, size_t n, const ip_sample *sizes)
{
    (void)requests;
    (void)n;
    workspace ws;
    return cut(sizes->n, sizes->d_x, sizes->d, NULL, &ws);
}

/* Merges the sorted runs [first, middle) and [middle, end) of `from` into `to`. */
static void merge(const double *v, const uint32_t *from, size_t first, size_t middle, size_t end,
                  uint32_t *to)
{
    size_t left = first;
    size_t right = middle;
    for (size_t at = first; at < end; at++) {
        const bool take_left = left < middle && (right == end || v[from[left]] <= v[from[right]]);
        to[at] = take_left ? from[left++] : from[right++];
    }
}

/* Rows by value, equal ones in their order; returns them, in one of the two lists. */
static const uint32_t *sort_rows(const workspace *ws, const double *v)
{
    uint32_t *from = ws->order;
    uint32_t *to = ws->merged;
    for (size_t i = 0; i < ws->n; i++)
        from[i] = (uint32_t)i;
    for (size_t run = 1; run < ws->n; run *= 2) {
        for (size_t first = 0; first < ws->n; first += 2 * run) {
            const size_t middle = first + run < ws->n ? first + run : ws->n;
            const size_t end = middle + run < ws->n ? middle + run : ws->n;
            merge(v, from, first, middle, end, to);
        }
        uint32_t *swap = from;
        from = to;
        to = swap;
    }
    return from;
}

/* Whether rows of one value are of more than one input. */
static bool are_ties(const ip_sample *sample, const uint32_t *rows, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (sample->x_id == NULL || sample->x_id[rows[i]] != sample->x_id[rows[0]])
            return true;
    }
    return false;
}

/* Replaces the values v (n) of a unit by normal quantiles of their ranks. */
static void normalise(const ip_sample *sample, workspace *ws, double *v)
{
    const uint32_t *order = sort_rows(ws, v);
    double below = 0.0;
    for (size_t first = 0, end = 0; first < ws->n; first = end) {
        const double value = v[order[first]];
        double weight = 0.0;
        for (; end < ws->n && v[order[end]] == value; end++)
            weight += sample->p_x[order[end]];
        const double rank = ws->count * (below + weight / 2.0) + 0.5;
        const double z = ip_normal_quantile(rank / (ws->count + 1.0));
        for (size_t i = first; i < end; i++)
            v[order[i]] = z;
        ws->has_ties = ws->has_ties || are_ties(sample, order + first, end - first);
        below += weight;
    }
}

/* Takes n columns of rows as units from `first`. */
static void take_units(const ip_sample *sample, size_t first, size_t n, const double *rows,
                       workspace *ws)
{
    for (size_t k = 0; k < n; k++) {
        double *z = ws->z + (first + k) * ws->n;
        for (size_t i = 0; i < ws->n; i++)
            z[i] = rows[i * n + k];
        normalise(sample, ws, z);
        ws->is_used[first + k] = true;
    }
}

static void fill(const ip_sample *sample, workspace *ws)
{
    double squares = 0.0;
    for (size_t i = 0; i < ws->n; i++)
        squares += sample->p_x[i] * sample->p_x[i];
    ws->count = 1.0 / squares;
    if (sample->x != NULL)
        take_units(sample, 0, ws->d_x, sample->x, ws);
    take_units(sample, ws->d_x, ws->d, sample->t, ws);
}

static double weighted_mean(const workspace *ws, const double *z)
{
    double sum = 0.0;
    for (size_t i = 0; i < ws->n; i++)
        sum += ws->weight[i] * z[i];
    return sum;
}

static double weighted_covariance(const workspace *ws, size_t k, size_t j)
{
    const double *a = ws->z + k * ws->n;
    const double *b = ws->z + j * ws->n;
    double sum = 0.0;
    for (size_t i = 0; i < ws->n; i++)
        sum += ws->weight[i] * (a[i] - ws->mean[k]) * (b[i] - ws->mean[j]);
    return sum;
}

/* Covariances of the units from first on, in the lower triangle; the weights sum to 1. */
static void covary(const workspace *ws, size_t first)
{
    const size_t units = ws->d_x + ws->d;
    for (size_t k = first; k < units; k++) {
        ws->mean[k] = weighted_mean(ws, ws->z + k * ws->n);
        for (size_t j = first; j <= k; j++)
            ws->covariance[k * units + j] = weighted_covariance(ws, k, j);
    }
}

/* Turns row k of the covariances into that of the Cholesky factor, the rows above it being done,
 * and returns its pivot: what of the unit's variance the units before it leave open. */
static double eliminate(const workspace *ws, size_t first, size_t k)
{
    const size_t units = ws->d_x + ws->d;
    double *row = ws->covariance + k * units;
    double pivot = row[k];
    for (size_t j = first; j < k; j++) {
        const double *above = ws->covariance + j * units;
        for (size_t l = first; l < j; l++)
            row[j] -= row[l] * above[l];
        row[j] = ws->is_used[j] ? row[j] / above[j] : 0.0;
        pivot -= row[j] * row[j];
    }
    return pivot;
}

/* log2 of the determinant of the covariances of t, given those of the units from first on before
 * it: the sum over its pivots. Units before `needed` are left out where nothing of them is left
 * open; for one behind, the determinant is 0. */
static double log2_determinant(const workspace *ws, size_t first, size_t needed)
{
    const size_t units = ws->d_x + ws->d;
    double bits = 0.0;
    for (size_t k = first; k < units; k++) {
        double *diagonal = &ws->covariance[k * units + k];
        const double pivot = ws->is_used[k] ? eliminate(ws, first, k) : 0.0;
        const bool is_open = pivot > least_variance;
        if (!is_open && ws->is_used[k] && k >= needed)
            return (double)-INFINITY;
        ws->is_used[k] = is_open;
        *diagonal = sqrt(fmax(pivot, 0.0));
        if (is_open && k >= ws->d_x)
            bits += log2(pivot);
    }
    return bits;
}

/* Weighs the rows by how likely they belong to the class; returns p(y). */
static double weigh_class(const ip_sample *sample, size_t y, const workspace *ws)
{
    double p_y = 0.0;
    for (size_t i = 0; i < ws->n; i++)
        p_y += ws->weight[i] = sample->p_x[i] * sample->p_y_given_x[i * sample->c + y];
    for (size_t i = 0; i < ws->n && p_y > 0.0; i++)
        ws->weight[i] /= p_y;
    return p_y;
}

/* From the classes' own covariances; determinant: log2 |S_t|. */
static void estimate_classes(const ip_sample *sample, const workspace *ws, double determinant,
                             ip_information *out)
{
    double within = 0.0;
    double h_y = 0.0;
    for (size_t y = 0; y < sample->c; y++) {
        const double p_y = weigh_class(sample, y, ws);
        if (p_y == 0.0)
            continue;
        covary(ws, ws->d_x);
        within += p_y * log2_determinant(ws, ws->d_x, ws->d_x);
        h_y -= p_y * log2(p_y);
    }
    out->i_ty = fmax((determinant - within) / 2.0, 0.0);
    if (out->i_ty > h_y + 1e-12)
        out->flags |= IP_FLAG_INVALID;
}

/* Units of t are judged without x first, to know which of them add anything. */
static void estimate_one(const ip_sample *sample, workspace *ws, ip_information *out)
{
    const size_t units = ws->d_x + ws->d;
    fill(sample, ws);
    memcpy(ws->weight, sample->p_x, ws->n * sizeof *ws->weight);
    covary(ws, ws->d_x);
    const double determinant = log2_determinant(ws, ws->d_x, units);
    out->flags |= IP_FLAG_NO_BOUND;
    if (sample->x != NULL) {
        covary(ws, 0);
        out->i_xt = fmax((determinant - log2_determinant(ws, 0, ws->d_x)) / 2.0, 0.0);
        if (out->i_xt > ip_entropy(ws->n, sample->p_x))
            out->flags |= IP_FLAG_INVALID;
    } else {
        out->flags |= IP_FLAG_NOT_KNOWN;
    }
    estimate_classes(sample, ws, determinant, out);
    if (ws->has_ties)
        out->flags |= IP_FLAG_TIES;
}

/* There are no parameters: one value serves all requests. */
static ip_status estimate(const ip_request *requests, size_t n, const ip_sample *sample,
                          void *scratch, ip_information *out, ip_error *err)
{
    (void)requests;
    (void)err;
    workspace ws;
    assert(sample->n >= 1 && sample->n < UINT32_MAX);
    cut(sample->n, sample->x != NULL ? sample->d_x : 0, sample->d, scratch, &ws);
    estimate_one(sample, &ws, &out[0]);
    for (size_t k = 1; k < n; k++)
        out[k] = out[0];
    return IP_OK;
}

const ip_estimator ip_estimator_gaussian_copula = {
    .name = "gaussian-copula",
    .summary = "correlations of the units' ranks, as if they were normal",
    .source = "Ince et al., Human Brain Mapping 38, 1541 (2017)",
    .limits = "blind to what is neither monotone nor linear; infinite where units follow linearly "
              "from the inputs, or within a class; time as the cube of the units",
    .row_ns = 3000,
    .scratch_bytes = scratch_bytes,
    .estimate = estimate,
};
