/* estimator_noise.c - the information of a layer with Gaussian noise, by sampling the noise
 *
 * What: T~ = T + Z, Z ~ N(0, s2 1). At t~ = t_i + z the densities are sums over the points with
 *   weights p, all divided by that of the noise itself:
 *   f = sum_j p_j exp(-(|t_i + z - t_j|^2 - |z|^2) / (2 s2)), f_x and f_y the same over the points
 *   of an input and of a label. I(X;T~) is the mean of log2 f_x - log2 f, with f_x = 1 where the
 *   input has one point; I(T~;Y) is that of log2 f_y - log2 f. The mean over points, inputs and
 *   labels is exact; over z it is taken from draws, as many for every point (or for every point of
 *   every input, where inputs are repeated), in pairs z, -z. So the rows' distribution adds no
 *   error, and the standard error is that of the draws: SE^2 = sum of p_i^2 v_i / pairs, v_i the
 *   variance of a pair's mean.
 * Source: Goldfeld et al., "Estimating information flow in deep neural networks", ICML 2019,
 *   section 4. Deviations: antithetic pairs; |z|^2 is taken out before it is rounded; exponentials
 *   below e^-64 are 0, which moves no value by more than n e^-64.
 * Cost: O(m^2 d) and, for every draw and variance, two exponentials and d products for every two
 *   points near enough to be mistaken for one another, up to m^2. Scratch of 8 m (d + c) bytes.
 * Two meanings. With a variance the noise is added for measuring only, to one layer at a time: T~
 * of a layer does not follow from T~ of the one before, so a later layer may tell more. With
 *   `injected` it is that of the network itself: points are the layer before its own noise, of
 *   several passes of each input, and T~ is the layer as the next one sees it; later layers cannot
 *   tell more. The passes stand for all the noise before the layer: f_x has as many parts, so
 *   H(T~|X) comes out too small and I(X;T~) too large where they lie far apart (IP_FLAG_INVALID).
 *   In the first layer all passes of an input are one point: exact but for the draws.
 * Limits: small values may come out below 0. */
#include "info/cloud.h"
#include "info/info_internal.h"
#include "infoplane/random.h"
#include <assert.h>
#include <math.h>
#include <string.h>

static const ip_field fields[] = {
    {
        .key = "variance",
        .kind = IP_KIND_REAL,
        .offset = offsetof(ip_noise_options, variance),
        .min = 0,
        .max = 1e100,
        .word = "injected",
        .default_text = "1.0e-3",
        .flags = IP_FIELD_MANY | IP_FIELD_ABOVE_MIN,
        .unit = "activation squared",
        .help =
            "of the Gaussian noise in every unit, added for measuring only. injected: the layer "
            "with the noise the network itself gives it (network.noise)",
    },
    {
        .key = "draws",
        .kind = IP_KIND_COUNT,
        .offset = offsetof(ip_noise_options, draws),
        .min = 4,
        .max = 1e6,
        .default_text = "8",
        .unit = "",
        .help = "of noise for every row; an even number",
    },
};

enum { I_XT, I_TY, N_VALUES, N_SIGNS = 2, MOST_EXPONENT = 64 };

/* What is known of one value asked for. */
typedef struct tally {
    double variance; /* of the noise */
    unsigned flags;  /* that this variance has */
    bool is_at_work;
    double mean[N_VALUES], squares[N_VALUES]; /* of the pairs of a stratum: mean, sum of squared
                                                 deviations */
    double value[N_VALUES], error[N_VALUES];  /* of the strata so far; error is squared */
} tally;

/* Where draws begin: a point, as one of those (atoms first to end) of an input. An input with no
 * other point needs none of them. */
typedef struct stratum {
    size_t point;
    double w;
    size_t first, end;
} stratum;

typedef struct workspace {
    ip_cloud cloud;
    double *g;            /* (IP_NOISE_BATCH, d) normal numbers: z = sqrt(s2) g */
    double *from;         /* (d) the stratum's point */
    ip_noise_rung *rungs; /* (n) of the tallies */
    size_t n_rungs;       /* those of tallies at work, which come first */
    double *sums;         /* (n, IP_NOISE_BATCH, N_SIGNS, c) */
    double *parts;        /* the kernel's */
    tally *tallies;       /* (n) one for each request */
} workspace;

