/* test_spec_limits.c - texts made to be slow or large are refused, and the largest allowed are
 * taken
 *
 * Small texts can ask for much: aliases stand for what is long, and products grow. None of these
 * may take more than a moment. */
#include "check.h"
#include "expand.h"

static const char *const plain = "infoplane: 1\nname: limits\ntask: {name: icosahedron}\n"
                                 "network: {hidden: [3]}\ntraining: {epochs: 10}\n";

/* Appends part n times. */
static void repeat(ip_text *text, const char *part, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ip_text_append(text, "%s", part);
}

/* Expands; the first error has the words (NULL: there is none). Frees the text. */
static void gives(ip_text *text, size_t n_errors, const char *words)
{
    expansion e = expand_text(text->at, 0, NULL);
    CHECK_COUNT(e.errors.n, n_errors);
    CHECK((e.plan != NULL) == (n_errors == 0));
    if (e.errors.n > 0 && words != NULL)
        CHECK_HAS(e.errors.at[0].text, words);
    collapse(&e);
    ip_text_release(text);
}

static void numbers(ip_text *text, int first, int n)
{
    for (int i = first; i < first + n; i++)
        ip_text_append(text, "%s%d", i > first ? ", " : "", i);
}

static void long_axes(void)
{
    ip_text text = {0};
    ip_text_append(&text, "%ssweep:\n  - training.batch: [", plain);
    numbers(&text, 1, 10000);
    ip_text_append(&text, "]\n");
    gives(&text, 0, NULL);

    ip_text_append(&text, "%ssweep:\n  - training.batch: [", plain);
    numbers(&text, 1, 10001);
    ip_text_append(&text, "]\n");
    gives(&text, 1, "training.batch: expected a list of 1 to 10000 values, saw more");

    ip_text_append(&text, "%ssweep:\n  - training.batch: [", plain);
    numbers(&text, 1, 9999);
    ip_text_append(&text, ", 7]\n");
    gives(&text, 1, "training.batch: value 10000 of the list is the same as value 7");
}

/* 10000 values of six keys that differ in the last alone: the slowest list to tell apart. */
static void long_zips(void)
{
    static const char *const keys[] = {"training.rate", "training.l2", "training.momentum",
                                       "network.initializer_sd", "task.train_fraction"};
    ip_text text = {0};
    ip_text_append(&text, "%ssweep:\n  - zip:\n", plain);
    for (size_t k = 0; k < IP_LENGTH(keys); k++) {
        ip_text_append(&text, "      %s: [", keys[k]);
        repeat(&text, "0.5,", 10000);
        ip_text_append(&text, "]\n");
    }
    ip_text_append(&text, "      training.batch: [");
    numbers(&text, 1, 10000);
    ip_text_append(&text, "]\n");
    gives(&text, 0, NULL);
}

static void many_points(void)
{
    ip_text text = {0};
    ip_text_append(&text, "%ssweep:\n  - training.batch: [", plain);
    numbers(&text, 1, 10000);
    ip_text_append(&text, "]\n  - training.rate: [");
    numbers(&text, 1, 10000);
    ip_text_append(&text, "]\nexclude: [{training.rate: 1}]\n");
    gives(&text, 1, "sweep: more than 10^6 points");

    /* a product that would not fit 64 bits */
    ip_text_append(&text, "%ssweep:\n", plain);
    static const char *const keys[] = {"training.rate", "training.l2", "network.initializer_sd",
                                       "training.batch"};
    for (size_t k = 0; k < IP_LENGTH(keys); k++) {
        ip_text_append(&text, "  - %s: [", keys[k]);
        numbers(&text, 1, 10000);
        ip_text_append(&text, "]\n");
    }
    gives(&text, 1, "sweep: more than 10^6 points");
}

static void many_exclusions(void)
{
    ip_text text = {0};
    ip_text_append(&text, "%ssweep: [training.batch: [1, 2], training.l2: [0, 1]]\nexclude: [",
                   plain);
    repeat(&text, "{training.batch: 1},", 1001);
    ip_text_append(&text, "]\n");
    gives(&text, 1, "exclude: expected a list of at most 1000 maps, saw more");
}

static void many_epochs(void)
{
    ip_text text = {0};
    ip_text_append(&text, "%s", plain);
    text.length -= strlen("epochs: 10}\n");
    ip_text_append(&text, "epochs: 1000000}\nmeasure:\n  at: [");
    numbers(&text, 1, 100000);
    ip_text_append(&text, "]\n");
    gives(&text, 0, NULL);
}

static void large_trees(void)
{
    ip_text text = {0};
    ip_text_append(&text, "%sexclude: [", plain);
    repeat(&text, "1,", 250000);
    ip_text_append(&text, "]\n");
    gives(&text, 1, "more than 250000 values");

    ip_text_append(&text, "%sseeds: {", plain);
    for (int i = 0; i < 1001; i++)
        ip_text_append(&text, "k%d: 1, ", i);
    ip_text_append(&text, "}\n");
    gives(&text, 1, "more than 1000 keys in one map");

    ip_text_append(&text, "%sexclude: [", plain);
    repeat(&text, "&a 1, ", 1001);
    ip_text_append(&text, "]\n");
    gives(&text, 1, "more than 1000 anchors");
}

/* Each level stands for ten of the level below: 10^20 nodes, if they were copied. */
static void aliases_of_aliases(void)
{
    ip_text text = {0};
    ip_text_append(&text, "%sexclude:\n  - &a0 {training.l2: 1}\n", plain);
    for (int i = 1; i <= 20; i++)
        ip_text_append(&text,
                       "  - &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i,
                       i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    gives(&text, 21, "exclude: 'training.l2' is not swept");
}

/* A map of a thousand unknown keys, a thousand times. */
static void aliases_of_wrong_maps(void)
{
    ip_text text = {0};
    ip_text_append(&text, "%ssweep: [training.l2: [0, 1]]\nexclude:\n  - &a {", plain);
    for (int i = 0; i < 1000; i++)
        ip_text_append(&text, "unknown.key%d: 1, ", i);
    ip_text_append(&text, "}\n");
    repeat(&text, "  - *a\n", 999);
    gives(&text, 1000, "unknown key 'unknown.key0' in exclude");

    ip_text_append(&text, "%smeasure:\n  information:\n    - binning: &b {", plain);
    for (int i = 0; i < 1000; i++)
        ip_text_append(&text, "unknown%d: 1, ", i);
    ip_text_append(&text, "}\n");
    repeat(&text, "    - binning: *b\n", 999);
    gives(&text, 1000, "unknown key 'unknown0' in binning");
}

int main(void)
{
    long_axes();
    long_zips();
    many_points();
    many_exclusions();
    many_epochs();
    large_trees();
    aliases_of_aliases();
    aliases_of_wrong_maps();
    return check_finish();
}
