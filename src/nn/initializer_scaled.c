/* initializer_scaled.c - independent weights whose spread follows the layer's shape
 *
 * Checked by: tests/nn/test_initializers.c. */
#include "nn/tables.h"
#include <math.h>

static void fill_normal(size_t n, double sd, ip_rng *rng, float *w)
{
    for (size_t i = 0; i < n; i++)
        w[i] = (float)(sd * ip_rng_normal(rng));
}

/* Uniform on (-limit, limit), of deviation limit / sqrt 3. */
static void fill_uniform(size_t n, double limit, ip_rng *rng, float *w)
{
    for (size_t i = 0; i < n; i++)
        w[i] = (float)(limit * (2.0 * ip_rng_uniform(rng) - 1.0));
}

static double truncated_normal(ip_rng *rng)
{
    double z = ip_rng_normal(rng);
    while (fabs(z) > 2.0)
        z = ip_rng_normal(rng);
    return z;
}

static void lecun_truncated(size_t n_in, size_t n_out, double sd, ip_rng *rng, double *scratch,
                            float *w)
{
    (void)sd, (void)scratch;
    const double scale = sqrt(1.0 / (double)n_in);
    for (size_t i = 0; i < n_in * n_out; i++)
        w[i] = (float)(scale * truncated_normal(rng));
}

const ip_initializer ip_initializer_lecun_truncated = {
    .name = "lecun-truncated",
    .summary = "N(0, 1/fan_in), drawn again beyond 2 deviations, not rescaled",
    .source = "LeCun, Bottou, Orr, Mueller, Efficient BackProp, 1998; truncation as in "
              "Shwartz-Ziv, Tishby, 2017",
    .fill = lecun_truncated,
};

static void glorot_uniform(size_t n_in, size_t n_out, double sd, ip_rng *rng, double *scratch,
                           float *w)
{
    (void)sd, (void)scratch;
    fill_uniform(n_in * n_out, sqrt(6.0 / (double)(n_in + n_out)), rng, w);
}

const ip_initializer ip_initializer_glorot_uniform = {
    .name = "glorot-uniform",
    .summary = "uniform on +-sqrt(6 / (fan_in + fan_out))",
    .source = "Glorot, Bengio, AISTATS 2010",
    .fill = glorot_uniform,
};

static void glorot_normal(size_t n_in, size_t n_out, double sd, ip_rng *rng, double *scratch,
                          float *w)
{
    (void)sd, (void)scratch;
    fill_normal(n_in * n_out, sqrt(2.0 / (double)(n_in + n_out)), rng, w);
}

const ip_initializer ip_initializer_glorot_normal = {
    .name = "glorot-normal",
    .summary = "N(0, 2 / (fan_in + fan_out))",
    .source = "Glorot, Bengio, AISTATS 2010",
    .fill = glorot_normal,
};

static void he_uniform(size_t n_in, size_t n_out, double sd, ip_rng *rng, double *scratch, float *w)
{
    (void)sd, (void)scratch;
    fill_uniform(n_in * n_out, sqrt(6.0 / (double)n_in), rng, w);
}

const ip_initializer ip_initializer_he_uniform = {
    .name = "he-uniform",
    .summary = "uniform on +-sqrt(6 / fan_in)",
    .source = "He, Zhang, Ren, Sun, ICCV 2015",
    .fill = he_uniform,
};

static void he_normal(size_t n_in, size_t n_out, double sd, ip_rng *rng, double *scratch, float *w)
{
    (void)sd, (void)scratch;
    fill_normal(n_in * n_out, sqrt(2.0 / (double)n_in), rng, w);
}

const ip_initializer ip_initializer_he_normal = {
    .name = "he-normal",
    .summary = "N(0, 2 / fan_in)",
    .source = "He, Zhang, Ren, Sun, ICCV 2015",
    .fill = he_normal,
};

static void normal(size_t n_in, size_t n_out, double sd, ip_rng *rng, double *scratch, float *w)
{
    (void)scratch;
    fill_normal(n_in * n_out, sd, rng, w);
}

const ip_initializer ip_initializer_normal = {
    .name = "normal",
    .summary = "N(0, sd^2) with initializer_sd as given",
    .source = "Rumelhart, Hinton, Williams, Nature 323, 1986",
    .needs_sd = true,
    .fill = normal,
};
