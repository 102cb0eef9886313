/* bound_print.c - the bottleneck's curve of a task, as a table or as JSON */
#include "cmd/bound_print.h"
#include <jansson.h>
#include <math.h>

/* ---- JSON ---- */

static json_t *point_json(const ip_bound_point *point)
{
    return json_pack("{s:f, s:f, s:f, s:I, s:f, s:b, s:b}", "beta", point->beta, "I_XT",
                     point->i_xt, "I_TY", point->i_ty, "clusters", (json_int_t)point->clusters,
                     "gap", point->gap, "proven", point->proven, "near_critical",
                     point->near_critical);
}

static json_t *code_json(const ip_bound_code *code)
{
    return json_pack("{s:f, s:f, s:f, s:I, s:b}", "beta", code->beta, "H_T", code->h_t, "I_TY",
                     code->i_ty, "clusters", (json_int_t)code->clusters, "proven", code->proven);
}

/* JSON has no infinity. */
static json_t *finite_json(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

void ip_curve_print_json(const ip_curve *curve)
{
    const ip_bound_task *inputs = &curve->inputs;
    json_t *points = json_array();
    json_t *codes = json_array();
    for (size_t i = 0; i < curve->n; i++) {
        json_array_append_new(points, point_json(&curve->points[i]));
        json_array_append_new(codes, code_json(&curve->codes[i]));
    }
    json_t *object = json_pack(
        "{s:s, s:f, s:f, s:f, s:I, s:b, s:o, s:o, s:o, s:o}", "task", curve->task, "H_Y",
        inputs->h_y, "I_XY", inputs->i_xy, "H_X", inputs->h_x, "inputs", (json_int_t)inputs->n,
        "kink", inputs->is_kink, "onset", finite_json(curve->onset.global), "onset_local",
        finite_json(curve->onset.local), "points", points, "deterministic", codes);
    json_dumpf(object, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
    putchar('\n');
    json_decref(object);
}

/* ---- the table ---- */

static void print_task(const ip_curve *curve)
{
    const ip_bound_task *inputs = &curve->inputs;
    printf("task %s: %zu inputs that differ in p(y|x), H %.6f bit; H(Y) %.6f, I(X;Y) %.6f bit\n",
           curve->task, inputs->n, inputs->h_x, inputs->h_y, inputs->i_xy);
    if (inputs->is_kink)
        printf("the labels follow from the inputs: the curve is I_TY = min(I_XT, H(Y)), and beta "
               "sees only its two ends\n");
    else if (isfinite(curve->onset.global))
        printf("the curve leaves the origin at beta %.7g%s; there by small steps from %.7g\n",
               curve->onset.global, curve->onset.proven ? "" : " or before", curve->onset.local);
}

static void print_row(const ip_bound_point *point, const ip_bound_code *code)
{
    printf("%12.6g %10.6f %10.6f %8zu  %8.1e %10.6f %10.6f %8zu%s\n", point->beta, point->i_xt,
           point->i_ty, point->clusters, point->gap, code->h_t, code->i_ty, code->clusters,
           point->near_critical ? "  near critical" : "");
}

static void print_rows(const ip_curve *curve)
{
    printf("%47s %32s\n", "best codes, gap of I_XT - beta I_TY", "best deterministic codes");
    printf("%12s %10s %10s %8s  %8s %10s %10s %8s\n", "beta", "I_XT", "I_TY", "clusters", "gap",
           "H_T", "I_TY", "clusters");
    for (size_t i = 0; i < curve->n; i++)
        print_row(&curve->points[i], &curve->codes[i]);
}

/* What the gaps of all points are worth. */
static void print_verdict(const ip_curve *curve)
{
    bool proven = true;
    double largest = 0.0;
    for (size_t i = 0; i < curve->n; i++) {
        proven = proven && curve->points[i].proven;
        largest = fmax(largest, curve->points[i].gap);
    }
    printf("%zu point%s of the curve, I(X;Y) = %.6f bit, largest gap %.1e bit, %s (%s)\n", curve->n,
           curve->n == 1 ? "" : "s", curve->inputs.i_xy, largest, proven ? "proven" : "heuristic",
           curve->path);
}

void ip_curve_print(const ip_curve *curve)
{
    print_task(curve);
    if (curve->n > 0)
        print_rows(curve);
    if (curve->n > 0)
        print_verdict(curve);
    else
        printf("no points: the labels do not depend on the inputs, or hardly (%s)\n", curve->path);
}
