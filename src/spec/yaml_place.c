/* yaml_place.c - finding nodes, and where they and the lines of a text stand */
#include "spec/yaml_node.h"
#include <string.h>

ip_node *ip_node_get(const ip_node *map, const char *key)
{
    for (ip_node *child = map->first; child != NULL; child = child->next) {
        if (child->key != NULL && strcmp(child->key->text, key) == 0)
            return child;
    }
    return NULL;
}

void ip_node_place(const ip_node *node, bool at_key, ip_error *err)
{
    const ip_node *at = at_key && node->key != NULL ? node->key : node;
    snprintf(err->file, sizeof err->file, "%s", at->file);
    err->line = at->line;
    err->column = at->column;
}

size_t ip_line_break(const char *at, const char *end)
{
    const size_t left = (size_t)(end - at);
    if (left > 0 && *at == '\n')
        return 1;
    if (left > 0 && *at == '\r')
        return left > 1 && at[1] == '\n' ? 2 : 1;
    if (left > 1 && memcmp(at, "\xC2\x85", 2) == 0)
        return 2;
    if (left > 2 && (memcmp(at, "\xE2\x80\xA8", 3) == 0 || memcmp(at, "\xE2\x80\xA9", 3) == 0))
        return 3;
    return 0;
}

size_t ip_byte_order_mark(const char *bytes, size_t n)
{
    return n >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}
