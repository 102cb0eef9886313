/* test_bad_specs.c - every bad spec NAME.yaml of a folder gives the errors NAME.err, to the letter
 *
 * usage: test_bad_specs FOLDER [write]
 * With `write` the expected texts are written anew, to be read before they are believed. */
#include "check.h"
#include "expand.h"
#include <dirent.h>

enum { FEWEST = 60 };

static const char *ending_of(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot != NULL ? dot : "";
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void errors_of(const char *folder, const char *name, ip_text *text)
{
    ip_text path = {0};
    ip_text bytes = {0};
    ip_text_append(&path, "%s/%s", folder, name);
    CHECK(read_file(path.at, &bytes));
    expansion e = {.source = {.name = name, .folder = "", .bytes = bytes.at, .n = bytes.length}};
    expand(&e);
    CHECK_REPORT(e.errors.n > 0 && e.plan == NULL, "%s is taken for a good spec", name);
    print_errors(&e, text);
    collapse(&e);
    ip_text_release(&bytes);
    ip_text_release(&path);
}

/* The path of the other half of a pair. */
static void other_half(const char *folder, const char *name, const char *ending, ip_text *path)
{
    ip_text_append(path, "%s/%.*s%s", folder, (int)(ending_of(name) - name), name, ending);
}

static void compare_pair(const char *folder, const char *name, bool write)
{
    ip_text path = {0};
    ip_text seen = {0};
    ip_text expected = {0};
    other_half(folder, name, ".err", &path);
    errors_of(folder, name, &seen);
    if (write) {
        FILE *file = fopen(path.at, "wb");
        CHECK(file != NULL && fwrite(seen.at, 1, seen.length, file) == seen.length);
        CHECK(file != NULL && fclose(file) == 0);
    }
    if (!read_file(path.at, &expected))
        CHECK_REPORT(false, "%s has no %s", name, path.at);
    else
        CHECK_STR(seen.at, expected.at);
    ip_text_release(&expected);
    ip_text_release(&seen);
    ip_text_release(&path);
}

static void check_other_half(const char *folder, const char *name)
{
    ip_text path = {0};
    other_half(folder, name, ".yaml", &path);
    FILE *file = fopen(path.at, "rb");
    CHECK_REPORT(file != NULL, "%s has no %s", name, path.at);
    if (file != NULL)
        fclose(file);
    ip_text_release(&path);
}

int main(int argc, char **argv)
{
    struct dirent **entries = NULL;
    const int n = argc > 1 ? scandir(argv[1], &entries, is_visible, alphasort) : -1;
    int pairs = 0;
    for (int i = 0; i < n; i++) {
        const char *name = entries[i]->d_name;
        if (strcmp(ending_of(name), ".yaml") == 0) {
            compare_pair(argv[1], name, argc > 2 && strcmp(argv[2], "write") == 0);
            pairs++;
        } else {
            CHECK_REPORT(strcmp(ending_of(name), ".err") == 0, "%s is half of no pair", name);
            check_other_half(argv[1], name);
        }
        free(entries[i]);
    }
    free(entries);
    CHECK_REPORT(pairs >= FEWEST, "%d bad specs, expected at least %d", pairs, FEWEST);
    return check_finish();
}
