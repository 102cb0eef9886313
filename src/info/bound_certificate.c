/* bound_certificate.c - the largest c(r) over all distributions of two labels, proven
 *
 * What: for two labels r is a number, theta = ln(r_1 / r_0). With A(theta) = ln(1 + e^theta),
 *     ln c = ln sum_x w_x e^{beta p_x theta} - beta A(theta),
 *   the first part convex, so (ln c)'' >= -beta A'' = -beta r_0 r_1: over an interval of width h
 * and with s >= r_0 r_1 on it, ln c is at most its chord plus beta s (theta - a)(b - theta) / 2.
 *   Intervals whose bound tells nothing new are dropped, the others halved. Beyond the outermost
 *   theta ln c cannot rise by more than beta e^-|theta|, which is no more than rounding there.
 * Cost: O(n) an interval; some hundred intervals, more where ln c is flat. When there is no room
 * for more, the bound is what the ones at hand leave open. Limits: proven but for the rounding of
 * ln c itself. */
#include "info/bound_internal.h"

typedef struct ip_bound_cell {
    double a, b;       /* theta */
    double ln_a, ln_b; /* ln c there */
} cell;

enum { FIRST_CELLS = 64, MOST_HALVINGS = 48 };

/* ln of a sum of exponentials. */
static double ln_sum(size_t n, const double *scores)
{
    size_t top = 0;
    double others = 0.0;
    for (size_t i = 1; i < n; i++)
        top = scores[i] > scores[top] ? i : top;
    for (size_t i = 0; i < n; i++) {
        const double below = scores[i] - scores[top];
        others += i != top && below > -45.0 ? exp(below) : 0.0;
    }
    return scores[top] + log1p(others);
}

double ip_bound_ln_c(ip_bound_solver *solver, const double *r)
{
    const ip_bound_task *task = solver->task;
    for (size_t x = 0; x < task->n; x++) {
        const double d = ip_bound_distance(task->c, task->p_y_given_x + x * task->c, r);
        solver->scores[x] = log(task->p_x[x]) - solver->now.ln_z[x] - solver->beta * d;
    }
    return ln_sum(task->n, solver->scores);
}

static void point_at(double theta, double *r)
{
    r[0] = 1.0 / (1.0 + exp(theta));
    r[1] = 1.0 / (1.0 + exp(-theta));
}

/* ln c at theta; a new best is kept. */
static double look(ip_bound_solver *solver, double theta, ip_bound_certificate *found)
{
    double r[2];
    point_at(theta, r);
    const double ln_c = ip_bound_ln_c(solver, r);
    if (ln_c > found->best) {
        found->best = ln_c;
        solver->point[0] = r[0];
        solver->point[1] = r[1];
    }
    return ln_c;
}

/* Largest r_0 r_1 between a and b. */
static double most_spread(double a, double b)
{
    if (a <= 0.0 && b >= 0.0)
        return 0.25;
    const double e = exp(-fmin(fabs(a), fabs(b)));
    return e / ((1.0 + e) * (1.0 + e));
}

/* No ln c on the interval is larger: the top of chord and parabola. */
static double bound_of(const ip_bound_solver *solver, const cell *interval)
{
    const double h = interval->b - interval->a;
    const double bend = solver->beta * most_spread(interval->a, interval->b);
    const double slope = (interval->ln_b - interval->ln_a) / h;
    if (!(fabs(slope) < bend * h / 2.0))
        return fmax(interval->ln_a, interval->ln_b);
    return (interval->ln_a + interval->ln_b) / 2.0 + bend * h * h / 8.0 +
           slope * slope / (2.0 * bend);
}

static size_t first_cells(ip_bound_solver *solver, cell *cells, ip_bound_certificate *found)
{
    const double outermost = 40.0 + log(fmax(solver->beta, 1.0));
    double theta = -outermost;
    double ln_c = look(solver, theta, found);
    for (size_t i = 0; i < FIRST_CELLS; i++) {
        const double b = outermost * (2.0 * (double)(i + 1) / FIRST_CELLS - 1.0);
        const double ln_b = look(solver, b, found);
        cells[i] = (cell){theta, b, ln_c, ln_b};
        theta = b;
        ln_c = ln_b;
    }
    return FIRST_CELLS;
}

/* Halves the n cells that may hold more than `enough`, into `halves`; returns how many there are.
 */
static size_t halve(ip_bound_solver *solver, size_t n, const cell *cells, double tolerance,
                    cell *halves, ip_bound_certificate *found)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        const cell whole = cells[i];
        if (bound_of(solver, &whole) <= found->best + tolerance)
            continue;
        const double middle = (whole.a + whole.b) / 2.0;
        const double ln_c = look(solver, middle, found);
        halves[kept++] = (cell){whole.a, middle, whole.ln_a, ln_c};
        halves[kept++] = (cell){middle, whole.b, ln_c, whole.ln_b};
    }
    return kept;
}

ip_bound_certificate ip_bound_certify_two(ip_bound_solver *solver, double tolerance)
{
    ip_bound_certificate found = {.best = (double)-INFINITY, .proven = true};
    cell *now = solver->cells;
    cell *next = solver->cells + IP_BOUND_MOST_CELLS;
    size_t n = first_cells(solver, now, &found);
    for (size_t i = 0; i < MOST_HALVINGS && n > 0 && 2 * n <= IP_BOUND_MOST_CELLS; i++) {
        n = halve(solver, n, now, tolerance, next, &found);
        cell *done = now;
        now = next;
        next = done;
    }
    found.bound = found.best + tolerance;
    for (size_t i = 0; i < n; i++)
        found.bound = fmax(found.bound, bound_of(solver, &now[i]));
    return found;
}

ip_bound_certificate ip_bound_certify(ip_bound_solver *solver, double tolerance)
{
    return solver->task->c == 2 ? ip_bound_certify_two(solver, tolerance)
                                : ip_bound_certify_many(solver);
}
