/* spec_errors.c - errors in the order of the text, safe for a terminal
 *
 * What a message quotes is the user's: a cut may have split a character, and an escape sequence
 * would be obeyed by the terminal. */
#include "spec/spec_errors.h"
#include <stdlib.h>
#include <string.h>

/* Bytes a lead byte announces; 0 for a byte that cannot lead. */
static size_t announced(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead < 0xC2 || lead > 0xF4)
        return 0;
    return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

size_t ip_character(const char *at, size_t left, bool *plain)
{
    const unsigned char *c = (const unsigned char *)at;
    const size_t length = announced(c[0]);
    *plain = false;
    if (length == 0 || length > left)
        return 1;
    for (size_t i = 1; i < length; i++) {
        if ((c[i] & 0xC0) != 0x80)
            return 1;
    }
    const bool is_control = c[0] < 0x20 || c[0] == 0x7F || (c[0] == 0xC2 && c[1] < 0xA0);
    *plain = !is_control;
    return length;
}

static void clean(char *text)
{
    size_t left = strlen(text);
    char *to = text;
    for (const char *from = text; left > 0;) {
        bool plain;
        const size_t length = ip_character(from, left, &plain);
        memmove(to, plain ? from : "?", plain ? length : 1);
        to += plain ? length : 1;
        from += length;
        left -= length;
    }
    *to = '\0';
}

static int compare(const void *a, const void *b)
{
    const ip_error *x = a;
    const ip_error *y = b;
    if ((x->line == 0) != (y->line == 0))
        return x->line == 0 ? 1 : -1;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    if (x->column != y->column)
        return x->column < y->column ? -1 : 1;
    return strcmp(x->text, y->text);
}

void ip_errors_finish(ip_errors *errors, size_t begin)
{
    const size_t kept = errors->n < errors->capacity ? errors->n : errors->capacity;
    for (size_t i = begin; i < kept; i++) {
        clean(errors->at[i].file);
        clean(errors->at[i].text);
    }
    if (kept > begin)
        qsort(errors->at + begin, kept - begin, sizeof *errors->at, compare);
}
