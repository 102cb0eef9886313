/* bound_newton.c - downhill to a stationary code, fast also where sweeps are slow
 *
 * What: with zeta_ty = ln q_t + beta ln r_ty a code is exp(sum_y zeta_ty p(y|x)) but for its sum,
 *   and q_t = (sum_y e^{zeta_ty / beta})^beta: no constraint is left. Then
 *     phi = -sum_x p(x) ln sum_t exp(zeta_t . p_x) + sum_t q_t - 1,   gradient = q_t r_ty - p(t,
 * y), which vanishes where the self-consistent equations hold. Its Hessian is C - J: C the blocks
 *   q_t (r_y r_y' (1 - 1/beta) + [y = y'] r_y / beta), J the covariance of the code. A sweep is, to
 *   first order, the step C^-1; the step here is (C - J + damping C)^-1, damped as Levenberg and
 *   Marquardt do. It is taken only when phi falls.
 * Cost: O(n k^2 c^2 + k^3 c^3) a step; where k c is too large for that, sweeps alone.
 * Limits: a stationary code need not be the best one: certificates tell. */
#include "info/bound_internal.h"
#include <float.h>
#include <string.h>

enum { MOST_STEPS = 200, MOST_SWEEPS = 3000, TIDY_EVERY = 8 };

static const double first_damping = 1e-3;
static const double most_damping = 1e4;
static const double least_damping = 1e-9;
static const double converged = 1e-16;        /* residual */
static const double least_weight = 1e-20;     /* p(t|x) below leaves J as it is */
static const double least_curvature = 1e-290; /* a label the cluster does not have */

/* ---- small dense systems ---- */

bool ip_bound_factorise(size_t n, double *a)
{
    for (size_t j = 0; j < n; j++) {
        double *row_j = a + j * n;
        for (size_t k = 0; k < j; k++)
            row_j[j] -= row_j[k] * row_j[k];
        if (!(row_j[j] > 1e-15))
            return false;
        row_j[j] = sqrt(row_j[j]);
        for (size_t i = j + 1; i < n; i++) {
            double *row_i = a + i * n;
            double sum = row_i[j];
            for (size_t k = 0; k < j; k++)
                sum -= row_i[k] * row_j[k];
            row_i[j] = sum / row_j[j];
        }
    }
    return true;
}

void ip_bound_solve(size_t n, const double *factor, double *x)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++)
            x[i] -= factor[i * n + k] * x[k];
        x[i] /= factor[i * n + i];
    }
    for (size_t i = n; i-- > 0;) {
        x[i] /= factor[i * n + i];
        for (size_t k = 0; k < i; k++)
            x[k] -= factor[i * n + k] * x[i];
    }
}

/* ---- the Hessian ---- */

/* Of cluster t, labels y and z: how q_t r_ty changes with zeta_tz. */
static double curvature(const ip_bound_solver *solver, size_t t, size_t y, size_t z)
{
    const double *r = solver->now.r + t * solver->task->c;
    const double part = r[y] * r[z] * (1.0 - 1.0 / solver->beta);
    return solver->now.q[t] * (part + (y == z ? r[y] / solver->beta : 0.0));
}

/* Takes w p(y) p(z) from the block of clusters t and s. */
static void take_outer(const ip_bound_solver *solver, size_t t, size_t s, double w, const double *p)
{
    const size_t c = solver->task->c;
    const size_t n = solver->now.k * c;
    for (size_t y = 0; y < c; y++) {
        double *row = solver->hessian + (t * c + y) * n + s * c;
        for (size_t z = 0; z < c; z++)
            row[z] -= w * p[y] * p[z];
    }
}

/* Lower triangle of C - J. */
static void fill_hessian(const ip_bound_solver *solver)
{
    const ip_bound_task *task = solver->task;
    const size_t c = task->c;
    const size_t k = solver->now.k;
    memset(solver->hessian, 0, k * c * k * c * sizeof *solver->hessian);
    for (size_t x = 0; x < task->n; x++) {
        const double *m = solver->now.m + x * k;
        const double *p = task->p_y_given_x + x * c;
        for (size_t t = 0; t < k; t++) {
            if (m[t] < least_weight)
                continue;
            for (size_t s = 0; s < t; s++) {
                if (m[s] >= least_weight)
                    take_outer(solver, t, s, -task->p_x[x] * m[t] * m[s], p);
            }
            take_outer(solver, t, t, task->p_x[x] * m[t] * (1.0 - m[t]), p);
        }
    }
    for (size_t i = 0; i < k * c; i++) {
        for (size_t z = 0; z < c; z++)
            solver->hessian[i * k * c + i / c * c + z] += curvature(solver, i / c, i % c, z);
    }
}

