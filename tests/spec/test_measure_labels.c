/* test_measure_labels.c - the entries of the estimator dimension: their order, labels and options
 */
#include "check.h"
#include "expand.h"

static const char *const plain = "infoplane: 1\nname: labels\ntask: {name: icosahedron}\n"
                                 "network: {hidden: [3]}\ntraining: {epochs: 10}\n";

static void labels_are(const char *measure, const char *expected)
{
    const char *const overrides[] = {measure};
    expansion e = expand_text(plain, 1, overrides);
    ip_text labels = {0};
    print_errors(&e, &labels);
    CHECK(e.plan != NULL);
    const ip_measure *measured = e.spec != NULL ? ip_spec_measure(e.spec) : NULL;
    for (size_t i = 0; measured != NULL && i < measured->n_entries; i++)
        ip_text_append(&labels, "%s%s", i > 0 ? " " : "", measured->entries[i].label);
    CHECK_STR(labels.at, expected);
    if (e.plan != NULL)
        CHECK_COUNT(ip_plan_shape(e.plan)->length[IP_DIM_ESTIMATOR], measured->n_entries);
    ip_text_release(&labels);
    collapse(&e);
}

static void labels(void)
{
    labels_are("measure={}", "binning");
    labels_are("measure.information=[binning]", "binning");
    labels_are("measure.information=[binning: {bins: 10}]", "binning");
    labels_are("measure.information=[binning: {bins: [10]}]", "binning-10");
    labels_are("measure.information=[binning: {bins: [10, 30, 100]}]",
               "binning-10 binning-30 binning-100");
    labels_are("measure.information=[binning: {bins: [1000000, 123456]}]",
               "binning-1e+06 binning-123456");
    labels_are("measure.information=[binning: {rule: fixed_width, width: [0.5, 1e-3, 2]}]",
               "binning-0.5 binning-0.001 binning-2");
    labels_are("measure.information=[binning: {width: [none], bins: [5, 6]}]",
               "binning-none-5 binning-none-6");
    labels_are("measure.information=[binning: {bins: [5, 6], label: fine}, binning]",
               "fine-5 fine-6 binning");
    labels_are("measure={on: [all, train], information: [binning: {bins: [5, 6]}, "
               "binning: {label: x}]}",
               "binning-5 binning-5@train binning-6 binning-6@train x x@train");
    labels_are("measure.information=[kde: {variance: [1e-3, 0.1]}, kde: {label: x, label_term: "
               "difference}]",
               "kde-0.001-lower kde-0.001-upper kde-0.1-lower kde-0.1-upper x-lower x-upper");
    labels_are("measure.on=[test, all, train]", "binning@test binning binning@train");
    labels_are("measure.information=[binning: {label: '12345678901234567890123456789012345678é'}]",
               "12345678901234567890123456789012345678é");
}

/* One value of the list in each entry, and the rows in the order asked for. */
static void entries_carry_their_values(void)
{
    static const char *const overrides[] = {
        "measure={on: [test, all], information: [binning: {bins: [5, 6], range: [-2, 2]}]}"};
    static const struct {
        uint64_t bins;
        ip_on on;
    } expected[] = {{5, IP_ON_TEST}, {5, IP_ON_ALL}, {6, IP_ON_TEST}, {6, IP_ON_ALL}};
    expansion e = expand_text(plain, 1, overrides);
    const ip_measure *measure = ip_spec_measure(e.spec);
    CHECK_COUNT(measure->n_entries, IP_LENGTH(expected));
    for (size_t i = 0; i < measure->n_entries; i++) {
        ip_binning_options options;
        memcpy(&options, measure->entries[i].options, sizeof options);
        CHECK_STR(measure->entries[i].estimator->name, "binning");
        CHECK_COUNT(options.bins, expected[i].bins);
        CHECK_COUNT(measure->entries[i].on, expected[i].on);
        CHECK(options.range.n == 2 && options.range.at[0] == -2 && options.range.at[1] == 2);
        CHECK(isnan(options.width));
    }
    collapse(&e);
}

static void refused(const char *measure, const char *expected)
{
    const char *const overrides[] = {measure};
    expansion e = expand_text(plain, 1, overrides);
    CHECK(e.plan == NULL);
    CHECK_COUNT(e.errors.n, 1);
    if (e.errors.n > 0)
        CHECK_STR(e.errors.at[0].text, expected);
    collapse(&e);
}

/* The label of 40 bytes is taken, but not with 24 bytes behind it: 63 bytes are stored. */
static void long_labels(void)
{
    refused("measure={on: train, information: [binning: {label: "
            "'1234567890123456789012345678901234567890', rule: fixed_width, bins: [1e6, 123456], "
            "width: [0.000123456, 1.23456e-100]}]}",
            "measure.information: the label '1234567890123456789012345678901234567890-1e+06-"
            "0.000123456' is too long for what is put behind it");
}

/* 100 000 entries are asked for: told once, at once. */
static void too_many_entries(void)
{
    ip_text text = {0};
    ip_text_append(&text, "measure.information=[binning: {rule: fixed_width, bins: [2");
    for (int i = 3; i < 400; i++)
        ip_text_append(&text, ", %d", i);
    ip_text_append(&text, "], width: [1");
    for (int i = 2; i < 400; i++)
        ip_text_append(&text, ", %d", i);
    ip_text_append(&text, "]}]");
    refused(text.at, "measure.information: more than 1000 estimators");
    ip_text_release(&text);
}

int main(void)
{
    labels();
    entries_carry_their_values();
    long_labels();
    too_many_entries();
    return check_finish();
}
