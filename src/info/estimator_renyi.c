/* estimator_renyi.c - matrix-based Renyi entropy: information from the spectra of kernel matrices
 *
 * What: A_ij = sqrt(p_i p_j) K_ij with K_ii = 1 has trace 1, and its eigenvalues lambda take the
 *   place of probabilities: S(A) = log2(sum of lambda^alpha) / (1 - alpha); the joint entropy is
 *   that of the kernels' product, S(X,T) of K_x K_t. I(X;T) = S(X) + S(T) - S(X,T), I(T;Y) alike.
 *   Kernels of x and t are Gaussian, exp(-|a - b|^2 / (2 width^2)); that of the labels is the
 *   cosine of two label distributions, for certain labels 1 where they agree and 0 elsewhere.
 *   Width scott: N^(-1 / (4 + d)) times the mean standard deviation of the d units; see kernels.h.
 * Source: Sanchez Giraldo, Rao, Principe, arXiv 1211.2459; Yu, Principe, arXiv 1804.00057 (the
 *   width); Wickstrom et al., arXiv 1909.11396. Deviations: weighted rows, so that a row of weight
 *   2/n counts as two; a label may be a distribution, of which this is the kernel, and nothing is
 *   drawn from it.
 * Cost: alpha = 2 needs no spectrum, sum of lambda^2 = sum of A_ij^2: O(n^2 (d_x + d + c)) time,
 *   O(n (d_x + d + c)) scratch. Other alpha: m = min(n, rows) rows, drawn without replacement for
 *   each layer and snapshot, O(m^3) time, 8 m^2 bytes.
 * Limits: not Shannon's information; rises with n up to log2 n as the width falls. Eigenvalues
 * below m 2^-52 times the largest are rounding and count as 0: with alpha well below 1, where small
 * ones weigh much, that is an error of up to 1e-4 bit. Below 0 by less than 1e-9 bit is rounding,
 * too. Checked by: tests/info/test_estimator_renyi.c, test_renyi_numpy.py. */
#include "info/info_internal.h"
#include "info/kernels.h"
#include "infoplane/estimator.h"
#include "infoplane/matrix.h"
#include "infoplane/random.h"
#include <assert.h>
#include <float.h>
#include <math.h>

static const ip_field fields[] = {
    {
        .key = "alpha",
        .kind = IP_KIND_REAL,
        .offset = offsetof(ip_renyi_options, alpha),
        .min = 0,
        .max = 100,
        .default_text = "2",
        .flags = IP_FIELD_MANY | IP_FIELD_ABOVE_MIN,
        .unit = "",
        .help = "order of the entropy, not 1; 1.01 is near Shannon's",
    },
    {
        .key = "width",
        .kind = IP_KIND_REAL,
        .offset = offsetof(ip_renyi_options, width),
        .min = 0,
        .max = 1e100,
        .word = "scott",
        .default_text = "scott",
        .flags = IP_FIELD_MANY | IP_FIELD_ABOVE_MIN,
        .unit = "activation",
        .help = "of the layer's Gaussian kernel",
    },
    {
        .key = "width_x",
        .kind = IP_KIND_REAL,
        .offset = offsetof(ip_renyi_options, width_x),
        .min = 0,
        .max = 1e100,
        .word = "scott",
        .default_text = "scott",
        .flags = IP_FIELD_MANY | IP_FIELD_ABOVE_MIN,
        .unit = "input",
        .help = "of the inputs' Gaussian kernel",
    },
    {
        .key = "rows",
        .kind = IP_KIND_COUNT,
        .offset = offsetof(ip_renyi_options, rows),
        .min = 2,
        .max = 8192,
        .default_text = "512",
        .unit = "",
        .help = "that are drawn where there are more, unless alpha is 2",
    },
};

static ip_status check(const void *parameters, ip_error *err)
{
    const ip_renyi_options *options = parameters;
    if (options->alpha == 1.0)
        return ip_fail_key(err, IP_ERR_SPEC, "alpha",
                           "alpha: expected another number than 1 (1.01 comes near), saw 1");
    return IP_OK;
}

/* Kernels, and the one that changes no product. */
enum { T, X, Y, ONES, N_KERNELS };

/* Whose entropies are needed. */
enum { S_T, S_X, S_Y, S_XT, S_TY, N_ENTROPIES };
static const struct {
    int a, b;
} products[N_ENTROPIES] = {
    [S_T] = {T, ONES}, [S_X] = {X, ONES}, [S_Y] = {Y, ONES}, [S_XT] = {X, T}, [S_TY] = {T, Y},
};

