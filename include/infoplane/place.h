/* place.h - points by coordinate, and near ones together */
#ifndef INFOPLANE_PLACE_H
#define INFOPLANE_PLACE_H

#include <stddef.h>
#include <stdint.h>

/* points (n, d) row-major to columns (d, n); the two do not overlap. */
void ip_points_by_coordinate(size_t n, size_t d, const double *points, double *columns);

/* Reorders n indices of points so that near points stand near one another: halves them at the
 * median of the coordinate of widest extent, the first half in whole cells, until a half is no more
 * than one cell. columns: rows are stride doubles apart, finite. O(n d log n) time; allocates
 * nothing. Source: Bentley, "Multidimensional binary search trees", Comm. ACM 18, 509 (1975). */
void ip_order_by_place(size_t n, size_t d, const double *columns, size_t stride, size_t cell,
                       uint32_t *order);

#endif
