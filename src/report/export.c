/* export.c - tidy rows of a result file
 *
 * The three tables differ in the dimensions below the snapshot and in their value columns; a row of
 * the table below says which. */
#include "infoplane/report.h"
#include "report/derived.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct table {
    const char *name;
    bool by_layer, by_estimator; /* else by split */
    ip_variable_id values[8];
    size_t n_values;
} table;

static const table tables[] = {
    {"information",
     true,
     true,
     {IP_I_XT, IP_I_TY, IP_I_XT_SE, IP_I_TY_SE, IP_I_TY_NULL, IP_BETA, IP_BETA_RESIDUAL, IP_FLAGS},
     8},
    {"training", false, false, {IP_LOSS, IP_ACCURACY}, 2},
    {"gradients", true, false, {IP_GRADIENT_MEAN, IP_GRADIENT_STD, IP_WEIGHT_NORM}, 3},
};

ip_name_at ip_table_name;

const char *ip_table_name(size_t index)
{
    return index < IP_LENGTH(tables) ? tables[index].name : NULL;
}

/* What the rows of one export share. */
typedef struct writer {
    const ip_store *store;
    ip_frontier frontier;
    const table *table;
    ip_format format;
    FILE *out;
    bool is_first; /* column of its row */
    size_t n_rows;
} writer;

static void print_csv_text(FILE *out, const char *text)
{
    if (strpbrk(text, ",\"\n") == NULL) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"')
            fputc('"', out);
        fputc(*c, out);
    }
    fputc('"', out);
}

static void print_json_text(FILE *out, const char *text)
{
    fputc('"', out);
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(out, "\\%c", *c);
        else if (*c < 0x20)
            fprintf(out, "\\u%04x", *c);
        else
            fputc(*c, out);
    }
    fputc('"', out);
}

static void print_cell(writer *w, const char *name, const char *text, bool is_number)
{
    if (!w->is_first)
        fputs(w->format == IP_FORMAT_CSV ? "," : ", ", w->out);
    w->is_first = false;
    if (w->format == IP_FORMAT_CSV) {
        print_csv_text(w->out, text);
        return;
    }
    print_json_text(w->out, name);
    fputs(": ", w->out);
    if (is_number)
        fputs(text[0] != '\0' ? text : "null", w->out);
    else
        print_json_text(w->out, text);
}

static void print_integer(writer *w, const char *name, int64_t value)
{
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)value);
    print_cell(w, name, text, true);
}

/* What is not known is an empty cell, or null. Infinity, which JSON has no number for, is a word.
 */
static void print_real(writer *w, const char *name, double value)
{
    if (isinf(value)) {
        print_cell(w, name, value > 0 ? "infinite" : "-infinite", false);
        return;
    }
    ip_text text = {0};
    if (isfinite(value))
        ip_text_append_real(&text, value);
    print_cell(w, name, text.at != NULL ? text.at : "", true);
    ip_text_release(&text);
}

/* A column of the job. A real that is not finite, such as a setting left at `none`, has no digit in
 * its text. */
static void print_column(writer *w, size_t k, size_t job)
{
    ip_text text = {0};
    ip_store_column_text(w->store, k, job, &text);
    const bool is_number = ip_store_column_is_number(w->store, k);
    const bool is_shown = text.at != NULL && (!is_number || strpbrk(text.at, "0123456789") != NULL);
    print_cell(w, ip_store_column(w->store, k), is_shown ? text.at : "", is_number);
    ip_text_release(&text);
}

static void print_head(writer *w)
{
    if (w->format == IP_FORMAT_JSON) {
        fputs("[", w->out);
        return;
    }
    fputs("job", w->out);
    for (size_t k = 0; ip_store_column(w->store, k) != NULL; k++) {
        fputc(',', w->out);
        print_csv_text(w->out, ip_store_column(w->store, k));
    }
    fputs(",epoch,update", w->out);
    fputs(w->table->by_layer ? ",layer,width" : ",split", w->out);
    fputs(w->table->by_estimator ? ",estimator" : "", w->out);
    for (size_t v = 0; v < w->table->n_values; v++)
        fprintf(w->out, ",%s", ip_variables[w->table->values[v]].name);
    for (size_t k = 0; w->table->by_estimator && k < ip_n_derived; k++)
        fprintf(w->out, ",%s", ip_derived[k].name);
    fputc('\n', w->out);
}

static void begin_row(writer *w, const ip_trace *trace, size_t job, size_t s)
{
    if (w->format == IP_FORMAT_JSON)
        fputs(w->n_rows > 0 ? ",\n {" : "\n {", w->out);
    w->n_rows++;
    w->is_first = true;
    print_integer(w, "job", (int64_t)job);
    for (size_t k = 0; ip_store_column(w->store, k) != NULL; k++)
        print_column(w, k, job);
    print_integer(w, "epoch", ip_store_epochs(w->store)[s]);
    print_integer(w, "update", ip_trace_integer(trace, IP_UPDATE)[s]);
}

/* The curve is that of all rows: no value of some of them is held against it. */
static bool is_of_all(const char *label)
{
    const char *at = strrchr(label, '@');
    return at == NULL || (strcmp(at, "@train") != 0 && strcmp(at, "@test") != 0);
}