/* 1 / sqrt of the diagonal of C; 0 takes a parameter out. */
static void fill_scale(const ip_bound_solver *solver)
{
    const size_t c = solver->task->c;
    for (size_t i = 0; i < solver->now.k * c; i++) {
        const double own = curvature(solver, i / c, i % c, i % c);
        solver->scale[i] = own > least_curvature ? 1.0 / sqrt(own) : 0.0;
    }
}

/* Factor of the scaled C - J + damping C. */
static bool factorise(const ip_bound_solver *solver, double damping)
{
    const size_t c = solver->task->c;
    const size_t n = solver->now.k * c;
    const double *scale = solver->scale;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j <= i; j++) {
            double h = solver->hessian[i * n + j];
            if (i / c == j / c)
                h += damping * curvature(solver, i / c, i % c, j % c);
            solver->factor[i * n + j] = h * scale[i] * scale[j];
        }
        if (scale[i] == 0.0)
            solver->factor[i * n + i] = 1.0;
    }
    return ip_bound_factorise(n, solver->factor);
}

/* ---- steps ---- */

/* step = -(scaled matrix)^-1 gradient, scaled back. */
static void find_step(const ip_bound_solver *solver)
{
    const size_t c = solver->task->c;
    const size_t n = solver->now.k * c;
    const ip_bound_model *now = &solver->now;
    for (size_t i = 0; i < n; i++)
        solver->step[i] = solver->scale[i] * (now->joint[i] - now->q[i / c] * now->r[i]);
    ip_bound_solve(n, solver->factor, solver->step);
    for (size_t i = 0; i < n; i++)
        solver->step[i] *= solver->scale[i];
}

/* next = now moved by step in zeta. */
static void move(ip_bound_solver *solver)
{
    const size_t c = solver->task->c;
    const ip_bound_model *now = &solver->now;
    ip_bound_model *next = &solver->next;
    next->k = now->k;
    for (size_t t = 0; t < now->k; t++) {
        const double *step = solver->step + t * c;
        double growth = 0.0;
        for (size_t y = 0; y < c; y++)
            growth += now->r[t * c + y] * expm1(step[y] / solver->beta);
        next->q[t] = now->q[t] * exp(solver->beta * log1p(growth));
        for (size_t y = 0; y < c; y++)
            next->r[t * c + y] = now->r[t * c + y] * exp(step[y] / solver->beta) / (1.0 + growth);
    }
    ip_bound_model_evaluate(solver, next);
}

/* Where phi can no longer tell, the equations do. */
static bool is_better(const ip_bound_solver *solver)
{
    const double fall = solver->now.phi - solver->next.phi;
    const double noise = 4.0 * DBL_EPSILON * (1.0 + fabs(solver->now.phi));
    if (!isfinite(fall))
        return false;
    if (fall > noise)
        return true;
    return fall >= -noise && ip_bound_model_residual(solver, &solver->next) <
                                 0.5 * ip_bound_model_residual(solver, &solver->now);
}

/* Takes the step just taken again, twice as long each time, while the code gets better. In zeta
 * steps add up. It shortens the way along a valley, where each step for itself stays small. */
static void go_on(ip_bound_solver *solver)
{
    enum { MOST_DOUBLINGS = 30 };
    const size_t n = solver->now.k * solver->task->c;
    for (size_t i = 0; i < MOST_DOUBLINGS; i++) {
        for (size_t j = 0; j < n; j++)
            solver->step[j] *= 2.0;
        move(solver);
        if (!is_better(solver))
            return;
        ip_bound_accept(solver);
    }
}

