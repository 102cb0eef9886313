/* output.h - the two halves of the output layer that the forward and backward pass call */
#ifndef NN_OUTPUT_H
#define NN_OUTPUT_H

#include "infoplane/network.h"

/* Probabilities of n rows, the last f and t of the pass, from their logits, the last z. */
void ip_output_forward(const ip_network *network, const ip_pass *pass, size_t n);

/* delta = dLoss/dz of the mean loss over the batch, unit by unit as the pass has it, with zeros
 * behind the last row. */
void ip_output_backward(const ip_network *network, const ip_pass *pass, const ip_batch *batch,
                        float *delta);

#endif
