/* estimator_kde.c - bounds on the information of a layer with Gaussian noise, by pairs of points
 *
 * What: T~ = T + N(0, s2 1). With weights p of points t and K(v) = -sum_i p_i log2 sum_j p_j
 *   exp(-|t_i - t_j|^2 / (2 v)), K(4 s2) <= I(points;T~) <= K(s2) (the first by the Bhattacharyya,
 *   the second by the Kullback-Leibler distances of the Gaussians). From the same of the points
 *   given a label and of the points of one input, by I(X;T~) = I(points;T~) - I(points;T~|X) and
 *   I(T~;Y) = I(points;T~) - I(points;T~|Y): each side takes the other side's bound of what is
 *   taken away. So a repeated input is the mixture of its rows; where these coincide, or no input
 *   is repeated, nothing is taken away and I(X;T~) has the bounds themselves. label_term:
 *   difference takes away the same side's, as is often plotted, which bounds nothing.
 * Source: Kolchinsky, Tracey, "Estimating mixture entropy with pairwise distances", Entropy 19, 361
 *   (2017), Eqs. 10, 14, 18; Saxe et al., ICLR 2018 (difference, scale none); scale layer:
 *   Chelombiev, Houghton, O'Donnell, "Adaptive estimators", ICLR 2019. Deviations: equal rows are
 *   merged; exponentials below e^-64 are 0, which moves no value by more than n e^-64.
 * Cost: O(m^2 (d + c v)) time for m distinct points and v variances, about half of m^2 v
 *   exponentials; of variances related by 4^k, one in five. Scratch of 8 m (d + c) bytes and
 *   8 m c a variance.
 * Limits: the noise is part of what is measured; where points lie dense the upper bound is up to
 *   0.72 bit a unit too high. */
#include "info/kde_internal.h"
#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>

static const ip_field fields[] = {
    {
        .key = "variance",
        .kind = IP_KIND_REAL,
        .offset = offsetof(ip_kde_options, variance),
        .min = 0,
        .max = 1e100,
        .default_text = "1.0e-3",
        .flags = IP_FIELD_MANY | IP_FIELD_ABOVE_MIN,
        .unit = "activation squared",
        .help = "of the Gaussian noise in every unit",
    },
    {
        .key = "scale",
        .kind = IP_KIND_CHOICE,
        .offset = offsetof(ip_kde_options, scale),
        .names = ip_kde_scale_name,
        .default_text = "none",
        .unit = "",
        .help = "layer: the variance times the square of the layer's largest activation",
    },
    {
        .key = "label_term",
        .kind = IP_KIND_CHOICE,
        .offset = offsetof(ip_kde_options, label_term),
        .names = ip_kde_label_term_name,
        .default_text = "bracket",
        .unit = "",
        .help = "I(T;Y) within bounds, or as the difference of bounds that is often plotted",
    },
};

const char *ip_kde_scale_name(size_t index)
{
    static const char *const names[] = {
        [IP_KDE_SCALE_NONE] = "none", [IP_KDE_SCALE_LAYER] = "layer"};
    return index < IP_LENGTH(names) ? names[index] : NULL;
}

const char *ip_kde_label_term_name(size_t index)
{
    static const char *const names[] = {
        [IP_KDE_BRACKET] = "bracket", [IP_KDE_DIFFERENCE] = "difference"};
    return index < IP_LENGTH(names) ? names[index] : NULL;
}

static const char *const sides[] = {"lower", "upper", NULL};

/* Both sides of a request need its variance and four times that; some requests share them. */
static size_t most_rungs(const ip_request *requests, size_t n)
{
    size_t most = 0;
    for (size_t k = 0; k < n; k++) {
        const ip_kde_options *one = requests[k].options;
        bool is_new = true;
        for (size_t other = 0; other < k; other++) {
            const ip_kde_options *earlier = requests[other].options;
            is_new =
                is_new && !(earlier->variance == one->variance && earlier->scale == one->scale);
        }
        most += is_new ? 2 : 0;
    }
    return most;
}

static size_t scratch_bytes(const ip_request *requests, size_t n, const ip_sample *sizes)
{
    ip_kde_ladder l;
    ip_cloud cloud;
    ip_cut at = {.bytes = ip_points_bytes(sizes)};
    ip_kde_cut(&at, most_rungs(requests, n), sizes, &l);
    ip_cloud_cut(&at, sizes, &cloud);
    return at.bytes;
}

/* The largest magnitude squared; 1 where all activations are 0, which no ruler tells apart. */
static double square_of_largest(const ip_sample *sample)
{
    const double largest = fmax(-sample->range[0], sample->range[1]);
    return largest > 0 ? largest * largest : 1;
}

/* Kept where its fourfold is another number. */
static double variance_of(const ip_kde_options *options, double scale)
{
    const double variance = options->variance * (options->scale == IP_KDE_SCALE_LAYER ? scale : 1);
    return fmin(fmax(variance, DBL_MIN), DBL_MAX / 8);
}

