/* yaml_node.c - libyaml's events into a tree
 *
 * An alias becomes a copy of its anchor's node that shares the children, so a document cannot blow
 * up. */
#include "spec/yaml_node.h"
#include "spec/yaml_event.h"
#include <string.h>

enum { DEEPEST = 64, CHUNK = 64 };

typedef struct anchor {
    const char *name;
    const ip_node *node;
    bool open; /* still being read */
    struct anchor *next;
} anchor;

typedef struct builder {
    ip_yaml_reader reader;
    ip_arena *arena;
    anchor *anchors;
    ip_node *chunk; /* nodes are allocated many at a time; n_left of these are not used yet */
    size_t n_left, n_nodes, n_anchors;
} builder;

static const char *copy(ip_arena *arena, const char *text, size_t n)
{
    char *at = ip_arena_alloc(arena, n + 1, 1);
    if (at != NULL)
        memcpy(at, text, n);
    return at;
}

/* A node at the event, or NULL: too many, or, reported by who asked for the tree, out of memory. */
static ip_node *new_node(builder *b, const yaml_event_t *event, ip_node_kind kind)
{
    const ip_mark at = ip_yaml_mark(&event->start_mark);
    if (b->n_nodes++ == IP_MAX_NODES) {
        ip_yaml_refuse(&b->reader, at, "more than %d values", IP_MAX_NODES);
        return NULL;
    }
    if (b->n_left == 0) {
        b->chunk = ip_arena_alloc(b->arena, CHUNK, sizeof *b->chunk);
        b->n_left = CHUNK;
    }
    if (b->chunk == NULL)
        return NULL;
    ip_node *node = &b->chunk[CHUNK - b->n_left--];
    node->kind = kind;
    node->file = b->reader.file;
    node->line = b->reader.numbered ? at.line : 0;
    node->column = b->reader.numbered ? at.column : 0;
    return node;
}

/* Remembers node under name, when it has one. */
static bool add_anchor(builder *b, const yaml_event_t *event, const yaml_char_t *name,
                       const ip_node *node, anchor **out)
{
    if (name == NULL)
        return true;
    if (b->n_anchors++ == IP_MAX_ANCHORS)
        return ip_yaml_refuse(&b->reader, ip_yaml_mark(&event->start_mark), "more than %d anchors",
                              IP_MAX_ANCHORS);
    anchor *made = ip_arena_alloc(b->arena, 1, sizeof *made);
    const char *kept = copy(b->arena, (const char *)name, strlen((const char *)name));
    if (made == NULL || kept == NULL)
        return false;
    *made = (anchor){kept, node, true, b->anchors};
    b->anchors = made;
    *out = made;
    return true;
}

static ip_node *read_alias(builder *b, const yaml_event_t *event)
{
    const ip_mark at = ip_yaml_mark(&event->start_mark);
    const char *name = (const char *)event->data.alias.anchor;
    const anchor *found = b->anchors;
    while (found != NULL && strcmp(found->name, name) != 0)
        found = found->next;
    if (found == NULL || found->open) {
        ip_yaml_refuse(&b->reader, at,
                       found == NULL ? "no anchor '&%.60s' stands before this alias"
                                     : "the anchor '&%.60s' cannot hold itself",
                       name);
        return NULL;
    }
    ip_node *node = new_node(b, event, found->node->kind);
    if (node == NULL)
        return NULL;
    const ip_node placed = *node;
    *node = *found->node;
    node->line = placed.line;
    node->column = placed.column;
    node->next = NULL;
    node->key = NULL;
    return node;
}

/* Whether a tag makes a string. Any other one is reported, and left out. */
static bool check_tag(const builder *b, const yaml_event_t *event, const yaml_char_t *tag)
{
    if (tag == NULL)
        return false;
    if (strcmp((const char *)tag, YAML_STR_TAG) == 0 || strcmp((const char *)tag, "!") == 0)
        return true;
    return ip_yaml_refuse(&b->reader, ip_yaml_mark(&event->start_mark),
                          "tags other than !!str are not understood");
}

static ip_node *read_scalar(builder *b, const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    const size_t length = event->data.scalar.length;
    const bool is_string = check_tag(b, event, event->data.scalar.tag);
    if (strlen(text) != length) {
        ip_yaml_refuse(&b->reader, ip_yaml_mark(&event->start_mark),
                       "a text cannot hold a zero byte");
        return NULL;
    }
    ip_node *node = new_node(b, event, IP_NODE_SCALAR);
    if (node == NULL)
        return NULL;
    node->text = copy(b->arena, text, length);
    node->quoted = is_string || event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    anchor *made = NULL;
    if (node->text == NULL || !add_anchor(b, event, event->data.scalar.anchor, node, &made))
        return NULL;
    if (made != NULL)
        made->open = false;
    return node;
}

static void append(ip_node *parent, ip_node *child)
{
    if (parent->last != NULL)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
    parent->n++;
}

static ip_node *read_node(builder *b, yaml_event_t *event, int depth);

