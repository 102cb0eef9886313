/* run_log.c - appending to FILE.log and reading its end
 *
 * A line is one write to a file opened for appending, so lines of several ranks do not mix on a
 * local disk. */
#include "cmd/run_log.h"
#include "store/beside.h"
#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { TAIL_BYTES = 16384 };

static void name_of(const char *file, ip_text *name)
{
    ip_beside(file, ".log", name);
}

/* Takes over event, adds time and host, appends. */
static void append(const char *file, json_t *event)
{
    char host[64] = "";
    char stamp[32];
    struct tm utc;
    const time_t now = time(NULL);
    gethostname(host, sizeof host - 1);
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    json_object_set_new(event, "time", json_string(stamp));
    json_object_set_new(event, "unix", json_integer((json_int_t)now));
    json_object_set_new(event, "host", json_string(host));
    char *line = json_dumps(event, JSON_COMPACT | JSON_REAL_PRECISION(6));
    ip_text name = {0};
    ip_text text = {0};
    name_of(file, &name);
    ip_text_append(&text, "%s\n", line != NULL ? line : "");
    const int fd = open(name.at, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (fd >= 0) {
        const ssize_t written = write(fd, text.at, text.length);
        (void)written;
        close(fd);
    }
    ip_text_release(&text);
    ip_text_release(&name);
    free(line);
    json_decref(event);
}

void ip_run_log_start(const char *file, int ranks, size_t jobs, size_t pending)
{
    append(file,
           json_pack("{s:s, s:i, s:i, s:I, s:I}", "event", "start", "ranks", ranks, "pid",
                     (int)getpid(), "jobs", (json_int_t)jobs, "pending", (json_int_t)pending));
}

void ip_run_log_progress(const char *file, const ip_farm_progress *progress)
{
    json_t *left =
        isfinite(progress->seconds_left) ? json_real(progress->seconds_left) : json_null();
    append(file, json_pack("{s:s, s:I, s:I, s:I, s:o}", "event", "progress", "done",
                           (json_int_t)progress->done, "failed", (json_int_t)progress->failed,
                           "running", (json_int_t)progress->running, "seconds_left", left));
}

void ip_run_log_loss(const char *file, const char *event, size_t job, int rank,
                     const ip_outcome *outcome)
{
    append(file, json_pack("{s:s, s:I, s:i, s:i, s:s, s:I}", "event", event, "job", (json_int_t)job,
                           "rank", rank, "attempts", outcome->attempts, "reason", outcome->reason,
                           "peak_bytes", (json_int_t)outcome->peak_bytes));
}

void ip_run_log_resumed(const char *file, size_t job, int rank)
{
    append(file,
           json_pack("{s:s, s:I, s:i}", "event", "resumed", "job", (json_int_t)job, "rank", rank));
}

void ip_run_log_grown(const char *file, size_t before, size_t jobs)
{
    append(file, json_pack("{s:s, s:I, s:I}", "event", "grown", "before", (json_int_t)before,
                           "jobs", (json_int_t)jobs));
}

void ip_run_log_jobs(const char *file, const char *event, size_t jobs)
{
    append(file, json_pack("{s:s, s:I}", "event", event, "jobs", (json_int_t)jobs));
}

void ip_run_log_stop(const char *file, const char *why)
{
    append(file, json_pack("{s:s, s:s}", "event", "stop", "why", why));
}

static void take_line(const char *line, ip_log_tail *tail)
{
    json_t *event = json_loads(line, 0, NULL);
    const char *what = json_string_value(json_object_get(event, "event"));
    if (what != NULL && (strcmp(what, "stop") == 0 || strcmp(what, "start") == 0))
        *tail = (ip_log_tail){.seconds_left = (double)NAN};
    if (what != NULL && strcmp(what, "progress") == 0) {
        const json_t *left = json_object_get(event, "seconds_left");
        tail->running = (size_t)json_integer_value(json_object_get(event, "running"));
        tail->seconds_left = json_is_number(left) ? json_number_value(left) : (double)NAN;
    }
    json_decref(event);
}

ip_log_tail ip_run_log_tail(const char *file)
{
    ip_log_tail tail = {.seconds_left = (double)NAN};
    ip_text name = {0};
    name_of(file, &name);
    FILE *log = fopen(name.at, "r");
    ip_text_release(&name);
    if (log == NULL)
        return tail;
    if (fseek(log, -TAIL_BYTES, SEEK_END) != 0)
        rewind(log);
    char *line = NULL;
    size_t capacity = 0;
    while (getline(&line, &capacity, log) > 0)
        take_line(line, &tail);
    free(line);
    fclose(log);
    return tail;
}
