/* input.c - reading a spec, its data and its plan, telling every error with its place */
#include "cmd/input.h"
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_SPEC = 16 << 20 };

static ip_status read_bytes(const char *path, ip_text *bytes, ip_error *err)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return ip_fail(err, IP_ERR_IO, "cannot read '%s': %s", path, strerror(errno));
    char block[4096];
    size_t n = 0;
    ip_text_append_bytes(bytes, "", 0);
    while (bytes->length <= LARGEST_SPEC && (n = fread(block, 1, sizeof block, file)) > 0)
        ip_text_append_bytes(bytes, block, n);
    const bool failed = ferror(file) != 0;
    fclose(file);
    if (failed)
        return ip_fail(err, IP_ERR_IO, "cannot read '%s': %s", path, strerror(errno));
    if (bytes->length > LARGEST_SPEC)
        return ip_fail(err, IP_ERR_SPEC, "'%s' is no spec: larger than %d MiB", path,
                       LARGEST_SPEC >> 20);
    return IP_OK;
}

/* Absolute folder of path, on the heap. */
static char *folder_of(const char *path)
{
    char *copy = strdup(path);
    char *absolute = copy != NULL ? realpath(dirname(copy), NULL) : NULL;
    free(copy);
    return absolute;
}

ip_status ip_input_read(ip_input *input, const char *path, const ip_texts *overrides, ip_error *err)
{
    *input = (ip_input){.overrides = *overrides};
    for (size_t i = 0; i < overrides->n; i++) {
        if (strchr(overrides->at[i], '\n') != NULL)
            return ip_fail_key(err, IP_ERR_USAGE, "--set", "--set: expected KEY=VALUE in one line");
    }
    IP_TRY(read_bytes(path, &input->bytes, err));
    input->name = strdup(path);
    input->folder = folder_of(path);
    if (input->name == NULL || input->folder == NULL)
        return ip_fail(err, IP_ERR_IO, "cannot find the folder of '%s'", path);
    return IP_OK;
}

/* Splits "a\nb\n" into the overrides. */
static void split_overrides(ip_input *input)
{
    char *at = input->overrides_text.at;
    while (at != NULL && *at != '\0' && input->overrides.n < IP_MAX_OVERRIDES) {
        char *end = strchr(at, '\n');
        if (end != NULL)
            *end = '\0';
        input->overrides.at[input->overrides.n++] = at;
        at = end != NULL ? end + 1 : NULL;
    }
}

static ip_status read_provenance(ip_input *input, const ip_store *store, ip_error *err)
{
    ip_text name = {0};
    ip_text folder = {0};
    ip_status status = ip_store_provenance(store, "spec", &input->bytes, err);
    if (status == IP_OK)
        status = ip_store_provenance(store, "overrides", &input->overrides_text, err);
    if (status == IP_OK)
        status = ip_store_provenance(store, "spec_name", &name, err);
    if (status == IP_OK)
        status = ip_store_provenance(store, "spec_folder", &folder, err);
    input->name = name.at;
    input->folder = folder.at;
    split_overrides(input);
    return status;
}

static bool has_rows_of(const ip_plan *plan, const ip_store *store)
{
    const size_t n = ip_plan_n_jobs(plan);
    bool same = n == ip_store_n_jobs(store);
    for (size_t i = 0; same && i < n; i++) {
        ip_job job;
        ip_plan_job(plan, i, &job);
        same = strcmp(job.key, ip_store_key(store, i)) == 0;
    }
    return same;
}

ip_status ip_input_restore(ip_input *input, const ip_store *store, const char *path, ip_error *err)
{
    *input = (ip_input){0};
    IP_TRY(read_provenance(input, store, err));
    if (ip_input_expand(input, stderr) != IP_OK)
        return ip_fail(err, IP_ERR_DATA, "the spec in %s cannot be expanded here", path);
    if (!has_rows_of(input->plan, store))
        return ip_fail(err, IP_ERR_DATA,
                       "the spec in %s gives other jobs than its rows: the data has changed since",
                       path);
    return IP_OK;
}

static ip_source source_of(const ip_input *input)
{
    return (ip_source){
        .name = input->name,
        .folder = input->folder,
        .bytes = input->bytes.at,
        .n = input->bytes.length,
        .overrides = input->overrides.at,
        .n_overrides = input->overrides.n,
    };
}

/* Makes the dataset of the task, or reads it, together with the ranks of comm unless that is none;
 * a failure is placed at the key at fault. */
static ip_status load_data(ip_input *input, MPI_Comm comm, ip_error *err)
{
    const ip_task_options *options = &ip_spec_settings(input->spec)->task;
    const ip_task *task = ip_task_at((size_t)options->name);
    if (task->make != NULL) {
        const ip_status status = task->make(options, &input->dataset, err);
        if (status != IP_OK)
            ip_spec_locate(input->spec, err->key[0] != '\0' ? err->key : "task", err);
        return status;
    }
    ip_text path = {0};
    ip_spec_data_path(input->spec, &path);
    ip_error inner;
    const ip_status status = comm == MPI_COMM_NULL
                                 ? ip_data_file_read(path.at, &input->dataset, &inner)
                                 : ip_data_file_read_once(path.at, comm, &input->dataset, &inner);
    if (status != IP_OK) {
        ip_fail_key(err, status, "task.path", "%s: %s", path.at, inner.text);
        ip_spec_locate(input->spec, "task.path", err);
    }
    ip_text_release(&path);
    return status;
}

static void tell(const ip_input *input, const ip_errors *errors, FILE *talk)
{
    const ip_source source = source_of(input);
    for (size_t i = 0; i < errors->n && i < errors->capacity; i++)
        ip_spec_print_error(&source, &errors->at[i], talk);
    fprintf(talk, "infoplane: %zu error%s in %s\n", errors->n, errors->n == 1 ? "" : "s",
            input->name);
}

ip_status ip_input_expand_over(ip_input *input, MPI_Comm comm, FILE *talk)
{
    ip_errors errors = {0};
    ip_error err;
    const ip_source source = source_of(input);
    input->spec = ip_spec_parse(&source, &errors);
    if (input->spec != NULL && load_data(input, comm, &err) != IP_OK)
        ip_errors_add(&errors, &err);
    if (input->dataset != NULL)
        input->plan = ip_plan_new(input->spec, input->dataset, &errors);
    if (errors.n > 0 && talk != NULL)
        tell(input, &errors, talk);
    const ip_status status = errors.n == 0         ? IP_OK
                             : errors.capacity > 0 ? errors.at[0].status
                                                   : IP_ERR_SPEC;
    ip_errors_release(&errors);
    return status;
}

ip_status ip_input_expand(ip_input *input, FILE *talk)
{
    return ip_input_expand_over(input, MPI_COMM_NULL, talk);
}

ip_status ip_input_load(ip_input *input, const char *path, const ip_texts *overrides)
{
    ip_error err;
    const ip_status status = ip_input_read(input, path, overrides, &err);
    if (status == IP_OK)
        return ip_input_expand(input, stderr);
    ip_input_refuse(&err);
    return status;
}

void ip_input_release(ip_input *input)
{
    ip_plan_free(input->plan);
    ip_spec_free(input->spec);
    ip_dataset_free(input->dataset);
    ip_text_release(&input->bytes);
    ip_text_release(&input->overrides_text);
    free(input->name);
    free(input->folder);
    *input = (ip_input){0};
}

int ip_input_refuse(const ip_error *err)
{
    ip_error_print(err, stderr);
    return ip_status_exit_code(err->status);
}
