/* test_plan_order.c - which jobs a plan has, in which order, and the shape of their rows */
#include "check.h"
#include "expand.h"
#include "infoplane/network.h"

static const char *const swept = "infoplane: 1\n"
                                 "name: order\n"
                                 "task: {name: icosahedron}\n"
                                 "network: {hidden: [3], activation: gelu}\n"
                                 "training: {epochs: 10}\n"
                                 "sweep:\n"
                                 "  - network.activation: [tanh, relu]\n"
                                 "  - zip: {training.rate: [0.1, 0.2, 0.3], "
                                 "training.batch: [1, 2, full]}\n"
                                 "  - network.hidden: [[3], [4, 2]]\n"
                                 "exclude:\n"
                                 "  - {network.activation: relu, training.rate: 0.2}\n"
                                 "  - {training.batch: full, network.hidden: [3]}\n"
                                 "seeds: {count: 2, first: 5}\n";

/* Written by hand: the first entry slowest, the seed fastest. */
static const struct {
    const char *activation;
    double rate;
    uint64_t batch;
    size_t depth;
} points[] = {
    {"tanh", 0.1, 1, 1}, {"tanh", 0.1, 1, 2}, {"tanh", 0.2, 2, 1}, {"tanh", 0.2, 2, 2},
    {"tanh", 0.3, 0, 2}, {"relu", 0.1, 1, 1}, {"relu", 0.1, 1, 2}, {"relu", 0.3, 0, 2},
};

static void jobs_stand_in_the_order_written(const expansion *e)
{
    CHECK_COUNT(ip_plan_n_jobs(e->plan), 2 * IP_LENGTH(points));
    for (size_t i = 0; i < ip_plan_n_jobs(e->plan); i++) {
        ip_job job;
        ip_plan_job(e->plan, i, &job);
        CHECK_COUNT(job.index, i);
        CHECK_COUNT(job.seed, 5 + i % 2);
        CHECK_STR(ip_activation_name((size_t)job.settings.network.activation),
                  points[i / 2].activation);
        CHECK(job.settings.training.rate == points[i / 2].rate);
        CHECK_COUNT(job.settings.training.batch, points[i / 2].batch);
        CHECK_COUNT(job.settings.network.hidden.n, points[i / 2].depth);
        CHECK_COUNT(job.settings.training.epochs, 10);
    }
}

static void swept_keys_stand_in_the_order_written(const expansion *e)
{
    static const char *const keys[] = {"network.activation", "training.rate", "training.batch",
                                       "network.hidden"};
    for (size_t k = 0; k < IP_LENGTH(keys); k++)
        CHECK_STR(ip_plan_swept(e->plan, k)->key, keys[k]);
    CHECK(ip_plan_swept(e->plan, IP_LENGTH(keys)) == NULL);
}

/* The deepest network has two hidden layers and the output. */
static void rows_fit_the_deepest_network(const expansion *e)
{
    const ip_shape *shape = ip_plan_shape(e->plan);
    CHECK_COUNT(shape->length[IP_DIM_LAYER], 3);
    CHECK_COUNT(shape->length[IP_DIM_SPLIT], 2);
    CHECK_COUNT(shape->length[IP_DIM_ESTIMATOR], 1);
}

static void architectures_name_every_layer(const expansion *e)
{
    static const struct {
        size_t job;
        const char *architecture;
        size_t n;
    } known[] = {{0, "1-3-2", 2}, {2, "1-4-2-2", 3}};
    for (size_t i = 0; i < IP_LENGTH(known); i++) {
        ip_job job;
        ip_text text = {0};
        size_t widths[IP_MAX_HIDDEN + 1];
        ip_plan_job(e->plan, known[i].job, &job);
        ip_job_architecture(&job, e->dataset, &text);
        CHECK_STR(text.at, known[i].architecture);
        CHECK_COUNT(ip_job_widths(&job, e->dataset, widths), known[i].n);
        CHECK_COUNT(widths[known[i].n - 1], 2);
        ip_text_release(&text);
    }
}

static void a_sigmoid_output_is_one_unit(void)
{
    static const char *const overrides[] = {"network.output=sigmoid"};
    expansion e = expand_text(swept, 1, overrides);
    ip_job job;
    ip_text text = {0};
    ip_plan_job(e.plan, 0, &job);
    ip_job_architecture(&job, e.dataset, &text);
    CHECK_STR(text.at, "1-3-1");
    ip_text_release(&text);
    collapse(&e);
}

static void seeds_alone_make_jobs(void)
{
    static const char *const overrides[] = {"sweep=[]", "exclude=[]", "seeds.count=7",
                                            "seeds.first=0"};
    expansion e = expand_text(swept, IP_LENGTH(overrides), overrides);
    CHECK_COUNT(ip_plan_n_jobs(e.plan), 7);
    for (size_t i = 0; i < 7; i++) {
        ip_job job;
        ip_plan_job(e.plan, i, &job);
        CHECK_COUNT(job.seed, i);
        CHECK_STR(ip_activation_name((size_t)job.settings.network.activation), "gelu");
    }
    CHECK(ip_plan_swept(e.plan, 0) == NULL);
    collapse(&e);
}

/* 10^6 points are the most; the millionth is the last of both axes. */
static void a_million_points(void)
{
    ip_text text = {0};
    ip_text_append(&text, "infoplane: 1\nname: many\ntask: {name: icosahedron}\n"
                          "network: {hidden: [3]}\ntraining: {epochs: 10}\nsweep:\n"
                          "  - training.rate: [1");
    for (int i = 2; i <= 1000; i++)
        ip_text_append(&text, ", %d", i);
    ip_text_append(&text, "]\n  - training.batch: [1");
    for (int i = 2; i <= 1000; i++)
        ip_text_append(&text, ", %d", i);
    ip_text_append(&text, "]\nexclude: [{training.rate: 1, training.batch: 1}]\n");
    expansion e = expand_text(text.at, 0, NULL);
    CHECK_COUNT(ip_plan_n_jobs(e.plan), 999999);
    ip_job job;
    ip_plan_job(e.plan, 999998, &job);
    CHECK(job.settings.training.rate == 1000 && job.settings.training.batch == 1000);
    ip_plan_job(e.plan, 0, &job);
    CHECK(job.settings.training.rate == 1 && job.settings.training.batch == 2);
    collapse(&e);
    ip_text_release(&text);
}

int main(void)
{
    expansion e = expand_text(swept, 0, NULL);
    jobs_stand_in_the_order_written(&e);
    swept_keys_stand_in_the_order_written(&e);
    rows_fit_the_deepest_network(&e);
    architectures_name_every_layer(&e);
    collapse(&e);
    a_sigmoid_output_is_one_unit();
    seeds_alone_make_jobs();
    a_million_points();
    return check_finish();
}
