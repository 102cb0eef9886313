/* icosahedron_rule.c - the label of a class of patterns, and the gain that gives it I(X;Y) bits
 *
 * k = ones, E = edges, a = antipodal pairs, d = k(k-1)/2 - E - a the remaining pairs. Every f is a
 * function of these whole numbers, not of coordinates: so equal classes have equal f, to the bit.
 * Source: Shwartz-Ziv, Tishby, arXiv 1703.00810, section 3, which does not print the weights of the
 * spectrum: `linear` and `integer` both give the labels the authors published, `spectrum` is the
 * rule of their later runs. */
#include "data/parts.h"
#include <assert.h>
#include <math.h>

enum { MAX_CLASSES = 64, ORDERS = 3 };

/* As good as infinite, but leaves p = 1/2 where f is the threshold itself. */
static const double largest_gain = 0x1p200;

const char *ip_task_rule_name(size_t index)
{
    static const char *const names[] = {"soft", "hard"};
    return index < IP_LENGTH(names) ? names[index] : NULL;
}

const char *ip_task_form_name(size_t index)
{
    static const char *const names[] = {"linear", "integer", "spectrum"};
    return index < IP_LENGTH(names) ? names[index] : NULL;
}

/* S_l: the sum of P_l(cosine) over ordered pairs of occupied vertices. The Legendre polynomial P_l
 * is taken at 1 (a vertex with itself), at 1/sqrt 5 and -1/sqrt 5, and at -1. Rounding may leave a
 * sum that is 0 a little below. */
static double power(const ip_icosahedron_class *class, int l)
{
    static const double p_edge[ORDERS] = {1.0, 0.44721359549995794, -0.2};
    static const double p_far[ORDERS] = {1.0, -0.44721359549995794, -0.2};
    static const double p_opposite[ORDERS] = {1.0, -1.0, 1.0};
    const int k = class->ones;
    const int far = k * (k - 1) / 2 - class->edges - class->antipodes;
    const double pairs =
        class->edges * p_edge[l] + far * p_far[l] + class->antipodes * p_opposite[l];
    return fmax(k + 2.0 * pairs, 0.0);
}

/* k + (2/sqrt 3) R, where R^2 = S_1 is the squared length of the sum of the occupied vertices. */
static double f_linear(const ip_icosahedron_class *class, const ip_task_options *options)
{
    (void)options;
    return class->ones + 2.0 / sqrt(3.0) * sqrt(power(class, 1));
}

static double f_integer(const ip_icosahedron_class *class, const ip_task_options *options)
{
    (void)options;
    const int k = class->ones;
    return 30 * k - 3 * k * k + 8 * class->edges - 4 * class->antipodes;
}

/* Sum of w_l |a_l|, where |a_l| = (4 pi/12) sqrt((2l+1)/(4 pi)) sqrt(S_l) is the length of the
 * pattern's coefficients of order l. */
static double f_spectrum(const ip_icosahedron_class *class, const ip_task_options *options)
{
    const double four_pi = 12.566370614359172;
    assert(options->weights.n == ORDERS);
    double f = 0.0;
    for (int l = 0; l < ORDERS; l++)
        f += options->weights.at[l] * (four_pi / IP_ICOSAHEDRON_BITS) *
             sqrt((2 * l + 1) / four_pi) * sqrt(power(class, l));
    return f;
}

static const struct {
    double (*f)(const ip_icosahedron_class *, const ip_task_options *);
    double threshold;
} forms[] = {
    [IP_FORM_LINEAR] = {f_linear, 7.85},
    [IP_FORM_INTEGER] = {f_integer, 119.5},
    [IP_FORM_SPECTRUM] = {f_spectrum, 5.89},
};

double ip_icosahedron_f(const ip_icosahedron_class *class, const ip_task_options *options)
{
    return forms[options->form].f(class, options);
}

void ip_icosahedron_rule_p(const ip_icosahedron_rule *rule, double f, double p[2])
{
    if (isinf(rule->gain)) {
        p[1] = f > rule->threshold;
        p[0] = 1.0 - p[1];
        return;
    }
    /* The smaller one is not 1 minus the larger: that would lose everything below 1e-16, and with
     * it the difference between classes. */
    const double z = rule->gain * (f - rule->threshold);
    const double odds = exp(-fabs(z));
    const double larger = 1.0 / (1.0 + odds);
    const double smaller = odds / (1.0 + odds);
    p[0] = z > 0.0 ? smaller : larger;
    p[1] = z > 0.0 ? larger : smaller;
}

/* The values f takes, with the probability of each. */
typedef struct spread {
    size_t n;
    double f[MAX_CLASSES], p[MAX_CLASSES];
} spread;

