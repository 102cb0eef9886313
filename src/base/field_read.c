/* field_read.c - one YAML scalar into the value of a field
 *
 * Plain scalars are resolved by the YAML 1.2 core schema (yaml.org/spec/1.2.2, section 10.3.2):
 * `4e-4` is a number, `no` a string, `010` the integer 10. A whole number may be written as 1e4. */
#include "infoplane/field.h"
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool ip_scalar_is_null(const char *s)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};
    for (size_t i = 0; i < IP_LENGTH(nulls); i++) {
        if (strcmp(s, nulls[i]) == 0)
            return true;
    }
    return false;
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static bool is_decimal(const char *s)
{
    s += *s == '-' || *s == '+';
    const size_t whole = strspn(s, "0123456789");
    s += whole;
    size_t fraction = 0;
    if (*s == '.') {
        fraction = strspn(s + 1, "0123456789");
        s += 1 + fraction;
    }
    if (whole + fraction == 0)
        return false;
    if (*s == 'e' || *s == 'E') {
        s += 1 + (s[1] == '-' || s[1] == '+');
        const size_t exponent = strspn(s, "0123456789");
        if (exponent == 0)
            return false;
        s += exponent;
    }
    return *s == '\0';
}

static bool is_infinity(const char *s)
{
    s += *s == '-' || *s == '+';
    return strcmp(s, ".inf") == 0 || strcmp(s, ".Inf") == 0 || strcmp(s, ".INF") == 0;
}

/* Digits; behind `0o` octal ones, behind `0x` hexadecimal ones. */
static bool is_integer(const char *s)
{
    const bool is_octal = strncmp(s, "0o", 2) == 0;
    const bool is_hexadecimal = strncmp(s, "0x", 2) == 0;
    const char *digits = is_octal || is_hexadecimal ? s + 2 : s;
    const size_t n = strspn(digits, is_octal         ? "01234567"
                                    : is_hexadecimal ? "0123456789abcdefABCDEF"
                                                     : "0123456789");
    return n > 0 && digits[n] == '\0';
}

static bool read_integer(const char *s, uint64_t *value)
{
    if (!is_integer(s))
        return false;
    const int base = s[1] == 'o' ? 8 : s[1] == 'x' ? 16 : 10;
    errno = 0;
    *value = strtoull(base == 10 ? s : s + 2, NULL, base);
    return errno == 0;
}

/* Adding 0 turns -0 into 0, so that equal values are equal text and equal bytes. */
static bool read_real(const char *s, double *value)
{
    uint64_t integer = 0;
    if (is_infinity(s)) {
        *value = *s == '-' ? -(double)INFINITY : (double)INFINITY;
        return true;
    }
    if (is_decimal(s))
        *value = strtod(s, NULL) + 0.0;
    else if (read_integer(s, &integer))
        *value = (double)integer;
    else
        return false;
    return isfinite(*value);
}

static bool read_whole(const char *s, uint64_t *value)
{
    if (is_integer(s))
        return read_integer(s, value);
    double real = 0;
    if (!read_real(s, &real) || real < 0 || real > 0x1p53 || real != floor(real))
        return false;
    *value = (uint64_t)real;
    return true;
}

static bool read_bytes(const char *s, uint64_t *value)
{
    static const char *const units[] = {"", "KiB", "MiB", "GiB", "TiB"};
    char *end = NULL;
    if (!isdigit((unsigned char)*s))
        return false;
    errno = 0;
    uint64_t bytes = strtoull(s, &end, 10);
    end += *end == ' ';
    for (size_t unit = 0; unit < IP_LENGTH(units); unit++) {
        if (strcmp(end, units[unit]) == 0 && errno == 0 && bytes <= UINT64_MAX >> (10 * unit)) {
            *value = bytes << (10 * unit);
            return true;
        }
    }
    return false;
}

static bool has_no_range(const ip_field *field)
{
    return field->min == 0 && field->max == 0 && !(field->flags & IP_FIELD_ABOVE_MIN);
}

/* Whether a number lies in the field's range. */
static bool in_range(const ip_field *field, double value)
{
    if (isnan(value))
        return false;
    if (has_no_range(field))
        return isfinite(value);
    return (field->flags & IP_FIELD_ABOVE_MIN ? value > field->min : value >= field->min) &&
           (field->flags & IP_FIELD_BELOW_MAX ? value < field->max : value <= field->max);
}

static void append_range(const ip_field *field, ip_text *text)
{
    if (has_no_range(field))
        return;
    ip_text_append(text, field->flags & IP_FIELD_ABOVE_MIN ? " above %g" : " of at least %g",
                   field->min);
    if (field->max < 1e15)
        ip_text_append(text,
                       field->flags & IP_FIELD_BELOW_MAX ? " and below %g" : " and at most %g",
                       field->max);
}

static bool is_one_number(const ip_field *field)
{
    return field->min == field->max && !has_no_range(field);
}

void ip_field_expected(const ip_field *field, ip_text *text)
{
    static const char *const nouns[] = {
        [IP_KIND_BOOL] = "true or false",    [IP_KIND_COUNT] = "a whole number",
        [IP_KIND_REAL] = "a number",         [IP_KIND_BYTES] = "a size such as 512MiB or 2GiB",
        [IP_KIND_CHOICE] = "one of ",        [IP_KIND_TEXT] = "a text",
        [IP_KIND_WIDTHS] = "a whole number", [IP_KIND_REALS] = "a number",
    };
    const bool is_number = field->kind == IP_KIND_COUNT || field->kind == IP_KIND_REAL ||
                           field->kind == IP_KIND_WIDTHS || field->kind == IP_KIND_REALS;
    if (is_number && is_one_number(field)) {
        ip_text_append(text, "%g", field->min);
        return;
    }
    ip_text_append(text, "%s", nouns[field->kind]);
    if (is_number)
        append_range(field, text);
    if (field->kind == IP_KIND_REALS && field->names != NULL)
        ip_text_append(text, ", or one of ");
    if (field->names != NULL)
        ip_names_join(field->names, text);
    if (field->word != NULL)
        ip_text_append(text, ", or %s", field->word);
}

