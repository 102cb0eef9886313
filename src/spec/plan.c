/* plan.c - a spec expanded into numbered jobs
 *
 * Nothing is stored per job: a job's number gives its seed (the remainder by their count) and its
 * point, whose digits in the mixed base of the axes' lengths pick the values. */
#include "infoplane/plan.h"
#include "spec/plan_internal.h"
#include "spec/spec_errors.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* Every point is looked at before anything runs. */
enum { MOST_POINTS = 1000000, MOST_JOBS = 10000000 };

/* Settings of a point of the full product. */
static void set_point(const ip_spec *spec, size_t number, ip_settings *settings)
{
    for (size_t a = spec->n_axes; a-- > 0;) {
        const ip_axis *axis = &spec->axes[a];
        const ip_patch *patches = &axis->patches[number % axis->n_values * axis->n_keys];
        number /= axis->n_values;
        for (size_t k = 0; k < axis->n_keys; k++)
            memcpy(ip_field_at_mutable(patches[k].field, settings), patches[k].value,
                   ip_field_size(patches[k].field->kind));
    }
}

static bool is_excluded(const ip_spec *spec, const ip_settings *settings)
{
    for (size_t e = 0; e < spec->n_exclusions; e++) {
        const ip_exclusion *exclusion = &spec->exclusions[e];
        size_t agreed = 0;
        for (size_t k = 0; k < exclusion->n; k++) {
            const ip_patch *patch = &exclusion->patches[k];
            agreed += memcmp(ip_field_at(patch->field, settings), patch->value,
                             ip_field_size(patch->field->kind)) == 0;
        }
        if (agreed == exclusion->n)
            return true;
    }
    return false;
}

/* A plan being made: where its errors go, and the first of them. */
typedef struct planner {
    ip_plan *plan;
    ip_errors *errors;
    size_t begin;
} planner;

/* Adds an error at the place of key, once. */
static void report(const planner *p, const char *key, const char *text)
{
    ip_error err;
    ip_errors *errors = p->errors;
    for (size_t i = p->begin; i < errors->n && i < errors->capacity; i++) {
        if (strcmp(errors->at[i].text, text) == 0)
            return;
    }
    ip_fail_key(&err, IP_ERR_SPEC, key, "%s", text);
    ip_spec_locate(p->plan->spec, key, &err);
    ip_errors_add(errors, &err);
}

/* Quantised activations need a range. */
static void check_bits(const planner *p, const ip_network_options *network)
{
    const ip_activation *activation = ip_activation_at((size_t)network->activation);
    if (network->bits == 0 || ip_activation_has_range(activation))
        return;
    ip_text text = {0};
    ip_text_append(&text, "network.bits: expected an activation with a range (");
    const char *comma = "";
    for (size_t i = 0; ip_activation_at(i) != NULL; i++) {
        if (!ip_activation_has_range(ip_activation_at(i)))
            continue;
        ip_text_append(&text, "%s%s", comma, ip_activation_name(i));
        comma = ", ";
    }
    ip_text_append(&text, "), saw %s", activation->name);
    report(p, "network.bits", text.at);
    ip_text_release(&text);
}

/* Of rows that are passed once; a noisy network passes them more often, and splits are smaller:
 * then the measurement itself refuses. */
static void check_rows(const planner *p)
{
    const ip_measure *measure = ip_spec_measure(p->plan->spec);
    const size_t n = ip_plan_n_measured(p->plan);
    for (size_t k = 0; k < measure->n_entries; k++) {
        const ip_measure_entry *entry = &measure->entries[k];
        const uint64_t least =
            entry->estimator->least_rows != NULL ? entry->estimator->least_rows(entry->options) : 1;
        if (n >= least)
            continue;
        ip_text text = {0};
        ip_text_append(&text, "measure.information: %s: expected at least %llu rows, saw %zu",
                       entry->label, (unsigned long long)least, n);
        report(p, "measure.information", text.at);
        ip_text_release(&text);
    }
}

