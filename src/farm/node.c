/* node.c - who shares this node
 *
 * A rank may be bound to a core of its own or to none at all; the cores of a node are those that
 * any of its ranks may use. */
#include "infoplane/farm.h"
#include <sched.h>
#include <unistd.h>

ip_node ip_node_of(MPI_Comm comm)
{
    ip_node node;
    MPI_Comm neighbours;
    cpu_set_t cores;
    CPU_ZERO(&cores);
    (void)sched_getaffinity(0, sizeof cores, &cores);
    node.own = CPU_COUNT(&cores);
    MPI_Comm_split_type(comm, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &neighbours);
    MPI_Comm_size(neighbours, &node.ranks);
    MPI_Allreduce(MPI_IN_PLACE, &cores, (int)sizeof cores, MPI_BYTE, MPI_BOR, neighbours);
    MPI_Comm_free(&neighbours);
    node.cores = CPU_COUNT(&cores);
    if (node.cores == 0) /* more processors than a cpu_set_t has room for */
        node.cores = node.own = (int)sysconf(_SC_NPROCESSORS_ONLN);
    return node;
}
