/* train_dump.c - trains 12-10-7-5-4-3-2 with every optimiser and writes down what it did
 *
 * Writes training.txt in the current folder: lines of a word and its numbers, in hexadecimal
 * and so exact. test_training_reference.py repeats the runs from that file. */
#include "infoplane/network.h"
#include <math.h>
#include <stdlib.h>

enum { N = 200, D = 12, C = 2, BATCH = 48, EPOCHS = 60, SEED = 5 };

typedef struct problem {
    float x[N * D];
    float targets[N * C];
    uint32_t order[EPOCHS][N];
} problem;

/* Binary inputs; class 1 is likely when most of the first three are set. */
static void make_problem(problem *p)
{
    ip_rng rng = ip_rng_make(SEED, IP_PURPOSE_TEST, 0);
    for (size_t i = 0; i < N; i++) {
        int set = 0;
        for (size_t j = 0; j < D; j++) {
            const int bit = (int)ip_rng_below(&rng, 2);
            p->x[i * D + j] = (float)bit;
            set += j < 3 ? bit : 0;
        }
        p->targets[i * C + 1] = (float)(1.0 / (1.0 + exp(6.0 - 4.0 * set)));
        p->targets[i * C] = 1.0F - p->targets[i * C + 1];
    }
    for (size_t e = 0; e < EPOCHS; e++) {
        for (uint32_t i = 0; i < N; i++)
            p->order[e][i] = i;
        ip_rng order = ip_rng_make(SEED, IP_PURPOSE_ORDER, e + 1);
        ip_rng_shuffle(&order, p->order[e], N);
    }
}

static void write_floats(FILE *out, const char *word, const float *at, size_t n)
{
    fputs(word, out);
    for (size_t i = 0; i < n; i++)
        fprintf(out, " %a", (double)at[i]);
    fputc('\n', out);
}

static void write_problem(FILE *out, const problem *p)
{
    fprintf(out, "rows %#x\nbatch %#x\nepochs %#x\n", N, BATCH, EPOCHS);
    write_floats(out, "x", p->x, (size_t)N * D);
    write_floats(out, "targets", p->targets, (size_t)N * C);
    for (size_t e = 0; e < EPOCHS; e++) {
        fputs("order", out);
        for (size_t i = 0; i < N; i++)
            fprintf(out, " %u", (unsigned)p->order[e][i]);
        fputc('\n', out);
    }
}

typedef struct run {
    ip_network network;
    ip_pass pass;
    const ip_optimizer *optimizer;
    float *gradient, *state;
    uint64_t step;
} run;

static ip_status run_init(run *r, size_t optimizer, ip_arena *arena, ip_error *err)
{
    const ip_network_options options = {.hidden = {5, {10, 7, 5, 4, 3}}};
    *r = (run){.optimizer = ip_optimizer_at(optimizer)};
    IP_TRY(ip_network_init(&r->network, &options, D, C, arena, err));
    IP_TRY(ip_pass_init(&r->pass, &r->network, BATCH, true, arena, err));
    IP_TRY(ip_network_initialize(&r->network, &options, SEED, err));
    r->gradient = ip_arena_alloc(arena, r->network.n_parameters, sizeof(float));
    r->state = ip_arena_alloc(arena, r->network.n_parameters, 2 * sizeof(float));
    return ip_arena_check(arena, err);
}

/* One update on the n rows named; returns their loss before it. */
static double update(run *r, const ip_training_options *options, double rate, const problem *p,
                     const uint32_t *rows, size_t n)
{
    const ip_batch batch = {n, rows, p->x, p->targets};
    ip_network_forward(&r->network, &r->pass, &batch);
    const double loss = ip_network_loss(&r->network, &r->pass, &batch);
    ip_network_backward(&r->network, &r->pass, &batch, r->gradient);
    if (r->optimizer->decoupled_decay)
        ip_network_decay(&r->network, rate, options->l2);
    else
        ip_network_add_l2(&r->network, options->l2, r->gradient);
    r->optimizer->step(options, rate, ++r->step, r->network.n_parameters, r->network.parameters,
                       r->gradient, r->state);
    return loss;
}

static ip_status train(FILE *out, const problem *p, size_t optimizer, ip_error *err)
{
    static const double rates[] = {0.5, 0.1, 0.1, 2e-3, 1e-2, 1e-2};
    const ip_training_options options = {.epochs = EPOCHS,
                                         .momentum = 0.9,
                                         .beta1 = 0.9,
                                         .beta2 = 0.999,
                                         .epsilon = 1e-8,
                                         .rate = rates[optimizer],
                                         .l2 = 1e-3,
                                         .schedule = IP_SCHEDULE_COSINE};
    ip_arena arena = {0};
    run r;
    IP_TRY(run_init(&r, optimizer, &arena, err));
    fprintf(out, "optimizer %s\nrate %a\nl2 %a\n", r.optimizer->name, options.rate, options.l2);
    write_floats(out, "initial", r.network.parameters, r.network.n_parameters);
    fputs("losses", out);
    for (size_t e = 0; e < EPOCHS; e++) {
        const double rate = ip_schedule_rate(&options, e + 1);
        for (size_t i = 0; i < N; i += BATCH) {
            const size_t n = N - i < BATCH ? N - i : BATCH;
            fprintf(out, " %a", update(&r, &options, rate, p, p->order[e] + i, n));
        }
    }
    fputc('\n', out);
    write_floats(out, "final", r.network.parameters, r.network.n_parameters);
    ip_arena_release(&arena);
    return IP_OK;
}

int main(void)
{
    static problem p;
    ip_error err;
    FILE *out = fopen("training.txt", "w");
    if (out == NULL || ip_blas_use_threads(1, &err) != IP_OK)
        return EXIT_FAILURE;
    make_problem(&p);
    write_problem(out, &p);
    for (size_t i = 0; ip_optimizer_at(i) != NULL; i++)
        if (train(out, &p, i, &err) != IP_OK)
            return EXIT_FAILURE;
    return fclose(out) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
