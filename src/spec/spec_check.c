/* spec_check.c - nodes against fields: the checks every section shares */
#include "spec/spec_internal.h"
#include <stdarg.h>
#include <string.h>

void ip_check_report(const ip_checker *checker, const ip_node *node, bool at_key, const char *key,
                     const char *format, ...)
{
    ip_error err = {.status = IP_ERR_SPEC};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(err.text, sizeof err.text, format, arguments);
    va_end(arguments);
    snprintf(err.key, sizeof err.key, "%s", key);
    ip_node_place(node, at_key, &err);
    ip_errors_add(checker->errors, &err);
}

/* Adds the error a lower function made, at the node. */
static void report_error(const ip_checker *checker, const ip_node *node, ip_error *err)
{
    ip_node_place(node, false, err);
    ip_errors_add(checker->errors, err);
}

static bool is_list_kind(ip_kind kind)
{
    return kind == IP_KIND_WIDTHS || kind == IP_KIND_REALS;
}

const char *ip_node_noun(const ip_node *node)
{
    static const char *const nouns[] = {
        [IP_NODE_SCALAR] = "one value", [IP_NODE_LIST] = "a list", [IP_NODE_MAP] = "a map"};
    const bool is_nothing =
        node->kind == IP_NODE_SCALAR && !node->quoted && ip_scalar_is_null(node->text);
    return is_nothing ? "nothing" : nouns[node->kind];
}

static bool refuse_shape(const ip_checker *checker, const ip_field *field, const ip_node *node)
{
    const bool wants_list = is_list_kind(field->kind);
    const bool may_be_swept = node->kind == IP_NODE_LIST && field->flags & IP_FIELD_SWEPT;
    ip_text expected = {0};
    ip_field_expected(field, &expected);
    ip_check_report(checker, node, false, field->key, "%s: expected %s%s, saw %s%s", field->key,
                    wants_list ? "a list, each entry " : "", expected.at, ip_node_noun(node),
                    may_be_swept ? "; lists of values belong under 'sweep'" : "");
    ip_text_release(&expected);
    return false;
}

static bool check_element(const ip_checker *checker, const ip_field *field, const ip_node *node,
                          void *value)
{
    ip_error err;
    if (node->kind != IP_NODE_SCALAR) {
        ip_check_report(
            checker, node, false, field->key, "%s: expected a list of numbers, saw %s in it%s",
            field->key, ip_node_noun(node),
            field->flags & IP_FIELD_SWEPT ? "; lists of values belong under 'sweep'" : "");
        return false;
    }
    if (ip_field_read(field, node->text, node->quoted, value, &err) == IP_OK)
        return true;
    report_error(checker, node, &err);
    return false;
}

static bool check_widths(const ip_checker *checker, const ip_field *field, const ip_node *node,
                         ip_widths *widths)
{
    if (node->n == 0 || node->n > IP_MAX_HIDDEN) {
        ip_check_report(checker, node, false, field->key, "%s: expected 1 to %d numbers, saw %zu",
                        field->key, IP_MAX_HIDDEN, node->n);
        return false;
    }
    bool good = true;
    for (const ip_node *item = node->first; item != NULL; item = item->next) {
        good &= check_element(checker, field, item, &widths->at[widths->n++]);
        if (item->kind != IP_NODE_SCALAR)
            break; /* the lists behind it are the same mistake */
    }
    return good;
}

static bool check_reals(const ip_checker *checker, const ip_field *field, const ip_node *node,
                        ip_reals *reals)
{
    if (node->n != field->n_reals) {
        ip_check_report(checker, node, false, field->key,
                        "%s: expected a list of %zu numbers, saw %zu", field->key, field->n_reals,
                        node->n);
        return false;
    }
    bool good = true;
    for (const ip_node *item = node->first; item != NULL; item = item->next)
        good &= check_element(checker, field, item, &reals->at[reals->n++]);
    return good;
}

/* A word in the place of a list. */
static bool check_word(const ip_checker *checker, const ip_field *field, const ip_node *node,
                       ip_reals *reals)
{
    ip_field choice = *field;
    choice.kind = IP_KIND_CHOICE;
    int index = 0;
    if (!check_element(checker, &choice, node, &index))
        return false;
    *reals = (ip_reals){.at = {index}};
    return true;
}

