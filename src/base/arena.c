/* arena.c - one malloc per allocation, chained: jobs allocate a few dozen large arrays */
#include "infoplane/arena.h"
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT ((size_t)64)

struct ip_arena_block {
    struct ip_arena_block *next;
};

static_assert(sizeof(struct ip_arena_block) <= ALIGNMENT, "the block's head fits before its data");

void *ip_arena_alloc(ip_arena *arena, size_t count, size_t size)
{
    if (count == 0 || size == 0)
        return NULL;
    if (arena->failed || count > (SIZE_MAX - 2 * ALIGNMENT) / size) {
        arena->failed = true;
        return NULL;
    }
    const size_t bytes = (count * size + 2 * ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    struct ip_arena_block *block = aligned_alloc(ALIGNMENT, bytes);
    if (block == NULL) {
        arena->failed = true;
        return NULL;
    }
    memset(block, 0, bytes);
    block->next = arena->blocks;
    arena->blocks = block;
    arena->bytes += bytes;
    return (char *)block + ALIGNMENT;
}

ip_status ip_arena_check(const ip_arena *arena, ip_error *err)
{
    if (arena->failed)
        return ip_fail(err, IP_ERR_MEMORY, "out of memory after %zu bytes", arena->bytes);
    return IP_OK;
}

void ip_arena_release(ip_arena *arena)
{
    while (arena->blocks != NULL) {
        struct ip_arena_block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
    *arena = (ip_arena){0};
}
