/* farm.c - who computes what: rank 0 deals numbers out, every rank computes one at a time
 *
 *     worker                           rank 0
 *       | ---- READY ------------------> |   once, at the start
 *       | <--- WORK index number ------- |   the answer to READY and ENDED while numbers are left
 *       | ---- ENDED index kind -------> |   the number is committed
 *       | ---- STOP -------------------> |   at most once: the worker's flag is set, its child dead
 *       | <--- LEAVE ------------------- |   all numbers have ended, or somebody's flag is set
 *       | ---- LEFT -------------------> |   the worker's last message: its child is dead
 *
 * Messages between two ranks keep their order, so whatever a worker committed is counted before its
 * LEFT. A worker that gets no answer has nothing to do and waits for LEAVE. Rank 0 is its own
 * worker, without messages. At the end all ranks return the status of rank 0 (ip_agree).
 *
 * Nobody waits inside MPI, which would burn a core: every rank takes turns, each of which serves
 * one message and looks at its child, and naps when a turn brought nothing.
 *
 * Cost: a message each way and a fork for each number. */
#include "infoplane/farm.h"
#include "worker.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const double nap_shortest = 100e-6, nap_longest = 2e-3;
static const double progress_seconds = 0.25;

enum { READY, WORK, ENDED, STOP, LEAVE, LEFT };

typedef struct message {
    uint64_t what;   /* one of the above */
    uint64_t index;  /* WORK and ENDED: the place of the number in the list */
    uint64_t number; /* WORK: the number itself */
    uint64_t kind;   /* ENDED: ip_outcome_kind */
} message;

/* What every rank has. */
typedef struct member {
    const ip_farm *farm;
    MPI_Comm comm;
    int rank, n_ranks;
    ip_worker worker;
    uint64_t index; /* the place in the list of the number its worker is busy with */
    double nap;
} member;

/* What rank 0 has besides. */
typedef struct leader {
    member *self;
    size_t next; /* place in the list of the first number not dealt out */
    bool stopping;
    int n_left; /* workers that have left */
    double cost_total, cost_ended;
    double began, shown; /* ip_farm_clock at the start, at the last progress */
    ip_farm_progress progress;
} leader;

static void send_message(const member *self, int to, message m)
{
    MPI_Send(&m, (int)(sizeof m / sizeof m.what), MPI_UINT64_T, to, 0, self->comm);
}

/* Takes a message out if one has come; *from is who sent it. */
static bool receive_message(const member *self, message *m, int *from)
{
    int here = 0;
    MPI_Status status;
    if (self->n_ranks > 1)
        MPI_Iprobe(MPI_ANY_SOURCE, 0, self->comm, &here, &status);
    if (!here)
        return false;
    *from = status.MPI_SOURCE;
    MPI_Recv(m, (int)(sizeof *m / sizeof m->what), MPI_UINT64_T, *from, 0, self->comm,
             MPI_STATUS_IGNORE);
    return true;
}

static bool asked_to_stop(const member *self)
{
    return self->farm->stop != NULL && *self->farm->stop != 0;
}

/* Ends a turn: a rank that had something to do looks again at once, an idle one more and more
 * rarely. */
static void rest(member *self, bool moved)
{
    if (!moved)
        ip_child_nap(&self->worker.child, self->nap);
    self->nap = moved ? nap_shortest : fmin(2 * self->nap, nap_longest);
}

/* ---- a worker ---- */

/* What a worker does with its flag or with a message, until it is told to leave. */
static ip_status serve(member *self, ip_error *err)
{
    bool stopped = false, leave = false;
    send_message(self, 0, (message){.what = READY});
    while (!leave) {
        message m = {0};
        int from;
        bool moved = receive_message(self, &m, &from), ended;
        leave = moved && m.what == LEAVE;
        if (leave || (asked_to_stop(self) && !stopped)) {
            ip_worker_drop(&self->worker);
            stopped = true;
            send_message(self, 0, (message){.what = leave ? LEFT : STOP});
        } else if (moved && m.what == WORK && !stopped) {
            self->index = m.index;
            IP_TRY(ip_worker_begin(&self->worker, m.number, err));
        }
        IP_TRY(ip_worker_turn(&self->worker, &ended, err));
        if (ended)
            send_message(
                self, 0,
                (message){.what = ENDED, .index = self->index, .kind = self->worker.outcome.kind});
        rest(self, moved || ended);
    }
    return IP_OK;
}

/* ---- rank 0 ---- */

static double cost_of(const ip_farm *farm, size_t index)
{
    return farm->costs == NULL ? 1.0 : farm->costs[index];
}

static bool all_ended(const leader *lead)
{
    return lead->progress.done + lead->progress.failed == lead->progress.total;
}

/* Takes the next number off the list. */
static bool deal(leader *lead, size_t *index)
{
    if (lead->stopping || lead->next == lead->progress.total)
        return false;
    *index = lead->next++;
    lead->progress.running++;
    return true;
}

static void count_ended(leader *lead, size_t index, ip_outcome_kind kind)
{
    lead->progress.running--;
    if (kind == IP_OUTCOME_DONE)
        lead->progress.done++;
    else
        lead->progress.failed++;
    lead->cost_ended += cost_of(lead->self->farm, index);
}

