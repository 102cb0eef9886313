/* field.c - printing and defaulting the values that a table of fields describes */
#include "infoplane/field.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

size_t ip_field_size(ip_kind kind)
{
    static const size_t sizes[] = {
        [IP_KIND_BOOL] = sizeof(bool),        [IP_KIND_COUNT] = sizeof(uint64_t),
        [IP_KIND_REAL] = sizeof(double),      [IP_KIND_BYTES] = sizeof(uint64_t),
        [IP_KIND_CHOICE] = sizeof(int),       [IP_KIND_TEXT] = IP_MAX_PATH,
        [IP_KIND_WIDTHS] = sizeof(ip_widths), [IP_KIND_REALS] = sizeof(ip_reals),
    };
    return sizes[kind];
}

const void *ip_field_at(const ip_field *field, const void *base)
{
    return (const char *)base + field->offset;
}

void *ip_field_at_mutable(const ip_field *field, void *base)
{
    return (char *)base + field->offset;
}

static void print_bytes(uint64_t bytes, ip_text *text)
{
    static const char *const units[] = {"", "KiB", "MiB", "GiB", "TiB"};
    size_t unit = 0;
    while (unit + 1 < IP_LENGTH(units) && bytes != 0 && bytes % 1024 == 0) {
        bytes /= 1024;
        unit++;
    }
    ip_text_append(text, "%llu%s", (unsigned long long)bytes, units[unit]);
}

static void print_quoted(const char *string, ip_text *text)
{
    ip_text_append(text, "\"");
    for (const char *c = string; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            ip_text_append(text, "\\");
        if ((unsigned char)*c < 0x20)
            ip_text_append(text, "\\x%02x", (unsigned)*c);
        else
            ip_text_append_bytes(text, c, 1);
    }
    ip_text_append(text, "\"");
}

static void print_widths(const ip_widths *widths, ip_text *text)
{
    ip_text_append(text, "[");
    for (size_t i = 0; i < widths->n; i++)
        ip_text_append(text, "%s%u", i > 0 ? ", " : "", widths->at[i]);
    ip_text_append(text, "]");
}

static void print_reals(const ip_field *field, const ip_reals *reals, ip_text *text)
{
    if (reals->n == 0 && field->names != NULL) {
        ip_text_append(text, "%s", field->names((size_t)reals->at[0]));
        return;
    }
    ip_text_append(text, "[");
    for (size_t i = 0; i < reals->n; i++) {
        ip_text_append(text, "%s", i > 0 ? ", " : "");
        ip_text_append_real(text, reals->at[i]);
    }
    ip_text_append(text, "]");
}

void ip_field_print(const ip_field *field, const void *base, ip_text *text)
{
    const void *at = ip_field_at(field, base);
    switch (field->kind) {
    case IP_KIND_BOOL:
        ip_text_append(text, *(const bool *)at ? "true" : "false");
        break;
    case IP_KIND_COUNT:
        if (field->word != NULL && *(const uint64_t *)at == 0)
            ip_text_append(text, "%s", field->word);
        else
            ip_text_append(text, "%llu", (unsigned long long)*(const uint64_t *)at);
        break;
    case IP_KIND_BYTES:
        if (field->word != NULL && *(const uint64_t *)at == 0)
            ip_text_append(text, "%s", field->word);
        else
            print_bytes(*(const uint64_t *)at, text);
        break;
    case IP_KIND_REAL:
        if (field->word != NULL && isnan(*(const double *)at))
            ip_text_append(text, "%s", field->word);
        else
            ip_text_append_real(text, *(const double *)at);
        break;
    case IP_KIND_CHOICE:
        ip_text_append(text, "%s", field->names((size_t) * (const int *)at));
        break;
    case IP_KIND_TEXT:
        print_quoted(at, text);
        break;
    case IP_KIND_WIDTHS:
        print_widths(at, text);
        break;
    case IP_KIND_REALS:
        print_reals(field, at, text);
        break;
    }
}

const ip_field *ip_fields_find(const ip_field *fields, size_t n, const char *key)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(fields[i].key, key) == 0)
            return &fields[i];
    }
    return NULL;
}

/* Reads a default such as "[-1, 1]" element by element. */
static ip_status read_default_list(const ip_field *field, const char *flow, void *value)
{
    for (const char *c = flow + 1; *c != '\0' && *c != ']';) {
        char element[40];
        const size_t length = strcspn(c, ",]");
        snprintf(element, sizeof element, "%.*s", (int)length, c);
        ip_reals *reals = value;
        ip_widths *widths = value;
        void *at = field->kind == IP_KIND_REALS ? (void *)&reals->at[reals->n++]
                                                : (void *)&widths->at[widths->n++];
        IP_TRY(ip_field_read(field, element, false, at, NULL));
        c += length + strspn(c + length, ", ");
    }
    return IP_OK;
}

void ip_fields_set_defaults(const ip_field *fields, size_t n, void *base)
{
    for (size_t i = 0; i < n; i++) {
        const char *text = fields[i].default_text;
        if (text == NULL)
            continue;
        void *at = ip_field_at_mutable(&fields[i], base);
        memset(at, 0, ip_field_size(fields[i].kind));
        const ip_status status = text[0] == '[' ? read_default_list(&fields[i], text, at)
                                                : ip_field_read(&fields[i], text, false, at, NULL);
        assert(status == IP_OK);
        (void)status;
    }
}
