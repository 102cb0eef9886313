/* test_icosahedron_rule.c - gain, information and p(y=1) of the three forms, and what is refused
 *
 * Expected values: computed outside this program in double precision from the classes; gains are
 * given to the digits printed. */
#include "check.h"
#include "infoplane/task.h"

#define ABSENT ((double)NAN)

static ip_task_options soft(ip_task_form form)
{
    return (ip_task_options){
        .rule = IP_RULE_SOFT,
        .form = (int)form,
        .information = 0.99,
        .gain = ABSENT,
        .threshold = ABSENT,
        .weights = {3, {2.0, 5.0 / 3, 4.0 / 5}},
    };
}

/* Both ways in agree: the number alone and the dataset. */
static void describes(const ip_task_options *options, double expected_gain, double gain_tolerance,
                      double expected_information, double information_tolerance)
{
    double information = 0.0;
    double gain = 0.0;
    ip_dataset *dataset = NULL;
    ip_error err = {0};
    CHECK(ip_icosahedron_information(options, &information, &gain, &err) == IP_OK);
    CHECK_STR(err.text, "");
    CHECK_NEAR(gain, expected_gain, gain_tolerance);
    CHECK_NEAR(information, expected_information, information_tolerance);
    CHECK(ip_task_icosahedron.make(options, &dataset, &err) == IP_OK);
    if (dataset != NULL)
        CHECK_NEAR(dataset->i_xy, information, 1e-13);
    ip_dataset_free(dataset);
}

static double p_one(const ip_task_options *options)
{
    ip_dataset *dataset = NULL;
    ip_error err;
    double p = 0.0;
    if (ip_task_icosahedron.make(options, &dataset, &err) != IP_OK)
        return ABSENT;
    for (size_t i = 0; i < dataset->n; i++)
        p += dataset->p_x[i] * dataset->p_y_given_x[2 * i + 1];
    ip_dataset_free(dataset);
    return p;
}

/* The gain is printed to 4 decimals; the information it gives is what was asked, to rounding. */
static void solved_gains(void)
{
    static const struct {
        ip_task_form form;
        double information, gain, tolerance;
    } known[] = {
        {IP_FORM_LINEAR, 0.99, 37.3042, 5e-5},   {IP_FORM_LINEAR, 0.95, 18.2226, 5e-5},
        {IP_FORM_LINEAR, 0.90, 10.2427, 5e-5},   {IP_FORM_INTEGER, 0.99, 8.254172995930793, 1e-10},
        {IP_FORM_SPECTRUM, 0.99, 41.6421, 5e-5},
    };
    for (size_t i = 0; i < IP_LENGTH(known); i++) {
        ip_task_options options = soft(known[i].form);
        options.information = known[i].information;
        describes(&options, known[i].gain, known[i].tolerance, known[i].information, 1e-14);
    }
    const ip_task_options linear = soft(IP_FORM_LINEAR);
    CHECK_NEAR(p_one(&linear), 0.5171, 5e-5);
}

static void given_gains(void)
{
    ip_task_options options = soft(IP_FORM_INTEGER);
    options.gain = 0.2;
    describes(&options, 0.2, 0.0, 0.6217850754032499, 1e-12);
    CHECK_NEAR(p_one(&options), 0.5013025834, 5e-11);
    options = soft(IP_FORM_SPECTRUM);
    options.gain = 12;
    describes(&options, 12, 0.0, 0.8994828248257845, 1e-12);
    CHECK_NEAR(p_one(&options), 0.500920, 5e-7);
}

static void hard_rules(void)
{
    ip_task_options options = soft(IP_FORM_LINEAR);
    options.rule = IP_RULE_HARD;
    double information = 0.0;
    double gain = 0.0;
    ip_error err;
    CHECK(ip_icosahedron_information(&options, &information, &gain, &err) == IP_OK);
    CHECK(isinf(gain) && gain > 0.0);
    CHECK_NEAR(information, 0.9991571208502711, 1e-12);
    CHECK_NEAR(p_one(&options), 0.51708984375, 1e-15);
    options.rule = IP_RULE_SOFT;
    options.gain = (double)INFINITY;
    CHECK_NEAR(p_one(&options), 0.51708984375, 1e-15);
    /* All that the hard rule has can be asked for, too. */
    options.gain = ABSENT;
    options.information = information;
    describes(&options, 0.0, (double)INFINITY, information, 1e-15);
}

