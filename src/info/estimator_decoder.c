/* estimator_decoder.c - how much of the label the network itself reads from a layer
 *
 * What: I(T;Y) >= H(Y) - CE with CE = -sum_x p(x) sum_y p(y|x) log2 q(y|x), q the output of the
 *   network: every layer's T can be decoded at least as well as what follows it decodes it. Below 0
 *   it says nothing, and is 0. Outputs that do not sum to 1 are divided by their sum, which keeps
 *   the bound; off by more than 1e-3 (sigmoid outputs) they are no distribution, and flagged.
 * Source: Barber, Agakov, "The IM algorithm", NIPS 2003, Eq. 3; Poole et al., "On variational
 * bounds of mutual information", ICML 2019, section 2.1. Cost: O(n c) time, no scratch but c
 * numbers. Limits: the same for every layer; of the true I(T;Y), not of one after bins or noise;
 * gives no I(X;T). */
#include "infoplane/estimator.h"
#include <math.h>
#include <string.h>

static size_t scratch_bytes(const ip_request *requests, size_t n, const ip_sample *sizes)
{
    (void)requests;
    (void)n;
    return sizes->c * sizeof(double);
}

static double sum_of(size_t n, const double *p)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += p[i];
    return sum;
}

/* -sum_y p log2 (q / sum of q); infinite where q is 0 and p is not. */
static double cross_entropy(size_t c, const double *p, const double *q)
{
    const double sum = sum_of(c, q);
    double bits = 0;
    for (size_t y = 0; y < c; y++) {
        if (p[y] > 0)
            bits -= q[y] > 0 ? p[y] * log2(q[y] / sum) : -(double)INFINITY;
    }
    return bits;
}

static double label_entropy(const ip_sample *sample, double *p_y)
{
    memset(p_y, 0, sample->c * sizeof *p_y);
    for (size_t i = 0; i < sample->n; i++) {
        for (size_t y = 0; y < sample->c; y++)
            p_y[y] += sample->p_x[i] * sample->p_y_given_x[i * sample->c + y];
    }
    return ip_entropy(sample->c, p_y);
}

static ip_information decode(const ip_sample *sample, double *p_y)
{
    const size_t c = sample->c;
    ip_information out = ip_information_none;
    double bits = label_entropy(sample, p_y);
    for (size_t i = 0; i < sample->n; i++) {
        const double *q = sample->q_y_given_x + i * c;
        if (sample->p_x[i] > 0)
            bits -= sample->p_x[i] * cross_entropy(c, sample->p_y_given_x + i * c, q);
        if (fabs(sum_of(c, q) - 1) > 1e-3)
            out.flags |= IP_FLAG_INVALID;
    }
    out.i_ty = fmax(bits, 0);
    return out;
}

static ip_status estimate(const ip_request *requests, size_t n, const ip_sample *sample,
                          void *scratch, ip_information *out, ip_error *err)
{
    (void)requests;
    (void)err;
    for (size_t k = 0; k < n; k++) {
        if (sample->q_y_given_x == NULL)
            out[k].flags |= IP_FLAG_NOT_KNOWN;
        else
            out[k] = decode(sample, scratch);
    }
    return IP_OK;
}

const ip_estimator ip_estimator_decoder = {
    .name = "decoder",
    .summary = "lower bound on I(T;Y): H(Y) less the cross-entropy of the network's output",
    .source = "Barber, Agakov, NIPS 2003",
    .limits = "the same for every layer; no I(X;T)",
    .row_ns = 10,
    .scratch_bytes = scratch_bytes,
    .estimate = estimate,
};
