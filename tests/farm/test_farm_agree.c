/* The error of rank 0 becomes that of all ranks, whatever they held before. */
#include "check_mpi.h"
#include "infoplane/farm.h"

static void test_error(int rank)
{
    ip_error err = {0};
    if (rank == 0) {
        ip_fail_key(&err, IP_ERR_SPEC, "training.epochs", "expected a number, saw %s", "many");
        snprintf(err.file, sizeof err.file, "sweep.yaml");
        err.line = 12;
        err.column = 22;
    }
    CHECK(ip_agree(MPI_COMM_WORLD, &err) == IP_ERR_SPEC);
    CHECK(err.status == IP_ERR_SPEC);
    CHECK_STR(err.file, "sweep.yaml");
    CHECK_STR(err.key, "training.epochs");
    CHECK_STR(err.text, "expected a number, saw many");
    CHECK_COUNT(err.line, 12);
    CHECK_COUNT(err.column, 22);
}

static void test_no_error(int rank)
{
    ip_error err = {0};
    if (rank != 0)
        ip_fail(&err, IP_ERR_IO, "a word of its own");
    CHECK(ip_agree(MPI_COMM_WORLD, &err) == IP_OK);
    CHECK_STR(err.text, "");
}

int main(int argc, char **argv)
{
    int rank;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    test_error(rank);
    test_no_error(rank);
    const int code = check_finish_ranks(MPI_COMM_WORLD);
    MPI_Finalize();
    return code;
}
