/* walk.h - numbers that take many steps and can give their state after each, and the depot, shared
 * by all ranks and children, that keeps the states and tells what happened to each number */
#ifndef WALK_H
#define WALK_H

#include "ledger.h"

enum { MOST_WALKS = 40, STEPS = 1000, WORDS = 20001 };

/* Every word follows from the first two, so a torn state is seen. */
typedef struct walk_state {
    uint64_t step, value;
    uint64_t words[WORDS];
} walk_state;

typedef struct walk_result {
    uint64_t value;
    uint64_t from; /* the step that the last attempt started at */
} walk_result;

typedef struct walk_entry {
    _Atomic int begun, computed, lost, put_back, committed;
    _Atomic int saved;          /* states in this run */
    _Atomic int late_put_backs; /* those after a save in the stop */
    uint64_t from;              /* of the committed result */
    ip_outcome outcome;
    walk_state state; /* the newest; step 0: none */
} walk_entry;

typedef struct depot {
    ledger book;
    walk_entry *at; /* (MOST_WALKS), shared by all */
    bool isolate;
    int attempts_before; /* what begin tells */
    uint64_t numbers[MOST_WALKS];
} depot;

static inline void walk_fill(walk_state *state)
{
    for (uint64_t i = 0; i < WORDS; i++)
        state->words[i] = state->value * (i + 1) + state->step;
}

static inline void walk_step(walk_state *state, uint64_t number)
{
    state->step++;
    state->value = state->value * UINT64_C(6364136223846793005) + number + state->step;
}

static inline uint64_t walk_value(uint64_t number, uint64_t step)
{
    walk_state state = {0};
    while (state.step < step)
        walk_step(&state, number);
    return state.value;
}

/* Whether bytes hold the state that number has after the step they tell. */
static inline bool walk_is_whole(const walk_state *state, uint64_t number, size_t bytes)
{
    size_t wrong = bytes != sizeof *state || state->value != walk_value(number, state->step);
    for (uint64_t i = 0; i < WORDS; i++)
        wrong += state->words[i] != state->value * (i + 1) + state->step;
    return wrong == 0;
}

/* ---- compute's side ---- */

static inline void walk_start(ip_port *port, walk_state *state, walk_result *result)
{
    size_t bytes;
    const walk_state *saved = ip_port_saved(port, &bytes);
    *state = (walk_state){0};
    if (saved != NULL)
        *state = *saved;
    assert(bytes == (saved == NULL ? 0 : sizeof *state));
    result->from = state->step;
}

/* Gives the state if asked. True: the run stops. */
static inline bool walk_answer(ip_port *port, walk_state *state)
{
    if (!ip_port_is_asked(port))
        return false;
    walk_fill(state);
    memcpy(ip_port_room(port), state, sizeof *state);
    return ip_port_give(port, sizeof *state);
}

/* Goes to the end. */
static inline ip_status walk_on(ip_port *port, uint64_t number, walk_state *state,
                                walk_result *result, ip_error *err)
{
    while (state->step < STEPS) {
        walk_step(state, number);
        if (walk_answer(port, state))
            return ip_fail(err, IP_ERR_STOPPED, "stopped at step %d", (int)state->step);
    }
    result->value = state->value;
    return IP_OK;
}

/* ---- the farm's functions ---- */

static inline ip_status walk_begin(void *context, uint64_t number, bool alone, void *room,
                                   ip_start *start, ip_error *err)
{
    (void)err;
    const depot *here = context;
    walk_entry *entry = &here->at[number];
    CHECK(!alone);
    CHECK(start->attempts == 0 && start->state_bytes == 0);
    entry->begun++;
    start->attempts = here->attempts_before;
    if (entry->state.step == 0)
        return IP_OK;
    memcpy(room, &entry->state, sizeof entry->state);
    start->state_bytes = sizeof entry->state;
    return IP_OK;
}

static inline void walk_save(void *context, uint64_t number, const void *state, size_t bytes)
{
    const depot *here = context;
    walk_entry *entry = &here->at[number];
    const uint64_t before = entry->state.step;
    CHECK(walk_is_whole(state, number, bytes));
    memcpy(&entry->state, state, sizeof entry->state);
    CHECK(entry->state.step >= before);
    entry->saved++;
}

static inline ip_status walk_lost(void *context, uint64_t number, const ip_outcome *outcome,
                                  ip_error *err)
{
    (void)err;
    const depot *here = context;
    walk_entry *entry = &here->at[number];
    entry->lost++;
    CHECK(outcome->kind == IP_OUTCOME_LOST);
    CHECK_COUNT(outcome->attempts, here->attempts_before + entry->lost);
    return IP_OK;
}

static inline ip_status walk_put_back(void *context, uint64_t number, ip_error *err)
{
    (void)err;
    const depot *here = context;
    walk_entry *entry = &here->at[number];
    CHECK_COUNT(entry->committed, 0);
    entry->put_back++;
    entry->late_put_backs += entry->saved > 0;
    return IP_OK;
}

static inline ip_status walk_commit(void *context, uint64_t number, const ip_outcome *outcome,
                                    const void *result, ip_error *err)
{
    (void)err;
    const depot *here = context;
    const walk_result *walked = result;
    walk_entry *entry = &here->at[number];
    entry->committed++;
    entry->outcome = *outcome;
    entry->from = walked->from;
    if (outcome->kind == IP_OUTCOME_DONE)
        CHECK(walked->value == walk_value(number, STEPS));
    return IP_OK;
}

/* ---- the test's side ---- */

/* A farm of n numbers to be completed with compute and what the test is about. */
static inline ip_farm depot_open(depot *here, size_t n, bool isolate)
{
    assert(n <= MOST_WALKS);
    ledger_open(&here->book, n);
    here->at = share_with_ranks(&here->book, MOST_WALKS * sizeof *here->at);
    here->isolate = isolate;
    here->attempts_before = 0;
    for (size_t i = 0; i < n; i++)
        here->numbers[i] = i;
    return (ip_farm){.n = n,
                     .numbers = here->numbers,
                     .result_bytes = sizeof(walk_result),
                     .state_bytes = sizeof(walk_state),
                     .context = here,
                     .begin = walk_begin,
                     .commit = walk_commit,
                     .save = walk_save,
                     .lost = walk_lost,
                     .put_back = walk_put_back,
                     .isolate = isolate};
}

/* Runs the farm; all ranks see all entries afterwards. */
static inline ip_farm_progress depot_run(depot *here, const ip_farm *farm, ip_status expected)
{
    ip_farm_progress summary = {0};
    ip_error err = {0};
    CHECK_COUNT(ip_farm_run(farm, here->book.comm, &summary, &err), expected);
    MPI_Barrier(here->book.comm);
    if (here->book.rank == 0)
        CHECK_COUNT(summary.running, 0);
    return summary;
}

static inline void depot_close(depot *here)
{
    MPI_Barrier(here->book.comm);
    munmap(here->at, MOST_WALKS * sizeof *here->at);
    ledger_close(&here->book);
}

#endif
