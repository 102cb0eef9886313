/* child_main.h - what runs in the child, and the memory it shares with its parent */
#ifndef CHILD_MAIN_H
#define CHILD_MAIN_H

#include "port.h"
#include <sys/types.h>

typedef struct ip_child_report {
    _Atomic uint64_t resident_bytes; /* before compute began; 0: it did not begin yet */
    bool finished;                   /* compute returned */
    ip_status status;                /* what it returned */
    ip_error error;
    ip_handover handover;
} ip_child_report;

/* The child's life, from after the fork to _exit. */
_Noreturn void ip_child_main(const ip_farm *farm, uint64_t number, pid_t parent,
                             ip_child_report *report, ip_port *port, void *result);

/* Reads the sizes of a process from /proc/PID/statm (PID may be self). False when it has gone. */
bool ip_child_sizes(const char *pid, uint64_t *virtual_bytes, uint64_t *resident_bytes);

#endif
