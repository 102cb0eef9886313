/* normal.c - the inverse of the normal distribution function
 *
 * What: z with P(Z <= z) = p, by one quotient of two polynomials of degree 7 for each of three
 *   ranges of p: the middle in p - 1/2, the tails in sqrt(-ln of the distance from the nearer end).
 * Source: Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied
 *   Statistics 37, 477 (1988), PPND16: relative error of about 1e-16.
 * Checked by: tests/math/test_normal.c. */
#include "infoplane/normal.h"
#include <assert.h>
#include <math.h>
#include <stddef.h>

enum { TERMS = 8 };

/* Coefficients from the constant upwards. */
typedef struct quotient {
    double above[TERMS], below[TERMS];
} quotient;

static const quotient middle = {
    {3.3871328727963666080, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
     45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727},
    {1.0, 42.313330701600911252, 687.18700749205790830, 5394.1960214247511077,
     21213.794301586595867, 39307.895800092710610, 28729.085735721942674, 5226.4952788528545610},
};
static const quotient near_tail = {
    {1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504,
     1.27045825245236838258, 0.241780725177450611770, 0.0227238449892691845833,
     7.74545014278341407640e-4},
    {1.0, 2.05319162663775882187, 1.67638483018380384940, 0.689767334985100004550,
     0.148103976427480074590, 0.0151986665636164571966, 5.47593808499534494600e-4,
     1.05075007164441684324e-9},
};
static const quotient far_tail = {
    {6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580,
     0.296560571828504891230, 0.0265321895265761230930, 1.24266094738807843860e-3,
     2.71155556874348757815e-5, 2.01033439929228813265e-7},
    {1.0, 0.599832206555887937690, 0.136929880922735805310, 0.0148753612908506148525,
     7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
     2.04426310338993978564e-15},
};

static double polynomial(const double *coefficients, double r)
{
    double sum = 0.0;
    for (size_t k = TERMS; k-- > 0;)
        sum = sum * r + coefficients[k];
    return sum;
}

static double evaluate(const quotient *q, double r)
{
    return polynomial(q->above, r) / polynomial(q->below, r);
}

double ip_normal_quantile(double p)
{
    assert(p > 0.0 && p < 1.0);
    const double from_middle = p - 0.5;
    if (fabs(from_middle) <= 0.425)
        return from_middle * evaluate(&middle, 0.180625 - from_middle * from_middle);
    const double r = sqrt(-log(from_middle < 0.0 ? p : 1.0 - p));
    const double z = r <= 5.0 ? evaluate(&near_tail, r - 1.6) : evaluate(&far_tail, r - 5.0);
    return from_middle < 0.0 ? -z : z;
}