static size_t count_different_rows(const ip_dataset *dataset)
{
    size_t different = 0;
    for (size_t i = 0; i < dataset->n; i++) {
        const double *row = dataset->p_y_given_x + 2 * i;
        size_t j = 0;
        while (j < i &&
               (row[0] != dataset->p_y_given_x[2 * j] || row[1] != dataset->p_y_given_x[2 * j + 1]))
            j++;
        different += j == i;
    }
    return different;
}

/* f takes 44 values. With gain 8.254, f = 0 and f = 27 have p(y=1) below the smallest number, so
 * two rows are one; 1 - sigma(z) would leave 27, for it is 0 wherever z > 37. */
static void tails_are_kept(void)
{
    static const struct {
        double gain;
        size_t rows;
    } known[] = {{0.2, 44}, {8.254172995930793, 43}};
    for (size_t k = 0; k < IP_LENGTH(known); k++) {
        ip_task_options options = soft(IP_FORM_INTEGER);
        options.gain = known[k].gain;
        ip_dataset *dataset = NULL;
        ip_error err;
        CHECK(ip_task_icosahedron.make(&options, &dataset, &err) == IP_OK);
        if (dataset != NULL)
            CHECK_COUNT(count_different_rows(dataset), known[k].rows);
        ip_dataset_free(dataset);
    }
}

static void refuses(ip_task_options options, const char *key, const char *part)
{
    double information = -1.0;
    double gain = -1.0;
    ip_error err = {0};
    CHECK(ip_icosahedron_information(&options, &information, &gain, &err) == IP_ERR_SPEC);
    CHECK(information == -1.0 && gain == -1.0);
    CHECK_STR(err.key, key);
    CHECK_HAS(err.text, part);
    ip_dataset *dataset = NULL;
    CHECK(ip_task_icosahedron.make(&options, &dataset, &err) == IP_ERR_SPEC);
    CHECK(dataset == NULL);
}

static void refusals(void)
{
    static const double impossible[] = {0.9992, 1.0, 0.0, -0.5};
    for (size_t i = 0; i < IP_LENGTH(impossible); i++) {
        ip_task_options options = soft(IP_FORM_LINEAR);
        options.information = impossible[i];
        refuses(options, "task.information", "at most 0.9991571208502");
    }
    ip_task_options options = soft(IP_FORM_LINEAR);
    options.information = ABSENT;
    refuses(options, "task.information", "saw nan");
    options = soft(IP_FORM_LINEAR);
    options.gain = 0.0;
    refuses(options, "task.gain", "above 0");
    options.gain = -3.0;
    refuses(options, "task.gain", "saw -3");
    options = soft(IP_FORM_INTEGER);
    options.threshold = 1000;
    refuses(options, "task.threshold", "the threshold is 1000");
    options.threshold = -1; /* f of the empty pattern is 0 */
    refuses(options, "task.threshold", "[0, ");
    options.rule = IP_RULE_HARD;
    refuses(options, "task.threshold", "all equal");
    options = soft(IP_FORM_SPECTRUM);
    options.weights = (ip_reals){3, {0, 0, 0}};
    refuses(options, "task.weights", "all equal");
    options.threshold = -1;
    refuses(options, "task.weights", "[0, 0]");
    options.threshold = ABSENT;
    options.weights = (ip_reals){3, {0.1, 0, 0}};
    refuses(options, "task.weights", "the threshold is 5.89");
}

/* A threshold that f takes: sigma is 1/2 there at any gain, so less can be asked for than the hard
 * rule has. f = 120 has patterns, and the hard rule puts them below. */
static void threshold_on_a_value(void)
{
    ip_task_options options = soft(IP_FORM_INTEGER);
    options.threshold = 120;
    options.information = 0.999;
    refuses(options, "task.information", "an infinite gain");
    options.information = 0.5;
    describes(&options, 0.0, 100.0, 0.5, 1e-14);
}

static void names(void)
{
    CHECK_STR(ip_task_rule_name(IP_RULE_SOFT), "soft");
    CHECK_STR(ip_task_rule_name(IP_RULE_HARD), "hard");
    CHECK(ip_task_rule_name(2) == NULL);
    CHECK_STR(ip_task_form_name(IP_FORM_LINEAR), "linear");
    CHECK_STR(ip_task_form_name(IP_FORM_INTEGER), "integer");
    CHECK_STR(ip_task_form_name(IP_FORM_SPECTRUM), "spectrum");
    CHECK(ip_task_form_name(3) == NULL);
}

int main(void)
{
    solved_gains();
    given_gains();
    hard_rules();
    tails_are_kept();
    refusals();
    threshold_on_a_value();
    names();
    return check_finish();
}