static ip_status check(const void *parameters, ip_error *err)
{
    const ip_noise_options *options = parameters;
    if (options->draws % 2 != 0)
        return ip_fail_key(err, IP_ERR_SPEC, "draws", "draws: expected an even number, saw %llu",
                           (unsigned long long)options->draws);
    return IP_OK;
}

/* Cuts the scratch up; how many bytes are taken. NULL: only counted. */
static size_t cut(char *scratch, size_t n, const ip_sample *sizes, workspace *ws)
{
    ip_cut at = {.base = scratch};
    const size_t n_sums = n * IP_NOISE_BATCH * N_SIGNS * sizes->c;
    ip_cloud_cut(&at, sizes, &ws->cloud);
    ws->g = ip_cut_take(&at, IP_NOISE_BATCH * sizes->d, sizeof *ws->g);
    ws->from = ip_cut_take(&at, sizes->d, sizeof *ws->from);
    ws->rungs = ip_cut_take(&at, n, sizeof *ws->rungs);
    ws->sums = ip_cut_take(&at, n_sums, sizeof *ws->sums);
    ws->parts = ip_cut_take(&at, n_sums * IP_NOISE_LANES, sizeof *ws->parts);
    ws->tallies = ip_cut_take(&at, n, sizeof *ws->tallies);
    return at.bytes;
}

static size_t scratch_bytes(const ip_request *requests, size_t n, const ip_sample *sizes)
{
    (void)requests;
    workspace ws;
    return ip_points_bytes(sizes) + cut(NULL, n, sizes, &ws);
}

/* Draws some g; those of the batch that are not drawn are 0. The largest |g|^2. */
static double draw(size_t d, size_t n_draws, ip_rng *rng, const workspace *ws)
{
    double most = 0;
    memset(ws->g, 0, IP_NOISE_BATCH * d * sizeof *ws->g);
    for (size_t i = 0; i < n_draws; i++) {
        double square = 0;
        for (size_t k = 0; k < d; k++) {
            ws->g[i * d + k] = ip_rng_normal(rng);
            square += ws->g[i * d + k] * ws->g[i * d + k];
        }
        most = fmax(most, square);
    }
    return most;
}

/* Sums over the points of all that may count. With r the distance in deviations of the noise, the
 * exponent is at least r^2 / 2 - |g| r. */
static void sum_points(size_t n_draws, double largest_square, double widest, const workspace *ws)
{
    const double reach = sqrt(largest_square) + sqrt(largest_square + 2 * MOST_EXPONENT);
    ip_kernels_in_use()->noise_sums(&(ip_noise){.points = ws->cloud.blocks,
                                                .from = ws->from,
                                                .n_draws = n_draws,
                                                .g = ws->g,
                                                .reach = 1.01 * widest * reach * reach,
                                                .lowest = MOST_EXPONENT * M_LOG2E,
                                                .n_rungs = ws->n_rungs,
                                                .rungs = ws->rungs,
                                                .parts = ws->parts});
}

/* The exponential of one point alone. */
static double exponential(const ip_points *points, size_t j, const double *from, const double *z,
                          double variance)
{
    double square = 0, product = 0;
    for (size_t k = 0; k < points->d; k++) {
        const double difference = from[k] - points->t[k * points->m + j];
        square += difference * difference;
        product += z[k] * difference;
    }
    const double exponent = square / (2 * variance) + product / sqrt(variance);
    return exponent < MOST_EXPONENT ? exp(-exponent) : 0;
}

/* log2 f_x; 0 where the input has one point. z in deviations. */
static double log_given_x(const ip_points *points, const stratum *at, const double *from,
                          const double *z, double variance)
{
    double sum = 0, total = 0;
    for (size_t a = at->first; a < at->end; a++) {
        sum += points->w_atom[a] * exponential(points, points->point[a], from, z, variance);
        total += points->w_atom[a];
    }
    return at->first < at->end ? log2(sum / total) : 0;
}

