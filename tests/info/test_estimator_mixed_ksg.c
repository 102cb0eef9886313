/* test_estimator_mixed_ksg.c - neighbours with equal values, against closed forms, small samples by
 * hand, and what never changes the value
 *
 * A sampled value must lie within four standard deviations of the closed form and of the mean that
 * brute force in NumPy gave over 40 samples of 1000 rows of the same law; the mean of the seeds
 * within four of its own and of NumPy's together. */
#include "neighbours_run.h"

enum { SEEDS = 6, NUMPY_SAMPLES = 40 };

static rows r, other;

static ip_information mixed(uint64_t k, const rows *of)
{
    return neighbours_run(&ip_estimator_mixed_ksg, k, 1, of);
}

/* Fills row i. */
typedef void draw_row(ip_rng *rng, size_t i);

/* X and Y uniform on 0 .. 4, T uniform on [x, x + 2]. */
static void draw_steps(ip_rng *rng, size_t i)
{
    const uint32_t x = ip_rng_below(rng, 5);
    r.x[i] = x;
    r.t[i] = x + 2 * ip_rng_uniform(rng);
    rows_label(&r, i, x);
}

/* T normal around -1 and 1. */
static void draw_two(ip_rng *rng, size_t i)
{
    const uint32_t y = ip_rng_below(rng, 2);
    r.x[i] = y;
    r.t[i] = ip_rng_normal(rng) + 2.0 * y - 1;
    rows_label(&r, i, y);
}

static void draw_two_far(ip_rng *rng, size_t i)
{
    draw_two(rng, i);
    r.t[i] += 2 * r.x[i] - 1;
}

/* X exponential, T Poisson around it: in X a density, in T an atom each. */
static void draw_counts(ip_rng *rng, size_t i)
{
    r.x[i] = -log(ip_rng_uniform(rng));
    unsigned count = 0;
    for (double wait = -log(ip_rng_uniform(rng)); wait < r.x[i]; count++)
        wait -= log(ip_rng_uniform(rng));
    r.t[i] = count;
    rows_label(&r, i, 0);
}

/* The same, but 0 with probability 0.15. */
static void draw_inflated(ip_rng *rng, size_t i)
{
    draw_counts(rng, i);
    r.t[i] = ip_rng_uniform(rng) < 0.15 ? 0 : r.t[i];
}

/* A normal pair of correlation 0.6, which has no equals: as KSG. */
static void draw_normal(ip_rng *rng, size_t i)
{
    r.x[i] = ip_rng_normal(rng);
    r.t[i] = 0.6 * r.x[i] + 0.8 * ip_rng_normal(rng);
}

static void draw(draw_row *row, uint64_t seed)
{
    ip_rng rng = ip_rng_make(seed, IP_PURPOSE_TEST, 0);
    rows_clear(&r, RUN_N, 1, 1, 5);
    for (size_t i = 0; i < RUN_N; i++)
        row(&rng, i);
}

static const struct law {
    draw_row *row;
    uint64_t k;
    bool is_y; /* the value is I(T;Y) */
    double truth, mean, sd;
} laws[] = {
    {draw_steps, 5, false, 1.5219280948873626, 1.510, 0.016},
    {draw_steps, 5, true, 1.5219280948873626, 1.511, 0.022},
    {draw_two, 5, true, 0.48594415, 0.492, 0.027},
    {draw_two, 3, true, 0.48594415, 0.491, 0.029},
    {draw_two_far, 5, true, 0.91282229, 0.920, 0.0143},
    {draw_two_far, 3, true, 0.91282229, 0.915, 0.0151},
    {draw_counts, 3, false, 0.3012448 / M_LN2, 0.437, 0.034},
    {draw_counts, 5, false, 0.3012448 / M_LN2, 0.443, 0.041},
    {draw_inflated, 3, false, 0.2297759585 / M_LN2, 0.329, 0.034},
    {draw_inflated, 5, false, 0.2297759585 / M_LN2, 0.333, 0.031},
    {draw_normal, 4, false, 0.32192809, 0.334, 0.029},
};

static void known_laws(void)
{
    for (size_t l = 0; l < IP_LENGTH(laws); l++) {
        const struct law *of = &laws[l];
        double sum = 0;
        for (uint64_t seed = 1; seed <= SEEDS; seed++) {
            draw(of->row, 100 * l + seed);
            const ip_information seen = mixed(of->k, &r);
            const double bits = of->is_y ? seen.i_ty : seen.i_xt;
            CHECK_NEAR(bits, of->truth, 4 * of->sd);
            CHECK_NEAR(bits, of->mean, 4 * of->sd);
            sum += bits;
        }
        CHECK_NEAR(sum / SEEDS, of->mean, 4 * of->sd * sqrt(1.0 / SEEDS + 1.0 / NUMPY_SAMPLES));
    }
}

