/* test_normal.c - quantiles of the normal distribution, against 40-digit values computed outside
 *
 * The published relative error of 1e-16 and some ten roundings of 1.1e-16: within 1e-15. In the
 * tails that leaves the sensitivity to p itself out of account: p is what the double says. */
#include "check.h"
#include "infoplane/macros.h"
#include "infoplane/normal.h"

static const double known[][2] = {
    {0.6, 0.253347103135799741},     {0.075, -1.43953147093845593},
    {0.0751, -1.43882539275253998},  {0.925, 1.43953147093845623},
    {0.9251, 1.44023826752796386},   {0.25, -0.674489750196081743},
    {0.01, -2.32634787404084109},    {0.001, -3.09023230616781354},
    {1e-05, -4.26489079392282461},   {1e-10, -6.3613409024040562},
    {1.3e-11, -6.66761145651074083}, {1.4e-11, -6.65672309151818364},
    {1e-20, -9.26234008979840758},   {1e-100, -21.2734535609653243},
    {1e-300, -37.0470962993611992},  {0.999, 3.09023230616781328},
    {0.999999, 4.75342430881708777}, {1.0 - 0x1p-53, 8.20953615160138686},
};

int main(void)
{
    for (size_t i = 0; i < IP_LENGTH(known); i++)
        CHECK_NEAR(ip_normal_quantile(known[i][0]), known[i][1], 1e-15 * fabs(known[i][1]));
    CHECK_NEAR(ip_normal_quantile(0.5), 0.0, 0.0);
    for (double p = 0x1p-60; p < 0.5; p *= 1.5)
        CHECK(1.0 - (1.0 - p) != p || ip_normal_quantile(1.0 - p) == -ip_normal_quantile(p));
    return check_finish();
}