static void answer(leader *lead, const message *m, int from)
{
    const ip_farm *farm = lead->self->farm;
    size_t index;
    if (m->what == ENDED)
        count_ended(lead, m->index, (ip_outcome_kind)m->kind);
    if (m->what == STOP)
        lead->stopping = true;
    if (m->what == LEFT)
        lead->n_left++;
    if ((m->what == READY || m->what == ENDED) && deal(lead, &index))
        send_message(lead->self, from,
                     (message){.what = WORK, .index = index, .number = farm->numbers[index]});
}

/* Serves one message, if there is one. */
static bool listen(leader *lead)
{
    message m;
    int from;
    const bool moved = receive_message(lead->self, &m, &from);
    if (moved)
        answer(lead, &m, from);
    return moved;
}

/* Rank 0's own worker: *moved when a number ended or began. */
static ip_status work(leader *lead, bool *moved, ip_error *err)
{
    member *self = lead->self;
    ip_worker *worker = &self->worker;
    bool ended;
    size_t index;
    IP_TRY(ip_worker_turn(worker, &ended, err));
    if (ended)
        count_ended(lead, self->index, worker->outcome.kind);
    *moved = ended;
    if (worker->busy || !deal(lead, &index))
        return IP_OK;
    *moved = true;
    self->index = index;
    return ip_worker_begin(worker, self->farm->numbers[index], err);
}

static void update_progress(leader *lead)
{
    const ip_worker *worker = &lead->self->worker;
    ip_farm_progress *progress = &lead->progress;
    progress->seconds = ip_farm_clock() - lead->began;
    progress->seconds_left = (double)NAN;
    if (progress->done + progress->failed > 0)
        progress->seconds_left =
            fmax(0, lead->cost_total - lead->cost_ended) * progress->seconds / lead->cost_ended;
    progress->running_result = worker->busy && worker->farm->isolate ? worker->child.result : NULL;
    progress->running_number = worker->busy ? worker->number : 0;
}

static void show_progress(leader *lead)
{
    const ip_farm *farm = lead->self->farm;
    update_progress(lead);
    lead->shown = ip_farm_clock();
    if (farm->progress != NULL)
        farm->progress(farm->context, &lead->progress);
}

/* Sends everybody home and waits until they have gone. */
static void dismiss(leader *lead)
{
    member *self = lead->self;
    lead->stopping = true;
    ip_worker_drop(&self->worker);
    for (int rank = 1; rank < self->n_ranks; rank++)
        send_message(self, rank, (message){.what = LEAVE});
    while (lead->n_left < self->n_ranks - 1)
        rest(self, listen(lead));
    lead->progress.running = 0;
}

static ip_status lead_run(leader *lead, ip_error *err)
{
    while (!all_ended(lead) && !lead->stopping && !asked_to_stop(lead->self)) {
        bool moved;
        IP_TRY(work(lead, &moved, err));
        moved = listen(lead) || moved;
        if (ip_farm_clock() - lead->shown >= progress_seconds)
            show_progress(lead);
        rest(lead->self, moved);
    }
    dismiss(lead);
    show_progress(lead);
    return IP_OK;
}

/* Leads the run and makes its verdict, which is the error of all ranks. */
static ip_status lead_ranks(member *self, ip_farm_progress *summary, ip_error *verdict,
                            ip_error *err)
{
    leader lead = {.self = self, .progress.total = self->farm->n, .began = ip_farm_clock()};
    lead.shown = lead.began;
    for (size_t i = 0; i < self->farm->n; i++)
        lead.cost_total += cost_of(self->farm, i);
    IP_TRY(lead_run(&lead, err));
    if (summary != NULL)
        *summary = lead.progress;
    if (!all_ended(&lead))
        ip_fail(verdict, IP_ERR_STOPPED, "stopped with %zu of %zu numbers left",
                lead.progress.total - lead.progress.done - lead.progress.failed,
                lead.progress.total);
    return IP_OK;
}

/* ---- all ranks ---- */

/* A rank that cannot commit or fork cannot go on, and the others, who may wait for it, cannot be
 * asked to agree. */
static _Noreturn void abort_run(const member *self, const ip_error *err)
{
    fprintf(stderr, "[rank %d] error: %s%s%s\n", self->rank, err->file,
            err->file[0] != '\0' ? ": " : "", err->text);
    MPI_Abort(self->comm, ip_status_exit_code(err->status));
    abort();
}

static ip_status take_part(member *self, ip_farm_progress *summary, ip_error *verdict,
                           ip_error *err)
{
    IP_TRY(ip_worker_open(&self->worker, self->farm, err));
    IP_TRY(self->rank == 0 ? lead_ranks(self, summary, verdict, err) : serve(self, err));
    ip_worker_close(&self->worker);
    return IP_OK;
}

ip_status ip_farm_run(const ip_farm *farm, MPI_Comm comm, ip_farm_progress *summary, ip_error *err)
{
    assert(farm->compute != NULL && farm->commit != NULL);
    member self = {.farm = farm, .nap = nap_shortest};
    ip_error verdict = {0}, fault = {0};
    MPI_Comm_dup(comm, &self.comm); /* the caller's own messages stay apart */
    MPI_Comm_rank(self.comm, &self.rank);
    MPI_Comm_size(self.comm, &self.n_ranks);
    if (take_part(&self, summary, &verdict, &fault) != IP_OK)
        abort_run(&self, &fault);
    const ip_status status = ip_agree(self.comm, &verdict);
    MPI_Comm_free(&self.comm);
    if (err != NULL && status != IP_OK)
        *err = verdict;
    return status;
}
