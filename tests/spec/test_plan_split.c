/* test_plan_split.c - who decides the split: the data file that brings one, or the spec */
#include "check.h"
#include "expand.h"

static const char *const plain = "infoplane: 1\nname: split\ntask: {name: file, path: x.h5}\n"
                                 "network: {hidden: [3]}\ntraining: {epochs: 10}\n";

/* The split of the first job over data with or without a /split; NULL and the error where there is
 * no plan. */
static void split_is(bool with_split, const char *override, const char *expected)
{
    expansion e = {.source = {.name = "a.yaml",
                              .folder = "",
                              .bytes = plain,
                              .n = strlen(plain),
                              .overrides = &override,
                              .n_overrides = override != NULL},
                   .dataset = small_dataset(9, 3, with_split)};
    expand(&e);
    ip_job job;
    if (e.plan != NULL)
        ip_plan_job(e.plan, 0, &job);
    CHECK_STR(e.plan != NULL    ? ip_split_name((size_t)job.settings.task.split)
              : e.errors.n == 1 ? e.errors.at[0].text
                                : "several errors",
              expected);
    collapse(&e);
}

/* Where the split is swept, what is written beside it decides nothing. */
static void a_swept_split_is_not_the_written_one(void)
{
    static const char *const overrides[] = {
        "task={name: file, path: x, split: given, train_fraction: 0.5}",
        "sweep=[task.split: [prefix, random]]"};
    expansion e = expand_text(plain, 2, overrides);
    ip_job job;
    CHECK(e.plan != NULL);
    if (e.plan != NULL) {
        ip_plan_job(e.plan, 0, &job);
        CHECK_STR(ip_split_name((size_t)job.settings.task.split), "prefix");
        CHECK_NEAR(job.settings.task.train_fraction, 0.5, 0);
    }
    collapse(&e);
}

int main(void)
{
    static const char *const decides =
        "task.train_fraction: the /split of the data file decides it; choose another task.split to "
        "use a fraction";
    static const char *const none = "task.split: given needs a data file with a /split";
    split_is(false, NULL, "random");
    split_is(true, NULL, "given");
    split_is(false, "task.train_fraction=0.5", "random");
    split_is(true, "task.train_fraction=0.5", decides);
    split_is(true, "sweep=[task.train_fraction: [0.5, 0.6]]", decides);
    split_is(true, "task={name: file, path: x, split: given, train_fraction: 0.5}", decides);
    split_is(true, "task={name: file, path: x, split: random, train_fraction: 0.5}", "random");
    split_is(true, "task.split=stratified", "stratified");
    split_is(true, "task.split=given", "given");
    split_is(false, "task.split=given", none);
    split_is(true, "sweep=[task.split: [prefix, given]]", "prefix");
    split_is(false, "sweep=[task.split: [prefix, given]]", none);
    a_swept_split_is_not_the_written_one();
    return check_finish();
}
