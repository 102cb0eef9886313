/* test_estimator_ksg.c - KSG against closed forms, its known failures, and what never changes it
 *
 * A sampled value must lie within four standard deviations of the mean that brute force in NumPy
 * gave over 40 samples of 1000 rows of the same law; the mean of the seeds within four of its own
 * and of NumPy's together. Where the bias is small the closed form is as near. */
#include "neighbours_run.h"

enum { SEEDS = 5, NUMPY_SAMPLES = 40 };

static rows r, other;

/* Draws a row of X and T; p and q as the law has them. */
typedef void draw_row(ip_rng *rng, double p, double q, double *x, double *t);

static void draw_normal(ip_rng *rng, double rho, double q, double *x, double *t)
{
    (void)q;
    *x = ip_rng_normal(rng);
    *t = rho * *x + sqrt(1 - rho * rho) * ip_rng_normal(rng);
}

static void draw_uniform(ip_rng *rng, double e, double q, double *x, double *t)
{
    (void)q;
    *x = ip_rng_uniform(rng);
    *t = *x + e * (2 * ip_rng_uniform(rng) - 1);
}

/* Student's t of p degrees of freedom in 2q dimensions; information does not change when every
 * coordinate is bent by asinh, which spares the estimator the heavy tails. */
static void draw_student(ip_rng *rng, double p, double q, double *x, double *t)
{
    double chi_square = 0;
    for (int i = 0; i < (int)p; i++) {
        const double z = ip_rng_normal(rng);
        chi_square += z * z;
    }
    for (int i = 0; i < (int)q; i++) {
        x[i] = asinh(ip_rng_normal(rng) / sqrt(chi_square / p));
        t[i] = asinh(ip_rng_normal(rng) / sqrt(chi_square / p));
    }
}

static void draw(draw_row *row, double p, double q, size_t d, uint64_t seed)
{
    ip_rng rng = ip_rng_make(seed, IP_PURPOSE_TEST, 0);
    rows_clear(&r, RUN_N, d, d, 2);
    for (size_t i = 0; i < RUN_N; i++)
        row(&rng, p, q, r.x + i * d, r.t + i * d);
}

typedef struct law {
    draw_row *row;
    double p, q;
    size_t d;
    uint64_t k, variant;
    double truth;    /* closed form, bits */
    double mean, sd; /* of NumPy's samples */
    bool is_far;     /* the estimator is known to miss the truth */
} law;

static const law laws[] = {
    {draw_normal, 0, 0, 1, 4, 1, 0, 0, 0.03, false},
    {draw_normal, 0, 0, 1, 4, 2, 0, -0.003, 0.032, false},
    {draw_normal, 0.1, 0, 1, 4, 1, 0.00724978, 0.007, 0.0316, false},
    {draw_normal, 0.1, 0, 1, 4, 2, 0.00724978, 0.004, 0.0318, false},
    {draw_normal, 0.3, 0, 1, 4, 1, 0.06803078, 0.068, 0.0333, false},
    {draw_normal, 0.3, 0, 1, 4, 2, 0.06803078, 0.069, 0.0382, false},
    {draw_normal, 0.6, 0, 1, 4, 1, 0.32192809, 0.312, 0.04, false},
    {draw_normal, 0.6, 0, 1, 4, 2, 0.32192809, 0.330, 0.04, false},
    {draw_normal, 0.75, 0, 1, 4, 1, 0.59632254, 0.612, 0.0503, false},
    {draw_normal, 0.75, 0, 1, 4, 2, 0.59632254, 0.611, 0.0511, false},
    {draw_normal, 0.9, 0, 1, 4, 1, 1.19796434, 1.210, 0.058, false},
    {draw_normal, 0.9, 0, 1, 4, 2, 1.19796434, 1.211, 0.051, false},
    {draw_normal, 0.99, 0, 1, 4, 1, 2.82554388, 2.870, 0.06, false},
    {draw_normal, 0.99, 0, 1, 4, 2, 2.82554388, 2.837, 0.059, false},
    {draw_uniform, 0.1, 0, 1, 3, 1, 2.4661975989762586, 2.386, 0.040, false},
    {draw_uniform, 0.1, 0, 1, 3, 2, 2.4661975989762586, 2.394, 0.040, false},
    {draw_uniform, 0.75, 0, 1, 3, 1, 0.4808983469629878, 0.451, 0.045, false},
    {draw_uniform, 0.75, 0, 1, 3, 2, 0.4808983469629878, 0.449, 0.041, false},
    {draw_student, 1, 1, 1, 3, 1, 0.3234110068, 0.321, 0.049, false},
    {draw_student, 1, 1, 1, 3, 2, 0.3234110068, 0.308, 0.045, false},
    {draw_student, 2, 3, 3, 3, 1, 0.4197116151, 0.212, 0.037, true},
    {draw_student, 2, 3, 3, 3, 2, 0.4197116151, 0.226, 0.050, true},
};

