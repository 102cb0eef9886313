/* test_good_specs.c - what the format allows is taken, and means what it says
 *
 * usage: test_good_specs FOLDER. Every spec of the folder is taken; the table below tells of some
 * what their settings must be. */
#include "check.h"
#include "expand.h"
#include <dirent.h>

static const struct {
    const char *file, *key, *value;
} expected[] = {
    {"full.yaml", "task.information", "0.99"},
    {"full.yaml", "network.hidden", "[10, 7, 5, 4, 3]"},
    {"full.yaml", "training.rate", "0.0004"},
    {"full.yaml", "training.epochs", "8000"},
    {"minimal.yaml", "task.rule", "soft"},
    {"minimal.yaml", "task.form", "linear"},
    {"minimal.yaml", "task.information", "0.99"},
    {"minimal.yaml", "task.gain", "none"},
    {"minimal.yaml", "task.train_fraction", "0.85"},
    {"minimal.yaml", "task.split", "random"},
    {"minimal.yaml", "network.activation", "tanh"},
    {"minimal.yaml", "network.initializer", "lecun-truncated"},
    {"minimal.yaml", "network.initializer_sd", "none"},
    {"minimal.yaml", "network.output", "softmax"},
    {"minimal.yaml", "network.noise", "0"},
    {"minimal.yaml", "network.bits", "none"},
    {"minimal.yaml", "training.optimizer", "adam"},
    {"minimal.yaml", "training.momentum", "0.9"},
    {"minimal.yaml", "training.beta1", "0.9"},
    {"minimal.yaml", "training.beta2", "0.999"},
    {"minimal.yaml", "training.epsilon", "1e-08"},
    {"minimal.yaml", "training.rate", "0.0004"},
    {"minimal.yaml", "training.batch", "512"},
    {"minimal.yaml", "training.shuffle", "epoch"},
    {"minimal.yaml", "training.targets", "soft"},
    {"minimal.yaml", "training.l2", "0"},
    {"minimal.yaml", "training.schedule", "constant"},
    {"anchors.yaml", "network.hidden", "[10, 7, 5]"},
    {"anchors.yaml", "network.activation", "relu"},
    {"anchors.yaml", "training.step_epochs", "100"},
    {"numbers.yaml", "task.weights", "[0.5, 1, 2]"},
    {"numbers.yaml", "task.threshold", "3.5"},
    {"numbers.yaml", "task.train_fraction", "1"},
    {"numbers.yaml", "network.hidden", "[15, 31, 10, 10]"},
    {"numbers.yaml", "training.epochs", "1200"},
    {"numbers.yaml", "training.rate", "0.0004"},
    {"numbers.yaml", "training.l2", "0"},
    {"numbers.yaml", "training.momentum", "0.9"},
    {"numbers.yaml", "training.batch", "9007199254740992"},
    {"numbers.yaml", "training.epsilon", "1e-08"},
    {"quoted.yaml", "task.gain", "none"},
    {"quoted.yaml", "network.activation", "relu"},
    {"quoted.yaml", "network.bits", "none"},
    {"quoted.yaml", "training.batch", "full"},
    {"block.yaml", "network.hidden", "[10, 7, 5]"},
    {"block.yaml", "training.optimizer", "sgd"},
    {"crlf_with_mark.yaml", "training.epochs", "10"},
    {"crlf_with_mark.yaml", "training.rate", "0.5"},
    {"file_task.yaml", "task.name", "file"},
    {"file_task.yaml", "task.path", "\"../data/x.h5\""},
    {"file_task.yaml", "task.split", "stratified"},
    {"every_key.yaml", "task.gain", "12"},
    {"every_key.yaml", "task.weights", "[2, 1.6666666666666667, 0.8]"},
    {"every_key.yaml", "network.initializer_sd", "0.3"},
    {"every_key.yaml", "training.beta1", "0"},
    {"every_key.yaml", "training.step_factor", "2"},
    {"every_key.yaml", "training.threads", "2"},
};

static const struct {
    const char *file, *name;
    size_t n_jobs;
    uint64_t retries;
    double job_seconds; /* 0: none */
    uint64_t memory;
} wholes[] = {
    {"full.yaml", "tanh-vs-relu", 300, 2, 0, 0}, /* (2 2 2 - 2) 50 */
    {"minimal.yaml", "minimal", 1, 2, 0, 0},
    {"anchors.yaml", "anchors", 3, 2, 0, 0},
    {"numbers.yaml", "no", 1, 2, 0, 0},
    {"quoted.yaml", "it's \"quoted\"", 1, 2, 0, 512ULL << 20},
    {"block.yaml", "a folded name", 4, 2, 0, 0},
    {"unicode.yaml", "größe → 大きさ 🧠", 1, 2, 0, 0},
    {"crlf_with_mark.yaml", "crlf", 1, 2, 0, 0},
    {"file_task.yaml", "data of somebody else", 1, 2, 0, 0},
    {"swept_required.yaml", "swept", 2, 2, 0, 0},
    {"every_key.yaml", "every key", 2, 0, 1.5, 2ULL << 30},
    {"everything_swept.yaml", "every key that may be swept", 2, 2, 0, 0},
};

static void check_settings(const expansion *e, const char *file)
{
    for (size_t i = 0; i < IP_LENGTH(expected); i++) {
        if (strcmp(expected[i].file, file) != 0)
            continue;
        const ip_field *field =
            ip_fields_find(ip_settings_fields, ip_n_settings_fields, expected[i].key);
        CHECK(field != NULL);
        ip_text value = {0};
        ip_field_print(field, ip_spec_settings(e->spec), &value);
        CHECK_REPORT(strcmp(value.at, expected[i].value) == 0, "%s: %s is %s, expected %s", file,
                     field->key, value.at, expected[i].value);
        ip_text_release(&value);
    }
}

static bool check_whole(const expansion *e, const char *file)
{
    for (size_t i = 0; i < IP_LENGTH(wholes); i++) {
        if (strcmp(wholes[i].file, file) != 0)
            continue;
        const ip_limits *limits = ip_spec_limits(e->spec);
        CHECK_STR(ip_spec_name(e->spec), wholes[i].name);
        CHECK_COUNT(ip_plan_n_jobs(e->plan), wholes[i].n_jobs);
        CHECK_COUNT(limits->retries, wholes[i].retries);
        CHECK_COUNT(limits->memory, wholes[i].memory);
        if (wholes[i].job_seconds > 0)
            CHECK_NEAR(limits->job_seconds, wholes[i].job_seconds, 0);
        else
            CHECK(isnan(limits->job_seconds));
        return true;
    }
    return false;
}

static void check_file(const char *folder, const char *name)
{
    ip_text path = {0};
    ip_text bytes = {0};
    ip_text errors = {0};
    ip_text_append(&path, "%s/%s", folder, name);
    CHECK(read_file(path.at, &bytes));
    expansion e = {.source = {.name = name, .folder = "", .bytes = bytes.at, .n = bytes.length}};
    expand(&e);
    print_errors(&e, &errors);
    CHECK_STR(errors.at, "");
    if (e.plan != NULL) {
        check_settings(&e, name);
        CHECK_REPORT(check_whole(&e, name), "%s stands in no table", name);
    }
    collapse(&e);
    ip_text_release(&errors);
    ip_text_release(&bytes);
    ip_text_release(&path);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
    struct dirent **entries = NULL;
    const int n = argc > 1 ? scandir(argv[1], &entries, is_visible, alphasort) : -1;
    CHECK_COUNT(n, IP_LENGTH(wholes));
    for (int i = 0; i < n; i++) {
        check_file(argv[1], entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return check_finish();
}
