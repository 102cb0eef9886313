/* bound_search.c - good deterministic codes for many labels, by local search
 *
 * What: single inputs move to the cell that costs least, or to one of their own; cells merge where
 *   that costs less; until neither helps. From one cell, from a cell each, and from random codes:
 *   the best is kept, the earliest of equals.
 * Cost: O(n k c) a round, some rounds a start. Limits: a heuristic. */
#include "info/bound_codes.h"
#include "infoplane/random.h"
#include <string.h>

enum { RANDOM_STARTS = 8, MOST_CELLS = 64, MOST_ROUNDS = 100 };

static const double noise = 1e-13; /* nats: less is no gain */

typedef struct search {
    const ip_bound_task *task;
    double beta;
    size_t k, room;
    uint32_t *t_of; /* (n) */
    double *w_y;    /* (room, c) masses of the cells */
    double *cost;   /* (room) */
    double *sum;    /* (c) */
} search;

static double cost_of(const search *s, const double *w_y)
{
    double w = 0.0;
    double spread = 0.0;
    for (size_t y = 0; y < s->task->c; y++) {
        w += w_y[y];
        spread += ip_bound_x_ln_x(w_y[y]);
    }
    return -ip_bound_x_ln_x(w) + s->beta * (ip_bound_x_ln_x(w) - spread);
}

/* Cost of a cell with `sign` times the weights of an input added. */
static double cost_with(const search *s, const double *w_y, size_t x, double sign)
{
    const size_t c = s->task->c;
    for (size_t y = 0; y < c; y++)
        s->sum[y] = fmax(w_y[y] + sign * s->task->p_x[x] * s->task->p_y_given_x[x * c + y], 0.0);
    return cost_of(s, s->sum);
}

/* The masses of the cells anew: adding and taking away would leave rounding behind. */
static void weigh(search *s)
{
    const size_t c = s->task->c;
    memset(s->w_y, 0, s->room * c * sizeof *s->w_y);
    for (size_t x = 0; x < s->task->n; x++) {
        for (size_t y = 0; y < c; y++)
            s->w_y[s->t_of[x] * c + y] += s->task->p_x[x] * s->task->p_y_given_x[x * c + y];
    }
    for (size_t t = 0; t < s->k; t++)
        s->cost[t] = cost_of(s, s->w_y + t * c);
}

/* Cells without inputs go; the others are numbered by their first input. */
static void renumber(search *s, uint32_t *name)
{
    s->k = 0;
    memset(name, 0xff, s->room * sizeof *name);
    for (size_t x = 0; x < s->task->n; x++) {
        if (name[s->t_of[x]] == UINT32_MAX)
            name[s->t_of[x]] = (uint32_t)s->k++;
        s->t_of[x] = name[s->t_of[x]];
    }
    weigh(s);
}

static void put(search *s, size_t x, size_t from, size_t to)
{
    const size_t c = s->task->c;
    for (size_t y = 0; y < c; y++) {
        const double w = s->task->p_x[x] * s->task->p_y_given_x[x * c + y];
        s->w_y[from * c + y] = fmax(s->w_y[from * c + y] - w, 0.0);
        s->w_y[to * c + y] += w;
    }
    s->t_of[x] = (uint32_t)to;
    s->k += to == s->k;
    s->cost[from] = cost_of(s, s->w_y + from * c);
    s->cost[to] = cost_of(s, s->w_y + to * c);
}

/* Whether input x found a better cell; cell number k is an empty one. */
static bool move_input(search *s, size_t x)
{
    const size_t c = s->task->c;
    const size_t own = s->t_of[x];
    const double gain = s->cost[own] - cost_with(s, s->w_y + own * c, x, -1.0);
    size_t best = own;
    double least = -noise;
    for (size_t t = 0; t < s->room && t <= s->k; t++) {
        const double before = t < s->k ? s->cost[t] : 0.0;
        const double change = cost_with(s, s->w_y + t * c, x, 1.0) - before - gain;
        if (t != own && change < least) {
            least = change;
            best = t;
        }
    }
    if (best != own)
        put(s, x, own, best);
    return best != own;
}

/* Whether cells a and b are cheaper as one, and so made one. */
static bool merge(search *s, size_t a, size_t b)
{
    const size_t c = s->task->c;
    for (size_t y = 0; y < c; y++)
        s->sum[y] = s->w_y[a * c + y] + s->w_y[b * c + y];
    const double cost = cost_of(s, s->sum);
    if (!(cost - s->cost[a] - s->cost[b] < -noise))
        return false;
    for (size_t x = 0; x < s->task->n; x++)
        s->t_of[x] = s->t_of[x] == b ? (uint32_t)a : s->t_of[x];
    memcpy(s->w_y + a * c, s->sum, c * sizeof *s->sum);
    memset(s->w_y + b * c, 0, c * sizeof *s->w_y);
    s->cost[a] = cost;
    s->cost[b] = 0.0;
    return true;
}

static void descend(search *s, uint32_t *name)
{
    bool better = true;
    renumber(s, name);
    for (size_t round = 0; better && round < MOST_ROUNDS; round++) {
        better = false;
        for (size_t x = 0; x < s->task->n; x++)
            better |= move_input(s, x);
        renumber(s, name);
        for (size_t a = 0; a < s->k; a++) {
            for (size_t b = a + 1; b < s->k; b++)
                better |= merge(s, a, b);
        }
        renumber(s, name);
    }
}

static double total_cost(const search *s)
{
    double sum = 0.0;
    for (size_t t = 0; t < s->k; t++)
        sum += s->cost[t];
    return sum;
}

/* One cell, as many as there is room for, or a random number of random ones. */
static void choose_start(search *s, size_t start)
{
    ip_rng rng = ip_rng_make(0, IP_PURPOSE_BOUND, start);
    const uint32_t room = (uint32_t)s->room;
    const uint32_t cells = start == 0 ? 1 : start == 1 ? room : 1 + ip_rng_below(&rng, room);
    for (size_t x = 0; x < s->task->n; x++)
        s->t_of[x] = start == 1 ? (uint32_t)(x * cells / s->task->n) : ip_rng_below(&rng, cells);
}

ip_status ip_bound_search_codes(const ip_bound_task *task, size_t n, ip_arena *scratch,
                                ip_bound_code *codes, ip_error *err)
{
    search s = {.task = task, .room = task->n < MOST_CELLS ? task->n : MOST_CELLS};
    s.t_of = ip_arena_alloc(scratch, task->n, sizeof *s.t_of);
    s.w_y = ip_arena_alloc(scratch, s.room * task->c, sizeof *s.w_y);
    s.cost = ip_arena_alloc(scratch, s.room, sizeof *s.cost);
    s.sum = ip_arena_alloc(scratch, task->c, sizeof *s.sum);
    uint32_t *name = ip_arena_alloc(scratch, s.room, sizeof *name);
    IP_TRY(ip_arena_check(scratch, err));
    for (size_t b = 0; b < n; b++) {
        double least = (double)INFINITY;
        s.beta = codes[b].beta;
        for (size_t start = 0; start < 2 + RANDOM_STARTS; start++) {
            choose_start(&s, start);
            descend(&s, name);
            if (total_cost(&s) < least - noise) {
                least = total_cost(&s);
                codes[b].clusters = s.k;
                memcpy(codes[b].t_of, s.t_of, task->n * sizeof *s.t_of);
            }
        }
    }
    return IP_OK;
}
