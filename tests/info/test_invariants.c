/* test_invariants.c - what holds of every estimator on any layer: the order of the rows and the
 * names of the labels do not matter, a unit that is constant adds nothing, and what bounds I(T;Y)
 * or counts it lies between 0 and what X tells of Y */
#include "check.h"
#include "estimator_run.h"

enum { ROUNDS = 60, MOST = 60 };

static const ip_binning_options binning = {
    .bins = 30, .rule = IP_BINNING_PAPER, .width = (double)NAN, .range = {2, {-1.0, 1.0}}};
static const ip_binning_options edges_of_authors = {
    .bins = 30, .rule = IP_BINNING_IDNNS_COMPAT, .width = (double)NAN, .range = {2, {-1.0, 1.0}}};
static const ip_binning_options width = {
    .bins = 30, .rule = IP_BINNING_FIXED_WIDTH, .width = 0.3, .range = {2, {-1.0, 1.0}}};
static const ip_binning_options exact = {
    .bins = 30, .rule = IP_BINNING_EXACT, .width = (double)NAN, .range = {2, {-1.0, 1.0}}};
static const ip_binning_options by_layer = {
    .bins = 30, .rule = IP_BINNING_PAPER, .width = (double)NAN, .range = {0, {IP_RANGE_LAYER}}};
static const ip_binning_options by_rank = {
    .bins = 5, .rule = IP_BINNING_EQUAL_FREQ, .width = (double)NAN, .range = {2, {-1.0, 1.0}}};
static const ip_binning_options by_value = {
    .bins = 5, .rule = IP_BINNING_EBAB, .width = (double)NAN, .range = {2, {-1.0, 1.0}}};
static const ip_kde_options kde = {.variance = 0.1};
static const ip_neighbours_options one = {1, 1}, rectangles = {1, 2};
static const ip_renyi_options renyi = {2, (double)NAN, (double)NAN, 512};

static const struct estimator {
    ip_request request;
    bool is_within; /* 0 <= I(T;Y) <= min(H(Y), I(X;Y)), and I(T;Y) <= I(X;T) where that is known */
    bool is_blind;  /* to a constant unit */
} estimators[] = {
    {{&ip_estimator_binning, &binning, 0}, true, true},
    {{&ip_estimator_binning, &edges_of_authors, 0}, true, true},
    {{&ip_estimator_binning, &width, 0}, true, true},
    {{&ip_estimator_binning, &exact, 0}, true, true},
    {{&ip_estimator_binning, &by_layer, 0}, true, false}, /* the constant may widen the range, */
    {{&ip_estimator_binning, &by_rank, 0}, true, false},  /* and takes ranks, */
    {{&ip_estimator_binning, &by_value, 0}, true, false}, /* and is a value */
    {{&ip_estimator_kde, &kde, 0}, true, true},
    {{&ip_estimator_kde, &kde, 1}, true, true},
    {{&ip_estimator_decoder, NULL, 0}, true, true},
    {{&ip_estimator_ksg, &one, 0}, false, true},
    {{&ip_estimator_ksg, &rectangles, 0}, false, true},
    {{&ip_estimator_mixed_ksg, &one, 0}, false, true},
    {{&ip_estimator_ross, &one, 0}, false, true},
    {{&ip_estimator_renyi, &renyi, 0}, false, false}, /* Scott's rule counts units */
    {{&ip_estimator_gaussian_copula, NULL, 0}, false, true},
};

/* A layer with inputs and predictions of its own. */
typedef struct whole {
    layer l;
    double x[2 * MOST], q[3 * MOST];
} whole;

static ip_information estimate(const struct estimator *of, const whole *w)
{
    ip_information out;
    ip_sample sample = w->l.sample;
    sample.x = w->x;
    sample.d_x = 2;
    sample.q_y_given_x = w->q;
    estimator_run(&of->request, 1, &sample, &out);
    return out;
}

/* Nearly equal, both not known, or both infinite. */
static void near(double seen, double expected)
{
    if (isnan(expected) || isinf(expected))
        CHECK(isnan(expected) ? isnan(seen) : seen == expected);
    else
        CHECK_NEAR(seen, expected, 1e-9);
}