/* Adds half of what one z says to the mean of its pair; f_given (c) is sums of the points. */
static void add_draw(const ip_points *points, const stratum *at, double log_f_x,
                     const double *f_given, double values[N_VALUES])
{
    double f = 0, given_y = 0;
    for (size_t y = 0; y < points->c; y++) {
        const double w = points->w_y[y * points->m + at->point];
        f += f_given[y];
        if (w > 0)
            given_y += w / points->w[at->point] * log2(f_given[y] / points->p_y[y]);
    }
    values[I_XT] += (log_f_x - log2(f / points->total)) / 2;
    values[I_TY] += (given_y - log2(f / points->total)) / 2;
}

static void add_pair(const double values[N_VALUES], size_t pair, tally *one)
{
    for (size_t v = 0; v < N_VALUES; v++) {
        const double deviation = values[v] - one->mean[v];
        one->mean[v] += deviation / (double)(pair + 1);
        one->squares[v] += deviation * (values[v] - one->mean[v]);
    }
}

static void close_stratum(double share, double pairs, tally *one)
{
    for (size_t v = 0; v < N_VALUES; v++) {
        one->value[v] += share * one->mean[v];
        one->error[v] += share * share * one->squares[v] / (pairs * (pairs - 1));
        one->mean[v] = one->squares[v] = 0;
    }
}

static bool is_injected(const ip_request *request)
{
    return isnan(((const ip_noise_options *)request->options)->variance);
}

/* Whether two are worked out together. */
static bool is_like(const ip_request *a, const ip_request *b)
{
    const ip_noise_options *of_a = a->options, *of_b = b->options;
    return of_a->draws == of_b->draws && is_injected(a) == is_injected(b);
}

/* One pair of draws, the i-th of the batch, of one tally. */
static void add_pair_of(const ip_points *points, const stratum *at, size_t pair, size_t i,
                        const ip_noise_rung *rung, workspace *ws, tally *one)
{
    double values[N_VALUES] = {0};
    double *z = ws->g + i * points->d;
    for (size_t sign = 0; sign < N_SIGNS; sign++) {
        const double log_f_x = log_given_x(points, at, ws->from, z, one->variance);
        add_draw(points, at, log_f_x, rung->sums + (i * N_SIGNS + sign) * points->c, values);
        for (size_t k = 0; k < points->d; k++)
            z[k] = -z[k];
    }
    add_pair(values, pair, one);
}

/* All at work share the draws. */
static void sample_stratum(size_t n, uint64_t draws, const ip_points *points, const stratum *at,
                           ip_rng *rng, workspace *ws)
{
    const size_t n_pairs = draws / 2;
    double widest = 0;
    for (size_t k = 0; k < n; k++) {
        if (ws->tallies[k].is_at_work)
            widest = fmax(widest, ws->tallies[k].variance);
    }
    for (size_t k = 0; k < points->d; k++)
        ws->from[k] = points->t[k * points->m + at->point];
    for (size_t pair = 0; pair < n_pairs; pair += IP_NOISE_BATCH) {
        const size_t n_draws = n_pairs - pair < IP_NOISE_BATCH ? n_pairs - pair : IP_NOISE_BATCH;
        sum_points(n_draws, draw(points->d, n_draws, rng, ws), widest, ws);
        for (size_t i = 0; i < n_draws; i++) {
            for (size_t k = 0, r = 0; k < n; k++) {
                if (ws->tallies[k].is_at_work)
                    add_pair_of(points, at, pair + i, i, &ws->rungs[r++], ws, &ws->tallies[k]);
            }
        }
    }
    for (size_t k = 0; k < n; k++) {
        if (ws->tallies[k].is_at_work)
            close_stratum(at->w / points->total, (double)n_pairs, &ws->tallies[k]);
    }
}

/* Every point; where inputs have several, every point of every input. */
static void sample_all(size_t n, uint64_t draws, const ip_points *points, ip_rng rng, workspace *ws)
{
    for (size_t i = 0; points->is_function && i < points->m; i++) {
        const stratum at = {i, points->w[i], 0, 0};
        if (at.w > 0)
            sample_stratum(n, draws, points, &at, &rng, ws);
    }
    for (size_t x = 0; !points->is_function && x < points->n_inputs; x++) {
        const size_t first = points->first[x], end = points->first[x + 1];
        for (size_t a = first; a < end; a++) {
            const stratum at = {points->point[a], points->w_atom[a], first, end};
            if (at.w > 0)
                sample_stratum(n, draws, points, &at, &rng, ws);
        }
    }
}

