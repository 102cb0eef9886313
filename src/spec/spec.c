/* spec.c - text to checked spec: the top level, what is required, and where a key stands */
#include "infoplane/spec.h"
#include "spec/spec_errors.h"
#include "spec/spec_internal.h"
#include <stdlib.h>
#include <string.h>

static const ip_field top_fields[] = {
    {.key = "infoplane",
     .kind = IP_KIND_COUNT,
     .offset = offsetof(ip_spec, version),
     .min = 1,
     .max = 1},
    {.key = "name", .kind = IP_KIND_TEXT, .offset = offsetof(ip_spec, name)},
};

static const char *const sections[] = {"task",    "network", "training", "measure", "sweep",
                                       "exclude", "seeds",   "limits",   NULL};

static const ip_field seed_fields[] = {
    {.key = "seeds.count",
     .kind = IP_KIND_COUNT,
     .offset = offsetof(ip_spec, seeds_count),
     .min = 1,
     .max = 1e9,
     .default_text = "1"},
    {.key = "seeds.first",
     .kind = IP_KIND_COUNT,
     .offset = offsetof(ip_spec, seeds_first),
     .max = 1e15,
     .default_text = "1"},
};

static const ip_field limit_fields[] = {
    {.key = "limits.retries",
     .kind = IP_KIND_COUNT,
     .offset = offsetof(ip_spec, limits.retries),
     .max = 1e6,
     .default_text = "2"},
    {.key = "limits.job_seconds",
     .kind = IP_KIND_REAL,
     .offset = offsetof(ip_spec, limits.job_seconds),
     .max = 1e9,
     .word = "none",
     .default_text = "none",
     .flags = IP_FIELD_ABOVE_MIN},
    {.key = "limits.memory",
     .kind = IP_KIND_BYTES,
     .offset = offsetof(ip_spec, limits.memory),
     .word = "none",
     .default_text = "none"},
};

static const char *const no_others[] = {NULL};

/* The fields of ip_settings whose key begins with "section.". */
static void check_settings(const ip_checker *checker, const char *section)
{
    size_t first = 0;
    while (strncmp(ip_settings_fields[first].key, section, strlen(section)) != 0)
        first++;
    size_t end = first;
    while (end < ip_n_settings_fields &&
           strncmp(ip_settings_fields[end].key, section, strlen(section)) == 0)
        end++;
    const ip_node *map = ip_check_map(checker, section);
    if (map != NULL)
        ip_check_section(checker, map, section, ip_settings_fields + first, end - first, no_others,
                         &checker->spec->settings);
}

static void check_plain_section(const ip_checker *checker, const char *section,
                                const ip_field *fields, size_t n)
{
    const ip_node *map = ip_check_map(checker, section);
    if (map != NULL)
        ip_check_section(checker, map, section, fields, n, no_others, checker->spec);
}

/* Reports a key that is neither written nor swept. A section that is no map was reported already.
 */
static void require(const ip_checker *checker, const char *key, const char *example)
{
    const ip_spec *spec = checker->spec;
    const ip_field *field = ip_fields_find(ip_settings_fields, ip_n_settings_fields, key);
    if (ip_spec_find(spec, key) != NULL || (field != NULL && ip_spec_is_swept(spec, field)))
        return;
    char section[64];
    snprintf(section, sizeof section, "%.*s", (int)strcspn(key, "."), key);
    const ip_node *at = ip_node_get(spec->root, section);
    if (at == NULL || at->kind == IP_NODE_MAP)
        ip_check_report(checker, at != NULL ? at : spec->root, at != NULL, key,
                        "missing key '%s'; expected for example `%s`", key, example);
}

static void check_required(const ip_checker *checker)
{
    static const char *const required[][2] = {
        {"infoplane", "infoplane: 1"},
        {"name", "name: my-sweep"},
        {"task.name", "task: {name: icosahedron}"},
        {"network.hidden", "network: {hidden: [10, 7, 5]}"},
        {"training.epochs", "training: {epochs: 1000}"},
    };
    for (size_t i = 0; i < IP_LENGTH(required); i++)
        require(checker, required[i][0], required[i][1]);
}

static void check_all(const ip_checker *checker)
{
    ip_spec *spec = checker->spec;
    if (spec->root->kind != IP_NODE_MAP) {
        ip_check_report(checker, spec->root, false, "",
                        "expected a map of keys such as `infoplane: 1`");
        return;
    }
    ip_fields_set_defaults(ip_settings_fields, ip_n_settings_fields, &spec->settings);
    ip_fields_set_defaults(seed_fields, IP_LENGTH(seed_fields), spec);
    ip_fields_set_defaults(limit_fields, IP_LENGTH(limit_fields), spec);
    ip_check_section(checker, spec->root, "", top_fields, IP_LENGTH(top_fields), sections, spec);
    check_settings(checker, "task");
    check_settings(checker, "network");
    check_settings(checker, "training");
    check_plain_section(checker, "seeds", seed_fields, IP_LENGTH(seed_fields));
    check_plain_section(checker, "limits", limit_fields, IP_LENGTH(limit_fields));
    ip_check_sweep(checker);
    check_required(checker);
    ip_check_task(checker);
    ip_check_measure(checker);
    ip_check_exclude(checker);
}

