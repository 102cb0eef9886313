/* quantizer.h - the backward half of quantised activations, for pass.c */
#ifndef NN_QUANTIZER_H
#define NN_QUANTIZER_H

#include "infoplane/network.h"

/* delta = 0 where f is not between the ends of the activation's range; n elements. */
void ip_quantizer_backward(const ip_activation *activation, size_t n, const float *f, float *delta);

#endif
