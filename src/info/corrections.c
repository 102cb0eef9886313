/* corrections.c - entropy from the counts of a sample, corrected for the symbols it did not show
 *
 * What: a sample of N rows looks less varied than what it was drawn from, so the plug-in entropy is
 *   too low, by about (m - 1) / 2N nats for m symbols. Each correction guesses what is missing.
 * Source: Miller, "Note on the bias of information estimates" (1955): plug-in + (m - 1) / 2N;
 *   Grassberger, arXiv physics/0307138: ln N - (1/N) sum of n G(n);
 *   Chao, Shen, Environ. Ecol. Stat. 10, 429 (2003): coverage C = 1 - f1/N by the f1 symbols seen
 *   once, and each of the probabilities C n/N divided by its chance of being seen at all.
 *   Deviation: when all were seen once, f1 = N - 1, so that C is not 0.
 * Cost: O(m) time, Grassberger's O(N).
 * Limits: wrong where the rows are all there is: nothing is missing then. All are useless once
 *   nearly every row has its own symbol.
 * Checked by: tests/info/test_corrections.c. */
#include "infoplane/estimator.h"
#include <assert.h>
#include <math.h>

static const double nats_per_bit = 0.69314718055994530942; /* ln 2 */

typedef struct counts {
    const double *n;
    size_t length;
    double total; /* N */
} counts;

static double plug_in(const counts *c)
{
    double sum = 0.0;
    for (size_t i = 0; i < c->length; i++) {
        if (c->n[i] > 0.0)
            sum += c->n[i] * log(c->n[i]);
    }
    return log(c->total) - sum / c->total;
}

/* How many symbols have n rows or more. */
static double count_from(const counts *c, double n)
{
    double found = 0.0;
    for (size_t i = 0; i < c->length; i++)
        found += c->n[i] >= n;
    return found;
}

static double miller_madow(const counts *c)
{
    return plug_in(c) + (count_from(c, 1.0) - 1.0) / (2.0 * c->total);
}

/* G(n) = psi(n) + (-1)^n/2 [psi((n+1)/2) - psi(n/2)], which for whole n is
 * -gamma - ln 2 + 2/1 + 2/3 + ... + 2/(2k-1) with k = floor(n/2). */
static double g_of(double n)
{
    const double euler_gamma = 0.57721566490153286061;
    double sum = 0.0;
    for (size_t odd = 1; (double)odd < n; odd += 2)
        sum += 2.0 / (double)odd;
    return sum - euler_gamma - nats_per_bit;
}

static double grassberger(const counts *c)
{
    double sum = 0.0;
    for (size_t i = 0; i < c->length; i++) {
        if (c->n[i] > 0.0)
            sum += c->n[i] * g_of(c->n[i]);
    }
    return log(c->total) - sum / c->total;
}

static double chao_shen(const counts *c)
{
    const double once = count_from(c, 1.0) - count_from(c, 2.0);
    const double coverage = 1.0 - fmin(once, c->total - 1.0) / c->total;
    double h = 0.0;
    for (size_t i = 0; i < c->length; i++) {
        if (c->n[i] == 0.0)
            continue;
        const double p = coverage * c->n[i] / c->total;
        h += p * log(p) / expm1(c->total * log1p(-p)); /* the divisor is (1 - p)^N - 1 */
    }
    return h;
}

static const struct {
    const char *name;
    double (*entropy)(const counts *c); /* nats */
} corrections[] = {
    [IP_CORRECTION_NONE] = {"none", plug_in},
    [IP_CORRECTION_MILLER_MADOW] = {"miller-madow", miller_madow},
    [IP_CORRECTION_GRASSBERGER] = {"grassberger", grassberger},
    [IP_CORRECTION_CHAO_SHEN] = {"chao-shen", chao_shen},
};

const char *ip_correction_name(size_t index)
{
    return index < IP_LENGTH(corrections) ? corrections[index].name : NULL;
}

double ip_entropy_of_counts(ip_correction correction, size_t length, const double *n)
{
    assert((size_t)correction < IP_LENGTH(corrections));
    counts c = {n, length, 0.0};
    for (size_t i = 0; i < length; i++)
        c.total += n[i];
    return corrections[correction].entropy(&c) / nats_per_bit;
}