/* What no single key can tell is wrong. */
static void check_point(const planner *p, const ip_settings *s)
{
    const ip_dataset *dataset = p->plan->dataset;
    if (ip_initializer_at((size_t)s->network.initializer)->needs_sd &&
        isnan(s->network.initializer_sd))
        report(p, "network.initializer",
               "network.initializer: normal needs network.initializer_sd");
    check_bits(p, &s->network);
    if (s->network.noise == 0)
        check_rows(p);
    if (s->network.output == IP_OUTPUT_SIGMOID && dataset->c != 2)
        report(p, "network.output", "network.output: sigmoid needs data of two classes");
    if (s->training.schedule == IP_SCHEDULE_STEP && s->training.step_epochs == 0)
        report(p, "training.schedule", "training.schedule: step needs training.step_epochs");
    if (s->task.split == IP_SPLIT_GIVEN && dataset->split == NULL)
        report(p, "task.split", "task.split: given needs a data file with a /split");
}

static bool is_written(const ip_spec *spec, const char *key)
{
    return ip_spec_find(spec, key) != NULL || ip_sweep_find(spec, key) != NULL;
}

/* A data file that brings a split decides it, unless the spec says otherwise. */
static void resolve_split(const planner *p)
{
    ip_plan *plan = p->plan;
    plan->base = plan->spec->settings;
    if (plan->dataset->split != NULL && !is_written(plan->spec, "task.split"))
        plan->base.task.split = IP_SPLIT_GIVEN;
    const bool is_swept = ip_sweep_find(plan->spec, "task.split") != NULL;
    if (plan->base.task.split == IP_SPLIT_GIVEN && !is_swept &&
        is_written(plan->spec, "task.train_fraction"))
        report(p, "task.train_fraction",
               "task.train_fraction: the /split of the data file decides it; choose another "
               "task.split to use a fraction");
}

/* Numbers of the points that no exclusion drops. */
static void find_points(const planner *p)
{
    ip_plan *plan = p->plan;
    const ip_spec *spec = plan->spec;
    size_t product = 1;
    for (size_t a = 0; a < spec->n_axes && product <= MOST_POINTS; a++)
        product *= spec->axes[a].n_values;
    if (product > MOST_POINTS) {
        report(p, "sweep", "sweep: more than 10^6 points");
        return;
    }
    if (product > MOST_JOBS / spec->seeds_count) {
        report(p, "seeds.count", "seeds.count: more than 10^7 jobs");
        return;
    }
    if (spec->n_exclusions > 0)
        plan->kept = ip_arena_alloc(&plan->arena, product, sizeof *plan->kept);
    for (size_t number = 0; number < product && !plan->arena.failed; number++) {
        ip_settings settings = plan->base;
        set_point(spec, number, &settings);
        if (is_excluded(spec, &settings))
            continue;
        check_point(p, &settings);
        if (plan->shape.length[IP_DIM_LAYER] < settings.network.hidden.n + 1)
            plan->shape.length[IP_DIM_LAYER] = settings.network.hidden.n + 1;
        if (plan->kept != NULL)
            plan->kept[plan->n_points] = number;
        plan->n_points++;
    }
    if (plan->n_points == 0)
        report(p, "exclude", "exclude: no point of the sweep is left");
}

ip_plan *ip_plan_new(const ip_spec *spec, const ip_dataset *dataset, ip_errors *errors)
{
    ip_error err = {0};
    ip_plan *plan = calloc(1, sizeof *plan);
    if (plan == NULL) {
        ip_fail(&err, IP_ERR_MEMORY, "out of memory");
        ip_errors_add(errors, &err);
        return NULL;
    }
    plan->spec = spec;
    plan->dataset = dataset;
    plan->shape.length[IP_DIM_ESTIMATOR] = spec->measure.n_entries;
    plan->shape.length[IP_DIM_SPLIT] = 2;
    ip_plan_print_measure(&spec->measure, &plan->measured);
    const planner p = {plan, errors, errors->n};
    resolve_split(&p);
    find_points(&p);
    if (ip_plan_snapshots(plan, &err) != IP_OK || ip_arena_check(&plan->arena, &err) != IP_OK)
        ip_errors_add(errors, &err);
    ip_errors_finish(errors, p.begin);
    if (errors->n == p.begin)
        return plan;
    ip_plan_free(plan);
    return NULL;
}

