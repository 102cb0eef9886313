/* test_memory_left.c - the memory a node has left, read from made-up proc and sys folders */
#include "check.h"
#include "cmd/memory_left.h"
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

static const double mebibyte = 1048576;

static char root[] = "/tmp/infoplane-memory-XXXXXX";

static void put(const char *path, const char *text)
{
    char name[512];
    snprintf(name, sizeof name, "%s%s", root, path);
    for (char *slash = name + sizeof root; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        (void)mkdir(name, 0777);
        *slash = '/';
    }
    FILE *file = fopen(name, "w");
    if (file == NULL)
        abort();
    fputs(text, file);
    fclose(file);
}

static int remove_one(const char *name, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status, (void)kind, (void)walk;
    return remove(name);
}

static void clear(void)
{
    (void)nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    (void)mkdir(root, 0777);
}

static void this_machine(void)
{
    const double left = ip_memory_left("");
    CHECK(left > mebibyte && left < 1e18);
}

static void nothing_to_read(void)
{
    CHECK(isinf(ip_memory_left(root)));
}

static void available(void)
{
    put("/proc/meminfo", "MemTotal:       8388608 kB\nMemFree:   1 kB\nMemAvailable:    4096 kB\n");
    CHECK_NEAR(ip_memory_left(root), 4 * mebibyte, 0);
    put("/proc/self/cgroup", "");
    CHECK_NEAR(ip_memory_left(root), 4 * mebibyte, 0);
    put("/proc/self/cgroup", "0::/nowhere\nnonsense\n1:2\n");
    CHECK_NEAR(ip_memory_left(root), 4 * mebibyte, 0);
}

/* The limit that holds may be that of a group further up. */
static void version_2(void)
{
    put("/proc/meminfo", "MemAvailable: 4096 kB\n");
    put("/proc/self/cgroup", "0::/slurm/job_7/step_0\n");
    put("/sys/fs/cgroup/slurm/job_7/step_0/memory.max", "max\n");
    CHECK_NEAR(ip_memory_left(root), 4 * mebibyte, 0);
    put("/sys/fs/cgroup/slurm/job_7/memory.max", "2097152\n");
    CHECK_NEAR(ip_memory_left(root), 2 * mebibyte, 0);
    put("/sys/fs/cgroup/slurm/job_7/step_0/memory.max", "1048576\n");
    CHECK_NEAR(ip_memory_left(root), mebibyte, 0);
    put("/proc/self/cgroup", "0::/\n"); /* a container sees its own group as the root */
    CHECK_NEAR(ip_memory_left(root), 4 * mebibyte, 0);
    put("/sys/fs/cgroup/memory.max", "3145728\n");
    CHECK_NEAR(ip_memory_left(root), 3 * mebibyte, 0);
}

static void version_1(void)
{
    put("/proc/meminfo", "MemAvailable: 4096 kB\n");
    put("/proc/self/cgroup",
        "9:name=systemd:/\n5:hugememory,cpu:/other\n4:cpu,memory,pids:/slurm/uid_0/job_7\n0::/\n");
    put("/sys/fs/cgroup/memory/other/memory.limit_in_bytes", "4096\n");
    put("/sys/fs/cgroup/memory/slurm/uid_0/job_7/memory.limit_in_bytes", "9223372036854771712\n");
    CHECK_NEAR(ip_memory_left(root), 4 * mebibyte, 0);
    put("/sys/fs/cgroup/memory/slurm/memory.limit_in_bytes", "2097152\n");
    CHECK_NEAR(ip_memory_left(root), 2 * mebibyte, 0);
    put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "1048576\n");
    CHECK_NEAR(ip_memory_left(root), mebibyte, 0);
}

int main(void)
{
    static void (*const tests[])(void) = {nothing_to_read, available, version_2, version_1};
    if (mkdtemp(root) == NULL)
        return EXIT_FAILURE;
    this_machine();
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        tests[i]();
        clear();
    }
    CHECK(rmdir(root) == 0);
    return check_finish();
}
