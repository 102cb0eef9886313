/* flags.c - what the flags of a value are called and say; when one layer breaks with another */
#include "infoplane/estimator.h"
#include <math.h>

/* One row for each bit, from the lowest. */
static const struct {
    ip_flag flag;
    const char *name, *help;
} flags[] = {
    {IP_FLAG_NOT_KNOWN, "not_known", "the sample lacks what the estimator needs"},
    {IP_FLAG_INVALID, "invalid", "the estimator's assumptions do not hold here"},
    {IP_FLAG_CEILING, "ceiling", "I(X;T) is over 95 % of H(X)"},
    {IP_FLAG_CLIPPED, "clipped", "over 1 % of the activations lie outside the range of the bins"},
    {IP_FLAG_SATURATED, "saturated", "over half of the activations lie in the outermost bins"},
    {IP_FLAG_TIES, "ties", "different inputs have equal activations"},
    {IP_FLAG_MOVING, "moving", "the ruler follows the layer: not comparable across epochs"},
    {IP_FLAG_NO_BOUND, "no_bound", "a difference of bounds, itself no bound"},
    {IP_FLAG_NEGATIVE, "negative", "below 0, which information cannot be"},
    {IP_FLAG_PROCESSING, "processing", "above the value of the layer before"},
    {IP_FLAG_SCALE, "scale", "the layer does not fit a ruler of fixed size"},
    {IP_FLAG_ONE_LAYER, "one_layer", "noise added to this layer alone: a later one may tell more"},
    {IP_FLAG_DISTINCT, "distinct", "over half of the rows have a code of their own"},
};

const char *ip_flag_name(size_t index)
{
    return index < IP_LENGTH(flags) ? flags[index].name : NULL;
}

const char *ip_flag_help(size_t index)
{
    return index < IP_LENGTH(flags) ? flags[index].help : NULL;
}

bool ip_breaks_processing(double bits, double se, double bits_before, double se_before)
{
    const double error = isnan(se) || isnan(se_before) ? 0 : 4 * hypot(se, se_before);
    return bits - bits_before > 1e-9 + error;
}
