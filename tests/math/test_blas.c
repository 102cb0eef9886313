/* test_blas.c - the matrix product against its definition, known eigenvalues, and what is known
 * about OpenBLAS */
#include "check.h"
#include "infoplane/matrix.h"
#include "infoplane/random.h"
#include <float.h>

enum { LONGEST = 70, PAD = 3, ROOM = LONGEST * (LONGEST + PAD) };

static float a[ROOM], b[ROOM], c[ROOM], before[ROOM];

static void fill_random(ip_rng *rng, float *at)
{
    for (size_t i = 0; i < ROOM; i++)
        at[i] = (float)(2.0 * ip_rng_uniform(rng) - 1.0);
}

/* Compares every element of one product with the sum that defines it. A float sum of k products,
 * in any order, plus beta c, errs by at most (k + 2) u times the sum of the absolute terms (Higham,
 * "Accuracy and stability of numerical algorithms", section 3.1), u = FLT_EPSILON / 2. */
static void check_product(size_t m, size_t n, size_t k, bool transpose_a, bool transpose_b,
                          float beta)
{
    const size_t a_stride = (transpose_a ? m : k) + PAD;
    const size_t b_stride = (transpose_b ? k : n) + PAD;
    const size_t c_stride = n + PAD;
    const ip_cmat a_view = {a, transpose_a ? k : m, transpose_a ? m : k, a_stride};
    const ip_cmat b_view = {b, transpose_b ? n : k, transpose_b ? k : n, b_stride};
    memcpy(c, before, sizeof c);
    ip_mat_multiply(transpose_a, a_view, transpose_b, b_view, beta, (ip_mat){c, m, n, c_stride});
    size_t wrong = 0;
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < n; j++) {
            const double kept = (double)beta * (double)before[i * c_stride + j];
            double sum = kept;
            double sum_abs = fabs(kept);
            for (size_t l = 0; l < k; l++) {
                const double term = (double)a[transpose_a ? l * a_stride + i : i * a_stride + l] *
                                    (double)b[transpose_b ? j * b_stride + l : l * b_stride + j];
                sum += term;
                sum_abs += fabs(term);
            }
            const double allowed = (double)(k + 2) * 0.5 * (double)FLT_EPSILON * sum_abs;
            wrong += !(fabs((double)c[i * c_stride + j] - sum) <= allowed);
        }
        for (size_t j = n; j < c_stride; j++)
            wrong += c[i * c_stride + j] != before[i * c_stride + j];
    }
    CHECK_REPORT(wrong == 0, "%zu wrong elements: m=%zu n=%zu k=%zu transposed %d %d beta=%g",
                 wrong, m, n, k, transpose_a, transpose_b, (double)beta);
}

static void every_shape_and_transposition(void)
{
    static const size_t lengths[] = {1, 2, 3, 7, 16, 33, LONGEST};
    const size_t count = sizeof lengths / sizeof lengths[0];
    ip_rng rng = ip_rng_make(1, IP_PURPOSE_TEST, 0);
    fill_random(&rng, a);
    fill_random(&rng, b);
    fill_random(&rng, before);
    for (size_t i = 0; i < count * count * count; i++)
        for (int transposed = 0; transposed < 4; transposed++)
            check_product(lengths[i % count], lengths[i / count % count],
                          lengths[i / count / count], transposed & 1, transposed >> 1,
                          i % 2 == 0 ? 0.0F : 0.5F);
}

static void zero_beta_ignores_what_was_there(void)
{
    const float one[] = {1.0F, 2.0F};
    float result[] = {NAN, INFINITY, NAN, NAN};
    ip_mat_multiply(false, ip_cmat_view(one, 2, 1), false, ip_cmat_view(one, 1, 2), 0.0F,
                    ip_mat_view(result, 2, 2));
    CHECK_NEAR((double)result[0], 1.0, 0.0);
    CHECK_NEAR((double)result[1], 2.0, 0.0);
    CHECK_NEAR((double)result[2], 2.0, 0.0);
    CHECK_NEAR((double)result[3], 4.0, 0.0);
}

static void not_a_number_spreads(void)
{
    const float zeros[] = {0.0F, 0.0F, 0.0F};
    const float bad[] = {1.0F, NAN, 1.0F};
    float result = 0.0F;
    ip_mat_multiply(false, ip_cmat_view(zeros, 1, 3), false, ip_cmat_view(bad, 3, 1), 0.0F,
                    ip_mat_view(&result, 1, 1));
    CHECK(isnan(result));
}

static void library_is_known_and_has_the_threads(void)
{
    ip_error err;
    for (int n = 2; n > 0; n--) {
        CHECK(ip_blas_use_threads((uint64_t)n, &err) == IP_OK);
        CHECK_COUNT(ip_blas_threads(), n);
    }
    CHECK(ip_blas_use_threads(1 << 20, &err) == IP_ERR_SPEC);
    CHECK_HAS(err.text, "1048576 threads");
    CHECK(ip_blas_use_threads(1, &err) == IP_OK);
    CHECK(strlen(ip_blas_core()) > 0);
    int major = -1;
    int minor = -1;
    CHECK_COUNT(sscanf(ip_blas_version(), "%d.%d", &major, &minor), 2);
    CHECK(major >= 0 && minor >= 0);
}

/* 2 on the diagonal and -1 beside it: 2 - 2 cos(k pi / (n + 1)). What stands above the diagonal is
 * not read. dsyevd errs by at most n u times the largest eigenvalue, here below 4. */
static void eigenvalues_of_a_chain(void)
{
    static const size_t sizes[] = {1, 2, 3, 31, 100, 200};
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        const size_t n = sizes[k];
        double *m = malloc(n * n * sizeof *m);
        double *values = malloc(n * sizeof *values);
        void *scratch = malloc(ip_symmetric_eigenvalues_scratch_bytes(n));
        ip_error err;
        if (m == NULL || values == NULL || scratch == NULL)
            exit(EXIT_FAILURE);
        for (size_t i = 0; i < n * n; i++) {
            const size_t row = i / n;
            const size_t column = i % n;
            m[i] = column > row        ? (double)NAN
                   : column == row     ? 2.0
                   : column + 1 == row ? -1.0
                                       : 0.0;
        }
        CHECK(ip_symmetric_eigenvalues(n, m, scratch, values, &err) == IP_OK);
        for (size_t i = 0; i < n; i++)
            CHECK_NEAR(values[i],
                       2.0 - 2.0 * cos((double)(i + 1) * 3.14159265358979324 / (double)(n + 1)),
                       4.0 * (double)n * DBL_EPSILON);
        free(m);
        free(values);
        free(scratch);
    }
}

int main(void)
{
    library_is_known_and_has_the_threads();
    every_shape_and_transposition();
    zero_beta_ignores_what_was_there();
    not_a_number_spreads();
    eigenvalues_of_a_chain();
    return check_finish();
}
