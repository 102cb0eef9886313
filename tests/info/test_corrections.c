/* test_corrections.c - entropies corrected for bias, and when a correction does not apply
 *
 * Expected values were computed outside this program in 30 digits from the published formulas, with
 * the digamma function; formulas of some ten operations on numbers below 100 round to less than
 * 1e-13. */
#include "check.h"
#include "infoplane/random.h"
#include "plugin_run.h"

/* {plug-in, Miller-Madow, Grassberger, Chao-Shen} */
static const struct {
    size_t length;
    double n[8];
    double h[4];
} known[] = {
    {4, {4, 2, 1, 1}, {1.75, 2.0205053201666806, 2.1878052689804342, 2.2771113427083278}},
    {5,
     {50, 30, 15, 4, 1},
     {1.683827326863529, 1.7126812276813083, 1.7161959848781209, 1.7233179971479606}},
    {8,
     {1, 1, 1, 1, 1, 1, 1, 1},
     {3.0, 3.6311790803889215, 4.8327461772768672, 6.3358740626677921}},
    {4, {64, 64, 64, 64}, {2.0, 2.0084532912552088, 1.999941306615667, 2.0}},
    {2, {4, 4}, {1.0, 1.0901684400555602, 0.98555940157296473, 1.003921568627451}},
    {8,
     {2, 0, 2, 1, 1, 0, 1, 1},
     {2.5, 2.9508422002778011, 3.3900511363879037, 3.6222749955517706}},
    {1, {7}, {0.0, 0.0, 0.21583630727498348, 0.0}},
    {1, {1}, {0.0, 0.0, 1.8327461772768672, 0.0}},
    {2,
     {3, 1000000},
     {5.9367731717401984e-5, 6.0089077073810396e-5, 6.0964682474760828e-5, 6.2251559698646849e-5}},
};

static void published_counts(void)
{
    for (size_t i = 0; i < IP_LENGTH(known); i++) {
        for (int k = IP_CORRECTION_NONE; k <= IP_CORRECTION_CHAO_SHEN; k++)
            CHECK_NEAR(ip_entropy_of_counts((ip_correction)k, known[i].length, known[i].n),
                       known[i].h[k], k == IP_CORRECTION_NONE ? 1e-12 : 1e-10);
    }
}

/* Eight rows: T with counts 4, 2, 1, 1, Y with 4, 4, and (T,Y) with 2, 2, 1, 1, 1, 1. */
enum { N = 8 };
static const int64_t codes[N] = {0, 0, 0, 0, 5, 5, -1, 9};
static const unsigned labels[N] = {0, 0, 1, 1, 0, 1, 0, 1};

typedef struct rows {
    ip_sample sample;
    double p_x[N], p_y[2 * N];
    uint32_t x_id[N];
} rows;

static void fill(rows *r)
{
    *r = (rows){.sample = {.n = N, .d = 1, .c = 2, .is_drawn = true}};
    for (uint32_t i = 0; i < N; i++) {
        r->p_x[i] = 1.0 / N;
        r->p_y[2 * i + labels[i]] = 1.0;
        r->x_id[i] = i;
    }
    r->sample.p_x = r->p_x;
    r->sample.p_y_given_x = r->p_y;
    r->sample.x_id = r->x_id;
}

static void drawn_rows(void)
{
    static const double i_ty[] = {0.25, 0.15983155994443979, -0.21668646583450478,
                                  -0.34124208421599184};
    rows r;
    fill(&r);
    for (int k = IP_CORRECTION_NONE; k <= IP_CORRECTION_CHAO_SHEN; k++) {
        const ip_information seen = plugin_corrected(&r.sample, (ip_correction)k, codes);
        CHECK_NEAR(seen.i_xt, known[0].h[k], 1e-10);
        CHECK_NEAR(seen.i_ty, i_ty[k], 1e-10);
        CHECK_COUNT(seen.flags, IP_FLAG_INVALID); /* six cells are many for eight rows */
    }
}

/* Rows that share an input and still got different codes: H(T) + H(X) - H(X,T), each corrected, of
 * counts 4 2 1 1, 1 1 1 1 1 1 2 and eight times 1, from another program. */
static void noisy_rows(void)
{
    static const double i_xt[] = {1.5, 1.68033688011112, 1.4664577485359527, 0.7408209982139415};
    rows r;
    fill(&r);
    r.x_id[7] = 6;
    for (int k = IP_CORRECTION_NONE; k <= IP_CORRECTION_CHAO_SHEN; k++) {
        const ip_information seen = plugin_corrected(&r.sample, (ip_correction)k, codes);
        CHECK_NEAR(seen.i_xt, i_xt[k], 1e-10);
        CHECK_COUNT(seen.flags, IP_FLAG_INVALID);
    }
}

