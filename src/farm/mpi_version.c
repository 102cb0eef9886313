/* mpi_version.c - which MPI library this is */
#include "infoplane/farm.h"
#include <string.h>

const char *ip_mpi_version(void)
{
    static char version[MPI_MAX_LIBRARY_VERSION_STRING];
    int length = 0;
    MPI_Get_library_version(version, &length);
    version[strcspn(version, ",\n")] = '\0'; /* the rest tells who built it */
    return version;
}
