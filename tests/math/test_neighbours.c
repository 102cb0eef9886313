/* test_neighbours.c - distances, smallest values and counts against their definitions */
#include "check.h"
#include "infoplane/neighbours.h"
#include "infoplane/random.h"
#include <float.h>

enum { MAX_N = 1100, MAX_D = 40 };

static double points[MAX_N * MAX_D], columns[MAX_N * MAX_D], distance[MAX_N], sorted[MAX_N];

static int ascending(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* On every second call few different values, so that there are ties. */
static void draw(size_t n, size_t d, unsigned round)
{
    ip_rng rng = ip_rng_make(3, IP_PURPOSE_TEST, round);
    for (size_t i = 0; i < n * d; i++)
        points[i] = round % 2 == 0 ? ip_rng_normal(&rng) : (double)ip_rng_below(&rng, 5);
    ip_points_by_coordinate(n, d, points, columns);
}

static double distance_of(size_t d, size_t i, size_t j)
{
    double most = 0;
    for (size_t c = 0; c < d; c++)
        most = fmax(most, fabs(points[i * d + c] - points[j * d + c]));
    return most;
}

static void check_order(size_t n, size_t k)
{
    double smallest[MAX_N + 5];
    memcpy(sorted, distance, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, ascending);
    ip_smallest(n, distance, k, smallest);
    for (size_t l = 0; l < k; l++)
        CHECK(smallest[l] == (l < n ? sorted[l] : (double)INFINITY));
}

static void check_counts(size_t n, double limit)
{
    size_t below = 0, within = 0;
    while (below < n && sorted[below] < limit)
        below++;
    for (within = below; within < n && sorted[within] == limit;)
        within++;
    CHECK_COUNT(ip_count_below(n, distance, limit), below);
    CHECK_COUNT(ip_count_within(n, distance, limit), within);
}

static void random_points(void)
{
    static const size_t many[] = {1, 2, 3, 17, 511, 512, 513, MAX_N};
    static const size_t wide[] = {0, 1, 2, 7, MAX_D};
    for (unsigned round = 0; round < 80; round++) {
        const size_t n = many[round / 2 % 8], d = wide[round / 2 % 5], i = n / 2;
        draw(n, d, round);
        ip_max_distances(n, d, columns, i, distance);
        for (size_t j = 0; j < n; j++)
            CHECK(distance[j] == distance_of(d, i, j));
        for (size_t k = 1; k <= 12; k += 3)
            check_order(n, k);
        check_counts(n, sorted[n / 3]);
        check_counts(n, sorted[n - 1]);
        check_counts(n, 0);
    }
}

/* A radius is met exactly: one step of the last digit decides, at any scale. */
static void no_tolerance(void)
{
    static const double at[] = {0, 1e-300, 1, 1000, 1e17, DBL_MAX / 2};
    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
        const double value[] = {at[i]}, above = nextafter(at[i], (double)INFINITY);
        CHECK_COUNT(ip_count_below(1, value, at[i]), 0);
        CHECK_COUNT(ip_count_within(1, value, at[i]), 1);
        CHECK_COUNT(ip_count_below(1, value, above), 1);
        CHECK_COUNT(ip_count_within(1, &above, at[i]), 0);
    }
    const double far[] = {(double)INFINITY, 0};
    CHECK_COUNT(ip_count_below(2, far, (double)INFINITY), 1);
    CHECK_COUNT(ip_count_within(2, far, (double)INFINITY), 2);
}

static void product_of_spaces(void)
{
    double max[3];
    ip_max_of(3, (double[]){0, 2, (double)INFINITY}, (double[]){1, 1, 0}, max);
    CHECK(max[0] == 1 && max[1] == 2 && isinf(max[2]));
}

int main(void)
{
    random_points();
    no_tolerance();
    product_of_spaces();
    return check_finish();
}
