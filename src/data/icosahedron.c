/* icosahedron.c - the 12-bit task: which vertices of an icosahedron are occupied
 *
 * Each of the 4096 patterns, all equally likely, says which of 12 points spread evenly over a
 * sphere are present; the label depends on the pattern's power spectrum of spherical harmonics
 * alone, so rotating the pattern does not change it. The spectrum follows from three counts, which
 * take 64 different values: the classes.
 * Source: Shwartz-Ziv, Tishby, arXiv 1703.00810, section 3.1. The points are the vertices of a
 * regular icosahedron: with it the rule gives the labels the authors published. */
#include "data/parts.h"

/* The five vertices at 63.4 degrees of each vertex, and the one opposite. */
static const uint8_t neighbours[IP_ICOSAHEDRON_BITS][5] = {
    {1, 3, 5, 10, 11}, {0, 2, 3, 4, 11},  {1, 3, 4, 8, 9},  {0, 1, 2, 8, 10},
    {1, 2, 6, 9, 11},  {0, 6, 7, 10, 11}, {4, 5, 7, 9, 11}, {5, 6, 8, 9, 10},
    {2, 3, 7, 9, 10},  {2, 4, 6, 7, 8},   {0, 3, 5, 7, 8},  {0, 1, 4, 5, 6},
};
static const uint8_t opposite[IP_ICOSAHEDRON_BITS] = {9, 7, 5, 6, 10, 2, 3, 1, 11, 0, 4, 8};

/* Bit of vertex v: vertex 0 is the most significant. */
static int bit(unsigned pattern, size_t v)
{
    return (int)(pattern >> (IP_ICOSAHEDRON_BITS - 1 - v) & 1U);
}

ip_icosahedron_class ip_icosahedron_class_of(unsigned pattern)
{
    ip_icosahedron_class class = {0};
    for (size_t v = 0; v < IP_ICOSAHEDRON_BITS; v++) {
        if (!bit(pattern, v))
            continue;
        class.ones++;
        class.antipodes += bit(pattern, opposite[v]);
        for (size_t i = 0; i < IP_LENGTH(neighbours[v]); i++)
            class.edges += bit(pattern, neighbours[v][i]);
    }
    class.edges /= 2; /* each was met from both its ends */
    class.antipodes /= 2;
    return class;
}

static void fill(const ip_task_options *options, const ip_icosahedron_rule *rule,
                 ip_dataset *dataset)
{
    for (unsigned pattern = 0; pattern < IP_ICOSAHEDRON_PATTERNS; pattern++) {
        const ip_icosahedron_class class = ip_icosahedron_class_of(pattern);
        for (size_t v = 0; v < IP_ICOSAHEDRON_BITS; v++)
            dataset->x[(size_t)pattern * IP_ICOSAHEDRON_BITS + v] = (float)bit(pattern, v);
        ip_icosahedron_rule_p(rule, ip_icosahedron_f(&class, options),
                              dataset->p_y_given_x + 2 * (size_t)pattern);
    }
}

static ip_status make(const ip_task_options *options, ip_dataset **dataset, ip_error *err)
{
    ip_icosahedron_rule rule;
    IP_TRY(ip_icosahedron_rule_make(options, &rule, err));
    ip_dataset *made = ip_dataset_new(IP_ICOSAHEDRON_PATTERNS, IP_ICOSAHEDRON_BITS, 2, 0);
    if (made == NULL)
        return ip_fail(err, IP_ERR_MEMORY, "out of memory for the dataset of task icosahedron");
    fill(options, &rule, made);
    const ip_status status = ip_dataset_finish(made, err);
    if (status != IP_OK) {
        ip_dataset_free(made);
        return status;
    }
    *dataset = made;
    return IP_OK;
}

const ip_task ip_task_icosahedron = {
    .name = "icosahedron",
    .summary = "12 bits on the vertices of an icosahedron, label invariant under rotation",
    .source = "Shwartz-Ziv, Tishby, arXiv 1703.00810",
    .make = make,
};
