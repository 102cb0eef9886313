/* spec_sweep.c - the axes of the sweep */
#include "spec/spec_internal.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const char *last_part(const char *key)
{
    return strchr(key, '.') + 1;
}

/* The field with this dotted key, or with this last part, or NULL. */
static const ip_field *find_named(const char *typed)
{
    for (size_t i = 0; i < ip_n_settings_fields; i++) {
        const ip_field *field = &ip_settings_fields[i];
        if (strcmp(field->key, typed) == 0 || strcmp(last_part(field->key), typed) == 0)
            return field;
    }
    return NULL;
}

/* The dotted key nearest to a typed one, which may lack the section, or NULL. */
static const char *nearest_swept(const char *typed)
{
    const bool is_dotted = strchr(typed, '.') != NULL;
    const char *best = NULL;
    size_t least = 0;
    for (size_t i = 0; i < ip_n_settings_fields; i++) {
        const char *key = ip_settings_fields[i].key;
        const char *compared = is_dotted ? key : last_part(key);
        const size_t distance = ip_text_distance(typed, compared);
        if (ip_settings_fields[i].flags & IP_FIELD_SWEPT && ip_text_is_near(typed, compared) &&
            (best == NULL || distance < least)) {
            best = key;
            least = distance;
        }
    }
    return best;
}

/* Whether a dotted key stands in a section that no job can have to itself. */
static bool is_of_shared_section(const char *key)
{
    static const char *const sections[] = {"measure.", "seeds.", "limits."};
    for (size_t i = 0; i < IP_LENGTH(sections); i++) {
        if (strncmp(key, sections[i], strlen(sections[i])) == 0)
            return true;
    }
    return false;
}

const ip_field *ip_sweep_field(const ip_checker *checker, const char *section, const ip_node *node)
{
    const char *key = node->key->text;
    const ip_field *field = find_named(key);
    if (field != NULL && strcmp(field->key, key) == 0 && field->flags & IP_FIELD_SWEPT)
        return field;
    if (field != NULL && !(field->flags & IP_FIELD_SWEPT)) {
        ip_check_report(checker, node, true, field->key,
                        "'%s' is shared by the whole sweep and cannot be swept", field->key);
        return NULL;
    }
    if (is_of_shared_section(key)) {
        ip_check_report(checker, node, true, key,
                        "'%.60s' is shared by the whole sweep and cannot be swept", key);
        return NULL;
    }
    const char *meant = field != NULL ? field->key : nearest_swept(key);
    ip_check_report(checker, node, true, key,
                    meant != NULL
                        ? "unknown key '%.60s' in %s (did you mean '%s'?)"
                        : "unknown key '%.60s' in %s (expected a dotted key such as '%s')",
                    key, section, meant != NULL ? meant : "training.rate");
    return NULL;
}

/* The lists of one entry: the entry itself, or what stands under its `zip`; NULL, reported, when it
 * has no such form. */
static const ip_node *entry_lists(const ip_checker *checker, const ip_node *entry)
{
    if (entry->kind != IP_NODE_MAP || entry->n == 0) {
        ip_check_report(checker, entry, false, "sweep",
                        "sweep: expected an entry such as `training.rate: [1e-3, 1e-2]`, saw %s",
                        entry->kind == IP_NODE_MAP ? "an empty map" : ip_node_noun(entry));
        return NULL;
    }
    if (entry->n > 1) {
        ip_check_report(checker, entry->first->next, true, "sweep",
                        "sweep: expected one key per entry; give '%.60s' an entry of its own, or "
                        "zip the two: `zip: {key: [...], key: [...]}`",
                        entry->first->next->key->text);
        return NULL;
    }
    const ip_node *zip = strcmp(entry->first->key->text, "zip") == 0 ? entry->first : NULL;
    if (zip == NULL || (zip->kind == IP_NODE_MAP && zip->n > 0))
        return zip == NULL ? entry : zip;
    ip_check_report(checker, zip, false, "sweep", "zip: expected a map of `key: [values]`, saw %s",
                    zip->kind == IP_NODE_MAP ? "an empty one" : ip_node_noun(zip));
    return NULL;
}

