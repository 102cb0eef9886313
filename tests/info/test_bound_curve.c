/* test_bound_curve.c - the bottleneck's curve where it is known
 *
 * Known: closed forms, and points computed outside this program whose optimality was certified
 * there. */
#include "bound_tasks.h"
#include <time.h>

typedef struct known {
    double beta, i_xt, i_ty;
    size_t clusters; /* 0: not said */
} known;

static double worst_error, worst_gap;

static void check_point(const ip_bound_point *point, const known *expected)
{
    CHECK_NEAR(point->i_xt, expected->i_xt, 1e-9);
    CHECK_NEAR(point->i_ty, expected->i_ty, 1e-9);
    CHECK(point->gap >= 0.0 && point->gap < 1e-11);
    CHECK(point->beta == expected->beta);
    if (expected->clusters > 0)
        CHECK_COUNT(point->clusters, expected->clusters);
    worst_error = fmax(worst_error, fabs(point->i_xt - expected->i_xt));
    worst_error = fmax(worst_error, fabs(point->i_ty - expected->i_ty));
    worst_gap = fmax(worst_gap, point->gap);
}

/* Each alone, and all at once in falling order. */
static void check_curve(const ip_bound_task *task, size_t n, const known *expected, bool proven)
{
    ip_arena arena = {0};
    ip_bound_point points[32];
    double betas[32] = {0.0};
    for (size_t i = 0; i < n; i++) {
        const ip_bound_point point = point_at(task, expected[i].beta, &arena);
        check_point(&point, &expected[i]);
        CHECK(point.proven == proven);
        betas[n - 1 - i] = expected[i].beta;
    }
    MUST(ip_bound_curve(task, n, betas, &arena, points, err));
    for (size_t i = 0; i < n; i++)
        check_point(&points[n - 1 - i], &expected[i]);
    ip_arena_release(&arena);
}

/* ---- closed forms ---- */

static void symmetric_binary(void)
{
    static const known points[] = {
        {0, 0, 0, 1},
        {1, 0, 0, 1},
        {1.5, 0, 0, 1},
        {1.6, 0.12872253166506745, 0.08144605238774037, 2},
        {1.7, 0.3666016899640928, 0.22602757531651427, 2},
        {2, 0.696432729037296, 0.40723383363894305, 2},
        {3, 0.9489508285366125, 0.5165951586356692, 2},
        {5, 0.9978372900957595, 0.5306159587128935, 2},
        {8, 0.9999830203138163, 0.5310024248599975, 2},
        {20, 0.999999999999972, 0.5310044064107176, 2},
        {1e8, 1, 0.5310044064107188, 2},
    };
    ip_arena arena = {0};
    ip_bound_onset onset;
    const ip_bound_task task = make_task(2, 2, NULL, (double[]){0.9, 0.1, 0.1, 0.9}, &arena);
    check_curve(&task, IP_LENGTH(points), points, true);
    MUST(ip_bound_find_onset(&task, &arena, &onset, err));
    CHECK_NEAR(onset.local, 1.5625, 1e-12);
    CHECK_NEAR(onset.global, 1.5625, 1e-9);
    CHECK(onset.proven);
    ip_arena_release(&arena);
}

/* At beta = ln((1-q)/q) / ((1-2 alpha) ln((1-s)/s)), s = q * alpha, near the critical 1.5625 too.
 */
static void symmetric_binary_formula(void)
{
    ip_arena arena = {0};
    const double alpha = 0.1;
    const ip_bound_task task = make_task(2, 2, NULL, (double[]){0.9, 0.1, 0.1, 0.9}, &arena);
    for (double q = 0.02; q < 0.48; q += 0.05) {
        const double s = q * (1 - alpha) + (1 - q) * alpha;
        const double beta = log((1 - q) / q) / ((1 - 2 * alpha) * log((1 - s) / s));
        const ip_bound_point point = point_at(&task, beta, &arena);
        CHECK_NEAR(point.i_xt, 1 + q * log2(q) + (1 - q) * log2(1 - q), 1e-9);
        CHECK_NEAR(point.i_ty, 1 + s * log2(s) + (1 - s) * log2(1 - s), 1e-9);
    }
    const ip_bound_point point = point_at(&task, 1.57, &arena);
    CHECK(point.gap < 1e-11 && point.clusters == 2);
    ip_arena_release(&arena);
}

