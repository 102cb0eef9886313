/* spec_information.c - the entries of the estimator dimension
 *
 * An entry of `measure.information` becomes one entry of the dimension for every value of its
 * parameters that are lists, and for every choice of rows; its label tells them apart. */
#include "spec/spec_internal.h"
#include <math.h>
#include <string.h>

enum { MOST_ENTRIES = IP_MAX_REQUESTS, LONGEST_LABEL = 40 };

/* An entry of the list being read. */
typedef struct reading {
    const ip_checker *checker;
    const ip_node *node;       /* where its errors stand */
    const ip_node *parameters; /* the map of them, or NULL */
    const int *ons;
    size_t n_ons;
} reading;

static bool refuse(const reading *r, const char *format, const char *what)
{
    ip_error err;
    ip_fail(&err, IP_ERR_SPEC, format, what);
    ip_check_report(r->checker, r->node, true, "measure.information", "%s", err.text);
    return false;
}

/* False, reported, when there is no place for the entry. */
static bool add_entry(const reading *r, const ip_measure_entry *entry)
{
    ip_measure *measure = &r->checker->spec->measure;
    for (size_t i = 0; i < measure->n_entries; i++) {
        if (strcmp(measure->entries[i].label, entry->label) == 0)
            return refuse(r,
                          "measure.information: two estimators are called '%s'; give one of them "
                          "another label",
                          entry->label);
    }
    if (measure->n_entries == MOST_ENTRIES)
        return refuse(r, "measure.information: more than 1000 estimators%s", "");
    measure->entries[measure->n_entries++] = *entry;
    return true;
}

/* Puts more behind the label; false, reported, when it does not fit. */
static bool append_label(const reading *r, ip_measure_entry *entry, const char *more)
{
    const size_t length = strlen(entry->label);
    const size_t n = strlen(more);
    if (length + n >= sizeof entry->label)
        return refuse(r,
                      "measure.information: the label '%s' is too long for what is put behind it",
                      entry->label);
    memcpy(entry->label + length, more, n + 1);
    return true;
}

static bool append_value(const reading *r, ip_measure_entry *entry, const ip_field *field)
{
    char more[32];
    const void *value = ip_field_at(field, entry->options);
    const double number =
        field->kind == IP_KIND_COUNT ? (double)*(const uint64_t *)value : *(const double *)value;
    if (isnan(number))
        snprintf(more, sizeof more, "-%s", field->word);
    else
        snprintf(more, sizeof more, "-%g", number);
    return append_label(r, entry, more);
}

/* One entry for each choice of rows. */
static bool add_on_rows(const reading *r, const ip_measure_entry *entry)
{
    static const char *const at_rows[] = {[IP_ON_TRAIN] = "@train", [IP_ON_TEST] = "@test"};
    for (size_t i = 0; i < r->n_ons; i++) {
        ip_measure_entry one = *entry;
        one.on = (ip_on)r->ons[i];
        if (one.on != IP_ON_ALL && !append_label(r, &one, at_rows[one.on]))
            return false;
        if (!add_entry(r, &one))
            return false;
    }
    return true;
}

/* One for each side of a bracket. */
static bool add_sides(const reading *r, const ip_measure_entry *entry)
{
    const char *const *sides = entry->estimator->sides;
    if (sides == NULL)
        return add_on_rows(r, entry);
    for (size_t i = 0; sides[i] != NULL; i++) {
        ip_measure_entry one = *entry;
        one.side = i;
        if (!append_label(r, &one, "-") || !append_label(r, &one, sides[i]) ||
            !add_on_rows(r, &one))
            return false;
    }
    return true;
}

/* The entries of one choice of parameters. */
static bool add_entries(const reading *r, const ip_measure_entry *entry)
{
    ip_error err;
    if (entry->estimator->check == NULL || entry->estimator->check(entry->options, &err) == IP_OK)
        return add_sides(r, entry);
    const ip_node *at = r->parameters != NULL ? ip_node_get(r->parameters, err.key) : NULL;
    ip_check_report(r->checker, at != NULL ? at : r->node, true, "measure.information", "%s: %s",
                    entry->estimator->name, err.text);
    return false;
}

static const ip_field *find_parameter(const ip_estimator *estimator, const ip_node *node)
{
    return ip_fields_find(estimator->fields, estimator->n_fields, node->key->text);
}

/* Whether a parameter is written as a list of values, each of which makes an entry. */
static bool is_many(const ip_estimator *estimator, const ip_node *node)
{
    const ip_field *field = find_parameter(estimator, node);
    return field != NULL && field->flags & IP_FIELD_MANY && node->kind == IP_NODE_LIST &&
           node->n > 0 && node->n <= MOST_ENTRIES;
}

/* One entry for each value of a parameter given as a list, times those of the parameters behind it.
 * False, reported, ends it: what is asked for may be more than anybody could list. */
static bool expand(const reading *r, const ip_measure_entry *entry, const ip_node *parameters)
{
    const ip_node *list = parameters;
    while (list != NULL && !is_many(entry->estimator, list))
        list = list->next;
    if (list == NULL)
        return add_entries(r, entry);
    const ip_field *field = find_parameter(entry->estimator, list);
    for (const ip_node *item = list->first; item != NULL; item = item->next) {
        ip_measure_entry one = *entry;
        if (!ip_check_value(r->checker, field, item, ip_field_at_mutable(field, one.options)) ||
            !append_value(r, &one, field) || !expand(r, &one, list->next))
            return false;
    }
    return true;
}

