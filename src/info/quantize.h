/* quantize.h - what the rules of ip_quantize share, for the files of info/ alone */
#ifndef QUANTIZE_H
#define QUANTIZE_H

#include "info/ruler.h"
#include "infoplane/estimator.h"

/* What a call works on. */
typedef struct ip_reading {
    ip_quantizer *quantizer;
    const ip_binning_options *options;
    void *room; /* for the codes */
    ip_codes *codes;
    size_t n_clipped, n_outermost; /* activations outside the range, in the first and last bin */
} ip_reading;

/* Begins codes of first .. first + n_codes - 1. */
void ip_reading_begin(ip_reading *r, int64_t first, uint64_t n_codes);

/* Codes of every stride-th activation from `first`: bins of the ruler, from the first code. Counts
 * those in the outermost bins. */
void ip_reading_take(ip_reading *r, const ip_ruler *ruler, size_t first, size_t stride);

/* Rules: the activations are sorted once for all requests of a sample. */
ip_status ip_quantize_equal_freq(ip_reading *r, unsigned *flags, ip_error *err);
ip_status ip_quantize_ebab(ip_reading *r, unsigned *flags, ip_error *err);

/* Doubles of scratch with which n numbers are sorted. */
size_t ip_quantize_sorting(size_t n);

#endif
