/* output.h - the two halves of the output layer that the forward and backward pass call */
#ifndef NN_OUTPUT_H
#define NN_OUTPUT_H

#include "infoplane/network.h"

/* Probabilities of n rows from their logits: z, t (n, units of the output). */
void ip_output_forward(const ip_network *network, size_t n, const float *z, float *t);

/* delta = dLoss/dz of the mean loss over n rows: z and delta (n, units), targets (n, n_classes). */
void ip_output_backward(const ip_network *network, size_t n, const float *t, const float *targets,
                        float *delta);

#endif