static bool read_list(builder *b, ip_node *list, int depth)
{
    yaml_event_t event;
    while (ip_yaml_next(&b->reader, &event)) {
        if (event.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&event);
            return true;
        }
        ip_node *item = read_node(b, &event, depth);
        if (item == NULL)
            return false;
        append(list, item);
    }
    return false;
}

static ip_mark mark_of_node(const ip_node *node)
{
    return (ip_mark){node->line, node->column};
}

/* Adds key and value to a map unless the key is there. */
static bool add_pair(const builder *b, ip_node *map, ip_node *key, ip_node *value)
{
    const ip_mark at = mark_of_node(key);
    if (key->kind != IP_NODE_SCALAR)
        return ip_yaml_refuse(&b->reader, at, "expected a word as key, saw a %s",
                              key->kind == IP_NODE_LIST ? "list" : "map");
    if (map->n == IP_MAX_KEYS)
        return ip_yaml_refuse(&b->reader, at, "more than %d keys in one map", IP_MAX_KEYS);
    const ip_node *first = ip_node_get(map, key->text);
    if (first != NULL && b->reader.numbered)
        ip_yaml_refuse(&b->reader, at, "key '%.60s' is given twice (first in line %d)", key->text,
                       first->key->line);
    else if (first != NULL)
        ip_yaml_refuse(&b->reader, at, "key '%.60s' is given twice", key->text);
    if (first != NULL)
        return true;
    value->key = key;
    append(map, value);
    return true;
}

static bool read_map(builder *b, ip_node *map, int depth)
{
    yaml_event_t event;
    while (ip_yaml_next(&b->reader, &event)) {
        if (event.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&event);
            return true;
        }
        ip_node *key = read_node(b, &event, depth);
        ip_node *value =
            key != NULL && ip_yaml_next(&b->reader, &event) ? read_node(b, &event, depth) : NULL;
        if (value == NULL || !add_pair(b, map, key, value))
            return false;
    }
    return false;
}

static ip_node *read_collection(builder *b, const yaml_event_t *event, int depth)
{
    const bool is_list = event->type == YAML_SEQUENCE_START_EVENT;
    const yaml_char_t *name =
        is_list ? event->data.sequence_start.anchor : event->data.mapping_start.anchor;
    check_tag(b, event, is_list ? event->data.sequence_start.tag : event->data.mapping_start.tag);
    if (depth >= DEEPEST) {
        ip_yaml_refuse(&b->reader, ip_yaml_mark(&event->start_mark), "nested deeper than %d",
                       DEEPEST);
        return NULL;
    }
    ip_node *node = new_node(b, event, is_list ? IP_NODE_LIST : IP_NODE_MAP);
    anchor *made = NULL;
    if (node == NULL || !add_anchor(b, event, name, node, &made))
        return NULL;
    if (!(is_list ? read_list(b, node, depth + 1) : read_map(b, node, depth + 1)))
        return NULL;
    if (made != NULL)
        made->open = false;
    return node;
}

/* Reads the node that begins with event, and deletes the event. */
static ip_node *read_node(builder *b, yaml_event_t *event, int depth)
{
    ip_node *node = event->type == YAML_ALIAS_EVENT    ? read_alias(b, event)
                    : event->type == YAML_SCALAR_EVENT ? read_scalar(b, event)
                                                       : read_collection(b, event, depth);
    yaml_event_delete(event);
    return node;
}

static ip_node *read_document(builder *b)
{
    ip_yaml_reader *r = &b->reader;
    yaml_event_type_t type;
    yaml_event_t event;
    ip_mark at;
    if (!ip_yaml_skip(r, 2, &type, &at)) /* the stream; the document, or the end */
        return NULL;
    if (type == YAML_STREAM_END_EVENT) {
        ip_yaml_refuse(r, (ip_mark){1, 1},
                       r->numbered ? "the file is empty" : "the value is empty");
        return NULL;
    }
    ip_node *root = ip_yaml_next(r, &event) ? read_node(b, &event, 0) : NULL;
    if (root == NULL || !ip_yaml_skip(r, 2, &type, &at)) /* the document's end; the stream's */
        return NULL;
    if (type != YAML_STREAM_END_EVENT)
        ip_yaml_refuse(r, at, "a second document begins here; expected one");
    return root;
}

ip_node *ip_node_parse(const char *file, bool numbered, const char *bytes, size_t n,
                       ip_arena *arena, ip_errors *errors)
{
    const size_t mark = ip_byte_order_mark(bytes, n);
    builder b = {.reader = {.file = file,
                            .numbered = numbered,
                            .bytes = bytes + mark,
                            .n_bytes = n - mark,
                            .errors = errors},
                 .arena = arena};
    yaml_parser_t *parser = &b.reader.parser;
    const size_t before = errors->n;
    ip_node *root = NULL;
    if (yaml_parser_initialize(parser) != 0) {
        yaml_parser_set_input_string(parser, (const unsigned char *)b.reader.bytes,
                                     b.reader.n_bytes);
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
        root = read_document(&b);
        yaml_parser_delete(parser);
    }
    if (root == NULL && errors->n == before) {
        ip_error err;
        ip_fail(&err, IP_ERR_MEMORY, "out of memory while reading YAML");
        ip_errors_add(errors, &err);
    }
    return root;
}
