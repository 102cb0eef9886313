/* yaml_problem.h - what the YAML parser's complaints mean to who wrote the text */
#ifndef YAML_PROBLEM_H
#define YAML_PROBLEM_H

#include <stddef.h>

typedef struct ip_yaml_problem {
    const char *complaint; /* the parser's words, or their beginning */
    const char *next;      /* characters of which it stopped at one; "" = any */
    const char *here;      /* what to say at the place where it stopped, or NULL */
    const char *begin;     /* what to say where the collection, key or quote begins: when that is
                              another line, or there is nothing to say here; or NULL */
} ip_yaml_problem;

/* The entry for a complaint, or NULL. next is the character the parser stopped at, 0 at the end. */
const ip_yaml_problem *ip_yaml_problem_find(const char *complaint, char next);

#endif
