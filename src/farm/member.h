/* member.h - what every rank of a farm has: its worker, its messages, its naps */
#ifndef MEMBER_H
#define MEMBER_H

#include "worker.h"

enum { READY, WORK, ENDED, BEAT, STOP, LEAVE, LEFT, HOME };

typedef struct ip_message {
    uint64_t what;   /* one of the above */
    uint64_t index;  /* WORK and ENDED: the place of the number in the list */
    uint64_t number; /* WORK: the number itself */
    uint64_t value;  /* WORK: whether it is alone; ENDED: ip_outcome_kind; STOP, LEAVE: ip_stop */
} ip_message;

typedef struct ip_member {
    const ip_farm *farm;
    MPI_Comm comm;
    int rank, n_ranks;
    ip_worker worker;
    uint64_t index;  /* the place in the list of the number its worker is busy with */
    ip_message held; /* the WORK to begin after it; what = READY: none */
    double nap;
    double spoke; /* ip_clock when it last sent a message */
} ip_member;

void ip_member_send(ip_member *self, int to, ip_message message);

/* Takes a message out if one has come; *from is who sent it. */
bool ip_member_receive(ip_member *self, ip_message *message, int *from);

/* Ends a turn: a rank that had something to do looks again at once, an idle one more and more
 * rarely. */
void ip_member_rest(ip_member *self, bool moved);

#endif