/* Takes a key into the list of swept ones; false, reported, when it is there already. */
static bool take_key(const ip_checker *checker, const ip_field *field, const ip_node *list)
{
    ip_spec *spec = checker->spec;
    if (ip_spec_is_swept(spec, field)) {
        ip_check_report(checker, list, true, field->key, "'%s' is swept twice", field->key);
        return false;
    }
    const ip_node *base = ip_spec_find(spec, field->key);
    if (base != NULL && base->line == 0 && list->line != 0) {
        ip_check_report(checker, base, false, field->key,
                        "'%s' is swept by the spec: set 'sweep' itself to change its values",
                        field->key);
        return false;
    }
    assert(spec->n_swept < IP_MAX_SWEPT); /* no key is there twice */
    spec->swept[spec->n_swept++] = field;
    return true;
}

/* A list of widths where a list of such lists belongs is one mistake, not one per width. */
static bool check_nesting(const ip_checker *checker, const ip_field *field, const ip_node *list)
{
    if (field->kind != IP_KIND_WIDTHS || list->first->kind != IP_NODE_SCALAR)
        return true;
    ip_check_report(checker, list, false, field->key,
                    "%s: expected a list of lists such as [[10, 7, 5], [10, 7]], saw a list of "
                    "single values",
                    field->key);
    return false;
}

/* Reads the values of one key into column k of the axis. */
static bool read_column(const ip_checker *checker, ip_axis *axis, size_t k, const ip_field *field,
                        const ip_node *list)
{
    const size_t size = ip_field_size(field->kind);
    char *values = ip_arena_alloc(&checker->spec->arena, axis->n_values, size);
    if (values == NULL || !check_nesting(checker, field, list))
        return false;
    bool good = true;
    size_t v = 0;
    for (const ip_node *item = list->first; item != NULL; item = item->next, v++) {
        axis->patches[v * axis->n_keys + k] = (ip_patch){field, values + v * size};
        good &= ip_check_value(checker, field, item, values + v * size);
    }
    return good;
}

/* A value of an axis: its number, and its bytes of all keys. */
typedef struct numbered_value {
    size_t number, n_keys;
    const ip_patch *patches;
} numbered_value;

static int compare_values(const numbered_value *a, const numbered_value *b)
{
    int order = 0;
    for (size_t k = 0; order == 0 && k < a->n_keys; k++)
        order = memcmp(a->patches[k].value, b->patches[k].value,
                       ip_field_size(a->patches[k].field->kind));
    return order;
}

static int by_value(const void *a, const void *b)
{
    const numbered_value *x = a;
    const numbered_value *y = b;
    const int order = compare_values(x, y);
    return order != 0 ? order : (x->number > y->number) - (x->number < y->number);
}

/* Two equal values would make two jobs with one key. */
static void check_distinct(const ip_checker *checker, const ip_axis *axis, const ip_node *list)
{
    numbered_value *sorted = ip_arena_alloc(&checker->spec->arena, axis->n_values, sizeof *sorted);
    if (sorted == NULL)
        return;
    for (size_t v = 0; v < axis->n_values; v++)
        sorted[v] = (numbered_value){v, axis->n_keys, &axis->patches[v * axis->n_keys]};
    qsort(sorted, axis->n_values, sizeof *sorted, by_value);
    for (size_t v = 1; v < axis->n_values; v++) {
        if (compare_values(&sorted[v - 1], &sorted[v]) != 0)
            continue;
        const ip_node *item = list->first;
        for (size_t i = 0; i < sorted[v].number; i++)
            item = item->next;
        ip_check_report(checker, item, false, list->key->text,
                        "%s: value %zu of the list is the same as value %zu%s", list->key->text,
                        sorted[v].number + 1, sorted[v - 1].number + 1,
                        axis->n_keys > 1 ? ", also for the keys zipped to it" : "");
    }
}

