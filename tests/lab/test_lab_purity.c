/* test_lab_purity.c - a job is a pure function of plan and number, however it is cut into pieces */
#include "fixture.h"

/* Everything that has a state or draws numbers is on. */
static const char keys[] =
    "network: {hidden: [5, 3], activation: tanh}\n"
    "training: {optimizer: adam, rate: 0.01, batch: 10, epochs: 12, targets: sampled, l2: 0.001}\n"
    "measure: {at: [1, 2, 5, 7], information: [binning: {bins: 6}]}\n"
    "sweep: [{training.schedule: [constant, cosine]}]\n"
    "seeds: {count: 2}\n";

static void run(const fixture *f, size_t index)
{
    ip_error err = {0};
    if (fixture_run(f, index, &err) != IP_OK)
        stop_on(&err);
}

static void same_twice_and_after_others(void)
{
    fixture f = small_fixture(keys);
    run(&f, 1);
    void *first = trace_copy(&f);
    run(&f, 1);
    CHECK(trace_equals(&f, first));
    for (size_t other = 0; other < 4; other++) {
        run(&f, other);
        CHECK(trace_equals(&f, first) == (other == 1));
    }
    run(&f, 1);
    CHECK(trace_equals(&f, first));
    free(first);
    fixture_release(&f);
}

/* The place in the plan is no part of a job: the same settings and seed alone in another sweep. */
static void same_in_another_sweep(void)
{
    fixture f = small_fixture(keys);
    run(&f, 3);
    void *in_first = trace_copy(&f);
    fixture_release(&f);

    char other[MOST_SPEC];
    snprintf(other, sizeof other, "%s", keys);
    strstr(other, "sweep:")[0] = '\0';
    strcat(other, "sweep: [{training.schedule: [step, cosine]}]\n"
                  "exclude: [{training.schedule: step}]\nseeds: {count: 1, first: 2}\n");
    f = small_fixture(other);
    CHECK_COUNT(ip_plan_n_jobs(f.plan), 1);
    run(&f, 0);
    CHECK(trace_equals(&f, in_first));
    free(in_first);
    fixture_release(&f);
}

static void one_epoch_at_a_time(void)
{
    fixture f = small_fixture(keys);
    run(&f, 2);
    void *whole = trace_copy(&f);
    ip_arena arena = {0};
    ip_lab *lab = NULL;
    ip_error err;
    ip_job job;
    ip_plan_job(f.plan, 2, &job);
    CHECK_COUNT(ip_lab_begin(f.plan, &job, &f.trace, &arena, &lab, &err), IP_OK);
    CHECK_COUNT(ip_lab_epochs_done(lab), 0);
    CHECK_COUNT(ip_lab_snapshots_done(lab), 1);
    static const size_t snapshots[] = {1, 2, 3, 3, 3, 4, 4, 5, 5, 5, 5, 5, 6};
    for (uint64_t epoch = 1; epoch <= 12; epoch++) {
        CHECK(!ip_lab_is_done(lab));
        CHECK_COUNT(ip_lab_epoch(lab, &err), IP_OK);
        CHECK_COUNT(ip_lab_epochs_done(lab), epoch);
        CHECK_COUNT(ip_lab_snapshots_done(lab), snapshots[epoch]);
    }
    CHECK(ip_lab_is_done(lab));
    CHECK(trace_equals(&f, whole));
    ip_arena_release(&arena);
    free(whole);
    fixture_release(&f);
}

/* Looking at the activations changes nothing that follows. */
static void looking_changes_nothing(void)
{
    fixture f = small_fixture(keys);
    run(&f, 0);
    void *whole = trace_copy(&f);
    ip_arena arena = {0};
    ip_lab *lab = NULL;
    ip_error err;
    ip_job job;
    ip_cmat layers[3];
    const double *q_y_given_x;
    ip_plan_job(f.plan, 0, &job);
    CHECK_COUNT(ip_lab_begin(f.plan, &job, &f.trace, &arena, &lab, &err), IP_OK);
    while (!ip_lab_is_done(lab)) {
        CHECK_COUNT(ip_lab_epoch(lab, &err), IP_OK);
        ip_lab_activations(lab, layers, &q_y_given_x);
    }
    CHECK(trace_equals(&f, whole));
    ip_arena_release(&arena);
    free(whole);
    fixture_release(&f);
}

