/* test_schedule.c - learning rates of chosen epochs, and the names of schedules and row orders */
#include "check.h"
#include "infoplane/network.h"

static double rate_at(ip_schedule schedule, uint64_t epoch)
{
    const ip_training_options options = {
        .epochs = 12, .rate = 0.4, .schedule = (int)schedule, .step_epochs = 3, .step_factor = 0.5};
    return ip_schedule_rate(&options, epoch);
}

/* By hand, from the formulas; the tolerance is a few roundings of double. */
static void rates(void)
{
    CHECK_NEAR(rate_at(IP_SCHEDULE_CONSTANT, 1), 0.4, 0.0);
    CHECK_NEAR(rate_at(IP_SCHEDULE_CONSTANT, 12), 0.4, 0.0);
    CHECK_NEAR(rate_at(IP_SCHEDULE_STEP, 1), 0.4, 0.0);
    CHECK_NEAR(rate_at(IP_SCHEDULE_STEP, 3), 0.4, 0.0);
    CHECK_NEAR(rate_at(IP_SCHEDULE_STEP, 4), 0.2, 1e-16);
    CHECK_NEAR(rate_at(IP_SCHEDULE_STEP, 12), 0.05, 1e-16);
    CHECK_NEAR(rate_at(IP_SCHEDULE_COSINE, 1), 0.4, 0.0);
    CHECK_NEAR(rate_at(IP_SCHEDULE_COSINE, 5), 0.3, 1e-15); /* cos 60 degrees */
    CHECK_NEAR(rate_at(IP_SCHEDULE_COSINE, 7), 0.2, 1e-15); /* cos 90 degrees */
    CHECK_NEAR(rate_at(IP_SCHEDULE_COSINE, 11), 0.2 * (1.0 - sqrt(3.0) / 2.0), 1e-15);
}

static void names(void)
{
    CHECK_STR(ip_schedule_name(IP_SCHEDULE_CONSTANT), "constant");
    CHECK_STR(ip_schedule_name(IP_SCHEDULE_STEP), "step");
    CHECK_STR(ip_schedule_name(IP_SCHEDULE_COSINE), "cosine");
    CHECK(ip_schedule_name(3) == NULL);
    CHECK_STR(ip_shuffle_name(IP_SHUFFLE_EPOCH), "epoch");
    CHECK_STR(ip_shuffle_name(IP_SHUFFLE_NONE), "none");
    CHECK_STR(ip_shuffle_name(IP_SHUFFLE_REPLACEMENT), "replacement");
    CHECK(ip_shuffle_name(3) == NULL);
}

int main(void)
{
    rates();
    names();
    return check_finish();
}
