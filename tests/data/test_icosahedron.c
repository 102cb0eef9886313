/* test_icosahedron.c - the 64 classes and the 4096 hard labels
 *
 * With an argument it also writes the labels of the hard rule, a byte each, into that file: see
 * test_icosahedron_digest.py. */
#include "check.h"
#include "infoplane/task.h"

/* Ones, edges and antipodal pairs, patterns of the class, hard label. Counted from the coordinates
 * of the vertices (inner products 1/sqrt 5 and -1), in Python. */
static const int classes[64][5] = {
    {0, 0, 0, 1, 0},    {1, 0, 0, 12, 0},   {2, 0, 0, 30, 0},   {2, 0, 1, 6, 0},
    {2, 1, 0, 30, 0},   {3, 0, 0, 20, 0},   {3, 1, 0, 60, 0},   {3, 1, 1, 60, 0},
    {3, 2, 0, 60, 0},   {3, 3, 0, 20, 0},   {4, 1, 0, 30, 0},   {4, 2, 0, 60, 0},
    {4, 2, 1, 120, 0},  {4, 2, 2, 15, 0},   {4, 3, 0, 60, 0},   {4, 3, 1, 120, 0},
    {4, 4, 0, 60, 0},   {4, 5, 0, 30, 0},   {5, 3, 0, 60, 0},   {5, 3, 1, 60, 0},
    {5, 4, 1, 180, 0},  {5, 4, 2, 120, 0},  {5, 5, 0, 72, 0},   {5, 5, 1, 180, 0},
    {5, 6, 1, 60, 0},   {5, 7, 0, 60, 1},   {6, 5, 0, 12, 0},   {6, 5, 1, 60, 0},
    {6, 6, 0, 20, 1},   {6, 6, 1, 120, 0},  {6, 6, 2, 180, 0},  {6, 6, 3, 20, 0},
    {6, 7, 1, 120, 1},  {6, 7, 2, 180, 1},  {6, 8, 1, 120, 1},  {6, 9, 0, 20, 1},
    {6, 9, 1, 60, 1},   {6, 10, 0, 12, 1},  {7, 8, 1, 60, 1},   {7, 8, 2, 60, 0},
    {7, 9, 2, 180, 1},  {7, 9, 3, 120, 1},  {7, 10, 1, 72, 1},  {7, 10, 2, 180, 1},
    {7, 11, 2, 60, 1},  {7, 12, 1, 60, 1},  {8, 11, 2, 30, 1},  {8, 12, 2, 60, 1},
    {8, 12, 3, 120, 1}, {8, 12, 4, 15, 1},  {8, 13, 2, 60, 1},  {8, 13, 3, 120, 1},
    {8, 14, 2, 60, 1},  {8, 15, 2, 30, 1},  {9, 15, 3, 20, 1},  {9, 16, 3, 60, 1},
    {9, 16, 4, 60, 1},  {9, 17, 3, 60, 1},  {9, 18, 3, 20, 1},  {10, 20, 4, 30, 1},
    {10, 20, 5, 6, 1},  {10, 21, 4, 30, 1}, {11, 25, 5, 12, 1}, {12, 30, 6, 1, 1}};

static void class_sizes(void)
{
    int seen[64] = {0};
    for (unsigned pattern = 0; pattern < IP_ICOSAHEDRON_PATTERNS; pattern++) {
        const ip_icosahedron_class class = ip_icosahedron_class_of(pattern);
        size_t i = 0;
        while (i < 64 && (classes[i][0] != class.ones || classes[i][1] != class.edges ||
                          classes[i][2] != class.antipodes))
            i++;
        CHECK(i < 64);
        if (i < 64)
            seen[i]++;
    }
    for (size_t i = 0; i < 64; i++)
        CHECK_COUNT(seen[i], classes[i][3]);
}

/* Vertex 0 is the most significant bit: 0 and 9 are antipodes, 0 and 1 an edge. */
static void bit_order(void)
{
    const ip_icosahedron_class antipodes = ip_icosahedron_class_of(1U << 11 | 1U << 2);
    CHECK(antipodes.ones == 2 && antipodes.edges == 0 && antipodes.antipodes == 1);
    const ip_icosahedron_class edge = ip_icosahedron_class_of(1U << 11 | 1U << 10);
    CHECK(edge.ones == 2 && edge.edges == 1 && edge.antipodes == 0);
    const ip_icosahedron_class far = ip_icosahedron_class_of(1U << 11 | 1U << 9);
    CHECK(far.ones == 2 && far.edges == 0 && far.antipodes == 0);
}