void ip_plan_free(ip_plan *plan)
{
    if (plan == NULL)
        return;
    ip_text_release(&plan->measured);
    ip_arena_release(&plan->arena);
    free(plan);
}

const ip_spec *ip_plan_spec(const ip_plan *plan)
{
    return plan->spec;
}

const ip_dataset *ip_plan_dataset(const ip_plan *plan)
{
    return plan->dataset;
}

size_t ip_plan_n_jobs(const ip_plan *plan)
{
    return plan->n_points * (size_t)plan->spec->seeds_count;
}

size_t ip_plan_n_measured(const ip_plan *plan)
{
    const uint64_t samples = plan->spec->measure.samples;
    return samples > 0 && samples < plan->dataset->n ? (size_t)samples : plan->dataset->n;
}

const ip_shape *ip_plan_shape(const ip_plan *plan)
{
    return &plan->shape;
}

const int64_t *ip_plan_epochs(const ip_plan *plan)
{
    return plan->epochs;
}

const ip_field *ip_plan_swept(const ip_plan *plan, size_t k)
{
    return k < plan->spec->n_swept ? plan->spec->swept[k] : NULL;
}

size_t ip_plan_n_points(const ip_plan *plan)
{
    return plan->n_points;
}

void ip_plan_point(const ip_plan *plan, size_t point, ip_settings *settings)
{
    *settings = plan->base;
    set_point(plan->spec, plan->kept != NULL ? plan->kept[point] : point, settings);
}

/* Hash of everything that can change a number of the row. The path of a data file is left out: its
 * digest stands for it. */
static void make_key(const ip_plan *plan, ip_job *job)
{
    ip_text text = {0};
    for (size_t i = 0; i < ip_n_settings_fields; i++) {
        const ip_field *field = &ip_settings_fields[i];
        if (strcmp(field->key, "task.path") == 0)
            continue;
        ip_text_append(&text, "%s = ", field->key);
        ip_field_print(field, &job->settings, &text);
        ip_text_append(&text, "\n");
    }
    ip_text_append(&text, "seed = %llu\ndata = %s\n%s", (unsigned long long)job->seed,
                   plan->dataset->digest, plan->measured.at);
    const XXH128_hash_t hash = XXH3_128bits(text.at, text.length);
    snprintf(job->key, sizeof job->key, "%016llx%016llx", (unsigned long long)hash.high64,
             (unsigned long long)hash.low64);
    ip_text_release(&text);
}

void ip_plan_job(const ip_plan *plan, size_t index, ip_job *job)
{
    const size_t n_seeds = (size_t)plan->spec->seeds_count;
    job->index = index;
    job->seed = plan->spec->seeds_first + index % n_seeds;
    ip_plan_point(plan, index / n_seeds, &job->settings);
    make_key(plan, job);
}

size_t ip_job_widths(const ip_job *job, const ip_dataset *dataset, size_t *widths)
{
    const ip_widths *hidden = &job->settings.network.hidden;
    for (size_t l = 0; l < hidden->n; l++)
        widths[l] = hidden->at[l];
    widths[hidden->n] = job->settings.network.output == IP_OUTPUT_SIGMOID ? 1 : dataset->c;
    return hidden->n + 1;
}

void ip_job_architecture(const ip_job *job, const ip_dataset *dataset, ip_text *text)
{
    size_t widths[IP_MAX_HIDDEN + 1];
    const size_t n = ip_job_widths(job, dataset, widths);
    ip_text_append(text, "%zu", dataset->d);
    for (size_t l = 0; l < n; l++)
        ip_text_append(text, "-%zu", widths[l]);
}