static void add_rung(double variance, size_t c, workspace *ws)
{
    ws->rungs[ws->n_rungs] =
        (ip_noise_rung){.factor = -M_LOG2E / (2 * variance),
                        .slope = -M_LOG2E / sqrt(variance),
                        .sums = ws->sums + ws->n_rungs * IP_NOISE_BATCH * N_SIGNS * c};
    ws->n_rungs++;
}

/* Requests like the first go together, from the beginning of the same stream: a value does not
 * depend on what else is asked. */
static void sample_like(const ip_request *requests, size_t n, size_t first, const ip_sample *sample,
                        char *scratch, workspace *ws)
{
    const ip_noise_options *options = requests[first].options;
    const ip_rng rng = ip_rng_make(sample->seed, IP_PURPOSE_MEASURE_NOISE, sample->place);
    ip_sample layer = *sample;
    layer.t = is_injected(&requests[first]) ? sample->t_clean : sample->t;
    ws->n_rungs = 0;
    for (size_t k = 0; k < n; k++) {
        const double variance = ((const ip_noise_options *)requests[k].options)->variance;
        ws->tallies[k].variance = is_injected(&requests[k]) ? sample->noise_variance : variance;
        ws->tallies[k].is_at_work = is_like(&requests[k], &requests[first]);
        if (ws->tallies[k].is_at_work)
            add_rung(ws->tallies[k].variance, sample->c, ws);
    }
    const ip_points points = ip_points_make(&layer, scratch);
    for (size_t k = 0; k < n; k++) {
        if (ws->tallies[k].is_at_work)
            ws->tallies[k].flags = ip_points_limit(sample, &points, ws->tallies[k].variance);
    }
    ip_cloud_take_points(&points, &ws->cloud);
    sample_all(n, options->draws, &points, rng, ws);
}

static void tell(const tally *one, ip_information *out)
{
    out->i_xt = one->value[I_XT];
    out->i_ty = one->value[I_TY];
    out->i_xt_se = sqrt(one->error[I_XT]);
    out->i_ty_se = sqrt(one->error[I_TY]);
    out->flags |= one->flags;
}

static ip_status estimate(const ip_request *requests, size_t n, const ip_sample *sample,
                          void *scratch, ip_information *out, ip_error *err)
{
    (void)err;
    workspace ws = {.n_rungs = 0};
    cut((char *)scratch + ip_points_bytes(sample), n, sample, &ws);
    memset(ws.tallies, 0, n * sizeof *ws.tallies);
    for (size_t k = 0; k < n; k++) {
        size_t first = 0;
        while (!is_like(&requests[first], &requests[k]))
            first++;
        const bool is_known = !is_injected(&requests[k]) || sample->t_clean != NULL;
        if (first == k && is_known)
            sample_like(requests, n, k, sample, scratch, &ws);
        if (!is_known)
            out[k].flags |= IP_FLAG_NOT_KNOWN;
    }
    const unsigned added = IP_FLAG_ONE_LAYER | (ip_reaches_beyond_one(sample) ? IP_FLAG_SCALE : 0U);
    for (size_t k = 0; k < n; k++) {
        if (out[k].flags & IP_FLAG_NOT_KNOWN)
            continue;
        tell(&ws.tallies[k], &out[k]);
        out[k].flags |= is_injected(&requests[k]) ? 0U : added;
    }
    return IP_OK;
}

const ip_estimator ip_estimator_noise = {
    .name = "noise",
    .summary = "the layer with Gaussian noise, its own or added for measuring only, by sampling it",
    .source = "Goldfeld et al., ICML 2019",
    .limits = "the variance is part of what is measured; noise that is added is added to one layer "
              "at a time, so a later layer may tell more; injected: I(X;T) is too large beyond the "
              "first layer, for each input is passed a few times only; up to O(n^2 draws) time",
    .fields = fields,
    .n_fields = IP_LENGTH(fields),
    .options_size = sizeof(ip_noise_options),
    .row_ns = 100,
    .pair_ns = 140,
    .check = check,
    .scratch_bytes = scratch_bytes,
    .estimate = estimate,
};

static_assert(sizeof(ip_noise_options) <= IP_ESTIMATOR_OPTIONS_SIZE, "fits a measure's entry");
