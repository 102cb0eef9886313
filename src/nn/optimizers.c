/* optimizers.c - the table of optimisers, made from optimizers.def */
#include "nn/tables.h"

static const ip_optimizer *const table[] = {
#define IP_OPTIMIZER(name) &ip_optimizer_##name,
#include "nn/optimizers.def"
#undef IP_OPTIMIZER
};

const ip_optimizer *ip_optimizer_at(size_t index)
{
    return index < IP_LENGTH(table) ? table[index] : NULL;
}

const char *ip_optimizer_name(size_t index)
{
    return index < IP_LENGTH(table) ? table[index]->name : NULL;
}