/* Worked out by hand. */
static void few_rows(void)
{
    /* Two symbols of five rows each, X = Y = T: ln 10 + psi(5) - 2 psi(5), psi(5) = 25/12 - gamma.
     */
    const double gamma = 0.57721566490153286061;
    rows_clear(&r, 10, 1, 1, 2);
    for (size_t i = 0; i < 10; i += 2) {
        r.x[i] = r.t[i] = 1e-3;
        rows_label(&r, i, 1);
    }
    const ip_information discrete = mixed(3, &r);
    CHECK_NEAR(discrete.i_xt, (log(10) - 25.0 / 12 + gamma) / M_LN2, 1e-14);
    CHECK_NEAR(discrete.i_ty, (log(10) - 25.0 / 12 + gamma) / M_LN2, 1e-14);
    CHECK_COUNT(discrete.flags, 0);
    rows_clear(&r, 4, 1, 1, 2);
    memcpy(r.t, (double[]){0, 10, 1, 12}, 4 * sizeof *r.t);
    rows_label(&r, 1, 1);
    rows_label(&r, 3, 1);
    /* k = 1: ln 4 + psi(1) - psi(2) - psi(1), psi(2) = 1 - gamma */
    CHECK_NEAR(mixed(1, &r).i_ty, (log(4) - 1 + gamma) / M_LN2, 1e-14);
    /* Labels of no more than k rows: ln 4 - psi(4), psi(4) = 11/6 - gamma, as if T was constant. */
    CHECK_NEAR(mixed(2, &r).i_ty, (log(4) - 11.0 / 6 + gamma) / M_LN2, 1e-14);
    CHECK_NEAR(mixed(3, &r).i_ty, (log(4) - 11.0 / 6 + gamma) / M_LN2, 1e-14);
    memset(r.t, 0, sizeof r.t);
    CHECK_NEAR(mixed(3, &r).i_ty, (log(4) - 11.0 / 6 + gamma) / M_LN2, 1e-14);
}

/* Of T = X: ln n - psi(k) in nats. What differs in every row is taken for a function of X unless it
 * is known to be none. */
static void ceiling(void)
{
    draw(draw_normal, 7);
    CHECK_COUNT(mixed(3, &r).flags, IP_FLAG_INVALID);
    r.sample.is_noisy = true;
    CHECK_COUNT(mixed(3, &r).flags, 0);
    r.sample.is_noisy = false;
    memcpy(r.t, r.x, sizeof r.t);
    const ip_information seen = mixed(3, &r);
    CHECK_NEAR(seen.i_xt, (log(RUN_N) - 0.92278433509846713939) / M_LN2, 1e-9);
    CHECK_COUNT(seen.flags, IP_FLAG_INVALID);
    for (size_t i = 0; i < RUN_N; i++)
        r.t[i] = r.t[i] > 0 ? 0 : 1; /* a bit of it is not */
    CHECK_COUNT(mixed(3, &r).flags, 0);
    CHECK_NEAR(mixed(3, &r).i_xt, 1, 0.1);
    draw(draw_normal, 7);
    r.x[1] = r.x[0]; /* nor what does not follow from X */
    CHECK_COUNT(mixed(3, &r).flags, 0);
}

static void flags(void)
{
    draw(draw_two, 8);
    CHECK_COUNT(mixed(3, &r).flags, 0);
    const double i_ty = mixed(3, &r).i_ty;
    r.sample.x = NULL;
    const ip_information unknown = mixed(3, &r);
    CHECK(isnan(unknown.i_xt) && unknown.i_ty == i_ty);
    CHECK_COUNT(unknown.flags, IP_FLAG_NOT_KNOWN);
    r.sample.x = r.x;
    r.p_x[7] *= 2;
    CHECK_COUNT(mixed(3, &r).flags, IP_FLAG_INVALID);
    r.p_x[7] = r.p_x[0];
    for (size_t i = 0; i < RUN_N; i++) { /* the lower one of equally probable labels */
        double *p = r.p_y + 5 * i;
        memcpy(p, p[0] == 1.0 ? (double[]){0.4, 0.4, 0, 0, 0.2} : (double[]){0, 0, 0.4, 0.3, 0.3},
               5 * sizeof *p);
    }
    CHECK(mixed(3, &r).i_ty == i_ty);
    CHECK_COUNT(mixed(3, &r).flags, IP_FLAG_INVALID);
}

static void refuses(size_t n, uint64_t k, const char *part)
{
    ip_information out;
    ip_error err = {0};
    r.sample.n = n;
    CHECK(neighbours_try(&ip_estimator_mixed_ksg, k, 1, &r.sample, &out, &err) == IP_ERR_NUMERIC);
    CHECK_HAS(err.text, part);
}

static void refusals(void)
{
    draw(draw_two, 9);
    refuses(1, 1, "k = 1 neighbours: expected more rows than that, saw 1");
    refuses(2, 3, "k = 3 neighbours: expected more rows than that, saw 2");
    refuses(3, 3, "saw 3");
    r.sample.n = 4;
    CHECK(isfinite(mixed(3, &r).i_xt) && isfinite(mixed(3, &r).i_ty));
    r.x[1] = (double)-INFINITY;
    refuses(4, 3, "input 1 of 4: expected a finite number, saw -inf");
}

/* Rows backwards, labels renamed, another scale, a constant unit and a copy more. */
static void invariants(void)
{
    draw(draw_steps, 10);
    for (size_t i = 0; i < RUN_N; i++)
        r.t[i] = r.t[i] < 2 ? 2 : r.t[i]; /* a rectified unit */
    const ip_information expected = mixed(3, &r);
    CHECK(mixed(3, &r).i_xt == expected.i_xt && mixed(3, &r).i_ty == expected.i_ty);
    rows_clear(&other, RUN_N, 1, 3, 5);
    for (size_t i = 0; i < RUN_N; i++) {
        const size_t from = RUN_N - 1 - i;
        other.x[i] = 1024 * r.x[from];
        const double t = -1024 * r.t[from];
        memcpy(other.t + 3 * i, (double[]){3, t, t}, 3 * sizeof t);
        rows_label(&other, i, 4 - (size_t)r.x[from]);
    }
    CHECK_NEAR(mixed(3, &other).i_xt, expected.i_xt, 1e-12);
    CHECK_NEAR(mixed(3, &other).i_ty, expected.i_ty, 1e-12);
}

int main(void)
{
    known_laws();
    few_rows();
    ceiling();
    flags();
    refusals();
    invariants();
    return check_finish();
}