static const ip_estimator *find_estimator(const ip_checker *checker, const ip_node *node,
                                          const char *name)
{
    const size_t index = ip_names_find(ip_estimator_name, name);
    if (ip_estimator_name(index) != NULL)
        return ip_estimator_at(index);
    const char *nearest = ip_names_nearest(ip_estimator_name, name);
    ip_text known = {0};
    ip_names_join(ip_estimator_name, &known);
    ip_check_report(
        checker, node, true, "measure.information", "unknown estimator '%.60s' (%s%s%s)", name,
        nearest != NULL ? "did you mean '" : "known: ", nearest != NULL ? nearest : known.at,
        nearest != NULL ? "'?" : "");
    ip_text_release(&known);
    return NULL;
}

/* A label short enough for what is put behind it, in one line. */
static void read_label(const ip_checker *checker, const ip_node *node, ip_measure_entry *entry)
{
    static const ip_field field = {.key = "label", .kind = IP_KIND_TEXT};
    char text[IP_MAX_PATH];
    if (!ip_check_value(checker, &field, node, text))
        return;
    if (strlen(text) > LONGEST_LABEL)
        ip_check_report(checker, node, false, "label",
                        "label: expected a text of at most %d bytes, saw %zu", LONGEST_LABEL,
                        strlen(text));
    else
        snprintf(entry->label, sizeof entry->label, "%.*s", LONGEST_LABEL, text);
}

/* Reads one parameter into the entry; a list of values is only checked, expand() reads it again. */
static void read_parameter(const ip_checker *checker, const ip_node *node, ip_measure_entry *entry)
{
    static const char *const others[] = {"label", NULL};
    const ip_estimator *estimator = entry->estimator;
    const ip_field *field = find_parameter(estimator, node);
    if (strcmp(node->key->text, "label") == 0) {
        read_label(checker, node, entry);
    } else if (field == NULL) {
        ip_check_unknown(checker, node, estimator->name, estimator->fields, estimator->n_fields,
                         others);
    } else if (is_many(estimator, node)) {
        for (const ip_node *item = node->first; item != NULL; item = item->next)
            ip_check_value(checker, field, item, ip_field_at_mutable(field, entry->options));
    } else {
        ip_check_value(checker, field, node, ip_field_at_mutable(field, entry->options));
    }
}

/* What stands under an estimator's name: its parameters, into the entry. */
static bool read_parameters(reading *r, const ip_node *node, ip_measure_entry *entry)
{
    const size_t before = r->checker->errors->n;
    if (node->kind != IP_NODE_MAP) {
        ip_check_report(r->checker, node, false, "measure.information",
                        "%s: expected a map of parameters, saw %s", entry->estimator->name,
                        ip_node_noun(node));
        return false;
    }
    r->parameters = node;
    for (const ip_node *one = node->first; one != NULL; one = one->next)
        read_parameter(r->checker, one, entry);
    return r->checker->errors->n == before;
}

static void read_entry(reading *r)
{
    const ip_node *node = r->node;
    const bool is_map = node->kind == IP_NODE_MAP && node->n == 1;
    if (node->kind != IP_NODE_SCALAR && !is_map) {
        ip_check_report(r->checker, node, false, "measure.information",
                        "measure.information: expected a name such as `binning` or a map such as "
                        "`binning: {bins: 30}`, saw %s",
                        node->kind == IP_NODE_LIST ? "a list" : "a map of more or no keys");
        return;
    }
    const ip_node *named = is_map ? node->first : node;
    const char *name = is_map ? named->key->text : node->text;
    ip_measure_entry entry = {.estimator = find_estimator(r->checker, named, name)};
    if (entry.estimator == NULL)
        return;
    snprintf(entry.label, sizeof entry.label, "%s", name);
    ip_fields_set_defaults(entry.estimator->fields, entry.estimator->n_fields, entry.options);
    if (!is_map || read_parameters(r, named, &entry))
        expand(r, &entry, is_map ? named->first : NULL);
}

void ip_check_entries(const ip_checker *checker, const ip_node *first, const int *ons, size_t n_ons)
{
    static const ip_node binning = {.kind = IP_NODE_SCALAR, .file = "", .text = "binning"};
    ip_measure *measure = &checker->spec->measure;
    measure->entries =
        ip_arena_alloc(&checker->spec->arena, MOST_ENTRIES, sizeof *measure->entries);
    if (measure->entries == NULL)
        return;
    for (const ip_node *node = first != NULL ? first : &binning;
         node != NULL && checker->errors->n < IP_MAX_ERRORS; node = node->next)
        read_entry(&(reading){checker, node, NULL, ons, n_ons});
}

void ip_check_information(const ip_checker *checker, const int *ons, size_t n_ons)
{
    const ip_node *list = ip_spec_find(checker->spec, "measure.information");
    if (list != NULL && (list->kind != IP_NODE_LIST || list->n == 0 || list->n > MOST_ENTRIES)) {
        ip_check_report(checker, list, false, "measure.information",
                        "measure.information: expected a list such as `- binning: {bins: 30}`, saw "
                        "%s",
                        list->kind != IP_NODE_LIST ? ip_node_noun(list)
                        : list->n == 0             ? "an empty one"
                                                   : "more than 1000 entries");
        return;
    }
    ip_check_entries(checker, list != NULL ? list->first : NULL, ons, n_ons);
}
