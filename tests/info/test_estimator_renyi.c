/* test_estimator_renyi.c - spectra known in closed form, and what must not change a value
 *
 * Labels that all differ make I(T;Y) the entropy of T alone: S(Y) and S(T,Y) are log2 n then.
 * Within 1e-12 for sums of squares; the spectrum errs by some n u, divided by 1 - alpha: 1e-10. */
#include "check.h"
#include "infoplane/random.h"
#include "sample_run.h"

enum { MAX_N = 1040, MAX_D = 5, MAX_C = 600 };
static double t[MAX_N * MAX_D], x[MAX_N * MAX_D], p_x[MAX_N], p_y[MAX_N * MAX_C];

static const double alphas[] = {2.0, 1.01, 0.5};
static const double tolerances[] = {1e-12, 1e-10, 1e-10};

static ip_renyi_options with_width(double alpha, double width)
{
    return (ip_renyi_options){.alpha = alpha, .width = width, .width_x = width, .rows = 512};
}

/* n rows of one unit, equally likely, labels all different; t and x are left to be filled. */
static ip_sample rows(size_t n)
{
    memset(p_y, 0, n * n * sizeof *p_y);
    for (size_t i = 0; i < n; i++) {
        p_x[i] = 1.0 / (double)n;
        p_y[i * n + i] = 1.0;
    }
    return (ip_sample){
        .n = n, .d = 1, .c = n, .t = t, .p_x = p_x, .p_y_given_x = p_y, .d_x = 1, .x = x};
}

static ip_information run(ip_renyi_options options, const ip_sample *sample)
{
    return sample_run(&ip_estimator_renyi, &options, sample);
}

/* Two rows with kernel 1/2: eigenvalues 3/4 and 1/4. With x = t the product is 1/4. */
static void two_rows(void)
{
    static const double entropy[] = {0.678071905112637652, 0.809648684927437180,
                                     0.899968626952991753};
    const ip_sample sample = rows(2);
    t[0] = x[0] = 3.0;
    t[1] = x[1] = 3.0 + sqrt(2.0 * log(2.0));
    for (size_t k = 0; k < IP_LENGTH(alphas); k++) {
        const ip_information seen = run(with_width(alphas[k], 1.0), &sample);
        CHECK_NEAR(seen.i_ty, entropy[k], tolerances[k]);
        CHECK_COUNT(seen.flags, IP_FLAG_SCALE);
    }
    CHECK_NEAR(run(with_width(2.0, 1.0), &sample).i_xt, 2.0 * entropy[0] + log2((1.0 + 0.0625) / 2),
               1e-12);
}

/* Two rows at -1 and 1: deviation 1, width 2^(-1/5). Value computed outside. */
static void scott_width(void)
{
    const ip_sample sample = rows(2);
    t[0] = x[0] = -1.0;
    t[1] = x[1] = 1.0;
    const ip_information seen = run(with_width(2.0, (double)NAN), &sample);
    CHECK_NEAR(seen.i_ty, 0.992657416679551953, 1e-12);
    CHECK(seen.flags == (IP_FLAG_MOVING | IP_FLAG_CEILING));
}

/* (.8, .2) and (.5, .5): their cosine is .5 / sqrt(.34). T and Y apart: I = S(Y). */
static void soft_labels(void)
{
    ip_sample sample = rows(2);
    const double soft[] = {0.8, 0.2, 0.5, 0.5};
    sample.p_y_given_x = soft;
    t[0] = 0.0;
    t[1] = 100.0;
    CHECK_NEAR(run(with_width(2.0, 1.0), &sample).i_ty, 1.0 - log2(1.0 + 0.25 / 0.34), 1e-12);
}

static void clusters(void)
{
    for (size_t k = 0; k < IP_LENGTH(alphas); k++) {
        const ip_sample sample = rows(64);
        for (size_t i = 0; i < 64; i++)
            t[i] = x[i] = 5.0;
        CHECK_NEAR(run(with_width(alphas[k], (double)NAN), &sample).i_ty, 0.0, tolerances[k]);
        CHECK_NEAR(run(with_width(alphas[k], (double)NAN), &sample).i_xt, 0.0, tolerances[k]);
        for (size_t i = 0; i < 64; i++)
            t[i] = x[i] = i % 2 == 0 ? -40.0 : 40.0;
        const ip_information two = run(with_width(alphas[k], 1.0), &sample);
        CHECK_NEAR(two.i_ty, 1.0, tolerances[k]);
        CHECK_NEAR(two.i_xt, 1.0, tolerances[k]);
        CHECK_COUNT(two.flags, IP_FLAG_SCALE);
        for (size_t i = 0; i < 64; i++)
            t[i] = x[i] = 40.0 * (double)i;
        const ip_information apart = run(with_width(alphas[k], 1.0), &sample);
        CHECK_NEAR(apart.i_xt, 6.0, tolerances[k]);
        CHECK_NEAR(apart.i_ty, 6.0, tolerances[k]);
        CHECK_COUNT(apart.flags, IP_FLAG_SCALE | IP_FLAG_CEILING);
    }
}

