/* space.h - rows of two variables together, X or the label and T, in which neighbours are found
 *
 * Distances are those of the maximum norm: of both together the larger of the two parts. Rows are
 * ordered by place and stand in cells of IP_CELL whose extents are known, so in few dimensions most
 * cells are passed over, or counted whole, unseen. In many, where no cell is far from another,
 * every distance is worked out, once. Either way the numbers compared are the same. */
#ifndef INFO_SPACE_H
#define INFO_SPACE_H

#include "info/scratch.h"
#include <stdint.h>

enum { IP_FIRST, IP_SECOND, IP_N_PARTS };

typedef struct ip_space {
    size_t n, k_most;                 /* rows; neighbours that can be asked for */
    size_t d[IP_N_PARTS];             /* coordinates of each part, at least 1 */
    size_t n_cells, stride;           /* n rounded up to whole cells */
    double *rows[IP_N_PARTS];         /* (n, d) as given, -0 as 0 */
    uint32_t *equals[IP_N_PARTS + 1]; /* (n) how many rows equal each, itself included; the last: in
                                         both parts */

    /* for the files of space.c alone */
    double *at;         /* (d of both, stride) in the order of places, INFINITY past the last row */
    double *low, *high; /* (d of both, n_cells) extents of the cells */
    uint32_t *place;    /* (n) where each row stands */
    double *columns;    /* (d of both, n) room */
    uint32_t *order, *numbers[IP_N_PARTS]; /* (n) room */
    uint64_t *pairs;                       /* (n) room */
    void *table;                           /* room to find equal rows */

    /* of the row at hand */
    double *from;                 /* (d of both) */
    double *nearest;              /* (k_most + 1) ascending: itself, its first neighbour, ... */
    double *distance[IP_N_PARTS]; /* (stride) where its cell is known */
    unsigned char *is_known[IP_N_PARTS]; /* (n_cells) */
    double *least[IP_N_PARTS],
        *most[IP_N_PARTS]; /* (n_cells) between which distances of a cell lie */
} ip_space;

/* Cuts room for up to n rows of d_first and d_second coordinates (0 counts as 1) and k_most
 * neighbours. */
void ip_space_cut(ip_cut *at, size_t n, size_t d_first, size_t d_second, size_t k_most,
                  ip_space *space);

/* Takes n rows that were put into rows[]; d as cut. The values are finite. O(n d log n) time. */
void ip_space_take(size_t n, ip_space *space);

/* Copies n rows of d coordinates to where ip_space_take expects a part, with zeros where d is 0. */
void ip_space_put(ip_space *space, int part, size_t n, size_t d, const double *rows);

/* Turns to row i: finds its nearest rows in both parts. At most O(n d) time. */
void ip_space_look(ip_space *space, size_t i);

/* How many rows, the one at hand among them, are nearer to it than limit in one part, or as near;
 * limit is finite. */
size_t ip_space_count_below(ip_space *space, int part, double limit);
size_t ip_space_count_within(ip_space *space, int part, double limit);

/* How far the rows that are as near as limit in both reach in each part. */
void ip_space_reach(ip_space *space, double limit, double reach[IP_N_PARTS]);

#endif
