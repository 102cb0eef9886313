/* main.c - the command table, and the only MPI_Init */
#include "cmd/commands.h"
#include "cmd/run_signals.h"
#include "infoplane/kernels.h"
#include "infoplane/macros.h"
#include "infoplane/text.h"
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct ip_command {
    const char *name, *summary;
    int (*run)(int argc, char **argv);
    int (*run_mpi)(int argc, char **argv, MPI_Comm comm); /* instead, for commands that need MPI */
    void (*prepare)(void); /* before MPI starts; NULL: nothing to do */
} ip_command;

static const ip_command commands[] = {
    {"check", "parse and validate a spec", .run = ip_cmd_check},
    {"plan", "the jobs of a spec, their time, file and memory", .run = ip_cmd_plan},
    {"run", "start or resume a sweep, alone or under mpirun", .run_mpi = ip_cmd_run,
     .prepare = ip_signals_catch},
    {"status", "how far a run is, from another terminal or node", .run = ip_cmd_status},
    {"retry", "puts failed and quarantined jobs back", .run_mpi = ip_cmd_retry},
    {"merge", "one file out of shards, the same bytes as one run", .run = ip_cmd_merge},
    {"verify", "checksums of all rows; recomputes some jobs", .run = ip_cmd_verify},
    {"export", "tidy CSV or JSON rows of the finished jobs", .run = ip_cmd_export},
    {"bound", "the information-bottleneck curve of the task", .run = ip_cmd_bound},
    {"dataset", "write the task's inputs and labels", .run = ip_cmd_dataset},
    {"activations", "run one job again and write its activations", .run = ip_cmd_activations},
    {"estimate", "the estimators on activations from elsewhere", .run = ip_cmd_estimate},
    {"doctor", "checks this machine or allocation before time is burnt", .run_mpi = ip_cmd_doctor},
    {"example", "a commented spec to start from", .run = ip_cmd_example},
    {"list", "activations, optimizers, initializers, estimators, tasks", .run = ip_cmd_list},
    {"version", "versions of the program and its libraries", .run = ip_cmd_version},
};

static ip_name_at command_name;

static const char *command_name(size_t index)
{
    return index < IP_LENGTH(commands) ? commands[index].name : NULL;
}

static void print_help(FILE *out)
{
    fprintf(out, "infoplane - neural networks in the information plane, by the thousand\n\n"
                 "example:  infoplane example > sweep.yaml\n"
                 "          mpirun -n 2 infoplane run sweep.yaml -o sweep.h5\n\n"
                 "commands: (infoplane COMMAND --help tells more)\n");
    for (size_t i = 0; i < IP_LENGTH(commands); i++)
        fprintf(out, "  %-12s %s\n", commands[i].name, commands[i].summary);
    fprintf(out, "\nexit codes: 0 done, 1 some jobs failed, 2 wrong usage, 65 wrong spec or data,\n"
                 "70 bug, 73 file cannot be created or taken, 74 cannot read or write,\n"
                 "75 stopped early: run the same command again, 130 left at once\n");
}

static int refuse_command(const char *name)
{
    const char *nearest = ip_names_nearest(command_name, name);
    fprintf(stderr, "infoplane: error: unknown command '%s'%s%s%s\n", name,
            nearest != NULL ? " (did you mean '" : "; see infoplane --help",
            nearest != NULL ? nearest : "", nearest != NULL ? "'?)" : "");
    return 2;
}

/* Debian's OpenBLAS starts its threads before main: the variable has to be there when the program
 * is loaded. The others make fork safe under InfiniBand, and choose ROMIO for MPI-IO, because OMPIO
 * keeps two files of each rank beside the result. */
static void settle_environment(char **argv)
{
    setenv("RDMAV_FORK_SAFE", "1", 0);
    setenv("UCX_IB_FORK_INIT", "yes", 0);
    setenv("OMPI_MCA_io", "^ompio", 0);
    const char *threads = getenv("OPENBLAS_NUM_THREADS");
    if (threads != NULL && strcmp(threads, "1") == 0)
        return;
    setenv("OPENBLAS_NUM_THREADS", "1", 1);
    char program[PATH_MAX] = "";
    if (readlink("/proc/self/exe", program, sizeof program - 1) > 0)
        execv(program, argv);
    /* Still here: /proc is not mounted. ip_blas_use_threads will ask again. */
}

/* A rank whose mpirun was killed meanwhile waits inside MPI_Init for ever. */
static const double starting_seconds = 300;

/* A program started without mpirun keeps a thread inside Open MPI 4.1 that can outlive the
 * component it runs in and crash MPI_Finalize, long after every result was written. Alone, there is
 * nobody to say goodbye to. */
static int run_under_mpi(const ip_command *command, int argc, char **argv)
{
    const bool is_alone = getenv("PMIX_NAMESPACE") == NULL;
    if (command->prepare != NULL)
        command->prepare();
    ip_farm_leave_within(starting_seconds, ip_status_exit_code(IP_ERR_STOPPED));
    MPI_Init(NULL, NULL);
    ip_farm_leave_within((double)INFINITY, 0);
    const int code = command->run_mpi(argc, argv, MPI_COMM_WORLD);
    if (!is_alone)
        MPI_Finalize();
    return code;
}

/* What is opened next would take the place of a stream that is closed, and get our talk. */
static void settle_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)open("/dev/null", fd == STDIN_FILENO ? O_RDONLY : O_WRONLY);
}

static int choose_kernels(void)
{
    const char *name = getenv("INFOPLANE_KERNELS");
    ip_error err;
    if (name == NULL || *name == '\0' || ip_kernels_use(name, &err) == IP_OK)
        return 0;
    fprintf(stderr, "infoplane: error: INFOPLANE_KERNELS: %s\n", err.text);
    return ip_status_exit_code(err.status);
}

int main(int argc, char **argv)
{
    settle_streams();
    settle_environment(argv);
    const int refused = choose_kernels();
    if (refused != 0)
        return refused;
    if (argc < 2) {
        print_help(stderr);
        return 2;
    }
    const bool asks_help = strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0 ||
                           strcmp(argv[1], "help") == 0;
    if (asks_help && argc < 3) {
        print_help(stdout);
        return 0;
    }
    char *help_arguments[] = {argv[asks_help ? 2 : 1], (char[]){"--help"}, NULL};
    const char *name = asks_help                           ? argv[2]
                       : strcmp(argv[1], "--version") == 0 ? "version"
                                                           : argv[1];
    const size_t index = ip_names_find(command_name, name);
    if (index == IP_LENGTH(commands))
        return refuse_command(name);
    const ip_command *command = &commands[index];
    const int n = asks_help ? 2 : argc - 1;
    char **arguments = asks_help ? help_arguments : argv + 1;
    const int code =
        command->run != NULL ? command->run(n, arguments) : run_under_mpi(command, n, arguments);
    if (fflush(stdout) != 0 && code == 0) {
        fprintf(stderr, "infoplane: error: cannot write to standard output\n");
        return 74;
    }
    return code;
}
