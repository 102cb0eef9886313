/* test_field.c - scalars under the YAML 1.2 core schema, into the fields of a struct and back */
#include "check.h"
#include "infoplane/field.h"
#include <stdint.h>

static ip_name_at color_name;

static const char *color_name(size_t index)
{
    static const char *const names[] = {"red", "deep-blue", "green"};
    return index < IP_LENGTH(names) ? names[index] : NULL;
}

typedef struct things {
    bool flag;
    uint64_t count, free_count, word_count, bytes;
    double real, open, free_real, word_real;
    int color;
    char text[IP_MAX_PATH];
    ip_widths widths;
    ip_reals reals;
} things;

#define AT(member) offsetof(things, member)
enum {
    FLAG,
    COUNT,
    FREE_COUNT,
    WORD_COUNT,
    BYTES,
    REAL,
    OPEN,
    FREE_REAL,
    WORD_REAL,
    COLOR,
    TEXT,
    WIDTHS,
    REALS,
    N_FIELDS
};

static const ip_field fields[N_FIELDS] = {
    [FLAG] = {.key = "a.flag", .kind = IP_KIND_BOOL, .offset = AT(flag), .default_text = "true"},
    [COUNT] = {.key = "a.count",
               .kind = IP_KIND_COUNT,
               .offset = AT(count),
               .min = 2,
               .max = 100,
               .default_text = "0x10"},
    [FREE_COUNT] = {.key = "a.free_count", .kind = IP_KIND_COUNT, .offset = AT(free_count)},
    [WORD_COUNT] = {.key = "a.word_count",
                    .kind = IP_KIND_COUNT,
                    .offset = AT(word_count),
                    .min = 1,
                    .max = 1e16,
                    .word = "full",
                    .default_text = "full"},
    [BYTES] = {.key = "a.bytes",
               .kind = IP_KIND_BYTES,
               .offset = AT(bytes),
               .word = "none",
               .default_text = "none"},
    [REAL] = {.key = "a.real",
              .kind = IP_KIND_REAL,
              .offset = AT(real),
              .min = -1,
              .max = 1,
              .default_text = "0.25"},
    [OPEN] = {.key = "a.open",
              .kind = IP_KIND_REAL,
              .offset = AT(open),
              .max = 1,
              .flags = IP_FIELD_ABOVE_MIN | IP_FIELD_BELOW_MAX,
              .default_text = "0.5"},
    [FREE_REAL] = {.key = "a.free_real", .kind = IP_KIND_REAL, .offset = AT(free_real)},
    [WORD_REAL] = {.key = "a.word_real",
                   .kind = IP_KIND_REAL,
                   .offset = AT(word_real),
                   .max = (double)INFINITY,
                   .flags = IP_FIELD_ABOVE_MIN,
                   .word = "none",
                   .default_text = "none"},
    [COLOR] = {.key = "a.color",
               .kind = IP_KIND_CHOICE,
               .offset = AT(color),
               .names = color_name,
               .default_text = "green"},
    [TEXT] = {.key = "a.text", .kind = IP_KIND_TEXT, .offset = AT(text)},
    [WIDTHS] = {.key = "a.widths",
                .kind = IP_KIND_WIDTHS,
                .offset = AT(widths),
                .min = 1,
                .max = 65536,
                .default_text = "[10, 7,5]"},
    [REALS] = {.key = "a.reals",
               .kind = IP_KIND_REALS,
               .offset = AT(reals),
               .n_reals = 2,
               .default_text = "[-1, .5]"},
};

/* Reads an unquoted scalar and prints what was read, or the error. */
static void reads(int field, const char *scalar, const char *expected)
{
    ip_error err = {0};
    ip_text text = {0};
    static things t;
    memset(&t, 0, sizeof t);
    if (ip_field_read(&fields[field], scalar, false, ip_field_at_mutable(&fields[field], &t),
                      &err) == IP_OK) {
        ip_field_print(&fields[field], &t, &text);
    } else {
        ip_text_append(&text, "%s", err.text);
        CHECK_STR(err.key, fields[field].key);
        CHECK(err.status == IP_ERR_SPEC);
    }
    CHECK_REPORT(strcmp(text.at, expected) == 0, "%s from '%s': %s, expected %s", fields[field].key,
                 scalar, text.at, expected);
    ip_text_release(&text);
}

