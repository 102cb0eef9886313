/* activations.c - the table of activations, made from activations.def */
#include "nn/tables.h"

static const ip_activation *const table[] = {
#define IP_ACTIVATION(name) &ip_activation_##name,
#include "nn/activations.def"
#undef IP_ACTIVATION
};

const ip_activation *ip_activation_at(size_t index)
{
    return index < IP_LENGTH(table) ? table[index] : NULL;
}

const char *ip_activation_name(size_t index)
{
    return index < IP_LENGTH(table) ? table[index]->name : NULL;
}
