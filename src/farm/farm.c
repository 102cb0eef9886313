/* clang-format off */
/* farm.c - who computes what: rank 0 deals numbers out, every rank computes one at a time
 *
 *     worker                           rank 0
 *       | ---- READY ------------------> |   once, at the start
 *       | <--- WORK index number alone - |   sooner or later after READY and ENDED, while numbers
 *       |                                |   may begin; one more may come before ENDED, to follow
 *       | ---- ENDED index kind -------> |   the number is committed
 *       | ---- BEAT -------------------> |   when it has said nothing for a while: it lives
 *       | ---- STOP grade -------------> |   the worker's flag is set, or raised, or it cannot go on;
 *       |                                |   its number is back
 *       | <--- LEAVE grade ------------- |   all numbers have ended (grade 0), or somebody's flag is
 *       |                                |   set, or raised, or rank 0 cannot go on
 *       | ---- LEFT -------------------> |   the worker's last message: its child is gone
 *       | <--- HOME -------------------- |   rank 0's last message: all have left
 *
 * Messages between two ranks keep their order, so whatever a worker committed is counted before its
 * LEFT. Between LEAVE and LEFT a number at work has its grace to give its state or to end. Rank 0
 * is its own worker, without messages. At the end all ranks return the status of rank 0 (ip_agree).
 *
 * Every rank takes turns, each of which serves one message and looks at its child, and naps when a
 * turn brought nothing; so it hears and answers within milliseconds, unless its file system or, not
 * isolated, a computation holds it up.
 *
 * Cost: a message each way and a fork for each number. */
/* clang-format on */
#include "infoplane/clock.h"
#include "leader.h"
#include "member.h"
#include "roll.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- a worker ---- */

typedef struct worker_state {
    ip_stop known;   /* the highest grade that rank 0 knows of */
    bool leave;      /* told to */
    bool left, home; /* LEFT was sent, HOME has come */
} worker_state;

static ip_status obey(ip_member *self, worker_state *state, const ip_message *m, ip_error *err)
{
    if (m->what == HOME)
        state->home = true;
    if (m->what == LEAVE) {
        state->leave = true;
        if ((ip_stop)m->value > state->known)
            state->known = (ip_stop)m->value;
        return ip_worker_stop(&self->worker, (ip_stop)m->value, err);
    }
    if (m->what == WORK)
        self->held = *m;
    return IP_OK;
}

/* Begins the number that was dealt out, unless the run stops: then it was never begun. */
static ip_status begin_held(ip_member *self, ip_error *err)
{
    const ip_message work = self->held;
    if (work.what != WORK || self->worker.busy || self->worker.stop != IP_STOP_NO)
        return IP_OK;
    self->held = (ip_message){.what = READY};
    self->index = work.index;
    return ip_worker_begin(&self->worker, work.number, work.value != 0, err);
}

/* The number is put back before rank 0 is told: SIGKILL may follow. */
static ip_status heed_flag(ip_member *self, worker_state *state, ip_error *err)
{
    const ip_stop grade = ip_farm_flag(self->farm);
    IP_TRY(ip_worker_stop(&self->worker, grade, err));
    if (grade > state->known && !state->left) {
        state->known = grade;
        ip_member_send(self, 0, (ip_message){.what = STOP, .value = grade});
    }
    return IP_OK;
}

/* Ten beats to a silence. */
static void beat(ip_member *self)
{
    const double silence = self->farm->silence_seconds;
    const double pause = fmin(fmax(silence / 10, 0.1), 10);
    if (silence > 0 && ip_clock() - self->spoke >= pause)
        ip_member_send(self, 0, (ip_message){.what = BEAT});
}

static void speak(ip_member *self, worker_state *state, bool ended)
{
    if (ended)
        ip_member_send(
            self, 0,
            (ip_message){.what = ENDED, .index = self->index, .value = self->worker.outcome.kind});
    if (state->left)
        return;
    if (state->leave && !self->worker.busy) {
        state->left = true;
        ip_member_send(self, 0, (ip_message){.what = LEFT});
    } else {
        beat(self);
    }
}

static ip_status serve(ip_member *self, ip_error *err)
{
    worker_state state = {0};
    ip_member_send(self, 0, (ip_message){.what = READY});
    while (!state.home) {
        ip_message m;
        int from;
        bool ended;
        const bool moved = ip_member_receive(self, &m, &from);
        if (moved)
            IP_TRY(obey(self, &state, &m, err));
        IP_TRY(heed_flag(self, &state, err));
        IP_TRY(ip_worker_turn(&self->worker, &ended, err));
        speak(self, &state, ended);
        IP_TRY(begin_held(self, err));
        ip_member_rest(self, moved || ended);
    }
    return IP_OK;
}

/* ---- all ranks ---- */

/* The others get the time of a stop before MPI_Abort ends them: a launcher that has lost one rank
 * may kill the rest within milliseconds. */
static void warn_others(ip_member *self)
{
    if (self->rank != 0)
        ip_member_send(self, 0, (ip_message){.what = STOP, .value = IP_STOP_SOON});
    for (int rank = 1; self->rank == 0 && rank < self->n_ranks; rank++)
        ip_member_send(self, rank, (ip_message){.what = LEAVE, .value = IP_STOP_SOON});
    nanosleep(&(struct timespec){.tv_nsec = (long)(1e9 * fmin(self->farm->now_seconds, 0.999))},
              NULL);
}

/* A rank that cannot commit or fork cannot go on, and the others, who may wait for it, cannot be
 * asked to agree. What hangs here, on a disk or a node that is gone, is not waited for. */
static _Noreturn void abort_run(ip_member *self, const ip_error *err)
{
    const int code = ip_status_exit_code(err->status);
    ip_farm_leave_within(30, code);
    fprintf(stderr, "[rank %d] error: %s%s%s\n", self->rank, err->file,
            err->file[0] != '\0' ? ": " : "", err->text);
    ip_error second = {0}; /* the first one is what counts */
    if (ip_worker_put_back(&self->worker, &second) != IP_OK && strcmp(second.text, err->text) != 0)
        fprintf(stderr, "[rank %d] error: %s\n", self->rank, second.text);
    if (self->worker.stop == IP_STOP_NO)
        warn_others(self);
    if (self->farm->abandon != NULL)
        self->farm->abandon(self->farm->context, err);
    ip_farm_leave_within(5, code);
    MPI_Abort(self->comm, code);
    _Exit(code);
}

static ip_status take_part(ip_member *self, ip_farm_progress *summary, ip_error *verdict,
                           ip_error *err)
{
    ip_roll roll;
    IP_TRY(ip_worker_open(&self->worker, self->farm, err));
    IP_TRY(ip_roll_open(&roll, self->comm, err));
    IP_TRY(self->rank == 0 ? ip_lead(self, &roll, summary, verdict, err) : serve(self, err));
    ip_roll_close(&roll);
    ip_worker_close(&self->worker);
    return IP_OK;
}

ip_status ip_farm_run(const ip_farm *farm, MPI_Comm comm, ip_farm_progress *summary, ip_error *err)
{
    assert(farm->compute != NULL && farm->commit != NULL);
    ip_member self = {.farm = farm};
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
