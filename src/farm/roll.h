/* roll.h - rank 0's roll of the ranks: who has how many numbers, who has left, who was heard when
 *
 * Time is counted while rank 0 takes turns: a whole job that is suspended and continued falls
 * silent for nobody. */
#ifndef ROLL_H
#define ROLL_H

#include "infoplane/farm.h"

enum { IP_HOST_SIZE = 64 };

/* A queue of ranks, each at most once. */
typedef struct ip_ring {
    int *at; /* (capacity) */
    int capacity, first, n;
} ip_ring;

typedef struct ip_roll {
    int n;
    char (*hosts)[IP_HOST_SIZE]; /* (n) */
    double *heard;               /* (n) the time of the last message */
    bool *left;                  /* (n) */
    int n_left;
    int *numbers;        /* (n) that a rank has: at work, and one that follows */
    ip_ring waiting;     /* ranks that want a number, first come first served */
    ip_ring single;      /* ranks that have one, though perhaps no longer */
    bool *in_single;     /* (n) */
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

/* A rank wants its first number; one of its numbers has ended. */
void ip_roll_ready(ip_roll *roll, int rank);
void ip_roll_ended(ip_roll *roll, int rank);

/* The rank that waits longest for a number / that has one and none to follow, and has it no longer:
 * it is given one. -1: none. */
int ip_roll_give(ip_roll *roll);
int ip_roll_give_ahead(ip_roll *roll);

/* A rank from 1 that has not left and was not heard of for longer than seconds; 0: none. */
int ip_roll_silent(const ip_roll *roll, double seconds);

/* "rank 3 (host n1), rank 4 (host n2) and 7 more": who from rank 1 has not left. */
void ip_roll_describe_missing(const ip_roll *roll, char *text, size_t bytes);

void ip_roll_close(ip_roll *roll);

#endif
