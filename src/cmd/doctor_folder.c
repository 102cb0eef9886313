/* doctor_folder.c - the folder of the target: plain files, MPI-IO, space */
#include "cmd/doctor.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

enum { FILE_BYTES = 1 << 16, LOOKS = 500 };

const char ip_not_tried[] = "not tried", ip_folder_first[] = "mend the folder first";

/* ---- plain files ---- */

static bool refuse(const ip_patient *p, ip_finding *finding, const char *what)
{
    ip_find(finding, IP_VERDICT_PROBLEM,
            "choose a folder that exists, can be written, and has room", "%s: cannot %s: %s",
            p->folder, what, strerror(errno));
    return false;
}

static double seconds_of(struct timespec t)
{
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool fill(const ip_patient *p, int fd, struct stat *status, ip_finding *finding)
{
    static const char zeros[FILE_BYTES];
    errno = ENOSPC; /* what a write that is cut short means */
    if (write(fd, zeros, sizeof zeros) != (ssize_t)sizeof zeros)
        return refuse(p, finding, "write a file");
    if (fsync(fd) != 0)
        return refuse(p, finding, "sync a file");
    return fstat(fd, status) == 0 || refuse(p, finding, "look at a file");
}

/* The time it was written lies between our two looks at the clock; what lies outside is certain. */
static bool write_own(ip_patient *p, ip_finding *finding)
{
    struct timespec before;
    struct timespec after;
    struct stat status;
    clock_gettime(CLOCK_REALTIME, &before);
    const int fd = open(p->names[IP_NAME_OWN], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return refuse(p, finding, "create a file");
    const bool ok = fill(p, fd, &status, finding);
    clock_gettime(CLOCK_REALTIME, &after);
    close(fd);
    if (!ok)
        return false;
    const double written = seconds_of(status.st_mtim);
    p->file_clock = written - fmin(fmax(written, seconds_of(before)), seconds_of(after));
    return rename(p->names[IP_NAME_OWN], p->names[IP_NAME_MOVED]) == 0 ||
           refuse(p, finding, "rename a file");
}

static bool all_of(const ip_patient *p, bool mine)
{
    int all = mine;
    MPI_Allreduce(MPI_IN_PLACE, &all, 1, MPI_INT, MPI_MIN, p->comm);
    return all != 0;
}

/* Every rank tells the next one's host which file to look for. A file system may show it late. */
static bool sees_neighbour(const ip_patient *p)
{
    char mine[4096] = "";
    char theirs[4096] = "";
    struct stat status;
    const int next = (p->rank + 1) % p->size;
    const int before = (p->rank + p->size - 1) % p->size;
    snprintf(mine, sizeof mine, "%s", p->names[IP_NAME_MOVED]);
    MPI_Sendrecv(mine, sizeof mine, MPI_CHAR, next, 0, theirs, sizeof theirs, MPI_CHAR, before, 0,
                 p->comm, MPI_STATUS_IGNORE);
    for (int i = 0; i < LOOKS; i++) {
        if (stat(theirs, &status) == 0 && status.st_size == FILE_BYTES)
            return true;
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    return false;
}

void ip_check_folder(ip_patient *p, ip_finding *finding)
{
    ip_find(finding, IP_VERDICT_OK, "", "%s: files are created, synced, renamed", p->folder);
    bool works = write_own(p, finding);
    if (all_of(p, works) && !sees_neighbour(p)) {
        ip_find(finding, IP_VERDICT_PROBLEM, "choose a folder that all hosts share",
                "%s is not the same folder on every host", p->folder);
        works = false;
    }
    MPI_Barrier(p->comm); /* everybody has looked */
    (void)unlink(p->names[IP_NAME_OWN]);
    if (unlink(p->names[IP_NAME_MOVED]) != 0 && works)
        works = refuse(p, finding, "remove a file");
    p->folder_works = all_of(p, works);
}

/* ---- its kind ---- */

/* By the magic numbers of statfs(2). */
static const struct {
    uint32_t magic;
    const char *name, *advice; /* NULL: fit for a run */
} kinds[] = {
    {0xEF53, "ext4", NULL},
    {0x58465342, "XFS", NULL},
    {0x9123683E, "Btrfs", NULL},
    {0x2FC12FC1, "ZFS", NULL},
    {0x794C7630, "overlay", NULL},
    {0x0BD00BD0, "Lustre", NULL},
    {0x47504653, "GPFS", NULL},
    {0x19830326, "BeeGFS", NULL},
    {0x00C36400, "CephFS", NULL},
    {0x01021994, "tmpfs", "it is memory and ends with the host: copy the results away"},
    {0x858458F6, "ramfs", "it is memory and ends with the host: copy the results away"},
    {0x6969, "NFS", "use a parallel file system, or the ranks of one host"},
    {0x517B, "SMB", "use a local or a parallel file system"},
    {0xFF534D42, "CIFS", "use a local or a parallel file system"},
    {0xFE534D42, "SMB2", "use a local or a parallel file system"},
    {0x01021997, "9P", "use a local or a parallel file system"},
    {0x65735546, "FUSE", "use a local or a parallel file system"},
    {0x5346414F, "AFS", "use a local or a parallel file system"},
    {0x6B414653, "AFS", "use a local or a parallel file system"},
};

void ip_check_file_system(ip_patient *p, ip_finding *finding)
{
    struct statfs status;
    if (statfs(p->folder, &status) != 0) {
        ip_find(finding, IP_VERDICT_WARNING, ip_folder_first, "%s", ip_not_tried);
        return;
    }
    const uint32_t magic = (uint32_t)status.f_type;
    for (size_t i = 0; i < IP_LENGTH(kinds); i++) {
        if (kinds[i].magic != magic)
            continue;
        const bool fits = kinds[i].advice == NULL;
        ip_find(finding, fits ? IP_VERDICT_OK : IP_VERDICT_WARNING, fits ? "" : kinds[i].advice,
                "%s", kinds[i].name);
        return;
    }
    ip_find(finding, IP_VERDICT_OK, "", "of an unknown kind (0x%lx)", (unsigned long)magic);
}

void ip_check_hdf5(ip_patient *p, ip_finding *finding)
{
    ip_error err = {0};
    if (!p->folder_works)
        ip_find(finding, IP_VERDICT_WARNING, ip_folder_first, "%s", ip_not_tried);
    else if (ip_store_probe(p->names[IP_NAME_SHARED], p->comm, &err) == IP_OK)
        ip_find(finding, IP_VERDICT_OK, "", "version %s: %d rank%s wrote and read one file",
                ip_hdf5_version(), p->size, p->size == 1 ? "" : "s");
    else
        ip_find(finding, IP_VERDICT_PROBLEM,
                "choose another file system, or start without mpirun, as one rank", "%s", err.text);
}

/* ---- room ---- */

/* A file of other rows is laid out anew beside the old one. A checkpoint is replaced by a second.
 */
static double bytes_needed(const ip_patient *p)
{
    const ip_forecast *f = &p->forecast;
    const bool is_laid_out =
        p->store != NULL && f->strangers == 0 && ip_store_n_jobs(p->store) == f->n;
    const double at_once = fmin(p->size, (double)(f->n - f->done));
    return (is_laid_out ? 0 : (double)f->file_bytes) + 2 * at_once * (double)f->state_bytes;
}

void ip_check_space(ip_patient *p, ip_finding *finding)
{
    struct statvfs status;
    if (statvfs(p->folder, &status) != 0) {
        ip_find(finding, IP_VERDICT_WARNING, ip_folder_first, "%s", ip_not_tried);
        return;
    }
    const double free_bytes = (double)status.f_bavail * (double)status.f_frsize;
    const double needed = p->plan != NULL ? bytes_needed(p) : 0;
    if (p->plan == NULL)
        ip_find(finding, IP_VERDICT_OK, "", "%s free", ip_size_of(free_bytes).text);
    else
        ip_find(finding, needed <= free_bytes ? IP_VERDICT_OK : IP_VERDICT_PROBLEM,
                "choose another folder, or measure at fewer epochs", "%s needed, %s free",
                ip_size_of(needed).text, ip_size_of(free_bytes).text);
}
