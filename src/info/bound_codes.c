/* bound_codes.c - the best deterministic codes, at many betas
 *
 * What: a code t(x) with the masses w_t and w_ty costs, in nats,
 *     H(T) + beta H(Y|T) = sum_t (-w ln w + beta (w ln w - sum_y w_y ln w_y)),
 *   which is H(T) - beta I(T;Y) but for beta H(Y). For two labels a best code has intervals of
 *   p(y=1|x) as cells, for which cell an input prefers is linear in p(y=1|x): the best code of the
 *   first j inputs is the best of the first i and one more cell, for some i.
 * Source: Strouse, Schwab, "The deterministic information bottleneck", Neural Computation 29, 2017;
 *   the dynamic programme is the usual one for contiguous partitions.
 * Cost: O(n^2) logarithms and O(n^2) steps a beta; 12 n bytes a beta. */
#include "info/bound_codes.h"
#include <assert.h>
#include <string.h>

double ip_bound_x_ln_x(double x)
{
    return x > 0.0 ? x * log(x) : 0.0;
}

/* Tables of the dynamic programme: row j of n + 1 is for the first j inputs, a column each beta. */
typedef struct programme {
    const ip_bound_task *task;
    size_t n_betas;
    const double *betas;
    double *cost;   /* (n + 1, n_betas) */
    uint32_t *from; /* (n + 1, n_betas) where the last cell begins */
} programme;

/* The last cell of the first j inputs, from i on. */
static void try_cell(const programme *p, size_t i, size_t j, double w, const double *w_y)
{
    const double keep = -ip_bound_x_ln_x(w);
    const double doubt = -keep - ip_bound_x_ln_x(w_y[0]) - ip_bound_x_ln_x(w_y[1]);
    const double *before = p->cost + i * p->n_betas;
    double *cost = p->cost + j * p->n_betas;
    uint32_t *from = p->from + j * p->n_betas;
    for (size_t b = 0; b < p->n_betas; b++) {
        const double sum = before[b] + keep + p->betas[b] * doubt;
        if (sum < cost[b]) {
            cost[b] = sum;
            from[b] = (uint32_t)i;
        }
    }
}

static void fill_programme(const programme *p)
{
    const ip_bound_task *task = p->task;
    for (size_t j = 1; j <= task->n; j++) {
        double w = 0.0;
        double w_y[2] = {0.0, 0.0};
        for (size_t b = 0; b < p->n_betas; b++)
            p->cost[j * p->n_betas + b] = (double)INFINITY;
        for (size_t i = j; i-- > 0;) {
            w += task->p_x[i];
            w_y[0] += task->p_x[i] * task->p_y_given_x[2 * i];
            w_y[1] += task->p_x[i] * task->p_y_given_x[2 * i + 1];
            try_cell(p, i, j, w, w_y);
        }
    }
}

/* Numbers the cells from the first input on. */
static void read_code(const programme *p, size_t b, ip_bound_code *code)
{
    size_t end = p->task->n;
    code->clusters = 0;
    while (end > 0) {
        const size_t begin = p->from[end * p->n_betas + b];
        for (size_t x = begin; x < end; x++)
            code->t_of[x] = (uint32_t)code->clusters;
        code->clusters++;
        end = begin;
    }
    for (size_t x = 0; x < p->task->n; x++)
        code->t_of[x] = (uint32_t)(code->clusters - 1) - code->t_of[x];
}

static ip_status codes_of_two(const ip_bound_task *task, size_t n, const double *betas,
                              ip_arena *scratch, ip_bound_code *codes, ip_error *err)
{
    programme p = {.task = task, .n_betas = n, .betas = betas};
    p.cost = ip_arena_alloc(scratch, (task->n + 1) * n, sizeof *p.cost);
    p.from = ip_arena_alloc(scratch, (task->n + 1) * n, sizeof *p.from);
    IP_TRY(ip_arena_check(scratch, err));
    fill_programme(&p);
    for (size_t b = 0; b < n; b++)
        read_code(&p, b, &codes[b]);
    return IP_OK;
}

/* H(T) and I(T;Y) of a code; w (n), w_y (n, c). I(T;Y) as a mean distance, which is not negative.
 */
static void measure(const ip_bound_task *task, double *w, double *w_y, ip_bound_code *code)
{
    const size_t c = task->c;
    double h_t = 0.0;
    double i_ty = 0.0;
    memset(w, 0, code->clusters * sizeof *w);
    memset(w_y, 0, code->clusters * c * sizeof *w_y);
    for (size_t x = 0; x < task->n; x++) {
        w[code->t_of[x]] += task->p_x[x];
        for (size_t y = 0; y < c; y++)
            w_y[code->t_of[x] * c + y] += task->p_x[x] * task->p_y_given_x[x * c + y];
    }
    for (size_t t = 0; t < code->clusters; t++) {
        for (size_t y = 0; y < c; y++)
            w_y[t * c + y] /= w[t];
        h_t -= ip_bound_x_ln_x(w[t]);
        i_ty += w[t] * ip_bound_distance(c, w_y + t * c, task->p_y);
    }
    code->h_t = code->clusters > 1 ? h_t / IP_NATS_PER_BIT : 0.0;
    code->i_ty = code->clusters > 1 ? i_ty / IP_NATS_PER_BIT : 0.0;
}

static ip_status find_codes(const ip_bound_task *task, size_t n, const double *betas,
                            ip_arena *scratch, ip_bound_code *codes, ip_error *err)
{
    double *w = ip_arena_alloc(scratch, task->n, sizeof *w);
    double *w_y = ip_arena_alloc(scratch, task->n * task->c, sizeof *w_y);
    IP_TRY(ip_arena_check(scratch, err));
    if (task->c == 2)
        IP_TRY(codes_of_two(task, n, betas, scratch, codes, err));
    else
        IP_TRY(ip_bound_search_codes(task, n, scratch, codes, err));
    for (size_t b = 0; b < n; b++)
        measure(task, w, w_y, &codes[b]);
    return IP_OK;
}

ip_status ip_bound_codes(const ip_bound_task *task, size_t n, const double *betas, ip_arena *arena,
                         ip_bound_code *codes, ip_error *err)
{
    ip_arena scratch = {0};
    for (size_t b = 0; b < n; b++) {
        assert(betas[b] >= 0.0 && betas[b] <= IP_BOUND_MOST_BETA);
        codes[b] = (ip_bound_code){.beta = betas[b], .proven = task->c <= 2};
        codes[b].t_of = ip_arena_alloc(arena, task->n, sizeof *codes[b].t_of);
    }
    IP_TRY(ip_arena_check(arena, err));
    const ip_status status = find_codes(task, n, betas, &scratch, codes, err);
    ip_arena_release(&scratch);
    return status;
}
