/* test_plan_keys.c - what is identity and what is not: keys of jobs, and the plan's description
 *
 * A job is known by its key when a file grows, so a key that changed without reason would lose
 * results, and one that did not change would mix them. */
#include "check.h"
#include "expand.h"

static const char *const plain = "infoplane: 1\n"
                                 "name: plain\n"
                                 "task: {name: icosahedron}\n"
                                 "network: {hidden: [3, 2], activation: tanh}\n"
                                 "training: {epochs: 10, rate: 1e-3}\n"
                                 "measure: {at: [0, 5, 10], information: [binning: {bins: 30}]}\n";

/* The same in other words. */
static const char *const same[] = {
    /* other order, comments, block style, other notations, defaults written out */
    "# a comment\n"
    "seeds: {first: 1, count: 1}\n"
    "measure:\n"
    "  information:\n"
    "    - binning: {range: [-1.0, 1], rule: paper, bins: 3e1, width: none}\n"
    "  gradients: true\n"
    "  on: all\n"
    "  samples: all\n"
    "  at: [10, 0, 5, 5, 0x5]\n"
    "training:\n"
    "  rate: 0.001 # the same\n"
    "  batch: 512\n"
    "  epochs: 1e1\n"
    "  l2: -0.0\n"
    "limits: {retries: 7, memory: 1GiB, job_seconds: 3}\n"
    "network:\n"
    "  activation: 'tanh'\n"
    "  hidden:\n"
    "    - 3\n"
    "    - 2\n"
    "task: {name: icosahedron, gain: none, train_fraction: .85}\n"
    "name: another name\n"
    "infoplane: 1\n",
};

/* Overrides, each of which makes another job. */
static const char *const different[][2] = {
    {"task={name: file, path: x.h5}"},
    {"task.rule=hard"},
    {"task.form=integer"},
    {"task.information=0.9900000000000001"}, /* the next number but three */
    {"task.gain=3"},
    {"task.threshold=7"},
    {"task.weights=[2, 1, 1]", "task.form=spectrum"},
    {"task.train_fraction=0.5"},
    {"task.split=prefix"},
    {"network.hidden=[3]"},
    {"network.hidden=[2, 3]"},
    {"network.activation=relu"},
    {"network.initializer=orthogonal"},
    {"network.initializer_sd=1"},
    {"network.output=sigmoid"},
    {"network.bits=16"},
    {"network.noise=0.1"},
    {"training.epochs=11"},
    {"training.optimizer=sgd"},
    {"training.momentum=0.8"},
    {"training.beta1=0.8"},
    {"training.beta2=0.8"},
    {"training.epsilon=1e-7"},
    {"training.rate=1.0000000000000002e-3"},
    {"training.batch=511"},
    {"training.batch=full"},
    {"training.shuffle=none"},
    {"training.targets=hard"},
    {"training.l2=1e-300"},
    {"training.schedule=cosine"},
    {"training.step_epochs=3"},
    {"training.step_factor=0.5"},
    {"training.threads=2"},
    {"seeds.first=2"},
    {"measure.at=[0, 6, 10]"},
    {"measure.at={log: 3}"},
    {"measure.at={linear: 3}"},
    {"measure.on=train"},
    {"measure.on=test"},
    {"measure.samples=4096"},
    {"measure.samples=4095"},
    {"measure.gradients=false"},
    {"measure.information=[binning: {bins: 31}]"},
    {"measure.information=[binning: {bins: 30, range: [-1, 1.0000000000000002]}]"},
    {"measure.information=[binning: {bins: 30, rule: idnns_compat}]"},
    {"measure.information=[binning: {bins: 30, label: other}]"},
    {"measure.information=[binning: {bins: 30}, binning: {bins: 31, label: two}]"},
};

typedef struct identity {
    char key[IP_KEY_SIZE];
    ip_text description;
} identity;

static identity identity_of(const char *text, size_t n, const char *const *overrides)
{
    identity id = {0};
    ip_job job = {0};
    expansion e = expand_text(text, n, overrides);
    ip_text errors = {0};
    print_errors(&e, &errors);
    CHECK_STR(errors.at, "");
    ip_text_release(&errors);
    if (e.plan != NULL) {
        ip_plan_job(e.plan, 0, &job);
        ip_plan_describe(e.plan, &id.description);
    }
    memcpy(id.key, job.key, sizeof id.key);
    collapse(&e);
    return id;
}

static void words_leave_no_trace(const identity *base)
{
    for (size_t i = 0; i < IP_LENGTH(same); i++) {
        identity id = identity_of(same[i], 0, NULL);
        CHECK_STR(id.key, base->key);
        CHECK_STR(id.description.at, base->description.at);
        ip_text_release(&id.description);
    }
    static const char *const overrides[] = {"training.rate=0.001", "name=b", "limits.retries=0",
                                            "network.hidden=[3, 2]", "limits.job_seconds=9"};
    identity id = identity_of(plain, IP_LENGTH(overrides), overrides);
    CHECK_STR(id.key, base->key);
    CHECK_STR(id.description.at, base->description.at);
    ip_text_release(&id.description);
}

