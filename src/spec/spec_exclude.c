/* spec_exclude.c - which points of the sweep are left out */
#include "spec/spec_internal.h"
#include <string.h>

enum { MOST_EXCLUSIONS = 1000 };

/* Whether the value is one that its key takes in the sweep. */
static bool is_swept_value(const ip_spec *spec, const ip_patch *patch)
{
    for (size_t a = 0; a < spec->n_axes; a++) {
        const ip_axis *axis = &spec->axes[a];
        for (size_t i = 0; i < axis->n_keys * axis->n_values; i++) {
            if (axis->patches[i].field == patch->field &&
                memcmp(axis->patches[i].value, patch->value, ip_field_size(patch->field->kind)) ==
                    0)
                return true;
        }
    }
    return false;
}

/* Reads one key of an entry; false, reported, when it can agree with no point. */
static bool read_patch(const ip_checker *checker, const ip_node *node, ip_patch *patch)
{
    ip_spec *spec = checker->spec;
    const ip_field *field = ip_sweep_field(checker, "exclude", node);
    if (field == NULL)
        return false;
    if (!ip_spec_is_swept(spec, field)) {
        ip_check_report(checker, node, true, field->key, "exclude: '%s' is not swept", field->key);
        return false;
    }
    if (node->kind == IP_NODE_LIST && field->kind != IP_KIND_WIDTHS) {
        ip_check_report(checker, node, false, field->key,
                        "exclude: expected one value of %s, saw a list; write an entry for each",
                        field->key);
        return false;
    }
    void *value = ip_arena_alloc(&spec->arena, 1, ip_field_size(field->kind));
    if (value == NULL || !ip_check_value(checker, field, node, value))
        return false;
    *patch = (ip_patch){field, value};
    const bool sweep_is_good = checker->errors->n == checker->begin;
    if (!sweep_is_good || is_swept_value(spec, patch))
        return true;
    ip_check_report(checker, node, false, field->key,
                    "exclude: the sweep gives %s no such value, so nothing is left out",
                    field->key);
    return false;
}

static void read_exclusion(const ip_checker *checker, const ip_node *entry, ip_exclusion *exclusion)
{
    if (entry->kind != IP_NODE_MAP || entry->n == 0) {
        ip_check_report(checker, entry, false, "exclude",
                        "exclude: expected a map such as `- {network.activation: relu}`, saw %s",
                        entry->kind == IP_NODE_MAP ? "an empty one" : ip_node_noun(entry));
        return;
    }
    exclusion->patches =
        ip_arena_alloc(&checker->spec->arena, entry->n, sizeof *exclusion->patches);
    if (exclusion->patches == NULL)
        return;
    for (const ip_node *node = entry->first; node != NULL; node = node->next)
        exclusion->n += read_patch(checker, node, &exclusion->patches[exclusion->n]);
}

void ip_check_exclude(const ip_checker *checker)
{
    ip_spec *spec = checker->spec;
    const ip_node *exclude = ip_node_get(spec->root, "exclude");
    if (exclude == NULL)
        return;
    if (exclude->kind != IP_NODE_LIST || exclude->n > MOST_EXCLUSIONS) {
        ip_check_report(checker, exclude, false, "exclude",
                        "exclude: expected a list of at most %d maps, saw %s", MOST_EXCLUSIONS,
                        exclude->kind == IP_NODE_LIST ? "more" : ip_node_noun(exclude));
        return;
    }
    spec->exclusions = ip_arena_alloc(&spec->arena, exclude->n, sizeof *spec->exclusions);
    if (spec->exclusions == NULL)
        return;
    for (const ip_node *entry = exclude->first; entry != NULL && checker->errors->n < IP_MAX_ERRORS;
         entry = entry->next)
        read_exclusion(checker, entry, &spec->exclusions[spec->n_exclusions++]);
}
