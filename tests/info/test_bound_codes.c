/* test_bound_codes.c - the best deterministic codes */
#include "bound_tasks.h"

static double cost(const ip_bound_code *code)
{
    return code->h_t - code->beta * code->i_ty;
}

typedef struct known {
    double beta, h_t, i_ty;
    size_t clusters;
} known;

static void check_codes(const ip_bound_task *task, size_t n, const known *expected)
{
    ip_arena arena = {0};
    ip_bound_code codes[8];
    double betas[8] = {0.0};
    for (size_t i = 0; i < n; i++)
        betas[i] = expected[i].beta;
    MUST(ip_bound_codes(task, n, betas, &arena, codes, err));
    for (size_t i = 0; i < n; i++) {
        CHECK_NEAR(codes[i].h_t, expected[i].h_t, 1e-9);
        CHECK_NEAR(codes[i].i_ty, expected[i].i_ty, 1e-9);
        CHECK_COUNT(codes[i].clusters, expected[i].clusters);
        CHECK(codes[i].proven && codes[i].beta == betas[i]);
    }
    ip_arena_release(&arena);
}

/* Values computed outside this program. */
static void icosahedron(void)
{
    static const known codes[] = {
        {3, .9937824893935209, .4839695564895881, 2},
        {10, 1.5200327606, .5651579970, 3},
        {20, 1.9449364565, .5955142594, 4},
        {100, 2.9513510880, .6179152254, 9},
    };
    ip_arena arena = {0};
    const ip_bound_task task = make_icosahedron_task(0.2, &arena);
    check_codes(&task, IP_LENGTH(codes), codes);
    ip_arena_release(&arena);
}

/* 12 bits, p(y=1|x) = 1 / (1 + exp(6.5 - ones)). */
static void ones(void)
{
    static const known codes[] = {
        {0, 0, 0, 1},
        {5, .9629734743822684, .2029722966925108, 2},
        {20, 1.5147021821222562, .2459988528795750, 3},
    };
    ip_arena arena = {0};
    double p_x[13];
    double p_y[26];
    double choose = 1;
    for (int k = 0; k <= 12; k++) {
        p_x[k] = choose / 4096;
        choose = choose * (12 - k) / (k + 1);
        p_y[2 * k] = 1 / (1 + exp(k - 6.5));
        p_y[2 * k + 1] = 1 / (1 + exp(6.5 - k));
    }
    const ip_bound_task task = make_task(13, 2, p_x, p_y, &arena);
    check_codes(&task, IP_LENGTH(codes), codes);
    ip_arena_release(&arena);
}

static void kink(void)
{
    const double h = 0.9991571208502711;
    const known codes[] = {{0.5, 0, 0, 1}, {1.5, h, h, 2}, {1e6, h, h, 2}};
    ip_arena arena = {0};
    const ip_bound_task task = make_icosahedron_task((double)INFINITY, &arena);
    check_codes(&task, IP_LENGTH(codes), codes);
    const known nothing = {7, 0, 0, 1};
    const ip_bound_task one = make_task(1, 1, NULL, (double[]){1}, &arena);
    check_codes(&one, 1, &nothing);
    ip_arena_release(&arena);
}

/* ---- against all partitions ---- */

/* H(T) - beta I(T;Y) of a partition, bits. */
static double cost_of(const ip_bound_task *task, double beta, const uint32_t *t_of)
{
    double cost_bits = 0.0;
    for (size_t t = 0; t < task->n; t++) {
        double w = 0.0;
        double w_y[8] = {0};
        for (size_t x = 0; x < task->n; x++) {
            for (size_t y = 0; t_of[x] == t && y < task->c; y++)
                w_y[y] += task->p_x[x] * task->p_y_given_x[x * task->c + y];
            w += t_of[x] == t ? task->p_x[x] : 0.0;
        }
        cost_bits -= w > 0.0 ? w * log2(w) : 0.0;
        for (size_t y = 0; y < task->c; y++)
            cost_bits -= w_y[y] > 0.0 ? beta * w_y[y] * log2(w_y[y] / w / task->p_y[y]) : 0.0;
    }
    return cost_bits;
}

/* The least cost over all partitions: cells are numbered by their first input. */
static double least_cost(const ip_bound_task *task, double beta, uint32_t *t_of, size_t x,
                         uint32_t k)
{
    if (x == task->n)
        return cost_of(task, beta, t_of);
    double least = (double)INFINITY;
    for (uint32_t t = 0; t <= k; t++) {
        t_of[x] = t;
        least = fmin(least, least_cost(task, beta, t_of, x + 1, t == k ? k + 1 : k));
    }
    return least;
}

/* Two labels: always the best. More: on these small tasks too, though that is not promised. */
static void all_partitions(void)
{
    const double betas[] = {1.5, 4, 15};
    for (unsigned seed = 1; seed <= 8; seed++) {
        ip_arena arena = {0};
        ip_bound_code codes[3];
        uint32_t t_of[7];
        const ip_bound_task task = make_random_task(seed, 7, 2 + seed % 3, &arena);
        MUST(ip_bound_codes(&task, 3, betas, &arena, codes, err));
        for (size_t i = 0; i < 3; i++) {
            CHECK_NEAR(cost(&codes[i]), least_cost(&task, betas[i], t_of, 0, 0), 1e-11);
            CHECK_NEAR(cost(&codes[i]), cost_of(&task, betas[i], codes[i].t_of), 1e-11);
            CHECK(codes[i].proven == (task.c == 2));
        }
        ip_arena_release(&arena);
    }
}

/* No deterministic code lies above the curve. */
static void below_the_curve(void)
{
    for (unsigned seed = 1; seed <= 6; seed++) {
        ip_arena arena = {0};
        const double betas[] = {1.2, 2, 5, 20, 100};
        ip_bound_code codes[5];
        ip_bound_point points[5];
        const ip_bound_task task = make_random_task(seed, 15, 2, &arena);
        MUST(ip_bound_codes(&task, 5, betas, &arena, codes, err));
        MUST(ip_bound_curve(&task, 5, betas, &arena, points, err));
        for (size_t i = 0; i < 5; i++) {
            CHECK(cost(&codes[i]) >=
                  points[i].i_xt - betas[i] * points[i].i_ty - points[i].gap - 1e-12);
            CHECK(codes[i].i_ty <= ip_bound_i_ty_at(&task, 5, points, codes[i].h_t).high + 1e-9);
        }
        ip_arena_release(&arena);
    }
}

int main(void)
{
    icosahedron();
    ones();
    kink();
    all_partitions();
    below_the_curve();
    return check_finish();
}
