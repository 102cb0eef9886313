/* test_bound_properties.c - what holds for the curve of every task, tried on random ones */
#include "bound_tasks.h"
#include "info/bound_internal.h"

enum { ROUNDS = 12, N_BETAS = 12 };

static ip_bound_task draw_task(unsigned round, ip_arena *arena)
{
    const size_t c = 2 + round % 3 / 2 * (round % 4);
    return make_random_task(round, 3 + 2 * round, c, arena);
}

/* F of a point, bits. */
static double f_of(const ip_bound_point *point)
{
    return point->i_xt - point->beta * point->i_ty;
}

/* Along rising beta: information rises, I_Y <= I_X, the slopes of the chords fall from 1 / beta to
 * the next 1 / beta, F is concave in beta. */
static void check_shape(const ip_bound_task *task, const ip_bound_point *points)
{
    const double slack = 1e-9;
    for (size_t i = 0; i < N_BETAS; i++) {
        const ip_bound_point *p = &points[i];
        CHECK(p->i_ty <= p->i_xt + 1e-12 && p->i_ty <= task->i_xy + 1e-12);
        CHECK(p->i_xt <= task->h_x + 1e-9 && p->i_xt >= 0.0 && p->i_ty >= 0.0);
        CHECK(p->gap >= 0.0 && (p->near_critical || p->gap < 1e-11));
        CHECK(p->proven == (task->c == 2));
        if (i == 0)
            continue;
        const double dx = p->i_xt - points[i - 1].i_xt;
        const double dy = p->i_ty - points[i - 1].i_ty;
        CHECK(dx >= -slack && dy >= -slack);
        CHECK(dy <= dx / points[i - 1].beta + slack && dy >= dx / p->beta - slack);
        CHECK(f_of(p) <= f_of(&points[i - 1]) + 1e-12);
    }
    for (size_t i = 1; i + 1 < N_BETAS; i++) {
        const double t =
            (points[i].beta - points[i - 1].beta) / (points[i + 1].beta - points[i - 1].beta);
        CHECK(f_of(&points[i]) >=
              (1 - t) * f_of(&points[i - 1]) + t * f_of(&points[i + 1]) - 1e-10);
    }
}

/* q_t, r_t and the code they make agree with each other and with the information told. */
static void check_code(const ip_bound_task *task, const ip_bound_point *point, ip_arena *arena)
{
    const size_t k = point->clusters;
    const size_t c = task->c;
    double *m = ip_arena_alloc(arena, task->n * k, sizeof *m);
    double i_xt = 0.0;
    double i_ty = 0.0;
    ip_bound_encoder(task, point, m);
    for (size_t t = 0; t < k; t++) {
        double q = 0.0;
        double q_y[16] = {0.0};
        for (size_t x = 0; x < task->n; x++) {
            q += task->p_x[x] * m[x * k + t];
            for (size_t y = 0; y < c; y++)
                q_y[y] += task->p_x[x] * m[x * k + t] * task->p_y_given_x[x * c + y];
        }
        CHECK_NEAR(q, point->q_t[t], 1e-10);
        for (size_t y = 0; y < c; y++) {
            CHECK_NEAR(q_y[y], q * point->r_t[t * c + y], 1e-10);
            i_ty += q_y[y] > 0.0 ? q_y[y] * log2(q_y[y] / q / task->p_y[y]) : 0.0;
        }
        for (size_t x = 0; x < task->n; x++) {
            const double w = m[x * k + t];
            i_xt += w > 0.0 ? task->p_x[x] * w * log2(w / q) : 0.0;
        }
    }
    CHECK_NEAR(i_xt, point->i_xt, 1e-9);
    CHECK_NEAR(i_ty, point->i_ty, 1e-9);
}

