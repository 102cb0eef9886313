/* test_entropy.c - entropy in bits of known distributions */
#include "check.h"
#include "infoplane/estimator.h"

int main(void)
{
    static const double binomial[] = {1, 12, 66, 220, 495, 792, 924, 792, 495, 220, 66, 12, 1};
    double p[13];
    for (size_t i = 0; i < 13; i++)
        p[i] = binomial[i] / 4096;
    CHECK_NEAR(ip_entropy(13, p), 2.838528743648605, 1e-12);
    CHECK_NEAR(ip_entropy(2, (double[]){0.25, 0.75}), 0.8112781244591328, 1e-15);
    CHECK_NEAR(ip_entropy(2, (double[]){0.1, 0.9}), 0.4689955935892812, 1e-15);
    CHECK(ip_entropy(4, (double[]){0.25, 0.25, 0.25, 0.25}) == 2.0);
    CHECK(ip_entropy(5, (double[]){0.0, 0.5, 0.0, 0.5, 0.0}) == 1.0);
    CHECK(ip_entropy(1, (double[]){1.0}) == 0.0);
    CHECK(ip_entropy(3, (double[]){0.0, 1.0, 0.0}) == 0.0);
    CHECK(ip_entropy(0, p) == 0.0);
    return check_finish();
}
