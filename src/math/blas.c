/* blas.c - the door to OpenBLAS: matrix product, threads, names
 *
 * Cost of a product: 2 m n k operations. Checked by: tests/math/test_blas.c. */
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

ip_status ip_blas_use_one_thread(ip_error *err)
{
    openblas_set_num_threads(1);
    if (ip_blas_threads() != 1)
        return ip_fail(err, IP_ERR_INTERNAL, "expected OpenBLAS to use 1 thread, saw %d",
                       ip_blas_threads());
    return IP_OK;
}
