/* lab_dump.c - runs one job of a spec and writes down what it did, for test_lab_numpy.py
 *
 * usage: lab_dump SPEC JOB > FILE. Lines of a word and its numbers, in hexadecimal and so exact:
 * rows (those trained on first), n_train, targets; then for every epoch its number, the parameters
 * before it, the order of its rows and the noise of its layers; for every snapshot the measured
 * values, the parameters and the activations of each layer. */
#include "infoplane/store.h"
#include "lab/lab_internal.h"
#include <stdlib.h>

static void stop(const char *text)
{
    fprintf(stderr, "lab_dump: %s\n", text);
    exit(EXIT_FAILURE);
}

static void write_reals(const char *word, const double *at, size_t n)
{
    printf("%s", word);
    for (size_t i = 0; i < n; i++)
        printf(" %a", at[i]);
    putchar('\n');
}

static void write_floats(const char *word, const float *at, size_t n)
{
    printf("%s", word);
    for (size_t i = 0; i < n; i++)
        printf(" %a", (double)at[i]);
    putchar('\n');
}

static void write_rows(const char *word, const uint32_t *at, size_t n)
{
    printf("%s", word);
    for (size_t i = 0; i < n; i++)
        printf(" %u", (unsigned)at[i]);
    putchar('\n');
}

static void write_activations(ip_lab *lab)
{
    ip_cmat layers[IP_MAX_HIDDEN + 1];
    const double *q_y_given_x;
    ip_lab_activations(lab, layers, &q_y_given_x);
    for (size_t l = 0; l < lab->network.n_layers; l++)
        write_floats("t", layers[l].at, layers[l].rows * layers[l].cols);
}

static void write_snapshot(ip_lab *lab, size_t s)
{
    printf("snapshot %zu\n", s);
    write_floats("parameters", lab->network.parameters, lab->network.n_parameters);
    for (int i = 0; i < IP_N_VARIABLES; i++) {
        const ip_variable_id id = (ip_variable_id)i;
        const size_t n =
            ip_variable_count(id, lab->trace.shape) / lab->trace.shape->length[IP_DIM_EPOCH];
        if (!ip_variables[id].is_integer)
            write_reals(ip_variables[id].name, ip_trace_real(&lab->trace, id) + s * n, n);
    }
    write_activations(lab);
}

/* The numbers whose multiples the rows of an epoch get added: (n_train, units) of a hidden layer.
 */
static void write_noise(const ip_lab *lab, uint64_t epoch)
{
    for (size_t l = 0; lab->network.noise != 0 && l + 1 < lab->network.n_layers; l++) {
        ip_rng rng = ip_rng_make(lab->job.seed, IP_PURPOSE_NOISE, (epoch << 16) + l);
        printf("noise");
        for (size_t i = 0; i < lab->n_train * lab->network.layers[l].n_out; i++)
            printf(" %a", ip_rng_normal(&rng));
        putchar('\n');
    }
}

static void train(ip_lab *lab)
{
    ip_error err;
    write_rows("rows", lab->rows, lab->dataset->n);
    printf("n_train %zu\n", lab->n_train);
    write_floats("targets", lab->targets, lab->dataset->n * lab->dataset->c);
    write_snapshot(lab, 0);
    while (!ip_lab_is_done(lab)) {
        const size_t s = ip_lab_snapshots_done(lab);
        printf("epoch %llu\n", (unsigned long long)ip_lab_epochs_done(lab) + 1);
        write_floats("parameters", lab->network.parameters, lab->network.n_parameters);
        if (ip_lab_epoch(lab, &err) != IP_OK)
            stop(err.text);
        write_rows("order", lab->order, lab->n_train);
        write_noise(lab, ip_lab_epochs_done(lab));
        if (ip_lab_snapshots_done(lab) > s)
            write_snapshot(lab, s);
    }
}

int main(int argc, char **argv)
{
    static char bytes[1 << 16];
    FILE *in = argc == 3 ? fopen(argv[1], "r") : NULL;
    if (in == NULL)
        stop("expected SPEC JOB");
    const ip_source source = {
        .name = argv[1], .folder = "", .bytes = bytes, .n = fread(bytes, 1, sizeof bytes, in)};
    fclose(in);
    ip_errors errors = {0};
    ip_error err = {0};
    ip_text path = {0};
    ip_dataset *data = NULL;
    ip_spec *spec = ip_spec_parse(&source, &errors);
    if (spec == NULL)
        stop(errors.at[0].text);
    ip_spec_data_path(spec, &path);
    if (ip_data_file_read(path.at, &data, &err) != IP_OK)
        stop(err.text);
    ip_plan *plan = ip_plan_new(spec, data, &errors);
    if (plan == NULL)
        stop(errors.at[0].text);
    ip_job job;
    ip_arena arena = {0};
    ip_lab *lab = NULL;
    const ip_trace trace = {ip_plan_shape(plan), malloc(ip_trace_bytes(ip_plan_shape(plan)))};
    ip_plan_job(plan, (size_t)atoi(argv[2]), &job);
    if (ip_lab_begin(plan, &job, &trace, &arena, &lab, &err) != IP_OK)
        stop(err.text);
    train(lab);
    ip_arena_release(&arena);
    free(trace.block);
    ip_plan_free(plan);
    ip_dataset_free(data);
    ip_spec_free(spec);
    ip_text_release(&path);
    ip_errors_release(&errors);
    return EXIT_SUCCESS;
}
