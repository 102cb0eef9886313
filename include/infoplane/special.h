/* special.h - special functions that the C library lacks */
#ifndef INFOPLANE_SPECIAL_H
#define INFOPLANE_SPECIAL_H

/* The digamma function psi(x) = d ln Gamma(x) / dx; x > 0. Relative error below 1e-13, but for x
 * within 0.01 of the zero at 1.4616, where the absolute error is below 1e-15. */
double ip_digamma(double x);

#endif
