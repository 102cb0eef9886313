/* test_special.c - the digamma function against values of 20 digits computed with mpmath, its
 * recurrence and its closed forms. It comes within some 5 units of the last digit, which is what
 * shows a wrong coefficient. */
#include "check.h"
#include "infoplane/random.h"
#include "infoplane/special.h"

static const long double euler = 0.57721566490153286061L;
static const double digits = 4e-15;

static void known_values(void)
{
    static const double known[][2] = {
        {1e-3, -1000.5755719318103005}, {0.25, -4.2274535333762654081},
        {0.5, -1.9635100260214234794},  {1, -0.57721566490153286061},
        {2, 0.42278433509846713939},    {3, 0.92278433509846713939},
        {7.25, 1.9104535268837360284},  {10, 2.2517525890667211076},
        {11, 2.3517525890667211076},    {100, 4.6001618527380874002},
        {4096, 8.3176440914397900113},  {65536, 11.090347259545191147},
        {1e6, 13.815510057964190771},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        CHECK_NEAR(ip_digamma(known[i][0]), known[i][1], digits * fabs(known[i][1]));
    CHECK_NEAR(ip_digamma(1.5), 0.036489973978576520559, 1e-15);
}

/* psi(n) = 1 + 1/2 + ... + 1/(n - 1) - Euler's constant; psi(n + 1/2) = 2 (1 + 1/3 + ... +
 * 1/(2n - 1)) - 2 ln 2 - Euler's constant. */
static void whole_and_half_numbers(void)
{
    long double whole = 0, odd = 0;
    for (unsigned n = 1; n <= 5000; n++) {
        odd += 1 / (2 * (long double)n - 1);
        const double expected = (double)(whole - euler);
        const double half = (double)(2 * odd - 2 * logl(2) - euler);
        CHECK_NEAR(ip_digamma(n), expected, digits * fabs(expected));
        CHECK_NEAR(ip_digamma(n + 0.5), half, digits * fmax(fabs(half), 0.5));
        whole += 1 / (long double)n;
    }
}

/* psi(x + 1) = psi(x) + 1/x, and psi(1 - x) - psi(x) = pi / tan(pi x). */
static void recurrence_and_reflection(void)
{
    ip_rng rng = ip_rng_make(5, IP_PURPOSE_TEST, 0);
    for (int i = 0; i < 2000; i++) {
        const double x = 20 * ip_rng_uniform(&rng);
        CHECK_NEAR(ip_digamma(x + 1), ip_digamma(x) + 1 / x, 1e-14 * (4 + 1 / x));
        const double y = 0.01 + 0.98 * ip_rng_uniform(&rng);
        CHECK_NEAR(ip_digamma(1 - y) - ip_digamma(y), M_PI / tan(M_PI * y),
                   1e-14 * (4 + 1 / y + 1 / (1 - y)));
    }
}

int main(void)
{
    known_values();
    whole_and_half_numbers();
    recurrence_and_reflection();
    return check_finish();
}
