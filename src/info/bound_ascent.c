/* bound_ascent.c - the largest c(r) over the distributions of many labels, searched for
 *
 * What: r <- sum_x w_x p(y|x) with w_x proportional to p(x) e^{-beta d(x, r)} / Z_x never lowers
 *   c(r), for ln c is a sum of exponentials of functions linear in ln r. Starts: p(y|x) of the
 *   inputs, halfway from there to p(y), and points spread evenly over the simplex; all take a few
 *   steps, the best go on to the end.
 * Cost: O(n c) a step. Limits: a heuristic: a maximum can be missed. */
#include "info/bound_internal.h"
#include "infoplane/random.h"
#include <string.h>

enum { MOST_INPUTS = 200, SPREAD = 100, FIRST_STEPS = 3, BEST = 16, MOST_STEPS = 300 };

size_t ip_bound_count_starts(const ip_bound_task *task)
{
    return 2 * (task->n < MOST_INPUTS ? task->n : MOST_INPUTS) + SPREAD;
}

/* Evenly over the simplex. */
static void draw_point(ip_rng *rng, size_t c, double *r)
{
    double sum = 0.0;
    for (size_t y = 0; y < c; y++)
        sum += r[y] = -log(ip_rng_uniform(rng));
    for (size_t y = 0; y < c; y++)
        r[y] /= sum;
}

static void choose_starts(const ip_bound_solver *solver)
{
    const ip_bound_task *task = solver->task;
    const size_t c = task->c;
    const size_t inputs = (ip_bound_count_starts(task) - SPREAD) / 2;
    double *r = solver->starts;
    for (size_t i = 0; i < inputs; i++) {
        const double *p = task->p_y_given_x + i * task->n / inputs * c;
        for (size_t y = 0; y < c; y++) {
            r[y] = p[y];
            r[c + y] = (p[y] + task->p_y[y]) / 2.0;
        }
        r += 2 * c;
    }
    ip_rng rng = ip_rng_make(0, IP_PURPOSE_BOUND, 0);
    for (size_t i = 0; i < SPREAD; i++, r += c)
        draw_point(&rng, c, r);
}

/* Up to `most` steps from r; returns ln c there. */
static double ascend(ip_bound_solver *solver, size_t most, double *r)
{
    const ip_bound_task *task = solver->task;
    double ln_c = ip_bound_ln_c(solver, r);
    for (size_t i = 0; i < most; i++) {
        memset(r, 0, task->c * sizeof *r);
        for (size_t x = 0; x < task->n; x++) {
            const double w = exp(solver->scores[x] - ln_c);
            for (size_t y = 0; y < task->c; y++)
                r[y] += w * task->p_y_given_x[x * task->c + y];
        }
        const double before = ln_c;
        ln_c = ip_bound_ln_c(solver, r);
        if (ln_c - before < 1e-14)
            break;
    }
    return ln_c;
}

static size_t index_of_best(size_t n, const double *values)
{
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        best = values[i] > values[best] ? i : best;
    return best;
}

ip_bound_certificate ip_bound_certify_many(ip_bound_solver *solver)
{
    const size_t c = solver->task->c;
    const size_t n = ip_bound_count_starts(solver->task);
    ip_bound_certificate found = {.best = (double)-INFINITY, .proven = false};
    choose_starts(solver);
    for (size_t i = 0; i < n; i++)
        solver->heights[i] = ascend(solver, FIRST_STEPS, solver->starts + i * c);
    for (size_t i = 0; i < BEST && i < n; i++) {
        const size_t best = index_of_best(n, solver->heights);
        double *r = solver->starts + best * c;
        const double ln_c = ascend(solver, MOST_STEPS, r);
        solver->heights[best] = (double)-INFINITY;
        if (ln_c > found.best) {
            found.best = ln_c;
            memcpy(solver->point, r, c * sizeof *r);
        }
    }
    found.bound = found.best;
    return found;
}
