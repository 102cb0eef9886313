/* test_plugin.c - closed forms and published channels, to 1e-12 bit
 *
 * Values of the icosahedron were computed outside this program from the class table; the others are
 * closed forms. 1e-12 leaves room for some 4096 roundings of sums below 12 bits. */
#include "check.h"
#include "infoplane/task.h"
#include "plugin_run.h"

enum { N = 4096 };

typedef int64_t symbol_of(unsigned pattern);

static unsigned popcount(unsigned pattern)
{
    unsigned ones = 0;
    for (; pattern != 0; pattern >>= 1)
        ones += pattern & 1U;
    return ones;
}

static int64_t identity(unsigned x)
{
    return x;
}
static int64_t constant(unsigned x)
{
    (void)x;
    return 42;
}
static int64_t ones(unsigned x)
{
    return popcount(x);
}
static int64_t ones_by_3(unsigned x)
{
    return popcount(x) / 3;
}
static int64_t ones_by_6(unsigned x)
{
    return popcount(x) / 6;
}
static int64_t ones_mod_4(unsigned x)
{
    return popcount(x) % 4;
}
static int64_t parity(unsigned x)
{
    return popcount(x) % 2;
}
static int64_t many_ones(unsigned x)
{
    return popcount(x) >= 7;
}
static int64_t bit_0(unsigned x)
{
    return x >> 11 & 1U;
}
static int64_t bits_01(unsigned x)
{
    return x >> 10;
}
static int64_t bits_6(unsigned x)
{
    return x >> 6;
}
static int64_t bits_11(unsigned x)
{
    return x >> 1;
}
static int64_t xor_01(unsigned x)
{
    return (x >> 11 ^ x >> 10) & 1U;
}
static int64_t and_01(unsigned x)
{
    return x >> 11 & x >> 10 & 1U;
}
static int64_t edges(unsigned x)
{
    return ip_icosahedron_class_of(x).edges;
}
static int64_t antipodes(unsigned x)
{
    return ip_icosahedron_class_of(x).antipodes;
}

/* Public rule in whole numbers. */
static int64_t icosahedron(unsigned x)
{
    const ip_icosahedron_class class = ip_icosahedron_class_of(x);
    const int k = class.ones;
    return 30 * k - 3 * k * k + 8 * class.edges - 4 * class.antipodes >= 120;
}

/* Information of a layer of d units over all patterns, equally likely, with label y. */
static ip_information layer(size_t d, symbol_of *const *units, symbol_of *y)
{
    static double p_x[N];
    static double p_y[2 * N];
    static int64_t codes[2 * N];
    for (unsigned x = 0; x < N; x++) {
        const bool label = y(x) != 0;
        p_x[x] = 1.0 / N;
        p_y[2 * (size_t)x] = !label;
        p_y[2 * (size_t)x + 1] = label;
        for (size_t j = 0; j < d; j++)
            codes[x * d + j] = units[j](x);
    }
    const ip_sample sample = {.n = N, .d = d, .c = 2, .p_x = p_x, .p_y_given_x = p_y};
    return plugin_run(&sample, codes);
}