/* Whether a step was found that improves the code. */
static bool newton_step(ip_bound_solver *solver)
{
    fill_hessian(solver);
    fill_scale(solver);
    for (; solver->damping <= most_damping;
         solver->damping = fmax(8.0 * solver->damping, least_damping)) {
        if (!factorise(solver, solver->damping))
            continue;
        find_step(solver);
        move(solver);
        if (!is_better(solver))
            continue;
        const double before = ip_bound_model_residual(solver, &solver->now);
        ip_bound_accept(solver);
        solver->damping = solver->damping > least_damping ? 0.1 * solver->damping : 0.0;
        if (ip_bound_model_residual(solver, &solver->now) > 0.5 * before)
            go_on(solver);
        return true;
    }
    return false;
}

static bool fits_newton(const ip_bound_solver *solver)
{
    return solver->now.k * solver->task->c <= solver->n_newton;
}

static bool is_stationary(const ip_bound_solver *solver)
{
    return ip_bound_model_residual(solver, &solver->now) <= converged;
}

static void sweep(ip_bound_solver *solver)
{
    ip_bound_sweep(solver);
    ip_bound_accept(solver);
}

static void sweep_on(ip_bound_solver *solver)
{
    for (size_t i = 0; i < MOST_SWEEPS && !is_stationary(solver) && !fits_newton(solver); i++) {
        sweep(solver);
        if (i % TIDY_EVERY == 0)
            ip_bound_tidy(solver);
    }
}

/* The last sweep makes the masses sum to 1 again, which certificates rely on. */
void ip_bound_descend(ip_bound_solver *solver)
{
    bool stuck = false;
    solver->damping = first_damping;
    ip_bound_model_evaluate(solver, &solver->now);
    sweep_on(solver);
    for (size_t i = 1; i <= MOST_STEPS && fits_newton(solver) && !stuck; i++) {
        sweep(solver);
        bool tidied = i % TIDY_EVERY == 0 && ip_bound_tidy(solver);
        stuck = is_stationary(solver) || !newton_step(solver);
        if (stuck && (tidied || ip_bound_tidy(solver))) {
            stuck = false;
            solver->damping = first_damping;
        }
    }
    sweep(solver);
}

/* ---- how stiff the minimum is ---- */

/* into = C v */
static void multiply_curvature(const ip_bound_solver *solver, const double *v, double *into)
{
    const size_t c = solver->task->c;
    for (size_t i = 0; i < solver->now.k * c; i++) {
        into[i] = 0.0;
        for (size_t z = 0; z < c; z++)
            into[i] += curvature(solver, i / c, i % c, z) * v[i / c * c + z];
    }
}

/* v = (C - J)^-1 w with the scaled factor. */
static void solve_scaled(const ip_bound_solver *solver, size_t n, const double *w, double *v)
{
    for (size_t i = 0; i < n; i++)
        v[i] = solver->scale[i] * w[i];
    ip_bound_solve(n, solver->factor, v);
    for (size_t i = 0; i < n; i++)
        v[i] *= solver->scale[i];
}

/* Inverse iteration for the smallest eigenvalue of C^-1 (C - J). The Hessian's memory, read no
 * more, holds two vectors. */
double ip_bound_stiffness(ip_bound_solver *solver)
{
    enum { ROUNDS = 30 };
    const size_t n = solver->now.k * solver->task->c;
    if (!fits_newton(solver) || n < 2)
        return 0.0;
    fill_hessian(solver);
    fill_scale(solver);
    if (!factorise(solver, 0.0))
        return 0.0;
    double *v = solver->step;
    double *w = solver->hessian;
    double smallest = 1.0;
    for (size_t i = 0; i < n; i++)
        v[i] = sin((double)(i + 1)) * solver->scale[i];
    for (size_t round = 0; round < ROUNDS; round++) {
        double before = 0.0;
        double after = 0.0;
        multiply_curvature(solver, v, w);
        for (size_t i = 0; i < n; i++)
            before += v[i] * w[i];
        solve_scaled(solver, n, w, v);
        for (size_t i = 0; i < n; i++)
            after += v[i] * w[i];
        smallest = before / after; /* v' C v / v' C (C - J)^-1 C v */
        for (size_t i = 0; i < n; i++)
            v[i] /= after;
    }
    return smallest;
}
