/* Ranks of one machine are one node; its cores are those that any of them may use. */
#include "check_mpi.h"
#include "infoplane/farm.h"
#include <sched.h>

static void bind_to(size_t core)
{
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(core, &one);
    CHECK(sched_setaffinity(0, sizeof one, &one) == 0);
}

int main(int argc, char **argv)
{
    int rank;
    int size;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    cpu_set_t all;
    CHECK(sched_getaffinity(0, sizeof all, &all) == 0);
    ip_node node = ip_node_of(MPI_COMM_WORLD);
    CHECK_COUNT(node.ranks, size);
    CHECK_COUNT(node.cores, CPU_COUNT(&all));
    CHECK_COUNT(ip_node_of(MPI_COMM_SELF).ranks, 1);

    /* Rank 0 on the first core, the others on the last. */
    size_t first = 0;
    size_t last = CPU_SETSIZE - 1;
    while (!CPU_ISSET(first, &all))
        first++;
    while (!CPU_ISSET(last, &all))
        last--;
    bind_to(rank == 0 ? first : last);
    node = ip_node_of(MPI_COMM_WORLD);
    CHECK_COUNT(node.cores, size > 1 && first != last ? 2 : 1);
    CHECK_COUNT(ip_node_of(MPI_COMM_SELF).cores, 1);

    const int code = check_finish_ranks(MPI_COMM_WORLD);
    MPI_Finalize();
    return code;
}