/* W K of n points with weights w, in bits: W log2 W - sum of w log2 of their sums. */
static double spread(size_t n, const double *w, const double *sums)
{
    double total = 0, k = 0;
    for (size_t i = 0; i < n; i++) {
        total += w[i];
        if (w[i] > 0)
            k -= w[i] * log2(sums[i]);
    }
    return total > 0 ? total * log2(total) + k : 0;
}

/* Overwrites the sums of the first label by those over all labels. */
static void bound_points(const ip_points *points, const ip_kde_ladder *l, ip_cloud *cloud)
{
    ip_cloud_take_points(points, cloud);
    ip_kde_sum_pairs(cloud, l);
    for (size_t r = 0; r < l->n; r++) {
        double *sums = l->pair_rungs[r].sums;
        for (size_t y = 0; y < cloud->blocks.c; y++) {
            const size_t at = y * cloud->blocks.stride;
            l->rungs[r].given_y += spread(cloud->n, cloud->w + at, sums + at) / points->total;
            for (size_t i = 0; y > 0 && i < cloud->n; i++)
                sums[i] += sums[at + i];
        }
        l->rungs[r].points = spread(cloud->n, cloud->w_all, sums) / points->total;
    }
}

/* Of the points of one input. */
static void bound_input(const ip_points *points, size_t x, const ip_kde_ladder *l, ip_cloud *cloud)
{
    ip_cloud_take_input(points, x, cloud);
    ip_kde_sum_pairs(cloud, l);
    for (size_t r = 0; r < l->n; r++)
        l->rungs[r].given_x += spread(cloud->n, cloud->w, l->pair_rungs[r].sums) / points->total;
}

static double within(double value, double most)
{
    return fmin(fmax(value, 0), most);
}

/* A difference of bounds may be below 0, but not by rounding. */
static double without_rounding(double value)
{
    return fabs(value) < 1e-13 ? 0 : value;
}

static void answer(const ip_request *request, const ip_sample *sample, const ip_points *points,
                   const ip_kde_ladder *l, double scale, ip_information *out)
{
    const ip_kde_options *options = request->options;
    const double variance = variance_of(options, scale);
    const ip_kde_rung *bounds[] = {ip_kde_find(l, 4 * variance), ip_kde_find(l, variance)};
    const ip_kde_rung *own = bounds[request->side];
    const ip_kde_rung *other = bounds[1 - request->side];
    assert(own != NULL && other != NULL);
    out->i_xt = within(own->points - other->given_x, points->h_x);
    out->i_ty = within(own->points - other->given_y, points->i_xy);
    if (options->label_term == IP_KDE_DIFFERENCE) {
        out->i_ty = without_rounding(own->points - own->given_y);
        out->flags |= IP_FLAG_NO_BOUND;
    }
    if (options->scale == IP_KDE_SCALE_LAYER)
        out->flags |= IP_FLAG_MOVING;
    else if (scale > 1)
        out->flags |= IP_FLAG_SCALE;
    out->flags |= IP_FLAG_ONE_LAYER | ip_points_limit(sample, points, variance);
}

static ip_status estimate(const ip_request *requests, size_t n, const ip_sample *sample,
                          void *scratch, ip_information *out, ip_error *err)
{
    (void)err;
    const ip_points points = ip_points_make(sample, scratch);
    const double scale = square_of_largest(sample);
    ip_kde_ladder l = {.n = 0};
    ip_cloud cloud = {.n = 0};
    ip_cut at = {scratch, ip_points_bytes(sample)};
    ip_kde_cut(&at, most_rungs(requests, n), sample, &l);
    ip_cloud_cut(&at, sample, &cloud);
    for (size_t k = 0; k < n; k++) {
        ip_kde_add(&l, variance_of(requests[k].options, scale));
        ip_kde_add(&l, 4 * variance_of(requests[k].options, scale));
    }
    ip_kde_link(&l);
    bound_points(&points, &l, &cloud);
    for (size_t x = 0; x < points.n_inputs; x++) {
        if (points.first[x + 1] - points.first[x] > 1)
            bound_input(&points, x, &l, &cloud);
    }
    for (size_t k = 0; k < n; k++)
        answer(&requests[k], sample, &points, &l, scale, &out[k]);
    return IP_OK;
}

const ip_estimator ip_estimator_kde = {
    .name = "kde",
    .summary = "bounds on the layer with Gaussian noise, by pairs of rows",
    .source = "Kolchinsky, Tracey, Entropy 19, 361 (2017)",
    .limits = "the variance is part of what is measured; label_term difference bounds nothing; "
              "scale layer follows the layer; O(n^2) time",
    .fields = fields,
    .n_fields = IP_LENGTH(fields),
    .options_size = sizeof(ip_kde_options),
    .row_ns = 100,
    .pair_ns = 10,
    .sides = sides,
    .scratch_bytes = scratch_bytes,
    .estimate = estimate,
};

static_assert(sizeof(ip_kde_options) <= IP_ESTIMATOR_OPTIONS_SIZE, "fits a measure's entry");