/* The caller's scratch, cut up, and what is made there of the sample. */
typedef struct workspace {
    size_t m;        /* rows taken */
    uint32_t *order; /* (n) the rows of the sample, those taken first */
    double *p;       /* (m) their weights, sum 1 */
    double *v[ONES]; /* (d, m), (d_x, m), (c, m) */
    double *row[N_KERNELS];
    double *matrix, *lambda; /* (m, m), (m); unless alpha is 2 */
    void *eigen;
    ip_kernel kernel[ONES];
    bool has_x;
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
static size_t cut(const ip_renyi_options *options, const ip_sample *sizes, void *scratch,
                  workspace *ws)
{
    const size_t n = sizes->n;
    const bool is_square = options->alpha == 2.0;
    const size_t m = is_square || n < options->rows ? n : options->rows;
    const size_t widths[ONES] = {sizes->d, sizes->d_x, sizes->c};
    memory rest = {scratch, 0};
    *ws = (workspace){.m = m};
    ws->order = take(&rest, n * sizeof *ws->order);
    ws->p = take(&rest, m * sizeof(double));
    for (size_t k = 0; k < ONES; k++)
        ws->v[k] = take(&rest, widths[k] * m * sizeof(double));
    for (size_t k = 0; k < N_KERNELS; k++)
        ws->row[k] = take(&rest, m * sizeof(double));
    if (!is_square) {
        ws->matrix = take(&rest, m * m * sizeof(double));
        ws->lambda = take(&rest, m * sizeof(double));
        ws->eigen = take(&rest, ip_symmetric_eigenvalues_scratch_bytes(m));
    }
    return rest.used;
}

static size_t scratch_bytes(const ip_request *requests, size_t n, const ip_sample *sizes)
{
    size_t most = 0;
    for (size_t k = 0; k < n; k++) {
        workspace ws;
        if (requests[k].estimator != &ip_estimator_renyi)
            continue;
        const size_t bytes = cut(requests[k].options, sizes, NULL, &ws);
        most = bytes > most ? bytes : most;
    }
    return most;
}

/* Takes the rows with a weight, or draws m of them. */
static void choose_rows(const ip_sample *sample, workspace *ws)
{
    size_t n = 0;
    for (size_t i = 0; i < sample->n; i++) {
        if (sample->p_x[i] > 0.0)
            ws->order[n++] = (uint32_t)i;
    }
    assert(n >= 1 && sample->n <= UINT32_MAX);
    if (n > ws->m) {
        ip_rng rng = ip_rng_make(sample->seed, IP_PURPOSE_ROWS, sample->place);
        ip_rng_shuffle(&rng, ws->order, n);
    }
    ws->m = n < ws->m ? n : ws->m;
}

static void weigh(const ip_sample *sample, workspace *ws)
{
    double total = 0.0;
    for (size_t i = 0; i < ws->m; i++)
        total += sample->p_x[ws->order[i]];
    for (size_t i = 0; i < ws->m; i++)
        ws->p[i] = sample->p_x[ws->order[i]] / total;
}

static void transpose(const workspace *ws, size_t d, const double *rows, double *v)
{
    for (size_t i = 0; i < ws->m; i++) {
        for (size_t k = 0; k < d; k++)
            v[k * ws->m + i] = rows[ws->order[i] * d + k];
    }
}

static ip_status make_gaussian(workspace *ws, int which, size_t d, const double *rows, double width,
                               ip_error *err)
{
    transpose(ws, d, rows, ws->v[which]);
    if (isnan(width))
        width = ip_kernel_scott_width(ws->m, d, ws->v[which], ws->p);
    if (!isfinite(width * width))
        return ip_fail(err, IP_ERR_NUMERIC,
                       "expected standard deviations below 1e150, saw a larger one");
    ws->kernel[which] = ip_kernel_gaussian(ws->m, d, ws->v[which], width);
    return IP_OK;
}

static ip_status make_kernels(const ip_renyi_options *options, const ip_sample *sample,
                              workspace *ws, ip_error *err)
{
    IP_TRY(make_gaussian(ws, T, sample->d, sample->t, options->width, err));
    ws->has_x = sample->x != NULL;
    if (ws->has_x)
        IP_TRY(make_gaussian(ws, X, sample->d_x, sample->x, options->width_x, err));
    transpose(ws, sample->c, sample->p_y_given_x, ws->v[Y]);
    ws->kernel[Y] = ip_kernel_cosine(ws->m, sample->c, ws->v[Y]);
    for (size_t i = 0; i < ws->m; i++)
        ws->row[ONES][i] = 1.0;
    return IP_OK;
}

/* Row i of each kernel, up to its diagonal. */
static void fill_rows(const workspace *ws, size_t i)
{
    for (int k = T; k < ONES; k++) {
        if (k != X || ws->has_x)
            ip_kernel_row(&ws->kernel[k], i, ws->row[k]);
    }
}

/* Whether the entropy can be had at all. */
static bool is_known(const workspace *ws, int s)
{
    return ws->has_x || (products[s].a != X && products[s].b != X);
}

static double sum_of_squares(size_t n, const double *p, const double *a, const double *b)
{
    double sum = 0.0;
    for (size_t j = 0; j < n; j++)
        sum += p[j] * (a[j] * b[j]) * (a[j] * b[j]);
    return sum;
}

/* alpha = 2: all entropies in one pass over the pairs of rows. */
static void square_entropies(const workspace *ws, double *entropy)
{
    double sums[N_ENTROPIES] = {0};
    for (size_t i = 0; i < ws->m; i++) {
        fill_rows(ws, i);
        for (int s = 0; s < N_ENTROPIES; s++) {
            if (is_known(ws, s))
                sums[s] +=
                    ws->p[i] * (ws->p[i] + 2.0 * sum_of_squares(i, ws->p, ws->row[products[s].a],
                                                                ws->row[products[s].b]));
        }
    }
    for (int s = 0; s < N_ENTROPIES; s++)
        entropy[s] = -log2(sums[s]);
}

/* Of lambda / sum of lambda. */
static double renyi_entropy(size_t n, const double *lambda, double alpha)
{
    double largest = 0.0;
    double total = 0.0;
    double powers = 0.0;
    assert(n > 0);
    for (size_t i = 0; i < n; i++)
        largest = lambda[i] > largest ? lambda[i] : largest;
    for (size_t i = 0; i < n; i++) {
        const double share = lambda[i] / largest;
        if (share < (double)n * DBL_EPSILON)
            continue;
        total += share;
        powers += pow(share, alpha);
    }
    return (log2(powers) - alpha * log2(total)) / (1.0 - alpha);
}

static ip_status spectral_entropies(const workspace *ws, double alpha, double *entropy,
                                    ip_error *err)
{
    const size_t m = ws->m;
    for (int s = 0; s < N_ENTROPIES; s++) {
        if (!is_known(ws, s))
            continue;
        for (size_t i = 0; i < m; i++) {
            fill_rows(ws, i);
            const double *a = ws->row[products[s].a];
            const double *b = ws->row[products[s].b];
            for (size_t j = 0; j <= i; j++)
                ws->matrix[i * m + j] = sqrt(ws->p[i] * ws->p[j]) * a[j] * b[j];
        }
        IP_TRY(ip_symmetric_eigenvalues(m, ws->matrix, ws->eigen, ws->lambda, err));
        entropy[s] = renyi_entropy(m, ws->lambda, alpha);
    }
    return IP_OK;
}

static double information(double a, double b, double joint)
{
    const double i = a + b - joint;
    return i > -1e-9 ? fmax(i, 0.0) : i;
}

/* Within a tenth of a bit of what rows would have of which no two are alike. */
static bool is_at_ceiling(const workspace *ws, double alpha, double entropy)
{
    return ws->m > 1 && entropy > renyi_entropy(ws->m, ws->p, alpha) - 0.1;
}

static ip_status estimate_one(const ip_renyi_options *options, const ip_sample *sample,
                              void *scratch, ip_information *out, ip_error *err)
{
    workspace ws;
    double entropy[N_ENTROPIES];
    cut(options, sample, scratch, &ws);
    choose_rows(sample, &ws);
    weigh(sample, &ws);
    IP_TRY(make_kernels(options, sample, &ws, err));
    if (options->alpha == 2.0)
        square_entropies(&ws, entropy);
    else
        IP_TRY(spectral_entropies(&ws, options->alpha, entropy, err));
    out->i_ty = information(entropy[S_T], entropy[S_Y], entropy[S_TY]);
    if (ws.has_x)
        out->i_xt = information(entropy[S_X], entropy[S_T], entropy[S_XT]);
    else
        out->flags |= IP_FLAG_NOT_KNOWN;
    if (is_at_ceiling(&ws, options->alpha, entropy[S_T]))
        out->flags |= IP_FLAG_CEILING;
    if (isnan(options->width))
        out->flags |= IP_FLAG_MOVING;
    else if (ip_reaches_beyond_one(sample))
        out->flags |= IP_FLAG_SCALE;
    return IP_OK;
}

static ip_status estimate(const ip_request *requests, size_t n, const ip_sample *sample,
                          void *scratch, ip_information *out, ip_error *err)
{
    for (size_t k = 0; k < n; k++)
        IP_TRY(estimate_one(requests[k].options, sample, scratch, &out[k], err));
    return IP_OK;
}

const ip_estimator ip_estimator_renyi = {
    .name = "renyi",
    .summary = "matrix-based Renyi entropy, from the spectra of kernel matrices",
    .source = "Sanchez Giraldo, Rao, Principe, arXiv 1211.2459",
    .limits =
        "not Shannon's information; depends on the widths and the number of rows; unless alpha "
        "is 2, at most `rows` rows are drawn",
    .fields = fields,
    .n_fields = IP_LENGTH(fields),
    .options_size = sizeof(ip_renyi_options),
    .row_ns = 100,
    .pair_ns = 23,
    .check = check,
    .scratch_bytes = scratch_bytes,
    .estimate = estimate,
};

static_assert(sizeof(ip_renyi_options) <= IP_ESTIMATOR_OPTIONS_SIZE, "fits a measure's entry");
