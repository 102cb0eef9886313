/* log.c - one line at a time, written at once so that ranks do not interleave */
#include "infoplane/log.h"
#include <stdarg.h>
#include <stdio.h>

static ip_log_level loudest = IP_LOG_INFO;

void ip_log_set_level(ip_log_level level)
{
    loudest = level;
}

void ip_log(ip_log_level level, const char *format, ...)
{
    static const char *const prefixes[] = {"error: ", "warning: ", ""};
    if (level > loudest)
        return;
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    fprintf(stderr, "infoplane: %s%s\n", prefixes[level], line);
}
