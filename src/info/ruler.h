/* ruler.h - bins between edges, for the files of info/ alone */
#ifndef RULER_H
#define RULER_H

#include "infoplane/kernels.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bins between ascending edges: the bin of t is the number of the edges 1 .. n-1 not above it.
 * Edges 0 and n are there for the search: below and above every number. */
typedef struct ip_ruler {
    double *edges; /* (n + 1) */
    size_t n;      /* bins, below 2^31 */
    bool is_even;  /* the bin can be guessed: */
    double lo, per_unit;
    ip_even_bins even; /* the same in single precision, with what that is off */
} ip_ruler;

/* Sets the outer edges of a ruler whose inner ones are set. */
ip_ruler ip_ruler_make(double *edges, size_t n);

/* Lets the bin be guessed: the edges lie at lo + j width / n_widths, each within `error`. */
void ip_ruler_guess(ip_ruler *ruler, double lo, double width, double n_widths, double error);

/* Bins (IP_BIN_BLOCK) of as many finite numbers. */
void ip_ruler_read(const ip_ruler *ruler, const double *t, int32_t *bins);

#endif
