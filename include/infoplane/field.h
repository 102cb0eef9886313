/* field.h - settings described once
 *
 * A table of fields says of each setting its key, kind, range, default and meaning, and where it
 * lives in a plain struct. The same table serves the YAML checker, `infoplane list`, the provenance
 * in the result file and the error texts. */
#ifndef INFOPLANE_FIELD_H
#define INFOPLANE_FIELD_H

#include "infoplane/error.h"
#include "infoplane/text.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IP_MAX_HIDDEN = 32, IP_MAX_REALS = 8, IP_MAX_PATH = 1024 };

/* A list of layer widths. */
typedef struct ip_widths {
    size_t n;
    uint32_t at[IP_MAX_HIDDEN];
} ip_widths;

/* A short list of numbers; or a word that stands for one: n = 0, at[0] its index. */
typedef struct ip_reals {
    size_t n;
    double at[IP_MAX_REALS];
} ip_reals;

typedef enum ip_kind {
    IP_KIND_BOOL,   /* bool */
    IP_KIND_COUNT,  /* uint64_t */
    IP_KIND_REAL,   /* double */
    IP_KIND_BYTES,  /* uint64_t, written 512MiB, 2GiB */
    IP_KIND_CHOICE, /* int: index into names */
    IP_KIND_TEXT,   /* char[IP_MAX_PATH] */
    IP_KIND_WIDTHS, /* ip_widths, each within [min, max] */
    IP_KIND_REALS   /* ip_reals, exactly n_reals of them */
} ip_kind;

typedef enum ip_field_flags {
    IP_FIELD_REQUIRED = 1,
    IP_FIELD_SWEPT = 2,     /* may be an axis of the sweep */
    IP_FIELD_ABOVE_MIN = 4, /* min itself is excluded */
    IP_FIELD_MANY = 8,      /* estimator parameters: a list of values makes one entry per value */
    IP_FIELD_BELOW_MAX = 16 /* max itself is excluded */
} ip_field_flags;

typedef struct ip_field {
    const char *key; /* as written in the spec; dotted where sections nest */
    ip_kind kind;
    size_t offset;
    double min, max;   /* numbers only; both 0 = any finite number of the kind */
    ip_name_at *names; /* of a choice; of the words that may stand for IP_KIND_REALS, or NULL */
    const char *word;  /* a word that may stand for a number, such as `full` or `none`, or NULL;
                          stored as 0  (counts, bytes) or NaN (reals) */
    size_t n_reals;    /* IP_KIND_REALS only */
    const char *default_text; /* in YAML; NULL = required, or left zero */
    unsigned flags;           /* ip_field_flags */
    const char *unit;         /* "" = a pure number */
    const char *help;         /* half a line */
} ip_field;

/* Bytes of a value of the kind. */
size_t ip_field_size(ip_kind kind);

/* The value of field in the struct at base, and the same for writing. */
const void *ip_field_at(const ip_field *field, const void *base);
void *ip_field_at_mutable(const ip_field *field, void *base);

/* Appends the value of field in base in YAML flow style: equal values give equal text. */
void ip_field_print(const ip_field *field, const void *base, ip_text *text);

/* Appends what a value of the field must be: "a number above 0", "a whole number of at least 1, or
 * full". */
void ip_field_expected(const ip_field *field, ip_text *text);

/* Reads one unquoted scalar under the YAML 1.2 core schema into value (ip_field_size(kind) bytes),
 * or one element of a list for IP_KIND_WIDTHS and IP_KIND_REALS (uint32_t, double). quoted: the
 * scalar is a string whatever it looks like. On failure value is untouched and the text says what
 * was expected. Errors: IP_ERR_SPEC. */
ip_status ip_field_read(const ip_field *field, const char *scalar, bool quoted, void *value,
                        ip_error *err) IP_CHECKED;

/* Whether an unquoted scalar is YAML's null: nothing, ~ or null. */
bool ip_scalar_is_null(const char *scalar);

/* Fills base with the defaults of the fields that have one (lists from flow style "[0, 1]"). */
void ip_fields_set_defaults(const ip_field *fields, size_t n, void *base);

/* The field with this key, or NULL. */
const ip_field *ip_fields_find(const ip_field *fields, size_t n, const char *key);

#endif