/* More rows than may be: 512 are drawn, without repeating one, by seed and place; not for alpha 2.
 */
static void drawn_rows(void)
{
    ip_sample sample = rows(600);
    for (size_t i = 0; i < 600; i++)
        t[i] = x[i] = 40.0 * (double)i;
    const ip_information apart = run(with_width(1.01, 1.0), &sample);
    CHECK_NEAR(apart.i_ty, 9.0, 1e-9);
    CHECK_COUNT(apart.flags, IP_FLAG_SCALE | IP_FLAG_CEILING);
    CHECK_NEAR(run(with_width(2.0, 1.0), &sample).i_ty, log2(600), 1e-12);
    ip_rng rng = ip_rng_make(3, IP_PURPOSE_TEST, 0);
    for (size_t i = 0; i < 600; i++)
        t[i] = ip_rng_normal(&rng);
    const double first = run(with_width(1.01, 1.0), &sample).i_ty;
    CHECK(run(with_width(1.01, 1.0), &sample).i_ty == first);
    sample.place = 1;
    CHECK(run(with_width(1.01, 1.0), &sample).i_ty != first);
    sample.place = 0;
    sample.seed = 1;
    const double other = run(with_width(1.01, 1.0), &sample).i_ty;
    CHECK(other != first);
    CHECK_NEAR(other, first, 0.2); /* 512 of the same 600 rows */
}

/* A layer of random numbers with soft or certain labels, and weights. */
static ip_sample random_layer(unsigned round)
{
    ip_rng rng = ip_rng_make(4, IP_PURPOSE_TEST, round);
    const size_t n = 1 + ip_rng_below(&rng, 60);
    const size_t c = 3;
    double sum = 0.0;
    for (size_t i = 0; i < n * 2; i++) {
        t[i] = tanh(2.0 * ip_rng_normal(&rng));
        x[i] = ip_rng_normal(&rng);
    }
    for (size_t i = 0; i < n; i++) {
        sum += p_x[i] = round % 2 == 0 ? 1.0 : ip_rng_uniform(&rng);
        const double q = ip_rng_uniform(&rng);
        const double soft[] = {q / 2, q / 2, 1 - q};
        for (size_t y = 0; y < c; y++)
            p_y[i * c + y] = round % 3 == 0 ? (double)(y == i % c) : soft[y];
    }
    for (size_t i = 0; i < n; i++)
        p_x[i] /= sum;
    return (ip_sample){
        .n = n, .d = 2, .c = c, .t = t, .p_x = p_x, .p_y_given_x = p_y, .d_x = 2, .x = x};
}

static void same(ip_information seen, ip_information expected, double tolerance)
{
    CHECK_NEAR(seen.i_xt, expected.i_xt, tolerance);
    CHECK_NEAR(seen.i_ty, expected.i_ty, tolerance);
    CHECK_COUNT(seen.flags, expected.flags);
}

/* Backwards: rows and classes. */
static void other_order(const ip_sample *s, ip_renyi_options options, double tolerance)
{
    static double tt[MAX_N * MAX_D], xx[MAX_N * MAX_D], pp[MAX_N], yy[MAX_N * 3];
    for (size_t i = 0; i < s->n; i++) {
        const size_t j = s->n - 1 - i;
        pp[j] = s->p_x[i];
        for (size_t k = 0; k < 2; k++) {
            tt[2 * j + k] = s->t[2 * i + k];
            xx[2 * j + k] = s->x[2 * i + k];
        }
        for (size_t y = 0; y < 3; y++)
            yy[3 * j + 2 - y] = s->p_y_given_x[3 * i + y];
    }
    ip_sample other = *s;
    other.t = tt;
    other.x = xx;
    other.p_x = pp;
    other.p_y_given_x = yy;
    same(run(options, &other), run(options, s), tolerance);
}

/* Each row twice with half its weight, a unit more that is constant, and a row without weight:
 * nothing changes at a fixed width. */