/* Each of the scalars is refused, and leaves the value as it was. */
static void refuses(int field, size_t n, const char *const *scalars)
{
    static things t;
    static things before;
    memset(&t, 0x5A, sizeof t);
    before = t;
    for (size_t i = 0; i < n; i++) {
        ip_error err = {0};
        const ip_status status = ip_field_read(&fields[field], scalars[i], false,
                                               ip_field_at_mutable(&fields[field], &t), &err);
        CHECK_REPORT(status == IP_ERR_SPEC, "%s took '%s'", fields[field].key, scalars[i]);
        CHECK(memcmp(&t, &before, sizeof t) == 0);
    }
}

#define REFUSES(field, ...)                                                                        \
    refuses(field, IP_LENGTH(((const char *const[]){__VA_ARGS__})),                                \
            (const char *const[]){__VA_ARGS__})

/* Section 10.3.2 of YAML 1.2.2: what is an integer, a float, a truth and nothing. */
static void core_schema(void)
{
    static const char *const spellings[][2] = {
        {"0", "0"},
        {"7", "7"},
        {"010", "10"},
        {"0o17", "15"},
        {"0x1F", "31"},
        {"0xff", "255"},
        {"1e4", "10000"},
        {"+5", "5"},
        {"2.50e1", "25"},
        {"30.", "30"},
        {"18446744073709551615", "18446744073709551615"},
        {"0o1777777777777777777777", "18446744073709551615"},
        {"-0", "0"},
        {"9007199254740993", "9007199254740993"},
        {"9007199254740992.0", "9007199254740992"},
    };
    for (size_t i = 0; i < IP_LENGTH(spellings); i++)
        reads(FREE_COUNT, spellings[i][0], spellings[i][1]);
    REFUSES(FREE_COUNT, "-1", "1.5", "1_000", "1,000", "0b11", "0o8", "0o", "0x", "0xg", "-0x1",
            "+0o7", "1e", "1e+", "e5", ".", "+", "-", "--1", "1 ", " 1", "1 2", "12:30", "ten",
            "18446744073709551616", "0x10000000000000000", "1e17", ".inf", ".nan", "true", "one",
            "\xC2\xB2");

    static const char *const reals[][2] = {
        {"4e-4", "0.0004"}, {"4.0E-4", "0.0004"},
        {".5", "0.5"},      {"1.", "1"},
        {"-.5e+1", "-5"},   {"0o17", "15"},
        {"0x10", "16"},     {"010", "10"},
        {"-0.0", "0"},      {"1e-400", "0"},
        {"0.1", "0.1"},     {"1e308", "1e+308"},
        {"+0.3", "0.3"},    {"5e-324", "4.94065645841247e-324"},
    };
    for (size_t i = 0; i < IP_LENGTH(reals); i++)
        reads(FREE_REAL, reals[i][0], reals[i][1]);
    REFUSES(FREE_REAL, ".", "e1", "1e", ".e1", "1..2", "1e1.5", "inf", "nan", "Infinity", "NaN",
            ".nan", ".NaN", ".inf", "-.inf", "1e309", "0x1p3", "1f", "1d0", "1_0.5",
            "\xE2\x88\x92"
            "1");

    static const char *const truths[][2] = {{"true", "true"},   {"True", "true"},
                                            {"TRUE", "true"},   {"false", "false"},
                                            {"False", "false"}, {"FALSE", "false"}};
    for (size_t i = 0; i < IP_LENGTH(truths); i++)
        reads(FLAG, truths[i][0], truths[i][1]);
    REFUSES(FLAG, "yes", "no", "on", "off", "y", "n", "tRUE", "1", "0", "");

    static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};
    for (size_t i = 0; i < IP_LENGTH(nulls); i++) {
        CHECK(ip_scalar_is_null(nulls[i]));
        for (int f = 0; f < N_FIELDS; f++)
            refuses(f, 1, &nulls[i]);
    }
    CHECK(!ip_scalar_is_null("nUll") && !ip_scalar_is_null("none") && !ip_scalar_is_null(" "));
}

