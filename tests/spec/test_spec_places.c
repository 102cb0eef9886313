/* test_spec_places.c - where keys stand, for errors that are met after the parse, and how an error
 * shows its line */
#include "check.h"
#include "expand.h"

static const char *const text = "infoplane: 1\n"                               /* 1 */
                                "name: places\n"                               /* 2 */
                                "task:\n"                                      /* 3 */
                                "  name: icosahedron\n"                        /* 4 */
                                "  information: 0.9999\n"                      /* 5 */
                                "network: {hidden: [3], output: softmax}\n"    /* 6 */
                                "training: {epochs: 10}\n"                     /* 7 */
                                "sweep:\n"                                     /* 8 */
                                "  - training.rate: [1, 2]\n"                  /* 9 */
                                "  - zip: {network.activation: [tanh, relu], " /* 10 */
                                "training.batch: [1, 2]}\n";

static void keys_are_found(void)
{
    static const struct {
        const char *key, *file;
        int line, column;
    } known[] = {
        {"task.information", "a.yaml", 5, 16}, /* the value */
        {"network.output", "a.yaml", 6, 32},   /* the value */
        {"network.hidden", "a.yaml", 6, 11},   /* the key of a list */
        {"training.rate", "a.yaml", 9, 5},     /* the key in the sweep */
        {"training.batch", "a.yaml", 10, 45},  /* the key in a zip */
        {"sweep", "a.yaml", 8, 1},             /* the key */
        {"task.path", "a.yaml", 3, 1},         /* the section of what is not written */
        {"measure.at", "a.yaml", 1, 1},        /* the text, where the section is not written */
        {"training.l2", "--set training.l2=1", 0, 0},
        {"seeds.count", "--set seeds.count=3", 0, 0},
        {"seeds.first", "--set seeds.count=3", 0, 0}, /* its section was set */
        {"", "a.yaml", 1, 1},
    };
    static const char *const overrides[] = {"training.l2=1", "seeds.count=3"};
    expansion e = expand_text(text, 2, overrides);
    CHECK(e.plan != NULL);
    for (size_t i = 0; i < IP_LENGTH(known) && e.spec != NULL; i++) {
        ip_error err = {.text = "unchanged"};
        ip_spec_locate(e.spec, known[i].key, &err);
        CHECK_REPORT(strcmp(err.file, known[i].file) == 0 && err.line == known[i].line &&
                         err.column == known[i].column && strcmp(err.text, "unchanged") == 0,
                     "%s stands at %s:%d:%d, expected %s:%d:%d", known[i].key, err.file, err.line,
                     err.column, known[i].file, known[i].line, known[i].column);
    }
    collapse(&e);
}

/* What a task refuses is told at the key it names; its words are the task's. */
static void the_task_refuses_at_its_key(void)
{
    expansion e = {.source = {.name = "a.yaml", .folder = "", .bytes = text, .n = strlen(text)}};
    expand(&e);
    CHECK(e.spec != NULL && e.dataset == NULL && e.plan == NULL);
    CHECK_COUNT(e.errors.n, 1);
    if (e.errors.n == 1) {
        CHECK_STR(e.errors.at[0].key, "task.information");
        CHECK_COUNT(e.errors.at[0].line, 5);
        CHECK_COUNT(e.errors.at[0].column, 16);
    }
    collapse(&e);
}

static void path_is(const char *folder, const char *path, const char *expected)
{
    char spec[256];
    ip_errors errors = {0};
    snprintf(spec, sizeof spec,
             "{infoplane: 1, name: x, task: {name: file, path: '%s'}, network: {hidden: [1]}, "
             "training: {epochs: 1}}",
             path);
    const ip_source source = {.name = "x", .folder = folder, .bytes = spec, .n = strlen(spec)};
    ip_spec *parsed = ip_spec_parse(&source, &errors);
    ip_text joined = {0};
    if (parsed != NULL)
        ip_spec_data_path(parsed, &joined);
    CHECK_STR(joined.at != NULL ? joined.at : "(refused)", expected);
    ip_text_release(&joined);
    ip_errors_release(&errors);
    ip_spec_free(parsed);
}

