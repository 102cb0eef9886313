/* clang-format off */
/* port.h - how the state of a number gets from compute to its parent
 *
 * There is one room, in shared memory, and a word beside it that says whose turn it is:
 *
 *     parent                         compute
 *       | ---- ask ------------------> |   ASKED: the room is compute's, who copies between two steps
 *       | <--- give ------------------ |   GIVEN: the state is whole, the room the parent's
 *       |      take                    |   KEPT:  the parent has saved it, and may ask again
 *
 * A child that dies while it copies has not given, so nobody takes a torn state. At the start the
 * room holds what begin put there, which compute reads before it first writes. Without isolation
 * both sides are one process and the parent takes its turn inside compute's calls. */
/* clang-format on */
#ifndef PORT_H
#define PORT_H

#include "infoplane/farm.h"
#include <stdatomic.h>

/* Lies in shared memory; all zero is the start of an attempt. */
typedef struct ip_handover {
    _Atomic int turn;
    _Atomic bool stopping; /* the state asked for is the last one */
    size_t bytes;          /* of the state given; ordered by turn */
} ip_handover;

struct ip_port {
    ip_handover *handover;
    void *room;                 /* NULL when farm->state_bytes is 0 */
    size_t room_bytes;          /* farm->state_bytes */
    size_t saved_bytes;         /* of the saved state that the room holds */
    void (*look)(void *parent); /* without isolation: the parent's turn; NULL in a child */
    void *parent;
};

/* ---- the parent's side ---- */

/* Asks for the state, unless it was asked for already. */
void ip_handover_ask(ip_handover *handover);

/* Asks for the last one. */
void ip_handover_stop(ip_handover *handover);

/* Whether a state was given, and its length; the room is the parent's until it asks again. */
bool ip_handover_take(ip_handover *handover, size_t *bytes);

#endif
