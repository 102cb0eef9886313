/* spec_print.c - an error with its source line and a caret
 *
 * A line may be as long as the file: only the part around the column is shown. */
#include "infoplane/spec.h"
#include "spec/spec_errors.h"
#include "spec/yaml_node.h"
#include <string.h>

enum { SHOWN_BEFORE = 60, SHOWN = 100 }; /* characters */

typedef struct line {
    const char *at, *end;
} line;

static const char *find_end(const char *at, const char *end)
{
    while (at < end && ip_line_break(at, end) == 0)
        at++;
    return at;
}

/* Line number `number` (from 1); empty past the end of the text. */
static line find_line(const ip_source *source, int number)
{
    const char *end = source->bytes + source->n;
    line found = {source->bytes + ip_byte_order_mark(source->bytes, source->n), end};
    for (int i = 1; i < number; i++) {
        found.at = find_end(found.at, end);
        found.at += ip_line_break(found.at, end);
    }
    found.end = find_end(found.at, end);
    return found;
}

/* Behind the first n characters of a line. */
static const char *skip(line of, size_t n)
{
    bool plain;
    while (n-- > 0 && of.at < of.end)
        of.at += ip_character(of.at, (size_t)(of.end - of.at), &plain);
    return of.at;
}

static void print_text(line part, FILE *out)
{
    while (part.at < part.end) {
        bool plain;
        const size_t length = ip_character(part.at, (size_t)(part.end - part.at), &plain);
        if (plain || *part.at == '\t')
            fwrite(part.at, 1, length, out);
        else
            fputc('?', out);
        part.at += length;
    }
}

/* Blanks as wide as the text. */
static void print_blanks(line part, FILE *out)
{
    while (part.at < part.end) {
        bool plain;
        fputc(*part.at == '\t' ? '\t' : ' ', out);
        part.at += ip_character(part.at, (size_t)(part.end - part.at), &plain);
    }
}

static bool is_in_source(const ip_source *source, const ip_error *err)
{
    return err->line > 0 && strncmp(err->file, source->name, sizeof err->file - 1) == 0;
}

void ip_spec_print_error(const ip_source *source, const ip_error *err, FILE *out)
{
    ip_error_print(err, out);
    if (!is_in_source(source, err))
        return;
    const line whole = find_line(source, err->line);
    if (whole.at == whole.end)
        return;
    const size_t before = err->column > 1 ? (size_t)err->column - 1 : 0;
    const size_t left_out = before > SHOWN_BEFORE ? before - SHOWN_BEFORE : 0;
    line shown = {skip(whole, left_out), whole.end};
    shown.end = skip(shown, SHOWN);
    const char *dots = left_out > 0 ? "..." : "";
    fprintf(out, "    %s", dots);
    print_text(shown, out);
    fprintf(out, "%s\n    %.*s", shown.end < whole.end ? "..." : "", (int)strlen(dots), "   ");
    print_blanks((line){shown.at, skip(shown, before - left_out)}, out);
    fputs("^\n", out);
}
