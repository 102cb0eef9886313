/* test_lab_pairs.c - jobs that differ in one setting share split, initial weights, batch order and
 * sampled labels, so that they can be compared in pairs
 *
 * A rate of 1e-30 leaves every weight as it was, so the gradients of an epoch tell how its rows
 * were grouped into batches and nothing else. */
#include "fixture.h"
#include "lab/lab_internal.h"

static const char frozen[] =
    "network: {hidden: [5, 3]}\n"
    "training: {optimizer: sgd, rate: 1.0e-30, batch: 7, epochs: 3, targets: sampled}\n"
    "measure: {at: {every: 1}}\n";

static fixture with(const char *keys, const char *sweep)
{
    char text[MOST_SPEC];
    snprintf(text, sizeof text, "%ssweep: [{%s}]\n", keys, sweep);
    return small_fixture(text);
}

static void run(const fixture *f, size_t index)
{
    ip_error err = {0};
    if (fixture_run(f, index, &err) != IP_OK)
        stop_on(&err);
}

/* Bytes of one snapshot of a variable in jobs 0 and 1. */
static bool agree(const fixture *f, ip_variable_id id, size_t s)
{
    double first[64];
    const size_t n = per_snapshot(f, id);
    run(f, 0);
    for (size_t k = 0; k < n; k++)
        first[k] = seen(f, id, s, k);
    run(f, 1);
    for (size_t k = 0; k < n; k++)
        if (seen(f, id, s, k) != first[k])
            return false;
    return true;
}

/* Loss of both splits at epoch 0: the same split, weights and labels. */
static void same_beginning(void)
{
    static const char *const sweeps[] = {
        "training.rate: [0.01, 0.1]",
        "training.optimizer: [sgd, adam]",
        "training.batch: [7, 8]",
        "training.shuffle: [epoch, none]",
        "training.schedule: [constant, cosine]",
        "training.l2: [0, 0.1]",
    };
    for (size_t i = 0; i < IP_LENGTH(sweeps); i++) {
        fixture f = with(frozen, sweeps[i]);
        CHECK(agree(&f, IP_LOSS, 0));
        CHECK(agree(&f, IP_ACCURACY, 0));
        CHECK(agree(&f, IP_WEIGHT_NORM, 0));
        fixture_release(&f);
    }
}

/* Layers are drawn each from a stream of its own: a deeper network begins with the same ones. */
static void same_first_layers(void)
{
    fixture f = with(frozen, "network.hidden: [[5], [5, 3, 2]]");
    run(&f, 0);
    const double norm = seen(&f, IP_WEIGHT_NORM, 0, 0);
    run(&f, 1);
    CHECK(seen(&f, IP_WEIGHT_NORM, 0, 0) == norm);
    fixture_release(&f);
}

static void same_batches(void)
{
    static const char *const sweeps[] = {
        "training.rate: [1.0e-30, 2.0e-30]",
        "training.optimizer: [sgd, momentum]",
        "training.schedule: [constant, cosine]",
    };
    for (size_t i = 0; i < IP_LENGTH(sweeps); i++) {
        fixture f = with(frozen, sweeps[i]);
        for (size_t s = 1; s <= 3; s++)
            CHECK(agree(&f, IP_GRADIENT_STD, s));
        fixture_release(&f);
    }
}

/* The order of the rows after two epochs of a job. */
static void order_of(const fixture *f, size_t index, uint32_t *order)
{
    ip_arena arena = {0};
    ip_lab *lab = NULL;
    ip_error err;
    ip_job job;
    ip_plan_job(f->plan, index, &job);
    if (ip_lab_begin(f->plan, &job, &f->trace, &arena, &lab, &err) != IP_OK ||
        ip_lab_epoch(lab, &err) != IP_OK || ip_lab_epoch(lab, &err) != IP_OK)
        stop_on(&err);
    CHECK_COUNT(lab->n_train, 32);
    memcpy(order, lab->order, 32 * sizeof *order);
    ip_arena_release(&arena);
}

/* However many updates an epoch has and however large the network is. */
static void same_order(void)
{
    static const char *const sweeps[] = {"training.batch: [7, 8]",
                                         "network.hidden: [[5, 3], [4, 4, 4]]",
                                         "training.targets: [sampled, soft]"};
    for (size_t i = 0; i < IP_LENGTH(sweeps); i++) {
        uint32_t orders[2][32];
        fixture f = with(frozen, sweeps[i]);
        order_of(&f, 0, orders[0]);
        order_of(&f, 1, orders[1]);
        CHECK(memcmp(orders[0], orders[1], sizeof orders[0]) == 0);
        fixture_release(&f);
    }
}

/* What the tests above would not see if nothing ever changed. */
static void other_seeds_differ(void)
{
    char text[MOST_SPEC];
    snprintf(text, sizeof text, "%sseeds: {count: 2}\n", frozen);
    fixture f = small_fixture(text);
    CHECK(!agree(&f, IP_LOSS, 0));
    CHECK(!agree(&f, IP_WEIGHT_NORM, 0));
    CHECK(!agree(&f, IP_GRADIENT_STD, 1));
    fixture_release(&f);
}

/* epoch: another order each time. none: always the same. replacement: not even the same rows, so
 * the mean over all batches moves too. */
static void shuffles(void)
{
    static const struct {
        const char *name;
        bool std_moves, mean_moves;
    } cases[] = {{"epoch", true, false}, {"none", false, false}, {"replacement", true, true}};
    for (size_t i = 0; i < IP_LENGTH(cases); i++) {
        char sweep[64];
        snprintf(sweep, sizeof sweep, "training.shuffle: [%s]", cases[i].name);
        fixture f = with(frozen, sweep);
        run(&f, 0);
        const double std = seen(&f, IP_GRADIENT_STD, 1, 0);
        const double mean = seen(&f, IP_GRADIENT_MEAN, 1, 0);
        CHECK((fabs(seen(&f, IP_GRADIENT_STD, 2, 0) - std) > 1e-4 * std) == cases[i].std_moves);
        CHECK((fabs(seen(&f, IP_GRADIENT_MEAN, 2, 0) - mean) > 1e-4 * mean) == cases[i].mean_moves);
        fixture_release(&f);
    }
}

/* A fresh label every epoch would move the mean gradient of frozen weights; the label drawn once
 * does not, beyond the rounding of sums in another order (1e-4 above is far from both). */
int main(void)
{
    same_beginning();
    same_first_layers();
    same_batches();
    same_order();
    other_seeds_differ();
    shuffles();
    return check_finish();
}
