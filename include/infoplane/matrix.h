/* matrix.h - views of row-major float matrices, the products training needs, and eigenvalues
 *
 * The one door to OpenBLAS. A view borrows its memory; rows lie stride elements apart. */
#ifndef INFOPLANE_MATRIX_H
#define INFOPLANE_MATRIX_H

#include "infoplane/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ip_mat {
    float *at;
    size_t rows, cols, stride;
} ip_mat;

typedef struct ip_cmat {
    const float *at;
    size_t rows, cols, stride;
} ip_cmat;

/* A dense view: stride = cols. */
static inline ip_mat ip_mat_view(float *at, size_t rows, size_t cols)
{
    return (ip_mat){at, rows, cols, cols};
}
static inline ip_cmat ip_cmat_view(const float *at, size_t rows, size_t cols)
{
    return (ip_cmat){at, rows, cols, cols};
}
static inline ip_cmat ip_mat_const(ip_mat m)
{
    return (ip_cmat){m.at, m.rows, m.cols, m.stride};
}

/* c = a b + beta c, with a or b transposed where asked. Shapes after transposition: a (m, k), b (k,
 * n), c (m, n), all at least 1; c overlaps neither. beta = 0 does not read c. Single precision, one
 * thread. */
void ip_mat_multiply(bool transpose_a, ip_cmat a, bool transpose_b, ip_cmat b, float beta,
                     ip_mat c);

/* Eigenvalues, ascending, of the symmetric matrix whose lower triangle stands in a (n, n),
 * row-major, finite, which is overwritten; n >= 1. Double precision, one thread; each errs by a
 * small multiple of 2^-53 times the largest. Errors: IP_ERR_NUMERIC when the iteration does not
 * converge. Source: LAPACK dsyevd. */
size_t ip_symmetric_eigenvalues_scratch_bytes(size_t n);
ip_status ip_symmetric_eigenvalues(size_t n, double *a, void *scratch, double *values,
                                   ip_error *err) IP_CHECKED;

/* Number of threads OpenBLAS would use, and the name of the core type it was tuned for: results of
 * ip_mat_multiply are the same bits only for equal names. ip_blas_version is "0.3.21". */
int ip_blas_threads(void);
const char *ip_blas_core(void);
const char *ip_blas_version(void);

/* Asks OpenBLAS for n >= 1 threads, for the whole process. Errors: IP_ERR_SPEC when it was
 * built for fewer. */
ip_status ip_blas_use_threads(uint64_t n, ip_error *err) IP_CHECKED;

#endif
