/* test_plugin_properties.c - what holds for every layer, tried on random ones
 *
 * Random codes of random shape with random weights, label distributions and repeated inputs; a
 * fixed seed each. Equal means within 1e-12: sums in another order. */
#include "check.h"
#include "infoplane/random.h"
#include "plugin_run.h"

enum { MAX_N = 400, MAX_D = 6, MAX_C = 4, ROUNDS = 60 };

/* A layer that can be changed. */
typedef struct layer {
    ip_sample sample; /* points into the arrays below */
    double p_x[2 * MAX_N], p_y[2 * MAX_N * MAX_C];
    uint32_t x_id[2 * MAX_N];
    int64_t codes[2 * MAX_N * (MAX_D + 1)];
} layer;

static void attach(layer *l)
{
    l->sample.p_x = l->p_x;
    l->sample.p_y_given_x = l->p_y;
    l->sample.x_id = l->x_id;
}

/* Soft labels, or certain ones in every third round; weights equal in every second. */
static void draw_labels(layer *l, ip_rng *rng, unsigned round)
{
    const size_t c = l->sample.c;
    for (size_t i = 0; i < l->sample.n; i++) {
        double sum = 0.0;
        for (size_t y = 0; y < c; y++)
            sum += l->p_y[i * c + y] = round % 3 == 0 ? 0.0 : ip_rng_uniform(rng);
        if (round % 3 == 0)
            sum = l->p_y[i * c + ip_rng_below(rng, (uint32_t)c)] = 1.0;
        for (size_t y = 0; y < c; y++)
            l->p_y[i * c + y] /= sum;
    }
}

static void draw_weights(layer *l, ip_rng *rng, unsigned round)
{
    double sum = 0.0;
    for (size_t i = 0; i < l->sample.n; i++)
        sum += l->p_x[i] = round % 2 == 0 ? 1.0 : ip_rng_uniform(rng);
    for (size_t i = 0; i < l->sample.n; i++)
        l->p_x[i] /= sum;
}

/* Inputs are all different, so that T follows from X, unless `noisy`. */
static void draw(layer *l, unsigned round, bool noisy)
{
    ip_rng rng = ip_rng_make(11, IP_PURPOSE_TEST, round);
    l->sample = (ip_sample){
        .n = 1 + ip_rng_below(&rng, MAX_N),
        .d = 1 + ip_rng_below(&rng, MAX_D),
        .c = 1 + ip_rng_below(&rng, MAX_C),
    };
    attach(l);
    const uint32_t levels = 2 + ip_rng_below(&rng, 4);
    for (size_t i = 0; i < l->sample.n * l->sample.d; i++)
        l->codes[i] = ip_rng_below(&rng, levels);
    for (uint32_t i = 0; i < l->sample.n; i++)
        l->x_id[i] = noisy ? ip_rng_below(&rng, (uint32_t)l->sample.n) : i;
    draw_labels(l, &rng, round);
    draw_weights(l, &rng, round);
}

static void same(ip_information seen, ip_information expected)
{
    CHECK_NEAR(seen.i_xt, expected.i_xt, 1e-12);
    CHECK_NEAR(seen.i_ty, expected.i_ty, 1e-12);
}

static void copy_row(layer *to, size_t row, const layer *from, size_t source)
{
    const size_t d = from->sample.d;
    const size_t c = from->sample.c;
    memcpy(to->codes + row * d, from->codes + source * d, d * sizeof *to->codes);
    memcpy(to->p_y + row * c, from->p_y + source * c, c * sizeof *to->p_y);
    to->p_x[row] = from->p_x[source];
    to->x_id[row] = from->x_id[source];
}

static void order_of_rows(const layer *l, unsigned round)
{
    static layer other;
    uint32_t order[MAX_N];
    ip_rng rng = ip_rng_make(12, IP_PURPOSE_TEST, round);
    other = *l;
    attach(&other);
    for (uint32_t i = 0; i < l->sample.n; i++)
        order[i] = i;
    ip_rng_shuffle(&rng, order, l->sample.n);
    for (size_t i = 0; i < l->sample.n; i++)
        copy_row(&other, i, l, order[i]);
    same(plugin_run(&other.sample, other.codes), plugin_run(&l->sample, l->codes));
}

/* Classes backwards, codes by another bijection, inputs by another numbering. */
static void other_names(const layer *l)
{
    static layer other;
    other = *l;
    attach(&other);
    const size_t c = l->sample.c;
    for (size_t i = 0; i < l->sample.n * c; i++)
        other.p_y[i] = l->p_y[i / c * c + c - 1 - i % c];
    for (size_t i = 0; i < l->sample.n * l->sample.d; i++)
        other.codes[i] = 1000000007 * l->codes[i] - 5;
    for (size_t i = 0; i < l->sample.n; i++)
        other.x_id[i] = (uint32_t)l->sample.n - 1 - l->x_id[i];
    same(plugin_run(&other.sample, other.codes), plugin_run(&l->sample, l->codes));
}

/* Every row twice with half of its weight. Inputs numbered backwards, so that sums over inputs and
 * over symbols run in different orders: where T follows from X, H(T|X) is 0 to the bit all the
 * same. */
