/* check_mpi.h - check.h under MPI: the failures of all ranks count, and rank 0 prints */
#ifndef CHECK_MPI_H
#define CHECK_MPI_H

#include "check.h"
#include <mpi.h>

/* Like check_finish, with the checks of all ranks; every rank returns the same. Collective; comes
 * before MPI_Finalize. */
static inline int check_finish_ranks(MPI_Comm comm)
{
    int counts[2] = {check_count, check_failures}, rank;
    MPI_Allreduce(MPI_IN_PLACE, counts, 2, MPI_INT, MPI_SUM, comm);
    MPI_Comm_rank(comm, &rank);
    check_count = counts[0];
    check_failures = counts[1];
    if (rank == 0)
        return check_finish();
    return check_failures == 0 && check_count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
