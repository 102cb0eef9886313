/* space.c - neighbours by cells of rows that are near one another
 *
 * What: a row knows its distances to a cell only once it asks for them; before that, the cell's
 *   extents tell between which they lie. An extent is one of the rows' coordinates and the
 *   difference of two is rounded alike, so a bound never lies within the distances it bounds.
 * Source: the cells of Bentley, "Multidimensional binary search trees", Comm. ACM 18, 509 (1975),
 *   all of one size and searched from the row's own outward.
 * Cost: of a row, about n_cells d for the bounds and IP_CELL d for each cell that is entered. */
#include "info/space.h"
#include "info/info_internal.h"
#include "infoplane/kernels.h"
#include "infoplane/place.h"
#include <math.h>
#include <string.h>

/* Above so many coordinates cells reach across the whole sample, and bounds are not worth it. */
enum { MOST_BOUNDED = 12 };

static size_t cells_of(size_t n)
{
    return (n + IP_CELL - 1) / IP_CELL;
}

static size_t width(const ip_space *space)
{
    return space->d[IP_FIRST] + space->d[IP_SECOND];
}

void ip_space_cut(ip_cut *at, size_t n, size_t d_first, size_t d_second, size_t k_most,
                  ip_space *space)
{
    const size_t d[] = {d_first > 0 ? d_first : 1, d_second > 0 ? d_second : 1};
    const size_t n_cells = cells_of(n), stride = n_cells * IP_CELL, both = d[0] + d[1];
    *space = (ip_space){.n = n, .k_most = k_most, .d = {d[0], d[1]}};
    for (int part = 0; part < IP_N_PARTS; part++) {
        space->rows[part] = ip_cut_take(at, n * d[part], sizeof(double));
        space->numbers[part] = ip_cut_take(at, n, sizeof(uint32_t));
        space->distance[part] = ip_cut_take(at, stride, sizeof(double));
        space->is_known[part] = ip_cut_take(at, n_cells, 1);
        space->least[part] = ip_cut_take(at, n_cells, sizeof(double));
        space->most[part] = ip_cut_take(at, n_cells, sizeof(double));
    }
    for (int part = 0; part <= IP_N_PARTS; part++)
        space->equals[part] = ip_cut_take(at, n, sizeof(uint32_t));
    space->at = ip_cut_take(at, both * stride, sizeof(double));
    space->low = ip_cut_take(at, both * n_cells, sizeof(double));
    space->high = ip_cut_take(at, both * n_cells, sizeof(double));
    space->place = ip_cut_take(at, n, sizeof(uint32_t));
    space->columns = ip_cut_take(at, both * n, sizeof(double));
    space->order = ip_cut_take(at, n, sizeof(uint32_t));
    space->pairs = ip_cut_take(at, n, sizeof(uint64_t));
    space->table = ip_cut_take(at, ip_number_rows_bytes(n), 1);
    space->from = ip_cut_take(at, both, sizeof(double));
    space->nearest = ip_cut_take(at, k_most + 1, sizeof(double));
}

void ip_space_put(ip_space *space, int part, size_t n, size_t d, const double *rows)
{
    for (size_t i = 0; i < n * d; i++)
        space->rows[part][i] = rows[i] + 0.0;
    if (d == 0)
        memset(space->rows[part], 0, n * sizeof(double));
}

/* ---- equal rows ---- */

/* Of rows numbered below n; room (n). */
static void count_equals(size_t n, const uint32_t *number, uint32_t *room, uint32_t *equals)
{
    memset(room, 0, n * sizeof *room);
    for (size_t i = 0; i < n; i++)
        room[number[i]]++;
    for (size_t i = 0; i < n; i++)
        equals[i] = room[number[i]];
}

static void find_equals(ip_space *space)
{
    const size_t n = space->n;
    for (int part = 0; part < IP_N_PARTS; part++) {
        ip_number_rows(n, space->d[part] * sizeof(double), space->rows[part], space->table,
                       space->numbers[part]);
        count_equals(n, space->numbers[part], space->order, space->equals[part]);
    }
    for (size_t i = 0; i < n; i++)
        space->pairs[i] =
            (uint64_t)space->numbers[IP_FIRST][i] << 32 | space->numbers[IP_SECOND][i];
    ip_number_rows(n, sizeof *space->pairs, space->pairs, space->table, space->numbers[IP_FIRST]);
    count_equals(n, space->numbers[IP_FIRST], space->order, space->equals[IP_N_PARTS]);
}

/* ---- cells ---- */

static void order_rows(ip_space *space)
{
    const size_t n = space->n;
    ip_points_by_coordinate(n, space->d[IP_FIRST], space->rows[IP_FIRST], space->columns);
    ip_points_by_coordinate(n, space->d[IP_SECOND], space->rows[IP_SECOND],
                            space->columns + space->d[IP_FIRST] * n);
    for (size_t i = 0; i < n; i++)
        space->order[i] = (uint32_t)i;
    ip_order_by_place(n, width(space), space->columns, n, IP_CELL, space->order);
    for (size_t i = 0; i < n; i++)
        space->place[space->order[i]] = (uint32_t)i;
}

static size_t end_of(const ip_space *space, size_t cell)
{
    const size_t end = (cell + 1) * IP_CELL;
    return end < space->n ? end : space->n;
}

static void fill_cells(ip_space *space)
{
    for (size_t k = 0; k < width(space); k++) {
        double *at = space->at + k * space->stride;
        for (size_t i = 0; i < space->stride; i++)
            at[i] =
                i < space->n ? space->columns[k * space->n + space->order[i]] : (double)INFINITY;
        for (size_t cell = 0; cell < space->n_cells; cell++) {
            double low = at[cell * IP_CELL], high = low;
            for (size_t i = cell * IP_CELL; i < end_of(space, cell); i++) {
                low = fmin(low, at[i]);
                high = fmax(high, at[i]);
            }
            space->low[k * space->n_cells + cell] = low;
            space->high[k * space->n_cells + cell] = high;
        }
    }
}

