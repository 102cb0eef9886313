/* test_estimator_ross.c - Ross's estimator against closed forms, small samples by hand, and what
 * never changes it
 *
 * t given y is normal around +-a with deviation 1. A sampled value must lie within four standard
 * deviations of the closed form and of the mean that brute force in NumPy gave over 40 samples of
 * 1000 rows; the mean of the seeds within four of its own and of NumPy's together. */
#include "neighbours_run.h"

enum { SEEDS = 8, NUMPY_SAMPLES = 40 };

static rows r, other;

static void draw(double a, uint64_t seed)
{
    ip_rng rng = ip_rng_make(seed, IP_PURPOSE_TEST, 0);
    rows_clear(&r, RUN_N, 1, 1, 3);
    for (size_t i = 0; i < RUN_N; i++) {
        const uint32_t y = ip_rng_below(&rng, 2);
        rows_label(&r, i, y);
        r.t[i] = ip_rng_normal(&rng) + (y == 1 ? a : -a);
    }
}

static ip_information ross(uint64_t k, const rows *of)
{
    return neighbours_run(&ip_estimator_ross, k, 1, of);
}

static void known_laws(void)
{
    static const struct {
        double a, truth, mean, sd;
    } laws[] = {{1, 0.48594415, 0.490, 0.030}, {2, 0.91282229, 0.909, 0.018}};
    for (size_t l = 0; l < IP_LENGTH(laws); l++) {
        double sum = 0;
        for (uint64_t seed = 1; seed <= SEEDS; seed++) {
            draw(laws[l].a, seed);
            const ip_information seen = ross(3, &r);
            CHECK_NEAR(seen.i_ty, laws[l].truth, 4 * laws[l].sd);
            CHECK_NEAR(seen.i_ty, laws[l].mean, 4 * laws[l].sd);
            CHECK(isnan(seen.i_xt) && seen.flags == 0);
            sum += seen.i_ty;
        }
        CHECK_NEAR(sum / SEEDS, laws[l].mean,
                   4 * laws[l].sd * sqrt(1.0 / SEEDS + 1.0 / NUMPY_SAMPLES));
    }
}

/* Worked out by hand. Rows 0, 1 | 10, 12 | 100, whose label is alone and left out: N = 4. */
static void few_rows(void)
{
    rows_clear(&r, 5, 0, 1, 4);
    memcpy(r.t, (double[]){0, 100, 1, 10, 12}, 5 * sizeof *r.t);
    rows_label(&r, 1, 3);
    rows_label(&r, 3, 1);
    rows_label(&r, 4, 1);
    /* k_i = min(3, N_y - 1) = 1, m_i = 1: psi(4) + psi(1) - psi(2) - psi(1) = 1/2 + 1/3 nats */
    for (uint64_t k = 1; k < 5; k++)
        CHECK_NEAR(ross(k, &r).i_ty, (1.0 / 2 + 1.0 / 3) / M_LN2, 1e-15);
    r.t[4] = 30; /* 20 from 10, which has all others as near: m = 3 */
    /* psi(4) + psi(1) - psi(2) - (3 psi(1) + psi(3)) / 4 = 1/2 + 1/3 - (1 + 1/2) / 4 nats */
    CHECK_NEAR(ross(3, &r).i_ty, (11.0 / 24) / M_LN2, 1e-15);
    CHECK_COUNT(ross(3, &r).flags, 0);
    /* One label: no information, to the bit but for rounding. */
    rows_clear(&r, 6, 0, 1, 4);
    memcpy(r.t, (double[]){0, 1, 3, 7, 15, 31}, 6 * sizeof *r.t);
    for (uint64_t k = 1; k < 6; k++)
        CHECK_NEAR(ross(k, &r).i_ty, 0, 1e-15);
}

static void refuses(size_t n, uint64_t k, const char *part)
{
    ip_information out;
    ip_error err = {0};
    r.sample.n = n;
    CHECK(neighbours_try(&ip_estimator_ross, k, 1, &r.sample, &out, &err) == IP_ERR_NUMERIC);
    CHECK_HAS(err.text, part);
}

static void refusals(void)
{
    draw(1, 3);
    refuses(1, 1, "k = 1 neighbours: expected more rows than that, saw 1");
    refuses(2, 3, "k = 3 neighbours: expected more rows than that, saw 2");
    refuses(3, 3, "saw 3");
    r.sample.n = 4;
    CHECK(isfinite(ross(3, &r).i_ty));
}

static void flags(void)
{
    draw(1, 4);
    r.sample.x = NULL; /* not needed */
    CHECK_COUNT(ross(3, &r).flags, 0);
    r.t[5] = r.t[9];
    CHECK_COUNT(ross(3, &r).flags, IP_FLAG_TIES);
    draw(1, 4);
    r.p_x[7] *= 2;
    CHECK_COUNT(ross(3, &r).flags, IP_FLAG_INVALID);
    /* All rows equal: m_i = N - 1, psi(k) - <psi(N_y)> + psi(N) - psi(N - 1). */
    rows_clear(&r, 4, 0, 2, 2);
    rows_label(&r, 1, 1);
    rows_label(&r, 3, 1);
    CHECK_NEAR(ross(1, &r).i_ty, (1.0 / 3 - 1) / M_LN2, 1e-15);
    CHECK_COUNT(ross(1, &r).flags, IP_FLAG_TIES | IP_FLAG_NEGATIVE | IP_FLAG_INVALID);
    /* No two rows share a label. */
    rows_clear(&r, 3, 0, 1, 3);
    rows_label(&r, 1, 1);
    rows_label(&r, 2, 2);
    CHECK(isnan(ross(2, &r).i_ty));
    CHECK_COUNT(ross(2, &r).flags, IP_FLAG_NOT_KNOWN);
}

/* The most probable label counts, the lower one of equals. */
static void soft_labels(void)
{
    draw(1, 5);
    const double expected = ross(3, &r).i_ty;
    for (size_t i = 0; i < RUN_N; i++) {
        double *p = r.p_y + 3 * i;
        const bool is_first = p[0] == 1.0;
        memcpy(p, is_first ? (double[]){0.4, 0.4, 0.2} : (double[]){0.3, 0.5, 0.2}, 3 * sizeof *p);
    }
    const ip_information seen = ross(3, &r);
    CHECK(seen.i_ty == expected);
    CHECK_COUNT(seen.flags, IP_FLAG_INVALID);
}

/* Rows backwards, labels renamed, another scale, a constant unit and a copy more. */
static void invariants(void)
{
    draw(1, 6);
    const double expected = ross(3, &r).i_ty;
    CHECK(ross(3, &r).i_ty == expected);
    rows_clear(&other, RUN_N, 0, 3, 3);
    for (size_t i = 0; i < RUN_N; i++) {
        const size_t from = RUN_N - 1 - i;
        const double t = -1024 * r.t[from];
        memcpy(other.t + 3 * i, (double[]){3, t, t}, 3 * sizeof t);
        rows_label(&other, i, r.p_y[3 * from] == 1.0 ? 2 : 0);
    }
    CHECK_NEAR(ross(3, &other).i_ty, expected, 1e-12);
}

int main(void)
{
    known_laws();
    few_rows();
    refusals();
    flags();
    soft_labels();
    invariants();
    return check_finish();
}