enum { MOST_VALUES = 10000 };

/* Whether a list can be one of the axis that first begins. */
static bool check_list(const ip_checker *checker, const ip_node *list, const ip_node *first)
{
    const char *key = list->key->text;
    if (list->kind != IP_NODE_LIST || list->n == 0 || list->n > MOST_VALUES) {
        ip_check_report(checker, list, false, key, "%s: expected a list of 1 to %d values, saw %s",
                        key, MOST_VALUES,
                        list->kind != IP_NODE_LIST ? ip_node_noun(list)
                        : list->n == 0             ? "an empty one"
                                                   : "more");
        return false;
    }
    if (list->n == first->n || first->kind != IP_NODE_LIST)
        return true;
    ip_check_report(checker, list, true, key,
                    "zip: expected as many values of '%s' as of '%.60s', %zu, saw %zu", key,
                    first->key->text, first->n, list->n);
    return false;
}

/* Takes the keys of an entry; false when it cannot be an axis. */
static bool take_keys(const ip_checker *checker, const ip_node *lists)
{
    bool good = true;
    for (const ip_node *list = lists->first; list != NULL; list = list->next) {
        const ip_field *field = ip_sweep_field(checker, "sweep", list);
        const bool is_taken = field != NULL && take_key(checker, field, list);
        good &= is_taken && check_list(checker, list, lists->first);
    }
    return good;
}

static void read_axis(const ip_checker *checker, const ip_node *lists)
{
    ip_spec *spec = checker->spec;
    const size_t before = spec->n_swept;
    if (!take_keys(checker, lists))
        return;
    ip_patch *patches = ip_arena_alloc(&spec->arena, lists->n * lists->first->n, sizeof *patches);
    if (patches == NULL)
        return;
    ip_axis *axis = &spec->axes[spec->n_axes++];
    *axis = (ip_axis){lists->n, lists->first->n, patches};
    bool good = true;
    size_t k = 0;
    for (const ip_node *list = lists->first; list != NULL; list = list->next, k++)
        good &= read_column(checker, axis, k, spec->swept[before + k], list);
    if (good)
        check_distinct(checker, axis, lists->first);
}

void ip_check_sweep(const ip_checker *checker)
{
    const ip_node *sweep = ip_node_get(checker->spec->root, "sweep");
    if (sweep == NULL)
        return;
    if (sweep->kind != IP_NODE_LIST) {
        ip_check_report(checker, sweep, false, "sweep",
                        "sweep: expected a list such as `- training.rate: [1e-3, 1e-2]`, saw %s",
                        ip_node_noun(sweep));
        return;
    }
    if (sweep->n > IP_MAX_AXES) {
        ip_check_report(checker, sweep, false, "sweep", "sweep: more than %d entries", IP_MAX_AXES);
        return;
    }
    for (const ip_node *entry = sweep->first; entry != NULL; entry = entry->next) {
        const ip_node *lists = entry_lists(checker, entry);
        if (lists != NULL)
            read_axis(checker, lists);
    }
}

const ip_node *ip_sweep_find(const ip_spec *spec, const char *key)
{
    const ip_node *sweep = ip_node_get(spec->root, "sweep");
    if (sweep == NULL || sweep->kind != IP_NODE_LIST)
        return NULL;
    for (const ip_node *entry = sweep->first; entry != NULL; entry = entry->next) {
        if (entry->kind != IP_NODE_MAP)
            continue;
        const ip_node *zip = ip_node_get(entry, "zip");
        const ip_node *found =
            ip_node_get(zip != NULL && zip->kind == IP_NODE_MAP ? zip : entry, key);
        if (found != NULL)
            return found;
    }
    return NULL;
}
