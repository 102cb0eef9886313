/* doctor.h - what a run relies on, tried one by one */
#ifndef DOCTOR_H
#define DOCTOR_H

#include "cmd/forecast.h"
#include "infoplane/farm.h"
#include "infoplane/store.h"

typedef enum ip_verdict { IP_VERDICT_OK, IP_VERDICT_WARNING, IP_VERDICT_PROBLEM } ip_verdict;

/* What one check found on one rank. All zero: nothing to tell. */
typedef struct ip_finding {
    ip_verdict verdict;
    char seen[280];
    char advice[120]; /* what to do about it; "" when all is well */
} ip_finding;

/* Temporary files in the target folder, removed whatever happens. */
enum { IP_NAME_OWN, IP_NAME_MOVED, IP_NAME_SHARED, IP_NAME_LOCK, IP_N_NAMES };

/* What is examined. */
typedef struct ip_patient {
    MPI_Comm comm;
    int rank, size;
    const char *file; /* the target, NULL = none named; only read */
    char *folder;     /* it lies in */
    char *names[IP_N_NAMES];
    bool folder_works; /* on every rank; known after its check */
    double file_clock; /* seconds the file system's clock is ahead; 0 = within what can be told */

    const ip_plan *plan;  /* NULL = no spec was given */
    ip_forecast forecast; /* of the plan; times on rank 0 only */
    ip_store *store;      /* the target, rank 0 only; NULL when it is not there or cannot be read */
    ip_error store_error; /* why it cannot be read; rank 0 only */
} ip_patient;

/* Fills a finding; the advice is dropped when all is well. */
void ip_find(ip_finding *finding, ip_verdict verdict, const char *advice, const char *format, ...)
    IP_PRINTF(4, 5);

/* "1.5 MB", "20 GB" */
typedef struct ip_size {
    char text[24];
} ip_size;
ip_size ip_size_of(double bytes);

/* A check. Those below are collective but for the ones marked, which rank 0 makes for all. */
typedef void ip_check(ip_patient *patient, ip_finding *finding);

/* doctor_ranks.c: the ranks and their hosts */
ip_check ip_check_launcher; /* rank 0 */
ip_check ip_check_blas, ip_check_kernels, ip_check_cores, ip_check_memory, ip_check_isolation,
    ip_check_clocks;

/* doctor_folder.c: the folder of the target; the others rely on the first, and say so where it does
 * not work */
ip_check ip_check_folder, ip_check_file_system, ip_check_hdf5;
extern const char ip_not_tried[], ip_folder_first[];
ip_check ip_check_space; /* rank 0 */

/* doctor_lock.c: locks in the folder, and that of the target */
ip_check ip_check_lock;

/* doctor_plan.c: the target itself, and the time */
ip_check ip_check_file, ip_check_walltime; /* rank 0 */

#endif
