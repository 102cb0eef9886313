/* neighbours_probe.c - every estimator from nearest neighbours on numbers from a file, for
 * test_neighbours_numpy.py
 *
 * neighbours_probe N D D_X C IN OUT K... IN: t (N, D), x (N, D_X), p_x (N), p_y_given_x (N, C)
 * float64; D_X 0: x is not known. OUT: for every K ksg of variant 1, of variant 2, mixed-ksg and
 * ross: I(X;T), I(T;Y), flags as float64. */
#include "infoplane/estimator.h"
#include <stdio.h>
#include <stdlib.h>

enum { MOST = 64 };

static void die(const char *text)
{
    fprintf(stderr, "neighbours_probe: %s\n", text);
    exit(EXIT_FAILURE);
}

static double *take(FILE *in, size_t count)
{
    double *at = malloc(count * sizeof *at + 1);
    if (at == NULL || fread(at, sizeof *at, count, in) != count)
        die("cannot read");
    return at;
}

/* Makes four requests of each k; returns how many there are. */
static size_t make_requests(int n_k, char **k, ip_neighbours_options *options, ip_request *requests)
{
    static const ip_estimator *const kinds[] = {&ip_estimator_ksg, &ip_estimator_ksg,
                                                &ip_estimator_mixed_ksg, &ip_estimator_ross};
    size_t n = 0;
    for (int i = 0; i < n_k; i++) {
        for (size_t kind = 0; kind < IP_LENGTH(kinds) && n < MOST; kind++, n++) {
            options[n] = (ip_neighbours_options){strtoull(k[i], NULL, 10), kind == 1 ? 2 : 1};
            requests[n] = (ip_request){kinds[kind], &options[n], 0};
        }
    }
    return n;
}

static void write_results(const char *path, size_t n, const ip_information *out)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        die("cannot open");
    for (size_t i = 0; i < n; i++) {
        const double values[] = {out[i].i_xt, out[i].i_ty, out[i].flags};
        if (fwrite(values, sizeof *values, 3, file) != 3)
            die("cannot write");
    }
    if (fclose(file) != 0)
        die("cannot write");
}

int main(int argc, char **argv)
{
    ip_neighbours_options options[MOST];
    ip_request requests[MOST];
    ip_information out[MOST];
    ip_error err;
    if (argc < 8)
        die("expected at least 7 arguments");
    ip_sample sample = {.n = strtoull(argv[1], NULL, 10),
                        .d = strtoull(argv[2], NULL, 10),
                        .d_x = strtoull(argv[3], NULL, 10),
                        .c = strtoull(argv[4], NULL, 10)};
    FILE *in = fopen(argv[5], "rb");
    if (in == NULL)
        die("cannot open");
    double *t = take(in, sample.n * sample.d);
    double *x = take(in, sample.n * sample.d_x);
    double *p_x = take(in, sample.n);
    double *p_y = take(in, sample.n * sample.c);
    fclose(in);
    sample.t = t;
    sample.x = sample.d_x > 0 ? x : NULL;
    sample.p_x = p_x;
    sample.p_y_given_x = p_y;
    const size_t n = make_requests(argc - 7, argv + 7, options, requests);
    const size_t bytes = ip_estimate_scratch_bytes(requests, n, &sample);
    void *scratch = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (scratch == NULL)
        die("out of memory");
    if (ip_estimate(requests, n, &sample, scratch, out, &err) != IP_OK)
        die(err.text);
    write_results(argv[6], n, out);
    free(scratch);
    free(t);
    free(x);
    free(p_x);
    free(p_y);
    return EXIT_SUCCESS;
}
