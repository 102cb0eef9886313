/* worker.h - one number on this rank: its attempts, its states, and the commit of what came out */
#ifndef WORKER_H
#define WORKER_H

#include "child.h"

typedef struct ip_worker {
    const ip_farm *farm;
    ip_child child;
    bool busy;
    bool alone;          /* no other number is at work */
    bool back;           /* the number was put back */
    uint64_t number;     /* the one it is busy with, until it is committed */
    ip_outcome outcome;  /* of the last attempt */
    double began, asked; /* ip_clock when the attempt began; then, or when its last state came */
    ip_stop stop;        /* how it was told to stop; it never begins a number again */
    double patience;     /* the child is killed when it has lived for so long */
    ip_error fault;      /* met inside compute's calls, without isolation */
} ip_worker;

/* farm is borrowed until close. Errors: IP_ERR_MEMORY. */
ip_status ip_worker_open(ip_worker *worker, const ip_farm *farm, ip_error *err) IP_CHECKED;

/* Begins a number; the worker must be neither busy nor told to stop. Errors: those of begin, and of
 * starting a child. */
ip_status ip_worker_begin(ip_worker *worker, uint64_t number, bool alone, ip_error *err) IP_CHECKED;

/* Looks after the number, if there is one. Sets *ended when it has ended and is committed;
 * worker->outcome then tells how. Returns at once, except that without isolation it computes.
 * Errors: those of commit, lost and begin, and of starting a child. */
ip_status ip_worker_turn(ip_worker *worker, bool *ended, ip_error *err) IP_CHECKED;

/* Puts the number, if there is one, back and asks for its state; the next turns see it end. A grade
 * that is not above the last one changes nothing. Errors: those of put_back. */
ip_status ip_worker_stop(ip_worker *worker, ip_stop grade, ip_error *err) IP_CHECKED;

/* Puts the number, if there is one, back, unless that was done. Errors: those of put_back. */
ip_status ip_worker_put_back(ip_worker *worker, ip_error *err) IP_CHECKED;

/* Frees; ends the child, if there is one. */
void ip_worker_close(ip_worker *worker);

/* What farm->stop says now. */
ip_stop ip_farm_flag(const ip_farm *farm);

#endif
