/* yaml_problem.c - libyaml's complaints in the words of who has to mend the text
 *
 * The complaints are those of libyaml 0.2; one that is not listed is shown as it is. */
#include "spec/yaml_problem.h"
#include "infoplane/macros.h"
#include <stdbool.h>
#include <string.h>

#define TAB     "expected spaces, saw a tab: YAML does not indent with tabs"
#define UTF8    "expected text in UTF-8, saw other bytes"
#define CLOSING "unexpected closing bracket: no list or map is open here"
#define UNENDED "the quote that begins here is not closed"

static const ip_yaml_problem problems[] = {
    {"found character that cannot start any token", "\t", TAB, NULL},
    {"found character that cannot start any token", "",
     "a value cannot begin with this character unless it is quoted", NULL},
    {"found a tab character", "", TAB, NULL},
    {"could not find expected ':'", "", NULL, "expected a ':' behind this key"},
    {"mapping values are not allowed", "",
     "unexpected ':' (is one missing in the line before, or quotes around the value?)", NULL},
    {"block sequence entries are not allowed", "",
     "unexpected '-': the first entry of a list begins a line of its own", NULL},
    {"did not find expected key", "]}", CLOSING, NULL},
    {"did not find expected <document start>", "]}", CLOSING, NULL},
    {"did not find expected key", "",
     "expected a key in the column of the other keys of its map, or the end of the map", NULL},
    {"did not find expected '-' indicator", "",
     "expected a '-' in the column of the other entries of its list", NULL},
    {"did not find expected ',' or ']'", "", "expected ',' or ']'",
     "the list that begins here is not closed with a ']'"},
    {"did not find expected ',' or '}'", "", "expected ',' or '}'",
     "the map that begins here is not closed with a '}'"},
    {"did not find expected node content", "", "expected a value", NULL},
    {"did not find expected <document start>", "", "unexpected text behind the end of the spec",
     NULL},
    {"found unexpected end of stream", "", NULL, UNENDED},
    {"found unexpected document indicator", "", NULL, UNENDED},
    {"found unknown escape character", "",
     "unknown escape in a double-quoted text; single quotes take \\ as it is", NULL},
    {"control characters are not allowed", "", "a control character cannot stand in a spec", NULL},
    {"invalid leading UTF-8 octet", "", UTF8, NULL},
    {"invalid trailing UTF-8 octet", "", UTF8, NULL},
    {"incomplete UTF-8 octet sequence", "", UTF8, NULL},
    {"invalid length of a UTF-8 sequence", "", UTF8, NULL},
    {"invalid Unicode character", "", UTF8, NULL},
};

const ip_yaml_problem *ip_yaml_problem_find(const char *complaint, char next)
{
    for (size_t i = 0; i < IP_LENGTH(problems); i++) {
        const ip_yaml_problem *problem = &problems[i];
        const bool is_next =
            problem->next[0] == '\0' || (next != '\0' && strchr(problem->next, next) != NULL);
        if (is_next && strncmp(complaint, problem->complaint, strlen(problem->complaint)) == 0)
            return problem;
    }
    return NULL;
}
