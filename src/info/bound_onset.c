/* bound_onset.c - where the curve leaves the origin, and the betas worth looking at
 *
 * What: the code that says nothing is optimal while its largest ln c(r) is 0, which is bisected
 * for. Near p(y) that ends at 1 / sigma_2^2, an eigenvalue; far from it, it may end before, and the
 *   curve then begins with a jump.
 * Limits: for more than two labels the largest c(r) is searched for, so the onset found may lie
 *   above the true one, never above 1 / sigma_2^2. */
#include "info/bound_internal.h"
#include <assert.h>

static const double rises = 1e-11; /* nats: a ln c above is no rounding */

/* ---- the local threshold ---- */

/* sum_x p(x) p(y|x) p(y'|x) / sqrt(p(y) p(y')), less the part of the largest eigenvalue, 1. */
static void fill_overlap(const ip_bound_task *task, double *a)
{
    const size_t c = task->c;
    for (size_t y = 0; y < c; y++) {
        for (size_t z = 0; z < c; z++) {
            double sum = 0.0;
            for (size_t x = 0; x < task->n; x++) {
                const double *p = task->p_y_given_x + x * c;
                sum += task->p_x[x] * (p[y] - task->p_y[y]) * (p[z] - task->p_y[z]);
            }
            a[y * c + z] = sum / sqrt(task->p_y[y] * task->p_y[z]);
        }
    }
}

/* Turns rows and columns i and j so that a_ij becomes 0. */
static void rotate(size_t n, double *a, size_t i, size_t j)
{
    const double theta = (a[j * n + j] - a[i * n + i]) / (2.0 * a[i * n + j]);
    const double t = copysign(1.0, theta) / (fabs(theta) + sqrt(theta * theta + 1.0));
    const double cosine = 1.0 / sqrt(t * t + 1.0);
    const double sine = t * cosine;
    for (size_t k = 0; k < n; k++) {
        const double u = a[k * n + i];
        const double v = a[k * n + j];
        a[k * n + i] = cosine * u - sine * v;
        a[k * n + j] = sine * u + cosine * v;
    }
    for (size_t k = 0; k < n; k++) {
        const double u = a[i * n + k];
        const double v = a[j * n + k];
        a[i * n + k] = cosine * u - sine * v;
        a[j * n + k] = sine * u + cosine * v;
    }
}

/* Largest eigenvalue of a symmetric matrix, by Jacobi's rotations; a is overwritten. */
static double largest_eigenvalue(size_t n, double *a)
{
    enum { ROUNDS = 40 };
    double largest = 0.0;
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < n; i++) {
            for (size_t j = i + 1; j < n; j++) {
                if (fabs(a[i * n + j]) > 1e-300)
                    rotate(n, a, i, j);
            }
        }
    }
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, a[i * n + i]);
    return largest;
}

/* ---- the global one ---- */

/* Whether some r makes the code that says nothing improvable at beta. */
static bool has_left(ip_bound_solver *solver, double beta)
{
    solver->beta = beta;
    ip_bound_model_trivial(solver, &solver->now);
    ip_bound_model_evaluate(solver, &solver->now);
    return ip_bound_certify(solver, rises / 10.0).best > rises;
}

/* Continuous onsets rise with the square of beta - onset and would be found too late: they are
 * known from the eigenvalue. */
static double find_global(ip_bound_solver *solver, double local)
{
    double low = 1.0;
    double high = local * (1.0 - 1e-6);
    if (high <= low || !has_left(solver, high))
        return local;
    while (high - low > 1e-12 * high) {
        const double middle = (low + high) / 2.0;
        if (middle <= low || middle >= high)
            break;
        *(has_left(solver, middle) ? &high : &low) = middle;
    }
    return low;
}

ip_status ip_bound_find_local_onset(const ip_bound_task *task, ip_arena *arena, double *local,
                                    ip_error *err)
{
    double *overlap = ip_arena_alloc(arena, task->c * task->c, sizeof *overlap);
    IP_TRY(ip_arena_check(arena, err));
    fill_overlap(task, overlap);
    *local =
        task->n == 1 ? (double)INFINITY : fmax(1.0 / largest_eigenvalue(task->c, overlap), 1.0);
    return IP_OK;
}

ip_status ip_bound_find_onset(const ip_bound_task *task, ip_arena *arena, ip_bound_onset *onset,
                              ip_error *err)
{
    ip_bound_solver solver = {0};
    *onset = (ip_bound_onset){(double)INFINITY, (double)INFINITY, true};
    if (task->n == 1)
        return IP_OK;
    IP_TRY(ip_bound_solver_init(&solver, task, arena, err));
    IP_TRY(ip_bound_find_local_onset(task, arena, &onset->local, err));
    onset->global = task->is_kink ? 1.0 : find_global(&solver, onset->local);
    onset->proven = task->c == 2 || task->is_kink;
    return IP_OK;
}

/* ---- betas ---- */

/* The first onset 2^i that keeps all but a thousandth of I(X;Y), or the largest beta. */
static ip_status find_top(const ip_bound_task *task, double onset, ip_arena *arena, double *top,
                          ip_error *err)
{
    enum { AT_ONCE = 4, MOST_DOUBLINGS = 40 };
    const double kept = 1.0 - 1e-3;
    ip_bound_point points[AT_ONCE];
    double betas[AT_ONCE];
    *top = onset;
    for (size_t i = 0; i < MOST_DOUBLINGS; i += AT_ONCE) {
        for (size_t j = 0; j < AT_ONCE; j++)
            betas[j] = fmin(ldexp(onset, (int)(i + j + 1)), IP_BOUND_MOST_BETA);
        IP_TRY(ip_bound_curve(task, AT_ONCE, betas, arena, points, err));
        for (size_t j = 0; j < AT_ONCE; j++) {
            *top = betas[j];
            if (points[j].i_ty >= kept * task->i_xy)
                return IP_OK;
        }
    }
    return IP_OK;
}

ip_status ip_bound_choose_betas(const ip_bound_task *task, const ip_bound_onset *onset,
                                ip_arena *arena, size_t *n, double *betas, ip_error *err)
{
    assert(*n >= 2);
    const double first = onset->global * (1.0 + 1e-3);
    double top = 0.0;
    if (task->n == 1 || first >= IP_BOUND_MOST_BETA) {
        *n = 0;
        return IP_OK;
    }
    if (task->is_kink) {
        *n = 2;
        betas[0] = 0.5;
        betas[1] = 2.0;
        return IP_OK;
    }
    IP_TRY(find_top(task, onset->global, arena, &top, err));
    for (size_t i = 0; i < *n; i++)
        betas[i] = first * pow(top / first, (double)i / (double)(*n - 1));
    return IP_OK;
}
