/* number_rows.c - equal rows are found through a hash table
 *
 * The table is at most half full and whole rows are compared, so a collision costs time and never a
 * wrong number. */
#include "info/info_internal.h"
#include <string.h>
#include <xxhash.h>

/* Smallest power of two that is at least twice n. */
static size_t count_slots(size_t n)
{
    size_t slots = 4;
    while (slots < 2 * n)
        slots *= 2;
    return slots;
}

size_t ip_number_rows_bytes(size_t n)
{
    return count_slots(n) * sizeof(uint32_t);
}

size_t ip_number_rows(size_t n, size_t row_bytes, const void *rows, void *table, uint32_t *number)
{
    const unsigned char *bytes = rows;
    uint32_t *slots = table; /* 1 + the first row of a number; 0 = empty */
    const size_t mask = count_slots(n) - 1;
    size_t n_numbers = 0;
    memset(slots, 0, ip_number_rows_bytes(n));
    for (size_t i = 0; i < n; i++) {
        const unsigned char *row = bytes + i * row_bytes;
        size_t at = (size_t)XXH3_64bits(row, row_bytes) & mask;
        while (slots[at] != 0 && memcmp(row, bytes + (slots[at] - 1) * row_bytes, row_bytes) != 0)
            at = (at + 1) & mask;
        if (slots[at] == 0) {
            slots[at] = (uint32_t)i + 1;
            number[i] = (uint32_t)n_numbers++;
        } else {
            number[i] = number[slots[at] - 1];
        }
    }
    return n_numbers;
}
