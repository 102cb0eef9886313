/* test_bound_overlay.c - layers against the curve: gaps, and the beta that fits best */
#include "bound_tasks.h"

/* ---- gaps ---- */

static void between_points(void)
{
    ip_arena arena = {0};
    static ip_bound_point points[60];
    double betas[60];
    const ip_bound_task task = make_icosahedron_task(0.2, &arena);
    for (size_t i = 0; i < 60; i++)
        betas[i] = 400 * pow(1.3 / 400, (double)i / 59);
    MUST(ip_bound_curve(&task, 60, betas, &arena, points, err));
    const double between[] = {1.51, 1.77, 2.4, 3.3, 7.7, 33, 90, 333};
    for (size_t i = 0; i < IP_LENGTH(between); i++) {
        const ip_bound_point p = point_at(&task, between[i], &arena);
        const ip_bound_range i_ty = ip_bound_i_ty_at(&task, 60, points, p.i_xt);
        const ip_bound_range i_xt = ip_bound_i_xt_at(&task, 60, points, p.i_ty);
        CHECK(i_ty.low <= p.i_ty + 1e-12 && p.i_ty <= i_ty.high + 1e-12);
        CHECK(i_xt.low <= p.i_xt + 1e-11 && p.i_xt <= i_xt.high + 1e-11);
        CHECK(i_ty.high - i_ty.low < 5e-3);
    }
    for (size_t i = 0; i < 60; i++) {
        const ip_bound_range at = ip_bound_i_ty_at(&task, 60, points, points[i].i_xt);
        CHECK_NEAR(at.low, points[i].i_ty, 1e-11);
        CHECK_NEAR(at.high, points[i].i_ty, 1e-11);
    }
    ip_arena_release(&arena);
}

/* Left of the curve, right of it, above it; and with no point but origin and top. */
static void ends(void)
{
    ip_arena arena = {0};
    const ip_bound_task task = make_icosahedron_task(0.2, &arena);
    const ip_bound_point p = point_at(&task, 3, &arena);
    CHECK(ip_bound_i_ty_at(&task, 1, &p, 0).low == 0.0);
    CHECK(ip_bound_i_ty_at(&task, 1, &p, 0).high <= 1e-12);
    CHECK(ip_bound_i_ty_at(&task, 1, &p, 12).low == task.i_xy);
    CHECK(ip_bound_i_ty_at(&task, 1, &p, 12).high == task.i_xy);
    CHECK_NEAR(ip_bound_i_ty_at(&task, 0, NULL, task.h_x / 4).low, task.i_xy / 4, 1e-12);
    CHECK_NEAR(ip_bound_i_xt_at(&task, 0, NULL, task.i_xy / 4).high, task.h_x / 4, 1e-12);
    CHECK_NEAR(ip_bound_i_xt_at(&task, 0, NULL, task.i_xy / 4).low, task.i_xy / 4, 1e-12);
    CHECK_NEAR(ip_bound_i_xt_at(&task, 1, &p, task.i_xy).high, task.h_x, 1e-12);
    CHECK(isnan(ip_bound_i_xt_at(&task, 1, &p, 0.7).low));
    CHECK(ip_bound_i_xt_at(&task, 1, &p, 0).high == 0.0);
    ip_arena_release(&arena);
}

static void kink(void)
{
    ip_arena arena = {0};
    const ip_bound_task task = make_icosahedron_task((double)INFINITY, &arena);
    const ip_bound_point p = point_at(&task, 2, &arena);
    for (double x = 0; x < 3; x += 0.25) {
        const ip_bound_range at = ip_bound_i_ty_at(&task, 1, &p, x);
        CHECK_NEAR(at.low, fmin(x, task.h_y), 1e-12);
        CHECK_NEAR(at.high, fmin(x, task.h_y), 1e-12);
    }
    CHECK_NEAR(ip_bound_i_xt_at(&task, 1, &p, 0.5).high, 0.5, 1e-12);
    ip_arena_release(&arena);
}

/* ---- the fitted beta; values computed outside this program ---- */

enum { N = IP_ICOSAHEDRON_PATTERNS };
static uint32_t cell[N];

static double f_of(const ip_icosahedron_class *class)
{
    const int k = class->ones;
    return 30 * k - 3 * k * k + 8 * class->edges - 4 * class->antipodes;
}

static uint32_t ones_of(const ip_icosahedron_class *class)
{
    return (uint32_t) class->ones;
}

static uint32_t band_of(const ip_icosahedron_class *class)
{
    return f_of(class) < 100 ? 0 : f_of(class) <= 140 ? 1 : 2;
}

static uint32_t side_of(const ip_icosahedron_class *class)
{
    return f_of(class) > 119.5;
}

static uint32_t triple_of(const ip_icosahedron_class *class)
{
    return (uint32_t)((class->ones * 64 + class->edges) * 8 + class->antipodes);
}