static void collect(const ip_task_options *options, spread *values)
{
    int count[13][31][7] = {0}; /* k, E and a of a pattern lie below */
    for (unsigned pattern = 0; pattern < IP_ICOSAHEDRON_PATTERNS; pattern++) {
        const ip_icosahedron_class class = ip_icosahedron_class_of(pattern);
        count[class.ones][class.edges][class.antipodes]++;
    }
    values->n = 0;
    for (int k = 0; k < 13; k++) {
        for (int e = 0; e < 31; e++) {
            for (int a = 0; a < 7; a++) {
                if (count[k][e][a] == 0)
                    continue;
                values->f[values->n] = ip_icosahedron_f(&(ip_icosahedron_class){k, e, a}, options);
                values->p[values->n++] = count[k][e][a] / (double)IP_ICOSAHEDRON_PATTERNS;
            }
        }
    }
}

static double plog2(double p)
{
    return p > 0.0 ? p * log2(p) : 0.0;
}

/* I(X;Y) = H(Y) - H(Y|X) of the rule. */
static double information(const spread *values, const ip_icosahedron_rule *rule)
{
    double p_y[2] = {0.0, 0.0};
    double h_y_given_x = 0.0;
    for (size_t i = 0; i < values->n; i++) {
        double p[2];
        ip_icosahedron_rule_p(rule, values->f[i], p);
        p_y[0] += values->p[i] * p[0];
        p_y[1] += values->p[i] * p[1];
        h_y_given_x -= values->p[i] * (plog2(p[0]) + plog2(p[1]));
    }
    return fmax(-plog2(p_y[0]) - plog2(p_y[1]) - h_y_given_x, 0.0);
}

static double information_at(const spread *values, double threshold, double gain)
{
    return information(values, &(ip_icosahedron_rule){.threshold = threshold, .gain = gain});
}

/* The smallest gain, to an octave, that reaches the wanted information, which the largest gain
 * does: doubling, then bisection of its logarithm until no number is left between. */
static double solve_gain(const spread *values, double threshold, double wanted)
{
    double high = 0x1p-100;
    while (high < largest_gain && information_at(values, threshold, high) < wanted)
        high *= 2.0;
    double low = high / 2.0;
    for (;;) {
        const double middle = sqrt(low) * sqrt(high);
        if (!(middle > low && middle < high))
            return high;
        if (information_at(values, threshold, middle) < wanted)
            low = middle;
        else
            high = middle;
    }
}

/* Labels that are all equal tell nothing; at fault is what the user chose. */
static ip_status check_labels(const ip_task_options *options, const spread *values,
                              double threshold, ip_error *err)
{
    double least = values->f[0];
    double most = values->f[0];
    for (size_t i = 1; i < values->n; i++) {
        least = fmin(least, values->f[i]);
        most = fmax(most, values->f[i]);
    }
    if (least <= threshold && most > threshold)
        return IP_OK;
    const char *key =
        isnan(options->threshold) || !(most > least) ? "task.weights" : "task.threshold";
    return ip_fail_key(err, IP_ERR_SPEC, key,
                       "expected labels of both kinds, saw all equal: the form %s lies within "
                       "[%g, %g], the threshold is %g",
                       ip_task_form_name((size_t)options->form), least, most, threshold);
}

/* Sets rule->gain, which is infinite so far. */
static ip_status choose_gain(const ip_task_options *options, const spread *values,
                             ip_icosahedron_rule *rule, ip_error *err)
{
    if (options->rule == IP_RULE_HARD)
        return IP_OK;
    if (!isnan(options->gain)) {
        rule->gain = options->gain;
        return rule->gain > 0.0 ? IP_OK
                                : ip_fail_key(err, IP_ERR_SPEC, "task.gain",
                                              "expected a gain above 0, saw %g", rule->gain);
    }
    const double most = information_at(values, rule->threshold, largest_gain);
    const double wanted = options->information;
    if (!(wanted > 0.0 && wanted <= most))
        return ip_fail_key(
            err, IP_ERR_SPEC, "task.information",
            "expected above 0 and at most %.17g bits, what an infinite gain has, saw %g", most,
            wanted);
    rule->gain = solve_gain(values, rule->threshold, wanted);
    return IP_OK;
}

ip_status ip_icosahedron_rule_make(const ip_task_options *options, ip_icosahedron_rule *rule,
                                   ip_error *err)
{
    spread values;
    collect(options, &values);
    *rule = (ip_icosahedron_rule){
        .threshold =
            isnan(options->threshold) ? forms[options->form].threshold : options->threshold,
        .gain = (double)INFINITY,
    };
    IP_TRY(check_labels(options, &values, rule->threshold, err));
    IP_TRY(choose_gain(options, &values, rule, err));
    rule->information = information(&values, rule);
    return IP_OK;
}

ip_status ip_icosahedron_information(const ip_task_options *options, double *information,
                                     double *gain, ip_error *err)
{
    ip_icosahedron_rule rule;
    IP_TRY(ip_icosahedron_rule_make(options, &rule, err));
    *information = rule.information;
    *gain = rule.gain;
    return IP_OK;
}
