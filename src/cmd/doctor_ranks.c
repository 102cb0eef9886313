/* doctor_ranks.c - the ranks and their hosts: launcher, BLAS, cores, memory, children, clocks */
#include "cmd/commands.h"
#include "cmd/doctor.h"
#include "cmd/memory_left.h"
#include "infoplane/kernels.h"
#include "infoplane/matrix.h"
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const double clock_tolerance = 5; /* seconds */

/* Who starts ranks, and where it says how many. One that counts right is believed: below mpirun
 * SLURM counts the daemons. */
static const struct {
    const char *variable, *who, *advice;
} launchers[] = {
    {"OMPI_COMM_WORLD_SIZE", "mpirun", "start it with the mpirun of the MPI it was built with"},
    {"PMI_SIZE", "the launcher", "start it with the mpirun of the MPI it was built with"},
    {"SLURM_STEP_NUM_TASKS", "SLURM", "use `srun --mpi=pmix`, or mpirun"},
};

void ip_check_launcher(ip_patient *p, ip_finding *finding)
{
    const char *tasks = getenv("SLURM_NTASKS");
    ip_find(finding, IP_VERDICT_OK, "", "%d rank%s", p->size, p->size == 1 ? "" : "s");
    if (p->size == 1 && tasks != NULL && atoi(tasks) > 1)
        ip_find(finding, IP_VERDICT_OK, "",
                "1 rank; under srun --mpi=pmix or mpirun all %s tasks are examined", tasks);
    for (size_t i = 0; i < IP_LENGTH(launchers); i++) {
        const char *text = getenv(launchers[i].variable);
        const int n = text != NULL ? atoi(text) : 0;
        if (n == p->size)
            return;
        if (n > p->size) {
            ip_find(finding, IP_VERDICT_PROBLEM, launchers[i].advice,
                    "%s started %d tasks, MPI sees %d", launchers[i].who, n, p->size);
            return;
        }
    }
}

void ip_check_blas(ip_patient *p, ip_finding *finding)
{
    (void)p;
    ip_error err = {0};
    if (ip_blas_use_threads(1, &err) == IP_OK)
        ip_find(finding, IP_VERDICT_OK, "", "one thread, version %s", ip_blas_version());
    else
        ip_find(finding, IP_VERDICT_PROBLEM, "set OPENBLAS_NUM_THREADS=1 before it starts", "%s",
                err.text);
}

void ip_check_kernels(ip_patient *p, ip_finding *finding)
{
    struct {
        char kernels[64], core[64];
    } mine, first;
    memset(&mine, 0, sizeof mine);
    snprintf(mine.kernels, sizeof mine.kernels, "%s", ip_kernels_in_use()->results);
    snprintf(mine.core, sizeof mine.core, "%s", ip_blas_core());
    first = mine;
    MPI_Bcast(&first, (int)sizeof first, MPI_BYTE, 0, p->comm);
    if (strcmp(mine.kernels, first.kernels) != 0)
        ip_find(finding, IP_VERDICT_PROBLEM, "run one build of the program on every host",
                "kernels '%s' here, '%s' on rank 0", mine.kernels, first.kernels);
    else if (strcmp(mine.core, first.core) != 0)
        ip_find(finding, IP_VERDICT_WARNING, "use hosts of one kind, or set OPENBLAS_CORETYPE",
                "last bits may differ: OpenBLAS core %s here, %s on rank 0", mine.core, first.core);
    else
        ip_find(finding, IP_VERDICT_OK, "", "%s, OpenBLAS core %s", mine.kernels, mine.core);
}

/* training.threads, which all jobs of a spec share. */
static uint64_t threads_of(const ip_patient *p)
{
    ip_job job;
    if (p->plan == NULL)
        return 1;
    ip_plan_job(p->plan, 0, &job);
    return job.settings.training.threads;
}

