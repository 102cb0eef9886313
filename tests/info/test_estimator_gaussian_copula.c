/* test_estimator_gaussian_copula.c - normal variables of known information, and what ranks cannot
 * see
 *
 * A correlation estimated from n rows has a deviation of (1 - rho^2) / sqrt n, so its information
 * one of rho / (sqrt n ln 2) bits; and a bias of 1 / (2n) nats for each pair of units, up to a few
 * log n times that with ranks. */
#include "check.h"
#include "infoplane/random.h"
#include "sample_run.h"

enum { N = 20000 };
static double t[3 * N], x[2 * N], p_x[N], p_y[2 * N];
static const double ln_2 = 0.69314718055994530942;

/* n rows, equally likely, row i of class y[i % 2]; t (n, d) and x (n, d_x) are filled already. */
static ip_sample rows(size_t n, size_t d, size_t d_x)
{
    for (size_t i = 0; i < n; i++) {
        p_x[i] = 1.0 / (double)n;
        p_y[2 * i] = i % 2 == 0 ? 1.0 : 0.0;
        p_y[2 * i + 1] = 1.0 - p_y[2 * i];
    }
    return (ip_sample){
        .n = n, .d = d, .c = 2, .t = t, .p_x = p_x, .p_y_given_x = p_y, .d_x = d_x, .x = x};
}

static ip_information run(const ip_sample *sample)
{
    return sample_run(&ip_estimator_gaussian_copula, NULL, sample);
}

/* -1/2 log2(1 - rho^2), for one pair and for two independent ones. */
static void normal_variables(void)
{
    static const double known[][2] = {{0.0, 0.0},        {0.1, 0.00724978},  {0.3, 0.06803078},
                                      {0.6, 0.32192809}, {0.75, 0.59632254}, {0.9, 1.19796434},
                                      {0.99, 2.82554388}};
    for (size_t k = 0; k < IP_LENGTH(known); k++) {
        const double rho = known[k][0];
        const double allowed = 4.0 * rho / (sqrt(N) * ln_2) + 20.0 / N;
        ip_rng rng = ip_rng_make(5, IP_PURPOSE_TEST, k);
        for (size_t i = 0; i < 2 * N; i++) {
            x[i] = ip_rng_normal(&rng);
            t[i] = rho * x[i] + sqrt(1.0 - rho * rho) * ip_rng_normal(&rng);
        }
        const ip_sample one = rows(N, 1, 1);
        const ip_information seen = run(&one);
        CHECK_NEAR(seen.i_xt, known[k][1], allowed);
        CHECK_NEAR(seen.i_ty, 0.0, 20.0 / N);
        CHECK_COUNT(seen.flags, IP_FLAG_NO_BOUND);
        const ip_sample two = rows(N, 2, 2);
        CHECK_NEAR(run(&two).i_xt, 2.0 * known[k][1], 2.0 * allowed);
    }
}

/* Only ranks count: the same bits. */
static void monotone_units(void)
{
    ip_rng rng = ip_rng_make(6, IP_PURPOSE_TEST, 0);
    enum { n = 999 };
    for (size_t i = 0; i < 2 * n; i++) {
        x[i] = ip_rng_normal(&rng);
        t[i] = x[i] + ip_rng_normal(&rng);
    }
    const ip_sample sample = rows(n, 2, 2);
    const ip_information before = run(&sample);
    for (size_t i = 0; i < n; i++) {
        t[2 * i] = exp(t[2 * i]);
        t[2 * i + 1] = 5.0 + t[2 * i + 1] * t[2 * i + 1] * t[2 * i + 1];
        x[2 * i] = atan(x[2 * i]) / 7.0;
    }
    const ip_information after = run(&sample);
    CHECK(after.i_xt == before.i_xt && after.i_ty == before.i_ty);
    CHECK(after.i_xt > 0.5 && after.flags == before.flags);
}