static void ranges(void)
{
    reads(COUNT, "2", "2");
    reads(COUNT, "100", "100");
    reads(COUNT, "1", "a.count: expected a whole number of at least 2 and at most 100, saw 1");
    reads(COUNT, "101", "a.count: expected a whole number of at least 2 and at most 100, saw 101");
    reads(REAL, "-1", "-1");
    reads(REAL, "1", "1");
    reads(REAL, "1.0000000000000002",
          "a.real: expected a number of at least -1 and at most 1, saw "
          "1.0000000000000002");
    reads(OPEN, "1e-300", "1e-300");
    reads(OPEN, "0.9999999999999999", "0.9999999999999999");
    reads(OPEN, "0", "a.open: expected a number above 0 and below 1, saw 0");
    reads(OPEN, "1", "a.open: expected a number above 0 and below 1, saw 1");
    reads(WORD_REAL, ".inf", ".inf");
    reads(WORD_REAL, "+.INF", ".inf");
    reads(WORD_REAL, "-.inf", "a.word_real: expected a number above 0, or none, saw -.inf");
    reads(FREE_REAL, "x", "a.free_real: expected a number, saw x");
    const ip_field one = {.key = "v", .kind = IP_KIND_COUNT, .min = 1, .max = 1};
    ip_text text = {0};
    ip_field_expected(&one, &text);
    CHECK_STR(text.at, "1");
    ip_text_release(&text);
}

static void words(void)
{
    reads(WORD_COUNT, "full", "full");
    reads(WORD_COUNT, "3", "3");
    reads(WORD_COUNT, "Full",
          "a.word_count: expected a whole number of at least 1, or full, saw "
          "Full");
    reads(WORD_COUNT, "0", "a.word_count: expected a whole number of at least 1, or full, saw 0");
    reads(WORD_REAL, "none", "none");
    reads(BYTES, "none", "none");
}

static void sizes(void)
{
    static const char *const spellings[][2] = {
        {"2GiB", "2GiB"},       {"2048MiB", "2GiB"},    {"1 GiB", "1GiB"},
        {"512MiB", "512MiB"},   {"1000", "1000"},       {"1024", "1KiB"},
        {"1536KiB", "1536KiB"}, {"4096TiB", "4096TiB"}, {"16777215TiB", "16777215TiB"},
    };
    for (size_t i = 0; i < IP_LENGTH(spellings); i++)
        reads(BYTES, spellings[i][0], spellings[i][1]);
    REFUSES(BYTES, "0", "0GiB", "2GB", "2G", "2gib", "1.5GiB", "-1GiB", "GiB", "2  GiB", "2GiB ",
            "16777216TiB", "18446744073709551616", "1e9");
    reads(BYTES, "2GB", "a.bytes: expected a size such as 512MiB or 2GiB, or none, saw 2GB");
}

static void choices(void)
{
    reads(COLOR, "deep-blue", "deep-blue");
    reads(COLOR, "gren", "unknown color 'gren' (did you mean 'green'?)");
    reads(COLOR, "RED", "unknown color 'RED' (did you mean 'red'?)");
    reads(COLOR, "Deep_Blue", "unknown color 'Deep_Blue' (did you mean 'deep-blue'?)");
    reads(COLOR, "colorless", "unknown color 'colorless' (known: red, deep-blue, green)");
    const ip_field one = {.key = "a.on", .kind = IP_KIND_CHOICE, .names = color_name};
    int value = 7;
    ip_error err;
    CHECK(ip_field_read(&one, "ret", false, &value, &err) == IP_ERR_SPEC);
    CHECK_STR(err.text, "unknown a.on 'ret' (did you mean 'red'?)");
    CHECK_COUNT(value, 7);
    ip_text text = {0};
    ip_field_expected(&one, &text);
    CHECK_STR(text.at, "one of red, deep-blue, green");
    ip_text_release(&text);
}

static void texts(void)
{
    reads(TEXT, "no", "\"no\"");
    reads(TEXT, "say \"x\\y\"", "\"say \\\"x\\\\y\\\"\"");
    reads(TEXT,
          "gr\xC3\xB6\xC3\x9F"
          "e",
          "\"gr\xC3\xB6\xC3\x9F"
          "e\"");
    static char longest[IP_MAX_PATH + 1];
    memset(longest, 'a', IP_MAX_PATH - 1);
    things *t = calloc(1, sizeof *t);
    ip_error err;
    CHECK(ip_field_read(&fields[TEXT], longest, false, t->text, &err) == IP_OK);
    CHECK_COUNT(strlen(t->text), IP_MAX_PATH - 1);
    free(t);
    longest[IP_MAX_PATH - 1] = 'a';
    REFUSES(TEXT, longest, "a\nb", "a\x1b[31m", "\x7f");
}