static void every_setting_tells(const identity *base)
{
    enum { N = IP_LENGTH(different) };
    static char keys[N + 1][IP_KEY_SIZE];
    memcpy(keys[N], base->key, sizeof keys[N]);
    for (size_t i = 0; i < N; i++) {
        identity id = identity_of(plain, different[i][1] != NULL ? 2 : 1, different[i]);
        memcpy(keys[i], id.key, sizeof keys[i]);
        CHECK_REPORT(strcmp(id.description.at, base->description.at) != 0,
                     "%s is not in the description", different[i][0]);
        ip_text_release(&id.description);
    }
    for (size_t i = 0; i < N; i++) {
        for (size_t k = i + 1; k <= N; k++)
            CHECK_REPORT(strcmp(keys[i], keys[k]) != 0, "%s has the key of %s", different[i][0],
                         k < N ? different[k][0] : "the plain spec");
    }
}

/* A field added to the table of settings must be added here. */
static void no_setting_is_forgotten(void)
{
    static const char *const untold[] = {"task.name", "task.path"};
    for (size_t i = 0; i < ip_n_settings_fields; i++) {
        const char *key = ip_settings_fields[i].key;
        bool found = false;
        for (size_t k = 0; k < IP_LENGTH(different); k++)
            found |= strncmp(different[k][0], key, strlen(key)) == 0;
        for (size_t k = 0; k < IP_LENGTH(untold); k++)
            found |= strcmp(untold[k], key) == 0;
        CHECK_REPORT(found, "no job differs in %s", key);
    }
}

static void the_data_tells(const identity *base)
{
    expansion e = {.source = {.name = "a.yaml", .folder = "", .bytes = plain, .n = strlen(plain)},
                   .dataset = small_dataset(7, 2, 0)};
    ip_job job;
    expand(&e);
    ip_plan_job(e.plan, 0, &job);
    CHECK(strcmp(job.key, base->key) != 0);
    collapse(&e);
}

static void the_path_of_the_data_does_not_tell(void)
{
    static const char *const a[] = {"task={name: file, path: a.h5}"};
    static const char *const b[] = {"task={name: file, path: /elsewhere/b.h5}"};
    identity one = identity_of(plain, 1, a);
    identity two = identity_of(plain, 1, b);
    CHECK_STR(one.key, two.key);
    CHECK_STR(one.description.at, two.description.at);
    ip_text_release(&one.description);
    ip_text_release(&two.description);
}

/* A job of a sweep is the job of a spec that names its values. */
static void a_swept_value_is_the_value(const identity *base)
{
    static const char *const overrides[] = {
        "sweep=[{training.rate: [1, 1e-3]}, {network.activation: [relu, tanh]}]", "seeds.count=3"};
    expansion e = expand_text(plain, 2, overrides);
    ip_job job;
    CHECK_COUNT(ip_plan_n_jobs(e.plan), 12);
    ip_plan_job(e.plan, 9, &job); /* the second rate, the second activation, the first seed */
    CHECK_STR(job.key, base->key);
    collapse(&e);
}

/* The keys of a zip and of an exclusion have no order; the entries of a sweep do. */
static void the_order_of_keys_leaves_no_trace(void)
{
    static const char *const sweeps[][2] = {
        {"sweep=[{zip: {training.batch: [1, 2], training.rate: [3, 4]}}, {training.l2: [0, 1]}]",
         "exclude=[{training.l2: 0, training.rate: 3}]"},
        {"sweep=[{zip: {training.rate: [3, 4], training.batch: [1, 2]}}, {training.l2: [0, 1]}]",
         "exclude=[{training.rate: 3, training.l2: 0}]"},
        {"sweep=[{training.l2: [0, 1]}, {zip: {training.rate: [3, 4], training.batch: [1, 2]}}]",
         "exclude=[{training.rate: 3, training.l2: 0}]"},
    };
    identity ids[3];
    for (size_t i = 0; i < 3; i++)
        ids[i] = identity_of(plain, 2, sweeps[i]);
    CHECK_STR(ids[0].description.at, ids[1].description.at);
    CHECK(strcmp(ids[0].description.at, ids[2].description.at) != 0);
    CHECK_STR(ids[0].key, ids[1].key);
    for (size_t i = 0; i < 3; i++)
        ip_text_release(&ids[i].description);
}

static void keys_of_a_plan_are_distinct(void)
{
    static const char *const overrides[] = {
        "sweep=[{training.batch: [1, 2, 3, full]}, {training.l2: [0, 1, 2]}]", "seeds.count=5"};
    static char keys[60][IP_KEY_SIZE];
    expansion e = expand_text(plain, 2, overrides);
    CHECK_COUNT(ip_plan_n_jobs(e.plan), 60);
    for (size_t i = 0; i < 60; i++) {
        ip_job job;
        ip_plan_job(e.plan, i, &job);
        memcpy(keys[i], job.key, sizeof keys[i]);
        CHECK_COUNT(strspn(job.key, "0123456789abcdef"), IP_KEY_SIZE - 1);
        for (size_t k = 0; k < i; k++)
            CHECK(strcmp(keys[i], keys[k]) != 0);
    }
    collapse(&e);
}

int main(void)
{
    identity base = identity_of(plain, 0, NULL);
    words_leave_no_trace(&base);
    every_setting_tells(&base);
    no_setting_is_forgotten();
    the_data_tells(&base);
    the_path_of_the_data_does_not_tell();
    a_swept_value_is_the_value(&base);
    the_order_of_keys_leaves_no_trace();
    keys_of_a_plan_are_distinct();
    ip_text_release(&base.description);
    return check_finish();
}
