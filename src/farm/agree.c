/* agree.c - one error for all ranks: that of rank 0 */
#include "infoplane/farm.h"

ip_status ip_agree(MPI_Comm comm, ip_error *err)
{
    MPI_Bcast(err, (int)sizeof *err, MPI_BYTE, 0, comm);
    return err->status;
}
