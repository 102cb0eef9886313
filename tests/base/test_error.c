/* test_error.c - errors are filled, cut, named, printed and listed */
#include "check.h"
#include "infoplane/error.h"

static void filling(void)
{
    ip_error err = {.line = 3, .column = 4, .file = "old", .key = "old"};
    CHECK(ip_fail(&err, IP_ERR_IO, "expected %d, saw %s", 1, "two") == IP_ERR_IO);
    CHECK(err.status == IP_ERR_IO && err.line == 0 && err.column == 0);
    CHECK_STR(err.text, "expected 1, saw two");
    CHECK_STR(err.file, "");
    CHECK_STR(err.key, "");
    CHECK(ip_fail_key(&err, IP_ERR_SPEC, "task.gain", "no") == IP_ERR_SPEC);
    CHECK_STR(err.key, "task.gain");
    CHECK(ip_fail(NULL, IP_ERR_DATA, "unseen") == IP_ERR_DATA);
    CHECK(ip_fail_key(NULL, IP_ERR_DATA, "k", "unseen") == IP_ERR_DATA);
}

static void cutting(void)
{
    char long_text[1000];
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    ip_error err;
    CHECK(ip_fail_key(&err, IP_ERR_SPEC, long_text, "%s", long_text) == IP_ERR_SPEC);
    CHECK_COUNT(strlen(err.text), sizeof err.text - 1);
    CHECK_COUNT(strlen(err.key), sizeof err.key - 1);
}

/* The exit codes are what users' scripts rely on. */
static void statuses(void)
{
    static const struct {
        const char *name;
        ip_status status;
        int code;
    } known[] = {
        {"IP_OK", IP_OK, 0},
        {"IP_ERR_JOBS", IP_ERR_JOBS, 1},
        {"IP_ERR_USAGE", IP_ERR_USAGE, 2},
        {"IP_ERR_SPEC", IP_ERR_SPEC, 65},
        {"IP_ERR_DATA", IP_ERR_DATA, 65},
        {"IP_ERR_SHAPE", IP_ERR_SHAPE, 65},
        {"IP_ERR_NUMERIC", IP_ERR_NUMERIC, 1},
        {"IP_ERR_INTERNAL", IP_ERR_INTERNAL, 70},
        {"IP_ERR_MEMORY", IP_ERR_MEMORY, 74},
        {"IP_ERR_CREATE", IP_ERR_CREATE, 73},
        {"IP_ERR_IO", IP_ERR_IO, 74},
        {"IP_ERR_STOPPED", IP_ERR_STOPPED, 75},
    };
    CHECK_COUNT(IP_LENGTH(known), IP_N_STATUS);
    for (size_t i = 0; i < IP_LENGTH(known); i++) {
        CHECK_STR(ip_status_name(known[i].status), known[i].name);
        CHECK_COUNT(ip_status_exit_code(known[i].status), known[i].code);
    }
    CHECK_COUNT(ip_status_exit_code(IP_N_STATUS), 70);
    CHECK_STR(ip_status_name(IP_N_STATUS), "unknown status");
}

static void prints(const char *file, int line, int column, const char *expected)
{
    ip_error err = {.line = line, .column = column, .text = "no"};
    snprintf(err.file, sizeof err.file, "%s", file);
    FILE *out = tmpfile();
    char seen[100] = "";
    CHECK(out != NULL);
    if (out == NULL)
        return;
    ip_error_print(&err, out);
    rewind(out);
    CHECK(fgets(seen, sizeof seen, out) != NULL);
    fclose(out);
    CHECK_STR(seen, expected);
}

static void printing(void)
{
    prints("a.yaml", 12, 22, "a.yaml:12:22: error: no\n");
    prints("a.yaml", 12, 0, "a.yaml:12: error: no\n");
    prints("a.h5", 0, 0, "a.h5: error: no\n");
    prints("", 12, 22, "12:22: error: no\n");
    prints("", 0, 0, "infoplane: error: no\n");
}

static void listing(void)
{
    ip_errors errors = {0};
    for (int i = 0; i < IP_MAX_ERRORS + 50; i++)
        ip_errors_add(&errors, &(ip_error){.status = IP_ERR_SPEC, .line = i + 1});
    CHECK_COUNT(errors.n, IP_MAX_ERRORS + 50);
    CHECK_COUNT(errors.capacity, IP_MAX_ERRORS);
    for (int i = 0; i < IP_MAX_ERRORS; i++)
        CHECK_COUNT(errors.at[i].line, i + 1);
    ip_errors_release(&errors);
    CHECK(errors.at == NULL && errors.n == 0 && errors.capacity == 0);
    ip_errors_release(&errors);
}

static ip_status twice(ip_status status, int *calls)
{
    ++*calls;
    IP_TRY(status);
    ++*calls;
    return IP_OK;
}

static void trying(void)
{
    int calls = 0;
    CHECK(twice(IP_ERR_IO, &calls) == IP_ERR_IO && calls == 1);
    CHECK(twice(IP_OK, &calls) == IP_OK && calls == 3);
}

int main(void)
{
    filling();
    cutting();
    statuses();
    printing();
    listing();
    trying();
    return check_finish();
}
