/* worker.h - one number on this rank: its attempts, and the commit of what came out */
#ifndef WORKER_H
#define WORKER_H

#include "child.h"

typedef struct ip_worker {
    const ip_farm *farm;
    ip_child child;
    bool busy;
    uint64_t number;    /* the one it is busy with */
    ip_outcome outcome; /* of the last attempt */
} ip_worker;

/* farm is borrowed until close. Errors: IP_ERR_MEMORY. */
ip_status ip_worker_open(ip_worker *worker, const ip_farm *farm, ip_error *err) IP_CHECKED;

/* Begins a number; the worker must not be busy. */
ip_status ip_worker_begin(ip_worker *worker, uint64_t number, ip_error *err) IP_CHECKED;

/* Looks after the number, if there is one. Sets *ended when it has ended and is committed;
 * worker->outcome then tells how. Returns at once, except that without isolation it computes.
 * Errors: those of commit, and of starting a child. */
ip_status ip_worker_turn(ip_worker *worker, bool *ended, ip_error *err) IP_CHECKED;

/* Gives the number, if there is one, up: no outcome, no commit. */
void ip_worker_drop(ip_worker *worker);

/* Drops and frees. */
void ip_worker_close(ip_worker *worker);

#endif
