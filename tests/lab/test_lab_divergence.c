/* test_lab_divergence.c - a job that leaves the numbers keeps what it measured before */
#include "fixture.h"

/* Runs job 0, which must fail, and gives back the number of snapshots it reached. */
static size_t diverge(fixture *f, ip_error *err)
{
    CHECK_COUNT(fixture_run(f, 0, err), IP_ERR_NUMERIC);
    size_t reached = 0;
    const size_t snapshots = f->trace.shape->length[IP_DIM_EPOCH];
    while (reached < snapshots && !isnan(seen(f, IP_LOSS, reached, 0)))
        reached++;
    CHECK(reached < snapshots);
    for (size_t s = reached; s < snapshots; s++)
        CHECK(is_blank(f, s));
    for (size_t s = 0; s < reached; s++)
        for (size_t k = 0; k < per_snapshot(f, IP_I_XT); k++)
            CHECK(isfinite(seen(f, IP_I_XT, s, k)) && isfinite(seen(f, IP_I_TY, s, k)));
    return reached;
}

/* The reason names the epoch: the first after the last snapshot that holds. */
static void rates(const char *activation, const char *l2)
{
    char keys[MOST_SPEC];
    ip_error err = {0};
    snprintf(keys, sizeof keys,
             "network: {hidden: [6, 5], activation: %s}\n"
             "training: {optimizer: sgd, rate: 1.0e+6, batch: 8, epochs: 60, l2: %s}\n"
             "measure: {at: {every: 1}}\n",
             activation, l2);
    fixture f = small_fixture(keys);
    const size_t reached = diverge(&f, &err);
    char epoch[32];
    snprintf(epoch, sizeof epoch, "epoch %zu: ", reached);
    CHECK(reached >= 1);
    CHECK_HAS(err.text, epoch);
    fixture_release(&f);
}

/* The same job measured less often fails in the same epoch: whether a row is kept does not depend
 * on when one looks. */
static void between_snapshots(void)
{
    ip_error err = {0};
    ip_error err_every = {0};
    static const char keys[] = "network: {hidden: [6, 5], activation: linear}\n"
                               "training: {optimizer: sgd, rate: 1.0e+6, batch: 8, epochs: 60}\n"
                               "measure: {at: %s}\n";
    char text[MOST_SPEC];
    snprintf(text, sizeof text, keys, "[60]");
    fixture f = small_fixture(text);
    CHECK_COUNT(diverge(&f, &err), 1);
    fixture_release(&f);
    snprintf(text, sizeof text, keys, "{every: 1}");
    f = small_fixture(text);
    diverge(&f, &err_every);
    CHECK_STR(err.text, err_every.text);
    fixture_release(&f);
}

/* The lab can be asked no more, but its earlier snapshots stand and the count does not move. */
static void by_epochs(void)
{
    fixture f = small_fixture("network: {hidden: [6, 5], activation: linear}\n"
                              "training: {optimizer: sgd, rate: 1.0e+6, batch: 8, epochs: 60}\n"
                              "measure: {at: {every: 1}}\n");
    ip_arena arena = {0};
    ip_lab *lab = NULL;
    ip_error err;
    ip_job job;
    ip_plan_job(f.plan, 0, &job);
    CHECK_COUNT(ip_lab_begin(f.plan, &job, &f.trace, &arena, &lab, &err), IP_OK);
    ip_status status = IP_OK;
    size_t epochs = 0;
    while (status == IP_OK && !ip_lab_is_done(lab)) {
        status = ip_lab_epoch(lab, &err);
        epochs += status == IP_OK;
    }
    CHECK_COUNT(status, IP_ERR_NUMERIC);
    CHECK_COUNT(ip_lab_snapshots_done(lab), epochs + 1);
    CHECK(!isnan(seen(&f, IP_LOSS, epochs, 0)));
    CHECK(is_blank(&f, epochs + 1));
    ip_arena_release(&arena);
    fixture_release(&f);
}

/* A dataset whose only test row has features this large. */
static ip_dataset *with_large_test_row(float value)
{
    ip_error err = {0};
    ip_dataset *data = ip_dataset_new(N_ROWS, N_FEATURES, N_CLASSES, 1);
    for (size_t i = 0; i < N_ROWS; i++) {
        for (size_t j = 0; j < N_FEATURES; j++)
            data->x[i * N_FEATURES + j] = i == 0 ? value : (float)((i >> j) & 1);
        data->p_y_given_x[i * N_CLASSES + i % 2] = 1;
        data->split[i] = i == 0;
    }
    if (ip_dataset_finish(data, &err) != IP_OK)
        stop_on(&err);
    return data;
}

/* A job over it that fails before its first snapshot, for `reason`: everything stays blank. */
static void fail_at_once(float value, const char *measure, const char *reason)
{
    char keys[MOST_SPEC];
    ip_error err = {0};
    snprintf(keys, sizeof keys,
             "task: {name: file, path: none.h5}\n"
             "network: {hidden: [3, 3], activation: linear, initializer: normal, "
             "initializer_sd: 50}\ntraining: {epochs: 2}\nmeasure: {%s}\n",
             measure);
    fixture f = fixture_over(with_large_test_row(value), keys);
    CHECK_COUNT(diverge(&f, &err), 0);
    CHECK_HAS(err.text, reason);
    CHECK_HAS(err.text, "epoch 0: ");
    fixture_release(&f);
}

int main(void)
{
    rates("linear", "0");
    rates("relu", "1"); /* without l2 the units may only die */
    between_snapshots();
    by_epochs();
    fail_at_once(1e36F, "on: all", "the test loss is not finite");
    fail_at_once(1e36F, "on: train", "the test loss is not finite");
    /* The first layer, near 1e17, can be coded; the second, near 1e19 > 2^62, cannot. */
    fail_at_once(1e15F, "information: [binning: {rule: fixed_width, width: 1}]", "activation");
    return check_finish();
}