static void curves(void)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        ip_arena arena = {0};
        ip_bound_onset onset;
        ip_bound_point points[N_BETAS];
        double betas[N_BETAS];
        const ip_bound_task task = draw_task(round, &arena);
        MUST(ip_bound_find_onset(&task, &arena, &onset, err));
        CHECK(onset.global >= 1.0 && onset.global <= onset.local);
        for (size_t i = 0; i < N_BETAS; i++)
            betas[i] = 0.9 * onset.global * pow(1.7, (double)i);
        MUST(ip_bound_curve(&task, N_BETAS, betas, &arena, points, err));
        CHECK(points[0].clusters == 1 && points[0].i_xt == 0.0 && points[0].i_ty == 0.0);
        check_shape(&task, points);
        for (size_t i = 0; i < N_BETAS; i++)
            check_code(&task, &points[i], &arena);
        const ip_bound_point below = point_at(&task, onset.global * (1 - 1e-4), &arena);
        const ip_bound_point above = point_at(&task, onset.global * (1 + 1e-2), &arena);
        CHECK(below.clusters == 1 && above.clusters > 1 && above.i_ty > 0.0);
        ip_arena_release(&arena);
    }
}

/* A code of k random clusters. */
static void draw_code(ip_bound_solver *solver, size_t k, ip_rng *rng)
{
    const size_t c = solver->task->c;
    double total = 0.0;
    solver->now.k = k;
    for (size_t t = 0; t < k; t++) {
        double sum = 0.0;
        total += solver->now.q[t] = ip_rng_uniform(rng);
        for (size_t y = 0; y < c; y++)
            sum += solver->now.r[t * c + y] = ip_rng_uniform(rng);
        for (size_t y = 0; y < c; y++)
            solver->now.r[t * c + y] /= sum;
    }
    for (size_t t = 0; t < k; t++)
        solver->now.q[t] /= total;
    ip_bound_model_evaluate(solver, &solver->now);
}

static double f_of_code(const ip_bound_solver *solver)
{
    return ip_bound_model_i_xt(solver, &solver->now) -
           solver->beta * ip_bound_model_i_ty(solver, &solver->now);
}

/* From random codes: no sweep and no descent raises F, none ends below the certified minimum. */
static void random_starts(void)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        ip_arena arena = {0};
        ip_bound_solver solver;
        ip_rng rng = ip_rng_make(5, IP_PURPOSE_TEST, round);
        const ip_bound_task task = draw_task(round, &arena);
        const double beta = 1.5 + 30 * pow(ip_rng_uniform(&rng), 2);
        const ip_bound_point best = point_at(&task, beta, &arena);
        MUST(ip_bound_solver_init(&solver, &task, &arena, err));
        solver.beta = beta;
        for (size_t start = 0; start < 8; start++) {
            draw_code(&solver, 1 + ip_rng_below(&rng, (uint32_t)task.n), &rng);
            double f = f_of_code(&solver);
            for (size_t i = 0; i < 50; i++) {
                const double phi = solver.now.phi;
                ip_bound_sweep(&solver);
                ip_bound_accept(&solver);
                CHECK(f_of_code(&solver) <= f + 1e-12 && solver.now.phi <= phi + 1e-12);
                f = f_of_code(&solver);
            }
            ip_bound_descend(&solver);
            CHECK(f_of_code(&solver) <= f + 1e-12);
            CHECK(f_of_code(&solver) >= f_of(&best) - best.gap - 1e-12);
            const ip_bound_certificate found = ip_bound_certify(&solver, 1e-12);
            CHECK(f_of_code(&solver) - fmax(found.bound, 0.0) / IP_NATS_PER_BIT <=
                  f_of(&best) + 1e-11);
        }
        ip_arena_release(&arena);
    }
}

/* The bound of the search over two labels holds at every r, also for codes that are not optimal and
 * where the search may not refine. */
