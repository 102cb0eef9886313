/* options.c - flags from a table, in any order, with a suggestion for what is not known */
#include "cmd/options.h"
#include "infoplane/text.h"
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void print_usage(const ip_usage *usage, FILE *out)
{
    fprintf(out, "infoplane %s - %s\n\n", usage->command, usage->summary);
    fprintf(out, "example: infoplane %s %s\n", usage->command, usage->example);
    fprintf(out, "usage:   infoplane %s %s\n", usage->command, usage->arguments);
    for (size_t i = 0; i < usage->n_options; i++) {
        char left[40];
        const ip_option *option = &usage->options[i];
        snprintf(left, sizeof left, "%s %s", option->name,
                 option->argument != NULL ? option->argument : "");
        fprintf(out, "  %-20s %s\n", left, option->help);
    }
    fprintf(out, "  %-20s %s\n", "-h, --help", "this text");
}

static ip_parse wrong(const ip_usage *usage, FILE *talk, const char *format, ...) IP_PRINTF(3, 4);

static ip_parse wrong(const ip_usage *usage, FILE *talk, const char *format, ...)
{
    if (talk == NULL)
        return IP_PARSE_WRONG;
    va_list arguments;
    va_start(arguments, format);
    fputs("infoplane: error: ", talk);
    vfprintf(talk, format, arguments);
    fprintf(talk, "\nusage: infoplane %s %s\n", usage->command, usage->arguments);
    va_end(arguments);
    return IP_PARSE_WRONG;
}

static ip_parse unknown(const ip_usage *usage, const char *word, FILE *talk)
{
    const char *best = NULL;
    for (size_t i = 0; i < usage->n_options; i++) {
        const char *name = usage->options[i].name;
        if (ip_text_is_near(word, name) &&
            (best == NULL || ip_text_distance(word, name) < ip_text_distance(word, best)))
            best = name;
    }
    return wrong(usage, talk, "%s: unknown option '%s'%s%s%s", usage->command, word,
                 best != NULL ? " (did you mean '" : "", best != NULL ? best : "",
                 best != NULL ? "'?)" : "");
}

static bool take_count(const char *text, long *value)
{
    char *end = NULL;
    errno = 0;
    *value = strtol(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && *value >= 0;
}

static ip_parse take(const ip_usage *usage, const ip_option *option, const char *text, FILE *talk)
{
    ip_texts *many = option->value;
    switch (option->kind) {
    case IP_OPTION_FLAG:
        *(bool *)option->value = true;
        return IP_PARSE_GO;
    case IP_OPTION_TEXT:
        *(const char **)option->value = text;
        return IP_PARSE_GO;
    case IP_OPTION_COUNT:
        if (take_count(text, option->value))
            return IP_PARSE_GO;
        return wrong(usage, talk, "%s: expected a whole number, saw '%s'", option->name, text);
    case IP_OPTION_YES:
        *(bool *)option->value = strcmp(text, "yes") == 0;
        if (strcmp(text, "yes") == 0 || strcmp(text, "no") == 0)
            return IP_PARSE_GO;
        return wrong(usage, talk, "%s: expected yes or no, saw '%s'", option->name, text);
    case IP_OPTION_MANY:
        if (many->n == IP_MAX_OVERRIDES)
            return wrong(usage, talk, "%s: given more than %d times", option->name,
                         IP_MAX_OVERRIDES);
        many->at[many->n++] = text;
        return IP_PARSE_GO;
    }
    return IP_PARSE_WRONG;
}

/* The option a word such as "--json", "-o" or "--job=3" names; *inline_value points behind the `=`.
 */
static const ip_option *find(const ip_usage *usage, const char *word, const char **inline_value)
{
    const size_t length = strncmp(word, "--", 2) == 0 ? strcspn(word, "=") : strlen(word);
    *inline_value = word[length] == '=' ? word + length + 1 : NULL;
    for (size_t i = 0; i < usage->n_options; i++) {
        const char *name = usage->options[i].name;
        if (strlen(name) == length && strncmp(name, word, length) == 0)
            return &usage->options[i];
    }
    return NULL;
}

ip_parse ip_options_parse(const ip_usage *usage, int argc, char **argv, const char **positional,
                          FILE *talk)
{
    size_t n = 0;
    for (size_t i = 0; i < usage->n_required + usage->n_optional; i++)
        positional[i] = NULL;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) {
            if (talk != NULL)
                print_usage(usage, stdout);
            return IP_PARSE_HELP;
        }
        if (argv[i][0] != '-' || argv[i][1] == '\0') {
            if (n == usage->n_required + usage->n_optional)
                return wrong(usage, talk, "%s: unexpected argument '%s'", usage->command, argv[i]);
            positional[n++] = argv[i];
            continue;
        }
        const char *text = NULL;
        const ip_option *option = find(usage, argv[i], &text);
        if (option == NULL)
            return unknown(usage, argv[i], talk);
        if (option->kind == IP_OPTION_FLAG && text != NULL)
            return wrong(usage, talk, "%s takes no value", option->name);
        if (option->kind != IP_OPTION_FLAG && text == NULL && ++i == argc)
            return wrong(usage, talk, "%s: expected %s behind it", option->name, option->argument);
        if (take(usage, option, text != NULL ? text : argv[i], talk) != IP_PARSE_GO)
            return IP_PARSE_WRONG;
    }
    if (n < usage->n_required)
        return wrong(usage, talk, "%s: missing argument", usage->command);
    return IP_PARSE_GO;
}
