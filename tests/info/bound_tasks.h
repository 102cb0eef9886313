/* bound_tasks.h - tasks whose bottleneck is known, for the tests */
#ifndef BOUND_TASKS_H
#define BOUND_TASKS_H

#include "check.h"
#include "infoplane/bound.h"
#include "infoplane/random.h"
#include "infoplane/task.h"

#define MUST(call)                                                                                 \
    do {                                                                                           \
        ip_error must_err = {0};                                                                   \
        ip_error *err = &must_err;                                                                 \
        if ((call) != IP_OK) {                                                                     \
            fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call, err->text);              \
            exit(EXIT_FAILURE);                                                                    \
        }                                                                                          \
    } while (0)

/* n rows of c labels; p_x NULL: uniform. */
static inline ip_bound_task make_task(size_t n, size_t c, const double *p_x, const double *p_y,
                                      ip_arena *arena)
{
    ip_bound_task task;
    double *uniform = ip_arena_alloc(arena, n, sizeof *uniform);
    for (size_t i = 0; i < n; i++)
        uniform[i] = 1.0 / (double)n;
    MUST(ip_bound_task_make(n, c, p_x != NULL ? p_x : uniform, p_y, NULL, arena, &task, err));
    return task;
}

/* The icosahedron with rule `integer`; hard for an infinite gain. */
static inline ip_dataset *make_icosahedron(double gain)
{
    ip_dataset *data = NULL;
    const ip_task_options options = {
        .rule = isinf(gain) ? IP_RULE_HARD : IP_RULE_SOFT,
        .form = IP_FORM_INTEGER,
        .gain = gain,
        .information = (double)NAN,
        .threshold = (double)NAN,
    };
    MUST(ip_task_icosahedron.make(&options, &data, err));
    return data;
}

static inline ip_bound_task make_icosahedron_task(double gain, ip_arena *arena)
{
    ip_dataset *data = make_icosahedron(gain);
    const ip_bound_task task = make_task(data->n, data->c, data->p_x, data->p_y_given_x, arena);
    ip_dataset_free(data);
    return task;
}

static inline ip_bound_point point_at(const ip_bound_task *task, double beta, ip_arena *arena)
{
    ip_bound_point point;
    MUST(ip_bound_curve(task, 1, &beta, arena, &point, err));
    return point;
}

/* Random rows, soft or with zeros, and random weights. */
static inline ip_bound_task make_random_task(unsigned seed, size_t n, size_t c, ip_arena *arena)
{
    ip_rng rng = ip_rng_make(seed, IP_PURPOSE_TEST, 0);
    double *p_x = ip_arena_alloc(arena, n, sizeof *p_x);
    double *p_y = ip_arena_alloc(arena, n * c, sizeof *p_y);
    double total = 0.0;
    for (size_t i = 0; i < n; i++) {
        double sum = 0.0;
        total += p_x[i] = ip_rng_uniform(&rng);
        for (size_t y = 0; y < c; y++) {
            const bool none = seed % 3 == 0 && y != i % c && ip_rng_below(&rng, 3) == 0;
            sum += p_y[i * c + y] = none ? 0.0 : pow(ip_rng_uniform(&rng), 2.0);
        }
        for (size_t y = 0; y < c; y++)
            p_y[i * c + y] /= sum;
    }
    for (size_t i = 0; i < n; i++)
        p_x[i] /= total;
    return make_task(n, c, p_x, p_y, arena);
}

#endif