static void known_laws(void)
{
    for (size_t l = 0; l < IP_LENGTH(laws); l++) {
        const law *of = &laws[l];
        double sum = 0;
        for (uint64_t seed = 1; seed <= SEEDS; seed++) {
            draw(of->row, of->p, of->q, of->d, 100 * l + seed);
            const ip_information seen = neighbours_run(&ip_estimator_ksg, of->k, of->variant, &r);
            CHECK_NEAR(seen.i_xt, of->mean, 4 * of->sd);
            CHECK(of->is_far || fabs(seen.i_xt - of->truth) <= 4 * of->sd);
            CHECK(isnan(seen.i_ty));
            CHECK(((seen.flags & IP_FLAG_NEGATIVE) != 0) == (seen.i_xt < 0));
            sum += seen.i_xt;
        }
        CHECK_NEAR(sum / SEEDS, of->mean, 4 * of->sd * sqrt(1.0 / SEEDS + 1.0 / NUMPY_SAMPLES));
    }
}

/* T = X: the truth is infinite, the value psi(n) - psi(k), 8.634 bits for 1000 rows and k = 3, and
 * flagged; one more bit for twice the rows. */
static void deterministic(void)
{
    draw(draw_normal, 0, 0, 1, 7);
    memcpy(r.t, r.x, sizeof r.t);
    const ip_information seen = neighbours_run(&ip_estimator_ksg, 3, 1, &r);
    CHECK_NEAR(seen.i_xt, 8.634, 0.0005);
    CHECK_COUNT(seen.flags, IP_FLAG_INVALID);
    r.sample.n = 500;
    CHECK_NEAR(seen.i_xt - neighbours_run(&ip_estimator_ksg, 3, 1, &r).i_xt, 1.0, 0.001);
}

/* Worked out by hand. Two rows and one neighbour: e = 2; one row is nearer in X and none in T. */
static void few_rows(void)
{
    rows_clear(&r, 2, 1, 1, 2);
    r.x[1] = 1;
    r.t[1] = 2;
    CHECK_NEAR(neighbours_run(&ip_estimator_ksg, 1, 1, &r).i_xt, 0, 1e-15);
    CHECK_NEAR(neighbours_run(&ip_estimator_ksg, 1, 2, &r).i_xt, 0, 1e-15);
    /* Three rows, T backwards, two neighbours: e = 2, 1, 2. In each space one row is nearer than 2
     * to the ends, and none nearer than 1 to the middle. */
    rows_clear(&r, 3, 1, 1, 2);
    memcpy(r.x, (double[]){0, 1, 2}, 3 * sizeof *r.x);
    memcpy(r.t, (double[]){0, -1, -2}, 3 * sizeof *r.t);
    /* psi(2) + psi(3) - (2 psi(2) + 2 psi(1) + 2 psi(2)) / 3 = 1/2 + 2/3 nats */
    CHECK_NEAR(neighbours_run(&ip_estimator_ksg, 2, 1, &r).i_xt, (1.0 / 2 + 2.0 / 3) / M_LN2,
               1e-15);
    /* Rectangles hold both others: psi(2) - 1/2 + psi(3) - 2 psi(2) = 0 nats */
    CHECK_NEAR(neighbours_run(&ip_estimator_ksg, 2, 2, &r).i_xt, 0, 1e-15);
}

/* All rows equal: e = 0, nothing is nearer than that. */
static void constant_layers(void)
{
    rows_clear(&r, 10, 1, 1, 2);
    const ip_information equal = neighbours_run(&ip_estimator_ksg, 3, 1, &r);
    /* psi(3) + psi(10) - 2 psi(1): H_2 + H_9 */
    CHECK_NEAR(equal.i_xt, (1.5 + 2.8289682539682539683) / M_LN2, 1e-14);
    CHECK_COUNT(equal.flags, IP_FLAG_INVALID | IP_FLAG_TIES | IP_FLAG_CEILING);
    for (size_t i = 0; i < 10; i++)
        r.x[i] = pow(3, (double)i); /* no ties of distances */
    for (uint64_t k = 1; k < 10; k++) {
        CHECK_NEAR(neighbours_run(&ip_estimator_ksg, k, 1, &r).i_xt, 0, 1e-14);
        CHECK_COUNT(neighbours_run(&ip_estimator_ksg, k, 1, &r).flags & IP_FLAG_TIES, IP_FLAG_TIES);
    }
}