static void functions_of_bits(void)
{
    static const struct {
        symbol_of *t, *y;
        double i_xt, i_ty;
    } known[] = {
        {identity, parity, 12, 1},
        {constant, parity, 0, 0},
        {identity, icosahedron, 12, 0.9991571208502711},
        {ones, parity, 2.838528743648605, 1},
        {bit_0, parity, 1, 0},
        {bit_0, xor_01, 1, 0},
        {bits_01, xor_01, 2, 1},
        {xor_01, xor_01, 1, 1},
        {and_01, and_01, 0.8112781244591328, 0.8112781244591328},
        {bit_0, and_01, 1, 0.31127812445913294},
        {many_ones, many_ones, 0.9629734743822684, 0.9629734743822684},
        {ones, icosahedron, 2.838528743648605, 0.6276412392160221},
        {ones_by_3, icosahedron, 1.3987579847374727, 0.5158959351254575},
        {ones_by_6, icosahedron, 0.9660828199052433, 0.4924420796577258},
        {bit_0, icosahedron, 1, 0.033906257902443},
        {bits_01, icosahedron, 2, 0.070940434480950},
        {bits_6, icosahedron, 6, 0.260896142721828},
        {bits_11, icosahedron, 11, 0.783336808350271},
    };
    for (size_t i = 0; i < IP_LENGTH(known); i++) {
        const ip_information seen = layer(1, &known[i].t, known[i].y);
        CHECK_NEAR(seen.i_xt, known[i].i_xt, 1e-12);
        CHECK_NEAR(seen.i_ty, known[i].i_ty, 1e-12);
    }
}

/* I(T;Y) of layers of one and two units. */
static void layers(void)
{
    static const struct {
        size_t d;
        symbol_of *units[2], *y;
        double i_ty;
    } known[] = {
        {1, {ones_mod_4}, many_ones, 0.25850840675995457},
        {1, {edges}, icosahedron, 0.9236528404018892},
        {1, {antipodes}, icosahedron, 0.26608813864301484},
        {2, {ones, edges}, icosahedron, 0.9430688967230453},
        {2, {ones, antipodes}, icosahedron, 0.682839694230536},
        {2, {edges, ones}, icosahedron, 0.9430688967230453},
    };
    for (size_t i = 0; i < IP_LENGTH(known); i++)
        CHECK_NEAR(layer(known[i].d, known[i].units, known[i].y).i_ty, known[i].i_ty, 1e-12);
}

/* n rows that are all different symbols: T is X, so I(T;Y) is the capacity at this input. */
static ip_information channel(size_t n, size_t c, const double *p_x, const double *p_y)
{
    const int64_t codes[] = {0, 1, 2, 3, 4, 5, 6, 7};
    const ip_sample sample = {.n = n, .d = 1, .c = c, .p_x = p_x, .p_y_given_x = p_y};
    return plugin_run(&sample, codes);
}

static void channels(void)
{
    const double half[] = {0.5, 0.5};
    const ip_information symmetric = channel(2, 2, half, (double[]){0.9, 0.1, 0.1, 0.9});
    CHECK_NEAR(symmetric.i_xt, 1.0, 1e-12);
    CHECK_NEAR(symmetric.i_ty, 0.5310044064107188, 1e-12);
    const ip_information erasure = channel(2, 3, half, (double[]){0.75, 0.25, 0, 0, 0.25, 0.75});
    CHECK_NEAR(erasure.i_ty, 0.75, 1e-12);
    /* The Z-channel, p = 0.5, and AND of two bits are the same. */
    const ip_information z = channel(2, 2, half, (double[]){1, 0, 0.5, 0.5});
    CHECK_NEAR(z.i_ty, 0.31127812445913294, 1e-12);
    /* No weight on a row is as if it were not there. */
    const double weighted[] = {0.25, 0.25, 0.5, 0};
    const ip_information three = channel(4, 2, weighted, (double[]){1, 0, 1, 0, 0, 1, 0.5, 0.5});
    CHECK_NEAR(three.i_xt, 1.5, 1e-12);
    CHECK_NEAR(three.i_ty, 1.0, 1e-12);
    const ip_information one = channel(1, 2, (double[]){1}, (double[]){0.3, 0.7});
    CHECK(one.i_xt == 0.0 && one.i_ty == 0.0);
    const ip_information one_label = channel(2, 1, half, (double[]){1, 1});
    CHECK(one_label.i_xt == 1.0 && one_label.i_ty == 0.0);
}