/* t of two classes apart: each is half a normal, of variance 1 - 2 / pi. */
static void classes_apart(void)
{
    for (size_t i = 0; i < N; i++)
        t[i] = (double)i + (i % 2 == 0 ? 0.0 : 1e6);
    const ip_sample sample = rows(N, 1, 1);
    CHECK_NEAR(run(&sample).i_ty, -0.5 * log2(1.0 - 2.0 / 3.14159265358979324), 1e-3);
}

/* Two units whose correlation is rho in one class and -rho in the other: normal, uncorrelated as a
 * whole, so -1/2 log2(1 - rho^2). That passes H(Y) = 1 when rho is near 1. */
static void classes_by_correlation(void)
{
    static const double known[][2] = {{0.6, 0.32192809}, {0.9, 1.19796434}};
    for (size_t k = 0; k < 2; k++) {
        ip_rng rng = ip_rng_make(7, IP_PURPOSE_TEST, k);
        const double rho = known[k][0];
        for (size_t i = 0; i < N; i++) {
            t[2 * i] = ip_rng_normal(&rng);
            t[2 * i + 1] =
                (i % 2 == 0 ? rho : -rho) * t[2 * i] + sqrt(1.0 - rho * rho) * ip_rng_normal(&rng);
        }
        const ip_sample sample = rows(N, 2, 1);
        const ip_information seen = run(&sample);
        CHECK_NEAR(seen.i_ty, known[k][1], 4.0 * rho / (sqrt(N) * ln_2) + 20.0 / N);
        CHECK_COUNT(seen.flags & IP_FLAG_INVALID, k == 1 ? IP_FLAG_INVALID : 0);
    }
}

/* t is the product of two inputs and follows from them, but from neither alone: nothing is seen.
 * The bias of a pair is 3 / 2n nats here, as t^2 goes with x^2; ten times that. */
static void exclusive_or(void)
{
    ip_rng rng = ip_rng_make(8, IP_PURPOSE_TEST, 0);
    for (size_t i = 0; i < N; i++) {
        x[2 * i] = ip_rng_normal(&rng);
        x[2 * i + 1] = ip_rng_normal(&rng);
        t[i] = x[2 * i] * x[2 * i + 1];
    }
    const ip_sample sample = rows(N, 1, 2);
    CHECK_NEAR(run(&sample).i_xt, 0.0, 10.0 * 3.0 / (N * ln_2));
}

/* A constant unit and a copy add nothing; a copy of an input, or a class of one row, is infinite.
 */
static void singular(void)
{
    enum { n = 50 };
    static double one[n];
    ip_rng rng = ip_rng_make(9, IP_PURPOSE_TEST, 0);
    for (size_t i = 0; i < n; i++) {
        x[i] = ip_rng_normal(&rng);
        one[i] = x[i] + ip_rng_normal(&rng);
        t[3 * i] = one[i];
        t[3 * i + 1] = 4.0;
        t[3 * i + 2] = one[i];
    }
    ip_sample sample = rows(n, 3, 1);
    const ip_information three = run(&sample);
    sample.t = one;
    sample.d = 1;
    const ip_information alone = run(&sample);
    CHECK_NEAR(three.i_xt, alone.i_xt, 1e-12);
    CHECK_NEAR(three.i_ty, alone.i_ty, 1e-12);
    CHECK_COUNT(three.flags, IP_FLAG_NO_BOUND | IP_FLAG_TIES);
    CHECK_COUNT(alone.flags, IP_FLAG_NO_BOUND);
    sample.t = x;
    const ip_information copy = run(&sample);
    CHECK(isinf(copy.i_xt) && copy.i_xt > 0.0 && isfinite(copy.i_ty));
    CHECK_COUNT(copy.flags, IP_FLAG_NO_BOUND | IP_FLAG_INVALID);
    for (size_t i = 0; i < n; i++) {
        p_y[2 * i] = i == 3 ? 1.0 : 0.0;
        p_y[2 * i + 1] = 1.0 - p_y[2 * i];
    }
    sample.t = one;
    const ip_information lonely = run(&sample);
    CHECK(isinf(lonely.i_ty) && lonely.i_ty > 0.0 && isfinite(lonely.i_xt));
    CHECK_COUNT(lonely.flags, IP_FLAG_NO_BOUND | IP_FLAG_INVALID);
}