static void certificates(void)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        ip_arena arena = {0};
        ip_bound_solver solver;
        ip_rng rng = ip_rng_make(6, IP_PURPOSE_TEST, round);
        const ip_bound_task task = make_random_task(round, 20, 2, &arena);
        MUST(ip_bound_solver_init(&solver, &task, &arena, err));
        solver.beta = pow(10, 4 * ip_rng_uniform(&rng));
        draw_code(&solver, 1 + ip_rng_below(&rng, 6), &rng);
        const ip_bound_certificate sharp = ip_bound_certify(&solver, 1e-12);
        const ip_bound_certificate loose = ip_bound_certify(&solver, 0.1);
        CHECK(sharp.bound >= sharp.best && sharp.bound <= sharp.best + 2e-12);
        CHECK(loose.bound >= sharp.best && loose.best <= sharp.best);
        for (size_t i = 0; i <= 20000; i++) {
            const double angle = (double)i / 20000 * acos(0.0);
            const double r[] = {cos(angle) * cos(angle), sin(angle) * sin(angle)};
            if (!(ip_bound_ln_c(&solver, r) <= sharp.bound + 1e-12 * solver.beta))
                CHECK_NEAR(ip_bound_ln_c(&solver, r), sharp.bound, 0);
        }
        CHECK(ip_bound_ln_c(&solver, (double[]){1, 0}) <= sharp.bound + 1e-12 * solver.beta);
        ip_arena_release(&arena);
    }
}

/* The same betas in another order, twice, are the same bits. */
static void repetition(void)
{
    ip_arena arena = {0};
    const double betas[] = {3, 8, 2, 8, 40};
    const double sorted[] = {2, 3, 8, 40};
    ip_bound_point a[5];
    ip_bound_point b[4];
    const ip_bound_task task = make_random_task(4, 12, 2, &arena);
    MUST(ip_bound_curve(&task, 5, betas, &arena, a, err));
    MUST(ip_bound_curve(&task, 4, sorted, &arena, b, err));
    const size_t same[] = {1, 2, 0, 2, 3};
    for (size_t i = 0; i < 5; i++)
        CHECK(a[i].i_xt == b[same[i]].i_xt && a[i].i_ty == b[same[i]].i_ty &&
              a[i].gap == b[same[i]].gap && a[i].clusters == b[same[i]].clusters);
    ip_arena_release(&arena);
}

/* One label, one input, p(y|x) of 0, 1 and next to nothing, beta from 0 to the largest. */
static void edges(void)
{
    ip_arena arena = {0};
    const double betas[] = {0, 1, 2.5, 1e3, 1e6, IP_BOUND_MOST_BETA};
    ip_bound_point points[6];
    ip_bound_onset onset;
    size_t n = 10;
    double chosen[10];
    const ip_bound_task one = make_task(2, 2, NULL, (double[]){0.4, 0.6, 0.4, 0.6}, &arena);
    MUST(ip_bound_curve(&one, 6, betas, &arena, points, err));
    for (size_t i = 0; i < 6; i++)
        CHECK(points[i].i_xt == 0 && points[i].clusters == 1 && points[i].gap == 0);
    MUST(ip_bound_find_onset(&one, &arena, &onset, err));
    CHECK(isinf(onset.global) && isinf(onset.local));
    MUST(ip_bound_choose_betas(&one, &onset, &arena, &n, chosen, err));
    CHECK_COUNT(n, 0);
    const double sharp[] = {1, 0, 0, 1, 1, 1e-300, 0.5, 0.5, 1e-17, 1};
    const ip_bound_task task = make_task(5, 2, NULL, sharp, &arena);
    MUST(ip_bound_curve(&task, 6, betas, &arena, points, err));
    for (size_t i = 0; i < 6; i++) {
        CHECK(isfinite(points[i].i_xt) && isfinite(points[i].i_ty) && points[i].gap >= 0);
        CHECK(points[i].i_ty <= task.i_xy + 1e-12);
        CHECK(points[i].gap < 1e-11);
    }
    CHECK_NEAR(points[3].i_ty, task.i_xy, 1e-9);
    CHECK_NEAR(points[3].i_xt, 0.4 * log2(2.5) * 2 + 0.2 * log2(5), 1e-9);
    ip_arena_release(&arena);
}

int main(void)
{
    curves();
    random_starts();
    certificates();
    repetition();
    edges();
    return check_finish();
}
