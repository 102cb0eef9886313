/* arena.h - memory with one life
 *
 * A job takes everything it needs from one arena before its first epoch and gives it back at once,
 * so the training loop never allocates. Blocks are zeroed and aligned to 64 bytes (a cache line, a
 * vector of any instruction set). */
#ifndef INFOPLANE_ARENA_H
#define INFOPLANE_ARENA_H

#include "infoplane/error.h"
#include <stdbool.h>
#include <stddef.h>

typedef struct ip_arena {
    struct ip_arena_block *blocks; /* newest first */
    size_t bytes;                  /* handed out so far, padding included */
    bool failed;                   /* an allocation could not be met */
} ip_arena;

/* An empty arena is all zero: `ip_arena arena = {0};`. */

/* count elements of size bytes each, zeroed; NULL after a failure (which sticks: see
 * ip_arena_check) or when count is 0. Owned by the arena. */
void *ip_arena_alloc(ip_arena *arena, size_t count, size_t size);

/* IP_ERR_MEMORY when any allocation since the arena began could not be met. To be called after a
 * group of allocations, before their memory is used. */
ip_status ip_arena_check(const ip_arena *arena, ip_error *err) IP_CHECKED;

/* Frees every block; the arena can be used again. */
void ip_arena_release(ip_arena *arena);

#endif