static void data_lies_beside_the_spec(void)
{
    path_is("/home/a", "data.h5", "/home/a/data.h5");
    path_is("/home/a", "../data.h5", "/home/a/../data.h5");
    path_is("", "data.h5", "data.h5");
    path_is("/home/a", "/data.h5", "/data.h5");
}

/* An error of another file, or without a line, shows no line. */
static void shown(const char *bytes, const char *file, int line, int column, const char *expected)
{
    char printed[512] = "";
    const ip_source source = {.name = "a.yaml", .folder = "", .bytes = bytes, .n = strlen(bytes)};
    ip_error err = {.status = IP_ERR_SPEC, .line = line, .column = column, .text = "wrong"};
    snprintf(err.file, sizeof err.file, "%s", file);
    FILE *out = fmemopen(printed, sizeof printed, "w");
    ip_spec_print_error(&source, &err, out);
    fclose(out);
    CHECK_STR(printed, expected);
}

static void lines_are_shown(void)
{
    shown("a\nb c\n", "a.yaml", 2, 3, "a.yaml:2:3: error: wrong\n    b c\n      ^\n");
    shown("a\nb c\n", "b.yaml", 2, 3, "b.yaml:2:3: error: wrong\n");
    shown("a\nb c\n", "a.yaml", 0, 0, "a.yaml: error: wrong\n");
    shown("a\nb c\n", "a.yaml", 3, 1, "a.yaml:3:1: error: wrong\n");
    shown("a\nb c", "a.yaml", 2, 4, "a.yaml:2:4: error: wrong\n    b c\n       ^\n");
    shown("a\nb c", "a.yaml", 2, 9, "a.yaml:2:9: error: wrong\n    b c\n       ^\n");
    shown("", "a.yaml", 1, 1, "a.yaml:1:1: error: wrong\n");
    /* columns count characters; a tab stays a tab */
    shown("\xC3\xBC\xE2\x82\xAC\t\xF0\x9F\xA7\xA0 x", "a.yaml", 1, 6,
          "a.yaml:1:6: error: wrong\n    \xC3\xBC\xE2\x82\xAC\t\xF0\x9F\xA7\xA0 x\n      \t  ^\n");
    /* the line breaks of YAML 1.1, and a mark that is none */
    shown("\xEF\xBB\xBF"
          "a\r\nb\rc\xC2\x85"
          "d\xE2\x80\xA8"
          "e\xE2\x80\xA9"
          "f",
          "a.yaml", 1, 1, "a.yaml:1:1: error: wrong\n    a\n    ^\n");
    shown("a\r\nb\rc\xC2\x85"
          "d\xE2\x80\xA8"
          "e\xE2\x80\xA9"
          "f",
          "a.yaml", 6, 1, "a.yaml:6:1: error: wrong\n    f\n    ^\n");
    /* what a terminal would obey, and what is no character */
    shown("\x1b[1m \xff\xc2\x9b\xc0\xaf\xe2\x82 x\x7f", "a.yaml", 1, 1,
          "a.yaml:1:1: error: wrong\n    ?[1m ???\?\?? x?\n    ^\n");
}

/* A spec with 300 mistakes: 200 are kept, all are counted, each of those kept can be shown. */
static void many_errors(void)
{
    ip_text bad = {0};
    for (int i = 0; i < 300; i++)
        ip_text_append(&bad, "key%d: 1\n", i);
    expansion e = expand_text(bad.at, 0, NULL);
    ip_text printed = {0};
    print_errors(&e, &printed);
    CHECK_COUNT(e.errors.n, 305); /* five keys are missing */
    CHECK_COUNT(e.errors.capacity, IP_MAX_ERRORS);
    size_t lines = 0;
    for (const char *c = printed.at; *c != '\0'; c++)
        lines += *c == '\n';
    CHECK_COUNT(lines, 3 * IP_MAX_ERRORS);
    CHECK_HAS(printed.at, "a.yaml:200:1: error: unknown key 'key199' in the spec");
    ip_text_release(&printed);
    ip_text_release(&bad);
    collapse(&e);
}

int main(void)
{
    keys_are_found();
    the_task_refuses_at_its_key();
    data_lies_beside_the_spec();
    lines_are_shown();
    many_errors();
    return check_finish();
}
