/* spec_task.c - which task keys go together */
#include "spec/spec_internal.h"
#include <math.h>

static void refuse_key(const ip_checker *checker, const char *key, const char *why)
{
    const ip_node *node = ip_spec_find(checker->spec, key);
    if (node != NULL)
        ip_check_report(checker, node, true, key, "%s %s", key, why);
}

static void check_file(const ip_checker *checker)
{
    static const char *const made[] = {"task.rule", "task.form",      "task.information",
                                       "task.gain", "task.threshold", "task.weights",
                                       NULL};
    for (size_t i = 0; made[i] != NULL; i++)
        refuse_key(checker, made[i], "does not go with task 'file': its labels come from the data");
    if (ip_spec_find(checker->spec, "task.path") == NULL)
        ip_check_report(checker, ip_spec_find(checker->spec, "task"), true, "task.path",
                        "missing key 'task.path'; expected for example `path: data.h5`");
}

static void check_icosahedron(const ip_checker *checker)
{
    const ip_task_options *task = &checker->spec->settings.task;
    refuse_key(checker, "task.path", "goes with task 'file' only");
    if (task->split == IP_SPLIT_GIVEN)
        refuse_key(checker, "task.split", "given needs the /split of a data file (task 'file')");
    if (task->form != IP_FORM_SPECTRUM)
        refuse_key(checker, "task.weights", "goes with form 'spectrum' only");
    if (task->rule == IP_RULE_HARD) {
        refuse_key(checker, "task.information", "goes with rule 'soft' only");
        refuse_key(checker, "task.gain", "goes with rule 'soft' only");
    } else if (!isnan(task->gain) && ip_spec_find(checker->spec, "task.information") != NULL) {
        refuse_key(checker, "task.gain", "and task.information exclude each other");
    }
}

void ip_check_task(const ip_checker *checker)
{
    const ip_node *name = ip_spec_find(checker->spec, "task.name");
    if (name == NULL || name->kind != IP_NODE_SCALAR)
        return;
    const size_t task = ip_names_find(ip_task_name, name->text);
    if (ip_task_at(task) == NULL)
        return; /* reported already; what goes with it is not known */
    if (ip_task_at(task)->make == NULL)
        check_file(checker);
    else
        check_icosahedron(checker);
}
