/* yaml_event.h - libyaml's events, and mistakes at their marks; for yaml_node.c alone */
#ifndef YAML_EVENT_H
#define YAML_EVENT_H

#include "spec/yaml_node.h"
#include <yaml.h>

/* A place in the text. */
typedef struct ip_mark {
    int line, column; /* from 1 */
} ip_mark;

/* A text being read. */
typedef struct ip_yaml_reader {
    yaml_parser_t parser;
    const char *file;
    bool numbered; /* whether errors carry places */
    const char *bytes;
    size_t n_bytes;
    ip_errors *errors;
} ip_yaml_reader;

ip_mark ip_yaml_mark(const yaml_mark_t *of);

/* Adds an error. Returns false. */
bool ip_yaml_refuse(const ip_yaml_reader *r, ip_mark at, const char *format, ...) IP_PRINTF(3, 4);

/* The next event, to be deleted by the caller; false, reported, where the text is not YAML. */
bool ip_yaml_next(ip_yaml_reader *r, yaml_event_t *event);

/* Reads n >= 1 events over; tells type and place of the last. */
bool ip_yaml_skip(ip_yaml_reader *r, int n, yaml_event_type_t *type, ip_mark *at);

#endif
