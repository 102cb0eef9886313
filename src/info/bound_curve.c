/* bound_curve.c - points of the bottleneck's curve, each with its certificate
 *
 * What: from the code at hand downhill to a stationary one; then the r of largest c(r). If ln c is
 *   above 0 there, that r joins as a cluster, with the mass that lowers phi most (phi is convex in
 *   it), and downhill again: column generation, which ends at the minimum over all codes wherever
 *   it began.
 * Source: the certificate is the dual bound of rate-distortion theory, and the gradient condition
 *   of nonparametric maximum likelihood (Lindsay, Annals of Statistics 11, 1983).
 * Limits: see bound_certificate.c, bound_ascent.c for what a certificate is worth. */
#include "info/bound_internal.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ROUNDS = 400, MOST_STALLED = 2 };

static const double open_nats = 1e-12;      /* a larger ln c wants one more cluster */
static const double tolerance_nats = 2e-13; /* of the search for the largest */
static const double least_stiffness = 1.5e-4;

/* How phi falls with the mass given to the point, at `mass`: sum p (rho - 1) / (1 + mass (rho -
 * 1)), rho = e^{-beta d} / Z of each input. */
static double fall_at(const ip_bound_solver *solver, double mass)
{
    double sum = 0.0;
    for (size_t x = 0; x < solver->task->n; x++) {
        const double more = solver->scores[x] - 1.0;
        sum += solver->task->p_x[x] * more / (1.0 + mass * more);
    }
    return sum;
}

/* The mass of the new cluster that lowers phi most. */
static double best_mass(ip_bound_solver *solver)
{
    double low = 0.0;
    double high = 1.0;
    ip_bound_ln_c(solver, solver->point);
    for (size_t x = 0; x < solver->task->n; x++)
        solver->scores[x] = exp(fmin(solver->scores[x] - log(solver->task->p_x[x]), 600.0));
    for (int i = 0; i < 60; i++) {
        const double middle = (low + high) / 2.0;
        *(fall_at(solver, middle) > 0.0 ? &low : &high) = middle;
    }
    return low;
}

static size_t lightest(const ip_bound_model *model)
{
    size_t best = 0;
    for (size_t t = 1; t < model->k; t++)
        best = model->q[t] < model->q[best] ? t : best;
    return best;
}

/* The point joins `now`, in the place of the lightest cluster when there is no room. Whether it got
 * any mass. */
static bool add_cluster(ip_bound_solver *solver)
{
    ip_bound_model *now = &solver->now;
    const size_t c = solver->task->c;
    const double mass = best_mass(solver);
    if (mass < 1e-15)
        return false;
    const size_t place = now->k < solver->room ? now->k++ : lightest(now);
    for (size_t t = 0; t < now->k; t++)
        now->q[t] *= 1.0 - mass;
    now->q[place] = mass;
    memcpy(now->r + place * c, solver->point, c * sizeof *now->r);
    return true;
}

/* Minimises from the code at hand. Ends also when clusters join and phi cannot tell any more. */
static ip_bound_certificate minimise(ip_bound_solver *solver)
{
    const double noise = 1e-15; /* nats */
    double before = (double)INFINITY;
    size_t stalled = 0;
    for (size_t round = 0;; round++) {
        ip_bound_descend(solver);
        const ip_bound_certificate found = ip_bound_certify(solver, tolerance_nats);
        stalled = before - solver->now.phi > noise ? 0 : stalled + 1;
        before = solver->now.phi;
        if (found.best <= open_nats || stalled > MOST_STALLED || round == MOST_ROUNDS ||
            !add_cluster(solver))
            return found;
    }
}

static ip_status keep(ip_bound_solver *solver, const ip_bound_certificate *found, ip_arena *arena,
                      ip_bound_point *point, ip_error *err)
{
    const ip_bound_model *now = &solver->now;
    const size_t c = solver->task->c;
    *point = (ip_bound_point){.beta = solver->beta, .clusters = now->k, .proven = found->proven};
    point->q_t = ip_arena_alloc(arena, now->k, sizeof *point->q_t);
    point->r_t = ip_arena_alloc(arena, now->k * c, sizeof *point->r_t);
    IP_TRY(ip_arena_check(arena, err));
    memcpy(point->q_t, now->q, now->k * sizeof *point->q_t);
    memcpy(point->r_t, now->r, now->k * c * sizeof *point->r_t);
    point->i_xt = now->k > 1 ? ip_bound_model_i_xt(solver, now) : 0.0;
    point->i_ty = now->k > 1 ? ip_bound_model_i_ty(solver, now) : 0.0;
    point->gap = fmax(found->bound, 0.0) / IP_NATS_PER_BIT;
    point->near_critical =
        found->best > open_nats || (now->k > 1 && ip_bound_stiffness(solver) < least_stiffness);
    point->sweeps = solver->sweeps;
    return IP_OK;
}

