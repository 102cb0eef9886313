/* kernels.c - rows of kernel matrices, and the width of a Gaussian one */
#include "info/kernels.h"
#include <math.h>
#include <stdbool.h>
#include <string.h>

ip_kernel ip_kernel_gaussian(size_t n, size_t d, const double *v, double width)
{
    return (ip_kernel){n, d, v, -0.5 / (width * width)};
}

ip_kernel ip_kernel_cosine(size_t n, size_t d, double *v)
{
    for (size_t i = 0; i < n; i++) {
        double squares = 0.0;
        for (size_t k = 0; k < d; k++)
            squares += v[k * n + i] * v[k * n + i];
        for (size_t k = 0; k < d; k++)
            v[k * n + i] /= sqrt(squares);
    }
    return (ip_kernel){n, d, v, (double)NAN};
}

static void add_products(size_t n, const double *v, double v_i, double *row)
{
    for (size_t j = 0; j < n; j++)
        row[j] += v_i * v[j];
}

static void add_squares(size_t n, const double *v, double v_i, double *row)
{
    for (size_t j = 0; j < n; j++)
        row[j] += (v_i - v[j]) * (v_i - v[j]);
}

void ip_kernel_row(const ip_kernel *kernel, size_t i, double *row)
{
    const bool is_gaussian = !isnan(kernel->exponent);
    memset(row, 0, i * sizeof *row);
    for (size_t k = 0; k < kernel->d; k++) {
        const double *v = kernel->v + k * kernel->n;
        if (is_gaussian)
            add_squares(i, v, v[i], row);
        else
            add_products(i, v, v[i], row);
    }
    for (size_t j = 0; j < i && is_gaussian; j++)
        row[j] = row[j] > 0.0 ? exp(kernel->exponent * row[j]) : 1.0;
    row[i] = 1.0;
}

static double deviation(size_t n, const double *v, const double *p)
{
    double mean = 0.0;
    double variance = 0.0;
    for (size_t i = 0; i < n; i++)
        mean += p[i] * v[i];
    for (size_t i = 0; i < n; i++)
        variance += p[i] * (v[i] - mean) * (v[i] - mean);
    return sqrt(variance);
}

double ip_kernel_scott_width(size_t n, size_t d, const double *v, const double *p)
{
    double squares = 0.0;
    double deviations = 0.0;
    for (size_t i = 0; i < n; i++)
        squares += p[i] * p[i];
    for (size_t k = 0; k < d; k++)
        deviations += deviation(n, v + k * n, p);
    return pow(squares, 1.0 / (4.0 + (double)d)) * deviations / (double)d;
}
