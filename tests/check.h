/* check.h - the whole test framework: a check counts, prints what failed, and the program's code
 * tells */
#ifndef CHECK_H
#define CHECK_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int check_count, check_failures;

#define CHECK_REPORT(ok, ...)                                                                      \
    do {                                                                                           \
        check_count++;                                                                             \
        if (!(ok)) {                                                                               \
            check_failures++;                                                                      \
            fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);                                        \
            fprintf(stderr, __VA_ARGS__);                                                          \
            fputc('\n', stderr);                                                                   \
        }                                                                                          \
    } while (0)

/* The condition holds. */
#define CHECK(condition) CHECK_REPORT(condition, "expected %s", #condition)

/* |seen - expected| <= tolerance; not-a-number never is. */
#define CHECK_NEAR(seen, expected, tolerance)                                                      \
    do {                                                                                           \
        const double check_seen = (seen);                                                          \
        const double check_expected = (expected);                                                  \
        CHECK_REPORT(fabs(check_seen - check_expected) <= (tolerance),                             \
                     "%s = %.17g, expected %.17g within %g", #seen, check_seen, check_expected,    \
                     (double)(tolerance));                                                         \
    } while (0)

/* Equal whole numbers. */
#define CHECK_COUNT(seen, expected)                                                                \
    do {                                                                                           \
        const long long check_seen = (long long)(seen);                                            \
        const long long check_expected = (long long)(expected);                                    \
        CHECK_REPORT(check_seen == check_expected, "%s = %lld, expected %lld", #seen, check_seen,  \
                     check_expected);                                                              \
    } while (0)

/* Equal strings. */
#define CHECK_STR(seen, expected)                                                                  \
    do {                                                                                           \
        const char *const check_seen = (seen);                                                     \
        const char *const check_expected = (expected);                                             \
        CHECK_REPORT(strcmp(check_seen, check_expected) == 0, "%s = \"%s\", expected \"%s\"",      \
                     #seen, check_seen, check_expected);                                           \
    } while (0)

/* The text holds the part. */
#define CHECK_HAS(text, part)                                                                      \
    do {                                                                                           \
        const char *const check_text = (text);                                                     \
        const char *const check_part = (part);                                                     \
        CHECK_REPORT(strstr(check_text, check_part) != NULL, "%s = \"%s\" lacks \"%s\"", #text,    \
                     check_text, check_part);                                                      \
    } while (0)

/* Prints the closing line; the program returns this. */
static inline int check_finish(void)
{
    printf("%d checks, %d failed\n", check_count, check_failures);
    return check_failures == 0 && check_count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
