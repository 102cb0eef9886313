/* spec_measure.c - when snapshots are taken, and of which rows */
#include "spec/spec_internal.h"
#include <stdlib.h>

ip_name_at ip_on_name;

const char *ip_on_name(size_t index)
{
    static const char *const names[] = {"all", "train", "test"};
    return index < IP_LENGTH(names) ? names[index] : NULL;
}

static ip_name_at at_name;

static const char *at_name(size_t index)
{
    static const char *const names[] = {"log", "linear", "every"};
    return index < IP_LENGTH(names) ? names[index] : NULL;
}

enum { MOST_SNAPSHOTS = 1000000, N_ONS = 3 };

static const ip_field at_fields[] = {
    {.key = "measure.at.log", .kind = IP_KIND_COUNT, .min = 2, .max = MOST_SNAPSHOTS},
    {.key = "measure.at.linear", .kind = IP_KIND_COUNT, .min = 1, .max = MOST_SNAPSHOTS},
    {.key = "measure.at.every", .kind = IP_KIND_COUNT, .min = 1, .max = 1e12},
};
static const ip_field epoch_field = {.key = "measure.at", .kind = IP_KIND_COUNT, .max = 1e12};
static const ip_field measure_fields[] = {
    {.key = "measure.gradients",
     .kind = IP_KIND_BOOL,
     .offset = offsetof(ip_measure, gradients),
     .default_text = "true"},
    {.key = "measure.samples",
     .kind = IP_KIND_COUNT,
     .offset = offsetof(ip_measure, samples),
     .min = 1,
     .max = 1e9,
     .word = "all",
     .default_text = "all"},
    {.key = "measure.null",
     .kind = IP_KIND_COUNT,
     .offset = offsetof(ip_measure, null),
     .max = 1000,
     .default_text = "0"},
};
static const ip_field on_field = {.key = "measure.on", .kind = IP_KIND_CHOICE, .names = ip_on_name};

/* ---- at ---- */

static int compare_epochs(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a;
    const uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Reads the list, ascending and each epoch once: its order is no part of what is asked. */
static void read_epochs(const ip_checker *checker, const ip_node *list)
{
    ip_measure *measure = &checker->spec->measure;
    const uint64_t last = checker->spec->settings.training.epochs;
    uint64_t *epochs = ip_arena_alloc(&checker->spec->arena, list->n, sizeof *epochs);
    size_t n = 0;
    for (const ip_node *item = list->first; item != NULL && epochs != NULL; item = item->next) {
        if (!ip_check_value(checker, &epoch_field, item, &epochs[n]))
            continue;
        if (last > 0 && epochs[n] > last)
            ip_check_report(checker, item, false, "measure.at",
                            "measure.at: epoch %llu is beyond the last one, %llu",
                            (unsigned long long)epochs[n], (unsigned long long)last);
        n++;
    }
    if (n > 0)
        qsort(epochs, n, sizeof *epochs, compare_epochs);
    measure->at = IP_AT_LIST;
    measure->at_epochs = epochs;
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || epochs[i] != epochs[i - 1])
            epochs[measure->n_at_epochs++] = epochs[i];
    }
}

/* The rule written as {log: N}, reported when there is no such one. */
static const ip_node *find_rule(const ip_checker *checker, const ip_node *node, ip_at *at)
{
    const ip_node *rule = node->kind == IP_NODE_MAP && node->n == 1 ? node->first : NULL;
    const size_t index = rule != NULL ? ip_names_find(at_name, rule->key->text) : 0;
    *at = (ip_at)index;
    if (rule != NULL && at_name(index) != NULL)
        return rule;
    char saw[64];
    if (rule != NULL)
        snprintf(saw, sizeof saw, "'%.40s'", rule->key->text);
    else if (node->kind == IP_NODE_SCALAR)
        snprintf(saw, sizeof saw, "%s", ip_node_noun(node));
    else
        snprintf(saw, sizeof saw, "%s of %zu", ip_node_noun(node), node->n);
    ip_check_report(checker, rule != NULL ? rule : node, rule != NULL, "measure.at",
                    "measure.at: expected {log: N}, {linear: N}, {every: N} or a list of epochs, "
                    "saw %s",
                    saw);
    return NULL;
}

static void read_at(const ip_checker *checker, const ip_node *node)
{
    ip_measure *measure = &checker->spec->measure;
    if (node->kind == IP_NODE_LIST && node->n > 0 && node->n <= MOST_SNAPSHOTS) {
        read_epochs(checker, node);
        return;
    }
    const ip_node *rule = find_rule(checker, node, &measure->at);
    if (rule == NULL || !ip_check_value(checker, &at_fields[measure->at], rule, &measure->at_n))
        return;
    const uint64_t epochs = checker->spec->settings.training.epochs;
    if (measure->at == IP_AT_EVERY && epochs / measure->at_n > MOST_SNAPSHOTS)
        ip_check_report(checker, rule, false, "measure.at",
                        "measure.at.every: %llu epochs make more than %d snapshots; expected a "
                        "larger step",
                        (unsigned long long)epochs, MOST_SNAPSHOTS);
}

/* ---- on ---- */

static bool holds(const int *ons, size_t n, int on)
{
    for (size_t i = 0; i < n; i++) {
        if (ons[i] == on)
            return true;
    }
    return false;
}

/* Reads measure.on into ons; returns how many, at least 1. */
static size_t read_on(const ip_checker *checker, int *ons)
{
    const ip_node *node = ip_spec_find(checker->spec, "measure.on");
    ons[0] = IP_ON_ALL;
    if (node == NULL)
        return 1;
    if (node->kind != IP_NODE_LIST)
        return ip_check_value(checker, &on_field, node, &ons[0]), 1;
    size_t n = 0;
    for (const ip_node *item = node->first; item != NULL && n < N_ONS; item = item->next) {
        int on = IP_ON_ALL;
        if (!ip_check_value(checker, &on_field, item, &on))
            continue;
        if (holds(ons, n, on))
            ip_check_report(checker, item, false, "measure.on", "measure.on: '%s' is given twice",
                            item->text);
        else
            ons[n++] = on;
    }
    if (node->n == 0)
        ip_check_report(checker, node, false, "measure.on",
                        "measure.on: expected all, train, test or a list of them, saw an empty "
                        "list");
    return n > 0 ? n : 1;
}

void ip_check_measure(const ip_checker *checker)
{
    static const char *const others[] = {"at", "on", "information", NULL};
    ip_measure *measure = &checker->spec->measure;
    ip_fields_set_defaults(measure_fields, IP_LENGTH(measure_fields), measure);
    measure->at = IP_AT_LOG;
    measure->at_n = 100;
    const ip_node *map = ip_check_map(checker, "measure");
    if (map != NULL)
        ip_check_section(checker, map, "measure", measure_fields, IP_LENGTH(measure_fields), others,
                         measure);
    const ip_node *at = ip_spec_find(checker->spec, "measure.at");
    if (at != NULL)
        read_at(checker, at);
    int ons[N_ONS];
    const size_t n_ons = read_on(checker, ons);
    ip_check_information(checker, ons, n_ons);
}