/* After `cut` epochs the job is saved; a lab begun anew takes it over. */
static void resume(const char *spec, size_t index, uint64_t cut)
{
    fixture f = small_fixture(spec);
    run(&f, index);
    void *whole = trace_copy(&f);
    ip_arena arenas[2] = {{0}, {0}};
    ip_lab *lab = NULL;
    ip_error err;
    ip_job job;
    ip_plan_job(f.plan, index, &job);
    CHECK_COUNT(ip_lab_begin(f.plan, &job, &f.trace, &arenas[0], &lab, &err), IP_OK);
    while (ip_lab_epochs_done(lab) < cut)
        CHECK_COUNT(ip_lab_epoch(lab, &err), IP_OK);
    const size_t most = ip_lab_saved_bytes(f.plan);
    void *kept = malloc(most);
    const size_t bytes = ip_lab_save(lab, kept);
    CHECK(bytes <= most);
    ip_arena_release(&arenas[0]);

    CHECK_COUNT(ip_lab_begin(f.plan, &job, &f.trace, &arenas[1], &lab, &err), IP_OK);
    CHECK(ip_lab_restore(lab, kept, bytes));
    CHECK_COUNT(ip_lab_epochs_done(lab), cut);
    while (!ip_lab_is_done(lab))
        CHECK_COUNT(ip_lab_epoch(lab, &err), IP_OK);
    CHECK(trace_equals(&f, whole));
    ip_arena_release(&arenas[1]);
    free(kept);
    free(whole);
    fixture_release(&f);
}

/* Whatever has a state, or draws numbers as it goes. */
static void resume_every_kind(void)
{
    static const char kinds[] =
        "network: {hidden: [4]}\n"
        "training: {batch: 10, epochs: 8, step_epochs: 3}\n"
        "measure: {at: [2, 6]}\n"
        "sweep:\n"
        "  - training.optimizer: [sgd, momentum, nesterov, rmsprop, adam, adamw]\n"
        "  - training.targets: [soft, sampled, hard]\n"
        "  - training.shuffle: [epoch, none, replacement]\n"
        "  - training.schedule: [constant, step, cosine]\n";
    for (size_t index = 0; index < 6 * 3 * 3 * 3; index++)
        resume(kinds, index, 1 + index % 7);
    static const char noisy[] = "network: {hidden: [4, 3], noise: 0.2}\n"
                                "training: {batch: 10, epochs: 8}\n"
                                "measure: {at: [2, 6]}\n"
                                "sweep: [{network.bits: [none, 3]}]\n";
    for (size_t index = 0; index < 2; index++)
        for (uint64_t cut = 0; cut <= 8; cut++)
            resume(noisy, index, cut);
}

/* A block of another shape, or cut short, is refused, and the lab stays as it was. */
static void restore_refuses(void)
{
    fixture f = small_fixture(keys);
    run(&f, 0);
    void *whole = trace_copy(&f);
    ip_arena arena = {0};
    ip_lab *lab = NULL;
    ip_error err;
    ip_job job;
    ip_plan_job(f.plan, 0, &job);
    CHECK_COUNT(ip_lab_begin(f.plan, &job, &f.trace, &arena, &lab, &err), IP_OK);
    size_t *block = malloc(ip_lab_saved_bytes(f.plan));
    const size_t bytes = ip_lab_save(lab, block);
    CHECK(!ip_lab_restore(lab, block, bytes - 1));
    CHECK(!ip_lab_restore(lab, block, 0));
    block[IP_DIM_LAYER]++;
    CHECK(!ip_lab_restore(lab, block, bytes));
    while (!ip_lab_is_done(lab))
        CHECK_COUNT(ip_lab_epoch(lab, &err), IP_OK);
    CHECK(trace_equals(&f, whole));
    ip_arena_release(&arena);
    free(block);
    free(whole);
    fixture_release(&f);
}

int main(void)
{
    restore_refuses();
    same_twice_and_after_others();
    same_in_another_sweep();
    one_epoch_at_a_time();
    looking_changes_nothing();
    for (uint64_t cut = 0; cut <= 12; cut++)
        resume(keys, cut % 4, cut);
    resume_every_kind();
    return check_finish();
}
