/* kernels.h - kernel matrices over some rows of a sample, a row at a time
 *
 * No (n, n) matrix is held. Values lie unit by unit, so that the loop over rows is the inner one.
 */
#ifndef INFO_KERNELS_H
#define INFO_KERNELS_H

#include <stddef.h>

typedef struct ip_kernel {
    size_t n, d;
    const double *v; /* (d, n) */
    double exponent; /* of Gaussian kernels, -1 / (2 width^2); NaN: inner product instead */
} ip_kernel;

/* K_ij = exp(-|v_i - v_j|^2 / (2 width^2)); width above 0, or 0 when all rows are equal. */
ip_kernel ip_kernel_gaussian(size_t n, size_t d, const double *v, double width);

/* K_ij = v_i . v_j / (|v_i| |v_j|); v is overwritten, no row of it is 0. */
ip_kernel ip_kernel_cosine(size_t n, size_t d, double *v);

/* row[j] = K_ij for j < i, and 1 for j = i. O(i d) time. */
void ip_kernel_row(const ip_kernel *kernel, size_t i, double *row);

/* Width by Scott's rule: N^(-1 / (4 + d)) times the mean over the units of their standard
 * deviation, where rows of weights p (n), which sum to 1, count as N = 1 / sum of p^2; n when they
 * are equal. Source: Scott, "Multivariate density estimation", Wiley 1992, section 6.3. */
double ip_kernel_scott_width(size_t n, size_t d, const double *v, const double *p);

#endif
