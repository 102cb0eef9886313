/* roll.c - rank 0's roll of the ranks: who has how many numbers, who has left, who was heard when
 */
#include "roll.h"
#include "child.h"
#include "infoplane/clock.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static ip_ring ring_of(int capacity)
{
    return (ip_ring){.at = calloc((size_t)capacity, sizeof(int)), .capacity = capacity};
}

static void push(ip_ring *ring, int rank)
{
    assert(ring->n < ring->capacity);
    ring->at[(ring->first + ring->n++) % ring->capacity] = rank;
}

static int pop(ip_ring *ring)
{
    const int rank = ring->at[ring->first];
    ring->first = (ring->first + 1) % ring->capacity;
    ring->n--;
    return rank;
}

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
        roll->numbers = calloc((size_t)n, sizeof *roll->numbers);
        roll->in_single = calloc((size_t)n, sizeof *roll->in_single);
        roll->waiting = ring_of(n);
        roll->single = ring_of(n);
        if (roll->hosts == NULL || roll->heard == NULL || roll->left == NULL ||
            roll->numbers == NULL || roll->in_single == NULL || roll->waiting.at == NULL ||
            roll->single.at == NULL)
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

/* Rank 0 gives itself a number in no time, so none need follow. */
static void note_single(ip_roll *roll, int rank)
{
    if (rank == 0 || roll->in_single[rank])
        return;
    roll->in_single[rank] = true;
    push(&roll->single, rank);
}

void ip_roll_ready(ip_roll *roll, int rank)
{
    push(&roll->waiting, rank);
}

void ip_roll_ended(ip_roll *roll, int rank)
{
    assert(roll->numbers[rank] > 0);
    if (--roll->numbers[rank] == 0)
        push(&roll->waiting, rank);
    else
        note_single(roll, rank);
}

int ip_roll_give(ip_roll *roll)
{
    if (roll->waiting.n == 0)
        return -1;
    const int rank = pop(&roll->waiting);
    roll->numbers[rank] = 1;
    note_single(roll, rank);
    return rank;
}

int ip_roll_give_ahead(ip_roll *roll)
{
    while (roll->single.n > 0) {
        const int rank = pop(&roll->single);
        roll->in_single[rank] = false;
        if (roll->numbers[rank] != 1)
            continue;
        roll->numbers[rank] = 2;
        return rank;
    }
    return -1;
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
    free(roll->numbers);
    free(roll->in_single);
    free(roll->waiting.at);
    free(roll->single.at);
}