bool ip_check_value(const ip_checker *checker, const ip_field *field, const ip_node *node,
                    void *value)
{
    if (field->kind == IP_KIND_REALS && field->names != NULL && node->kind == IP_NODE_SCALAR)
        return check_word(checker, field, node, value);
    const ip_node_kind wanted = is_list_kind(field->kind) ? IP_NODE_LIST : IP_NODE_SCALAR;
    if (node->kind != wanted)
        return refuse_shape(checker, field, node);
    memset(value, 0, ip_field_size(field->kind));
    if (field->kind == IP_KIND_WIDTHS)
        return check_widths(checker, field, node, value);
    if (field->kind == IP_KIND_REALS)
        return check_reals(checker, field, node, value);
    return check_element(checker, field, node, value);
}

static const char *last_part(const char *key)
{
    const char *dot = strrchr(key, '.');
    return dot == NULL ? key : dot + 1;
}

/* The nearest of the section's keys, or NULL. */
static const char *nearest(const char *word, const ip_field *fields, size_t n,
                           const char *const *others)
{
    const char *best = NULL;
    for (size_t i = 0; i < n; i++) {
        const char *name = last_part(fields[i].key);
        if (ip_text_is_near(word, name) &&
            (best == NULL || ip_text_distance(word, name) < ip_text_distance(word, best)))
            best = name;
    }
    for (; *others != NULL; others++) {
        if (ip_text_is_near(word, *others) &&
            (best == NULL || ip_text_distance(word, *others) < ip_text_distance(word, best)))
            best = *others;
    }
    return best;
}

/* Appends what a writer of the word may have meant: a key that stands in another section, one
 * written with its section, or the nearest of this section; all of them where none is near. */
static void append_advice(const char *word, const ip_field *fields, size_t n,
                          const char *const *others, ip_text *text)
{
    for (size_t i = 0; i < ip_n_settings_fields; i++) {
        const char *key = ip_settings_fields[i].key;
        const int section = (int)strcspn(key, ".");
        if (strcmp(last_part(key), word) == 0) {
            ip_text_append(text, "it belongs in %.*s", section, key);
            return;
        }
        if (strcmp(key, word) == 0) {
            ip_text_append(text, "write `%.*s: {%s: ...}`; dotted keys belong under 'sweep'",
                           section, key, last_part(key));
            return;
        }
    }
    if (strcmp(word, "<<") == 0) {
        ip_text_append(text, "YAML 1.2 has no merge keys");
        return;
    }
    const char *best = nearest(word, fields, n, others);
    if (best != NULL) {
        ip_text_append(text, "did you mean '%s'?", best);
        return;
    }
    ip_text_append(text, "known: ");
    for (size_t i = 0; i < n; i++)
        ip_text_append(text, "%s%s", i > 0 ? ", " : "", last_part(fields[i].key));
    for (size_t i = 0; others[i] != NULL; i++)
        ip_text_append(text, "%s%s", n + i > 0 ? ", " : "", others[i]);
}

void ip_check_unknown(const ip_checker *checker, const ip_node *node, const char *prefix,
                      const ip_field *fields, size_t n, const char *const *others)
{
    ip_text advice = {0};
    append_advice(node->key->text, fields, n, others, &advice);
    ip_check_report(checker, node, true, prefix, "unknown key '%.60s' in %s (%s)", node->key->text,
                    strlen(prefix) > 0 ? prefix : "the spec", advice.at);
    ip_text_release(&advice);
}

static bool is_among(const char *word, const char *const *words)
{
    while (*words != NULL && strcmp(*words, word) != 0)
        words++;
    return *words != NULL;
}

void ip_check_section(const ip_checker *checker, const ip_node *map, const char *prefix,
                      const ip_field *fields, size_t n, const char *const *others, void *base)
{
    for (const ip_node *node = map->first; node != NULL; node = node->next) {
        char key[128];
        snprintf(key, sizeof key, "%s%s%.60s", prefix, strlen(prefix) > 0 ? "." : "",
                 node->key->text);
        const ip_field *field = ip_fields_find(fields, n, key);
        if (field != NULL)
            ip_check_value(checker, field, node, ip_field_at_mutable(field, base));
        else if (!is_among(node->key->text, others))
            ip_check_unknown(checker, node, prefix, fields, n, others);
    }
}

const ip_node *ip_check_map(const ip_checker *checker, const char *key)
{
    const ip_node *node = ip_node_get(checker->spec->root, key);
    if (node == NULL || node->kind == IP_NODE_MAP)
        return node;
    ip_check_report(checker, node, false, key, "%s: expected a map of keys, saw %s", key,
                    ip_node_noun(node));
    return NULL;
}
