/* unit_costs.c - what an epoch and each estimator cost on the first job of a spec, in CPU time
 *
 * usage: unit_costs SPEC [KEY=VALUE]...
 *
 * Trains the job and then measures its last state again and again. One line each:
 * `epoch SECONDS`, the median over the epochs without a snapshot, `estimator LABEL SECONDS`, one
 * estimator on all layers; `floor SECONDS`: what the multiplications, the activations and the
 * shuffle of that epoch take by themselves, each in its best case on this machine; `blas SECONDS`:
 * what its matrix products take in OpenBLAS, at their sizes. */
#include "bench_plan.h"
#include "infoplane/estimator.h"
#include "infoplane/kernels.h"
#include "infoplane/matrix.h"
#include "infoplane/random.h"
#include <math.h>
#include <string.h>
#include <time.h>

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
    qsort(values, n, sizeof *values, ascending);
    return n > 0 ? values[n / 2] : (double)NAN;
}

static void *take(size_t n, size_t size)
{
    void *memory = aligned_alloc(64, (n * size + 63) / 64 * 64);
    if (memory == NULL)
        stop("out of memory");
    return memory;
}

/* ---- epochs ---- */

static double train(ip_lab *lab)
{
    double *seconds = NULL;
    size_t n = 0;
    ip_error err;
    while (!ip_lab_is_done(lab)) {
        const size_t snapshots = ip_lab_snapshots_done(lab);
        const double start = cpu_seconds();
        if (ip_lab_epoch(lab, &err) != IP_OK)
            stop(err.text);
        const double took = cpu_seconds() - start;
        if (ip_lab_snapshots_done(lab) != snapshots)
            continue;
        seconds = realloc(seconds, (n + 1) * sizeof *seconds);
        if (seconds == NULL)
            stop("out of memory");
        seconds[n++] = took;
    }
    const double typical = median(seconds, n);
    free(seconds);
    return typical;
}

/* ---- estimators ---- */

static double *widened(size_t n, const float *from)
{
    double *to = take(n, sizeof *to);
    for (size_t i = 0; i < n; i++)
        to[i] = (double)from[i];
    return to;
}

/* One estimate of one layer: the median of as many as fit into a fifth of a second, at least three.
 */
static double time_estimate(const ip_request *request, const ip_sample *sample)
{
    double seconds[1000];
    size_t n = 0;
    double total = 0;
    ip_information out;
    ip_error err;
    void *scratch = take(ip_estimate_scratch_bytes(request, 1, sample), 1);
    while (n < 3 || (total < 0.2 && n < IP_LENGTH(seconds))) {
        const double start = cpu_seconds();
        if (ip_estimate(request, 1, sample, scratch, &out, &err) != IP_OK)
            stop(err.text);
        seconds[n] = cpu_seconds() - start;
        total += seconds[n++];
    }
    free(scratch);
    return median(seconds, n);
}

static void time_estimators(const bench_plan *b, ip_lab *lab, size_t n_layers)
{
    const ip_measure *measure = ip_spec_measure(b->spec);
    const ip_dataset *data = b->dataset;
    ip_cmat layers[IP_MAX_HIDDEN + 1];
    const double *q_y_given_x = NULL;
    ip_lab_activations(lab, layers, &q_y_given_x);
    size_t n = 0, n_train = 0;
    const uint32_t *rows = ip_lab_rows(lab, &n, &n_train);
    double *p_x = take(n, sizeof *p_x);
    double *p_y_given_x = take(n * data->c, sizeof *p_y_given_x);
    double *x = take(n * data->d, sizeof *x);
    for (size_t i = 0; i < n; i++) {
        p_x[i] = data->p_x[rows[i]];
        memcpy(p_y_given_x + i * data->c, data->p_y_given_x + rows[i] * data->c,
               data->c * sizeof *p_y_given_x);
        for (size_t k = 0; k < data->d; k++)
            x[i * data->d + k] = (double)data->x[rows[i] * data->d + k];
    }
    double seconds[IP_MAX_REQUESTS] = {0};
    ip_sample rows_alone = {.n = n, .c = data->c, .p_x = p_x, .p_y_given_x = p_y_given_x};
    void *weights = take(ip_weighing_bytes(n, data->c), 1);
    ip_weighing weighing =
        ip_weighing_make(&rows_alone, weights); /* as a run: once for all layers */
    for (size_t l = 0; l < n_layers; l++) {
        double *t = widened(n * layers[l].cols, layers[l].at);
        const ip_sample sample = {.n = n,
                                  .d = layers[l].cols,
                                  .c = data->c,
                                  .t = t,
                                  .p_x = p_x,
                                  .p_y_given_x = p_y_given_x,
                                  .weighing = &weighing,
                                  .d_x = data->d,
                                  .x = x,
                                  .q_y_given_x = q_y_given_x,
                                  .seed = 1};
        for (size_t k = 0; k < measure->n_entries; k++) {
            const ip_measure_entry *entry = &measure->entries[k];
            const ip_request request = {entry->estimator, entry->options, entry->side};
            seconds[k] += time_estimate(&request, &sample);
        }
        free(t);
    }
    for (size_t k = 0; k < measure->n_entries; k++)
        printf("estimator %s %.9f\n", measure->entries[k].label, seconds[k]);
    free(weights);
    free(x);
    free(p_y_given_x);
    free(p_x);
}

/* ---- the floor ---- */

enum { PATTERNS = 512, REPEATS = 200, TRIES = 20 };

