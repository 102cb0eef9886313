/* yaml_override.c - `--set KEY=VALUE` put into the tree
 *
 * An override has no lines: its errors are found by the whole assignment, which stands where a
 * file's name does. */
#include "spec/yaml_node.h"
#include <stdio.h>
#include <string.h>

/* A scalar that serves as key. */
static ip_node *new_key(const char *text, size_t n, const char *file, ip_arena *arena)
{
    ip_node *key = ip_arena_alloc(arena, 1, sizeof *key);
    char *copy = ip_arena_alloc(arena, n + 1, 1);
    if (key == NULL || copy == NULL)
        return NULL;
    memcpy(copy, text, n);
    *key = (ip_node){.kind = IP_NODE_SCALAR, .file = file, .text = copy};
    return key;
}

/* Appends an empty map under the key. */
static ip_node *new_child(ip_node *parent, ip_node *key, ip_arena *arena)
{
    ip_node *child = ip_arena_alloc(arena, 1, sizeof *child);
    if (child == NULL)
        return NULL;
    *child = (ip_node){.kind = IP_NODE_MAP, .file = key->file, .key = key};
    if (parent->last != NULL)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
    parent->n++;
    return child;
}

/* The node at the dotted path, made when it is not there; NULL where a part is no map. */
static ip_node *walk(ip_node *root, const char *path, const char *file, ip_arena *arena)
{
    ip_node *node = root;
    while (node->kind == IP_NODE_MAP) {
        const size_t length = strcspn(path, ".");
        ip_node *key = new_key(path, length, file, arena);
        if (key == NULL)
            return NULL;
        ip_node *child = ip_node_get(node, key->text);
        node = child != NULL ? child : new_child(node, key, arena);
        if (node == NULL)
            return NULL;
        if (path[length] == '\0') {
            node->key = key;
            return node;
        }
        path += length + 1;
    }
    return NULL;
}

static void refuse(const char *file, const char *path, ip_errors *errors)
{
    ip_error err;
    ip_fail_key(&err, IP_ERR_USAGE, "--set",
                "expected KEY=VALUE with a key of the spec, saw '%.60s'", path);
    snprintf(err.file, sizeof err.file, "%s", file);
    ip_errors_add(errors, &err);
}

/* Without a value the key is set to nothing. */
static ip_node *parse_value(const char *file, const char *text, ip_arena *arena, ip_errors *errors)
{
    const char *written = text[strspn(text, " ")] != '\0' ? text : "~";
    return ip_node_parse(file, false, written, strlen(written), arena, errors);
}

void ip_node_override(ip_node *root, const char *assignment, ip_arena *arena, ip_errors *errors)
{
    const size_t length = strcspn(assignment, "=");
    const size_t n = strlen(assignment) + sizeof "--set ";
    char *file = ip_arena_alloc(arena, n, 1);
    char *path = ip_arena_alloc(arena, length + 1, 1);
    if (file == NULL || path == NULL)
        return; /* the arena keeps the failure */
    snprintf(file, n, "--set %s", assignment);
    memcpy(path, assignment, length);
    if (assignment[length] == '\0' || length == 0) {
        refuse(file, assignment, errors);
        return;
    }
    const ip_node *value = parse_value(file, assignment + length + 1, arena, errors);
    if (value == NULL)
        return;
    ip_node *target = walk(root, path, file, arena);
    if (target == NULL) {
        refuse(file, path, errors);
        return;
    }
    ip_node *key = target->key;
    ip_node *next = target->next;
    *target = *value;
    target->key = key;
    target->next = next;
}
