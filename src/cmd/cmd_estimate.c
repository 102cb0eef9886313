/* cmd_estimate.c - the estimators on somebody else's activations */
#include "cmd/commands.h"
#include "cmd/estimation.h"
#include "cmd/input.h"
#include "spec/field_json.h"
#include <jansson.h>
#include <math.h>
#include <string.h>

/* ---- JSON ---- */

/* JSON has no infinity, and null is what is not known. */
static json_t *real_json(double value)
{
    if (isinf(value))
        return json_string(value > 0 ? "infinite" : "-infinite");
    return isnan(value) ? json_null() : json_real(value);
}

static json_t *parameters_json(const ip_measure_entry *entry)
{
    json_t *object = json_object();
    for (size_t k = 0; k < entry->estimator->n_fields; k++) {
        const ip_field *field = &entry->estimator->fields[k];
        json_object_set_new(object, field->key, ip_field_json(field, entry->options));
    }
    return object;
}

static json_t *flags_json(unsigned flags)
{
    json_t *list = json_array();
    for (size_t k = 0; ip_flag_name(k) != NULL; k++) {
        if (flags & 1U << k)
            json_array_append_new(list, json_string(ip_flag_name(k)));
    }
    return list;
}

static json_t *result_json(const ip_estimation *e, size_t i, size_t k)
{
    const ip_measure_entry *entry = &e->measure->entries[k];
    const ip_information *out = &e->out[i * e->measure->n_entries + k];
    json_t *object =
        json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "layer",
                  ip_activations_layer(e->activations, e->layers[i]), "estimator", entry->label,
                  "parameters", parameters_json(entry), "I_XT", real_json(out->i_xt), "I_TY",
                  real_json(out->i_ty), "flags", flags_json(out->flags));
    if (isfinite(out->i_xt_se))
        json_object_set_new(object, "I_XT_se", json_real(out->i_xt_se));
    if (isfinite(out->i_ty_se))
        json_object_set_new(object, "I_TY_se", json_real(out->i_ty_se));
    if (e->n_shuffles > 0)
        json_object_set_new(object, "I_TY_null",
                            real_json(e->i_ty_null[i * e->measure->n_entries + k]));
    if (!isnan(out->beta_residual)) {
        json_object_set_new(object, "beta", real_json(out->beta));
        json_object_set_new(object, "beta_residual", json_real(out->beta_residual));
    }
    return object;
}

