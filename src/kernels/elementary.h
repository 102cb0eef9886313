/* elementary.h - exp, tanh and their kin on lanes
 *
 * The largest errors are stated in units in the last place (ulp) against the exact value of the
 * float argument, found by trying every 37th float. A NaN stays a NaN. The polynomials are minimax,
 * fitted with 40 digits; reduction of exp: Cody, Waite, "Software manual for the elementary
 * functions", 1980. */
#ifndef KERNELS_ELEMENTARY_H
#define KERNELS_ELEMENTARY_H

#include "kernels/lanes.h"

/* x = n ln 2 + r, |r| <= ln 2 / 2, for |x| < 2^21. Adding 1.5 2^23 leaves the nearest whole number
 * in the last bits. */
typedef struct reduced {
    lanes r;
    int_lanes n;
} reduced;

INLINE reduced reduce(lanes x)
{
    const float shift = 0x1.8p23F;
    const lanes shifted = multiply_add(x, all(0x1.715476p0F), all(shift)); /* 1 / ln 2 */
    const lanes n = shifted - shift;
    const lanes coarse = multiply_add(n, all(-0x1.62e4p-1F), x); /* ln 2 in two parts */
    const lanes r = multiply_add(n, all(-0x1.7f7d1cp-20F), coarse);
    return (reduced){r, (int_lanes)shifted - (int_lanes)all(shift)};
}

/* 2^n, for -126 <= n <= 127. */
INLINE lanes power_of_2(int_lanes n)
{
    return (lanes)((n + 127) << 23);
}

/* exp(r) - 1 for |r| <= ln 2 / 2. */
INLINE lanes exp_minus_1_near_0(lanes r)
{
    lanes q = all(0x1.6a1a72p-10F);
    q = multiply_add(q, r, all(0x1.123fc6p-7F));
    q = multiply_add(q, r, all(0x1.555916p-5F));
    q = multiply_add(q, r, all(0x1.55548ap-3F));
    q = multiply_add(q, r, all(0x1.fffffcp-2F));
    return multiply_add(q * r, r, r);
}

/* exp(x) for x <= 0: 1.0 ulp. The power of 2 comes in two factors, of which the second may round to
 * a subnormal number or to 0. */
INLINE lanes exp_of_negative(lanes x)
{
    const reduced at = reduce(most(all(-105.0F), x));
    const int_lanes half = at.n >> 1;
    const lanes power = power_of_2(half);
    return multiply_add(exp_minus_1_near_0(at.r), power, power) * power_of_2(at.n - half);
}

/* exp(x) - 1 for x <= 0: 1.0 ulp. */
INLINE lanes exp_minus_1_of_negative(lanes x)
{
    const reduced at = reduce(most(all(-87.0F), x));
    const lanes power = power_of_2(at.n);
    return multiply_add(exp_minus_1_near_0(at.r), power, power - 1.0F);
}

/* 1 / (1 + exp(-x)): 2.4 ulp. */
INLINE lanes logistic(lanes x)
{
    const lanes e = exp_of_negative(-magnitude(x));
    return pick(x < 0.0F, e, all(1.0F)) / (1.0F + e);
}

/* log(1 + u) for 0 <= u <= 1: 2 artanh(u / (2 + u)); 2.0 ulp. */
INLINE lanes log_1_plus(lanes u)
{
    const lanes w = u / (2.0F + u);
    const lanes s = w * w;
    lanes q = all(0x1.f17326p-4F);
    q = multiply_add(q, s, all(0x1.b6e6d2p-4F));
    q = multiply_add(q, s, all(0x1.2508b0p-3F));
    q = multiply_add(q, s, all(0x1.9996b0p-3F));
    q = multiply_add(q, s, all(0x1.555558p-2F));
    return 2.0F * multiply_add(w * s, q, w);
}

/* tanh(x) = -e / (2 + e) with e = exp(-2 |x|) - 1, which beyond 9.02 rounds to 1: 2.5 ulp with
 * fused products, 2.51 without (every float was tried), and no step back between neighbours 2^-20
 * apart. ln 2 comes in one part here: the rest, at most 5e-8, is small beside what e still weighs
 * there. */
INLINE lanes hyperbolic_tangent(lanes x)
{
    const lanes a = most(all(-10.0F), (lanes)((int_lanes)x | INT32_MIN));
    const float shift = 0x1.8p23F;
    const lanes shifted = multiply_add(a, all(0x1.715476p1F), all(shift)); /* 2 / ln 2 */
    const lanes r = multiply_add(shifted - shift, all(-0x1.62e430p-1F), a + a);
    const lanes power = power_of_2((int_lanes)shifted - (int_lanes)all(shift));
    const lanes e = multiply_add(exp_minus_1_near_0(r), power, power - 1.0F);
    return with_sign(e / (2.0F + e), x);
}

/* exp(-x^2 / 2) for |x| < 15: what rounding takes from x^2 / 2 is given back as a factor:
 * 2.6 ulp. Without fused multiply-add nothing is known of the loss, and the error grows with x^2 to
 * 66 ulp, also that of the next two. */
INLINE lanes bell(lanes x)
{
    const lanes h = 0.5F * x;
    const lanes square = h * x;
    const lanes lost = multiply_add(h, x, -square);
    const lanes e = exp_of_negative(-square);
    return multiply_add(-lost, e, e);
}

/* The normal distribution function: with y = |x| / sqrt 2 and v = 1 / (1 + 0.3 y), half of erfc(y)
 * = exp(-y^2) v p(v), and 1 minus that for x > 0; 8.1 ulp. */
INLINE lanes normal_distribution(lanes x)
{
    const lanes a = least(all(14.5F), magnitude(x));
    const lanes v = 1.0F / multiply_add(a, all(0.3F * 0x1.6a09e6p-1F), all(1.0F));
    lanes q = all(0x1.c2d42ep-5F);
    q = multiply_add(q, v, all(-0x1.5083c4p-2F));
    q = multiply_add(q, v, all(0x1.774ac6p-1F));
    q = multiply_add(q, v, all(-0x1.a53806p-1F));
    q = multiply_add(q, v, all(0x1.82f254p-1F));
    q = multiply_add(q, v, all(-0x1.1637c2p-2F));
    q = multiply_add(q, v, all(0x1.0cacc2p-2F));
    q = multiply_add(q, v, all(0x1.c8a3eep-4F));
    q = multiply_add(q, v, all(0x1.56d21ap-3F));
    q = multiply_add(q, v, all(0x1.598046p-3F));
    q = multiply_add(q, v, all(0x1.5aafd4p-3F));
    const lanes tail = 0.5F * q * v * bell(a);
    return pick(x > 0.0F, 1.0F - tail, tail);
}

/* exp(-x^2 / 2) / sqrt(2 pi): 2.7 ulp. */
INLINE lanes normal_density(lanes x)
{
    return 0x1.988454p-2F * bell(least(all(14.5F), magnitude(x)));
}

#endif
