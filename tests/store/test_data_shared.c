/* test_data_shared.c - the ranks of a node read a data file into one memory, which goes with them
 *
 * The ranks are those of one machine: that they see the same memory is told by the number of the
 * anonymous file behind their mapping. */
#include "scratch.h"
#include "sweep.h"
#include <check_mpi.h>
#include <dirent.h>

static int rank, n_ranks;

/* The numbers of the anonymous files that this process has mapped: the last, and how many. */
typedef struct mapped {
    unsigned long inode;
    int count;
} mapped;

static mapped find_mapped(void)
{
    mapped found = {0};
    char line[4096];
    FILE *maps = fopen("/proc/self/maps", "r");
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
        if (strstr(line, "memfd:infoplane") != NULL &&
            sscanf(line, "%*s %*s %*s %*s %lu", &found.inode) == 1)
            found.count++;
    }
    if (maps != NULL)
        fclose(maps);
    return found;
}

static int count_open_files(void)
{
    int n = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (folder != NULL && readdir(folder) != NULL)
        n++;
    if (folder != NULL)
        closedir(folder);
    return n;
}

static ip_dataset *read_once(const char *path, ip_status expected)
{
    ip_error err = {0};
    ip_dataset *dataset = NULL;
    const ip_status status = ip_data_file_read_once(path, MPI_COMM_WORLD, &dataset, &err);
    CHECK(status == expected);
    CHECK((dataset != NULL) == (expected == IP_OK));
    if (expected == IP_OK)
        CHECK_STR(err.text, "");
    else
        CHECK(err.text[0] != '\0');
    return dataset;
}

static void check_same(const ip_dataset *a, const ip_dataset *b)
{
    CHECK_STR(a->digest, b->digest);
    CHECK(a->n == b->n && a->d == b->d && a->c == b->c && a->is_drawn == b->is_drawn);
    CHECK(memcmp(a->x, b->x, a->n * a->d * sizeof(float)) == 0);
    CHECK(memcmp(a->p_y_given_x, b->p_y_given_x, a->n * a->c * sizeof(double)) == 0);
    CHECK(memcmp(a->p_x, b->p_x, a->n * sizeof(double)) == 0);
    CHECK(memcmp(a->x_id, b->x_id, a->n * sizeof(uint32_t)) == 0);
    CHECK((a->split != NULL) == (b->split != NULL));
    CHECK(a->split == NULL || memcmp(a->split, b->split, a->n) == 0);
    CHECK(a->h_y == b->h_y && a->i_xy == b->i_xy);
}

static int write_to(void *context)
{
    *(volatile float *)((ip_dataset *)context)->x = 1;
    return 0;
}

static int sum_there(void *context)
{
    const ip_dataset *dataset = context;
    double sum = 0;
    for (size_t i = 0; i < dataset->n; i++)
        sum += dataset->p_x[i];
    return fabs(sum - 1) < 1e-9 ? 0 : 1;
}

/* One file: the same memory everywhere, as good as read alone, not to be written, seen by a child,
 * gone with the dataset. */
static void check_one_memory(void)
{
    const int before = count_open_files();
    ip_dataset *shared = read_once("data.h5", IP_OK), *alone = NULL;
    ip_error err = {0};
    CHECK(ip_data_file_read("data.h5", &alone, &err) == IP_OK);
    if (shared != NULL && alone != NULL) {
        check_same(shared, alone);
        CHECK(shared->memory.at != NULL && alone->memory.at == NULL);
        CHECK_COUNT(scratch_child(false, sum_there, shared), 0);
        CHECK(scratch_child(false, write_to, shared) != 0);
        CHECK_COUNT(scratch_child(false, write_to, alone), 0);
    }
    if (shared != NULL) {
        ip_dataset hidden = *shared;
        hidden.memory.owner = INT32_MAX; /* as a process in another container is */
        CHECK(ip_dataset_attach(&hidden) == NULL);
    }
    const mapped here = find_mapped();
    unsigned long first = here.inode;
    MPI_Bcast(&first, 1, MPI_UNSIGNED_LONG, 0, MPI_COMM_WORLD);
    CHECK_COUNT(here.count, 1);
    CHECK(first != 0 && here.inode == first);
    MPI_Barrier(MPI_COMM_WORLD);
    ip_dataset_free(shared);
    ip_dataset_free(alone);
    CHECK_COUNT(find_mapped().count, 0);
    CHECK_COUNT(count_open_files(), before);
}

/* A rank whose path leads to another file, or to none, does not get the first rank's data. */
static void check_other_file(void)
{
    ip_dataset *dataset = read_once(rank == 0 ? "data.h5" : "copy.h5", IP_OK);
    CHECK(dataset != NULL && (dataset->memory.at != NULL) == (rank == 0));
    ip_dataset_free(dataset);
    dataset = read_once(rank == 0 ? "data.h5" : "none.h5", rank == 0 ? IP_OK : IP_ERR_DATA);
    ip_dataset_free(dataset);
    dataset = read_once(rank == 0 ? "none.h5" : "data.h5", rank == 0 ? IP_ERR_DATA : IP_OK);
    ip_dataset_free(dataset);
}

/* What the first cannot read, nobody gets. */
static void check_errors(void)
{
    CHECK(read_once("none.h5", IP_ERR_DATA) == NULL);
    CHECK(read_once("noise.h5", IP_ERR_DATA) == NULL);
    CHECK_COUNT(find_mapped().count, 0);
}

int main(int argc, char **argv)
{
    char folder[64];
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &n_ranks);
    snprintf(folder, sizeof folder, "test_data_shared.%d.files", n_ranks);
    if (rank == 0) {
        ip_error err = {0};
        scratch_enter(folder);
        sweep s = sweep_new();
        uint8_t *split = calloc(s.dataset->n, 1);
        CHECK(ip_data_file_write("data.h5", s.dataset, split, &err) == IP_OK);
        CHECK(ip_data_file_write("copy.h5", s.dataset, split, &err) == IP_OK);
        scratch_write("noise.h5", "no HDF5", 7);
        free(split);
        sweep_free(&s);
    }
    MPI_Barrier(MPI_COMM_WORLD);
    if (rank != 0 && chdir(folder) != 0)
        perror(folder);
    check_one_memory();
    check_other_file();
    check_errors();
    MPI_Barrier(MPI_COMM_WORLD);
    if (rank == 0)
        scratch_leave(folder);
    const int code = check_finish_ranks(MPI_COMM_WORLD);
    MPI_Finalize();
    return code;
}
