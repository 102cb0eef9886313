/* initializers.c - the table of initialisers, made from initializers.def */
#include "nn/tables.h"

static const ip_initializer *const table[] = {
#define IP_INITIALIZER(name) &ip_initializer_##name,
#include "nn/initializers.def"
#undef IP_INITIALIZER
};

const ip_initializer *ip_initializer_at(size_t index)
{
    return index < IP_LENGTH(table) ? table[index] : NULL;
}

const char *ip_initializer_name(size_t index)
{
    return index < IP_LENGTH(table) ? table[index]->name : NULL;
}
