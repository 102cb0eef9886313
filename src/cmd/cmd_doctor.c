/* cmd_doctor.c - checks before time is burnt: a line for each, the worst any rank found
 *
 * What it tries it tries for real, in the folder of the target and under names of its own; the
 * target itself is only read. */
#include "cmd/commands.h"
#include "cmd/doctor.h"
#include "cmd/input.h"
#include "infoplane/log.h"
#include <libgen.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HOST_BYTES = 64 };

/* In this order: the folder's check tells the later ones whether it works. */
static const struct {
    const char *name;
    ip_check *check;
    bool by_all; /* else rank 0 speaks for all */
} checks[] = {
    {"launcher", ip_check_launcher, false}, {"blas", ip_check_blas, true},
    {"kernels", ip_check_kernels, true},    {"cores", ip_check_cores, true},
    {"memory", ip_check_memory, true},      {"isolation", ip_check_isolation, true},
    {"folder", ip_check_folder, true},      {"filesystem", ip_check_file_system, true},
    {"hdf5", ip_check_hdf5, true},          {"lock", ip_check_lock, true},
    {"space", ip_check_space, false},       {"clocks", ip_check_clocks, true},
    {"file", ip_check_file, false},         {"walltime", ip_check_walltime, false},
};

/* ---- findings ---- */

void ip_find(ip_finding *finding, ip_verdict verdict, const char *advice, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    finding->verdict = verdict;
    vsnprintf(finding->seen, sizeof finding->seen, format, arguments);
    snprintf(finding->advice, sizeof finding->advice, "%s", verdict == IP_VERDICT_OK ? "" : advice);
    va_end(arguments);
}

ip_size ip_size_of(double bytes)
{
    ip_size size;
    if (bytes < 1e10)
        snprintf(size.text, sizeof size.text, "%.1f MB", bytes / 1e6);
    else
        snprintf(size.text, sizeof size.text, "%.0f GB", bytes / 1e9);
    return size;
}

/* Whose finding counts: of the worst, the lowest rank's. */
typedef struct worst {
    int verdict, rank; /* laid out like MPI_2INT */
    int n;             /* ranks that found as badly */
    char host[HOST_BYTES];
} worst;

/* Afterwards every rank has the finding that counts. */
static worst find_worst(const ip_patient *p, ip_finding *finding)
{
    worst w = {.host = ""};
    int mine[2] = {(int)finding->verdict, p->rank};
    int counts[2];
    MPI_Allreduce(mine, counts, 1, MPI_2INT, MPI_MAXLOC, p->comm);
    w.verdict = counts[0];
    w.rank = counts[1];
    const int as_bad = mine[0] == w.verdict;
    MPI_Allreduce(&as_bad, &w.n, 1, MPI_INT, MPI_SUM, p->comm);
    gethostname(w.host, sizeof w.host - 1);
    MPI_Bcast(finding, (int)sizeof *finding, MPI_BYTE, w.rank, p->comm);
    MPI_Bcast(w.host, (int)sizeof w.host, MPI_CHAR, w.rank, p->comm);
    return w;
}

static void print_finding(const ip_patient *p, const char *name, const ip_finding *finding,
                          const worst *w, bool by_all)
{
    static const char *const words[] = {"ok", "warning", "problem"};
    printf("%-8s %-11s %s", words[w->verdict], name, finding->seen);
    if (w->verdict != IP_VERDICT_OK) {
        if (by_all && p->size > 1 && w->n == 1)
            printf(" (rank %d on %s)", w->rank, w->host);
        else if (by_all && p->size > 1)
            printf(" (%d of %d ranks, first rank %d on %s)", w->n, p->size, w->rank, w->host);
        printf(" - %s", finding->advice);
    }
    putchar('\n');
    fflush(stdout); /* should the next check hang, it is known which */
}

/* Makes every check; returns the number of problems, on every rank. */
static int examine(ip_patient *p)
{
    int counts[IP_VERDICT_PROBLEM + 1] = {0};
    for (size_t i = 0; i < IP_LENGTH(checks); i++) {
        ip_finding finding = {0};
        if (checks[i].by_all || p->rank == 0)
            checks[i].check(p, &finding);
        const worst w = find_worst(p, &finding);
        counts[w.verdict]++;
        if (p->rank == 0)
            print_finding(p, checks[i].name, &finding, &w, checks[i].by_all);
    }
    const int warnings = counts[IP_VERDICT_WARNING];
    const int problems = counts[IP_VERDICT_PROBLEM];
    if (p->rank == 0)
        printf("doctor: %zu checks, %d warning%s, %d problem%s\n", IP_LENGTH(checks), warnings,
               warnings == 1 ? "" : "s", problems, problems == 1 ? "" : "s");
    return problems;
}

/* ---- nothing is left behind ---- */

static char *const *left_behind;

static void remove_names(char *const *names)
{
    for (size_t i = 0; i < IP_N_NAMES; i++)
        (void)unlink(names[i]);
}

static void on_signal(int signal_number)
{
    remove_names(left_behind);
    _exit(128 + signal_number);
}

static void signal_all(void (*handler)(int))
{
    static const int caught[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};
    struct sigaction action = {.sa_handler = handler};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < IP_LENGTH(caught); i++)
        sigaction(caught[i], &action, NULL);
}

