/* error.h - what went wrong, and where
 *
 * Every function that can fail at run time returns an ip_status and fills the caller's ip_error.
 * The error is plain data: it can be copied, sent to another rank, stored in a row. A caller's
 * mistake is an assert; a kernel cannot fail. A higher layer adds the place (file, line, column),
 * never a second text. */
#ifndef INFOPLANE_ERROR_H
#define INFOPLANE_ERROR_H

#include "infoplane/macros.h"
#include <stddef.h>
#include <stdio.h>

/* X(name, exit code of the program, meaning) */
#define IP_STATUS_LIST(X)                                                                          \
    X(IP_OK, 0, "everything asked for is done")                                                    \
    X(IP_ERR_JOBS, 1, "finished, but some jobs failed")                                            \
    X(IP_ERR_USAGE, 2, "wrong usage")                                                              \
    X(IP_ERR_SPEC, 65, "the spec is wrong or contradicts the file")                                \
    X(IP_ERR_DATA, 65, "the data is wrong")                                                        \
    X(IP_ERR_SHAPE, 65, "the shape of the data does not fit")                                      \
    X(IP_ERR_NUMERIC, 1, "a number is not finite or out of its domain")                            \
    X(IP_ERR_INTERNAL, 70, "a bug of ours")                                                        \
    X(IP_ERR_MEMORY, 74, "out of memory")                                                          \
    X(IP_ERR_CREATE, 73, "the file cannot be created or taken")                                    \
    X(IP_ERR_IO, 74, "cannot read or write")                                                       \
    X(IP_ERR_STOPPED, 75, "stopped early with work left")

typedef enum ip_status {
#define IP_STATUS_ENUM(name, code, meaning) name,
    IP_STATUS_LIST(IP_STATUS_ENUM)
#undef IP_STATUS_ENUM
        IP_N_STATUS
} ip_status;

typedef struct ip_error {
    ip_status status;
    int line;       /* from 1; 0 = no line */
    int column;     /* from 1; 0 = no column */
    char file[160]; /* "" = no file */
    char key[64];   /* the dotted key or argument at fault, "" = none */
    char text[280]; /* one line: what was expected, what was seen */
} ip_error;

/* Fills *err (err may be NULL) with status and the formatted text, cut at the field's size; clears
 * the place. Returns status, so that `return ip_fail(err, ...)` is the usual last line of a failing
 * path. */
ip_status ip_fail(ip_error *err, ip_status status, const char *format, ...) IP_PRINTF(3, 4);

/* The same, naming the key or argument at fault. */
ip_status ip_fail_key(ip_error *err, ip_status status, const char *key, const char *format, ...)
    IP_PRINTF(4, 5);

/* Exit code of the program for status. */
int ip_status_exit_code(ip_status status);

/* "IP_ERR_IO" for IP_ERR_IO. */
const char *ip_status_name(ip_status status);

/* Prints `file:line:column: error: text` on out, leaving out what is not set. */
void ip_error_print(const ip_error *err, FILE *out);

/* Several errors, in the order they were found. All zero is the empty list. */
typedef struct ip_errors {
    ip_error *at;
    size_t n, capacity;
} ip_errors;

/* Appends a copy of err. After IP_MAX_ERRORS further ones are only counted in n, not kept. */
enum { IP_MAX_ERRORS = 200 };
void ip_errors_add(ip_errors *errors, const ip_error *err);
void ip_errors_release(ip_errors *errors);

/* Returns from the calling function when call fails. */
#define IP_TRY(call)                                                                               \
    do {                                                                                           \
        ip_status ip_try_status = (call);                                                          \
        if (ip_try_status != IP_OK)                                                                \
            return ip_try_status;                                                                  \
    } while (0)

#endif
