/* quantize.h - the rules that need the order of the activations, for the files of info/ alone */
#ifndef QUANTIZE_H
#define QUANTIZE_H

#include "infoplane/estimator.h"

/* Rules of ip_quantize. */
void ip_quantize_equal_freq(ip_quantizer *quantizer, uint64_t bins, int64_t *codes);
void ip_quantize_ebab(ip_quantizer *quantizer, uint64_t bins, int64_t *codes);

#endif
