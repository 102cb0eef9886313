/* yaml_event.c - events, and what is wrong at their marks
 *
 * Marks of libyaml count from 0; they become 1-based in ip_yaml_mark() alone. */
#include "spec/yaml_event.h"
#include "infoplane/spec.h"
#include "spec/yaml_problem.h"
#include <stdarg.h>
#include <stdio.h>

ip_mark ip_yaml_mark(const yaml_mark_t *of)
{
    return (ip_mark){(int)of->line + 1, (int)of->column + 1};
}

bool ip_yaml_refuse(const ip_yaml_reader *r, ip_mark at, const char *format, ...)
{
    ip_error err = {.status = IP_ERR_SPEC};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(err.text, sizeof err.text, format, arguments);
    va_end(arguments);
    snprintf(err.file, sizeof err.file, "%s", r->file);
    err.line = r->numbered ? at.line : 0;
    err.column = r->numbered ? at.column : 0;
    ip_errors_add(r->errors, &err);
    return false;
}

/* Place of a byte: what the reader of characters refuses has no mark. */
static ip_mark mark_of_byte(const ip_yaml_reader *r, size_t offset)
{
    ip_mark at = {1, 1};
    const char *end = r->bytes + (offset < r->n_bytes ? offset : r->n_bytes);
    for (const char *c = r->bytes; c < end;) {
        const size_t newline = ip_line_break(c, end);
        at.line += newline > 0;
        at.column = newline > 0 ? 1 : at.column + ((*c & 0xC0) != 0x80);
        c += newline > 0 ? newline : 1;
    }
    return at;
}

/* First byte of character `index` of the text, 0 past its end. */
static char character_at(const ip_yaml_reader *r, size_t index)
{
    const char *end = r->bytes + r->n_bytes;
    const char *c = r->bytes;
    for (; c < end; c++) {
        const bool begins = (*c & 0xC0) != 0x80;
        if (begins && index-- == 0)
            return *c;
    }
    return '\0';
}

/* The parser's complaint at the place where it can be mended. */
static bool refuse_syntax(const ip_yaml_reader *r)
{
    const yaml_parser_t *p = &r->parser;
    const char *complaint = p->problem != NULL ? p->problem : "the parser stopped";
    const bool is_bytes = p->error == YAML_READER_ERROR;
    const ip_mark here =
        is_bytes ? mark_of_byte(r, p->problem_offset) : ip_yaml_mark(&p->problem_mark);
    const ip_mark begin = p->context != NULL && !is_bytes ? ip_yaml_mark(&p->context_mark) : here;
    const ip_yaml_problem *known =
        ip_yaml_problem_find(complaint, character_at(r, p->problem_mark.index));
    if (known == NULL)
        return ip_yaml_refuse(r, here, "not valid YAML: %s%s%s", complaint,
                              p->context != NULL ? " " : "", p->context != NULL ? p->context : "");
    if (known->here == NULL)
        return ip_yaml_refuse(r, begin, "%s", known->begin);
    if (known->begin != NULL && begin.line != here.line && r->numbered)
        return ip_yaml_refuse(r, begin, "%s (noticed in line %d)", known->begin, here.line);
    return ip_yaml_refuse(r, here, "%s", known->here);
}

bool ip_yaml_next(ip_yaml_reader *r, yaml_event_t *event)
{
    return yaml_parser_parse(&r->parser, event) != 0 || refuse_syntax(r);
}

bool ip_yaml_skip(ip_yaml_reader *r, int n, yaml_event_type_t *type, ip_mark *at)
{
    for (int i = 0; i < n; i++) {
        yaml_event_t event;
        if (!ip_yaml_next(r, &event))
            return false;
        *type = event.type;
        *at = ip_yaml_mark(&event.start_mark);
        yaml_event_delete(&event);
    }
    return true;
}

const char *ip_yaml_version(void)
{
    return yaml_get_version_string();
}
