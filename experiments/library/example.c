/* example.c - libinfoplane from another program: what two layers know of x, and of its label
 *
 * What: n inputs x, evenly on (-1, 1); their label y is the sign of x, wrong in one of ten. One
 *   layer keeps x, the other rectifies it; both are put into 30 bins.
 * Checked by: itself, against the entropies of the bins, worked out by hand. */
#include "infoplane/estimator.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { N = 3000, N_CLASSES = 2 }; /* 100 inputs a bin, none on an edge */

static const double wrong = 0.1;

/* I(X;T) and I(T;Y) of one unit: its activations t (n), and p(y|x) (n, N_CLASSES) of inputs that
 * all differ and are equally likely. */
static ip_status measure(size_t n, const double *t, const double *p_y_given_x, ip_information *out,
                         ip_error *err)
{
    const ip_estimator *binning = &ip_estimator_binning;
    ip_binning_options options;
    ip_fields_set_defaults(binning->fields, binning->n_fields, &options); /* on [-1, 1] */
    options.bins = 30;
    const ip_request request = {.estimator = binning, .options = &options};
    double *p_x = malloc(n * sizeof *p_x);
    const ip_sample sample = {
        .n = n, .d = 1, .c = N_CLASSES, .t = t, .p_x = p_x, .p_y_given_x = p_y_given_x};
    const size_t bytes = ip_estimate_scratch_bytes(&request, 1, &sample);
    void *scratch = aligned_alloc(64, (bytes + 63) / 64 * 64);
    ip_status status = IP_ERR_MEMORY;
    if (scratch == NULL || p_x == NULL) {
        ip_fail(err, status, "no memory for %zu inputs", n);
        goto done;
    }
    for (size_t i = 0; i < n; i++)
        p_x[i] = 1.0 / (double)n;
    status = ip_estimate(&request, 1, &sample, scratch, out, err);
done:
    free(scratch);
    free(p_x);
    return status;
}

/* Entropy in bits of a coin. */
static double h(double p)
{
    return -p * log2(p) - (1 - p) * log2(1 - p);
}

/* 30 bins of 1/30 each, none of which has both signs. */
static ip_information linear_exactly(void)
{
    return (ip_information){.i_xt = log2(30), .i_ty = 1 - h(wrong)};
}

/* The first bin from 0 on has its 1/30 and all that was below; the 14 above it are as before. */
static ip_information rectified_exactly(void)
{
    const double low = 16.0 / 30;
    const double ones = (15 * wrong + 1 * (1 - wrong)) / 16; /* p(y = 1) in it */
    return (ip_information){.i_xt = -low * log2(low) + (1 - low) * log2(30),
                            .i_ty = 1 - low * h(ones) - (1 - low) * h(wrong)};
}

static bool compare(const char *layer, const double *t, const double *p_y, ip_information exactly)
{
    ip_information found;
    ip_error err;
    if (measure(N, t, p_y, &found, &err) != IP_OK) {
        ip_error_print(&err, stderr);
        return false;
    }
    printf("%-10s %7.4f %7.4f %9.4f %7.4f\n", layer, found.i_xt, exactly.i_xt, found.i_ty,
           exactly.i_ty);
    return fabs(found.i_xt - exactly.i_xt) < 1e-9 && fabs(found.i_ty - exactly.i_ty) < 1e-9;
}

int main(void)
{
    static double linear[N], rectified[N], p_y[N][N_CLASSES];
    for (size_t i = 0; i < N; i++) {
        const double x = -1 + (2 * (double)i + 1) / N;
        linear[i] = x;
        rectified[i] = x > 0 ? x : 0;
        p_y[i][1] = x > 0 ? 1 - wrong : wrong;
        p_y[i][0] = 1 - p_y[i][1];
    }
    printf("layer       I(X;T) exactly    I(T;Y) exactly\n");
    bool same = compare("linear", linear, p_y[0], linear_exactly());
    same = compare("rectified", rectified, p_y[0], rectified_exactly()) && same;
    printf("bits; found and exact values %s\n", same ? "agree" : "differ");
    return same ? EXIT_SUCCESS : EXIT_FAILURE;
}
