/* targets.c - what the network is trained towards: p(y|x), one drawn label, or the likeliest */
#include "data/parts.h"
#include "infoplane/random.h"
#include <string.h>

const char *ip_target_name(size_t index)
{
    static const char *const names[] = {"soft", "sampled", "hard"};
    return index < IP_LENGTH(names) ? names[index] : NULL;
}

size_t ip_dataset_label(const ip_dataset *dataset, size_t row)
{
    const double *p = dataset->p_y_given_x + row * dataset->c;
    size_t best = 0;
    for (size_t y = 1; y < dataset->c; y++) {
        if (p[y] > p[best])
            best = y;
    }
    return best;
}

/* The label at u in (0, 1) of the cumulative distribution. Where rounding leaves the sum below u,
 * the last label that is possible at all. */
static size_t label_at(size_t c, const double *p, double u)
{
    size_t last = 0;
    double sum = 0.0;
    for (size_t y = 0; y < c; y++) {
        if (p[y] <= 0.0)
            continue;
        last = y;
        sum += p[y];
        if (u < sum)
            break;
    }
    return last;
}

static void fill_soft(const ip_dataset *dataset, ip_rng *rng, float *targets)
{
    (void)rng;
    for (size_t i = 0; i < dataset->n * dataset->c; i++)
        targets[i] = (float)dataset->p_y_given_x[i];
}

static void fill_sampled(const ip_dataset *dataset, ip_rng *rng, float *targets)
{
    const size_t c = dataset->c;
    for (size_t i = 0; i < dataset->n; i++)
        targets[i * c + label_at(c, dataset->p_y_given_x + i * c, ip_rng_uniform(rng))] = 1.0F;
}

static void fill_hard(const ip_dataset *dataset, ip_rng *rng, float *targets)
{
    (void)rng;
    for (size_t i = 0; i < dataset->n; i++)
        targets[i * dataset->c + ip_dataset_label(dataset, i)] = 1.0F;
}

void ip_targets_make(const ip_dataset *dataset, ip_target_rule rule, uint64_t seed, float *targets)
{
    static void (*const rules[])(const ip_dataset *, ip_rng *, float *) = {
        [IP_TARGETS_SOFT] = fill_soft,
        [IP_TARGETS_SAMPLED] = fill_sampled,
        [IP_TARGETS_HARD] = fill_hard,
    };
    ip_rng rng = ip_rng_make(seed, IP_PURPOSE_LABELS, 0);
    memset(targets, 0, dataset->n * dataset->c * sizeof *targets);
    rules[rule](dataset, &rng, targets);
}
