/* dataset_identity.c - which inputs are equal, and the digest that says whether two datasets are
 *
 * Rows of x are compared as bytes, after ip_dataset_finish has made them canonical.
 * Digest: XXH3, 128 bits, of n, d, c (8 bytes each, little-endian), x, p_y_given_x, p_x, one byte
 * that tells whether a split follows, split. Cost: O(n (d + c)) time, 16 n bytes while numbering.
 */
#include "data/parts.h"
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the digest takes numbers as they lie in memory, which must be little-endian"
#endif

/* Smallest power of two that is at least twice n: the table stays half empty. */
static size_t table_size(size_t n)
{
    size_t size = 4;
    while (size < 2 * n)
        size *= 2;
    return size;
}

ip_status ip_rows_number(size_t n, size_t row_bytes, const void *rows, uint32_t *number,
                         size_t *n_numbers, ip_error *err)
{
    const unsigned char *bytes = rows;
    const size_t size = table_size(n);
    uint32_t *slots = calloc(size, sizeof *slots); /* 1 + the first row with these bytes */
    if (slots == NULL)
        return ip_fail(err, IP_ERR_MEMORY, "out of memory for the inputs of %zu rows", n);
    *n_numbers = 0;
    for (size_t i = 0; i < n; i++) {
        const unsigned char *row = bytes + i * row_bytes;
        size_t at = (size_t)XXH3_64bits(row, row_bytes) & (size - 1);
        while (slots[at] != 0 && memcmp(row, bytes + (slots[at] - 1) * row_bytes, row_bytes) != 0)
            at = (at + 1) & (size - 1);
        if (slots[at] == 0) {
            slots[at] = (uint32_t)i + 1;
            number[i] = (uint32_t)(*n_numbers)++;
        } else {
            number[i] = number[slots[at] - 1];
        }
    }
    free(slots);
    return IP_OK;
}

static void print_digest(XXH128_hash_t hash, char digest[IP_DIGEST_SIZE])
{
    snprintf(digest, IP_DIGEST_SIZE, "%016llx%016llx", (unsigned long long)hash.high64,
             (unsigned long long)hash.low64);
}

ip_status ip_dataset_fill_digest(ip_dataset *dataset, ip_error *err)
{
    XXH3_state_t *state = XXH3_createState();
    if (state == NULL)
        return ip_fail(err, IP_ERR_MEMORY, "out of memory for a digest");
    const size_t n = dataset->n;
    const uint64_t shape[3] = {n, dataset->d, dataset->c};
    const uint8_t has_split = dataset->split != NULL;
    XXH3_128bits_reset(state);
    XXH3_128bits_update(state, shape, sizeof shape);
    XXH3_128bits_update(state, dataset->x, n * dataset->d * sizeof *dataset->x);
    XXH3_128bits_update(state, dataset->p_y_given_x, n * dataset->c * sizeof(double));
    XXH3_128bits_update(state, dataset->p_x, n * sizeof *dataset->p_x);
    XXH3_128bits_update(state, &has_split, 1);
    if (has_split)
        XXH3_128bits_update(state, dataset->split, n);
    print_digest(XXH3_128bits_digest(state), dataset->digest);
    XXH3_freeState(state);
    return IP_OK;
}
