/* estimators.c - the table of estimators */
#include "infoplane/estimator.h"

static const ip_estimator *const estimators[] = {
#define IP_ESTIMATOR(name) &ip_estimator_##name,
#include "info/estimators.def"
#undef IP_ESTIMATOR
};

const ip_estimator *ip_estimator_at(size_t index)
{
    return index < IP_LENGTH(estimators) ? estimators[index] : NULL;
}

const char *ip_estimator_name(size_t index)
{
    return index < IP_LENGTH(estimators) ? estimators[index]->name : NULL;
}
