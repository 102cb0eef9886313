/* test_output.c - loss and accuracy at ties, at huge logits, at NaN; sigmoid against softmax */
#include "check.h"
#include "infoplane/network.h"
#include <float.h>

enum { ROWS = 5 };

/* A network without hidden layers whose weights are the identity: its logits are its inputs. */
typedef struct setting {
    ip_arena arena;
    ip_network network;
    ip_pass pass;
} setting;

static void begin(setting *s, ip_output output, size_t n_classes)
{
    const ip_network_options options = {.output = (int)output};
    const size_t units = output == IP_OUTPUT_SIGMOID ? 1 : n_classes;
    s->arena = (ip_arena){0};
    CHECK(ip_network_init(&s->network, &options, units, n_classes, &s->arena, NULL) == IP_OK);
    CHECK(ip_pass_init(&s->pass, &s->network, ROWS, true, &s->arena, NULL) == IP_OK);
    for (size_t i = 0; i < units; i++)
        s->network.parameters[i * units + i] = 1.0F;
}

static void end(setting *s)
{
    ip_arena_release(&s->arena);
}

static double loss_of(setting *s, size_t n, const float *logits, const float *targets)
{
    const ip_batch batch = {n, NULL, logits, targets};
    ip_network_forward(&s->network, &s->pass, &batch);
    return ip_network_loss(&s->network, &s->pass, &batch);
}

/* -sum target log p by hand: p = (1/4, 1/4, 1/2) and uniform. Logits are floats, which costs
 * FLT_EPSILON. */
static void loss_is_the_mean_cross_entropy(void)
{
    const float logits[] = {0.0F, 0.0F, 0.69314718F, 5.0F, 5.0F, 5.0F};
    const float targets[] = {0.5F, 0.25F, 0.25F, 1.0F, 0.0F, 0.0F};
    setting s;
    begin(&s, IP_OUTPUT_SOFTMAX, 3);
    const double first = 0.75 * log(4.0) + 0.25 * log(2.0);
    CHECK_NEAR(loss_of(&s, 1, logits, targets), first, (double)FLT_EPSILON);
    CHECK_NEAR(loss_of(&s, 2, logits, targets), 0.5 * (first + log(3.0)), (double)FLT_EPSILON);
    CHECK_NEAR((double)s.pass.t[0][2 * s.pass.stride], 0.5, (double)FLT_EPSILON);
    end(&s);
}

/* The loss of a confident mistake is the distance of the logits, of a confident hit exp(-distance),
 * both far beyond what probabilities in float or double could show. */
static void huge_logits_stay_finite(void)
{
    const float hit[] = {60.0F, 0.0F};
    const float apart[] = {1e30F, -1e30F};
    const float class0[] = {1.0F, 0.0F};
    const float class1[] = {0.0F, 1.0F};
    setting s;
    begin(&s, IP_OUTPUT_SOFTMAX, 2);
    CHECK_NEAR(loss_of(&s, 1, hit, class1), 60.0, 1e-13);
    CHECK_NEAR(loss_of(&s, 1, hit, class0), 0.0, 1e-13);
    CHECK_NEAR(loss_of(&s, 1, apart, class1), 2e30, 2e30 * (double)FLT_EPSILON);
    CHECK_NEAR(loss_of(&s, 1, apart, class0), 0.0, 0.0);
    CHECK_NEAR((double)s.pass.t[0][0], 1.0, 0.0);
    CHECK_NEAR((double)s.pass.t[0][s.pass.stride], 0.0, 0.0);
    end(&s);
    begin(&s, IP_OUTPUT_SIGMOID, 2);
    CHECK_NEAR(loss_of(&s, 1, hit, class0), 60.0, 1e-13);
    CHECK_NEAR(loss_of(&s, 1, hit, class1), 8.756510762696520e-27, 1e-39); /* exp(-60) */
    CHECK_NEAR(loss_of(&s, 1, apart, class0), 1e30, 1e30 * (double)FLT_EPSILON);
    CHECK_NEAR(loss_of(&s, 1, apart + 1, class1), 1e30, 1e30 * (double)FLT_EPSILON);
    CHECK_NEAR(loss_of(&s, 1, apart + 1, class0), 0.0, 0.0);
    CHECK_NEAR((double)s.pass.t[0][0], 0.0, 0.0);
    end(&s);
}

