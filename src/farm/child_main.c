/* child_main.c - what runs in the child
 *
 * A forked process inherits its parent's handlers, limits and open files. The child lays aside what
 * would disturb the rank: it dies with its parent, leaves no core file, is the kernel's first
 * choice when memory runs out, and does not hear the signals that ask a run to stop, for the parent
 * answers those. It ends with _exit, so that nothing registered by MPI or HDF5 runs a second time.
 */
#include "child_main.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#ifdef IP_COVERAGE
void __gcov_dump(void);
#endif

bool ip_child_sizes(const char *pid, uint64_t *virtual_bytes, uint64_t *resident_bytes)
{
    char path[64], text[64];
    snprintf(path, sizeof path, "/proc/%s/statm", pid);
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    const ssize_t n = read(file, text, sizeof text - 1);
    close(file);
    if (n <= 0)
        return false;
    text[n] = '\0';
    const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    char *end;
    *virtual_bytes = strtoull(text, &end, 10) * page;
    *resident_bytes = strtoull(end, NULL, 10) * page;
    return true;
}

static void set_signals(void)
{
    static const int deadly[] = {SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGILL, SIGXCPU};
    static const int unheard[] = {SIGTERM, SIGINT, SIGUSR1, SIGUSR2, SIGHUP};
    for (size_t i = 0; i < IP_LENGTH(deadly); i++)
        signal(deadly[i], SIG_DFL);
    for (size_t i = 0; i < IP_LENGTH(unheard); i++)
        signal(unheard[i], SIG_IGN);
}

/* Volunteers for the kernel's out-of-memory killer. Works without privileges; a refusal only means
 * that the kernel chooses by itself. */
static void volunteer(void)
{
    const int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (file < 0)
        return;
    const ssize_t written = write(file, "1000", 4);
    (void)written;
    close(file);
}

/* The parent's look at the resident size is the limit that counts, but a quick child may outgrow it
 * between two looks. The fence stops that one: address space is mapped ahead of use and libraries
 * reserve some, hence the factor and the margin. Sanitizers map terabytes and go without. */
static void set_fence(uint64_t memory_limit, uint64_t virtual_bytes)
{
#ifdef IP_SANITIZE
    (void)memory_limit, (void)virtual_bytes;
#else
    const uint64_t margin = UINT64_C(256) << 20;
    if (memory_limit == 0 || memory_limit > (RLIM_INFINITY - margin - virtual_bytes) / 2)
        return;
    const rlim_t bytes = virtual_bytes + 2 * memory_limit + margin;
    setrlimit(RLIMIT_AS, &(struct rlimit){bytes, bytes});
#endif
}

void ip_child_main(const ip_farm *farm, uint64_t number, pid_t parent, ip_child_report *report,
                   ip_port *port, void *result)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) /* it died before we asked */
        _exit(EXIT_FAILURE);
    set_signals();
    volunteer();
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    uint64_t virtual_bytes = 0, resident_bytes = 0;
    ip_child_sizes("self", &virtual_bytes, &resident_bytes);
    set_fence(farm->memory_limit, virtual_bytes);
    report->resident_bytes = resident_bytes;
    report->status = farm->compute(farm->context, number, port, result, &report->error);
    report->finished = true;
#ifdef IP_COVERAGE
    __gcov_dump();
#endif
    _exit(EXIT_SUCCESS);
}
