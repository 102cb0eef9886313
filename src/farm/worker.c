/* worker.c - one number on this rank: its attempts, its states, and the commit of what came out
 *
 * A lost attempt is repeated here, on the same rank, so the other ranks need not know of it. A
 * number that failed by its own verdict is not repeated: it would fail again. One that is lost
 * while the run stops is neither repeated nor blamed: whatever ends a run may have ended it too. */
#include "worker.h"
#include "child_main.h"
#include "infoplane/clock.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

ip_stop ip_farm_flag(const ip_farm *farm)
{
    return farm->stop == NULL ? IP_STOP_NO : (ip_stop)*farm->stop;
}

ip_status ip_worker_open(ip_worker *worker, const ip_farm *farm, ip_error *err)
{
    *worker = (ip_worker){.farm = farm};
    return ip_child_open(&worker->child, farm, err);
}

/* Without isolation the number is computed in the worker's turn. */
static ip_status begin_attempt(ip_worker *worker, ip_error *err)
{
    const ip_farm *farm = worker->farm;
    ip_child *child = &worker->child;
    ip_start start = {0};
    if (farm->begin != NULL)
        IP_TRY(farm->begin(farm->context, worker->number, worker->alone, child->port.room, &start,
                           err));
    if (worker->outcome.attempts == 0)
        worker->outcome.attempts = start.attempts;
    worker->outcome.attempts++;
    worker->began = worker->asked = ip_clock();
    ip_child_clear(child, start.state_bytes);
    return farm->isolate ? ip_child_start(child, worker->number, err) : IP_OK;
}

ip_status ip_worker_begin(ip_worker *worker, uint64_t number, bool alone, ip_error *err)
{
    assert(!worker->busy && worker->stop == IP_STOP_NO);
    worker->busy = true;
    worker->alone = alone;
    worker->back = false;
    worker->number = number;
    worker->outcome = (ip_outcome){0};
    return begin_attempt(worker, err);
}

/* ---- states ---- */

/* Saves the state, if one was given. */
static bool take_state(ip_worker *worker)
{
    const ip_farm *farm = worker->farm;
    size_t bytes = 0;
    if (!ip_handover_take(worker->child.port.handover, &bytes))
        return false;
    if (bytes > 0 && farm->save != NULL)
        farm->save(farm->context, worker->number, worker->child.port.room, bytes);
    worker->asked = ip_clock();
    return true;
}

/* A young attempt is asked sooner: after a second, then whenever it has doubled its age. So little
 * is lost of a short one, and a number that gets on shows it early. */
static void ask_when_due(ip_worker *worker)
{
    const double youth = 1, most = worker->farm->checkpoint_seconds;
    const double pause = fmin(most, fmax(youth, worker->asked - worker->began));
    if (most > 0 && worker->farm->state_bytes > 0 && ip_clock() - worker->asked >= pause)
        ip_handover_ask(worker->child.port.handover);
}

/* ---- stopping ---- */

ip_status ip_worker_put_back(ip_worker *worker, ip_error *err)
{
    const ip_farm *farm = worker->farm;
    if (!worker->busy || worker->back)
        return IP_OK;
    worker->back = true;
    return farm->put_back == NULL ? IP_OK : farm->put_back(farm->context, worker->number, err);
}

static ip_status ask_to_stop(ip_worker *worker, ip_stop grade, ip_error *err)
{
    const ip_farm *farm = worker->farm;
    if (grade <= worker->stop)
        return IP_OK;
    const double seconds = grade == IP_STOP_NOW ? farm->now_seconds : farm->soon_seconds;
    const double patience = worker->child.lived + seconds;
    worker->patience = worker->stop == IP_STOP_NO ? patience : fmin(worker->patience, patience);
    worker->stop = grade;
    const ip_status status = ip_worker_put_back(worker, err);
    ip_handover_stop(worker->child.port.handover);
    return status;
}

static void drop(ip_worker *worker)
{
    ip_child_kill(&worker->child);
    worker->busy = false;
}

