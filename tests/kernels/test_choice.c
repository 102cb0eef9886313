/* test_choice.c - which set of kernels runs, and what is said of one that cannot */
#include "kernel_sets.h"

static void check_known(const ip_kernels *set)
{
    CHECK(strcmp(set->results, "fma") == 0 || strcmp(set->results, "plain") == 0);
}

int main(void)
{
    const size_t n_sets = ip_names_count(ip_kernels_name);
    CHECK_STR(ip_kernels_name(0), "portable");
    CHECK_STR(ip_kernels_in_use()->name, ip_kernels_name(n_sets - 1)); /* the fastest */
    for_every_set(check_known);

    ip_error err = {0};
    CHECK(ip_kernels_use("portable", &err) == IP_OK);
    CHECK(ip_kernels_use("x86-64-v9", &err) == IP_ERR_USAGE);
    CHECK_HAS(err.text, "x86-64-v9");
    CHECK_HAS(err.text, "portable");
    CHECK_STR(ip_kernels_in_use()->name, "portable"); /* stays */
    return check_finish();
}
