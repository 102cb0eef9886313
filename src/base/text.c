/* text.c - growing strings, edit distance */
#include "infoplane/text.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void reserve(ip_text *text, size_t more)
{
    if (text->length + more + 1 <= text->capacity)
        return;
    size_t capacity = text->capacity < 64 ? 64 : text->capacity;
    while (capacity < text->length + more + 1)
        capacity *= 2;
    char *grown = realloc(text->at, capacity);
    if (grown == NULL) {
        fprintf(stderr, "infoplane: error: out of memory for a text of %zu bytes\n", capacity);
        exit(74);
    }
    text->at = grown;
    text->capacity = capacity;
}

void ip_text_append_bytes(ip_text *text, const char *bytes, size_t n)
{
    reserve(text, n);
    if (n > 0)
        memcpy(text->at + text->length, bytes, n);
    text->length += n;
    text->at[text->length] = '\0';
}

void ip_text_append(ip_text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    const int n = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (n > 0) {
        reserve(text, (size_t)n);
        vsnprintf(text->at + text->length, (size_t)n + 1, format, again);
        text->length += (size_t)n;
    }
    va_end(again);
}

void ip_text_release(ip_text *text)
{
    free(text->at);
    *text = (ip_text){0};
}

void ip_text_append_real(ip_text *text, double value)
{
    if (!isfinite(value)) {
        ip_text_append(text, isnan(value) ? ".nan" : value > 0 ? ".inf" : "-.inf");
        return;
    }
    char digits[40];
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, value);
        if (strtod(digits, NULL) == value)
            break;
    }
    ip_text_append(text, "%s", digits);
}

size_t ip_names_count(ip_name_at *name_at)
{
    size_t n = 0;
    while (name_at(n) != NULL)
        n++;
    return n;
}

size_t ip_names_find(ip_name_at *name_at, const char *name)
{
    size_t i = 0;
    while (name_at(i) != NULL && strcmp(name_at(i), name) != 0)
        i++;
    return i;
}

void ip_names_join(ip_name_at *name_at, ip_text *text)
{
    for (size_t i = 0; name_at(i) != NULL; i++)
        ip_text_append(text, "%s%s", i > 0 ? ", " : "", name_at(i));
}

enum { LONGEST = 63 };

static size_t min3(size_t a, size_t b, size_t c)
{
    const size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

size_t ip_text_distance(const char *a, const char *b)
{
    const size_t na = strnlen(a, LONGEST);
    const size_t nb = strnlen(b, LONGEST);
    unsigned char d[LONGEST + 1][LONGEST + 1];
    for (size_t i = 0; i <= na; i++)
        d[i][0] = (unsigned char)i;
    for (size_t j = 0; j <= nb; j++)
        d[0][j] = (unsigned char)j;
    for (size_t i = 1; i <= na; i++) {
        for (size_t j = 1; j <= nb; j++) {
            const size_t replaced = d[i - 1][j - 1] + (a[i - 1] != b[j - 1] ? 1U : 0U);
            size_t best = min3(d[i - 1][j] + 1U, d[i][j - 1] + 1U, replaced);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = min3(best, best, d[i - 2][j - 2] + 1U);
            d[i][j] = (unsigned char)best;
        }
    }
    return d[na][nb];
}

bool ip_text_is_near(const char *typed, const char *name)
{
    const size_t length = strlen(name);
    const size_t allowed = length < 6 ? 2 : length / 3 + (length % 3 != 0);
    const size_t distance = ip_text_distance(typed, name);
    return distance <= allowed && distance < length;
}

const char *ip_names_nearest(ip_name_at *name_at, const char *typed)
{
    const char *best = NULL;
    size_t best_distance = 0;
    for (size_t i = 0; name_at(i) != NULL; i++) {
        const size_t distance = ip_text_distance(typed, name_at(i));
        if (ip_text_is_near(typed, name_at(i)) && (best == NULL || distance < best_distance)) {
            best = name_at(i);
            best_distance = distance;
        }
    }
    return best;
}