static ip_dataset *make_hard(ip_task_form form)
{
    const ip_task_options options = {
        .rule = IP_RULE_HARD, .form = (int)form, .gain = (double)NAN, .threshold = (double)NAN};
    ip_dataset *dataset = NULL;
    ip_error err = {0};
    CHECK(ip_task_icosahedron.make(&options, &dataset, &err) == IP_OK);
    return dataset;
}

static void inputs_are_bits(const ip_dataset *dataset)
{
    CHECK_COUNT(dataset->n, 4096);
    CHECK_COUNT(dataset->d, 12);
    CHECK_COUNT(dataset->c, 2);
    CHECK(dataset->split == NULL);
    for (unsigned i = 0; i < 4096; i++) {
        float value = 0.0F;
        for (size_t v = 0; v < 12; v++)
            value = 2.0F * value + dataset->x[(size_t)i * 12 + v];
        CHECK(value == (float)i);
        CHECK(dataset->p_x[i] == 1.0 / 4096);
        CHECK_COUNT(dataset->x_id[i], i);
    }
}

/* Each label is 0 or 1, that of its class, and both forms agree. */
static void labels(const ip_dataset *linear, const ip_dataset *integer)
{
    size_t ones = 0;
    for (unsigned i = 0; i < 4096; i++) {
        const double *p = linear->p_y_given_x + 2 * (size_t)i;
        CHECK((p[1] == 0.0 && p[0] == 1.0) || (p[1] == 1.0 && p[0] == 0.0));
        CHECK(p[0] == integer->p_y_given_x[2 * (size_t)i]);
        CHECK(p[1] == integer->p_y_given_x[2 * (size_t)i + 1]);
        ones += p[1] == 1.0;
        const ip_icosahedron_class class = ip_icosahedron_class_of(i);
        for (size_t k = 0; k < 64; k++) {
            if (classes[k][0] == class.ones && classes[k][1] == class.edges &&
                classes[k][2] == class.antipodes)
                CHECK(p[1] == classes[k][4]);
        }
    }
    CHECK_COUNT(ones, 2118);
    CHECK_NEAR(linear->h_y, 0.9991571208502711, 1e-12);
    CHECK(linear->i_xy == linear->h_y); /* H(Y|X) is exactly 0 */
}

/* The rule of the later runs: 2098 ones, 140 labels other than the published ones. */
static void spectrum_labels(const ip_dataset *linear)
{
    const ip_task_options options = {
        .rule = IP_RULE_HARD,
        .form = IP_FORM_SPECTRUM,
        .gain = (double)NAN,
        .threshold = (double)NAN,
        .weights = {3, {2.0, 5.0 / 3, 4.0 / 5}},
    };
    ip_dataset *spectrum = NULL;
    ip_error err;
    CHECK(ip_task_icosahedron.make(&options, &spectrum, &err) == IP_OK);
    if (spectrum == NULL)
        return;
    size_t ones = 0;
    size_t different = 0;
    for (size_t i = 0; i < 4096; i++) {
        ones += spectrum->p_y_given_x[2 * i + 1] == 1.0;
        different += spectrum->p_y_given_x[2 * i + 1] != linear->p_y_given_x[2 * i + 1];
    }
    CHECK_COUNT(ones, 2098);
    CHECK_COUNT(different, 140);
    ip_dataset_free(spectrum);
}

static void write_labels(const ip_dataset *dataset, const char *path)
{
    FILE *out = fopen(path, "wb");
    CHECK(out != NULL);
    if (out == NULL)
        return;
    for (size_t i = 0; i < dataset->n; i++)
        fputc((int)dataset->p_y_given_x[2 * i + 1], out);
    CHECK(fclose(out) == 0);
}

int main(int argc, char **argv)
{
    class_sizes();
    bit_order();
    ip_dataset *linear = make_hard(IP_FORM_LINEAR);
    ip_dataset *integer = make_hard(IP_FORM_INTEGER);
    if (linear != NULL && integer != NULL) {
        inputs_are_bits(linear);
        labels(linear, integer);
        spectrum_labels(linear);
        if (argc > 1)
            write_labels(linear, argv[1]);
    }
    ip_dataset_free(linear);
    ip_dataset_free(integer);
    return check_finish();
}