/* Two neighbours exchanged: finite, but more than the rows can tell apart. */
static void more_than_rows(void)
{
    enum { n = 50 };
    for (size_t i = 0; i < n; i++)
        t[i] = x[i] = (double)i;
    t[24] = 25.0;
    t[25] = 24.0;
    const ip_sample sample = rows(n, 1, 1);
    const ip_information seen = run(&sample);
    CHECK(isfinite(seen.i_xt) && seen.i_xt > log2(n));
    CHECK_COUNT(seen.flags, IP_FLAG_NO_BOUND | IP_FLAG_INVALID | IP_FLAG_CEILING);
}

/* Rows backwards, classes exchanged, a row without weight. */
static void other_order(void)
{
    enum { n = 60 };
    static double tt[n + 1], xx[n + 1], pp[n + 1], yy[2 * n + 2];
    ip_rng rng = ip_rng_make(10, IP_PURPOSE_TEST, 0);
    ip_sample sample = rows(n, 1, 1);
    for (size_t i = 0; i < n; i++) {
        const size_t j = n - 1 - i;
        xx[j] = x[i] = ip_rng_normal(&rng);
        tt[j] = t[i] = x[i] + ip_rng_normal(&rng);
        p_x[i] = pp[j] = (double)(i + 1) / (n * (n + 1) / 2);
        p_y[2 * i] = yy[2 * j + 1] = ip_rng_uniform(&rng);
        p_y[2 * i + 1] = yy[2 * j] = 1.0 - p_y[2 * i];
    }
    tt[n] = xx[n] = 0.5;
    yy[2 * n] = 1.0;
    ip_sample other = sample;
    other.n = n + 1;
    other.t = tt;
    other.x = xx;
    other.p_x = pp;
    other.p_y_given_x = yy;
    CHECK_NEAR(run(&other).i_xt, run(&sample).i_xt, 1e-12);
    CHECK_NEAR(run(&other).i_ty, run(&sample).i_ty, 1e-12);
}

/* One row; all rows alike; no inputs; equal rows of one input are no ties; an empty class. */
static void edges(void)
{
    const uint32_t x_id[] = {0, 0, 1, 2};
    t[0] = t[1] = x[0] = x[1] = 1.0;
    ip_sample sample = rows(1, 1, 1);
    CHECK_NEAR(run(&sample).i_xt, 0.0, 0.0);
    CHECK_NEAR(run(&sample).i_ty, 0.0, 0.0);
    sample = rows(2, 1, 1);
    CHECK_NEAR(run(&sample).i_xt, 0.0, 0.0);
    CHECK_NEAR(run(&sample).i_ty, 0.0, 0.0);
    CHECK_COUNT(run(&sample).flags, IP_FLAG_NO_BOUND | IP_FLAG_TIES);
    t[2] = x[2] = 2.0;
    t[3] = x[3] = -1.0;
    sample = rows(4, 1, 1);
    sample.x = NULL;
    sample.x_id = x_id;
    for (size_t i = 0; i < 4; i++) {
        p_y[2 * i] = 1.0;
        p_y[2 * i + 1] = 0.0;
    }
    const ip_information blind = run(&sample);
    CHECK(isnan(blind.i_xt));
    CHECK_NEAR(blind.i_ty, 0.0, 1e-12);
    CHECK_COUNT(blind.flags, IP_FLAG_NO_BOUND | IP_FLAG_NOT_KNOWN);
}

int main(void)
{
    normal_variables();
    monotone_units();
    classes_apart();
    classes_by_correlation();
    exclusive_or();
    singular();
    more_than_rows();
    other_order();
    edges();
    return check_finish();
}