static uint32_t same_of(const ip_icosahedron_class *class)
{
    (void)class;
    return 3;
}

static ip_bound_fit fit_cells(double gain, size_t n_cells)
{
    ip_bound_fit fit;
    ip_dataset *data = make_icosahedron(gain);
    MUST(ip_bound_fit_beta(data->n, data->c, data->p_x, data->p_y_given_x, n_cells, cell, 0.0, &fit,
                           err));
    ip_dataset_free(data);
    return fit;
}

static ip_bound_fit fit_classes(double gain, uint32_t (*cell_of)(const ip_icosahedron_class *))
{
    for (unsigned x = 0; x < N; x++) {
        const ip_icosahedron_class class = ip_icosahedron_class_of(x);
        cell[x] = cell_of(&class);
    }
    return fit_cells(gain, 8192);
}

static void fits(void)
{
    ip_bound_fit fit = fit_classes(0.2, ones_of);
    CHECK_NEAR(fit.beta, 3.702333740725702, 1e-9);
    CHECK_NEAR(fit.residual, 1.8582235367931896, 1e-9);
    fit = fit_classes(0.2, band_of);
    CHECK_NEAR(fit.beta, 3.4297332049, 1e-9);
    CHECK_NEAR(fit.residual, .4947937497, 1e-9);
    fit = fit_classes(0.2, side_of);
    CHECK(isinf(fit.beta));
    CHECK_NEAR(fit.residual, 0, 1e-9);
    fit = fit_classes(0.2, triple_of);
    CHECK(isinf(fit.beta));
    CHECK_NEAR(fit.residual, 0.4819698929022582, 1e-9);
    fit = fit_classes(0.2, same_of);
    CHECK(isnan(fit.beta) && fit.residual == 0.0);
    fit = fit_classes(1.0, ones_of);
    CHECK_NEAR(fit.beta, 1.457101344362936, 1e-9);
    for (uint32_t x = 0; x < N; x++)
        cell[x] = x;
    fit = fit_cells(0.2, N);
    CHECK(isinf(fit.beta));
    CHECK_NEAR(fit.residual, 6.91244746073575, 1e-9);
}

/* The optimal code at a beta, given as rows with parts of the weight, is fitted by that beta. */
static void fits_its_own(void)
{
    ip_arena arena = {0};
    const ip_bound_task task = make_icosahedron_task(0.2, &arena);
    const ip_bound_point p = point_at(&task, 10, &arena);
    const size_t k = p.clusters;
    double *m = ip_arena_alloc(&arena, task.n * k, sizeof *m);
    double *p_x = ip_arena_alloc(&arena, task.n * k, sizeof *p_x);
    double *p_y = ip_arena_alloc(&arena, 2 * task.n * k, sizeof *p_y);
    double h_t_given_x = 0.0;
    ip_bound_fit fit;
    ip_bound_encoder(&task, &p, m);
    for (size_t i = 0; i < task.n * k; i++) {
        p_x[i] = task.p_x[i / k] * m[i];
        memcpy(p_y + 2 * i, task.p_y_given_x + i / k * 2, 2 * sizeof *p_y);
        cell[i] = (uint32_t)(i % k);
        h_t_given_x -= m[i] > 0.0 ? p_x[i] * log2(m[i]) : 0.0;
    }
    MUST(ip_bound_fit_beta(task.n * k, 2, p_x, p_y, k, cell, h_t_given_x, &fit, err));
    CHECK_NEAR(fit.beta, 10, 1e-7);
    CHECK_NEAR(fit.residual, 0, 1e-10);
    ip_arena_release(&arena);
}

/* Cells that say the opposite of nothing: beta = 0 when every input lies far from its cell. */
static void fits_nothing(void)
{
    const double p_y[] = {0.9, 0.1, 0.8, 0.2, 0.2, 0.8, 0.1, 0.9};
    const double p_x[] = {0.25, 0.25, 0.25, 0.25};
    const uint32_t same[] = {0, 1, 1, 0};
    ip_bound_fit fit;
    MUST(ip_bound_fit_beta(4, 2, p_x, p_y, 2, same, 0.0, &fit, err));
    CHECK(isinf(fit.beta)); /* both cells are p(y): no distance differs */
    CHECK_NEAR(fit.residual, 1, 1e-12);
    const double weights[] = {0.0, 0.5, 0.0, 0.5};
    MUST(ip_bound_fit_beta(4, 2, weights, p_y, 2, same, 0.0, &fit, err));
    CHECK(isinf(fit.beta));
    CHECK_NEAR(fit.residual, 0, 1e-12);
}

int main(void)
{
    between_points();
    ends();
    kink();
    fits();
    fits_its_own();
    fits_nothing();
    return check_finish();
}