static void flags(void)
{
    draw(draw_normal, 0.6, 0, 1, 8);
    r.x[1] = r.x[0]; /* one input, two activations: T does not follow from X */
    CHECK_COUNT(neighbours_run(&ip_estimator_ksg, 3, 1, &r).flags, IP_FLAG_TIES);
    r.t[1] = r.t[0];
    CHECK_COUNT(neighbours_run(&ip_estimator_ksg, 3, 1, &r).flags, IP_FLAG_TIES | IP_FLAG_INVALID);
    r.x[1] += 1e-9;
    CHECK_COUNT(neighbours_run(&ip_estimator_ksg, 3, 1, &r).flags, IP_FLAG_TIES | IP_FLAG_INVALID);
    r.t[2] = r.t[3] = 1;
    r.x[2] = r.x[3] = 1;
    r.t[1] = r.t[0] + 1e-9;
    r.x[1] = r.x[0];
    r.p_x[5] *= 2;
    CHECK_COUNT(neighbours_run(&ip_estimator_ksg, 3, 1, &r).flags, IP_FLAG_TIES | IP_FLAG_INVALID);
    r.sample.x = NULL;
    const ip_information unknown = neighbours_run(&ip_estimator_ksg, 3, 1, &r);
    CHECK(isnan(unknown.i_xt) && isnan(unknown.i_ty));
    CHECK_COUNT(unknown.flags, IP_FLAG_NOT_KNOWN);
}

static void refuses(uint64_t k, size_t n, const char *part)
{
    ip_information out;
    ip_error err = {0};
    r.sample.n = n;
    CHECK(neighbours_try(&ip_estimator_ksg, k, 1, &r.sample, &out, &err) == IP_ERR_NUMERIC);
    CHECK_HAS(err.text, part);
}

static void refusals(void)
{
    draw(draw_normal, 0.6, 0, 1, 9);
    refuses(1, 1, "k = 1 neighbours: expected more rows than that, saw 1");
    refuses(3, 2, "k = 3 neighbours: expected more rows than that, saw 2");
    refuses(3, 3, "saw 3");
    refuses(1000000, RUN_N, "k = 1000000 neighbours: expected more rows than that, saw 1000");
    r.sample.n = 4;
    CHECK(isfinite(neighbours_run(&ip_estimator_ksg, 3, 1, &r).i_xt));
    CHECK(isfinite(neighbours_run(&ip_estimator_ksg, 3, 2, &r).i_xt));
    r.x[2] = (double)NAN;
    refuses(3, 4, "input 2 of 4: expected a finite number");
}

/* Another order of the rows, X and T exchanged, all lengths doubled, a unit more that is constant
 * or a copy: the distances are the same, and so the value but for the order of the sum. */
static void same(uint64_t variant, double expected)
{
    CHECK_NEAR(neighbours_run(&ip_estimator_ksg, 3, variant, &other).i_xt, expected, 1e-12);
}

static void invariants(uint64_t variant)
{
    enum { N = 300, D = 2 };
    draw(draw_student, 3, 2, D, 11);
    r.sample.n = N;
    const double expected = neighbours_run(&ip_estimator_ksg, 3, variant, &r).i_xt;
    CHECK(neighbours_run(&ip_estimator_ksg, 3, variant, &r).i_xt == expected);
    rows_clear(&other, N, D, D, 2);
    for (size_t i = 0; i < N; i++) {
        memcpy(other.x + i * D, r.x + (N - 1 - i) * D, D * sizeof *r.x);
        memcpy(other.t + i * D, r.t + (N - 1 - i) * D, D * sizeof *r.t);
    }
    same(variant, expected);
    memcpy(other.x, r.t, sizeof r.t);
    memcpy(other.t, r.x, sizeof r.x);
    same(variant, expected);
    for (size_t i = 0; i < N * D; i++) {
        other.x[i] = 2 * r.x[i];
        other.t[i] = -2 * r.t[i];
    }
    same(variant, expected);
    rows_clear(&other, N, D, D + 2, 2);
    memcpy(other.x, r.x, sizeof r.x);
    for (size_t i = 0; i < N; i++)
        memcpy(other.t + i * (D + 2), (double[]){r.t[i * D], 5, r.t[i * D + 1], r.t[i * D]},
               (D + 2) * sizeof *r.t);
    same(variant, expected);
}

/* Several k and both variants at once give what each gives alone, to the bit. */
static void together(void)
{
    static const ip_neighbours_options options[] = {{3, 1}, {10, 2}, {1, 1}, {3, 2}};
    ip_request requests[4];
    ip_information out[4];
    ip_error err = {0};
    draw(draw_normal, 0.6, 0, 1, 12);
    for (size_t k = 0; k < 4; k++)
        requests[k] = (ip_request){&ip_estimator_ksg, &options[k], 0};
    void *scratch =
        aligned_alloc(64, (ip_estimate_scratch_bytes(requests, 4, &r.sample) + 63) / 64 * 64);
    CHECK(ip_estimate(requests, 4, &r.sample, scratch, out, &err) == IP_OK);
    for (size_t k = 0; k < 4; k++)
        CHECK(out[k].i_xt ==
              neighbours_run(&ip_estimator_ksg, options[k].k, options[k].variant, &r).i_xt);
    free(scratch);
}

int main(void)
{
    known_laws();
    deterministic();
    few_rows();
    constant_layers();
    flags();
    refusals();
    invariants(1);
    invariants(2);
    together();
    return check_finish();
}
