/* bound_model.c - a code of the bottleneck, evaluated and swept
 *
 * What: p(t|x) = q_t e^{-beta d(x, r_t)} / Z_x, and from it p(t, y): the self-consistent equations
 *   say that q_t r_ty is that again.
 * Source: Tishby, Pereira, Bialek, arXiv physics/0004057, Eqs. 28 to 31.
 * Cost: O(n k c) a sweep. */
#include "info/bound_internal.h"
#include <assert.h>
#include <string.h>

/* Less is no cluster. */
static const double least_mass = 1e-12;

/* p ln(p / r) - p + r: not negative, and summed over all labels KL[p || r]. */
static double distance_term(double p, double r)
{
    if (p == 0.0)
        return r;
    if (r == 0.0)
        return (double)INFINITY;
    const double delta = (r - p) / p;
    if (delta > -0.5 && delta < 1.0)
        return p * (delta - log1p(delta));
    return r - p - p * (log(r) - log(p));
}

double ip_bound_distance(size_t c, const double *p, const double *r)
{
    double sum = 0.0;
    for (size_t y = 0; y < c; y++)
        sum += distance_term(p[y], r[y]);
    return sum;
}

static void model_alloc(ip_bound_model *model, size_t n, size_t c, size_t room, ip_arena *arena)
{
    model->q = ip_arena_alloc(arena, room, sizeof(double));
    model->r = ip_arena_alloc(arena, room * c, sizeof(double));
    model->m = ip_arena_alloc(arena, n * room, sizeof(double));
    model->ln_z = ip_arena_alloc(arena, n, sizeof(double));
    model->joint = ip_arena_alloc(arena, room * c, sizeof(double));
}

void ip_bound_model_trivial(const ip_bound_solver *solver, ip_bound_model *model)
{
    model->k = 1;
    model->q[0] = 1.0;
    memcpy(model->r, solver->task->p_y, solver->task->c * sizeof *model->r);
}

/* Row x of m, and ln Z_x. The largest exponent is taken out first. */
static void encode(const ip_bound_solver *solver, ip_bound_model *model, size_t x)
{
    const size_t c = solver->task->c;
    const double *p = solver->task->p_y_given_x + x * c;
    double *m = model->m + x * model->k;
    size_t top = 0;
    double others = 0.0;
    for (size_t t = 0; t < model->k; t++) {
        m[t] = log(model->q[t]) - solver->beta * ip_bound_distance(c, p, model->r + t * c);
        top = m[t] > m[top] ? t : top;
    }
    const double largest = m[top];
    for (size_t t = 0; t < model->k; t++) {
        m[t] = t == top ? 1.0 : exp(m[t] - largest);
        others += t == top ? 0.0 : m[t];
    }
    for (size_t t = 0; t < model->k; t++)
        m[t] /= 1.0 + others;
    model->ln_z[x] = largest + log1p(others);
}

void ip_bound_model_evaluate(ip_bound_solver *solver, ip_bound_model *model)
{
    const ip_bound_task *task = solver->task;
    const size_t c = task->c;
    model->phi = -1.0;
    memset(model->joint, 0, model->k * c * sizeof *model->joint);
    for (size_t t = 0; t < model->k; t++)
        model->phi += model->q[t];
    for (size_t x = 0; x < task->n; x++) {
        encode(solver, model, x);
        model->phi -= task->p_x[x] * model->ln_z[x];
        for (size_t t = 0; t < model->k; t++) {
            const double w = task->p_x[x] * model->m[x * model->k + t];
            for (size_t y = 0; y < c; y++)
                model->joint[t * c + y] += w * task->p_y_given_x[x * c + y];
        }
    }
    solver->sweeps++;
}

/* q and r of `to` from the code of `from`. */
static void take_joint(size_t c, const ip_bound_model *from, ip_bound_model *to)
{
    double total = 0.0;
    to->k = from->k;
    for (size_t t = 0; t < to->k; t++) {
        to->q[t] = 0.0;
        for (size_t y = 0; y < c; y++)
            to->q[t] += from->joint[t * c + y];
        for (size_t y = 0; y < c; y++)
            to->r[t * c + y] =
                to->q[t] > 0.0 ? from->joint[t * c + y] / to->q[t] : from->r[t * c + y];
        total += to->q[t];
    }
    for (size_t t = 0; t < to->k; t++)
        to->q[t] /= total;
}

void ip_bound_sweep(ip_bound_solver *solver)
{
    take_joint(solver->task->c, &solver->now, &solver->next);
    ip_bound_model_evaluate(solver, &solver->next);
}

void ip_bound_accept(ip_bound_solver *solver)
{
    const ip_bound_model model = solver->now;
    solver->now = solver->next;
    solver->next = model;
}

/* What is lost, to second order, when clusters s and t become one; nats. */
static double merging_cost(const ip_bound_solver *solver, const ip_bound_model *model, size_t s,
                           size_t t)
{
    const size_t c = solver->task->c;
    double sum = 0.0;
    for (size_t y = 0; y < c; y++) {
        const double a = model->r[s * c + y];
        const double b = model->r[t * c + y];
        sum += a + b > 0.0 ? (a - b) * (a - b) / (a + b) : 0.0;
    }
    return solver->beta * sum * fmin(model->q[s], model->q[t]);
}

