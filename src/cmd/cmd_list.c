/* cmd_list.c - what there is to choose from, out of the tables themselves */
#include "cmd/commands.h"
#include "cmd/options.h"
#include "infoplane/plan.h"

static void print_entry(const char *name, const char *summary, const char *source)
{
    printf("  %-16s %s", name, summary);
    if (source != NULL && source[0] != '\0')
        printf(" [%s]", source);
    putchar('\n');
}

static void list_activations(void)
{
    for (size_t i = 0; ip_activation_at(i) != NULL; i++)
        print_entry(ip_activation_at(i)->name, ip_activation_at(i)->summary,
                    ip_activation_at(i)->source);
}

static void list_optimizers(void)
{
    for (size_t i = 0; ip_optimizer_at(i) != NULL; i++)
        print_entry(ip_optimizer_at(i)->name, ip_optimizer_at(i)->summary,
                    ip_optimizer_at(i)->source);
}

static void list_initializers(void)
{
    for (size_t i = 0; ip_initializer_at(i) != NULL; i++)
        print_entry(ip_initializer_at(i)->name, ip_initializer_at(i)->summary,
                    ip_initializer_at(i)->source);
}

static void print_field(const ip_field *field)
{
    ip_text expected = {0};
    ip_field_expected(field, &expected);
    printf("      %s: %s (", field->key, field->help);
    if (field->kind == IP_KIND_REALS)
        printf("a list of %zu, each ", field->n_reals);
    printf("%s%s%s; default %s)\n", expected.at,
           field->unit != NULL && field->unit[0] != '\0' ? ", in units of the " : "",
           field->unit != NULL ? field->unit : "",
           field->default_text != NULL ? field->default_text : "none");
    ip_text_release(&expected);
}

static void print_sides(const ip_estimator *estimator)
{
    for (size_t i = 0; estimator->sides != NULL && estimator->sides[i] != NULL; i++)
        printf("%s%s-%s", i == 0 ? "      gives " : " and ", estimator->name, estimator->sides[i]);
    printf("%s", estimator->sides != NULL ? "\n" : "");
}

static void list_estimators(void)
{
    for (size_t i = 0; ip_estimator_at(i) != NULL; i++) {
        const ip_estimator *estimator = ip_estimator_at(i);
        print_entry(estimator->name, estimator->summary, estimator->source);
        for (size_t k = 0; k < estimator->n_fields; k++)
            print_field(&estimator->fields[k]);
        print_sides(estimator);
        printf("      limits: %s\n", estimator->limits);
    }
}

static void list_tasks(void)
{
    for (size_t i = 0; ip_task_at(i) != NULL; i++)
        print_entry(ip_task_at(i)->name, ip_task_at(i)->summary, ip_task_at(i)->source);
}

static const struct {
    const char *name;
    void (*print)(void);
} kinds[] = {
    {"activations", list_activations},
    {"optimizers", list_optimizers},
    {"initializers", list_initializers},
    {"estimators", list_estimators},
    {"tasks", list_tasks},
};

static ip_name_at kind_name;

static const char *kind_name(size_t index)
{
    return index < IP_LENGTH(kinds) ? kinds[index].name : NULL;
}

int ip_cmd_list(int argc, char **argv)
{
    const ip_usage usage = {"list",
                            "[activations|optimizers|initializers|estimators|tasks]",
                            "what a spec can choose from",
                            "estimators",
                            NULL,
                            0,
                            0,
                            1};
    const char *kind[1];
    const ip_parse parsed = ip_options_parse(&usage, argc, argv, kind, stderr);
    if (parsed != IP_PARSE_GO)
        return (int)parsed;
    if (kind[0] != NULL && kind_name(ip_names_find(kind_name, kind[0])) == NULL) {
        const char *nearest = ip_names_nearest(kind_name, kind[0]);
        fprintf(stderr, "infoplane: error: list: expected %s, saw '%s'%s%s%s\n", usage.arguments,
                kind[0], nearest != NULL ? " (did you mean '" : "", nearest != NULL ? nearest : "",
                nearest != NULL ? "'?)" : "");
        return 2;
    }
    for (size_t i = 0; i < IP_LENGTH(kinds); i++) {
        if (kind[0] != NULL && ip_names_find(kind_name, kind[0]) != i)
            continue;
        printf("%s\n", kinds[i].name);
        kinds[i].print();
    }
    return 0;
}
