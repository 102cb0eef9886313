/* yaml_node.h - a YAML text as a tree whose nodes know where they stand */
#ifndef YAML_NODE_H
#define YAML_NODE_H

#include "infoplane/arena.h"
#include "infoplane/error.h"
#include <stdbool.h>

typedef enum ip_node_kind { IP_NODE_SCALAR, IP_NODE_LIST, IP_NODE_MAP } ip_node_kind;

typedef struct ip_node {
    ip_node_kind kind;
    const char *file; /* the source's name, borrowed; an override's is "--set KEY=VALUE" */
    int line, column; /* from 1; 0 in an override */
    const char *text; /* scalars */
    bool quoted;      /* scalars: a string whatever it looks like */
    size_t n;         /* children */
    struct ip_node *first, *last, *next;
    struct ip_node *key; /* in a map: the scalar before this value */
} ip_node;

/* More than this in one text is refused, so that no text is slow to check. */
enum { IP_MAX_NODES = 250000, IP_MAX_KEYS = 1000, IP_MAX_ANCHORS = 1000 };

/* Reads one document; the tree is owned by the arena, file is borrowed by its nodes, which carry
 * lines and columns only when numbered. Every mistake is added to errors with its place
 * (IP_ERR_SPEC). A key given twice, a tag other than !!str and a second document are added and left
 * out of the tree; after any other mistake (what is not YAML, keys that are not scalars, anchors
 * that hold themselves, nesting deeper than 64, too many nodes) NULL is returned. */
ip_node *ip_node_parse(const char *file, bool numbered, const char *bytes, size_t n,
                       ip_arena *arena, ip_errors *errors) IP_CHECKED;

/* Puts the node of `KEY=VALUE` at the dotted KEY of a map, replacing what was there and making maps
 * on the way. Its errors (IP_ERR_SPEC; IP_ERR_USAGE when there is no `=` or KEY leads through what
 * is no map) are added to errors. */
void ip_node_override(ip_node *root, const char *assignment, ip_arena *arena, ip_errors *errors);

/* The value of key in a map, or NULL. */
ip_node *ip_node_get(const ip_node *map, const char *key);

/* Gives err the place of a node (of its key where it has one and at_key is set). */
void ip_node_place(const ip_node *node, bool at_key, ip_error *err);

/* Bytes of the line break at `at`, 0 when there is none: CR LF, LF, CR, and the three of Unicode
 * that YAML 1.1 counts too. */
size_t ip_line_break(const char *at, const char *end);

/* Bytes of the mark some editors put before UTF-8 text: 3 or 0. */
size_t ip_byte_order_mark(const char *bytes, size_t n);

#endif