void ip_space_take(size_t n, ip_space *space)
{
    space->n = n;
    space->n_cells = cells_of(n);
    space->stride = space->n_cells * IP_CELL;
    find_equals(space);
    order_rows(space);
    fill_cells(space);
    for (int part = 0; part < IP_N_PARTS; part++) {
        for (size_t cell = 0; cell < space->n_cells; cell++) {
            space->least[part][cell] = 0;
            space->most[part][cell] = (double)INFINITY;
        }
    }
}

/* ---- the row at hand ---- */

static inline double larger(double a, double b)
{
    return a > b ? a : b;
}

/* Widens what is known of each cell's distances in a part by one more coordinate. */
static void bound(size_t n_cells, const double *restrict low, const double *restrict high,
                  double from, double *restrict least, double *restrict most)
{
    for (size_t cell = 0; cell < n_cells; cell++) {
        const double below = from - low[cell], above = high[cell] - from;
        least[cell] = larger(larger(-below, -above), least[cell]);
        most[cell] = larger(larger(below, above), most[cell]);
    }
}

static void bound_cells(ip_space *space)
{
    size_t k = 0;
    for (int part = 0; part < IP_N_PARTS; part++) {
        memset(space->least[part], 0, space->n_cells * sizeof(double));
        memset(space->most[part], 0, space->n_cells * sizeof(double));
        for (size_t end = k + space->d[part]; k < end; k++)
            bound(space->n_cells, space->low + k * space->n_cells, space->high + k * space->n_cells,
                  space->from[k], space->least[part], space->most[part]);
    }
}

/* The distances of a cell in one part. */
static const double *distances(ip_space *space, int part, size_t cell)
{
    const size_t first = part == IP_FIRST ? 0 : space->d[IP_FIRST], column = cell * IP_CELL;
    double *distance = space->distance[part] + column;
    if (!space->is_known[part][cell])
        ip_kernels_in_use()->cell_distances(space->d[part],
                                            space->at + first * space->stride + column,
                                            space->stride, space->from + first, distance);
    space->is_known[part][cell] = 1;
    return distance;
}

/* Takes one distance into the k smallest, ascending; the largest of them was above it. */
static void insert(double distance, size_t k, double *smallest)
{
    size_t l = k - 1;
    for (; l > 0 && distance < smallest[l - 1]; l--)
        smallest[l] = smallest[l - 1];
    smallest[l] = distance;
}

/* Finds the nearest among the rows of a cell. */
static void enter(ip_space *space, size_t cell)
{
    const size_t k = space->k_most + 1;
    const double *first = distances(space, IP_FIRST, cell);
    const double *second = distances(space, IP_SECOND, cell);
    double both[IP_CELL];
    if (ip_kernels_in_use()->cell_larger(first, second, space->nearest[k - 1], both) == 0)
        return;
    for (size_t i = 0; i < IP_CELL; i++) {
        if (both[i] < space->nearest[k - 1])
            insert(both[i], k, space->nearest);
    }
}

static double least_of_both(const ip_space *space, size_t cell)
{
    return larger(space->least[IP_FIRST][cell], space->least[IP_SECOND][cell]);
}

static void enter_if_near(ip_space *space, size_t cell)
{
    if (least_of_both(space, cell) < space->nearest[space->k_most])
        enter(space, cell);
}

void ip_space_look(ip_space *space, size_t i)
{
    const size_t n_cells = space->n_cells, own = space->place[i] / IP_CELL;
    for (size_t k = 0; k < width(space); k++)
        space->from[k] = space->at[k * space->stride + space->place[i]];
    for (int part = 0; part < IP_N_PARTS; part++)
        memset(space->is_known[part], 0, n_cells);
    if (width(space) <= MOST_BOUNDED)
        bound_cells(space);
    for (size_t l = 0; l <= space->k_most; l++)
        space->nearest[l] = (double)INFINITY;
    enter(space, own);
    for (size_t away = 1; away < n_cells; away++) {
        if (away <= own)
            enter_if_near(space, own - away);
        if (own + away < n_cells)
            enter_if_near(space, own + away);
    }
}

/* ---- counts ---- */

size_t ip_space_count_below(ip_space *space, int part, double limit)
{
    size_t count = 0;
    for (size_t cell = 0; cell < space->n_cells; cell++) {
        if (!(space->least[part][cell] < limit))
            continue;
        if (space->most[part][cell] < limit)
            count += end_of(space, cell) - cell * IP_CELL;
        else
            count += ip_kernels_in_use()->cell_below(distances(space, part, cell), limit);
    }
    return count;
}

size_t ip_space_count_within(ip_space *space, int part, double limit)
{
    return ip_space_count_below(space, part, nextafter(limit, (double)INFINITY));
}

void ip_space_reach(ip_space *space, double limit, double reach[IP_N_PARTS])
{
    reach[IP_FIRST] = reach[IP_SECOND] = 0;
    for (size_t cell = 0; cell < space->n_cells; cell++) {
        if (least_of_both(space, cell) > limit)
            continue;
        const double *first = distances(space, IP_FIRST, cell);
        const double *second = distances(space, IP_SECOND, cell);
        for (size_t i = 0; i < IP_CELL; i++) {
            const bool is_near = first[i] <= limit && second[i] <= limit;
            reach[IP_FIRST] = is_near ? larger(first[i], reach[IP_FIRST]) : reach[IP_FIRST];
            reach[IP_SECOND] = is_near ? larger(second[i], reach[IP_SECOND]) : reach[IP_SECOND];
        }
    }
}
