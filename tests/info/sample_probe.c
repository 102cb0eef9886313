/* sample_probe.c - one call of any estimator on numbers from a file, for comparisons with other
 * implementations
 *
 * sample_probe NAME SIDE N D C IN OUT [KEY=VALUE...]. SIDE: index into the estimator's sides.
 * IN: t (N, D), p_x (N), p_y_given_x (N, C) and q_y_given_x (N, C) float64, x_id (N) uint32;
 * sample->seed is 1. OUT: i_xt, i_ty, i_xt_se, i_ty_se, flags and processor seconds of the call,
 * float64. */
#include "infoplane/estimator.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void die(const char *text)
{
    fprintf(stderr, "sample_probe: %s\n", text);
    exit(EXIT_FAILURE);
}

static void *allocate(size_t bytes)
{
    void *at = aligned_alloc(64, (bytes / 64 + 1) * 64);
    if (at == NULL)
        die("out of memory");
    return at;
}

static void *take(FILE *in, size_t count, size_t size)
{
    void *at = allocate(count * size);
    if (fread(at, size, count, in) != count)
        die("cannot read");
    return at;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void set(const ip_estimator *estimator, void *options, char *assignment)
{
    ip_error err;
    char *equals = strchr(assignment, '=');
    if (equals == NULL)
        die("expected KEY=VALUE");
    *equals = '\0';
    const ip_field *field = ip_fields_find(estimator->fields, estimator->n_fields, assignment);
    if (field == NULL)
        die("unknown key");
    if (ip_field_read(field, equals + 1, false, ip_field_at_mutable(field, options), &err) != IP_OK)
        die(err.text);
}

static void write_results(const char *path, const ip_request *request, const ip_sample *sample)
{
    ip_information out;
    ip_error err;
    void *scratch = allocate(ip_estimate_scratch_bytes(request, 1, sample));
    const double before = seconds();
    if (ip_estimate(request, 1, sample, scratch, &out, &err) != IP_OK)
        die(err.text);
    const double results[] = {out.i_xt,    out.i_ty,          out.i_xt_se,
                              out.i_ty_se, (double)out.flags, seconds() - before};
    FILE *file = fopen(path, "wb");
    if (file == NULL ||
        fwrite(results, sizeof *results, IP_LENGTH(results), file) != IP_LENGTH(results) ||
        fclose(file) != 0)
        die("cannot write");
    free(scratch);
}

int main(int argc, char **argv)
{
    _Alignas(double) unsigned char options[IP_ESTIMATOR_OPTIONS_SIZE] = {0};
    if (argc < 8)
        die("expected 7 arguments or more");
    const ip_estimator *estimator = ip_estimator_at(ip_names_find(ip_estimator_name, argv[1]));
    if (estimator == NULL)
        die("unknown estimator");
    ip_fields_set_defaults(estimator->fields, estimator->n_fields, options);
    for (int i = 8; i < argc; i++)
        set(estimator, options, argv[i]);
    ip_sample sample = {.n = strtoull(argv[3], NULL, 10),
                        .d = strtoull(argv[4], NULL, 10),
                        .c = strtoull(argv[5], NULL, 10),
                        .seed = 1};
    FILE *in = fopen(argv[6], "rb");
    if (in == NULL)
        die("cannot open");
    double *t = take(in, sample.n * sample.d, sizeof *t);
    double *p_x = take(in, sample.n, sizeof *p_x);
    double *p_y = take(in, sample.n * sample.c, sizeof *p_y);
    double *q_y = take(in, sample.n * sample.c, sizeof *q_y);
    uint32_t *x_id = take(in, sample.n, sizeof *x_id);
    fclose(in);
    sample.t = t;
    sample.p_x = p_x;
    sample.p_y_given_x = p_y;
    sample.q_y_given_x = q_y;
    sample.x_id = x_id;
    write_results(argv[7], &(ip_request){estimator, options, strtoull(argv[2], NULL, 10)}, &sample);
    free(t);
    free(p_x);
    free(p_y);
    free(q_y);
    free(x_id);
    return EXIT_SUCCESS;
}
