/* test_lab_moments.c - mean and spread of the gradients against numbers worked out by hand
 *
 * One linear hidden unit and the sigmoid output, with weights so small (near 1e-12) that p = 1/2:
 * the gradient of the first layer in a batch of one row x of class 0 is then w2 x / 2. Rows that
 * are twice the vectors g below make it w2 g, and w2 is the weight_norm of the output. */
#include "fixture.h"

static ip_dataset *rows_twice(const double *g, size_t n)
{
    ip_error err = {0};
    ip_dataset *data = ip_dataset_new(n, 2, 2, 0);
    for (size_t i = 0; i < n; i++) {
        data->x[2 * i] = (float)(2 * g[2 * i]);
        data->x[2 * i + 1] = (float)(2 * g[2 * i + 1]);
        data->p_y_given_x[2 * i] = 1;
    }
    if (ip_dataset_finish(data, &err) != IP_OK)
        stop_on(&err);
    return data;
}

static void moments(const double *g, size_t n, const char *batch, double mean, double std)
{
    char keys[MOST_SPEC];
    ip_error err = {0};
    snprintf(keys, sizeof keys,
             "task: {name: file, path: none.h5, train_fraction: 1}\n"
             "network: {hidden: [1], activation: linear, output: sigmoid, initializer: normal, "
             "initializer_sd: 1.0e-12}\n"
             "training: {optimizer: sgd, rate: 1.0e-30, epochs: 2, shuffle: none, batch: %s}\n",
             batch);
    fixture f = fixture_over(rows_twice(g, n), keys);
    CHECK_COUNT(fixture_run(&f, 0, &err), IP_OK);
    for (size_t s = 1; s <= 2; s++) { /* each epoch anew */
        const double w2 = seen(&f, IP_WEIGHT_NORM, s, 1);
        /* w2 and each gradient are floats: a few roundings of 2^-24. */
        CHECK_NEAR(seen(&f, IP_GRADIENT_MEAN, s, 0) / w2, mean, 1e-6 * mean);
        CHECK_NEAR(seen(&f, IP_GRADIENT_STD, s, 0) / w2, std, 1e-6);
    }
    fixture_release(&f);
}

int main(void)
{
    /* Mean (1, 1/2), squared distances 1/4 + 5/4 + 1/4 + 5/4 over 4. */
    static const double four[] = {1, 0, 0, 1, 1, 1, 2, 0};
    moments(four, 4, "1", 1.118033988749895, 0.8660254037844386);
    moments(four, 4, "full", 1.118033988749895, 0);
    /* Batches of three and one: (2/3, 2/3) and (2, 0), weighted 3 : 1. */
    moments(four, 4, "3", 1.118033988749895, sqrt(0.75 * (1.0 / 9 + 1.0 / 36) + 0.25 * 1.25));
    /* No spread at all, where a difference of sums of squares would leave about 1e-5. */
    static const double equal[] = {1000.1, 7, 1000.1, 7, 1000.1, 7, 1000.1, 7, 1000.1, 7};
    moments(equal, 5, "1", hypot(1000.1, 7), 0);
    return check_finish();
}