/* ---- before and after ---- */

static char *name_in(const char *folder, const char *stem, int rank, const char *ending)
{
    ip_text name = {0};
    ip_text_append(&name, "%s/%s", folder, stem);
    if (rank >= 0)
        ip_text_append(&name, ".%d", rank);
    ip_text_append(&name, "%s", ending);
    return name.at;
}

/* The folder of the target and the names in it, the same stem on every rank. */
static ip_status settle_names(ip_patient *p, ip_error *err)
{
    char stem[HOST_BYTES + 64] = "";
    char host[HOST_BYTES] = "";
    gethostname(host, sizeof host - 1);
    snprintf(stem, sizeof stem, "infoplane.tmp.doctor.%s.%ld", host, (long)getpid());
    MPI_Bcast(stem, (int)sizeof stem, MPI_CHAR, 0, p->comm);
    char *path = strdup(p->file != NULL ? p->file : "./.");
    p->folder = path != NULL ? strdup(dirname(path)) : NULL;
    free(path);
    if (p->folder == NULL)
        return ip_fail(err, IP_ERR_MEMORY, "out of memory");
    p->names[IP_NAME_OWN] = name_in(p->folder, stem, p->rank, "");
    p->names[IP_NAME_MOVED] = name_in(p->folder, stem, p->rank, ".moved");
    p->names[IP_NAME_SHARED] = name_in(p->folder, stem, -1, ".h5");
    p->names[IP_NAME_LOCK] = name_in(p->folder, stem, -1, ".h5.lock");
    return IP_OK;
}

/* A target that cannot be read is a finding, not the end. */
static ip_status look_ahead(ip_patient *p, ip_error *err)
{
    const bool is_there = p->file != NULL && access(p->file, F_OK) == 0;
    if (is_there && ip_store_open(p->file, &p->store, &p->store_error) == IP_OK)
        p->store_error.status = IP_OK;
    if (p->plan == NULL)
        return IP_OK;
    return ip_forecast_make(&p->forecast, p->plan, p->store != NULL ? p->file : NULL, err);
}

/* The sizes of rank 0's forecast, on every rank. */
static void share_forecast(ip_patient *p)
{
    double *seconds = p->forecast.seconds;
    MPI_Bcast(&p->forecast, (int)sizeof p->forecast, MPI_BYTE, 0, p->comm);
    p->forecast.plan = p->plan;
    p->forecast.seconds = seconds;
}

static ip_status read_spec(ip_patient *p, ip_input *input, const char *spec,
                           const ip_texts *overrides)
{
    ip_error err = {0};
    if (p->rank == 0)
        err.status = ip_input_read(input, spec, overrides, &err);
    IP_TRY(ip_leave_together(p->comm, &err));
    ip_input_share(input, spec, overrides, p->comm);
    IP_TRY(ip_input_expand_together(input, p->comm));
    p->plan = input->plan;
    return IP_OK;
}

static ip_status visit(ip_patient *p, ip_input *input, const char *spec, const ip_texts *overrides)
{
    ip_error err = {0};
    if (spec != NULL)
        IP_TRY(read_spec(p, input, spec, overrides));
    if (p->rank == 0)
        err.status = look_ahead(p, &err);
    IP_TRY(ip_leave_together(p->comm, &err));
    share_forecast(p);
    IP_TRY(settle_names(p, &err));
    left_behind = p->names;
    signal_all(on_signal);
    const int problems = examine(p);
    signal_all(SIG_DFL);
    remove_names(p->names);
    return problems == 0 ? IP_OK : IP_ERR_JOBS;
}

static void discharge(ip_patient *p)
{
    ip_store_close(p->store);
    ip_forecast_release(&p->forecast);
    for (size_t i = 0; i < IP_N_NAMES; i++)
        free(p->names[i]);
    free(p->folder);
}

int ip_cmd_doctor(int argc, char **argv, MPI_Comm comm)
{
    ip_texts overrides = {0};
    ip_patient patient = {.comm = comm};
    const ip_option options[] = {
        {"-o", IP_OPTION_TEXT, &patient.file, "FILE",
         "the result file to be: its folder is tried, itself only read"},
        {"--set", IP_OPTION_MANY, &overrides, "KEY=VALUE", "override a key (repeatable)"},
    };
    const ip_usage usage = {
        "doctor",
        "[SPEC] [-o FILE] [--set KEY=VALUE]...",
        "checks this machine or allocation before time is burnt",
        "sweep.yaml -o sweep.h5",
        options,
        IP_LENGTH(options),
        0,
        1,
    };
    MPI_Comm_rank(comm, &patient.rank);
    MPI_Comm_size(comm, &patient.size);
    const char *spec[1];
    FILE *talk = patient.rank == 0 ? stderr : NULL;
    const ip_parse parsed = ip_options_parse(&usage, argc, argv, spec, talk);
    if (parsed != IP_PARSE_GO)
        return (int)parsed;
    if (patient.rank != 0)
        ip_log_set_level(IP_LOG_ERROR);
    ip_input input = {0};
    const ip_status status = visit(&patient, &input, spec[0], &overrides);
    discharge(&patient);
    ip_input_release(&input);
    return ip_status_exit_code(status);
}
