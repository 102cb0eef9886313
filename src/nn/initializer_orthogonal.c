/* initializer_orthogonal.c - a random orthogonal matrix
 *
 * What: the columns of a tall W, or the rows of a wide one, are orthonormal and uniformly
 * distributed: modified Gram-Schmidt on independent normal vectors, whose directions favour none.
 * In double precision its errors stay far below the rounding of W to float.
 * Source: Saxe, McClelland, Ganguli, ICLR 2014. Cost: O(short^2 long).
 * Checked by: tests/nn/test_initializers.c. */
#include "nn/tables.h"
#include <math.h>

static double dot(size_t n, const double *a, const double *b)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Takes from v its parts along the `count` orthonormal vectors at q. */
static void project_out(size_t n, size_t count, const double *q, double *v)
{
    for (size_t k = 0; k < count; k++, q += n) {
        const double part = dot(n, q, v);
        for (size_t i = 0; i < n; i++)
            v[i] -= part * q[i];
    }
}

static void normalise(size_t n, double *v)
{
    const double norm = sqrt(dot(n, v, v));
    for (size_t i = 0; i < n; i++)
        v[i] /= norm;
}

static void orthogonal(size_t n_in, size_t n_out, double sd, ip_rng *rng, double *scratch, float *w)
{
    (void)sd;
    const bool tall = n_in >= n_out;
    const size_t length = tall ? n_in : n_out;
    const size_t count = tall ? n_out : n_in;
    for (size_t k = 0; k < count; k++) {
        double *v = scratch + k * length;
        for (size_t i = 0; i < length; i++)
            v[i] = ip_rng_normal(rng);
        project_out(length, k, scratch, v);
        normalise(length, v);
    }
    for (size_t i = 0; i < n_in; i++)
        for (size_t j = 0; j < n_out; j++)
            w[i * n_out + j] = (float)scratch[tall ? j * length + i : i * length + j];
}

const ip_initializer ip_initializer_orthogonal = {
    .name = "orthogonal",
    .summary = "random orthonormal columns (rows, where fan_out is larger)",
    .source = "Saxe, McClelland, Ganguli, ICLR 2014",
    .fill = orthogonal,
};
