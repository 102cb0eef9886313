/* task_misdeeds.c - a task for tests alone, some of whose jobs misbehave
 *
 * Linked into a copy of the program, whose sources know nothing of it. A job draws its targets
 * once, in its child, from the dataset and its seed: that call is wrapped (ld --wrap), and for this
 * task's dataset every tenth seed does what the table says instead. MISDEEDS=none keeps all of them
 * good. */
#include "task_misdeeds.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROWS = 64, INPUTS = 6, EVERY = 10 };

static const ip_dataset *ours;

/* ---- the misdeeds ---- */

static void touch_nothing(void)
{
    volatile int *volatile nowhere = NULL;
    *nowhere = 1;
}

static void loop(void)
{
    volatile unsigned turns = 0;
    while (turns < 10)
        turns %= 10;
}

static void hoard(void)
{
    for (;;) {
        volatile char *held = malloc(1 << 20);
        for (size_t i = 0; held != NULL && i < 1 << 20; i += 1024)
            held[i] = 1;
        if (held == NULL)
            abort();
    }
}

static unsigned dig(volatile unsigned *depth)
{
    volatile char room[4096];
    room[0] = (char)++*depth;
    return *depth == 0 ? 0 : dig(depth) + (unsigned)room[0];
}

static void dig_deep(void)
{
    volatile unsigned depth = 0;
    dig(&depth);
}

static void exit_with_3(void)
{
    exit(3);
}

static void leave_with_0(void)
{
    _exit(0);
}

static void kill_child(void)
{
    raise(SIGKILL);
}

static void kill_rank(void)
{
    kill(getppid(), SIGKILL);
    for (;;)
        pause();
}

static void divide(void)
{
    raise(SIGFPE);
}

/* Of seeds 10, 20, ... 100. */
static void (*const deeds[])(void) = {
    touch_nothing, abort,        loop,       hoard,     dig_deep,
    exit_with_3,   leave_with_0, kill_child, kill_rank, divide,
};

static void misbehave(uint64_t seed)
{
    const char *wish = getenv("MISDEEDS");
    if (seed % EVERY != 0 || seed / EVERY == 0 || seed / EVERY > IP_LENGTH(deeds))
        return;
    if (wish == NULL || strcmp(wish, "none") != 0)
        deeds[seed / EVERY - 1]();
}

/* ---- between job and data ---- */

void __real_ip_targets_make(const ip_dataset *dataset, ip_target_rule rule, uint64_t seed,
                            float *targets);
void __wrap_ip_targets_make(const ip_dataset *dataset, ip_target_rule rule, uint64_t seed,
                            float *targets);

void __wrap_ip_targets_make(const ip_dataset *dataset, ip_target_rule rule, uint64_t seed,
                            float *targets)
{
    if (dataset == ours)
        misbehave(seed);
    __real_ip_targets_make(dataset, rule, seed, targets);
}

/* ---- the task ---- */

/* Six bits; the label is their majority, ties to 0. */
static void fill(ip_dataset *dataset)
{
    for (size_t i = 0; i < ROWS; i++) {
        size_t ones = 0;
        for (size_t k = 0; k < INPUTS; k++) {
            ones += i >> k & 1U;
            dataset->x[i * INPUTS + k] = (float)(i >> k & 1U);
        }
        dataset->p_y_given_x[2 * i + (ones > INPUTS / 2)] = 1;
    }
}

static ip_status make(const ip_task_options *options, ip_dataset **dataset, ip_error *err)
{
    (void)options;
    ip_dataset *made = ip_dataset_new(ROWS, INPUTS, 2, 0);
    if (made == NULL)
        return ip_fail(err, IP_ERR_MEMORY, "out of memory for the dataset of task misdeeds");
    fill(made);
    ours = *dataset = made;
    return ip_dataset_finish(made, err);
}

const ip_task ip_task_misdeeds = {
    .name = "misdeeds",
    .summary = "jobs that misbehave",
    .source = "the tests",
    .make = make,
};