static void same(const struct estimator *of, const whole *w, const ip_information *expected)
{
    const ip_information seen = estimate(of, w);
    near(seen.i_xt, expected->i_xt);
    near(seen.i_ty, expected->i_ty);
    CHECK_REPORT(seen.flags == expected->flags, "%s: flags %u, expected %u",
                 of->request.estimator->name, seen.flags, expected->flags);
}

static whole draw(unsigned round)
{
    whole w = {.l = layer_draw(round, false)};
    const size_t n = w.l.sample.n, c = w.l.sample.c;
    ip_rng rng = ip_rng_make(51, IP_PURPOSE_TEST, round);
    for (size_t i = 0; i < 2 * n; i++)
        w.x[i] = ip_rng_normal(&rng);
    for (size_t i = 0; i < n; i++)
        layer_distribution(&rng, c, w.q + i * c, 2);
    return w;
}

/* Rows shuffled, labels backwards. */
static whole renamed(const whole *w, unsigned round)
{
    uint32_t order[MOST];
    const size_t n = w->l.sample.n, c = w->l.sample.c;
    ip_rng rng = ip_rng_make(52, IP_PURPOSE_TEST, round);
    for (uint32_t i = 0; i < n; i++)
        order[i] = i;
    ip_rng_shuffle(&rng, order, n);
    whole to = {.l = layer_pick(&w->l, n, order, 1)};
    for (size_t i = 0; i < n; i++) {
        memcpy(to.x + 2 * i, w->x + 2 * order[i], 2 * sizeof *w->x);
        for (size_t y = 0; y < c; y++) {
            to.l.p_y[i * c + y] = w->l.p_y[order[i] * c + c - 1 - y];
            to.q[i * c + y] = w->q[order[i] * c + c - 1 - y];
        }
    }
    return to;
}

/* A unit more, which is 0.25 everywhere. */
static whole widened(const whole *w)
{
    const size_t n = w->l.sample.n, d = w->l.sample.d, c = w->l.sample.c;
    whole to = {.l = layer_new(n, d + 1, c)};
    memcpy(to.x, w->x, sizeof to.x);
    memcpy(to.q, w->q, sizeof to.q);
    memcpy(to.l.p_x, w->l.p_x, n * sizeof *to.l.p_x);
    memcpy(to.l.p_y, w->l.p_y, n * c * sizeof *to.l.p_y);
    for (size_t i = 0; i < n; i++) {
        memcpy(to.l.t + i * (d + 1), w->l.t + i * d, d * sizeof *to.l.t);
        to.l.t[i * (d + 1) + d] = 0.25;
    }
    return to;
}

/* What X tells of Y: I(X;Y) = H(Y) - H(Y|X). */
static double known_of_y(const layer *l)
{
    const size_t n = l->sample.n, c = l->sample.c;
    double bits = 0;
    for (size_t y = 0; y < c; y++) {
        double p = 0;
        for (size_t i = 0; i < n; i++) {
            const double p_y = l->p_y[i * c + y];
            p += l->p_x[i] * p_y;
            bits += p_y > 0 ? l->p_x[i] * p_y * log2(p_y) : 0;
        }
        bits -= p > 0 ? p * log2(p) : 0;
    }
    return bits;
}

int main(void)
{
    size_t n_infinite = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        whole w = draw(round), other = renamed(&w, round), wider = widened(&w);
        const double most = known_of_y(&w.l);
        for (size_t k = 0; k < IP_LENGTH(estimators); k++) {
            const struct estimator *of = &estimators[k];
            const ip_information seen = estimate(of, &w);
            same(of, &other, &seen);
            n_infinite += isinf(seen.i_ty) || isinf(seen.i_xt);
            if (of->is_blind) {
                const ip_information beside = estimate(of, &wider);
                near(beside.i_xt, seen.i_xt);
                near(beside.i_ty, seen.i_ty);
            }
            if (of->is_within)
                CHECK(0 <= seen.i_ty && seen.i_ty <= most + 1e-12 &&
                      !(seen.i_ty > seen.i_xt + 1e-12));
        }
        layer_free(&w.l);
        layer_free(&other.l);
        layer_free(&wider.l);
    }
    CHECK(n_infinite < ROUNDS);
    return check_finish();
}