/* Reals with all their digits: they read back as the same bits. */
static void print_json(const ip_estimation *e, const char *path)
{
    (void)path;
    json_t *results = json_array();
    for (size_t i = 0; i < e->n_layers; i++) {
        for (size_t k = 0; k < e->measure->n_entries; k++)
            json_array_append_new(results, result_json(e, i, k));
    }
    json_t *object =
        json_pack("{s:I, s:o, s:o}", "n", (json_int_t)ip_activations_sample(e->activations)->n,
                  "H_Y", json_real(e->h_y), "results", results);
    json_dumpf(object, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
    putchar('\n');
    json_decref(object);
}

/* ---- a table ---- */

/* "9.998123" or "9.9981 +- 0.0012"; nothing known is "-". */
static void append_bits(double bits, double error, char *text, size_t size)
{
    if (isnan(bits))
        snprintf(text, size, "-");
    else if (isinf(bits))
        snprintf(text, size, "infinite");
    else if (isfinite(error))
        snprintf(text, size, "%.4f +- %.4f", bits, error);
    else
        snprintf(text, size, "%.6f", bits);
}

static void print_row(const ip_estimation *e, size_t i, size_t k, const int *widths)
{
    const ip_information *out = &e->out[i * e->measure->n_entries + k];
    char i_xt[64], i_ty[64];
    append_bits(out->i_xt, out->i_xt_se, i_xt, sizeof i_xt);
    append_bits(out->i_ty, out->i_ty_se, i_ty, sizeof i_ty);
    printf("%-*s  %-*s  %18s  %18s", widths[0], ip_activations_layer(e->activations, e->layers[i]),
           widths[1], e->measure->entries[k].label, i_xt, i_ty);
    const char *space = "  ";
    const double null = e->i_ty_null[i * e->measure->n_entries + k];
    if (!isnan(null)) {
        printf("%snull %.6f", space, null);
        space = "; ";
    }
    if (!isnan(out->beta_residual)) {
        printf("%sbeta %.4f, residual %.4f", space, out->beta, out->beta_residual);
        space = "; ";
    }
    for (size_t f = 0; ip_flag_name(f) != NULL; f++) {
        if ((out->flags & 1U << f) == 0)
            continue;
        printf("%s%s", space, ip_flag_name(f));
        space = " ";
    }
    putchar('\n');
}

static int longer(int width, const char *text)
{
    const int length = (int)strlen(text);
    return length > width ? length : width;
}

static void print_text(const ip_estimation *e, const char *path)
{
    const size_t n = e->measure->n_entries;
    int widths[] = {(int)strlen("layer"), (int)strlen("estimator")};
    for (size_t i = 0; i < e->n_layers; i++)
        widths[0] = longer(widths[0], ip_activations_layer(e->activations, e->layers[i]));
    for (size_t k = 0; k < n; k++)
        widths[1] = longer(widths[1], e->measure->entries[k].label);
    printf("%-*s  %-*s  %18s  %18s  flags\n", widths[0], "layer", widths[1], "estimator",
           "I(X;T), bit", "I(T;Y), bit");
    for (size_t i = 0; i < e->n_layers; i++) {
        for (size_t k = 0; k < n; k++)
            print_row(e, i, k, widths);
    }
    const ip_sample *sample = ip_activations_sample(e->activations);
    printf("%zu layer%s by %zu estimator%s on %zu rows of %zu classes, H(Y) = %.6f bit (%s)\n",
           e->n_layers, e->n_layers == 1 ? "" : "s", n, n == 1 ? "" : "s", sample->n, sample->c,
           e->h_y, path);
}

/* ---- the command ---- */

/* What is asked for; NULL, told, when it cannot be read. */
static ip_spec *read_information(const ip_texts *texts, int *code)
{
    ip_errors errors = {0};
    ip_spec *spec = ip_spec_of_information("--information", texts->at, texts->n, &errors);
    for (size_t i = 0; i < errors.n && i < errors.capacity; i++)
        *code = ip_input_refuse(&errors.at[i]);
    if (errors.n > 0)
        fprintf(stderr, "infoplane: %zu error%s in --information\n", errors.n,
                errors.n == 1 ? "" : "s");
    ip_errors_release(&errors);
    return spec;
}

/* options wait for the estimators. */
static int estimate(const char *path, const ip_texts *information, ip_estimation_options options,
                    bool as_json)
{
    int code = 0;
    ip_spec *spec = read_information(information, &code);
    if (spec == NULL)
        return code;
    ip_error err;
    ip_estimation estimation;
    options.measure = ip_spec_measure(spec);
    if (ip_estimation_make(&estimation, path, &options, &err) == IP_OK)
        (as_json ? print_json : print_text)(&estimation, path);
    else
        code = ip_input_refuse(&err);
    ip_estimation_release(&estimation);
    ip_spec_free(spec);
    return code;
}

int ip_cmd_estimate(int argc, char **argv)
{
    bool as_json = false, is_noisy = false;
    long n_shuffles = 0;
    ip_texts information = {0}, names = {0};
    const ip_option options[] = {
        {"--information", IP_OPTION_MANY, &information, "ITEM",
         "an estimator, as in a spec (repeatable; default binning)"},
        {"--layer", IP_OPTION_MANY, &names, "NAME", "only /t/NAME (repeatable; default all)"},
        {"--null", IP_OPTION_COUNT, &n_shuffles, "N",
         "also I(T;Y) of shuffled labels, the mean over N shuffles (default 0)"},
        {"--noisy", IP_OPTION_FLAG, &is_noisy, NULL,
         "rows of one input are draws of its T, as of a network with noise; it changes flags only"},
        {"--json", IP_OPTION_FLAG, &as_json, NULL, "machine-readable, with parameters"},
    };
    const ip_usage usage = {
        "estimate",
        "ACTIVATIONS.h5 [--information ITEM]... [--layer NAME]... [--null N] [--noisy] [--json]",
        "the estimators on the activations of any network (/t/NAME with /y or /p_y_given_x)",
        "activations.h5\n"
        "         infoplane estimate activations.h5 --information 'binning: {bins: [30, 100]}'\n"
        "         infoplane estimate activations.h5 --layer 1 --layer 2 --json",
        options,
        IP_LENGTH(options),
        1,
        0};
    const char *path[1];
    const ip_parse parsed = ip_options_parse(&usage, argc, argv, path, stderr);
    if (parsed != IP_PARSE_GO)
        return (int)parsed;
    const ip_estimation_options how = {
        .names = &names, .n_shuffles = (size_t)n_shuffles, .is_noisy = is_noisy};
    return estimate(path[0], &information, how, as_json);
}
