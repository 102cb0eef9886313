/* options.h - the arguments of a command, described by a table */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef enum ip_option_kind {
    IP_OPTION_FLAG,  /* bool */
    IP_OPTION_TEXT,  /* const char *, borrowed from argv */
    IP_OPTION_COUNT, /* long, at least 0; -1 = not given */
    IP_OPTION_YES,   /* bool, written yes or no */
    IP_OPTION_MANY   /* ip_texts: may be repeated */
} ip_option_kind;

enum { IP_MAX_OVERRIDES = 64 };

typedef struct ip_texts {
    const char *at[IP_MAX_OVERRIDES];
    size_t n;
} ip_texts;

typedef struct ip_option {
    const char *name; /* "--set", "-o" */
    ip_option_kind kind;
    void *value;
    const char *argument; /* "KEY=VALUE"; NULL for a flag */
    const char *help;
} ip_option;

typedef struct ip_usage {
    const char *command, *arguments, *summary, *example;
    const ip_option *options;
    size_t n_options;
    size_t n_required; /* positional arguments */
    size_t n_optional; /* further ones */
} ip_usage;

/* What is to be done after the arguments were read: go on, or leave with this exit code. */
typedef enum ip_parse { IP_PARSE_GO = -1, IP_PARSE_HELP = 0, IP_PARSE_WRONG = 2 } ip_parse;

/* Reads argv[1..] into the options' values and the positional arguments (n_required + n_optional of
 * them, NULL where absent). With -h or --help prints the usage on stdout. What is wrong is told on
 * talk (NULL: not at all). */
ip_parse ip_options_parse(const ip_usage *usage, int argc, char **argv, const char **positional,
                          FILE *talk);

#endif
