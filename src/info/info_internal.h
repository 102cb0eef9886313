/* info_internal.h - what the estimators share */
#ifndef IP_INFO_INTERNAL_H
#define IP_INFO_INTERNAL_H

#include "infoplane/estimator.h"
#include <math.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the table that ip_number_rows needs for n rows. */
size_t ip_number_rows_bytes(size_t n);

/* Numbers the rows by first appearance: rows of equal bytes, equal numbers. Returns how many
 * numbers there are. n < 2^32 - 1; number (n). O(n) time. */
size_t ip_number_rows(size_t n, size_t row_bytes, const void *rows, void *table, uint32_t *number);

/* The same of rows of d codes; words (n) is room. */
size_t ip_number_codes(size_t n, size_t d, const ip_codes *codes, uint64_t *words, void *table,
                       uint32_t *number);

/* Whether some activation is larger than 1: a fixed width does not mean the same there. The range
 * is known. */
static inline bool ip_reaches_beyond_one(const ip_sample *sample)
{
    return sample->range[0] < -1 || sample->range[1] > 1;
}

/* Sum of w log2 w over n weights. */
static inline double ip_sum_of_logs(size_t n, const double *w)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        if (w[i] > 0.0 && w[i] != 1.0)
            sum += w[i] * log2(w[i]);
    }
    return sum;
}

/* log2 W - (1/W) sum of w log2 w: the entropy of n weights w / W. */
double ip_entropy_of_weights(size_t n, const double *w, double total);

/* Sum over the labels of w log2 w of row i: kept once it was worked out. */
static inline double ip_weighing_row(const ip_weighing *weighing, size_t c, size_t i)
{
    double *sum = &weighing->row_sum[i];
    if (isnan(*sum))
        *sum = ip_sum_of_logs(c, weighing->w_xy + i * c);
    return *sum;
}

/* Sets h_x and h_xy, unless they are. */
void ip_weighing_rows(ip_weighing *weighing, size_t n, size_t c);

#endif
