/* blas.c - the door to OpenBLAS: matrix product, eigenvalues, threads, names
 *
 * Cost of a product: 2 m n k operations; of eigenvalues: 4/3 n^3. Checked by:
 * tests/math/test_blas.c. */
#include "infoplane/matrix.h"
#include <assert.h>
#include <cblas.h>
#include <limits.h>
#include <stdio.h>

static blasint blas_count(size_t n)
{
    assert(n >= 1 && n <= INT_MAX);
    return (blasint)n;
}

void ip_mat_multiply(bool transpose_a, ip_cmat a, bool transpose_b, ip_cmat b, float beta, ip_mat c)
{
    const size_t k = transpose_a ? a.rows : a.cols;
    assert((transpose_a ? a.cols : a.rows) == c.rows);
    assert((transpose_b ? b.rows : b.cols) == c.cols);
    assert((transpose_b ? b.cols : b.rows) == k);
    assert(a.stride >= a.cols && b.stride >= b.cols && c.stride >= c.cols);
    cblas_sgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans,
                transpose_b ? CblasTrans : CblasNoTrans, blas_count(c.rows), blas_count(c.cols),
                blas_count(k), 1.0F, a.at, blas_count(a.stride), b.at, blas_count(b.stride), beta,
                c.at, blas_count(c.stride));
}

/* LAPACK as OpenBLAS holds it, which brings no header for it; the lengths of the two texts come
 * last, by the convention of Fortran compilers. */
void dsyevd_(const char *jobz, const char *uplo, const blasint *n, double *a, const blasint *lda,
             double *w, double *work, const blasint *lwork, blasint *iwork, const blasint *liwork,
             blasint *info, size_t jobz_length, size_t uplo_length);

/* 2 n + 1 are required; blocks of 32 columns, and it is done with matrix products. */
static size_t eigenvalues_work(size_t n)
{
    return 2 * n + 1 + 32 * n;
}

size_t ip_symmetric_eigenvalues_scratch_bytes(size_t n)
{
    return eigenvalues_work(n) * sizeof(double);
}

ip_status ip_symmetric_eigenvalues(size_t n, double *a, void *scratch, double *values,
                                   ip_error *err)
{
    const blasint order = blas_count(n);
    const blasint work = blas_count(eigenvalues_work(n));
    const blasint one = 1;
    blasint integer = 0;
    blasint info = 0;
    /* A lower triangle by rows is an upper one by columns. */
    dsyevd_("N", "U", &order, a, &order, values, scratch, &work, &integer, &one, &info, 1, 1);
    if (info != 0)
        return ip_fail(err, IP_ERR_NUMERIC, "expected %zu eigenvalues, saw dsyevd stop with %d", n,
                       (int)info);
    return IP_OK;
}

int ip_blas_threads(void)
{
    return openblas_get_num_threads();
}

const char *ip_blas_core(void)
{
    return openblas_get_corename();
}

const char *ip_blas_version(void)
{
    /* Asked of the library at run time, which may be newer than the header. Every call writes the
     * same bytes. */
    static char version[24];
    if (sscanf(openblas_get_config(), "OpenBLAS %23s", version) != 1)
        return "unknown";
    return version;
}

ip_status ip_blas_use_threads(uint64_t n, ip_error *err)
{
    assert(n >= 1 && n <= INT_MAX);
    openblas_set_num_threads((int)n);
    if (ip_blas_threads() != (int)n)
        return ip_fail(err, IP_ERR_SPEC, "expected OpenBLAS to use %d thread%s, saw %d", (int)n,
                       n == 1 ? "" : "s", ip_blas_threads());
    return IP_OK;
}
