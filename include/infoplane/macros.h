/* macros.h - compiler attributes under the project's names */
#ifndef INFOPLANE_MACROS_H
#define INFOPLANE_MACROS_H

#if defined(__GNUC__)
#define IP_PRINTF(text, first) __attribute__((format(printf, text, first)))
#define IP_CHECKED             __attribute__((warn_unused_result))
#else
#define IP_PRINTF(text, first)
#define IP_CHECKED
#endif

/* Number of elements of an array (not of a pointer). */
#define IP_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#endif
