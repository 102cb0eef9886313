/* test_lab_names.c - every activation, optimiser, initialiser, schedule, shuffle, target, output
 * and split that a spec can name runs a job, trains, and is not another one under a second name */
#include "fixture.h"

/* Runs `keys` with one more setting, and gives the loss it ends with. */
static double loss_with(const char *section, const char *setting)
{
    char keys[MOST_SPEC];
    ip_error err = {0};
    const bool is_network = strcmp(section, "network") == 0;
    snprintf(keys, sizeof keys,
             "network: {hidden: [5, 3]%s%s}\ntraining: {epochs: 4, batch: 8, rate: 0.01%s%s}\n"
             "measure: {information: [binning: {range: [-2, 2]}]}\n",
             is_network ? ", " : "", is_network ? setting : "", is_network ? "" : ", ",
             is_network ? "" : setting);
    fixture f = small_fixture(keys);
    CHECK_COUNT(fixture_run(&f, 0, &err), IP_OK);
    const size_t last = f.trace.shape->length[IP_DIM_EPOCH] - 1;
    const double loss = seen(&f, IP_LOSS, last, 0);
    CHECK(isfinite(loss));
    CHECK(seen(&f, IP_WEIGHT_NORM, last, 0) != seen(&f, IP_WEIGHT_NORM, 0, 0));
    fixture_release(&f);
    return loss;
}

/* All names of a list; no two may end alike. */
static void each(const char *section, const char *key, ip_name_at *name_at, const char *others)
{
    double losses[32];
    const size_t n = ip_names_count(name_at);
    CHECK(n > 1);
    for (size_t i = 0; i < n; i++) {
        char setting[128];
        snprintf(setting, sizeof setting, "%s: %s%s", key, name_at(i), others);
        losses[i] = loss_with(section, setting);
        for (size_t before = 0; before < i; before++)
            CHECK_REPORT(losses[i] != losses[before], "%s ends as %s", name_at(i), name_at(before));
    }
}

static void splits(void)
{
    double losses[3];
    for (size_t i = 0; i < 3; i++) { /* the fourth, given, needs a data file */
        char keys[MOST_SPEC];
        ip_error err = {0};
        snprintf(keys, sizeof keys,
                 "task: {name: file, path: none.h5, split: %s}\nnetwork: {hidden: [3]}\n"
                 "training: {epochs: 1}\n",
                 ip_split_name(i));
        fixture f = fixture_over(small_dataset(), keys);
        CHECK_COUNT(fixture_run(&f, 0, &err), IP_OK);
        losses[i] = seen(&f, IP_LOSS, 0, 0);
        fixture_release(&f);
    }
    CHECK(losses[0] != losses[1] && losses[1] != losses[2] && losses[0] != losses[2]);
}

int main(void)
{
    each("network", "activation", ip_activation_name, "");
    each("network", "initializer", ip_initializer_name, ", initializer_sd: 0.3");
    each("network", "output", ip_output_name, "");
    each("training", "optimizer", ip_optimizer_name, ", l2: 0.1");
    each("training", "schedule", ip_schedule_name, ", step_epochs: 2");
    each("training", "shuffle", ip_shuffle_name, "");
    each("training", "targets", ip_target_name, "");
    splits();
    return check_finish();
}
