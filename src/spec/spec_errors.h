/* spec_errors.h - errors made fit to be shown */
#ifndef SPEC_ERRORS_H
#define SPEC_ERRORS_H

#include "infoplane/error.h"
#include <stdbool.h>

/* Bytes of the UTF-8 character at `at`, of which `left` >= 1 bytes remain; *plain tells whether a
 * terminal can be given it: no control character, and whole. */
size_t ip_character(const char *at, size_t left, bool *plain);

/* Puts the errors from number `begin` on in the order of the text, those of overrides behind them,
 * and a '?' for what a terminal must not be given. */
void ip_errors_finish(ip_errors *errors, size_t begin);

#endif
