/* port.c - how the state of a number gets from compute to its parent
 *
 * Each change of turn hands the room over, so it releases what was done in the room before and is
 * acquired by the other side. */
#include "port.h"
#include <assert.h>

static_assert(ATOMIC_INT_LOCK_FREE == 2 && ATOMIC_BOOL_LOCK_FREE == 2,
              "a lock does not reach into another process");

enum { KEPT, ASKED, GIVEN };

/* ---- the parent's side ---- */

/* A state that was given but not taken stays. */
void ip_handover_ask(ip_handover *handover)
{
    int kept = KEPT;
    atomic_compare_exchange_strong_explicit(&handover->turn, &kept, ASKED, memory_order_release,
                                            memory_order_relaxed);
}

void ip_handover_stop(ip_handover *handover)
{
    atomic_store_explicit(&handover->stopping, true, memory_order_relaxed);
    ip_handover_ask(handover);
}

bool ip_handover_take(ip_handover *handover, size_t *bytes)
{
    if (atomic_load_explicit(&handover->turn, memory_order_acquire) != GIVEN)
        return false;
    *bytes = handover->bytes;
    atomic_store_explicit(&handover->turn, KEPT, memory_order_relaxed);
    return true;
}

/* ---- compute's side ---- */

static void let_parent_look(const ip_port *port)
{
    if (port->look != NULL)
        port->look(port->parent);
}

const void *ip_port_saved(const ip_port *port, size_t *bytes)
{
    *bytes = port->saved_bytes;
    return port->saved_bytes > 0 ? port->room : NULL;
}

bool ip_port_is_asked(const ip_port *port)
{
    let_parent_look(port);
    return atomic_load_explicit(&port->handover->turn, memory_order_acquire) == ASKED;
}

void *ip_port_room(ip_port *port)
{
    assert(atomic_load_explicit(&port->handover->turn, memory_order_relaxed) == ASKED);
    port->saved_bytes = 0;
    return port->room;
}

bool ip_port_give(ip_port *port, size_t bytes)
{
    ip_handover *handover = port->handover;
    assert(atomic_load_explicit(&handover->turn, memory_order_relaxed) == ASKED);
    assert(bytes <= port->room_bytes);
    handover->bytes = bytes;
    atomic_store_explicit(&handover->turn, GIVEN, memory_order_release);
    let_parent_look(port);
    return atomic_load_explicit(&handover->stopping, memory_order_relaxed);
}
