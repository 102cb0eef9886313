/* progress.c - jobs done, rate, time left, and what the job at hand has just measured */
#include "cmd/progress.h"
#include "cmd/run_log.h"
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

static const double redraw_seconds = 0.5, line_seconds = 5, log_seconds = 10;

ip_progress_line ip_progress_begin(const ip_plan *plan, const char *file)
{
    return (ip_progress_line){
        .plan = plan,
        .file = file,
        .is_terminal = isatty(STDERR_FILENO) != 0,
        .shown = 0,
        .logged = 0,
    };
}

void ip_append_duration(double seconds, ip_text *text)
{
    if (seconds < 100)
        ip_text_append(text, "%.0f s", seconds);
    else if (seconds < 6000)
        ip_text_append(text, "%.0f min", seconds / 60);
    else
        ip_text_append(text, "%.1f h", seconds / 3600);
}

ip_trace ip_result_trace(const ip_result *result, const ip_plan *plan)
{
    union {
        const double *seen;
        void *block;
    } bytes = {.seen = result->block};
    return (ip_trace){ip_plan_shape(plan), bytes.block};
}

/* The newest snapshot of the job rank 0's own child is at: "job 3 at epoch 512: I(T;Y) ... 0.91
 * bit". */
static void append_science(const ip_plan *plan, const ip_farm_progress *progress, ip_text *text)
{
    const ip_shape *shape = ip_plan_shape(plan);
    const ip_result *result = progress->running_result;
    const ip_trace trace = ip_result_trace(result, plan);
    const uint64_t measured = result->snapshots;
    if (measured == 0)
        return;
    ip_job job;
    size_t widths[IP_MAX_HIDDEN + 1];
    ip_plan_job(plan, (size_t)progress->running_number, &job);
    const size_t last = ip_job_widths(&job, ip_plan_dataset(plan), widths) - 1;
    const size_t at =
        ((measured - 1) * shape->length[IP_DIM_LAYER] + last) * shape->length[IP_DIM_ESTIMATOR];
    ip_text_append(text, "; job %llu at epoch %lld: I(T;Y) of the last layer %.3f bit",
                   (unsigned long long)progress->running_number,
                   (long long)ip_plan_epochs(plan)[measured - 1],
                   ip_trace_real(&trace, IP_I_TY)[at]);
}

/* A reader that has stopped reading, as a pager does, must not stop the run. */
static bool is_read(int fd)
{
    struct pollfd end = {.fd = fd, .events = POLLOUT};
    return poll(&end, 1, 0) == 1 && (end.revents & POLLOUT) != 0;
}

static void show(const ip_progress_line *line, const ip_farm_progress *progress)
{
    ip_text text = {0};
    const size_t ended = progress->done + progress->failed;
    ip_text_append(&text, "%zu/%zu jobs, %zu running", ended, progress->total, progress->running);
    if (progress->failed > 0)
        ip_text_append(&text, ", %zu failed", progress->failed);
    if (progress->seconds > 0 && ended > 0)
        ip_text_append(&text, ", %.3g jobs/s", (double)ended / progress->seconds);
    if (isfinite(progress->seconds_left)) {
        ip_text_append(&text, ", about ");
        ip_append_duration(progress->seconds_left, &text);
        ip_text_append(&text, " left");
    }
    if (progress->running_result != NULL)
        append_science(line->plan, progress, &text);
    fprintf(stderr, line->is_terminal ? "\r\033[K%s" : "%s\n", text.at);
    fflush(stderr);
    ip_text_release(&text);
}

void ip_progress_show(ip_progress_line *line, const ip_farm_progress *progress)
{
    const double every = line->is_terminal ? redraw_seconds : line_seconds;
    if (progress->seconds - line->shown >= every) {
        if (is_read(STDERR_FILENO))
            show(line, progress);
        line->shown = progress->seconds;
    }
    if (progress->seconds - line->logged >= log_seconds || line->logged == 0) {
        ip_run_log_progress(line->file, progress);
        line->logged = fmax(progress->seconds, 1e-9);
    }
}

void ip_progress_end(const ip_progress_line *line)
{
    if (line->is_terminal && line->shown > 0)
        fputs("\r\033[K", stderr);
}