ip_status ip_worker_stop(ip_worker *worker, ip_stop grade, ip_error *err)
{
    IP_TRY(ask_to_stop(worker, grade, err));
    if (grade > IP_STOP_NO && !worker->farm->isolate) /* its computing has not begun */
        drop(worker);
    return IP_OK;
}

/* ---- without isolation ---- */

static double process_seconds(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec + 1e-9 * (double)used.tv_nsec;
}

/* The parent's turn inside compute's calls. */
static void look_from_inside(void *parent)
{
    ip_worker *worker = parent;
    ip_error err = {0};
    if (worker->farm->look != NULL)
        worker->farm->look(worker->farm->context);
    const ip_status status = ask_to_stop(worker, ip_farm_flag(worker->farm), &err);
    if (status != IP_OK) {
        worker->fault = err;
        worker->fault.status = status;
    }
    take_state(worker);
    if (worker->stop == IP_STOP_NO)
        ask_when_due(worker);
}

static void measure(ip_outcome *outcome, double began, double used)
{
    struct rusage usage;
    outcome->seconds = ip_clock() - began;
    outcome->cpu_seconds = process_seconds() - used;
    getrusage(RUSAGE_SELF, &usage);
    outcome->peak_bytes = (uint64_t)usage.ru_maxrss * 1024;
}

static ip_status compute_here(ip_worker *worker, ip_error *err)
{
    const ip_farm *farm = worker->farm;
    ip_child_report *report = worker->child.report;
    ip_outcome *outcome = &worker->outcome;
    worker->child.port.look = look_from_inside;
    worker->child.port.parent = worker;
    const double began = ip_clock(), used = process_seconds();
    report->status = farm->compute(farm->context, worker->number, &worker->child.port,
                                   worker->child.result, &report->error);
    measure(outcome, began, used);
    outcome->kind = report->status == IP_OK ? IP_OUTCOME_DONE : IP_OUTCOME_FAILED;
    if (report->status != IP_OK)
        snprintf(outcome->reason, sizeof outcome->reason, "%.*s", (int)sizeof outcome->reason - 1,
                 report->error.text);
    if (worker->fault.status != IP_OK && err != NULL)
        *err = worker->fault;
    return worker->fault.status;
}

/* ---- a turn ---- */

/* Whether an attempt that is over says all there is to say of its number. */
static bool is_final(const ip_worker *worker)
{
    const bool stopped =
        worker->stop != IP_STOP_NO && worker->child.report->status == IP_ERR_STOPPED;
    return worker->outcome.kind != IP_OUTCOME_LOST && !stopped;
}

static ip_status conclude(ip_worker *worker, bool *ended, ip_error *err)
{
    const ip_farm *farm = worker->farm;
    IP_TRY(
        farm->commit(farm->context, worker->number, &worker->outcome, worker->child.result, err));
    worker->busy = false;
    *ended = true;
    return IP_OK;
}

static ip_status try_again(ip_worker *worker, ip_error *err)
{
    const ip_farm *farm = worker->farm;
    if (farm->lost != NULL)
        IP_TRY(farm->lost(farm->context, worker->number, &worker->outcome, err));
    return begin_attempt(worker, err);
}

/* A state that came just before its child died is saved, for the next attempt. */
ip_status ip_worker_turn(ip_worker *worker, bool *ended, ip_error *err)
{
    bool over = true;
    *ended = false;
    if (!worker->busy)
        return IP_OK;
    IP_TRY(worker->farm->isolate ? ip_child_poll(&worker->child, &over, &worker->outcome, err)
                                 : compute_here(worker, err));
    if (over && is_final(worker))
        return conclude(worker, ended, err);
    const bool given = take_state(worker);
    if (worker->stop != IP_STOP_NO && (over || given || worker->child.lived >= worker->patience))
        drop(worker);
    else if (over)
        return worker->outcome.attempts <= worker->farm->retries ? try_again(worker, err)
                                                                 : conclude(worker, ended, err);
    else if (worker->stop == IP_STOP_NO)
        ask_when_due(worker);
    return IP_OK;
}

void ip_worker_close(ip_worker *worker)
{
    ip_child_close(&worker->child);
}
