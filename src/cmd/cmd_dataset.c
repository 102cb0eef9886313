/* cmd_dataset.c - the task's inputs and label distribution as a data file */
#include "cmd/commands.h"
#include "cmd/input.h"
#include <stdlib.h>
#include <string.h>

static ip_status write_dataset(const ip_plan *plan, const char *out, ip_error *err)
{
    ip_job job;
    ip_plan_job(plan, 0, &job);
    const ip_dataset *data = ip_plan_dataset(plan);
    uint32_t *rows = malloc(data->n * sizeof *rows);
    uint8_t *split = malloc(data->n);
    ip_status status = IP_OK;
    if (rows == NULL || split == NULL) {
        status = ip_fail(err, IP_ERR_MEMORY, "out of memory for %zu rows", data->n);
    } else {
        size_t n_train = 0;
        ip_split_make(data, (ip_split_rule)job.settings.task.split,
                      job.settings.task.train_fraction, job.seed, rows, &n_train);
        memset(split, 0, data->n);
        for (size_t i = n_train; i < data->n; i++)
            split[rows[i]] = 1;
        status = ip_data_file_write(out, data, split, err);
        if (status == IP_OK)
            printf("%zu patterns of %zu inputs, %zu classes, %zu to train on with seed %llu, "
                   "I(X;Y) = %.6f bit (%s)\n",
                   data->n, data->d, data->c, n_train, (unsigned long long)job.seed, data->i_xy,
                   out);
    }
    free(rows);
    free(split);
    return status;
}

int ip_cmd_dataset(int argc, char **argv)
{
    ip_texts overrides = {0};
    const char *out = NULL;
    const ip_option options[] = {
        {"-o", IP_OPTION_TEXT, &out, "DATA.h5", "file to write"},
        {"--set", IP_OPTION_MANY, &overrides, "KEY=VALUE",
         "override a key of the spec (repeatable)"},
    };
    const ip_usage usage = {"dataset",
                            "SPEC -o DATA.h5 [--set KEY=VALUE]...",
                            "write the task's inputs, p(y|x) and the split of the first seed",
                            "sweep.yaml -o data.h5",
                            options,
                            IP_LENGTH(options),
                            1,
                            0};
    const char *path[1];
    const ip_parse parsed = ip_options_parse(&usage, argc, argv, path, stderr);
    if (parsed != IP_PARSE_GO)
        return (int)parsed;
    if (out == NULL) {
        fprintf(stderr, "infoplane: error: dataset: missing -o DATA.h5\n");
        return 2;
    }
    ip_input input;
    ip_error err;
    ip_status status = ip_input_load(&input, path[0], &overrides);
    if (status == IP_OK) {
        status = write_dataset(input.plan, out, &err);
        if (status != IP_OK)
            ip_input_refuse(&err);
    }
    ip_input_release(&input);
    return ip_status_exit_code(status);
}