static ip_status refuse(const ip_field *field, const char *scalar, bool quoted, ip_error *err)
{
    ip_text expected = {0};
    ip_field_expected(field, &expected);
    const char *saw = ip_scalar_is_null(scalar) && !quoted ? "nothing" : scalar;
    ip_fail_key(err, IP_ERR_SPEC, field->key,
                quoted ? "%s: expected %s, saw the text \"%.60s\"" : "%s: expected %s, saw %.60s",
                field->key, expected.at, saw);
    ip_text_release(&expected);
    return IP_ERR_SPEC;
}

/* The nearest name; what was typed in capitals or with underscores counts as written otherwise. */
static const char *nearest_name(const ip_field *field, const char *scalar)
{
    char plain[64];
    size_t n = 0;
    for (; n + 1 < sizeof plain && scalar[n] != '\0'; n++)
        plain[n] = (char)tolower((unsigned char)scalar[n]);
    plain[n] = '\0';
    return ip_names_nearest(field->names, plain);
}

static ip_status refuse_choice(const ip_field *field, const char *scalar, ip_error *err)
{
    const char *dot = strrchr(field->key, '.');
    const char *what = dot == NULL || strlen(dot + 1) < 5 ? field->key : dot + 1;
    const char *nearest = nearest_name(field, scalar);
    if (nearest != NULL)
        return ip_fail_key(err, IP_ERR_SPEC, field->key, "unknown %s '%.60s' (did you mean '%s'?)",
                           what, scalar, nearest);
    ip_text known = {0};
    ip_names_join(field->names, &known);
    ip_fail_key(err, IP_ERR_SPEC, field->key, "unknown %s '%.60s' (known: %s)", what, scalar,
                known.at);
    ip_text_release(&known);
    return IP_ERR_SPEC;
}

static bool read_bool(const char *s, bool *value)
{
    const bool is_true = strcmp(s, "true") == 0 || strcmp(s, "True") == 0 || strcmp(s, "TRUE") == 0;
    if (!is_true && strcmp(s, "false") != 0 && strcmp(s, "False") != 0 && strcmp(s, "FALSE") != 0)
        return false;
    *value = is_true;
    return true;
}

/* Truths, numbers and sizes: false when the scalar is not one, or out of range. */
static bool read_plain(const ip_field *field, const char *scalar, void *value)
{
    uint64_t whole = 0;
    double real = 0;
    switch (field->kind) {
    case IP_KIND_BOOL:
        return read_bool(scalar, value);
    case IP_KIND_COUNT:
        if (!read_whole(scalar, &whole) || !in_range(field, (double)whole))
            return false;
        *(uint64_t *)value = whole;
        return true;
    case IP_KIND_WIDTHS:
        if (!read_whole(scalar, &whole) || !in_range(field, (double)whole) || whole > UINT32_MAX)
            return false;
        *(uint32_t *)value = (uint32_t)whole;
        return true;
    case IP_KIND_BYTES:
        if (!read_bytes(scalar, &whole) || whole == 0)
            return false;
        *(uint64_t *)value = whole;
        return true;
    default:
        if (!read_real(scalar, &real) || !in_range(field, real))
            return false;
        *(double *)value = real;
        return true;
    }
}

/* A text that is shown and stored: not empty, in one line. */
static ip_status read_text(const ip_field *field, const char *scalar, char *value, ip_error *err)
{
    if (scalar[0] == '\0')
        return ip_fail_key(err, IP_ERR_SPEC, field->key, "%s: expected a text, saw an empty one",
                           field->key);
    const size_t length = strlen(scalar);
    if (length >= IP_MAX_PATH)
        return ip_fail_key(err, IP_ERR_SPEC, field->key,
                           "%s: expected a text of at most %d bytes, saw %zu", field->key,
                           IP_MAX_PATH - 1, length);
    for (const char *c = scalar; *c != '\0'; c++) {
        if (iscntrl((unsigned char)*c))
            return ip_fail_key(err, IP_ERR_SPEC, field->key,
                               "%s: expected a text in one line without control characters",
                               field->key);
    }
    memcpy(value, scalar, length + 1);
    return IP_OK;
}

static ip_status read_choice(const ip_field *field, const char *scalar, int *value, ip_error *err)
{
    const size_t index = ip_names_find(field->names, scalar);
    if (field->names(index) == NULL)
        return refuse_choice(field, scalar, err);
    *value = (int)index;
    return IP_OK;
}

static void set_word(const ip_field *field, void *value)
{
    if (field->kind == IP_KIND_REAL)
        *(double *)value = (double)NAN;
    else
        *(uint64_t *)value = 0;
}

ip_status ip_field_read(const ip_field *field, const char *scalar, bool quoted, void *value,
                        ip_error *err)
{
    if (ip_scalar_is_null(scalar) && !quoted)
        return refuse(field, scalar, quoted, err);
    if (field->kind == IP_KIND_TEXT)
        return read_text(field, scalar, value, err);
    if (field->kind == IP_KIND_CHOICE)
        return read_choice(field, scalar, value, err);
    if (field->word != NULL && strcmp(scalar, field->word) == 0) {
        set_word(field, value);
        return IP_OK;
    }
    const bool is_string = quoted && field->kind != IP_KIND_BYTES; /* 2GiB is a string anyway */
    if (is_string || !read_plain(field, scalar, value))
        return refuse(field, scalar, quoted, err);
    return IP_OK;
}