/* No code beats the one that says nothing while beta <= 1, for I(T;Y) <= I(X;T); nor ever, when
 * there is nothing to say. */
static bool is_trivial(const ip_bound_task *task, double beta)
{
    return beta <= 1.0 || task->n == 1;
}

static ip_status solve(ip_bound_solver *solver, double beta, ip_arena *arena, ip_bound_point *point,
                       ip_error *err)
{
    ip_bound_certificate found = {.proven = true};
    solver->beta = beta;
    solver->sweeps = 0;
    if (is_trivial(solver->task, beta)) {
        ip_bound_model_trivial(solver, &solver->now);
        ip_bound_model_evaluate(solver, &solver->now);
    } else {
        found = minimise(solver);
    }
    return keep(solver, &found, arena, point, err);
}

/* Every label its own cluster, or one for all. */
static ip_status write_kink(const ip_bound_task *task, double beta, ip_arena *arena,
                            ip_bound_point *point, ip_error *err)
{
    const size_t k = beta > 1.0 ? task->n : 1;
    *point = (ip_bound_point){.beta = beta, .clusters = k, .proven = true};
    point->near_critical = beta == 1.0;
    point->q_t = ip_arena_alloc(arena, k, sizeof *point->q_t);
    point->r_t = ip_arena_alloc(arena, k * task->c, sizeof *point->r_t);
    IP_TRY(ip_arena_check(arena, err));
    memcpy(point->q_t, k > 1 ? task->p_x : (double[]){1.0}, k * sizeof *point->q_t);
    memcpy(point->r_t, k > 1 ? task->p_y_given_x : task->p_y, k * task->c * sizeof *point->r_t);
    point->i_xt = point->i_ty = k > 1 ? task->h_y : 0.0;
    return IP_OK;
}

/* ---- many betas ---- */

typedef struct turn {
    double beta;
    size_t index;
} turn;

static int compare_turns(const void *left, const void *right)
{
    const turn *a = left;
    const turn *b = right;
    const int order = (a->beta > b->beta) - (a->beta < b->beta);
    return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

static ip_status solve_in_turn(const ip_bound_task *task, size_t n, const turn *turns,
                               ip_bound_solver *solver, ip_arena *arena, ip_bound_point *points,
                               ip_error *err)
{
    for (size_t i = 0; i < n; i++) {
        ip_bound_point *point = &points[turns[i].index];
        assert(turns[i].beta >= 0.0 && turns[i].beta <= IP_BOUND_MOST_BETA);
        if (i > 0 && turns[i].beta == turns[i - 1].beta)
            *point = points[turns[i - 1].index];
        else if (task->is_kink)
            IP_TRY(write_kink(task, turns[i].beta, arena, point, err));
        else
            IP_TRY(solve(solver, turns[i].beta, arena, point, err));
    }
    return IP_OK;
}

ip_status ip_bound_curve(const ip_bound_task *task, size_t n, const double *betas, ip_arena *arena,
                         ip_bound_point *points, ip_error *err)
{
    ip_arena scratch = {0};
    ip_bound_solver solver = {0};
    turn *turns = ip_arena_alloc(&scratch, n, sizeof *turns);
    ip_status status = ip_bound_solver_init(&solver, task, &scratch, err);
    if (status == IP_OK) {
        for (size_t i = 0; i < n; i++)
            turns[i] = (turn){betas[i], i};
        qsort(turns, n, sizeof *turns, compare_turns);
        ip_bound_model_trivial(&solver, &solver.now);
        status = solve_in_turn(task, n, turns, &solver, arena, points, err);
    }
    ip_arena_release(&scratch);
    return status;
}

void ip_bound_encoder(const ip_bound_task *task, const ip_bound_point *point, double *q_t_given_x)
{
    const size_t k = point->clusters;
    for (size_t x = 0; x < task->n; x++) {
        double *m = q_t_given_x + x * k;
        double largest = (double)-INFINITY;
        double sum = 0.0;
        for (size_t t = 0; t < k; t++) {
            const double d = ip_bound_distance(task->c, task->p_y_given_x + x * task->c,
                                               point->r_t + t * task->c);
            m[t] = log(point->q_t[t]) - (point->beta > 0.0 ? point->beta * d : 0.0);
            largest = fmax(largest, m[t]);
        }
        for (size_t t = 0; t < k; t++)
            sum += m[t] = exp(m[t] - largest);
        for (size_t t = 0; t < k; t++)
            m[t] /= sum;
    }
}
