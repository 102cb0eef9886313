/* ledger.h - what happened to each of n numbers, over all ranks and children */
#ifndef LEDGER_H
#define LEDGER_H

#include "check_mpi.h"
#include "infoplane/farm.h"
#include <assert.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

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

/* Zeroed bytes that all ranks and their children share, by way of a file that is gone when this
 * returns. Collective. */
static inline void *share_with_ranks(const ledger *book, size_t bytes)
{
    char path[200];
    const char *folder = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/sharedXXXXXX", folder != NULL ? folder : "/tmp");
    int file = book->rank == 0 ? mkstemp(path) : -1;
    if (book->rank == 0)
        CHECK(ftruncate(file, (off_t)bytes) == 0);
    MPI_Bcast(path, sizeof path, MPI_CHAR, 0, book->comm);
    if (book->rank != 0)
        file = open(path, O_RDWR);
    void *shared = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    assert(shared != MAP_FAILED);
    close(file);
    MPI_Barrier(book->comm);
    if (book->rank == 0)
        unlink(path);
    return shared;
}

#endif
