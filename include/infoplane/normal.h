/* normal.h - the normal distribution with mean 0 and deviation 1 */
#ifndef INFOPLANE_NORMAL_H
#define INFOPLANE_NORMAL_H

/* z with P(Z <= z) = p, 0 < p < 1; relative error of about 1e-15. */
double ip_normal_quantile(double p);

#endif
