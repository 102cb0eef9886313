/* info_internal.h - what the estimators share */
#ifndef IP_INFO_INTERNAL_H
#define IP_INFO_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of the table that ip_number_rows needs for n rows. */
size_t ip_number_rows_bytes(size_t n);

/* Numbers the rows by first appearance: rows of equal bytes, equal numbers. Returns how many
 * numbers there are. n < 2^32 - 1; number (n). O(n) time. */
size_t ip_number_rows(size_t n, size_t row_bytes, const void *rows, void *table, uint32_t *number);

#endif
