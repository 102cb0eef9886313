/* test_arena.c - blocks are zeroed, aligned and apart; a failure sticks until it is released */
#include "check.h"
#include "infoplane/arena.h"
#include <stdint.h>

static void blocks(void)
{
    static const size_t sizes[] = {1, 63, 64, 65, 4096, 100000};
    ip_arena arena = {0};
    ip_error err;
    unsigned char *at[IP_LENGTH(sizes)];
    size_t asked = 0;
    for (size_t i = 0; i < IP_LENGTH(sizes); i++) {
        at[i] = ip_arena_alloc(&arena, sizes[i], 1);
        asked += sizes[i];
        CHECK(at[i] != NULL && (uintptr_t)at[i] % 64 == 0);
        for (size_t j = 0; at[i] != NULL && j < sizes[i]; j++)
            CHECK(at[i][j] == 0);
        memset(at[i], (int)i + 1, sizes[i]);
    }
    for (size_t i = 0; i < IP_LENGTH(sizes); i++) /* no later block wrote into an earlier one */
        CHECK(at[i][0] == i + 1 && at[i][sizes[i] - 1] == i + 1);
    CHECK(arena.bytes >= asked);
    CHECK(ip_arena_check(&arena, &err) == IP_OK);
    ip_arena_release(&arena);
    CHECK(arena.blocks == NULL && arena.bytes == 0 && !arena.failed);
}

static void nothing(void)
{
    ip_arena arena = {0};
    ip_error err;
    CHECK(ip_arena_alloc(&arena, 0, 8) == NULL);
    CHECK(ip_arena_alloc(&arena, 8, 0) == NULL);
    CHECK(ip_arena_check(&arena, &err) == IP_OK);
    ip_arena_release(&arena);
    ip_arena_release(&arena);
}

/* Products that do not fit a size_t, or hardly. */
static void too_much(void)
{
    static const size_t asked[][2] = {
        {SIZE_MAX, 1}, {SIZE_MAX / 2 + 1, 2}, {SIZE_MAX / 8 + 2, 8}, {SIZE_MAX - 127, 1}};
    for (size_t i = 0; i < IP_LENGTH(asked); i++) {
        ip_arena arena = {0};
        ip_error err;
        CHECK(ip_arena_alloc(&arena, 10, 4) != NULL);
        CHECK(ip_arena_alloc(&arena, asked[i][0], asked[i][1]) == NULL);
        CHECK(ip_arena_alloc(&arena, 10, 4) == NULL);
        CHECK(ip_arena_check(&arena, &err) == IP_ERR_MEMORY);
        CHECK(err.status == IP_ERR_MEMORY);
        CHECK_HAS(err.text, "out of memory");
        CHECK(ip_arena_check(&arena, NULL) == IP_ERR_MEMORY);
        ip_arena_release(&arena);
        CHECK(ip_arena_alloc(&arena, 10, 4) != NULL);
        CHECK(ip_arena_check(&arena, &err) == IP_OK);
        ip_arena_release(&arena);
    }
}

int main(void)
{
    blocks();
    blocks(); /* now in memory that was written to */
    nothing();
    too_much();
    return check_finish();
}
