/* plan_describe.c - a plan as JSON, for the provenance and for telling two plans apart
 *
 * Written here and not by a library: a real number has as many digits as tell it from its
 * neighbours and no more, whatever the library's version, for part of this text is hashed into the
 * key of every job. */
#include "infoplane/plan.h"
#include "spec/plan_internal.h"
#include <math.h>
#include <string.h>

/* Whether YAML and JSON write the value alike. */
static bool is_json(const ip_field *field, const void *at)
{
    switch (field->kind) {
    case IP_KIND_COUNT:
        return field->word == NULL || *(const uint64_t *)at != 0;
    case IP_KIND_REAL:
        return isfinite(*(const double *)at);
    case IP_KIND_CHOICE:
    case IP_KIND_BYTES:
        return false;
    default:
        return true;
    }
}

static void print_value(const ip_field *field, const void *base, ip_text *text)
{
    const char *quote = is_json(field, ip_field_at(field, base)) ? "" : "\"";
    ip_text_append(text, "%s", quote);
    ip_field_print(field, base, text);
    ip_text_append(text, "%s", quote);
}

/* The value of a patch: it stands alone, not in a struct. */
static void print_patch(const ip_patch *patch, ip_text *text)
{
    ip_field alone = *patch->field;
    alone.offset = 0;
    print_value(&alone, patch->value, text);
}

static void print_string(const char *string, ip_text *text)
{
    ip_text_append(text, "\"");
    for (const char *c = string; *c != '\0'; c++)
        ip_text_append(text, *c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
    ip_text_append(text, "\"");
}

static void print_shared(const ip_plan *plan, ip_text *text)
{
    const char *comma = "";
    for (size_t i = 0; i < ip_n_settings_fields; i++) {
        const ip_field *field = &ip_settings_fields[i];
        if (ip_spec_is_swept(plan->spec, field) || strcmp(field->key, "task.path") == 0)
            continue;
        ip_text_append(text, "%s\n    \"%s\": ", comma, field->key);
        print_value(field, &plan->base, text);
        comma = ",";
    }
}

static const ip_patch *find_patch(const ip_patch *patches, size_t n, const ip_field *field)
{
    for (size_t k = 0; k < n; k++) {
        if (patches[k].field == field)
            return &patches[k];
    }
    return NULL;
}

/* Keys stand in the order of the table, not in that of the spec. */
static void print_axis(const ip_axis *axis, ip_text *text)
{
    const char *comma = "";
    ip_text_append(text, "{");
    for (size_t i = 0; i < ip_n_settings_fields; i++) {
        const ip_patch *first = find_patch(axis->patches, axis->n_keys, &ip_settings_fields[i]);
        if (first == NULL)
            continue;
        ip_text_append(text, "%s\"%s\": [", comma, first->field->key);
        for (size_t v = 0; v < axis->n_values; v++) {
            ip_text_append(text, "%s", v > 0 ? ", " : "");
            print_patch(first + v * axis->n_keys, text);
        }
        ip_text_append(text, "]");
        comma = ", ";
    }
    ip_text_append(text, "}");
}

static void print_exclusion(const ip_exclusion *exclusion, ip_text *text)
{
    const char *comma = "";
    ip_text_append(text, "{");
    for (size_t i = 0; i < ip_n_settings_fields; i++) {
        const ip_patch *patch =
            find_patch(exclusion->patches, exclusion->n, &ip_settings_fields[i]);
        if (patch == NULL)
            continue;
        ip_text_append(text, "%s\"%s\": ", comma, patch->field->key);
        print_patch(patch, text);
        comma = ", ";
    }
    ip_text_append(text, "}");
}

static void print_entry(const ip_measure_entry *entry, ip_text *text)
{
    ip_text_append(text, "{\"label\": ");
    print_string(entry->label, text);
    ip_text_append(text, ", \"estimator\": \"%s\", \"on\": \"%s\", \"parameters\": {",
                   entry->estimator->name, ip_on_name((size_t)entry->on));
    for (size_t i = 0; i < entry->estimator->n_fields; i++) {
        const ip_field *field = &entry->estimator->fields[i];
        ip_text_append(text, "%s\"%s\": ", i > 0 ? ", " : "", field->key);
        print_value(field, entry->options, text);
    }
    ip_text_append(text, "}}");
}

static void print_at(const ip_measure *measure, ip_text *text)
{
    static const char *const rules[] = {"log", "linear", "every"};
    if (measure->at != IP_AT_LIST) {
        ip_text_append(text, "{\"%s\": %llu}", rules[measure->at],
                       (unsigned long long)measure->at_n);
        return;
    }
    ip_text_append(text, "[");
    for (size_t i = 0; i < measure->n_at_epochs; i++)
        ip_text_append(text, "%s%llu", i > 0 ? ", " : "",
                       (unsigned long long)measure->at_epochs[i]);
    ip_text_append(text, "]");
}

void ip_plan_print_measure(const ip_measure *measure, ip_text *text)
{
    ip_text_append(text, "{\n    \"at\": ");
    print_at(measure, text);
    if (measure->samples > 0) /* the keys of rows from before there was a choice stay the same */
        ip_text_append(text, ",\n    \"samples\": %llu", (unsigned long long)measure->samples);
    ip_text_append(text, ",\n    \"gradients\": %s,\n    \"null\": %llu,\n    \"information\": [",
                   measure->gradients ? "true" : "false", (unsigned long long)measure->null);
    for (size_t k = 0; k < measure->n_entries; k++) {
        ip_text_append(text, "%s\n      ", k > 0 ? "," : "");
        print_entry(&measure->entries[k], text);
    }
    ip_text_append(text, "\n    ]\n  }");
}

void ip_plan_describe(const ip_plan *plan, ip_text *json)
{
    const ip_spec *spec = plan->spec;
    ip_text_append(json, "{\n  \"shared\": {");
    print_shared(plan, json);
    ip_text_append(json, "\n  },\n  \"sweep\": [");
    for (size_t a = 0; a < spec->n_axes; a++) {
        ip_text_append(json, "%s\n    ", a > 0 ? "," : "");
        print_axis(&spec->axes[a], json);
    }
    ip_text_append(json, "%s],\n  \"exclude\": [", spec->n_axes > 0 ? "\n  " : "");
    for (size_t e = 0; e < spec->n_exclusions; e++) {
        ip_text_append(json, "%s\n    ", e > 0 ? "," : "");
        print_exclusion(&spec->exclusions[e], json);
    }
    ip_text_append(json, "%s],\n  \"seeds\": {\"count\": %llu, \"first\": %llu},\n  \"measure\": ",
                   spec->n_exclusions > 0 ? "\n  " : "", (unsigned long long)spec->seeds_count,
                   (unsigned long long)spec->seeds_first);
    ip_text_append(json, "%s,\n  \"data\": \"%s\"\n}\n", plan->measured.at, plan->dataset->digest);
}
