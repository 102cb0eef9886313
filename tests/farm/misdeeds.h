/* misdeeds.h - what a computation can do wrong, and how the farm must report it */
#ifndef MISDEEDS_H
#define MISDEEDS_H

#include "infoplane/farm.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The limits under which the table below holds. */
static const double misdeed_seconds = 2; /* for a busy machine */
static const uint64_t misdeed_bytes = UINT64_C(64) << 20;

typedef struct misdeed {
    const char *name;
    ip_status (*act)(ip_error *err);
    ip_outcome_kind kind;
    const char *reason; /* where it ends in a comma or a colon, the peak of the memory follows */
} misdeed;

static inline ip_status deed_error(ip_error *err)
{
    return ip_fail(err, IP_ERR_NUMERIC, "the loss is not finite after epoch 7");
}

static inline ip_status deed_out_of_memory(ip_error *err)
{
    return ip_fail(err, IP_ERR_MEMORY, "out of memory after 12 bytes");
}

static inline ip_status deed_null(ip_error *err)
{
    volatile int *volatile nowhere = NULL;
    *nowhere = 1;
    return ip_fail(err, IP_ERR_INTERNAL, "address 0 was written");
}

static inline ip_status deed_abort(ip_error *err)
{
    (void)err;
    abort();
}

static inline ip_status deed_endless(ip_error *err)
{
    volatile unsigned turns = 0;
    while (turns < 10)
        turns %= 10;
    return ip_fail(err, IP_ERR_INTERNAL, "came to an end after %u turns", turns);
}

/* Takes memory and writes to each page of it; false when there is none. The writes are volatile,
 * for a compiler may drop those that nobody reads. */
static inline bool hold_memory(size_t bytes)
{
    volatile char *held = malloc(bytes);
    for (size_t i = 0; held != NULL && i < bytes; i += 1024)
        held[i] = 1;
    return held != NULL;
}

/* Holds more and more until there is no more, then dies of it. */
static inline ip_status deed_greedy(ip_error *err)
{
    (void)err;
    while (hold_memory((size_t)1 << 20))
        continue;
    abort();
}

static inline unsigned dig(volatile unsigned *depth)
{
    volatile char room[4096];
    room[0] = (char)++*depth;
    return *depth == 0 ? 0 : dig(depth) + (unsigned)room[0];
}

static inline ip_status deed_deep(ip_error *err)
{
    volatile unsigned depth = 0;
    return ip_fail(err, IP_ERR_INTERNAL, "the stack held %u calls", dig(&depth));
}

static inline ip_status deed_exit_3(ip_error *err)
{
    (void)err;
    exit(3);
}

static inline ip_status deed_exit_0(ip_error *err)
{
    (void)err;
    exit(0);
}

static inline ip_status deed_leave(ip_error *err)
{
    (void)err;
    _exit(0);
}

static inline ip_status deed_killed(ip_error *err)
{
    raise(SIGKILL);
    return ip_fail(err, IP_ERR_INTERNAL, "survived SIGKILL");
}

static inline ip_status deed_division(ip_error *err)
{
    raise(SIGFPE);
    return ip_fail(err, IP_ERR_INTERNAL, "survived SIGFPE");
}

/* The names of the signals are those of the C library. */
static const misdeed misdeeds[] = {
    {"error", deed_error, IP_OUTCOME_FAILED, "the loss is not finite after epoch 7"},
    {"out of memory", deed_out_of_memory, IP_OUTCOME_FAILED, "out of memory after 12 bytes"},
#ifndef IP_SANITIZE
    {"null", deed_null, IP_OUTCOME_LOST, "signal 11 (Segmentation fault)"},
    {"abort", deed_abort, IP_OUTCOME_LOST, "signal 6 (Aborted)"},
    {"endless", deed_endless, IP_OUTCOME_LOST, "ran longer than 2 s"},
    {"greedy", deed_greedy, IP_OUTCOME_LOST, "used more than 64 MiB of memory:"},
    {"deep", deed_deep, IP_OUTCOME_LOST, "signal 11 (Segmentation fault)"},
    {"exit 3", deed_exit_3, IP_OUTCOME_LOST, "exit code 3"},
    {"exit 0", deed_exit_0, IP_OUTCOME_LOST, "ended without a result"},
    {"leave", deed_leave, IP_OUTCOME_LOST, "ended without a result"},
    {"killed", deed_killed, IP_OUTCOME_LOST, "signal 9 (Killed): perhaps out of memory,"},
    {"division", deed_division, IP_OUTCOME_LOST, "signal 8 (Floating point exception)"},
#endif
};

/* "" when the reason is the one that the table tells, else that one. */
static inline const char *wrong_reason(const char *reason, const misdeed *deed)
{
    const size_t length = strlen(deed->reason);
    const bool peak = strchr(",:", deed->reason[length - 1]) != NULL;
    double mib = -1;
    int end = 0;
    if (strncmp(reason, deed->reason, length) != 0)
        return deed->reason;
    if (peak)
        sscanf(reason + length, " %lf MiB at its peak%n", &mib, &end);
    return reason[length + (size_t)end] == '\0' && peak == (mib >= 0) ? "" : deed->reason;
}

#endif
