/* cmd_bound.c - the information-bottleneck curve of a spec's task, or of a result file's */
#include "cmd/bound_print.h"
#include "cmd/commands.h"
#include "cmd/input.h"
#include "infoplane/log.h"
#include <stdlib.h>
#include <string.h>

enum { N_DEFAULT = 200, MANY_INPUTS = 300 };

/* ---- betas ---- */

static ip_status refuse_beta(const char *item, size_t length, ip_error *err)
{
    return ip_fail_key(err, IP_ERR_USAGE, "--beta",
                       "--beta: expected numbers from 0 to %g with commas between, saw '%.*s'",
                       IP_BOUND_MOST_BETA, (int)(length < 60 ? length : 60), item);
}

/* "2,3.5,1e2" into *n numbers. */
static ip_status parse_betas(const char *list, ip_arena *arena, size_t *n, double **betas,
                             ip_error *err)
{
    *n = 1;
    for (const char *at = list; *at != '\0'; at++)
        *n += *at == ',';
    *betas = ip_arena_alloc(arena, *n, sizeof **betas);
    IP_TRY(ip_arena_check(arena, err));
    const char *item = list;
    for (size_t i = 0; i < *n; i++) {
        const size_t length = strcspn(item, ",");
        char *end = NULL;
        const double beta = strtod(item, &end);
        if (length == 0 || end != item + length || !(beta >= 0.0 && beta <= IP_BOUND_MOST_BETA))
            return refuse_beta(item, length, err);
        (*betas)[i] = beta + 0.0; /* -0 is 0 */
        item += length + 1;
    }
    return IP_OK;
}

static ip_status choose_betas(ip_curve *curve, ip_arena *arena, ip_error *err)
{
    double *betas = ip_arena_alloc(arena, N_DEFAULT, sizeof *betas);
    IP_TRY(ip_arena_check(arena, err));
    curve->n = N_DEFAULT;
    curve->betas = betas;
    return ip_bound_choose_betas(&curve->inputs, &curve->onset, arena, &curve->n, betas, err);
}

/* ---- the curve ---- */

/* The codes at the betas, or, when curve->betas is NULL, at some chosen for the task. */
static ip_status compute(const ip_dataset *data, ip_curve *curve, ip_arena *arena, ip_error *err)
{
    IP_TRY(ip_bound_task_make(data->n, data->c, data->p_x, data->p_y_given_x, data->x_id, arena,
                              &curve->inputs, err));
    if (curve->inputs.n > MANY_INPUTS)
        ip_log(IP_LOG_INFO, "%zu inputs differ in p(y|x): the curve may take minutes",
               curve->inputs.n);
    IP_TRY(ip_bound_find_onset(&curve->inputs, arena, &curve->onset, err));
    if (curve->betas == NULL)
        IP_TRY(choose_betas(curve, arena, err));
    ip_bound_point *points = ip_arena_alloc(arena, curve->n, sizeof *points);
    ip_bound_code *codes = ip_arena_alloc(arena, curve->n, sizeof *codes);
    IP_TRY(ip_arena_check(arena, err));
    curve->points = points;
    curve->codes = codes;
    if (curve->n == 0)
        return IP_OK;
    IP_TRY(ip_bound_curve(&curve->inputs, curve->n, curve->betas, arena, points, err));
    return ip_bound_codes(&curve->inputs, curve->n, curve->betas, arena, codes, err);
}

static ip_status tell_curve(const ip_input *input, ip_curve *curve, bool as_json, ip_arena *arena,
                            ip_error *err)
{
    curve->task = ip_task_name((size_t)ip_spec_settings(input->spec)->task.name);
    IP_TRY(compute(ip_plan_dataset(input->plan), curve, arena, err));
    if (curve->inputs.c > 2 && !curve->inputs.is_kink)
        ip_log(IP_LOG_INFO, "more than two labels: gaps and deterministic codes are the best a "
                            "search met, not proofs");
    (as_json ? ip_curve_print_json : ip_curve_print)(curve);
    return IP_OK;
}

/* ---- spec or result file ---- */

/* Whether the file begins as HDF5 does. A file that cannot be read is a spec: its reader tells. */
static bool is_hdf5(const char *path)
{
    static const char signature[] = "\x89HDF";
    char first[sizeof signature - 1] = "";
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    const size_t n = fread(first, 1, sizeof first, file);
    fclose(file);
    return n == sizeof first && memcmp(first, signature, sizeof first) == 0;
}

static ip_status restore(ip_input *input, const char *path, const ip_texts *overrides,
                         ip_error *err)
{
    ip_store *store = NULL;
    if (overrides->n > 0)
        return ip_fail_key(err, IP_ERR_USAGE, "--set",
                           "--set: expected a spec to override, saw the result file %s", path);
    IP_TRY(ip_store_open(path, &store, err));
    const ip_status status = ip_input_restore(input, store, path, err);
    ip_store_close(store);
    return status;
}

/* Tells what is wrong with the input. */
static ip_status load(ip_input *input, const char *path, const ip_texts *overrides)
{
    ip_error err;
    if (!is_hdf5(path))
        return ip_input_load(input, path, overrides);
    const ip_status status = restore(input, path, overrides, &err);
    if (status != IP_OK)
        ip_input_refuse(&err);
    return status;
}

int ip_cmd_bound(int argc, char **argv)
{
    ip_texts overrides = {0};
    const char *list = NULL;
    bool as_json = false;
    const ip_option options[] = {
        {"--json", IP_OPTION_FLAG, &as_json, NULL, "machine-readable"},
        {"--beta", IP_OPTION_TEXT, &list, "LIST", "betas, commas between (200 along the curve)"},
        {"--set", IP_OPTION_MANY, &overrides, "KEY=VALUE",
         "override a key of the spec (repeatable)"},
    };
    const ip_usage usage = {"bound",
                            "SPEC|FILE [--json] [--beta LIST] [--set KEY=VALUE]...",
                            "the information-bottleneck curve of the task",
                            "sweep.yaml --beta 2,5,20",
                            options,
                            IP_LENGTH(options),
                            1,
                            0};
    ip_curve curve = {0};
    const ip_parse parsed = ip_options_parse(&usage, argc, argv, &curve.path, stderr);
    if (parsed != IP_PARSE_GO)
        return (int)parsed;
    ip_input input = {0};
    ip_arena arena = {0};
    ip_error err;
    double *betas = NULL;
    ip_status status = list == NULL ? IP_OK : parse_betas(list, &arena, &curve.n, &betas, &err);
    if (status != IP_OK) {
        ip_input_refuse(&err);
    } else if ((status = load(&input, curve.path, &overrides)) == IP_OK) {
        curve.betas = betas;
        status = tell_curve(&input, &curve, as_json, &arena, &err);
        if (status != IP_OK)
            ip_input_refuse(&err);
    }
    ip_arena_release(&arena);
    ip_input_release(&input);
    return ip_status_exit_code(status);
}
