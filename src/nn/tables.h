/* tables.h - declares every initialiser and optimiser of the two lists
 *
 * The file that defines an entry includes this too, so that the compiler compares the two. */
#ifndef NN_TABLES_H
#define NN_TABLES_H

#include "infoplane/network.h"

#define IP_INITIALIZER(name) extern const ip_initializer ip_initializer_##name;
#include "nn/initializers.def"
#undef IP_INITIALIZER

#define IP_OPTIMIZER(name) extern const ip_optimizer ip_optimizer_##name;
#include "nn/optimizers.def"
#undef IP_OPTIMIZER

#endif
