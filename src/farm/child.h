/* child.h - one attempt at one number, in a process of its own
 *
 * The child writes its result into memory that it shares with its parent, and dies with it. The
 * parent never waits for it: it looks (poll) and sleeps a little (nap). Linux only: /proc for the
 * resident size, prctl for dying with the parent. */
#ifndef CHILD_H
#define CHILD_H

#include "port.h"
#include <sys/types.h>

typedef struct ip_child {
    const ip_farm *farm;
    struct ip_child_report *report; /* the shared memory: how compute ended, from the next */
    void *result;                   /* page on its result, and then the room for its state */
    size_t shared_bytes;
    ip_port port;        /* the way to the room */
    pid_t pid;           /* 0 when none runs */
    int pipe;            /* hangs up when the child dies; -1 once that was seen */
    double began;        /* ip_clock at the fork */
    double looked;       /* at the last poll */
    double lived;        /* seconds since the fork, while the parent was awake */
    double measured;     /* when its memory was last looked at */
    uint64_t peak_bytes; /* the largest resident size that was seen */
    bool late;           /* it was killed for its time */
    bool large;          /* it was killed for its memory */
} ip_child;

/* Maps the shared memory; farm is borrowed until close. Errors: IP_ERR_MEMORY. */
ip_status ip_child_open(ip_child *child, const ip_farm *farm, ip_error *err) IP_CHECKED;

/* Zeroes the result and the report, as every attempt finds them; it also finds the saved state,
 * which is the first saved_bytes of the room. */
void ip_child_clear(ip_child *child, size_t saved_bytes);

/* Forks an attempt at number, after clear; none may be running. Errors: IP_ERR_MEMORY when the
 * system has no process or file left for it. */
ip_status ip_child_start(ip_child *child, uint64_t number, ip_error *err) IP_CHECKED;

/* Kills the child when it has passed a limit. Sets *ended when it is no more; *outcome, but for
 * the attempts, then tells how it went, and child->result holds what it left. */
ip_status ip_child_poll(ip_child *child, bool *ended, ip_outcome *outcome,
                        ip_error *err) IP_CHECKED;

/* Sleeps for so many seconds, or until the child, if there is one, or a signal wakes it up. */
void ip_child_nap(ip_child *child, double seconds);

/* Ends the child, if there is one, at once and without an outcome. */
void ip_child_kill(ip_child *child);

/* Kills the child and unmaps the memory. */
void ip_child_close(ip_child *child);

/* The seconds since *looked, which becomes now, but one at most: a process that was stopped for
 * hours, or whose machine was, has not waited for hours. For who looks many times a second. */
double ip_farm_awake(double *looked);

#endif
