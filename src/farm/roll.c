/* roll.c - rank 0's roll of the ranks: who waits for a number, who has left, who was heard when */
#include "roll.h"
#include "child.h"
#include "infoplane/clock.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

ip_status ip_roll_open(ip_roll *roll, MPI_Comm comm, ip_error *err)
{
    char host[IP_HOST_SIZE] = "";
    int rank, n;
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &n);
    gethostname(host, sizeof host - 1);
    *roll = (ip_roll){.n = n, .looked = ip_clock()};
    if (rank == 0) {
        roll->hosts = calloc((size_t)n, sizeof *roll->hosts);
        roll->heard = calloc((size_t)n, sizeof *roll->heard);
        roll->left = calloc((size_t)n, sizeof *roll->left);
        roll->queue = calloc((size_t)n, sizeof *roll->queue);
        if (roll->hosts == NULL || roll->heard == NULL || roll->left == NULL || roll->queue == NULL)
            return ip_fail(err, IP_ERR_MEMORY, "out of memory for %d ranks", n);
    }
    MPI_Gather(host, IP_HOST_SIZE, MPI_CHAR, roll->hosts, IP_HOST_SIZE, MPI_CHAR, 0, comm);
    return IP_OK;
}

void ip_roll_turn(ip_roll *roll)
{
    roll->time += ip_farm_awake(&roll->looked);
}

void ip_roll_hear(ip_roll *roll, int rank)
{
    roll->heard[rank] = roll->time;
}

void ip_roll_leave(ip_roll *roll, int rank)
{
    assert(!roll->left[rank]);
    roll->left[rank] = true;
    roll->n_left++;
}

void ip_roll_queue(ip_roll *roll, int rank)
{
    assert(roll->n_waiting < roll->n);
    roll->queue[(roll->first + roll->n_waiting++) % roll->n] = rank;
}

int ip_roll_next(ip_roll *roll)
{
    assert(roll->n_waiting > 0);
    const int rank = roll->queue[roll->first];
    roll->first = (roll->first + 1) % roll->n;
    roll->n_waiting--;
    return rank;
}

int ip_roll_silent(const ip_roll *roll, double seconds)
{
    int rank = roll->n - 1;
    while (rank > 0 && (roll->left[rank] || roll->time - roll->heard[rank] <= seconds))
        rank--;
    return rank;
}

void ip_roll_describe_missing(const ip_roll *roll, char *text, size_t bytes)
{
    enum { NAMED = 3 };
    int missing = 0, length = 0;
    text[0] = '\0';
    for (int rank = 1; rank < roll->n; rank++) {
        if (!roll->left[rank] && missing++ < NAMED && (size_t)length < bytes)
            length += snprintf(text + length, bytes - (size_t)length, "%srank %d (host %s)",
                               missing > 1 ? ", " : "", rank, roll->hosts[rank]);
    }
    if (missing > NAMED && (size_t)length < bytes)
        snprintf(text + length, bytes - (size_t)length, " and %d more", missing - NAMED);
}

void ip_roll_close(ip_roll *roll)
{
    free(roll->hosts);
    free(roll->heard);
    free(roll->left);
    free(roll->queue);
}
