/* test_activations.c - every activation against values computed outside, also far out, and NaN */
#include "activation_values.h"
#include "infoplane/network.h"
#include "kernel_sets.h"
#include <float.h>

static const double U = 0.5 * (double)FLT_EPSILON; /* relative error of one rounding */

/* A formula of a few roundings and one call of libm (at most 2 units in the last place): 8 u of the
 * value. gelu rounds the argument x of erfc(x), whose relative error that multiplies by up to 2 x^2
 * + 1 = z^2 + 1. Below the smallest normal number only the absolute error is bounded. */
static double value_tolerance(const char *name, double z, double value)
{
    const double growth = strcmp(name, "gelu") == 0 ? fmin(z * z, 200.0) + 9.0 : 8.0;
    return growth * U * fabs(value) + (double)FLT_MIN;
}

/* Slopes are sums of terms of size up to 1.76 that may cancel, and t brings its own error. */
static double slope_tolerance(double slope)
{
    return 8.0 * U * fmax(fabs(slope), 1.0);
}

static void check_activation(size_t index)
{
    const ip_activation *activation = ip_activation_at(index);
    float t[N_POINTS];
    float delta[N_POINTS];
    for (size_t i = 0; i < N_POINTS; i++)
        delta[i] = -2.0F;
    ip_activation_forward(activation, N_POINTS, points, t);
    ip_activation_backward(activation, N_POINTS, points, t, delta);
    for (size_t i = 0; i < N_POINTS; i++) {
        const double z = (double)points[i];
        const double value = activation_values[index].at[i].value;
        const double slope = activation_values[index].at[i].slope;
        CHECK_REPORT(fabs((double)t[i] - value) <= value_tolerance(activation->name, z, value),
                     "%s(%g) = %.9g, expected %.9g", activation->name, z, (double)t[i], value);
        CHECK_REPORT(fabs((double)delta[i] + 2.0 * slope) <= 2.0 * slope_tolerance(slope),
                     "slope of %s at %g = %.9g, expected %.9g", activation->name, z,
                     -0.5 * (double)delta[i], slope);
    }
}

/* A diverged run is recognised by its loss, so no activation may swallow a NaN. */
static void check_nan_passes(const ip_activation *activation)
{
    const float z[] = {1.0F, NAN, -1.0F};
    float t[3];
    ip_activation_forward(activation, 3, z, t);
    CHECK_REPORT(!isnan(t[0]) && isnan(t[1]) && !isnan(t[2]), "%s hides NaN", activation->name);
}

/* No finite number makes a NaN, and no slope is infinite. */
static void check_finite(const ip_activation *activation)
{
    for (int exponent = -149; exponent < 128; exponent++) {
        for (int sign = -1; sign <= 1; sign += 2) {
            const float z = (float)sign * ldexpf(1.5F, exponent);
            float t = NAN;
            float delta = 1.0F;
            ip_activation_forward(activation, 1, &z, &t);
            ip_activation_backward(activation, 1, &z, &t, &delta);
            const double largest = 1.06 * fabs((double)z) + 1.76;
            CHECK_REPORT(fabs((double)t) <= largest && fabs((double)delta) <= 1.76,
                         "%s(%g) = %g, slope %g", activation->name, (double)z, (double)t,
                         (double)delta);
        }
    }
}

static void check_all(const ip_kernels *set)
{
    (void)set;
    const size_t count = IP_LENGTH(activation_values);
    CHECK_COUNT(ip_names_count(ip_activation_name), count);
    CHECK(ip_activation_at(count) == NULL && ip_activation_name(count) == NULL);
    for (size_t i = 0; i < count && ip_activation_at(i) != NULL; i++) {
        const ip_activation *activation = ip_activation_at(i);
        CHECK_STR(activation->name, activation_values[i].name);
        CHECK_STR(ip_activation_name(i), activation_values[i].name);
        CHECK(strlen(activation->summary) > 0 && strlen(activation->source) > 0);
        check_activation(i);
        check_nan_passes(activation);
        check_finite(activation);
    }
}

int main(void)
{
    for_every_set(check_all);
    return check_finish();
}