static void duplicated_rows(const layer *l, bool noisy)
{
    static layer other;
    other = *l;
    attach(&other);
    for (size_t i = 0; i < l->sample.n; i++) {
        for (size_t k = 0; k < 2; k++) {
            copy_row(&other, 2 * i + k, l, i);
            other.p_x[2 * i + k] = l->p_x[i] / 2;
        }
    }
    other.sample.n = 2 * l->sample.n;
    for (size_t i = 0; i < other.sample.n; i++)
        other.x_id[i] = (uint32_t)l->sample.n - 1 - other.x_id[i];
    const ip_information seen = plugin_run(&other.sample, other.codes);
    same(seen, plugin_run(&l->sample, l->codes));
    other.sample.x_id = NULL;
    CHECK(noisy || plugin_run(&other.sample, other.codes).i_xt == seen.i_xt);
}

/* A unit more that is constant, or a copy of the first one. */
static void useless_unit(const layer *l, bool copy)
{
    static layer other;
    other = *l;
    attach(&other);
    const size_t d = l->sample.d;
    for (size_t i = 0; i < l->sample.n; i++) {
        memcpy(other.codes + i * (d + 1), l->codes + i * d, d * sizeof *l->codes);
        other.codes[i * (d + 1) + d] = copy ? l->codes[i * d] : -3;
    }
    other.sample.d = d + 1;
    same(plugin_run(&other.sample, other.codes), plugin_run(&l->sample, l->codes));
}

/* 0 <= I(T;Y) <= H(Y), I(T;Y) <= I(X;Y) and I(T;Y) <= I(X;T) <= H(X) where T follows from X. The
 * two of X are those of the finest T: the row's number. */
static void bounds(const layer *l)
{
    static int64_t numbers[MAX_N];
    double p_y[MAX_C] = {0};
    for (size_t i = 0; i < l->sample.n; i++) {
        numbers[i] = (int64_t)i;
        for (size_t y = 0; y < l->sample.c; y++)
            p_y[y] += l->p_x[i] * l->p_y[i * l->sample.c + y];
    }
    ip_sample whole = l->sample;
    whole.d = 1;
    const ip_information finest = plugin_run(&whole, numbers);
    const ip_information seen = plugin_run(&l->sample, l->codes);
    CHECK_NEAR(finest.i_xt, ip_entropy(l->sample.n, l->p_x), 1e-12);
    CHECK(seen.i_ty >= 0.0 && seen.i_ty <= ip_entropy(l->sample.c, p_y) + 1e-12);
    CHECK(seen.i_ty <= seen.i_xt + 1e-12);
    CHECK(seen.i_ty <= finest.i_ty + 1e-12);
    CHECK(seen.i_xt <= finest.i_xt + 1e-12);
}

/* Halving the bins of nested codes never adds information; with noise neither. */
static void refinement(const layer *l)
{
    static layer other;
    other = *l;
    attach(&other);
    ip_information finer = plugin_run(&other.sample, other.codes);
    for (size_t k = 0; k < 3; k++) {
        for (size_t i = 0; i < l->sample.n * l->sample.d; i++)
            other.codes[i] /= 2;
        const ip_information coarser = plugin_run(&other.sample, other.codes);
        CHECK(coarser.i_xt <= finer.i_xt + 1e-12);
        CHECK(coarser.i_ty <= finer.i_ty + 1e-12);
        finer = coarser;
    }
    CHECK_NEAR(finer.i_xt, 0.0, 1e-12); /* fewer than eight levels: all equal by now */
    CHECK_NEAR(finer.i_ty, 0.0, 1e-12);
}

/* The same call, the same bits, whatever lay in the scratch. */
static void repeats(const layer *l)
{
    static layer other;
    other = *l;
    attach(&other);
    const ip_codes codes = {.wide = other.codes, .bits = 64};
    const size_t bytes = ip_plugin_scratch_bytes(l->sample.n, l->sample.c);
    void *memory = malloc(ip_weighing_bytes(l->sample.n, l->sample.c));
    if (memory == NULL)
        exit(EXIT_FAILURE);
    ip_weighing weighing = ip_weighing_make(&l->sample, memory);
    ip_information out[2];
    for (size_t k = 0; k < 2; k++) {
        unsigned char *scratch = malloc(bytes);
        if (scratch == NULL)
            exit(EXIT_FAILURE);
        memset(scratch, k == 0 ? 0x00 : 0xa5, bytes);
        ip_symbols symbols;
        ip_plugin(&l->sample, &weighing, IP_CORRECTION_NONE, &codes, scratch, &symbols, &out[k]);
        free(scratch);
    }
    free(memory);
    CHECK(out[0].i_xt == out[1].i_xt && out[0].i_ty == out[1].i_ty);
}

int main(void)
{
    static layer l;
    for (unsigned round = 0; round < ROUNDS; round++) {
        const bool noisy = round % 4 == 3;
        draw(&l, round, noisy);
        order_of_rows(&l, round);
        other_names(&l);
        duplicated_rows(&l, noisy);
        useless_unit(&l, false);
        useless_unit(&l, true);
        refinement(&l);
        repeats(&l);
        if (!noisy)
            bounds(&l);
    }
    return check_finish();
}
