/* doctor_plan.c - the target itself, and the time there is for what it lacks */
#include "cmd/arithmetic.h"
#include "cmd/commands.h"
#include "cmd/doctor.h"
#include "cmd/progress.h"
#include "cmd/stopping.h"
#include "cmd/walltime.h"
#include "infoplane/kernels.h"
#include "infoplane/matrix.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const double squeue_seconds = 5; /* for an answer */

/* ---- the file ---- */

static void tell_progress(const ip_patient *p, ip_finding *finding)
{
    const ip_forecast *f = &p->forecast;
    if (p->plan == NULL)
        ip_find(finding, IP_VERDICT_OK, "", "%s holds %zu jobs", p->file,
                ip_store_n_jobs(p->store));
    else
        ip_find(finding, IP_VERDICT_OK, "", "%s: %zu jobs, %zu done, %zu to do", p->file, f->n,
                f->done, f->n - f->done);
}

static void examine_store(const ip_patient *p, ip_finding *finding)
{
    if (!ip_provenance_is(p->store, "kernels", ip_kernels_in_use()->results))
        ip_find(finding, IP_VERDICT_PROBLEM, "go on with the program that began it",
                "%s was begun with other kernels than '%s'", p->file, ip_kernels_in_use()->results);
    else if (p->plan != NULL && p->forecast.strangers > 0)
        ip_find(finding, IP_VERDICT_PROBLEM, "use another -o, or the spec it was made with",
                "%s: %zu of its rows are no job of this spec", p->file, p->forecast.strangers);
    else if (access(p->file, W_OK) != 0)
        ip_find(finding, IP_VERDICT_PROBLEM, "get permission to write it", "%s is read-only",
                p->file);
    else if (!ip_provenance_is(p->store, "openblas_core", ip_blas_core()))
        ip_find(finding, IP_VERDICT_WARNING, "use hosts of one kind, or set OPENBLAS_CORETYPE",
                "%s was begun with another OpenBLAS core than %s: last bits may differ", p->file,
                ip_blas_core());
    else
        tell_progress(p, finding);
}

void ip_check_file(ip_patient *p, ip_finding *finding)
{
    if (p->store != NULL)
        examine_store(p, finding);
    else if (p->store_error.status != IP_OK)
        ip_find(finding, IP_VERDICT_PROBLEM,
                p->store_error.status == IP_ERR_IO
                    ? "see to it that it can be read"
                    : "use another -o, or the infoplane that made it",
                "%s: %s", p->file, p->store_error.text);
    else if (p->file == NULL)
        ip_find(finding, IP_VERDICT_OK, "", "none named (-o FILE)");
    else if (p->plan == NULL)
        ip_find(finding, IP_VERDICT_OK, "", "%s is not there yet", p->file);
    else
        ip_find(finding, IP_VERDICT_OK, "", "%s is not there yet: %zu jobs to do", p->file,
                p->forecast.n);
}

/* ---- the time ---- */

static void append_limit(const ip_walltime *walltime, double left, ip_text *text)
{
    if (isfinite(left)) {
        ip_append_duration(fmax(left, 0), text);
        ip_text_append(text, " left");
    } else {
        ip_text_append(text, "%s", walltime->is_known ? "no limit" : "no limit known");
    }
}

/* usable: the seconds that are left until a run stops by itself. */
static void judge_time(const ip_walltime *walltime, double needed, double starting, double usable,
                       const char *seen, ip_finding *finding)
{
    const bool is_asked = walltime->asked > 0 && !walltime->is_known;
    if (usable <= starting)
        ip_find(finding, IP_VERDICT_PROBLEM, "ask for more time",
                "%s: too little to begin a job, for a run stops before its end", seen);
    else if (needed > usable)
        ip_find(finding, IP_VERDICT_WARNING,
                "submit the same line again after it, or take more ranks", "%s", seen);
    else if (is_asked)
        ip_find(finding, IP_VERDICT_WARNING,
                "have the job signalled before its end: sbatch --signal=B:USR1@120",
                "squeue does not say how much time is left; %s", seen);
    else
        ip_find(finding, IP_VERDICT_OK, "", "%s", seen);
}

void ip_check_walltime(ip_patient *p, ip_finding *finding)
{
    ip_walltime walltime = {0};
    ip_text seen = {0};
    const double left = ip_walltime_wait(&walltime, squeue_seconds);
    ip_walltime_release(&walltime);
    const double needed = p->plan != NULL ? ip_forecast_seconds(&p->forecast, p->size) : 0;
    const double starting =
        p->plan != NULL ? ip_start_seconds(p->plan, NULL, ip_plan_n_jobs(p->plan)) : 0;
    if (p->plan != NULL) {
        ip_text_append(&seen, "about ");
        ip_append_duration(needed, &seen);
        ip_text_append(&seen, " of work for %d rank%s, ", p->size, p->size == 1 ? "" : "s");
    }
    append_limit(&walltime, left, &seen);
    judge_time(&walltime, needed, starting, left - ip_stop_margin(left), seen.at, finding);
    ip_text_release(&seen);
}