static void remove_cluster(ip_bound_model *model, size_t c, size_t t)
{
    model->k--;
    memmove(model->q + t, model->q + t + 1, (model->k - t) * sizeof *model->q);
    memmove(model->r + t * c, model->r + (t + 1) * c, (model->k - t) * c * sizeof *model->r);
}

static void merge_clusters(ip_bound_model *model, size_t c, size_t s, size_t t)
{
    const double q = model->q[s] + model->q[t];
    for (size_t y = 0; y < c; y++)
        model->r[s * c + y] =
            (model->q[s] * model->r[s * c + y] + model->q[t] * model->r[t * c + y]) / q;
    model->q[s] = q;
    remove_cluster(model, c, t);
}

static bool merge_equals(const ip_bound_solver *solver, ip_bound_model *model)
{
    const double nothing = 1e-15; /* nats */
    const size_t before = model->k;
    for (size_t s = 0; s < model->k; s++) {
        for (size_t t = s + 1; t < model->k;) {
            if (merging_cost(solver, model, s, t) <= nothing)
                merge_clusters(model, solver->task->c, s, t);
            else
                t++;
        }
    }
    return model->k < before;
}

bool ip_bound_tidy(ip_bound_solver *solver)
{
    ip_bound_model *model = &solver->now;
    const size_t before = model->k;
    double total = 0.0;
    for (size_t t = model->k; t-- > 0;) {
        if (model->q[t] < least_mass && model->k > 1)
            remove_cluster(model, solver->task->c, t);
    }
    const bool merged = merge_equals(solver, model);
    if (!merged && model->k == before)
        return false;
    for (size_t t = 0; t < model->k; t++)
        total += model->q[t];
    for (size_t t = 0; t < model->k; t++)
        model->q[t] /= total;
    ip_bound_model_evaluate(solver, model);
    return true;
}

double ip_bound_model_i_xt(const ip_bound_solver *solver, const ip_bound_model *model)
{
    const size_t c = solver->task->c;
    double nats = 0.0;
    for (size_t t = 0; t < model->k; t++) {
        double q = 0.0;
        for (size_t y = 0; y < c; y++)
            q += model->joint[t * c + y];
        for (size_t x = 0; x < solver->task->n; x++) {
            const double m = model->m[x * model->k + t];
            nats += m > 0.0 ? solver->task->p_x[x] * m * log(m / q) : 0.0;
        }
    }
    return fmax(nats / IP_NATS_PER_BIT, 0.0);
}

double ip_bound_model_i_ty(const ip_bound_solver *solver, const ip_bound_model *model)
{
    const size_t c = solver->task->c;
    double nats = 0.0;
    for (size_t t = 0; t < model->k; t++) {
        double q = 0.0;
        for (size_t y = 0; y < c; y++)
            q += model->joint[t * c + y];
        for (size_t y = 0; y < c; y++) {
            const double p = model->joint[t * c + y];
            nats += p > 0.0 ? p * log(p / (q * solver->task->p_y[y])) : 0.0;
        }
    }
    return fmax(nats / IP_NATS_PER_BIT, 0.0);
}

double ip_bound_model_residual(const ip_bound_solver *solver, const ip_bound_model *model)
{
    const size_t c = solver->task->c;
    double largest = 0.0;
    for (size_t i = 0; i < model->k * c; i++)
        largest = fmax(largest, fabs(model->q[i / c] * model->r[i] - model->joint[i]));
    return largest;
}

ip_status ip_bound_solver_init(ip_bound_solver *solver, const ip_bound_task *task, ip_arena *arena,
                               ip_error *err)
{
    const size_t most_parameters = 512;
    *solver = (ip_bound_solver){.task = task};
    solver->room = (task->n < IP_BOUND_MOST_CLUSTERS ? task->n : IP_BOUND_MOST_CLUSTERS) + 8;
    model_alloc(&solver->now, task->n, task->c, solver->room, arena);
    model_alloc(&solver->next, task->n, task->c, solver->room, arena);
    const size_t parameters = solver->room * task->c;
    solver->n_newton = parameters < most_parameters ? parameters : most_parameters;
    const size_t square = solver->n_newton * solver->n_newton;
    solver->hessian = ip_arena_alloc(arena, square, sizeof(double));
    solver->factor = ip_arena_alloc(arena, square, sizeof(double));
    solver->step = ip_arena_alloc(arena, solver->n_newton, sizeof(double));
    solver->scale = ip_arena_alloc(arena, solver->n_newton, sizeof(double));
    solver->scores = ip_arena_alloc(arena, task->n, sizeof(double));
    solver->point = ip_arena_alloc(arena, task->c, sizeof(double));
    if (task->c == 2) {
        solver->cells = ip_arena_alloc(arena, (size_t)2 * IP_BOUND_MOST_CELLS, 4 * sizeof(double));
    } else {
        const size_t starts = ip_bound_count_starts(task);
        solver->starts = ip_arena_alloc(arena, starts * task->c, sizeof(double));
        solver->heights = ip_arena_alloc(arena, starts, sizeof(double));
    }
    return ip_arena_check(arena, err);
}