static void print_derived(writer *w, const ip_trace *trace, size_t l, size_t k, size_t at)
{
    const double *i_xt = ip_trace_real(trace, IP_I_XT), *i_ty = ip_trace_real(trace, IP_I_TY);
    const size_t before = at - trace->shape->length[IP_DIM_ESTIMATOR];
    const ip_place place = {
        .i_xt = i_xt[at],
        .i_ty = i_ty[at],
        .before_i_xt = l > 0 ? i_xt[before] : (double)NAN,
        .before_i_ty = l > 0 ? i_ty[before] : (double)NAN,
        .curve = is_of_all(ip_store_estimator(w->store, k)) ? &w->frontier : NULL,
    };
    for (size_t c = 0; c < ip_n_derived; c++)
        print_real(w, ip_derived[c].name, ip_derived[c].value(&place));
}

/* Prints the value columns, at the given element of each variable. */
static void print_values(writer *w, const ip_trace *trace, size_t at)
{
    for (size_t v = 0; v < w->table->n_values; v++) {
        const ip_variable_id id = w->table->values[v];
        if (ip_variables[id].is_integer)
            print_integer(w, ip_variables[id].name, ip_trace_integer(trace, id)[at]);
        else
            print_real(w, ip_variables[id].name, ip_trace_real(trace, id)[at]);
    }
}

static void end_row(writer *w)
{
    fputs(w->format == IP_FORMAT_CSV ? "\n" : "}", w->out);
}

static void print_layers(writer *w, const ip_trace *trace, size_t job, size_t s)
{
    const size_t n_layers = trace->shape->length[IP_DIM_LAYER];
    const size_t n_estimators = w->table->by_estimator ? trace->shape->length[IP_DIM_ESTIMATOR] : 1;
    for (size_t l = 0; l < n_layers && ip_store_width(w->store, job, l) > 0; l++) {
        for (size_t k = 0; k < n_estimators; k++) {
            begin_row(w, trace, job, s);
            print_integer(w, "layer", (int64_t)l + 1);
            print_integer(w, "width", ip_store_width(w->store, job, l));
            if (w->table->by_estimator)
                print_cell(w, "estimator", ip_store_estimator(w->store, k), false);
            const size_t at = (s * n_layers + l) * n_estimators + k;
            print_values(w, trace, at);
            if (w->table->by_estimator)
                print_derived(w, trace, l, k, at);
            end_row(w);
        }
    }
}

static void print_splits(writer *w, const ip_trace *trace, size_t job, size_t s)
{
    static const char *const splits[] = {"train", "test"};
    for (size_t split = 0; split < 2; split++) {
        begin_row(w, trace, job, s);
        print_cell(w, "split", splits[split], false);
        print_values(w, trace, 2 * s + split);
        end_row(w);
    }
}

static void print_job(writer *w, const ip_trace *trace, size_t job)
{
    for (size_t s = 0; s < trace->shape->length[IP_DIM_EPOCH]; s++) {
        if (isnan(ip_trace_real(trace, IP_LOSS)[2 * s]))
            continue; /* not reached */
        if (w->table->by_layer)
            print_layers(w, trace, job, s);
        else
            print_splits(w, trace, job, s);
    }
}

static ip_status print_jobs(writer *w, const ip_trace *trace, const int8_t *states,
                            ip_export_summary *summary, ip_error *err)
{
    print_head(w);
    for (size_t job = 0; job < ip_store_n_jobs(w->store); job++) {
        if (states[job] == IP_STATE_PENDING)
            continue;
        ip_row row;
        bool sound = false;
        IP_TRY(ip_store_read_row(w->store, job, &row, trace, &sound, err));
        if (sound)
            print_job(w, trace, job);
        else
            summary->unsound++;
    }
    summary->rows = w->n_rows;
    fputs(w->format == IP_FORMAT_JSON ? "\n]\n" : "", w->out);
    return fflush(w->out) == 0 && !ferror(w->out)
               ? IP_OK
               : ip_fail(err, IP_ERR_IO, "cannot write the rows");
}

/* Reads the states and prints, with room for one row in trace. */
static ip_status print_committed(writer *w, const ip_trace *trace, ip_export_summary *summary,
                                 ip_error *err)
{
    int8_t *states = NULL;
    ip_status status = ip_store_read_states(w->store, &states, err);
    if (status == IP_OK)
        status = print_jobs(w, trace, states, summary, err);
    free(states);
    return status;
}

ip_status ip_report_export(const ip_store *store, ip_table table_id, ip_format format, FILE *out,
                           ip_export_summary *summary, ip_error *err)
{
    *summary = (ip_export_summary){0};
    const ip_shape *shape = ip_store_shape(store);
    writer w = {.store = store, .table = &tables[table_id], .format = format, .out = out};
    IP_TRY(ip_frontier_read(store, &w.frontier, err));
    const ip_trace trace = {shape, malloc(ip_trace_bytes(shape))};
    if (trace.block == NULL)
        return ip_fail(err, IP_ERR_MEMORY, "out of memory for a row");
    const ip_status status = print_committed(&w, &trace, summary, err);
    free(trace.block);
    return status;
}
