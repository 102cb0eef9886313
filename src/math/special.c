/* special.c - the digamma function
 *
 * Source: Abramowitz, Stegun, "Handbook of Mathematical Functions", 6.3.5 (recurrence) and 6.3.18
 *   (asymptotic series).
 * Limits: positive arguments. Checked by: tests/math/test_special.c. */
#include "infoplane/special.h"
#include "infoplane/macros.h"
#include <assert.h>
#include <math.h>
#include <stddef.h>

/* From here on the first term of the series that is left out, 3617 / (8160 x^16), is below 1e-16.
 */
static const double large = 10.0;

/* B_2m / (2m), m = 1, 2, ...: psi(x) = ln x - 1 / (2 x) - sum over m of B_2m / (2m x^2m). */
static const double series[] = {1.0 / 12,  -1.0 / 120,     1.0 / 252, -1.0 / 240,
                                1.0 / 132, -691.0 / 32760, 1.0 / 12};

double ip_digamma(double x)
{
    assert(x > 0.0);
    double below = 0.0; /* psi(x) = psi(x + m) - 1/x - ... - 1/(x + m - 1) */
    while (x < large) {
        below += 1.0 / x;
        x += 1.0;
    }
    const double z = 1.0 / (x * x);
    double sum = 0.0;
    for (size_t m = IP_LENGTH(series); m-- > 0;)
        sum = z * (series[m] + sum);
    return log(x) - 0.5 / x - sum - below;
}