/* T and X independent, 40 rows of each of ten inputs, four values of T: the plug-in finds bits
 * where there are none, (10 - 1) (4 - 1) / 2n nats to first order, and a correction takes them
 * away. One sample's deviation is 0.013 bits (2 n I is near chi-squared of 27 degrees): the mean of
 * 200 is within four of its own. */
static void independent_inputs(void)
{
    enum { ROWS = 400, SAMPLES = 200 };
    uint32_t x_id[ROWS];
    int64_t t[ROWS];
    double p_x[ROWS], p_y[ROWS];
    ip_rng rng = ip_rng_make(17, IP_PURPOSE_TEST, 0);
    double plain = 0, corrected = 0;
    ip_sample sample = {.n = ROWS, .d = 1, .c = 1, .p_x = p_x, .p_y_given_x = p_y, .x_id = x_id};
    sample.is_drawn = true;
    for (size_t i = 0; i < ROWS; i++) {
        x_id[i] = (uint32_t)i / 40;
        p_x[i] = 1.0 / ROWS;
        p_y[i] = 1;
    }
    for (int k = 0; k < SAMPLES; k++) {
        for (size_t i = 0; i < ROWS; i++)
            t[i] = ip_rng_below(&rng, 4);
        plain += plugin_corrected(&sample, IP_CORRECTION_NONE, t).i_xt / SAMPLES;
        corrected += plugin_corrected(&sample, IP_CORRECTION_MILLER_MADOW, t).i_xt / SAMPLES;
    }
    CHECK_NEAR(plain, 27 / (2.0 * ROWS * M_LN2), 0.004);
    CHECK_NEAR(corrected, 0, 0.004);
}

/* All there is: corrected all the same, and flagged. */
static void rows_not_drawn(void)
{
    rows r;
    fill(&r);
    r.sample.is_drawn = false;
    const ip_information seen = plugin_corrected(&r.sample, IP_CORRECTION_MILLER_MADOW, codes);
    CHECK_NEAR(seen.i_xt, known[0].h[IP_CORRECTION_MILLER_MADOW], 1e-10);
    CHECK_COUNT(seen.flags, IP_FLAG_INVALID);
    CHECK_COUNT(plugin_corrected(&r.sample, IP_CORRECTION_NONE, codes).flags, 0);
}

/* No counts: the plug-in values, flagged. */
static void without_counts(void)
{
    rows r;
    for (size_t k = 0; k < 2; k++) {
        fill(&r);
        if (k == 0) {
            r.p_x[0] = 2.0 / (N + 1);
            for (size_t i = 1; i < N; i++)
                r.p_x[i] = 1.0 / (N + 1);
        } else {
            r.p_y[0] = 0.75;
            r.p_y[1] = 0.25;
        }
        r.sample.is_drawn = false;
        const ip_information plain = plugin_run(&r.sample, codes);
        r.sample.is_drawn = true;
        const ip_information seen = plugin_corrected(&r.sample, IP_CORRECTION_CHAO_SHEN, codes);
        CHECK(seen.i_xt == plain.i_xt && seen.i_ty == plain.i_ty);
        CHECK_COUNT(seen.flags, IP_FLAG_INVALID);
        CHECK_COUNT(plain.flags, 0);
    }
}

static void one_row(void)
{
    rows r;
    fill(&r);
    r.sample.n = 1;
    r.p_x[0] = 1.0;
    const ip_information seen = plugin_corrected(&r.sample, IP_CORRECTION_CHAO_SHEN, codes);
    CHECK_NEAR(seen.i_xt, 0.0, 0.0);
    CHECK_NEAR(seen.i_ty, 0.0, 0.0);
}

static void names(void)
{
    CHECK_COUNT(ip_names_find(ip_correction_name, "miller-madow"), IP_CORRECTION_MILLER_MADOW);
    CHECK_COUNT(ip_names_find(ip_correction_name, "chao-shen"), IP_CORRECTION_CHAO_SHEN);
    CHECK_COUNT(ip_names_count(ip_correction_name), 4);
}

int main(void)
{
    published_counts();
    drawn_rows();
    noisy_rows();
    independent_inputs();
    rows_not_drawn();
    without_counts();
    one_row();
    names();
    return check_finish();
}
