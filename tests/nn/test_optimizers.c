/* test_optimizers.c - a few steps on given gradients against values computed outside */
#include "check.h"
#include "infoplane/network.h"
#include <float.h>

enum { N = 3, STEPS = 6 };

/* Three sizes of gradient: the last is near epsilon = 1e-6, so that its place matters. */
static const float gradients[STEPS][N] = {
    {0.210367739F, 0.000352800009F, -2.39731071e-05F},
    {0.227324352F, -0.00189200626F, -6.98538724e-06F},
    {0.0352800004F, -0.00239731069F, 1.64246649e-05F},
    {-0.189200625F, -0.00069853873F, 2.47339558e-05F},
    {-0.239731073F, 0.00164246652F, 1.03029624e-05F},
    {-0.0698538721F, 0.00247339555F, -1.36005274e-05F},
};
static const float start[N] = {0.5F, -1.25F, 0.0F};
static const ip_training_options options = {
    .momentum = 0.8, .beta1 = 0.7, .beta2 = 0.95, .epsilon = 1e-6};

/* End and length of the path of each parameter: Python floats, the update rules as published, with
 * rate 0.01 (1 - 0.1 t) in step t = 0, 1, ... */
static const struct {
    const char *name;
    size_t n_state;
    bool decoupled_decay;
    struct {
        double end, length;
    } path[N];
} expected[] = {
    {"sgd",
     0,
     false,
     {{0.498680223614, 0.00754}, {-1.24998465346, 6.68e-05}, {4.24940890298e-09, 7.37e-07}}},
    {"momentum",
     1,
     false,
     {{0.49288484849, 0.0111}, {-1.24993365119, 8.79e-05}, {1.59298272138e-07, 8.63e-07}}},
    {"nesterov",
     1,
     false,
     {{0.492988102406, 0.0154}, {-1.24993157442, 0.000125}, {1.31688026613e-07, 1.3e-06}}},
    {"rmsprop",
     1,
     false,
     {{0.457444232032, 0.115}, {-1.24568743836, 0.145}, {0.0117776856609, 0.0969}}},
    {"adam",
     2,
     false,
     {{0.479232752415, 0.0301}, {-1.2420653083, 0.0318}, {0.00944619016548, 0.0235}}},
    {"adamw",
     2,
     true,
     {{0.479232752415, 0.0301}, {-1.2420653083, 0.0318}, {0.00944619016548, 0.0235}}},
};

/* Every step rounds the parameter once and its update about 8 times, each by u = FLT_EPSILON / 2.
 */
static double tolerance(double from, double length)
{
    const double u = 0.5 * (double)FLT_EPSILON;
    return STEPS * u * (fabs(from) + length) + 8.0 * u * length;
}

static void check_optimizer(size_t index)
{
    const ip_optimizer *optimizer = ip_optimizer_at(index);
    float p[N];
    float state[2 * N + 1] = {0};
    const size_t used = optimizer->n_state * N;
    state[used] = 42.0F; /* what lies behind the state is not touched */
    memcpy(p, start, sizeof p);
    for (uint64_t t = 0; t < STEPS; t++)
        optimizer->step(&options, 0.01 * (1.0 - 0.1 * (double)t), t + 1, N, p, gradients[t], state);
    for (size_t i = 0; i < N; i++) {
        const double end = expected[index].path[i].end;
        const double length = expected[index].path[i].length;
        CHECK_REPORT(fabs((double)p[i] - end) <= tolerance((double)start[i], length),
                     "%s: parameter %zu = %.9g, expected %.9g", optimizer->name, i, (double)p[i],
                     end);
    }
    CHECK_NEAR((double)state[used], 42.0, 0.0);
}

/* Adam's first step has the length of the rate whatever the gradient (Kingma, Ba, section 2.1). */
static void adam_begins_with_the_rate(void)
{
    const ip_training_options usual = {.beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8};
    const float g[] = {3.0F, -1e-3F};
    float p[] = {0.0F, 0.0F};
    float state[4] = {0};
    const ip_optimizer *adam = ip_optimizer_at(ip_names_find(ip_optimizer_name, "adam"));
    adam->step(&usual, 4e-4, 1, 2, p, g, state);
    CHECK_NEAR((double)p[0], -4e-4, 4e-4 * 1e-6);
    CHECK_NEAR((double)p[1], 4e-4, 4e-4 * 1.1e-5); /* epsilon / |g| = 1e-5 less */
}

int main(void)
{
    const size_t count = sizeof expected / sizeof expected[0];
    CHECK_COUNT(ip_names_count(ip_optimizer_name), count);
    CHECK(ip_optimizer_at(count) == NULL);
    for (size_t i = 0; i < count; i++) {
        const ip_optimizer *optimizer = ip_optimizer_at(i);
        CHECK_STR(optimizer->name, expected[i].name);
        CHECK_STR(ip_optimizer_name(i), expected[i].name);
        CHECK_COUNT(optimizer->n_state, expected[i].n_state);
        CHECK(optimizer->decoupled_decay == expected[i].decoupled_decay);
        CHECK(strlen(optimizer->summary) > 0 && strlen(optimizer->source) > 0);
        check_optimizer(i);
    }
    adam_begins_with_the_rate();
    return check_finish();
}
