/* worker.c - one number on this rank: its attempts, and the commit of what came out
 *
 * A lost attempt is repeated here, on the same rank, so the other ranks need not know of it. A
 * number that failed by its own verdict is not repeated: it would fail again. */
#include "worker.h"
#include <assert.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

ip_status ip_worker_open(ip_worker *worker, const ip_farm *farm, ip_error *err)
{
    *worker = (ip_worker){.farm = farm};
    return ip_child_open(&worker->child, farm, err);
}

/* Without isolation the number is computed in the worker's turn. */
static ip_status begin_attempt(ip_worker *worker, ip_error *err)
{
    worker->outcome.attempts++;
    return worker->farm->isolate ? ip_child_start(&worker->child, worker->number, err) : IP_OK;
}

ip_status ip_worker_begin(ip_worker *worker, uint64_t number, ip_error *err)
{
    assert(!worker->busy);
    worker->busy = true;
    worker->number = number;
    worker->outcome = (ip_outcome){0};
    return begin_attempt(worker, err);
}

static double process_seconds(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec + 1e-9 * (double)used.tv_nsec;
}

static void compute_here(ip_worker *worker)
{
    const ip_farm *farm = worker->farm;
    ip_outcome *outcome = &worker->outcome;
    ip_error err = {0};
    struct rusage usage;
    ip_child_clear(&worker->child);
    const double began = ip_farm_clock(), used = process_seconds();
    const ip_status status =
        farm->compute(farm->context, worker->number, worker->child.result, &err);
    outcome->seconds = ip_farm_clock() - began;
    outcome->cpu_seconds = process_seconds() - used;
    getrusage(RUSAGE_SELF, &usage);
    outcome->peak_bytes = (uint64_t)usage.ru_maxrss * 1024;
    outcome->kind = status == IP_OK ? IP_OUTCOME_DONE : IP_OUTCOME_FAILED;
    if (status != IP_OK)
        snprintf(outcome->reason, sizeof outcome->reason, "%.*s", (int)sizeof outcome->reason - 1,
                 err.text);
}

ip_status ip_worker_turn(ip_worker *worker, bool *ended, ip_error *err)
{
    *ended = false;
    if (!worker->busy)
        return IP_OK;
    bool over = true;
    if (worker->farm->isolate)
        IP_TRY(ip_child_poll(&worker->child, &over, &worker->outcome, err));
    else
        compute_here(worker);
    if (!over)
        return IP_OK;
    if (worker->outcome.kind == IP_OUTCOME_LOST &&
        worker->outcome.attempts <= worker->farm->retries)
        return begin_attempt(worker, err);
    worker->busy = false;
    *ended = true;
    return worker->farm->commit(worker->farm->context, worker->number, &worker->outcome,
                                worker->child.result, err);
}

void ip_worker_drop(ip_worker *worker)
{
    ip_child_kill(&worker->child);
    worker->busy = false;
}

void ip_worker_close(ip_worker *worker)
{
    ip_child_close(&worker->child);
}
