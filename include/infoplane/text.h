/* text.h - growing strings, and the nearest of a list of names */
#ifndef INFOPLANE_TEXT_H
#define INFOPLANE_TEXT_H

#include "infoplane/macros.h"
#include <stdbool.h>
#include <stddef.h>

/* A growing string. All zero is the empty one; at is NULL until something was appended, and always
 * ends in a zero byte that length does not count. Memory that cannot be had ends the program (a few
 * kilobytes are asked for, before any job runs). */
typedef struct ip_text {
    char *at;
    size_t length;
    size_t capacity;
} ip_text;

void ip_text_append(ip_text *text, const char *format, ...) IP_PRINTF(2, 3);
void ip_text_append_bytes(ip_text *text, const char *bytes, size_t n);
void ip_text_release(ip_text *text);

/* Appends the shortest decimal of 15 to 17 significant digits that reads back as value ("4e-04"
 * style is avoided: 0.0004); "inf" and "nan" are spelled like YAML's .inf and .nan. */
void ip_text_append_real(ip_text *text, double value);

/* The name in a list, one at a time: index from 0, NULL past the end. */
typedef const char *ip_name_at(size_t index);

/* Number of names of a list. */
size_t ip_names_count(ip_name_at *name_at);

/* Index of name, or the number of names when it is not there. */
size_t ip_names_find(ip_name_at *name_at, const char *name);

/* Appends "a, b, c". */
void ip_names_join(ip_name_at *name_at, ip_text *text);

/* Edits that turn a into b: insertions, deletions, replacements, swaps of neighbours (optimal
 * string alignment). Strings longer than 63 bytes are compared by their first 63. */
size_t ip_text_distance(const char *a, const char *b);

/* Whether a reader who typed `typed` may have meant `name`: at most a third of its letters wrong,
 * rounded up, and never all of them; two are allowed in names of less than six. */
bool ip_text_is_near(const char *typed, const char *name);

/* The nearest name of a list that is near enough, or NULL. */
const char *ip_names_nearest(ip_name_at *name_at, const char *typed);

#endif
