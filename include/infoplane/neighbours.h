/* neighbours.h - distances in the maximum norm from one point to all, and what is counted in them
 *
 * Points are stored by coordinate, (d, n), so that the distances from one point to all n lie in one
 * row: neighbours are the smallest of that row, and a ball is counted by comparing with its radius.
 * Comparisons are those of the numbers as they are, < or <=, without a tolerance. */
#ifndef INFOPLANE_NEIGHBOURS_H
#define INFOPLANE_NEIGHBOURS_H

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

/* distance (n): the largest |difference| of a coordinate between point i and each of the n; 0 to
 * itself, and to all where d = 0. columns (d, n), finite. O(n d) time. */
void ip_max_distances(size_t n, size_t d, const double *columns, size_t i, double *distance);

/* max (n): the larger of a (n) and b (n), the distance in the product of two spaces. None overlap.
 */
void ip_max_of(size_t n, const double *a, const double *b, double *max);

/* smallest (k), ascending: the k smallest of n values, INFINITY where there are fewer; k >= 1. A
 * value that appears twice counts twice. O(n + k^2 log(n / k)) time for values in random order. */
void ip_smallest(size_t n, const double *values, size_t k, double *smallest);

/* How many of n values are < limit, and how many are <= limit. */
size_t ip_count_below(size_t n, const double *values, double limit);
size_t ip_count_within(size_t n, const double *values, double limit);

#endif