/* Quotes make a string of everything; what is a string anyway may be quoted. */
static void quotes(void)
{
    static const struct {
        int field;
        const char *scalar;
        bool good;
    } known[] = {{COUNT, "5", false},        {REAL, "0.5", false},      {FLAG, "true", false},
                 {WORD_COUNT, "full", true}, {WORD_REAL, "none", true}, {BYTES, "2GiB", true},
                 {COLOR, "red", true},       {TEXT, "5", true},         {TEXT, "null", true},
                 {TEXT, "~", true},          {TEXT, "", false},         {COUNT, "", false},
                 {COLOR, "", false},         {WIDTHS, "5", false}};
    static things t;
    for (size_t i = 0; i < IP_LENGTH(known); i++) {
        const ip_field *field = &fields[known[i].field];
        ip_error err;
        const ip_status status =
            ip_field_read(field, known[i].scalar, true, ip_field_at_mutable(field, &t), &err);
        CHECK_REPORT((status == IP_OK) == known[i].good, "%s with \"%s\"", field->key,
                     known[i].scalar);
    }
    ip_error err;
    CHECK(ip_field_read(&fields[COUNT], "5", true, &t.count, &err) == IP_ERR_SPEC);
    CHECK_STR(err.text, "a.count: expected a whole number of at least 2 and at most 100, saw the "
                        "text \"5\"");
    CHECK(ip_field_read(&fields[COUNT], "5x", false, &t.count, NULL) == IP_ERR_SPEC);
}

static void defaults(void)
{
    static const char *const expected[N_FIELDS] = {
        "true", "16",   "0",     "full", "none",       "0.25",     "0.5",
        "0",    "none", "green", "\"\"", "[10, 7, 5]", "[-1, 0.5]"};
    static things t;
    memset(&t, 0x5A, sizeof t);
    t.free_count = 0;
    t.free_real = 0;
    t.text[0] = '\0';
    ip_fields_set_defaults(fields, N_FIELDS, &t);
    for (size_t i = 0; i < N_FIELDS; i++) {
        ip_text text = {0};
        ip_field_print(&fields[i], &t, &text);
        CHECK_STR(text.at, expected[i]);
        ip_text_release(&text);
    }
    CHECK(isnan(t.word_real) && t.word_count == 0 && t.bytes == 0);
    for (size_t i = t.widths.n; i < IP_MAX_HIDDEN; i++)
        CHECK_COUNT(t.widths.at[i], 0); /* equal lists are equal bytes */
}

/* Whether two structs print alike in field. */
static bool print_equal(const ip_field *field, const void *a, const void *b)
{
    ip_text text_a = {0};
    ip_text text_b = {0};
    ip_field_print(field, a, &text_a);
    ip_field_print(field, b, &text_b);
    const bool equal = strcmp(text_a.at, text_b.at) == 0;
    ip_text_release(&text_a);
    ip_text_release(&text_b);
    return equal;
}

static void equality(void)
{
    static things a;
    static things b;
    memset(&a, 0, sizeof a);
    ip_fields_set_defaults(fields, N_FIELDS, &a);
    b = a;
    for (size_t i = 0; i < N_FIELDS; i++)
        CHECK(print_equal(&fields[i], &a, &b)); /* not-a-number stands for none */
    b.flag = false;
    b.count++;
    b.free_count++;
    b.word_count++;
    b.bytes++;
    b.real = nextafter(b.real, 1);
    b.open = nextafter(b.open, 1);
    b.free_real = nextafter(b.free_real, 1);
    b.word_real = 1;
    b.color = 0;
    b.text[0] = 'x';
    b.widths.n--;
    b.reals.at[1] = nextafter(b.reals.at[1], 1);
    for (size_t i = 0; i < N_FIELDS; i++)
        CHECK_REPORT(!print_equal(&fields[i], &a, &b), "%s is told equal", fields[i].key);
}

static void finding(void)
{
    CHECK(ip_fields_find(fields, N_FIELDS, "a.color") == &fields[COLOR]);
    CHECK(ip_fields_find(fields, N_FIELDS, "color") == NULL);
    CHECK(ip_fields_find(fields, 2, "a.color") == NULL);
    CHECK(ip_fields_find(fields, 0, "a.flag") == NULL);
}

int main(void)
{
    core_schema();
    ranges();
    words();
    sizes();
    choices();
    texts();
    quotes();
    defaults();
    equality();
    finding();
    return check_finish();
}
