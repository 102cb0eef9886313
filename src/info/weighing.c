/* weighing.c - the rows of a sample weighed, apart from any layer
 *
 * The weights p(x) are divided by the largest: equal ones become 1, their sums whole numbers and
 * exact, and rows that are alone in their symbol need no logarithm (1 log 1 = 0). Logarithms of
 * single rows with their labels are taken when first needed, and kept: the rows stay the same from
 * layer to layer and snapshot to snapshot, and most symbols of a fine ruler are single rows. */
#include "info/info_internal.h"
#include "infoplane/estimator.h"
#include <assert.h>
#include <math.h>
#include <string.h>

size_t ip_weighing_bytes(size_t n, size_t c)
{
    return (2 * n + n * c + c) * sizeof(double);
}

static void weigh(const ip_sample *sample, ip_weighing *w)
{
    double largest = 0.0;
    for (size_t i = 0; i < sample->n; i++)
        largest = sample->p_x[i] > largest ? sample->p_x[i] : largest;
    assert(largest > 0.0);
    w->is_even = true;
    for (size_t i = 0; i < sample->n; i++) {
        w->w_x[i] = sample->p_x[i] / largest;
        w->total += w->w_x[i];
        w->is_even = w->is_even && w->w_x[i] == 1.0;
    }
}

static void weigh_labels(const ip_sample *sample, ip_weighing *w)
{
    const size_t c = sample->c;
    memset(w->w_y, 0, c * sizeof *w->w_y);
    w->is_counted = w->is_even;
    for (size_t i = 0; i < sample->n; i++) {
        for (size_t y = 0; y < c; y++) {
            const double p = sample->p_y_given_x[i * c + y];
            w->w_xy[i * c + y] = w->w_x[i] * p;
            w->w_y[y] += w->w_xy[i * c + y];
            w->is_counted = w->is_counted && (p == 0.0 || p == 1.0);
        }
    }
}

/* Marks (n) is room. */
static void count_inputs(const ip_sample *sample, uint32_t *marks, ip_weighing *w)
{
    w->n_inputs = sample->n;
    w->inputs_differ = true;
    if (sample->x_id == NULL)
        return;
    size_t most = 0;
    memset(marks, 0, sample->n * sizeof *marks);
    for (size_t i = 0; i < sample->n; i++) {
        const uint32_t x = sample->x_id[i];
        assert(x < sample->n);
        most = x > most ? x : most;
        w->inputs_differ = w->inputs_differ && marks[x] == 0;
        marks[x] = 1;
    }
    w->n_inputs = most + 1;
}

/* Room (n). */
static double entropy_of_inputs(const ip_sample *sample, double *room, const ip_weighing *w)
{
    if (w->inputs_differ)
        return ip_entropy_of_weights(sample->n, w->w_x, w->total);
    memset(room, 0, sample->n * sizeof *room);
    for (size_t i = 0; i < sample->n; i++)
        room[sample->x_id[i]] += w->w_x[i];
    return ip_entropy_of_weights(sample->n, room, w->total);
}

ip_weighing ip_weighing_make(const ip_sample *sample, void *memory)
{
    const size_t n = sample->n, c = sample->c;
    ip_weighing w = {.w_x = memory, .h_x = (double)NAN, .h_xy = (double)NAN};
    w.row_sum = w.w_x + n;
    w.w_xy = w.row_sum + n;
    w.w_y = w.w_xy + n * c;
    weigh(sample, &w);
    weigh_labels(sample, &w);
    count_inputs(sample, (uint32_t *)(void *)w.row_sum, &w);
    w.h_inputs = entropy_of_inputs(sample, w.row_sum, &w);
    for (size_t i = 0; i < n; i++)
        w.row_sum[i] = (double)NAN;
    w.h_y = ip_entropy_of_weights(c, w.w_y, w.total);
    return w;
}

double ip_entropy_of_weights(size_t n, const double *w, double total)
{
    return log2(total) - ip_sum_of_logs(n, w) / total;
}

void ip_weighing_rows(ip_weighing *w, size_t n, size_t c)
{
    if (!isnan(w->h_x))
        return;
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += ip_weighing_row(w, c, i);
    w->h_x = ip_entropy_of_weights(n, w->w_x, w->total);
    w->h_xy = log2(w->total) - sum / w->total;
}
