/* entropy.c - Shannon entropy of a distribution */
#include "infoplane/estimator.h"
#include <math.h>

double ip_entropy(size_t n, const double *p)
{
    double h = 0.0;
    for (size_t i = 0; i < n; i++) {
        if (p[i] > 0.0)
            h -= p[i] * log2(p[i]);
    }
    return h;
}
