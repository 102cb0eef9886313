/* error.c - filling, naming and printing errors */
#include "infoplane/error.h"
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>

static const struct {
    const char *name;
    int exit_code;
} statuses[] = {
#define ROW(name, code, meaning) {#name, code},
    IP_STATUS_LIST(ROW)
#undef ROW
};

static ip_status fill(ip_error *err, ip_status status, const char *key, const char *format,
                      va_list arguments)
{
    if (err == NULL)
        return status;
    *err = (ip_error){.status = status};
    snprintf(err->key, sizeof err->key, "%s", key);
    vsnprintf(err->text, sizeof err->text, format, arguments);
    return status;
}

ip_status ip_fail(ip_error *err, ip_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fill(err, status, "", format, arguments);
    va_end(arguments);
    return status;
}

ip_status ip_fail_key(ip_error *err, ip_status status, const char *key, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fill(err, status, key, format, arguments);
    va_end(arguments);
    return status;
}

int ip_status_exit_code(ip_status status)
{
    return (unsigned)status < IP_N_STATUS ? statuses[status].exit_code : 70;
}

const char *ip_status_name(ip_status status)
{
    return (unsigned)status < IP_N_STATUS ? statuses[status].name : "unknown status";
}

void ip_error_print(const ip_error *err, FILE *out)
{
    const bool placed = err->file[0] != '\0' || err->line > 0;
    if (err->file[0] != '\0')
        fprintf(out, "%s:", err->file);
    if (err->line > 0)
        fprintf(out, "%d:", err->line);
    if (err->line > 0 && err->column > 0)
        fprintf(out, "%d:", err->column);
    fprintf(out, "%serror: %s\n", placed ? " " : "infoplane: ", err->text);
}

void ip_errors_add(ip_errors *errors, const ip_error *err)
{
    if (errors->n == errors->capacity && errors->capacity < IP_MAX_ERRORS) {
        const size_t capacity = errors->capacity == 0 ? 8 : IP_MAX_ERRORS;
        ip_error *grown = realloc(errors->at, capacity * sizeof *grown);
        if (grown != NULL) {
            errors->at = grown;
            errors->capacity = capacity;
        }
    }
    if (errors->n < errors->capacity)
        errors->at[errors->n] = *err;
    errors->n++;
}

void ip_errors_release(ip_errors *errors)
{
    free(errors->at);
    *errors = (ip_errors){0};
}