/* log2 n for any n, not only for powers of two. */
static void all_different(void)
{
    static const size_t sizes[] = {1, 2, 3, 7, 1000, 3277, 4096, 60000};
    enum { MOST = 60000 };
    static double p_x[MOST];
    static double p_y[MOST];
    static int64_t codes[MOST];
    for (size_t i = 0; i < IP_LENGTH(sizes); i++) {
        const size_t n = sizes[i];
        for (size_t x = 0; x < n; x++) {
            p_x[x] = 1.0 / (double)n;
            p_y[x] = 1.0;
            codes[x] = (int64_t)(x * x) - 1000;
        }
        const ip_sample sample = {.n = n, .d = 1, .c = 1, .p_x = p_x, .p_y_given_x = p_y};
        CHECK_NEAR(plugin_run(&sample, codes).i_xt, log2((double)n), 1e-12);
        memset(codes, 0, sizeof codes);
        CHECK_NEAR(plugin_run(&sample, codes).i_xt, 0.0, 1e-12);
    }
}

/* Rows that share an input and get different codes: T is noisy, H(T|X) counts. */
static void repeated_inputs(void)
{
    const double p_x[] = {0.25, 0.25, 0.25, 0.25};
    const double p_y[] = {1, 0, 1, 0, 0, 1, 0, 1};
    const uint32_t pairs[] = {0, 0, 3, 3};
    ip_sample sample = {.n = 4, .d = 1, .c = 2, .p_x = p_x, .p_y_given_x = p_y, .x_id = pairs};
    /* T follows from X: H(T|X) is exactly 0. */
    const ip_information same = plugin_run(&sample, (int64_t[]){5, 5, 6, 6});
    CHECK(same.i_xt == 1.0 && same.i_ty == 1.0);
    /* A fair coin of its own on every input: all of T's two bits but one are noise. */
    const ip_information noisy = plugin_run(&sample, (int64_t[]){1, 2, 3, 4});
    CHECK_NEAR(noisy.i_xt, 1.0, 1e-12);
    /* T is a coin that knows nothing of X. */
    const ip_information coin = plugin_run(&sample, (int64_t[]){1, 2, 1, 2});
    CHECK_NEAR(coin.i_xt, 0.0, 1e-12);
    CHECK_NEAR(coin.i_ty, 0.0, 1e-12);
    /* Binary symmetric channel from X to T: input 0 gives symbol 1 in 9 of 10. */
    const double skew[] = {0.45, 0.05, 0.05, 0.45};
    sample.p_x = skew;
    CHECK_NEAR(plugin_run(&sample, (int64_t[]){1, 2, 1, 2}).i_xt, 0.5310044064107188, 1e-12);
    sample.x_id = NULL;
    CHECK_NEAR(plugin_run(&sample, (int64_t[]){1, 2, 1, 2}).i_xt, 1.0, 1e-12);
}

/* Codes that differ in the last unit of a wide layer only, and in their highest bit only. */
static void wide_layers(void)
{
    enum { D = 200, ROWS = 64 };
    static int64_t codes[ROWS * D];
    double p_x[ROWS];
    double p_y[ROWS];
    for (size_t i = 0; i < ROWS; i++) {
        p_x[i] = 1.0 / ROWS;
        p_y[i] = 1.0;
        codes[i * D + D - 1] = (int64_t)(i / 2);
        codes[i * D + D / 2] = i % 2 == 0 ? INT64_MIN : 0;
    }
    ip_sample sample = {.n = ROWS, .d = D, .c = 1, .p_x = p_x, .p_y_given_x = p_y};
    CHECK(plugin_run(&sample, codes).i_xt == 6.0);
    for (size_t i = 0; i < ROWS; i++)
        codes[i * D + D / 2] = 0;
    CHECK(plugin_run(&sample, codes).i_xt == 5.0);
    sample.d = 0; /* a layer without units says nothing */
    CHECK(plugin_run(&sample, codes).i_xt == 0.0);
}

int main(void)
{
    functions_of_bits();
    layers();
    channels();
    all_different();
    repeated_inputs();
    wide_layers();
    return check_finish();
}