static void other_rows(const ip_sample *s, ip_renyi_options options, double tolerance)
{
    static double tt[MAX_N * MAX_D], xx[MAX_N * MAX_D], pp[MAX_N], yy[MAX_N * 3];
    ip_sample other = *s;
    other.n = 2 * s->n + 1;
    other.d = 3;
    for (size_t j = 0; j < other.n; j++) {
        const size_t i = j % s->n;
        pp[j] = j + 1 < other.n ? s->p_x[i] / 2 : 0.0;
        tt[3 * j + 1] = 7.0;
        for (size_t k = 0; k < 2; k++) {
            tt[3 * j + 2 * k] = s->t[2 * i + k] + (j + 1 < other.n ? 0.0 : 3.0);
            xx[2 * j + k] = s->x[2 * i + k];
        }
        memcpy(yy + 3 * j, s->p_y_given_x + 3 * i, 3 * sizeof *yy);
    }
    other.t = tt;
    other.x = xx;
    other.p_x = pp;
    other.p_y_given_x = yy;
    const ip_information seen = run(options, &other);
    CHECK_NEAR(seen.i_xt, run(options, s).i_xt, tolerance);
    CHECK_NEAR(seen.i_ty, run(options, s).i_ty, tolerance);
}

/* Twice the rows have twice the zero eigenvalues, whose rounding alpha 1/2 counts at sqrt(n u), as
 * in the comparison with NumPy. */
static void properties(void)
{
    static const double doubled[] = {1e-12, 1e-9, 1e-5};
    for (unsigned round = 0; round < 30; round++) {
        const ip_sample sample = random_layer(round);
        const size_t k = round % IP_LENGTH(alphas);
        other_order(&sample, with_width(alphas[k], 0.4), doubled[k]);
        other_order(&sample, with_width(alphas[k], (double)NAN), doubled[k]);
        other_rows(&sample, with_width(alphas[k], 0.4), doubled[k]);
    }
}

static void edges(void)
{
    ip_sample sample = rows(1);
    t[0] = x[0] = 2.0;
    for (size_t k = 0; k < IP_LENGTH(alphas); k++) {
        const ip_information one = run(with_width(alphas[k], (double)NAN), &sample);
        CHECK_NEAR(one.i_xt, 0.0, 0.0);
        CHECK_NEAR(one.i_ty, 0.0, 0.0);
        CHECK_COUNT(one.flags, IP_FLAG_MOVING);
    }
    sample = rows(2);
    t[0] = 0.0;
    t[1] = 1e-6;
    sample.x = NULL;
    const ip_information blind = run(with_width(1.01, 1e-200), &sample);
    CHECK(isnan(blind.i_xt));
    CHECK_NEAR(blind.i_ty, 1.0, 1e-10);
    CHECK_COUNT(blind.flags, IP_FLAG_NOT_KNOWN | IP_FLAG_CEILING);
    CHECK_NEAR(run(with_width(1.01, 1e100), &sample).i_ty, 0.0, 1e-10);
    t[1] = 1e200;
    ip_renyi_options options = with_width(2.0, (double)NAN);
    ip_information out;
    ip_error err;
    CHECK(sample_try(&ip_estimator_renyi, &options, &sample, &out, &err) == IP_ERR_NUMERIC);
    CHECK_HAS(err.text, "standard deviations below 1e150");
}

static void parameters(void)
{
    ip_renyi_options options = {0};
    ip_error err;
    ip_fields_set_defaults(ip_estimator_renyi.fields, ip_estimator_renyi.n_fields, &options);
    CHECK(options.alpha == 2.0 && isnan(options.width) && isnan(options.width_x));
    CHECK_COUNT(options.rows, 512);
    CHECK(ip_estimator_renyi.check(&options, &err) == IP_OK);
    options.alpha = 1.0;
    CHECK(ip_estimator_renyi.check(&options, &err) == IP_ERR_SPEC);
    CHECK_STR(err.key, "alpha");
    const ip_field *alpha =
        ip_fields_find(ip_estimator_renyi.fields, ip_estimator_renyi.n_fields, "alpha");
    CHECK(ip_field_read(alpha, "0", false, &options.alpha, &err) == IP_ERR_SPEC);
}

/* Beside another estimator's: each is sized by its own options. */
static void scratch_of_two(void)
{
    const ip_binning_options binning = {.bins = 30, .range = {2, {-1.0, 1.0}}};
    const ip_renyi_options options = with_width(1.01, 1.0);
    const ip_request both[] = {{&ip_estimator_renyi, &options, 0},
                               {&ip_estimator_binning, &binning, 0}};
    const ip_sample sizes = {.n = 100, .d = 3, .c = 2, .d_x = 4};
    const size_t together = ip_estimate_scratch_bytes(both, 2, &sizes);
    CHECK(together >= ip_estimate_scratch_bytes(&both[0], 1, &sizes));
    CHECK(together >= ip_estimate_scratch_bytes(&both[1], 1, &sizes));
    CHECK(together <= ip_estimate_scratch_bytes(&both[0], 1, &sizes) +
                          ip_estimate_scratch_bytes(&both[1], 1, &sizes));
}

int main(void)
{
    two_rows();
    scott_width();
    soft_labels();
    clusters();
    drawn_rows();
    properties();
    edges();
    parameters();
    scratch_of_two();
    return check_finish();
}