/* Seconds of a multiply-add, in the largest tile on data in the first cache. */
static double multiply_add_seconds(void)
{
    enum { N_IN = 8, N_OUT = 6 };
    const size_t stride = ip_kernel_stride(PATTERNS);
    float *x = take((N_IN + N_OUT) * stride, sizeof *x);
    float dw[N_IN * N_OUT];
    double best = 1;
    memset(x, 0, (N_IN + N_OUT) * stride * sizeof *x);
    for (int try = 0; try < TRIES; try++) {
        const double start = cpu_seconds();
        for (int r = 0; r < REPEATS; r++)
            ip_kernels_in_use()->gradient(N_IN, N_OUT, PATTERNS, stride, x, x + N_IN * stride, dw);
        best = fmin(best, cpu_seconds() - start);
    }
    free(x);
    return best / ((double)REPEATS * N_IN * N_OUT * PATTERNS);
}

static double activation_seconds(const ip_activation *activation)
{
    float z[PATTERNS], t[PATTERNS];
    double best = 1;
    for (size_t i = 0; i < PATTERNS; i++)
        z[i] = 0.02F * ((float)i - PATTERNS / 2);
    for (int try = 0; try < TRIES; try++) {
        const double start = cpu_seconds();
        for (int r = 0; r < REPEATS; r++)
            ip_activation_forward(activation, PATTERNS, z, t);
        best = fmin(best, cpu_seconds() - start);
    }
    return best / ((double)REPEATS * PATTERNS);
}

static double shuffle_seconds(size_t n)
{
    uint32_t *order = take(n, sizeof *order);
    double best = 1;
    for (size_t i = 0; i < n; i++)
        order[i] = (uint32_t)i;
    for (uint64_t epoch = 0; epoch < TRIES; epoch++) {
        const double start = cpu_seconds();
        ip_rng rng = ip_rng_make(1, IP_PURPOSE_TEST, epoch);
        ip_rng_shuffle(&rng, order, n);
        best = fmin(best, cpu_seconds() - start);
    }
    free(order);
    return best;
}

static double floor_seconds(const ip_job *job, const ip_dataset *data, size_t n_train)
{
    size_t widths[IP_MAX_HIDDEN + 1];
    const size_t n_layers = ip_job_widths(job, data, widths);
    double products = 0, units = 0;
    for (size_t l = 0; l < n_layers; l++) {
        const double before = (double)(l == 0 ? data->d : widths[l - 1]);
        products += (double)widths[l] * (l == 0 ? 2 * before : 3 * before); /* no delta of x */
        units += l + 1 < n_layers ? (double)widths[l] : 0;
    }
    const ip_activation *activation = ip_activation_at((size_t)job->settings.network.activation);
    return (double)n_train *
               (products * multiply_add_seconds() + units * activation_seconds(activation)) +
           shuffle_seconds(n_train);
}

/* Seconds of one product c (m, n) = a b over k, the best of some. */
static double product_seconds(size_t m, size_t n, size_t k)
{
    float *a = take(m * k, sizeof *a), *b = take(k * n, sizeof *b), *c = take(m * n, sizeof *c);
    double best = (double)INFINITY;
    memset(a, 0, m * k * sizeof *a);
    memset(b, 0, k * n * sizeof *b);
    for (int try = 0; try < 5; try++) {
        const double start = cpu_seconds();
        ip_mat_multiply(false, ip_cmat_view(a, m, k), false, ip_cmat_view(b, k, n), 0,
                        ip_mat_view(c, m, n));
        best = fmin(best, cpu_seconds() - start);
    }
    free(a);
    free(b);
    free(c);
    return best;
}

/* Values, gradient, and but for the first layer the delta of the one before. */
static double blas_seconds(const ip_job *job, const ip_dataset *data, size_t n_train)
{
    size_t widths[IP_MAX_HIDDEN + 1], before = data->d;
    const size_t n_layers = ip_job_widths(job, data, widths);
    const size_t asked = job->settings.training.batch; /* 0: full */
    const size_t batch = asked > 0 && asked < n_train ? asked : n_train;
    double seconds = 0;
    for (size_t l = 0; l < n_layers; l++) {
        seconds += product_seconds(batch, widths[l], before) +
                   product_seconds(before, widths[l], batch) +
                   (l > 0 ? product_seconds(batch, before, widths[l]) : 0);
        before = widths[l];
    }
    return seconds * (double)n_train / (double)batch;
}

int main(int argc, char **argv)
{
    bench_plan b = bench_plan_read(argc - 1, argv + 1);
    const ip_shape *shape = ip_plan_shape(b.plan);
    const ip_trace trace = {shape, malloc(ip_trace_bytes(shape))};
    ip_job job;
    ip_error err;
    ip_lab *lab = NULL;
    ip_arena arena = {0};
    ip_plan_job(b.plan, 0, &job);
    if (trace.block == NULL || ip_lab_begin(b.plan, &job, &trace, &arena, &lab, &err) != IP_OK)
        stop("the job cannot begin");
    size_t n = 0, n_train = 0;
    (void)ip_lab_rows(lab, &n, &n_train);
    printf("epoch %.9f\n", train(lab));
    printf("floor %.9f\n", floor_seconds(&job, b.dataset, n_train));
    printf("blas %.9f\n", blas_seconds(&job, b.dataset, n_train));
    size_t widths[IP_MAX_HIDDEN + 1];
    time_estimators(&b, lab, ip_job_widths(&job, b.dataset, widths));
    ip_arena_release(&arena);
    free(trace.block);
    bench_plan_release(&b);
    return 0;
}
