/* cmd_activations.c - one job of a result file run again to an epoch, and the activations of its
 * layers written
 *
 * The file alone is enough: it holds the spec's text. The job is the same function of its number
 * here as it was in the run. What is written is what the estimators were given, to the bit and in
 * the same order: first the rows trained on. */
#include "cmd/commands.h"
#include "cmd/input.h"
#include "infoplane/lab.h"
#include <string.h>

/* The data as the estimators were given it: the measured rows, each `draws` times at a weight as
 * many times smaller, and where each stands in the data; rows has room for them. NULL when out of
 * memory. */
static ip_dataset *passed_data(const ip_dataset *data, const ip_lab *lab, size_t draws,
                               uint32_t *rows)
{
    size_t n, n_train;
    const uint32_t *order = ip_lab_rows(lab, &n, &n_train);
    ip_dataset *passed = ip_dataset_new(n * draws, data->d, data->c, true);
    if (passed == NULL)
        return NULL;
    passed->is_drawn = data->is_drawn;
    for (size_t i = 0; i < passed->n; i++) {
        const size_t from = rows[i] = order[i / draws];
        memcpy(passed->x + i * data->d, data->x + from * data->d, data->d * sizeof *data->x);
        memcpy(passed->p_y_given_x + i * data->c, data->p_y_given_x + from * data->c,
               data->c * sizeof *data->p_y_given_x);
        passed->p_x[i] = data->p_x[from] / (double)draws;
        passed->split[i] = i / draws >= n_train;
    }
    return passed;
}

static ip_status write_layers(ip_lab *lab, const ip_plan *plan, const ip_job *job, const char *out,
                              ip_arena *arena, ip_error *err)
{
    ip_cmat at[IP_MAX_HIDDEN + 1];
    size_t widths[IP_MAX_HIDDEN + 1];
    char names[IP_MAX_HIDDEN + 1][32];
    const char *name_list[IP_MAX_HIDDEN + 1];
    const ip_dataset *data = ip_plan_dataset(plan);
    const size_t draws = ip_job_draws(job);
    uint32_t *rows = ip_arena_alloc(arena, ip_plan_n_measured(plan) * draws, sizeof *rows);
    IP_TRY(ip_arena_check(arena, err));
    ip_layers layers = {
        .n_layers = ip_job_widths(job, data, widths), .names = name_list, .at = at, .rows = rows};
    for (size_t l = 0; l < layers.n_layers; l++) {
        snprintf(names[l], sizeof names[l], "layer%zu", l + 1);
        name_list[l] = names[l];
    }
    ip_lab_activations(lab, at, &layers.q_y_given_x);
    ip_dataset *passed = passed_data(data, lab, draws, rows);
    if (passed == NULL)
        return ip_fail(err, IP_ERR_MEMORY, "out of memory for %zu rows", data->n * draws);
    layers.dataset = passed;
    const ip_status status = ip_activations_write(out, &layers, err);
    ip_dataset_free(passed);
    return status;
}

static ip_status rerun(const ip_plan *plan, const ip_job *job, uint64_t epoch, const char *out,
                       ip_arena *arena, ip_error *err)
{
    ip_lab *lab = NULL;
    const ip_shape *shape = ip_plan_shape(plan);
    const ip_trace trace = {shape, ip_arena_alloc(arena, ip_trace_bytes(shape), 1)};
    IP_TRY(ip_arena_check(arena, err));
    IP_TRY(ip_lab_begin(plan, job, &trace, arena, &lab, err));
    while (ip_lab_epochs_done(lab) < epoch)
        IP_TRY(ip_lab_epoch(lab, err));
    return write_layers(lab, plan, job, out, arena, err);
}

static ip_status check_request(const ip_plan *plan, long number, long epoch, ip_job *job,
                               ip_error *err)
{
    if ((size_t)number >= ip_plan_n_jobs(plan))
        return ip_fail_key(err, IP_ERR_USAGE, "--job", "--job: expected 0 to %zu, saw %ld",
                           ip_plan_n_jobs(plan) - 1, number);
    ip_plan_job(plan, (size_t)number, job);
    if ((uint64_t)epoch > job->settings.training.epochs)
        return ip_fail_key(err, IP_ERR_USAGE, "--epoch", "--epoch: expected 0 to %llu, saw %ld",
                           (unsigned long long)job->settings.training.epochs, epoch);
    return IP_OK;
}

static ip_status write_activations(const char *file, long number, long epoch, const char *out,
                                   ip_error *err)
{
    ip_store *store = NULL;
    ip_input input = {0};
    ip_arena arena = {0};
    ip_job job;
    IP_TRY(ip_store_open(file, &store, err));
    ip_status status = ip_input_restore(&input, store, file, err);
    if (status == IP_OK)
        status = check_request(input.plan, number, epoch, &job, err);
    if (status == IP_OK)
        status = rerun(input.plan, &job, (uint64_t)epoch, out, &arena, err);
    ip_arena_release(&arena);
    ip_input_release(&input);
    ip_store_close(store);
    return status;
}

int ip_cmd_activations(int argc, char **argv)
{
    long number = -1;
    long epoch = -1;
    const char *out = NULL;
    const ip_option options[] = {
        {"--job", IP_OPTION_COUNT, &number, "J", "row of the result file, from 0"},
        {"--epoch", IP_OPTION_COUNT, &epoch, "E", "epochs to train before writing"},
        {"-o", IP_OPTION_TEXT, &out, "A.h5", "file to write"},
    };
    const ip_usage usage = {"activations",
                            "FILE --job J --epoch E -o A.h5",
                            "run one job again and write the activations of its layers",
                            "sweep.h5 --job 3 --epoch 500 -o a.h5",
                            options,
                            IP_LENGTH(options),
                            1,
                            0};
    const char *path[1];
    const ip_parse parsed = ip_options_parse(&usage, argc, argv, path, stderr);
    if (parsed != IP_PARSE_GO)
        return (int)parsed;
    if (number < 0 || epoch < 0 || out == NULL) {
        fprintf(stderr, "infoplane: error: activations: expected --job J, --epoch E and -o A.h5\n");
        return 2;
    }
    ip_error err;
    if (write_activations(path[0], number, epoch, out, &err) != IP_OK)
        return ip_input_refuse(&err);
    printf("activations of job %ld after %ld epochs (%s)\n", number, epoch, out);
    return 0;
}
