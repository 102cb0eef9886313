/* test_overrides.c - `--set KEY=VALUE`: what it changes, and its errors, which have no line */
#include "check.h"
#include "expand.h"

static const char *const plain = "infoplane: 1\n"
                                 "name: plain\n"
                                 "task: {name: icosahedron, train_fraction: 0.5}\n"
                                 "network: {hidden: [3, 2]}\n"
                                 "training: {epochs: 10, rate: 1e-3}\n"
                                 "sweep:\n"
                                 "  - network.activation: [tanh, relu]\n";

/* After the overrides the key has the value, and there are so many jobs. */
static void sets(size_t n, const char *const *overrides, const char *key, const char *value,
                 size_t n_jobs)
{
    expansion e = expand_text(plain, n, overrides);
    ip_text text = {0};
    print_errors(&e, &text);
    CHECK_STR(text.at, "");
    const ip_field *field = ip_fields_find(ip_settings_fields, ip_n_settings_fields, key);
    if (e.plan != NULL) {
        ip_field_print(field, ip_spec_settings(e.spec), &text);
        CHECK_STR(text.at, value);
        CHECK_COUNT(ip_plan_n_jobs(e.plan), n_jobs);
    }
    ip_text_release(&text);
    collapse(&e);
}

static void overrides_replace(void)
{
    sets(1, (const char *const[]){"training.rate=0.25"}, "training.rate", "0.25", 2);
    sets(1, (const char *const[]){"training.rate= 0.25 # told"}, "training.rate", "0.25", 2);
    sets(1, (const char *const[]){"network.hidden=[7]"}, "network.hidden", "[7]", 2);
    sets(2, (const char *const[]){"training.rate=1", "training.rate=2"}, "training.rate", "2", 2);
    sets(1, (const char *const[]){"training.l2=3"}, "training.l2", "3", 2);
    sets(1, (const char *const[]){"seeds.count=4"}, "training.rate", "0.001", 8);
    sets(1, (const char *const[]){"sweep=[]"}, "network.activation", "tanh", 1);
    sets(2, (const char *const[]){"sweep=[{training.rate: [1, 2, 3]}]", "seeds={count: 2}"},
         "training.rate", "0.001", 6);
}

/* A whole section is replaced by another, and what was in it is gone. */
static void overrides_replace_sections(void)
{
    sets(1, (const char *const[]){"training={epochs: 7}"}, "training.epochs", "7", 2);
    sets(1, (const char *const[]){"training={epochs: 7}"}, "training.rate", "0.0004", 2);
    sets(2, (const char *const[]){"training={epochs: 7}", "training.rate=5"}, "training.rate", "5",
         2);
    sets(2, (const char *const[]){"training.rate=5", "training={epochs: 7}"}, "training.rate",
         "0.0004", 2);
    sets(2, (const char *const[]){"network={hidden: [9], activation: elu}", "sweep=[]"},
         "network.activation", "elu", 1);
}

/* The errors as printed. */
static void refused(size_t n, const char *const *overrides, ip_status status, const char *expected)
{
    expansion e = expand_text(plain, n, overrides);
    ip_text text = {0};
    print_errors(&e, &text);
    CHECK(e.plan == NULL);
    CHECK_STR(text.at != NULL ? text.at : "", expected);
    if (e.errors.n > 0)
        CHECK_STR(ip_status_name(e.errors.at[0].status), ip_status_name(status));
    ip_text_release(&text);
    collapse(&e);
}

static void wrong_values(void)
{
    static const struct {
        const char *override, *error;
    } known[] = {
        {"training.rate=fast",
         "training.rate: expected a number above 0 and at most 1e+06, saw fast"},
        {"training.rate=",
         "training.rate: expected a number above 0 and at most 1e+06, saw nothing"},
        {"training.rate= # told", "the value is empty"},
        {"training.rate=[1", "expected ',' or ']'"},
        {"training.rate=\"1", "the quote that begins here is not closed"},
        {"training.rato=1", "unknown key 'rato' in training (did you mean 'rate'?)"},
        {"trainng.rate=1", "unknown key 'trainng' in the spec (did you mean 'training'?)"},
        {"rate=1", "unknown key 'rate' in the spec (it belongs in training)"},
        {"training=5", "training: expected a map of keys, saw one value"},
        {"training=", "training: expected a map of keys, saw nothing"},
        {"training={rate: 1}",
         "missing key 'training.epochs'; expected for example `training: {epochs: 1000}`"},
        {"network.activation=tanh",
         "'network.activation' is swept by the spec: set 'sweep' itself to change its values"},
        {".=1", "unknown key '' in the spec (known: infoplane, name, task, network, training, "
                "measure, sweep, exclude, seeds, limits)"},
        {"training..rate=1", "unknown key '' in training (known: epochs, optimizer, momentum, "
                             "beta1, beta2, epsilon, rate, batch, shuffle, targets, l2, schedule, "
                             "step_epochs, step_factor, threads)"},
    };
    for (size_t i = 0; i < IP_LENGTH(known); i++) {
        char expected[512];
        snprintf(expected, sizeof expected, "--set %s: error: %s\n", known[i].override,
                 known[i].error);
        refused(1, &known[i].override, IP_ERR_SPEC, expected);
    }
}

static void wrong_assignments(void)
{
    refused(1, (const char *const[]){"training.rate"}, IP_ERR_USAGE,
            "--set training.rate: error: expected KEY=VALUE with a key of the spec, saw "
            "'training.rate'\n");
    refused(1, (const char *const[]){"=3"}, IP_ERR_USAGE,
            "--set =3: error: expected KEY=VALUE with a key of the spec, saw '=3'\n");
    refused(1, (const char *const[]){"training.rate.x=1"}, IP_ERR_USAGE,
            "--set training.rate.x=1: error: expected KEY=VALUE with a key of the spec, saw "
            "'training.rate.x'\n");
    refused(1, (const char *const[]){"sweep.network=1"}, IP_ERR_USAGE,
            "--set sweep.network=1: error: expected KEY=VALUE with a key of the spec, saw "
            "'sweep.network'\n");
    refused(1, (const char *const[]){"\x1b[31m=1\t"}, IP_ERR_SPEC,
            "--set ?[31m=1?: error: unknown key '?[31m' in the spec (known: infoplane, name, task, "
            "network, training, measure, sweep, exclude, seeds, limits)\n");
}

/* Every wrong one is told, those of the text first; a clash is told at the key that was set. */
static void several(void)
{
    refused(2, (const char *const[]){"training.rate=0", "network.hidden=[]"}, IP_ERR_SPEC,
            "--set network.hidden=[]: error: network.hidden: expected 1 to 32 numbers, saw 0\n"
            "--set training.rate=0: error: training.rate: expected a number above 0 and at most "
            "1e+06, saw 0\n");
    refused(1, (const char *const[]){"training={epochs: 1, epochs: 2, rate: 0}"}, IP_ERR_SPEC,
            "--set training={epochs: 1, epochs: 2, rate: 0}: error: key 'epochs' is given twice\n"
            "--set training={epochs: 1, epochs: 2, rate: 0}: error: training.rate: expected a "
            "number above 0 and at most 1e+06, saw 0\n");
    refused(2, (const char *const[]){"task.gain=3", "task.information=0.5"}, IP_ERR_SPEC,
            "--set task.gain=3: error: task.gain and task.information exclude each other\n");
}

int main(void)
{
    overrides_replace();
    overrides_replace_sections();
    wrong_values();
    wrong_assignments();
    several();
    return check_finish();
}