static const char *keep(ip_spec *spec, const char *text)
{
    const size_t n = strlen(text) + 1;
    char *copy = ip_arena_alloc(&spec->arena, n, 1);
    return copy == NULL ? "" : memcpy(copy, text, n);
}

/* The text with the overrides put in. NULL, reported, when it is not YAML. */
static ip_node *read_tree(ip_spec *spec, const ip_source *source, ip_errors *errors)
{
    ip_node *root = ip_node_parse(spec->file, true, source->bytes, source->n, &spec->arena, errors);
    for (size_t i = 0; root != NULL && root->kind == IP_NODE_MAP && i < source->n_overrides; i++)
        ip_node_override(root, source->overrides[i], &spec->arena, errors);
    return root;
}

static ip_spec *new_spec(ip_errors *errors)
{
    ip_error err;
    ip_spec *spec = calloc(1, sizeof *spec);
    if (spec != NULL)
        return spec;
    ip_fail(&err, IP_ERR_MEMORY, "out of memory");
    ip_errors_add(errors, &err);
    return NULL;
}

/* The spec when nothing was added to the errors since there were `before`. */
static ip_spec *finish(ip_spec *spec, ip_errors *errors, size_t before)
{
    ip_error err;
    if (ip_arena_check(&spec->arena, &err) != IP_OK)
        ip_errors_add(errors, &err);
    ip_errors_finish(errors, before);
    if (errors->n == before)
        return spec;
    ip_spec_free(spec);
    return NULL;
}

ip_spec *ip_spec_parse(const ip_source *source, ip_errors *errors)
{
    const size_t before = errors->n;
    ip_spec *spec = new_spec(errors);
    if (spec == NULL)
        return NULL;
    spec->file = keep(spec, source->name);
    spec->folder = keep(spec, source->folder);
    spec->root = read_tree(spec, source, errors);
    if (spec->root != NULL)
        check_all(&(ip_checker){spec, errors, before});
    return finish(spec, errors, before);
}

/* The tree of a text that stands on the command line; NULL, reported, when it is not YAML. */
static ip_node *read_item(ip_spec *spec, const char *option, const char *text, ip_errors *errors)
{
    ip_text file = {0};
    ip_text_append(&file, "%s %s", option, text);
    const char *name = keep(spec, file.at);
    ip_text_release(&file);
    return ip_node_parse(name, false, text, strlen(text), &spec->arena, errors);
}

ip_spec *ip_spec_of_information(const char *option, const char *const *texts, size_t n,
                                ip_errors *errors)
{
    static const int all = IP_ON_ALL;
    const size_t before = errors->n;
    ip_spec *spec = new_spec(errors);
    if (spec == NULL)
        return NULL;
    ip_node *first = NULL;
    ip_node **next = &first;
    for (size_t i = 0; i < n; i++) {
        *next = read_item(spec, option, texts[i], errors);
        if (*next != NULL)
            next = &(*next)->next;
    }
    if (first != NULL || n == 0)
        ip_check_entries(&(ip_checker){spec, errors, before}, first, &all, 1);
    return finish(spec, errors, before);
}

void ip_spec_free(ip_spec *spec)
{
    if (spec == NULL)
        return;
    ip_arena_release(&spec->arena);
    free(spec);
}

const char *ip_spec_name(const ip_spec *spec)
{
    return spec->name;
}

const ip_settings *ip_spec_settings(const ip_spec *spec)
{
    return &spec->settings;
}

const ip_measure *ip_spec_measure(const ip_spec *spec)
{
    return &spec->measure;
}

const ip_limits *ip_spec_limits(const ip_spec *spec)
{
    return &spec->limits;
}

void ip_spec_data_path(const ip_spec *spec, ip_text *path)
{
    const char *written = spec->settings.task.path;
    const bool is_absolute = written[0] == '/';
    ip_text_append(path, "%s%s%s", is_absolute ? "" : spec->folder,
                   is_absolute || spec->folder[0] == '\0' ? "" : "/", written);
}

bool ip_spec_is_swept(const ip_spec *spec, const ip_field *field)
{
    for (size_t i = 0; i < spec->n_swept; i++) {
        if (spec->swept[i] == field)
            return true;
    }
    return false;
}

/* The node at the dotted key, or its nearest written parent in *nearest. */
static const ip_node *descend(const ip_spec *spec, const char *key, const ip_node **nearest)
{
    const ip_node *node = spec->root;
    *nearest = node;
    while (node != NULL && node->kind == IP_NODE_MAP) {
        char part[64];
        const size_t length = strcspn(key, ".");
        snprintf(part, sizeof part, "%.*s", (int)length, key);
        node = ip_node_get(node, part);
        if (node != NULL)
            *nearest = node;
        if (key[length] == '\0')
            return node;
        key += length + 1;
    }
    return NULL;
}

const ip_node *ip_spec_find(const ip_spec *spec, const char *key)
{
    const ip_node *nearest;
    return descend(spec, key, &nearest);
}

void ip_spec_locate(const ip_spec *spec, const char *key, ip_error *err)
{
    const ip_node *nearest;
    const ip_node *node = descend(spec, key, &nearest);
    const ip_node *swept = ip_sweep_find(spec, key);
    if (swept != NULL)
        ip_node_place(swept, true, err);
    else /* a value where it stands; of lists, maps and what is not written, the key */
        ip_node_place(nearest, node == NULL || node->kind != IP_NODE_SCALAR, err);
}
