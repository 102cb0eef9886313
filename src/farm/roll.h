/* roll.h - rank 0's roll of the ranks: who waits for a number, who has left, who was heard when
 *
 * Time is counted while rank 0 takes turns: a whole job that is suspended and continued falls
 * silent for nobody. */
#ifndef ROLL_H
#define ROLL_H

#include "infoplane/farm.h"

enum { IP_HOST_SIZE = 64 };

typedef struct ip_roll {
    int n;
    char (*hosts)[IP_HOST_SIZE]; /* (n) */
    double *heard;               /* (n) the time of the last message */
    bool *left;                  /* (n) */
    int n_left;
    int *queue; /* (n) a ring of those who wait for a number, first come first served */
    int first, n_waiting;
    double time, looked; /* seconds awake; when that was last brought forward */
} ip_roll;

/* Gathers the names of the hosts on rank 0, which alone gets a roll. Collective. Errors:
 * IP_ERR_MEMORY. */
ip_status ip_roll_open(ip_roll *roll, MPI_Comm comm, ip_error *err) IP_CHECKED;

/* Counts a turn of rank 0. */
void ip_roll_turn(ip_roll *roll);

/* A message came; LEFT is the last one. */
void ip_roll_hear(ip_roll *roll, int rank);
void ip_roll_leave(ip_roll *roll, int rank);

/* Who waits longest goes first; none may be waiting already, and some must wait. */
void ip_roll_queue(ip_roll *roll, int rank);
int ip_roll_next(ip_roll *roll);

/* A rank from 1 that has not left and was not heard of for longer than seconds; 0: none. */
int ip_roll_silent(const ip_roll *roll, double seconds);

/* "rank 3 (host n1), rank 4 (host n2) and 7 more": who from rank 1 has not left. */
void ip_roll_describe_missing(const ip_roll *roll, char *text, size_t bytes);

void ip_roll_close(ip_roll *roll);

#endif