void ip_check_cores(ip_patient *p, ip_finding *finding)
{
    const ip_node node = ip_node_of(p->comm);
    const uint64_t threads = threads_of(p);
    const bool fits = (uint64_t)node.ranks * threads <= (uint64_t)node.cores;
    char each[40] = "";
    if (threads > 1)
        snprintf(each, sizeof each, " of %llu threads", (unsigned long long)threads);
    if (fits && (uint64_t)node.own < threads)
        ip_find(finding, IP_VERDICT_WARNING,
                "bind a rank to more: mpirun --map-by slot:PE=N, srun --cpus-per-task=N",
                "%d core%s for a rank%s", node.own, node.own == 1 ? "" : "s", each);
    else
        ip_find(finding, fits ? IP_VERDICT_OK : IP_VERDICT_WARNING,
                "start at most as many ranks, times their threads, as there are cores",
                "%d rank%s%s on %d core%s of a node", node.ranks, node.ranks == 1 ? "" : "s", each,
                node.cores, node.cores == 1 ? "" : "s");
}

void ip_check_memory(ip_patient *p, ip_finding *finding)
{
    const int ranks = ip_node_of(p->comm).ranks;
    const double left = ip_memory_left("");
    const double needed =
        ranks * (double)p->forecast.memory_per_rank + (double)p->forecast.memory_per_node;
    if (p->plan == NULL)
        ip_find(finding, IP_VERDICT_OK, "", "%s available", ip_size_of(left).text);
    else
        ip_find(finding, needed <= left ? IP_VERDICT_OK : IP_VERDICT_PROBLEM,
                "start fewer ranks on a node, or ask for more memory",
                "%s needed by %d rank%s of a node, %s available", ip_size_of(needed).text, ranks,
                ranks == 1 ? "" : "s", ip_size_of(left).text);
}

/* ---- a child of its own for each job ---- */

static _Noreturn void be_a_child(pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (getppid() == parent)
        pause();
    _exit(EXIT_FAILURE);
}

/* The resident pages of a process: what memory limits are enforced by. */
static bool can_be_measured(pid_t pid)
{
    char path[64];
    long pages[2] = {0};
    snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return false;
    const bool ok = fscanf(file, "%ld %ld", &pages[0], &pages[1]) == 2 && pages[1] > 0;
    fclose(file);
    return ok;
}

void ip_check_isolation(ip_patient *p, ip_finding *finding)
{
    (void)p;
    int status = 0;
    fflush(NULL);
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid == 0)
        be_a_child(parent);
    if (pid < 0) {
        ip_find(finding, IP_VERDICT_PROBLEM, "raise the limit of processes (ulimit -u)",
                "cannot fork a child: %s", strerror(errno));
        return;
    }
    const bool is_measured = can_be_measured(pid);
    kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (!WIFSIGNALED(status))
        ip_find(finding, IP_VERDICT_PROBLEM, "tell whoever looks after this host",
                "a child that was killed ended otherwise");
    else if (!is_measured)
        ip_find(finding, IP_VERDICT_WARNING, "have /proc mounted",
                "limits.memory has no effect: cannot read the memory of a child");
    else
        ip_find(finding, IP_VERDICT_OK, "", "a child was started, measured and killed");
}

/* ---- clocks ---- */

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Rank 0 reads its clock between our two looks at ours, however long anybody was kept waiting. What
 * lies outside is certain. */
static double ahead_of_us(const ip_patient *p)
{
    const double before = now();
    MPI_Barrier(p->comm);
    double theirs = now();
    MPI_Bcast(&theirs, 1, MPI_DOUBLE, 0, p->comm);
    return theirs - fmin(fmax(theirs, before), now());
}

void ip_check_clocks(ip_patient *p, ip_finding *finding)
{
    const double host = ahead_of_us(p);
    const bool file_is_worse = fabs(p->file_clock) > fabs(host);
    const double worst = file_is_worse ? p->file_clock : host;
    if (fabs(worst) <= clock_tolerance)
        ip_find(finding, IP_VERDICT_OK, "", "hosts and file system agree");
    else
        ip_find(finding, IP_VERDICT_WARNING,
                "have the hosts keep time (NTP): an abandoned lock is told by its age",
                "the clock of %s is %.0f s %s", file_is_worse ? "the file system" : "rank 0",
                fabs(worst), worst > 0 ? "ahead" : "behind");
}
