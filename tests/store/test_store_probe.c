/* test_store_probe.c - all ranks write and read one small file, and leave no trace of it; where a
 * rank cannot write, all ranks learn it and nobody hangs */
#include "check_mpi.h"
#include "infoplane/store.h"
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static int rank;
static int size;

static void good_folder(void)
{
    ip_error err = {0};
    for (int i = 0; i < 2; i++) {
        CHECK(ip_store_probe("probe.h5", MPI_COMM_WORLD, &err) == IP_OK);
        CHECK_STR(err.text, "");
        CHECK(access("probe.h5", F_OK) != 0);
    }
}

static void no_such_folder(void)
{
    ip_error err = {0};
    CHECK(ip_store_probe("nowhere/probe.h5", MPI_COMM_WORLD, &err) == IP_ERR_IO);
    CHECK_HAS(err.text, "cannot create");
    CHECK_STR(err.file, "nowhere/probe.h5");
    CHECK(ip_store_probe("nowhere/probe.h5", MPI_COMM_WORLD, NULL) == IP_ERR_IO);
}

/* Somebody's file of that name is not touched. */
static void existing_file(void)
{
    ip_error err = {0};
    char text[16] = "";
    if (rank == 0) {
        FILE *file = fopen("mine", "w");
        fputs("mine", file);
        fclose(file);
    }
    MPI_Barrier(MPI_COMM_WORLD);
    CHECK(ip_store_probe("mine", MPI_COMM_WORLD, &err) == IP_ERR_IO);
    CHECK_HAS(err.text, "expected no such file");
    if (rank == 0) {
        FILE *file = fopen("mine", "r");
        CHECK(file != NULL && fgets(text, sizeof text, file) != NULL);
        CHECK_STR(text, "mine");
        fclose(file);
        CHECK(unlink("mine") == 0);
    }
}

/* The last rank is on a host where the same name is another folder. */
static void folder_of_its_own(void)
{
    ip_error err = {0};
    const bool is_elsewhere = size > 1 && rank == size - 1;
    CHECK(!is_elsewhere || (mkdir("elsewhere", 0777) == 0 && chdir("elsewhere") == 0));
    const ip_status status = ip_store_probe("probe.h5", MPI_COMM_WORLD, &err);
    CHECK_COUNT(status, size > 1 ? IP_ERR_IO : IP_OK);
    CHECK((err.text[0] != '\0') == (size > 1));
    CHECK(access("probe.h5", F_OK) != 0);
    CHECK(!is_elsewhere || (chdir("..") == 0 && rmdir("elsewhere") == 0));
}

/* A limit on the length of files stands for a full disk: of all ranks, or of the last. */
static void refused_writes(bool everybody)
{
    struct rlimit before;
    int refused = 0;
    getrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_IGN);
    for (rlim_t bytes = 0; bytes < 100000; bytes += 9000) {
        ip_error err = {0};
        const struct rlimit limit = {bytes, before.rlim_max};
        if (everybody || rank == size - 1)
            setrlimit(RLIMIT_FSIZE, &limit);
        const ip_status status = ip_store_probe("limited.h5", MPI_COMM_WORLD, &err);
        setrlimit(RLIMIT_FSIZE, &before);
        refused += status != IP_OK;
        CHECK(status == IP_OK || (status == IP_ERR_IO && err.text[0] != '\0'));
        CHECK(access("limited.h5", F_OK) != 0);
    }
    CHECK(refused >= 2);
    int least = refused;
    int most = refused;
    MPI_Allreduce(MPI_IN_PLACE, &least, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
    MPI_Allreduce(MPI_IN_PLACE, &most, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    CHECK_COUNT(least, most);
    signal(SIGXFSZ, SIG_DFL);
}

int main(int argc, char **argv)
{
    char folder[] = "/tmp/infoplane-probe-XXXXXX";
    setenv("OMPI_MCA_io", "^ompio", 0); /* as the program does */
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    if (rank == 0 && mkdtemp(folder) == NULL)
        MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
    MPI_Bcast(folder, sizeof folder, MPI_CHAR, 0, MPI_COMM_WORLD);
    CHECK(chdir(folder) == 0);

    good_folder();
    no_such_folder();
    existing_file();
    folder_of_its_own();
    refused_writes(true);
    refused_writes(false);
    good_folder();

    MPI_Barrier(MPI_COMM_WORLD);
    CHECK(rank != 0 || rmdir(folder) == 0);
    const int code = check_finish_ranks(MPI_COMM_WORLD);
    MPI_Finalize();
    return code;
}