/* One NaN weight anywhere shows in the loss, through every activation. */
static void nan_weight_gives_nan_loss(void)
{
    for (int activation = 0; ip_activation_at((size_t)activation) != NULL; activation++) {
        const ip_network_options options = {
            .hidden = {2, {3, 2}}, .activation = activation, .output = activation % 2};
        const float x[] = {1.0F, 0.0F};
        const float targets[] = {1.0F, 0.0F};
        const ip_batch batch = {1, NULL, x, targets};
        ip_arena arena = {0};
        ip_network network;
        ip_pass pass;
        CHECK(ip_network_init(&network, &options, 2, 2, &arena, NULL) == IP_OK);
        CHECK(ip_pass_init(&pass, &network, 1, true, &arena, NULL) == IP_OK);
        for (size_t i = 0; i < network.n_parameters; i++) {
            float gradient[64];
            network.parameters[i] = NAN;
            ip_network_forward(&network, &pass, &batch);
            ip_network_backward(&network, &pass, &batch, gradient);
            CHECK(isnan(ip_network_loss(&network, &pass, &batch)));
            CHECK(isnan(gradient[network.n_parameters - 1]));
            CHECK(isfinite(ip_network_accuracy(&network, &pass, &batch)));
            network.parameters[i] = 0.0F;
        }
        ip_arena_release(&arena);
    }
}

/* Rows: clear, tie of all, tie of the last two, soft. */
static void ties_go_to_the_lower_class(void)
{
    const float logits[] = {0.0F,  3.0F, 1.0F, 2.0F, 2.0F, 2.0F,
                            -1.0F, 4.0F, 4.0F, 9.0F, 0.0F, 0.0F};
    const float targets[] = {0.0F,  1.0F, 0.0F,  1.0F,  0.0F,  0.0F,
                             0.25F, 0.5F, 0.25F, 0.75F, 0.25F, 0.0F};
    const float one_logit[] = {0.0F, 1e-3F, -2.0F};
    const float two_classes[] = {0.75F, 0.25F, 0.0F, 1.0F, 0.0F, 1.0F};
    setting s;
    begin(&s, IP_OUTPUT_SOFTMAX, 3);
    loss_of(&s, 4, logits, targets);
    const ip_batch four = {4, NULL, logits, targets};
    CHECK_NEAR(ip_network_accuracy(&s.network, &s.pass, &four), (1 + 1 + 0.5 + 0.75) / 4, 0.0);
    end(&s);
    begin(&s, IP_OUTPUT_SIGMOID, 2);
    loss_of(&s, 3, one_logit, two_classes);
    const ip_batch three = {3, NULL, one_logit, two_classes};
    CHECK_NEAR(ip_network_accuracy(&s.network, &s.pass, &three), (0.75 + 1 + 0) / 3, 1e-16);
    end(&s);
}

/* The sigmoid of z is the softmax of (0, z): same probability and same loss, up to the rounding of
 * a probability to float; and the gradient of its bias is that of the second bias. */
static void sigmoid_is_softmax_of_two(void)
{
    const float z[ROWS] = {-40.0F, -2.5F, 0.0F, 0.3F, 17.0F};
    float pairs[2 * ROWS];
    float targets[2 * ROWS];
    for (size_t i = 0; i < ROWS; i++) {
        pairs[2 * i] = 0.0F;
        pairs[2 * i + 1] = z[i];
        targets[2 * i] = 0.2F * (float)i;
        targets[2 * i + 1] = 1.0F - targets[2 * i];
    }
    setting one;
    setting two;
    begin(&one, IP_OUTPUT_SIGMOID, 2);
    begin(&two, IP_OUTPUT_SOFTMAX, 2);
    CHECK_NEAR(loss_of(&one, ROWS, z, targets), loss_of(&two, ROWS, pairs, targets), 1e-14);
    for (size_t i = 0; i < ROWS; i++) {
        const double p = (double)two.pass.t[0][two.pass.stride + i];
        CHECK_NEAR((double)one.pass.t[0][i], p, p * (double)FLT_EPSILON);
    }
    float gradient1[2];
    float gradient2[6];
    const ip_batch batch = {ROWS, NULL, NULL, targets};
    ip_network_backward(&one.network, &one.pass, &batch, gradient1);
    ip_network_backward(&two.network, &two.pass, &batch, gradient2);
    CHECK_NEAR((double)gradient1[1], (double)gradient2[5], (double)FLT_EPSILON);
    CHECK_NEAR((double)gradient2[4], -(double)gradient2[5], (double)FLT_EPSILON);
    end(&one);
    end(&two);
}

int main(void)
{
    loss_is_the_mean_cross_entropy();
    huge_logits_stay_finite();
    nan_weight_gives_nan_loss();
    ties_go_to_the_lower_class();
    sigmoid_is_softmax_of_two();
    return check_finish();
}
