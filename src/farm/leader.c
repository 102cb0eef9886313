/* leader.c - rank 0's part: deal the numbers out, count them, end the run
 *
 * Ranks that want a number queue for it, rank 0 itself among them, and get one as soon as crowd and
 * time allow; of short numbers a rank gets the next while it is still busy. A rank that dies takes
 * the run with it, for MPI knows no other way, but that may take a while or fail; hence rank 0
 * waits for everything with a limit: for a word of each rank during the run, for the last words of
 * all when it stops. */
#include "leader.h"
#include "infoplane/clock.h"
#include <assert.h>
#include <math.h>

static const double progress_seconds = 0.25;
static const double short_seconds = 1; /* of a number, on average, to be dealt ahead */

/* How much later than the grace of its number a rank may leave. When a rank died, mpirun leaves the
 * others a second. */
static const double late_soon = 5, late_now = 0.4, late_share = 0.25;

typedef struct leader {
    ip_member *self;
    ip_roll *roll;
    size_t next;     /* place in the list of the first number not dealt out */
    ip_stop asked;   /* by a worker */
    bool leaving;    /* LEAVE was sent */
    ip_stop told;    /* with this grade */
    double patience; /* all must have left when roll->time has come here */
    double cost_total, cost_ended;
    double began, shown; /* ip_clock at the start, at the last progress */
    ip_farm_progress progress;
} leader;

static double cost_of(const ip_farm *farm, size_t index)
{
    return farm->costs == NULL ? 1.0 : farm->costs[index];
}

static bool all_ended(const leader *lead)
{
    return lead->progress.done + lead->progress.failed == lead->progress.total;
}

static ip_stop larger(ip_stop a, ip_stop b)
{
    return a > b ? a : b;
}

static double seconds_left(const ip_farm *farm)
{
    return farm->seconds_left == NULL ? (double)INFINITY : farm->seconds_left(farm->context);
}

/* ---- dealing ---- */

/* Whether the next number may be dealt out while so many ranks, or more, are at work. */
static bool may_deal(const leader *lead, size_t at_work)
{
    const ip_farm *farm = lead->self->farm;
    if (lead->leaving || lead->asked != IP_STOP_NO || lead->next == lead->progress.total)
        return false;
    if (farm->crowds != NULL && at_work >= (size_t)farm->crowds[lead->next])
        return false;
    return !(seconds_left(farm) < farm->start_seconds);
}

/* A rank has its next number before it ends the one at work, so that it need not wait for rank 0 to
 * hear of it. Only while numbers are so short that this counts, and there are more of them than
 * ranks: a number that must follow a long one would wait while others idle. */
static bool may_deal_ahead(const leader *lead)
{
    const ip_farm_progress *progress = &lead->progress;
    const size_t ended = progress->done + progress->failed;
    const double seconds = (ip_clock() - lead->began) * lead->roll->n;
    return progress->total - lead->next > (size_t)lead->roll->n &&
           seconds < short_seconds * (double)ended && may_deal(lead, (size_t)lead->roll->n - 1);
}

/* Gives the next number of the list to a rank, to be begun at once or after the one it has. */
static ip_status deal(leader *lead, int rank, ip_error *err)
{
    ip_member *self = lead->self;
    const ip_farm *farm = self->farm;
    const size_t index = lead->next++;
    const bool alone = farm->crowds != NULL && farm->crowds[index] == 1;
    if (rank == 0) {
        self->index = index;
        return ip_worker_begin(&self->worker, farm->numbers[index], alone, err);
    }
    ip_member_send(
        self, rank,
        (ip_message){.what = WORK, .index = index, .number = farm->numbers[index], .value = alone});
    return IP_OK;
}

static ip_status deal_out(leader *lead, bool *moved, ip_error *err)
{
    while (lead->roll->waiting.n > 0 && may_deal(lead, lead->progress.running)) {
        *moved = true;
        lead->progress.running++;
        IP_TRY(deal(lead, ip_roll_give(lead->roll), err));
    }
    while (lead->roll->single.n > 0 && may_deal_ahead(lead)) {
        const int rank = ip_roll_give_ahead(lead->roll);
        if (rank > 0)
            IP_TRY(deal(lead, rank, err));
    }
    return IP_OK;
}

static void count_ended(leader *lead, int rank, size_t index, ip_outcome_kind kind)
{
    ip_roll_ended(lead->roll, rank);
    if (lead->roll->numbers[rank] == 0)
        lead->progress.running--;
    if (kind == IP_OUTCOME_DONE)
        lead->progress.done++;
    else
        lead->progress.failed++;
    lead->cost_ended += cost_of(lead->self->farm, index);
}

/* ---- a turn ---- */

static void hear(leader *lead, const ip_message *m, int from)
{
    ip_roll_hear(lead->roll, from);
    if (m->what == READY)
        ip_roll_ready(lead->roll, from);
    if (m->what == ENDED)
        count_ended(lead, from, m->index, (ip_outcome_kind)m->value);
    if (m->what == STOP)
        lead->asked = larger(lead->asked, (ip_stop)m->value);
    if (m->what == LEFT)
        ip_roll_leave(lead->roll, from);
}

/* Serves one message, if there is one. */
static bool listen(leader *lead)
{
    ip_message m;
    int from;
    const bool moved = ip_member_receive(lead->self, &m, &from);
    if (moved)
        hear(lead, &m, from);
    return moved;
}

