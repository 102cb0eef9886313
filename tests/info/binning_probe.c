/* binning_probe.c - one call of the binning estimator on numbers from a file, for
 * test_binning_numpy.py
 *
 * binning_probe RULE BINS WIDTH LO HI N D C IN OUT. LO may be a word for the range. IN: t (N, D)
 * float32, p_x (N) and p_y_given_x (N, C) float64, x_id (N) uint32. OUT: codes (N, D) int64,
 * I(X;T), I(T;Y) float64. */
#include "infoplane/estimator.h"
#include <stdio.h>
#include <stdlib.h>

static void die(const char *text)
{
    fprintf(stderr, "binning_probe: %s\n", text);
    exit(EXIT_FAILURE);
}

static void *take(FILE *in, size_t count, size_t size)
{
    void *at = malloc(count * size);
    if (at == NULL || fread(at, size, count, in) != count)
        die("cannot read");
    return at;
}

static void write_results(const char *path, const ip_binning_options *options,
                          const ip_sample *sample)
{
    ip_information out;
    ip_error err;
    const size_t n = sample->n * sample->d;
    int64_t *codes = malloc(n * sizeof *codes);
    void *room = malloc(ip_codes_bytes(sample->n, sample->d));
    const ip_request request = {&ip_estimator_binning, options, 0};
    const size_t bytes = ip_estimate_scratch_bytes(&request, 1, sample);
    void *scratch = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (codes == NULL || room == NULL || scratch == NULL)
        die("out of memory");
    ip_quantizer quantizer = ip_quantizer_open(&request, 1, sample, scratch);
    unsigned flags = 0;
    ip_codes read;
    if (ip_quantize(&quantizer, options, room, &read, &flags, &err) != IP_OK)
        die(err.text);
    for (size_t i = 0; i < n; i++)
        codes[i] = ip_code(&read, i);
    if (ip_estimate(&request, 1, sample, scratch, &out, &err) != IP_OK)
        die(err.text);
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(codes, sizeof *codes, n, file) != n ||
        fwrite(&out.i_xt, sizeof out.i_xt, 1, file) != 1 ||
        fwrite(&out.i_ty, sizeof out.i_ty, 1, file) != 1 || fclose(file) != 0)
        die("cannot write");
    free(codes);
    free(room);
    free(scratch);
}

static ip_reals range_of(const char *lo, const char *hi)
{
    const size_t word = ip_names_find(ip_binning_range_name, lo);
    if (ip_binning_range_name(word) != NULL)
        return (ip_reals){.at = {(double)word}};
    return (ip_reals){2, {strtod(lo, NULL), strtod(hi, NULL)}};
}

int main(int argc, char **argv)
{
    if (argc != 11)
        die("expected 10 arguments");
    const ip_binning_options options = {
        .rule = (int)ip_names_find(ip_binning_rule_name, argv[1]),
        .bins = strtoull(argv[2], NULL, 10),
        .width = strtod(argv[3], NULL),
        .range = range_of(argv[4], argv[5]),
    };
    ip_sample sample = {.n = strtoull(argv[6], NULL, 10),
                        .d = strtoull(argv[7], NULL, 10),
                        .c = strtoull(argv[8], NULL, 10)};
    FILE *in = fopen(argv[9], "rb");
    if (in == NULL)
        die("cannot open");
    float *single = take(in, sample.n * sample.d, sizeof *single);
    double *t = malloc(sample.n * sample.d * sizeof *t);
    if (t == NULL)
        die("out of memory");
    for (size_t i = 0; i < sample.n * sample.d; i++)
        t[i] = (double)single[i];
    double *p_x = take(in, sample.n, sizeof *p_x);
    double *p_y = take(in, sample.n * sample.c, sizeof *p_y);
    uint32_t *x_id = take(in, sample.n, sizeof *x_id);
    fclose(in);
    sample.t = t;
    sample.bits = 1;
    sample.epoch_range = sample.run_range = (const double[]){-0.5, 2.25};
    sample.p_x = p_x;
    sample.p_y_given_x = p_y;
    sample.x_id = x_id;
    write_results(argv[10], &options, &sample);
    free(single);
    free(t);
    free(p_x);
    free(p_y);
    free(x_id);
    return EXIT_SUCCESS;
}
