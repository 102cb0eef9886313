/* test_plan_snapshots.c - when a job is measured, against the formulas of the format
 *
 * The expected epochs were computed outside the program: {log: N} with 60-digit decimals from
 * floor(E^(i/(N-1)) + 1/2), {linear: N} with fractions from floor(i E / N + 1/2). */
#include "check.h"
#include "expand.h"

/* A plan of so many epochs, measured at the given ones (NULL: not written). */
static expansion measured(const char *at, const char *epochs)
{
    static const char *const spec = "infoplane: 1\nname: snapshots\ntask: {name: icosahedron}\n"
                                    "network: {hidden: [3]}\n";
    char set_epochs[64];
    char set_at[64];
    snprintf(set_epochs, sizeof set_epochs, "training.epochs=%s", epochs);
    snprintf(set_at, sizeof set_at, "measure.at=%s", at != NULL ? at : "");
    const char *const overrides[] = {set_epochs, set_at};
    expansion e = expand_text(spec, at != NULL ? 2 : 1, overrides);
    e.source.overrides = NULL;
    ip_text errors = {0};
    print_errors(&e, &errors);
    CHECK_STR(errors.at, "");
    ip_text_release(&errors);
    return e;
}

static void whole_lists(void)
{
    static const struct {
        const char *at, *epochs;
        size_t n;
        int64_t expected[12];
    } known[] = {
        {"{log: 10}", "1000", 11, {0, 1, 2, 5, 10, 22, 46, 100, 215, 464, 1000}},
        {"{log: 2}", "100", 3, {0, 1, 100}},
        {"{log: 5}", "1", 2, {0, 1}},
        {"{linear: 7}", "10", 8, {0, 1, 3, 4, 6, 7, 9, 10}},
        {"{linear: 4}", "10", 5, {0, 3, 5, 8, 10}},
        {"{linear: 10}", "4", 5, {0, 1, 2, 3, 4}},
        {"{linear: 1}", "9", 2, {0, 9}},
        {"{every: 3}", "9", 4, {0, 3, 6, 9}},
        {"{every: 4}", "9", 4, {0, 4, 8, 9}},
        {"{every: 100}", "9", 2, {0, 9}},
        {"{every: 1}", "4", 5, {0, 1, 2, 3, 4}},
        {"[5]", "9", 3, {0, 5, 9}},
        {"[9, 3, 0, 3, 7]", "9", 4, {0, 3, 7, 9}},
        {"[1000000000000]", "1e12", 2, {0, 1000000000000}},
    };
    for (size_t i = 0; i < IP_LENGTH(known); i++) {
        expansion e = measured(known[i].at, known[i].epochs);
        const size_t n = ip_plan_shape(e.plan)->length[IP_DIM_EPOCH];
        CHECK_COUNT(n, known[i].n);
        for (size_t k = 0; k < n && k < known[i].n; k++)
            CHECK_COUNT(ip_plan_epochs(e.plan)[k], known[i].expected[k]);
        collapse(&e);
    }
}

/* Many snapshots: their number, their sum, and the second last. */
static void long_lists(void)
{
    static const struct {
        const char *at, *epochs;
        size_t n;
        int64_t sum, second_last;
    } known[] = {
        {NULL, "8000", 85, 92129, 7306}, /* the default, {log: 100} */
        {"{log: 100}", "8000", 85, 92129, 7306},
        {"{log: 300}", "8000", 217, 269635, 7763},
        {"{log: 450}", "8000", 305, 402464, 7841},
    };
    for (size_t i = 0; i < IP_LENGTH(known); i++) {
        expansion e = measured(known[i].at, known[i].epochs);
        const size_t n = ip_plan_shape(e.plan)->length[IP_DIM_EPOCH];
        int64_t sum = 0;
        for (size_t k = 0; k < n; k++)
            sum += ip_plan_epochs(e.plan)[k];
        CHECK_COUNT(n, known[i].n);
        CHECK_COUNT(sum, known[i].sum);
        CHECK_COUNT(ip_plan_epochs(e.plan)[n - 2], known[i].second_last);
        collapse(&e);
    }
}

/* The most snapshots of the longest training: products of the formulas stay exact. */
static void at_the_limits(void)
{
    expansion e = measured("{linear: 999999}", "999999999999");
    CHECK_COUNT(ip_plan_shape(e.plan)->length[IP_DIM_EPOCH], 1000000);
    CHECK_COUNT(ip_plan_epochs(e.plan)[1], 1000001);
    CHECK_COUNT(ip_plan_epochs(e.plan)[500000], 500000500000);
    collapse(&e);
    e = measured("{log: 1000000}", "1e12");
    const size_t n = ip_plan_shape(e.plan)->length[IP_DIM_EPOCH];
    CHECK_COUNT(ip_plan_epochs(e.plan)[0], 0);
    CHECK_COUNT(ip_plan_epochs(e.plan)[n - 1], 1000000000000);
    CHECK(n > 600000 && n < 1000000);
    bool ascends = true;
    for (size_t i = 1; i < n; i++)
        ascends &= ip_plan_epochs(e.plan)[i - 1] < ip_plan_epochs(e.plan)[i];
    CHECK(ascends);
    collapse(&e);
}

int main(void)
{
    whole_lists();
    long_lists();
    at_the_limits();
    return check_finish();
}
