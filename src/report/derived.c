/* derived.c - columns worked out of I(X;T) and I(T;Y) */
#include "report/derived.h"
#include <math.h>

/* X, T and Y are a Markov chain: what T keeps of X beyond what it tells of Y. */
static double given_label(const ip_place *place)
{
    return place->i_xt - place->i_ty;
}

/* How much more than the layer before: above 0, the data processing inequality is broken. */
static double excess_of_x(const ip_place *place)
{
    return place->i_xt - place->before_i_xt;
}

static double excess_of_y(const ip_place *place)
{
    return place->i_ty - place->before_i_ty;
}

static bool has_curve(const ip_place *place)
{
    return place->curve != NULL && place->curve->n > 0 && !isnan(place->i_xt - place->i_ty);
}

/* How far the layer lies right of the curve, at least. */
static double horizontal_gap(const ip_place *place)
{
    const ip_frontier *curve = place->curve;
    if (!has_curve(place))
        return (double)NAN;
    return place->i_xt - ip_bound_i_xt_at(&curve->task, curve->n, curve->points, place->i_ty).high;
}

/* How far it lies below, at least. */
static double vertical_gap(const ip_place *place)
{
    const ip_frontier *curve = place->curve;
    if (!has_curve(place))
        return (double)NAN;
    return ip_bound_i_ty_at(&curve->task, curve->n, curve->points, place->i_xt).low - place->i_ty;
}

const ip_derived_column ip_derived[] = {
    {"I_XT_given_Y", given_label}, {"gap_I_XT", horizontal_gap}, {"gap_I_TY", vertical_gap},
    {"excess_I_XT", excess_of_x},  {"excess_I_TY", excess_of_y},
};
const size_t ip_n_derived = IP_LENGTH(ip_derived);

ip_status ip_frontier_read(const ip_store *store, ip_frontier *to, ip_error *err)
{
    ip_store_curve curve;
    IP_TRY(ip_store_read_curve(store, &curve, err));
    to->task = (ip_bound_task){.h_x = curve.h_x, .h_y = curve.h_y, .i_xy = curve.i_xy};
    to->n = curve.n;
    for (size_t i = 0; i < curve.n; i++)
        to->points[i] = (ip_bound_point){.beta = curve.points[i].beta,
                                         .i_xt = curve.points[i].i_xt,
                                         .i_ty = curve.points[i].i_ty,
                                         .gap = curve.points[i].gap,
                                         .proven = curve.points[i].proven != 0};
    return IP_OK;
}
