/* bound_overlay.c - a layer's point against the curve
 *
 * The frontier is concave and does not fall, so between two of its points it lies above their
 * chord; and F >= its certified minimum at every beta is a straight line that it lies below. */
#include "info/bound_internal.h"

typedef struct place {
    double x, y;
} place;

/* Least I(X;T) - beta I(T;Y) of any code, in bits, by the certificate. */
static double least_f(const ip_bound_point *point)
{
    return point->i_xt - point->beta * point->i_ty - point->gap;
}

/* Point i of what is known: n computed ones, then the origin and the top. */
static place place_at(const ip_bound_task *task, size_t n, const ip_bound_point *points, size_t i)
{
    if (i < n)
        return (place){points[i].i_xt, points[i].i_ty};
    return i == n ? (place){0.0, 0.0} : (place){task->h_x, task->i_xy};
}

ip_bound_range ip_bound_i_ty_at(const ip_bound_task *task, size_t n, const ip_bound_point *points,
                                double i_xt)
{
    place left = {0.0, 0.0};
    place right = {task->h_x, task->i_xy};
    ip_bound_range range = {0.0, fmin(fmax(i_xt, 0.0), task->i_xy)};
    for (size_t i = 0; i < n + 2; i++) {
        const place at = place_at(task, n, points, i);
        if (at.x <= i_xt && (at.x > left.x || (at.x == left.x && at.y > left.y)))
            left = at;
        if (at.x >= i_xt && (at.x < right.x || (at.x == right.x && at.y > right.y)))
            right = at;
        if (i < n && points[i].proven && points[i].beta > 0.0)
            range.high = fmin(range.high, (i_xt - least_f(&points[i])) / points[i].beta);
    }
    const double width = right.x - left.x;
    range.low = width > 0.0 && i_xt < right.x
                    ? left.y + (right.y - left.y) * fmax(i_xt - left.x, 0.0) / width
                    : right.y;
    range.low = i_xt >= task->h_x ? task->i_xy : range.low;
    range.high = fmax(range.high, range.low);
    return range;
}

ip_bound_range ip_bound_i_xt_at(const ip_bound_task *task, size_t n, const ip_bound_point *points,
                                double i_ty)
{
    const double rounding = 1e-12;
    place left = {0.0, 0.0};
    place right = {task->h_x, task->i_xy};
    ip_bound_range range = {fmax(i_ty, 0.0), 0.0};
    if (!(i_ty <= task->i_xy + rounding))
        return (ip_bound_range){(double)NAN, (double)NAN};
    const double y = fmin(i_ty, task->i_xy);
    for (size_t i = 0; i < n + 2; i++) {
        const place at = place_at(task, n, points, i);
        if (at.y <= y && (at.y > left.y || (at.y == left.y && at.x < left.x)))
            left = at;
        if (at.y >= y && (at.y < right.y || (at.y == right.y && at.x < right.x)))
            right = at;
        if (i < n && points[i].proven)
            range.low = fmax(range.low, least_f(&points[i]) + points[i].beta * y);
    }
    const double height = right.y - left.y;
    range.high =
        height > 0.0 ? left.x + (right.x - left.x) * fmax(y - left.y, 0.0) / height : left.x;
    range.low = fmin(range.low, range.high);
    return range;
}