/* Erasures: I_Y = (1 - eps) I_X up to the jump at 1 / (1 - eps). Seen by inputs 0 and 1. */
static void erasures(void)
{
    ip_arena arena = {0};
    const double eps = 0.25;
    const ip_bound_task task =
        make_task(2, 3, NULL, (double[]){1 - eps, eps, 0, 0, eps, 1 - eps}, &arena);
    static const known points[] = {{1.3, 0, 0, 1}, {1.37, 1, 0.75, 2}, {3, 1, 0.75, 2}};
    check_curve(&task, IP_LENGTH(points), points, false);
    ip_bound_onset onset;
    MUST(ip_bound_find_onset(&task, &arena, &onset, err));
    CHECK_NEAR(onset.local, 4.0 / 3.0, 1e-12);
    CHECK_NEAR(onset.global, 4.0 / 3.0, 1e-8);
    CHECK(!onset.proven);
    ip_arena_release(&arena);
}

/* Y a function of X. */
static void kink(void)
{
    ip_arena arena = {0};
    const double h = 0.9991571208502711;
    const known points[] = {
        {0, 0, 0, 1}, {0.999, 0, 0, 1}, {1, 0, 0, 1}, {1.001, h, h, 2}, {1e9, h, h, 2}};
    const ip_bound_task task = make_icosahedron_task((double)INFINITY, &arena);
    check_curve(&task, IP_LENGTH(points), points, true);
    CHECK(point_at(&task, 1, &arena).near_critical && !point_at(&task, 1.1, &arena).near_critical);
    ip_bound_onset onset;
    size_t n = 200;
    double betas[200];
    MUST(ip_bound_find_onset(&task, &arena, &onset, err));
    CHECK(onset.global == 1.0 && onset.proven);
    CHECK_NEAR(onset.local, 1.0, 1e-12);
    MUST(ip_bound_choose_betas(&task, &onset, &arena, &n, betas, err));
    CHECK(n == 2 && betas[0] < 1.0 && betas[1] > 1.0);
    const double three[] = {1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1};
    const ip_bound_task classes = make_task(4, 3, NULL, three, &arena);
    const known corner = {1.5, 1.5, 1.5, 3};
    check_curve(&classes, 1, &corner, true);
    ip_arena_release(&arena);
}

/* ---- independent channels side by side ---- */

/* Two binary symmetric channels, each used as if the other were not there. */
static void pair_of_channels(void)
{
    static const double flips[] = {.1, .2};
    static const double betas[] = {2, 5}; /* the second says nothing below 2.78 */
    double p_y_given_x[16];
    ip_arena arena = {0};
    for (size_t i = 0; i < 16; i++) {
        const bool first_flips = (i >> 3 & 1) != (i >> 1 & 1);
        const bool second_flips = (i >> 2 & 1) != (i & 1);
        p_y_given_x[i] =
            (first_flips ? flips[0] : 1 - flips[0]) * (second_flips ? flips[1] : 1 - flips[1]);
    }
    const ip_bound_task both = make_task(4, 4, NULL, p_y_given_x, &arena);
    for (size_t k = 0; k < IP_LENGTH(betas); k++) {
        double i_xt = 0, i_ty = 0;
        for (size_t j = 0; j < 2; j++) {
            const double p[] = {1 - flips[j], flips[j], flips[j], 1 - flips[j]};
            const ip_bound_task one = make_task(2, 2, NULL, p, &arena);
            const ip_bound_point point = point_at(&one, betas[k], &arena);
            i_xt += point.i_xt;
            i_ty += point.i_ty;
        }
        const ip_bound_point point = point_at(&both, betas[k], &arena);
        CHECK_NEAR(point.i_xt, i_xt, 1e-9);
        CHECK_NEAR(point.i_ty, i_ty, 1e-9);
    }
    ip_arena_release(&arena);
}

/* ---- two normal variables ---- */

/* Densities on lattices: sums over a lattice approach integrals of such functions like
 * exp(-2 pi^2 / step^2) and what lies beyond 7.7 deviations holds 1e-14. */
static ip_bound_task normal_task(double rho, ip_arena *arena)
{
    enum { N = 23, C = 21 };
    const double step_x = 0.7, step_y = 0.8;
    double p_x[N], p_y_given_x[N * C], total = 0;
    for (size_t i = 0; i < N; i++) {
        const double x = step_x * ((double)i - N / 2);
        p_x[i] = exp(-x * x / 2);
        total += p_x[i];
        double sum = 0;
        for (size_t y = 0; y < C; y++) {
            const double z = step_y * ((double)y - C / 2) - rho * x;
            sum += p_y_given_x[i * C + y] = exp(-z * z / (2 * (1 - rho * rho)));
        }
        for (size_t y = 0; y < C; y++)
            p_y_given_x[i * C + y] /= sum;
    }
    for (size_t i = 0; i < N; i++)
        p_x[i] /= total;
    return make_task(N, C, p_x, p_y_given_x, arena);
}

