/* number_rows.c - equal rows are found through a hash table
 *
 * The table is at most half full and whole rows are compared, so a collision costs time and never a
 * wrong number. Codes of few bits are packed first: a row of up to 64 bits is one word, and words
 * of so few bits that the table has a slot for each need no comparison. */
#include "info/info_internal.h"
#include <endian.h>
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

/* ---- rows of codes ---- */

/* Eight codes of a byte each, moved together to `bits` each: pairs, pairs of pairs, halves. */
static inline uint64_t squeeze(uint64_t codes, unsigned bits)
{
    const unsigned spare = 8 - bits;
    codes = (codes & 0x00ff00ff00ff00ff) | (codes & 0xff00ff00ff00ff00) >> spare;
    codes = (codes & 0x0000ffff0000ffff) | (codes & 0xffff0000ffff0000) >> 2 * spare;
    return (codes & 0x00000000ffffffff) | (codes & 0xffffffff00000000) >> 4 * spare;
}

/* The first m <= 8 of the bytes from `at`, of which eight can be read. */
static inline uint64_t read_bytes(const uint8_t *at, size_t m)
{
    uint64_t bytes;
    memcpy(&bytes, at, sizeof bytes);
    return le64toh(bytes) & UINT64_MAX >> 8 * (8 - m);
}

/* Rows of d >= 1 codes, d bits <= 64 in all, to words; rows of 8 bytes are words as they are. */
static void pack(size_t n, size_t d, const ip_codes *codes, bool squeezed, uint64_t *words)
{
    const unsigned bits = codes->bits;
    const size_t wholes = (d - 1) / 8, rest = d - 8 * wholes;
    const uint8_t *row = codes->narrow;
    for (size_t i = 0; i < n && !squeezed; i++, row += d)
        words[i] = read_bytes(row, rest);
    for (size_t i = 0; i < n && squeezed; i++, row += d) {
        uint64_t word = squeeze(read_bytes(row + 8 * wholes, rest), bits);
        for (size_t k = wholes; k-- > 0;)
            word = word << 8 * bits | squeeze(read_bytes(row + 8 * k, 8), bits);
        words[i] = word;
    }
}

/* Words below the number of slots. */
static size_t number_small_words(size_t n, const uint64_t *words, uint32_t *slots, uint32_t *number)
{
    uint32_t n_numbers = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t *slot = &slots[words[i]];
        if (*slot == 0)
            *slot = ++n_numbers;
        number[i] = *slot - 1;
    }
    return n_numbers;
}

static size_t number_words(size_t n, const uint64_t *words, uint32_t *slots, uint32_t *number)
{
    const size_t mask = count_slots(n) - 1;
    const unsigned shift = (unsigned)__builtin_clzll(mask);
    uint32_t n_numbers = 0;
    for (size_t i = 0; i < n; i++) {
        const uint64_t word = words[i];
        size_t at = (size_t)(word * 0x9e3779b97f4a7c15 >> shift); /* 2^64 / the golden ratio */
        while (slots[at] != 0 && words[slots[at] - 1] != word)
            at = (at + 1) & mask;
        if (slots[at] == 0) {
            slots[at] = (uint32_t)i + 1;
            number[i] = n_numbers++;
        } else {
            number[i] = number[slots[at] - 1];
        }
    }
    return n_numbers;
}

size_t ip_number_codes(size_t n, size_t d, const ip_codes *codes, uint64_t *words, void *table,
                       uint32_t *number)
{
    const size_t row_bits = d * codes->bits;
    if (codes->wide != NULL)
        return ip_number_rows(n, d * sizeof *codes->wide, codes->wide, table, number);
    if (row_bits > 64 || d == 0)
        return ip_number_rows(n, d, codes->narrow, table, number);
    const bool is_small = row_bits < 64 && 1ULL << row_bits <= count_slots(n);
    pack(n, d, codes, is_small || d > 8, words);
    memset(table, 0, ip_number_rows_bytes(n));
    if (is_small)
        return number_small_words(n, words, table, number);
    return number_words(n, words, table, number);
}
