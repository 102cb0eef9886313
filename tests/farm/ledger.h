/* ledger.h - what happened to each of n numbers, over all ranks and children */
#ifndef LEDGER_H
#define LEDGER_H

#include "check_mpi.h"
#include "infoplane/farm.h"
#include <assert.h>
#include <sys/mman.h>

typedef struct ledger {
    MPI_Comm comm;
    int rank, n_ranks;
    size_t n;
    int *computed;        /* shared with the child: how often compute began */
    int *committed;       /* how often it was committed */
    ip_outcome *outcomes; /* all zero where nothing was committed */
} ledger;

static inline void *share_bytes(size_t bytes)
{
    void *shared = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert(shared != MAP_FAILED);
    return shared;
}

static inline void ledger_open(ledger *book, size_t n)
{
    *book = (ledger){.comm = MPI_COMM_WORLD, .n = n};
    MPI_Comm_rank(book->comm, &book->rank);
    MPI_Comm_size(book->comm, &book->n_ranks);
    book->computed = share_bytes((n + 1) * sizeof *book->computed);
    book->committed = calloc(n + 1, sizeof *book->committed);
    book->outcomes = calloc(n + 1, sizeof *book->outcomes);
    assert(book->committed != NULL && book->outcomes != NULL);
}

static inline void ledger_commit(ledger *book, size_t i, const ip_outcome *outcome)
{
    book->committed[i]++;
    book->outcomes[i] = *outcome;
}

/* Brings the entries of all ranks together on every rank. An outcome is zero but on one rank. */
static inline void ledger_gather(ledger *book)
{
    const int n = (int)book->n;
    MPI_Allreduce(MPI_IN_PLACE, book->computed, n, MPI_INT, MPI_SUM, book->comm);
    MPI_Allreduce(MPI_IN_PLACE, book->committed, n, MPI_INT, MPI_SUM, book->comm);
    MPI_Allreduce(MPI_IN_PLACE, book->outcomes, n * (int)sizeof *book->outcomes, MPI_BYTE, MPI_BOR,
                  book->comm);
}

static inline void ledger_close(ledger *book)
{
    munmap(book->computed, (book->n + 1) * sizeof *book->computed);
    free(book->committed);
    free(book->outcomes);
}

#endif
