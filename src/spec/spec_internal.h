/* spec_internal.h - what a checked spec consists of, for the files of spec/ alone */
#ifndef SPEC_INTERNAL_H
#define SPEC_INTERNAL_H

#include "infoplane/plan.h"
#include "spec/yaml_node.h"

/* A value for one field. */
typedef struct ip_patch {
    const ip_field *field;
    const void *value; /* ip_field_size(field->kind) bytes */
} ip_patch;

/* One entry of `sweep`: value v sets n_keys fields to patches[v * n_keys + k]. */
typedef struct ip_axis {
    size_t n_keys, n_values;
    ip_patch *patches;
} ip_axis;

/* One entry of `exclude`: drops every point that agrees with all of its patches. */
typedef struct ip_exclusion {
    size_t n;
    ip_patch *patches;
} ip_exclusion;

enum { IP_MAX_AXES = 16, IP_MAX_SWEPT = 32 };

struct ip_spec {
    ip_arena arena; /* everything below lives in it */
    ip_node *root;
    const char *file, *folder;
    uint64_t version;
    char name[IP_MAX_PATH];
    ip_settings settings;
    ip_measure measure;
    ip_limits limits;
    uint64_t seeds_count, seeds_first;
    size_t n_axes;
    ip_axis axes[IP_MAX_AXES];
    size_t n_swept;
    const ip_field *swept[IP_MAX_SWEPT]; /* in the order written */
    size_t n_exclusions;
    ip_exclusion *exclusions;
};

/* What the checks share: the spec being filled and where errors go. */
typedef struct ip_checker {
    ip_spec *spec;
    ip_errors *errors;
    size_t begin; /* errors before this one are of somebody else */
} ip_checker;

/* Adds an error at the node (at its key when at_key is set). */
void ip_check_report(const ip_checker *checker, const ip_node *node, bool at_key, const char *key,
                     const char *format, ...) IP_PRINTF(5, 6);

/* "a list", "a map", "one value", or "nothing" for a key without one. */
const char *ip_node_noun(const ip_node *node);

/* Reads node into value, an element of field's kind or a whole list; reports what is wrong. */
bool ip_check_value(const ip_checker *checker, const ip_field *field, const ip_node *node,
                    void *value);

/* Reads the keys of a map that fields describe under "prefix." into base; keys named in others are
 * left to the caller; any other key is reported with the nearest valid one. others ends with NULL.
 */
void ip_check_section(const ip_checker *checker, const ip_node *map, const char *prefix,
                      const ip_field *fields, size_t n, const char *const *others, void *base);

/* Reports the key of node as unknown in the section "prefix" (or the estimator of that name), with
 * the nearest of the keys of fields and others. */
void ip_check_unknown(const ip_checker *checker, const ip_node *node, const char *prefix,
                      const ip_field *fields, size_t n, const char *const *others);

/* The section under a top-level key when it is a map; NULL when absent or, reported, anything else.
 */
const ip_node *ip_check_map(const ip_checker *checker, const char *key);

/* Whether key (dotted) is written in the spec, outside `sweep`. */
const ip_node *ip_spec_find(const ip_spec *spec, const char *key);
bool ip_spec_is_swept(const ip_spec *spec, const ip_field *field);

/* The field that the key of node names in a section, sweep or exclude; NULL, reported, when it may
 * not be swept. */
const ip_field *ip_sweep_field(const ip_checker *checker, const char *section, const ip_node *node);

/* The list of values written for key under `sweep`, or NULL. */
const ip_node *ip_sweep_find(const ip_spec *spec, const char *key);

/* The parts of the check that have files of their own. ons: the rows (ip_on) to measure on. */
void ip_check_information(const ip_checker *checker, const int *ons, size_t n_ons);
/* The same for a list of items, from its first on; NULL: the default. */
void ip_check_entries(const ip_checker *checker, const ip_node *first, const int *ons,
                      size_t n_ons);
void ip_check_measure(const ip_checker *checker);
void ip_check_sweep(const ip_checker *checker);
void ip_check_exclude(const ip_checker *checker);
void ip_check_task(const ip_checker *checker);

#endif
