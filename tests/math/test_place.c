/* test_place.c - points by coordinate, and halves that lie on two sides of the widest coordinate */
#include "check.h"
#include "infoplane/place.h"
#include "infoplane/random.h"

enum { MAX_N = 1100, MAX_D = 12 };

static double points[MAX_N * MAX_D], columns[MAX_N * MAX_D];
static uint32_t order[MAX_N];

/* On every second call few different values, so that there are ties. */
static void draw(size_t n, size_t d, unsigned round)
{
    ip_rng rng = ip_rng_make(3, IP_PURPOSE_TEST, round);
    for (size_t i = 0; i < n * d; i++)
        points[i] = round % 2 == 0 ? ip_rng_normal(&rng) : (double)ip_rng_below(&rng, 5);
    ip_points_by_coordinate(n, d, points, columns);
    for (size_t i = 0; i < n; i++) {
        order[i] = (uint32_t)i;
        for (size_t c = 0; c < d; c++)
            CHECK(columns[c * n + i] == points[i * d + c]);
    }
}

static double extent(size_t n, const double *at, const uint32_t *of, double range[2])
{
    range[0] = range[1] = at[of[0]];
    for (size_t i = 1; i < n; i++) {
        range[0] = fmin(range[0], at[of[i]]);
        range[1] = fmax(range[1], at[of[i]]);
    }
    return range[1] - range[0];
}

/* Some coordinate of the widest extent separates the two halves, and so on within each. */
static void check_halves(size_t n, size_t d, size_t stride, size_t cell, const uint32_t *of)
{
    const size_t half = (n / 2 + cell - 1) / cell * cell;
    if (n <= cell || half == n)
        return;
    double range[2], most = 0;
    size_t n_separating = 0;
    for (size_t c = 0; c < d; c++)
        most = fmax(most, extent(n, columns + c * stride, of, range));
    for (size_t c = 0; c < d; c++) {
        const double *at = columns + c * stride;
        double first[2], second[2];
        extent(half, at, of, first);
        extent(n - half, at, of + half, second);
        n_separating += extent(n, at, of, range) == most && first[1] <= second[0];
    }
    CHECK(n_separating > 0);
    check_halves(half, d, stride, cell, of);
    check_halves(n - half, d, stride, cell, of + half);
}

static void check_order(size_t n, size_t d, size_t cell)
{
    static unsigned char seen[MAX_N];
    memset(seen, 0, sizeof seen);
    ip_order_by_place(n, d, columns, n, cell, order);
    for (size_t i = 0; i < n; i++) {
        CHECK(order[i] < n && !seen[order[i]]);
        seen[order[i]] = 1;
    }
    if (d > 0)
        check_halves(n, d, n, cell, order);
}

int main(void)
{
    static const size_t many[] = {1, 2, 3, 17, 31, 32, 33, MAX_N}, wide[] = {0, 1, 2, MAX_D};
    for (unsigned round = 0; round < 64; round++) {
        const size_t n = many[round / 2 % 8], d = wide[round / 16 % 4];
        draw(n, d, round);
        check_order(n, d, round % 3 == 0 ? 1 : round % 3 == 1 ? 8 : 32);
    }
    return check_finish();
}
