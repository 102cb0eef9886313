/* test_text.c - growing strings, numbers that read back, and the nearest name */
#include "check.h"
#include "infoplane/text.h"

static void strings_grow(void)
{
    ip_text text = {0};
    CHECK(text.at == NULL && text.length == 0);
    ip_text_append(&text, "%s-%d", "a", 7);
    CHECK_STR(text.at, "a-7");
    ip_text_append_bytes(&text, "x\0y", 3);
    CHECK_COUNT(text.length, 6);
    CHECK(memcmp(text.at, "a-7x\0y", 7) == 0);
    ip_text_release(&text);
    CHECK(text.at == NULL && text.length == 0 && text.capacity == 0);
    for (size_t i = 0; i < 1000; i++) {
        ip_text_append(&text, "%zu,", i);
        CHECK_COUNT(strlen(text.at), text.length);
        CHECK(text.length < text.capacity);
    }
    CHECK_COUNT(text.length, 10 * 2 + 90 * 3 + 900 * 4);
    CHECK_HAS(text.at, ",499,500,");
    ip_text_release(&text);
    ip_text_append_bytes(&text, "", 0);
    CHECK_STR(text.at, "");
    ip_text_release(&text);
    ip_text_release(&text);
}

static void real_is(double value, const char *expected)
{
    ip_text text = {0};
    ip_text_append_real(&text, value);
    CHECK_STR(text.at, expected);
    ip_text_release(&text);
}

static void reals_read_back(void)
{
    real_is(0.0004, "0.0004");
    real_is(0.1, "0.1");
    real_is(0.1 + 0.2, "0.30000000000000004");
    real_is(1.0 / 3, "0.3333333333333333");
    real_is(30, "30");
    real_is(-2.5, "-2.5");
    real_is(0.0, "0");
    real_is((double)INFINITY, ".inf");
    real_is((double)-INFINITY, "-.inf");
    real_is((double)NAN, ".nan");
    static const double hard[] = {0x1p-1074,           1.7976931348623157e308, 5e-324, 1e23,
                                  9007199254740993e10, 0x1.fffffffffffffp-1,   1e-5};
    for (size_t i = 0; i < IP_LENGTH(hard); i++) {
        ip_text text = {0};
        ip_text_append_real(&text, hard[i]);
        CHECK(strtod(text.at, NULL) == hard[i]);
        ip_text_release(&text);
    }
}

static const char *color(size_t index)
{
    static const char *const names[] = {"sgd", "momentum", "nesterov", "adam", "adamw"};
    return index < IP_LENGTH(names) ? names[index] : NULL;
}

static const char *nothing(size_t index)
{
    (void)index;
    return NULL;
}

static void lists_of_names(void)
{
    CHECK_COUNT(ip_names_count(color), 5);
    CHECK_COUNT(ip_names_count(nothing), 0);
    CHECK_COUNT(ip_names_find(color, "sgd"), 0);
    CHECK_COUNT(ip_names_find(color, "adamw"), 4);
    CHECK_COUNT(ip_names_find(color, "Adam"), 5);
    CHECK_COUNT(ip_names_find(color, ""), 5);
    ip_text text = {0};
    ip_names_join(nothing, &text);
    CHECK_COUNT(text.length, 0);
    ip_names_join(color, &text);
    CHECK_STR(text.at, "sgd, momentum, nesterov, adam, adamw");
    ip_text_release(&text);
}

/* Optimal string alignment: "ca" to "abc" is 3, where the unrestricted distance would be 2. */
static void distances(void)
{
    static const struct {
        const char *a, *b;
        size_t distance;
    } known[] = {
        {"", "", 0},      {"", "abc", 3},     {"kitten", "sitting", 3}, {"rleu", "relu", 1},
        {"ca", "abc", 3}, {"tanh", "tan", 1}, {"abcd", "badc", 2},      {"flaw", "lawn", 2},
    };
    for (size_t i = 0; i < IP_LENGTH(known); i++) {
        CHECK_COUNT(ip_text_distance(known[i].a, known[i].b), known[i].distance);
        CHECK_COUNT(ip_text_distance(known[i].b, known[i].a), known[i].distance);
    }
    char long_a[101];
    char long_b[101];
    memset(long_a, 'a', sizeof long_a - 1);
    memset(long_b, 'b', sizeof long_b - 1);
    long_a[100] = long_b[100] = '\0';
    CHECK_COUNT(ip_text_distance(long_a, long_b), 63);
    CHECK_COUNT(ip_text_distance(long_a, ""), 63);
}

static void nearest_names(void)
{
    CHECK(ip_text_is_near("rleu", "relu"));
    CHECK(ip_text_is_near("momemtun", "momentum"));
    CHECK(!ip_text_is_near("x", "y"));
    CHECK(!ip_text_is_near("batch", "icosahedron"));
    CHECK(!ip_text_is_near("moxxxxum", "momentum"));
    CHECK_STR(ip_names_nearest(color, "adm"), "adam");
    CHECK_STR(ip_names_nearest(color, "adamx"), "adam"); /* one edit from either: the first */
    CHECK_STR(ip_names_nearest(color, "adamww"), "adamw");
    CHECK_STR(ip_names_nearest(color, "nestorov"), "nesterov");
    CHECK(ip_names_nearest(color, "conjugate-gradient") == NULL);
    CHECK(ip_names_nearest(nothing, "adam") == NULL);
}

int main(void)
{
    strings_grow();
    reals_read_back();
    lists_of_names();
    distances();
    nearest_names();
    return check_finish();
}
