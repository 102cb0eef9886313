/* member.c - messages and naps of a rank
 *
 * Nobody waits inside MPI, which would burn a core. */
#include "member.h"
#include "infoplane/clock.h"
#include <math.h>

static const double nap_shortest = 100e-6, nap_longest = 2e-3;

void ip_member_send(ip_member *self, int to, ip_message message)
{
    MPI_Send(&message, (int)(sizeof message / sizeof message.what), MPI_UINT64_T, to, 0,
             self->comm);
    self->spoke = ip_clock();
}

bool ip_member_receive(ip_member *self, ip_message *message, int *from)
{
    int here = 0;
    MPI_Status status;
    if (self->n_ranks > 1)
        MPI_Iprobe(MPI_ANY_SOURCE, 0, self->comm, &here, &status);
    if (!here)
        return false;
    *from = status.MPI_SOURCE;
    MPI_Recv(message, (int)(sizeof *message / sizeof message->what), MPI_UINT64_T, *from, 0,
             self->comm, MPI_STATUS_IGNORE);
    return true;
}

void ip_member_rest(ip_member *self, bool moved)
{
    if (!moved)
        ip_child_nap(&self->worker.child, self->nap);
    self->nap = moved ? nap_shortest : fmin(fmax(2 * self->nap, nap_shortest), nap_longest);
}