/* Rank 0's own worker: *moved when a number ended. */
static ip_status work(leader *lead, bool *moved, ip_error *err)
{
    ip_member *self = lead->self;
    IP_TRY(ip_worker_turn(&self->worker, moved, err));
    if (*moved)
        count_ended(lead, 0, self->index, self->worker.outcome.kind);
    return IP_OK;
}

static void update_progress(leader *lead)
{
    const ip_worker *worker = &lead->self->worker;
    ip_farm_progress *progress = &lead->progress;
    progress->seconds = ip_clock() - lead->began;
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
    lead->shown = ip_clock();
    if (farm->progress != NULL)
        farm->progress(farm->context, &lead->progress);
}

/* Whether somebody is missed. To be asked when no message waits. */
static ip_status look_for_missing(const leader *lead, ip_error *err)
{
    const ip_farm *farm = lead->self->farm;
    const ip_roll *roll = lead->roll;
    const bool judged = farm->isolate && farm->silence_seconds > 0;
    const int silent = judged ? ip_roll_silent(roll, farm->silence_seconds) : 0;
    if (silent > 0)
        return ip_fail(err, IP_ERR_STOPPED,
                       "rank %d (host %s) has not answered for %g s; what was committed is safe, "
                       "and the same command continues",
                       silent, roll->hosts[silent], farm->silence_seconds);
    if (!lead->leaving || roll->time <= lead->patience || roll->n_left == roll->n - 1)
        return IP_OK;
    char missing[160];
    ip_roll_describe_missing(roll, missing, sizeof missing);
    return ip_fail(err, IP_ERR_STOPPED,
                   "no answer to the stop from %s, dead or stuck; what was committed is safe, and "
                   "the same command continues",
                   missing);
}

static ip_status take_turn(leader *lead, ip_error *err)
{
    bool moved = false;
    ip_roll_turn(lead->roll);
    IP_TRY(work(lead, &moved, err));
    const bool heard = listen(lead);
    IP_TRY(deal_out(lead, &moved, err));
    if (!heard)
        IP_TRY(look_for_missing(lead, err));
    if (ip_clock() - lead->shown >= progress_seconds)
        show_progress(lead);
    ip_member_rest(lead->self, moved || heard);
    return IP_OK;
}

/* ---- the end ---- */

/* Whether time is up: for all numbers, or for beginning one when none is at work. */
static bool is_late(const leader *lead)
{
    const double left = seconds_left(lead->self->farm);
    return left <= 0 || (left < lead->self->farm->start_seconds && lead->progress.running == 0);
}

static ip_stop asked_to_stop(const leader *lead)
{
    return larger(lead->asked, ip_farm_flag(lead->self->farm));
}

/* When all must have left who are told to stop now. */
static double patience_with(const leader *lead, ip_stop grade)
{
    const ip_farm *farm = lead->self->farm;
    const double grace = grade == IP_STOP_NOW ? farm->now_seconds : farm->soon_seconds;
    const double late = grade == IP_STOP_NOW ? late_now : late_soon;
    if (grade == IP_STOP_NO || !farm->isolate)
        return (double)INFINITY;
    return lead->roll->time + grace + fmax(late, late_share * grace);
}

/* Sends everybody home who is still here; rank 0's own number is put back first. */
static ip_status tell_to_leave(leader *lead, ip_stop grade, ip_error *err)
{
    IP_TRY(ip_worker_stop(&lead->self->worker, grade, err));
    const double patience = patience_with(lead, grade);
    lead->patience = lead->leaving ? fmin(lead->patience, patience) : patience;
    lead->leaving = true;
    lead->told = grade;
    for (int rank = 1; rank < lead->roll->n; rank++) {
        if (!lead->roll->left[rank])
            ip_member_send(lead->self, rank, (ip_message){.what = LEAVE, .value = grade});
    }
    return IP_OK;
}

/* Waits until all have gone, and passes on when there is less time than it seemed. */
static ip_status dismiss(leader *lead, ip_stop grade, ip_error *err)
{
    const ip_roll *roll = lead->roll;
    IP_TRY(tell_to_leave(lead, grade, err));
    while (roll->n_left < roll->n - 1 || lead->self->worker.busy) {
        if (asked_to_stop(lead) > lead->told)
            IP_TRY(tell_to_leave(lead, asked_to_stop(lead), err));
        IP_TRY(take_turn(lead, err));
    }
    for (int rank = 1; rank < roll->n; rank++)
        ip_member_send(lead->self, rank, (ip_message){.what = HOME});
    lead->progress.running = 0;
    return IP_OK;
}

static ip_status lead_run(leader *lead, ip_error *err)
{
    ip_stop grade = IP_STOP_NO;
    ip_roll_ready(lead->roll, 0);
    while (!all_ended(lead) && grade == IP_STOP_NO) {
        grade = larger(asked_to_stop(lead), is_late(lead) ? IP_STOP_SOON : IP_STOP_NO);
        if (grade == IP_STOP_NO)
            IP_TRY(take_turn(lead, err));
    }
    IP_TRY(dismiss(lead, grade, err));
    show_progress(lead);
    return IP_OK;
}

static void check_crowds(const ip_farm *farm)
{
    for (size_t i = 0; farm->crowds != NULL && i < farm->n; i++)
        assert(farm->crowds[i] >= 1 && (i == 0 || farm->crowds[i] <= farm->crowds[i - 1]));
}

ip_status ip_lead(ip_member *self, ip_roll *roll, ip_farm_progress *summary, ip_error *verdict,
                  ip_error *err)
{
    leader lead = {
        .self = self, .roll = roll, .progress.total = self->farm->n, .began = ip_clock()};
    lead.shown = lead.began;
    check_crowds(self->farm);
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