/* I_X = 1/2 log2((beta - 1) rho^2 / (1 - rho^2)), I_Y = I_X - 1/2 log2(beta rho^2): Chechik et al.,
 * JMLR 6, 165 (2005). */
static void normal_variables(void)
{
    ip_arena arena = {0};
    const ip_bound_task task = normal_task(0.5, &arena);
    const ip_bound_point five = point_at(&task, 5, &arena);
    CHECK_NEAR(five.i_xt, 0.20751874963942188, 1e-9);
    CHECK_NEAR(five.i_ty, 0.046554702195740705, 1e-9);
    ip_arena_release(&arena);
}

/* ---- points known from elsewhere ---- */

/* Four symbols, full support, yet a jump before the local threshold. */
static void symmetric_four(void)
{
    static const double p_y[] = {.7, .1, .1, .1, .1, .7, .1, .1, .1, .1, .7, .1, .1, .1, .1, .7};
    static const known points[] = {
        {2.6043, 0, 0, 1},
        {2.6643, .3627088770, .1366143016, 4},
        {2.9543, 1.0221061626, .3736641321, 4},
        {8, 1.9960583894, .6427752336, 4},
    };
    ip_arena arena = {0};
    ip_bound_onset onset;
    const ip_bound_task task = make_task(4, 4, NULL, p_y, &arena);
    check_curve(&task, IP_LENGTH(points), points, false);
    MUST(ip_bound_find_onset(&task, &arena, &onset, err));
    CHECK_NEAR(onset.local, 2.7777777777777777, 1e-12);
    CHECK_NEAR(onset.global, 2.6543129, 1e-7);
    ip_arena_release(&arena);
}

static void soft_icosahedron(void)
{
    static const known points[] = {
        {1.75, .4040527384, .2535383943, 2},  {2, .5786326385, .3474326138, 2},
        {3, .8156130630, .4486931113, 2},     {5, 1.0663873198, .5097380851, 3},
        {10, 1.4610011884, .5658488085, 4},   {25, 1.9505716240, .5993520924, 5},
        {100, 2.7924211506, .6170247723, 10},
    };
    ip_arena arena = {0};
    const ip_bound_task task = make_icosahedron_task(0.2, &arena);
    check_curve(&task, IP_LENGTH(points), points, true);
    ip_arena_release(&arena);
}

static void steep_icosahedron(void)
{
    static const known points[] = {
        {1.05, .9578557597, .9485766162, 0},
        {2, .9991227280, .9854518418, 2},
        {100, 1.2766081999, .9891950908, 4},
        {2000, 1.3918100542, .9900000000, 0},
    };
    ip_arena arena = {0};
    const ip_bound_task task = make_icosahedron_task(8.254172995930793, &arena);
    check_curve(&task, IP_LENGTH(points), points, true);
    ip_arena_release(&arena);
}

/* ---- 200 betas ---- */

static double seconds(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + 1e-9 * (double)at.tv_nsec;
}

static void two_hundred(double gain)
{
    ip_arena arena = {0};
    ip_bound_onset onset;
    size_t n = 200;
    static ip_bound_point points[200];
    static double betas[200];
    const ip_bound_task task = make_icosahedron_task(gain, &arena);
    MUST(ip_bound_find_onset(&task, &arena, &onset, err));
    CHECK(onset.global <= onset.local && onset.global > 1.0);
    MUST(ip_bound_choose_betas(&task, &onset, &arena, &n, betas, err));
    const double start = seconds();
    MUST(ip_bound_curve(&task, n, betas, &arena, points, err));
    printf("gain %g: %zu betas from %g to %g in %.2f s\n", gain, n, betas[0], betas[n - 1],
           seconds() - start);
    CHECK_COUNT(n, 200);
    CHECK(points[0].i_ty > 0.0 && points[0].i_ty < 0.5 * task.i_xy);
    CHECK(points[n - 1].i_ty >= 0.999 * task.i_xy);
    size_t critical = 0;
    for (size_t i = 0; i < n; i++) {
        CHECK(points[i].proven && points[i].gap < 1e-11);
        critical += points[i].near_critical;
    }
    CHECK(critical < 20);
    ip_arena_release(&arena);
}

int main(void)
{
    symmetric_binary();
    symmetric_binary_formula();
    erasures();
    kink();
    symmetric_four();
    pair_of_channels();
    normal_variables();
    soft_icosahedron();
    steep_icosahedron();
    printf("largest error %.2g bits, largest gap %.2g bits\n", worst_error, worst_gap);
    two_hundred(0.2);
    two_hundred(8.254172995930793);
    return check_finish();
}
