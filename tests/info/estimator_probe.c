/* estimator_probe.c - one call of any estimator on numbers from a file, for tests in Python
 *
 * estimator_probe ESTIMATOR N D C D_X IN [KEY=VALUE...]. IN, all float64: t (N, D), p_x (N),
 * p_y_given_x (N, C), x (N, D_X). Prints I(X;T), I(T;Y), flags. */
#include "infoplane/estimator.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void die(const char *text)
{
    fprintf(stderr, "estimator_probe: %s\n", text);
    exit(EXIT_FAILURE);
}

static double *take(FILE *in, size_t count)
{
    double *at = malloc(count * sizeof *at);
    if (at == NULL || fread(at, sizeof *at, count, in) != count)
        die("cannot read");
    return at;
}

/* Sets one parameter out of KEY=VALUE. */
static void set(const ip_estimator *estimator, char *text, void *options)
{
    char *equals = strchr(text, '=');
    ip_error err;
    if (equals == NULL)
        die("expected KEY=VALUE");
    *equals = '\0';
    const ip_field *field = ip_fields_find(estimator->fields, estimator->n_fields, text);
    if (field == NULL)
        die("unknown parameter");
    if (ip_field_read(field, equals + 1, false, ip_field_at_mutable(field, options), &err) != IP_OK)
        die(err.text);
}

static void print(const ip_request *request, const ip_sample *sample)
{
    ip_information out;
    ip_error err;
    const size_t bytes = ip_estimate_scratch_bytes(request, 1, sample);
    void *scratch = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (scratch == NULL)
        die("out of memory");
    if (ip_estimate(request, 1, sample, scratch, &out, &err) != IP_OK)
        die(err.text);
    printf("%.17g %.17g %u\n", out.i_xt, out.i_ty, out.flags);
    free(scratch);
}

int main(int argc, char **argv)
{
    _Alignas(64) char options[IP_ESTIMATOR_OPTIONS_SIZE] = {0};
    if (argc < 7)
        die("expected at least 6 arguments");
    const ip_estimator *estimator = ip_estimator_at(ip_names_find(ip_estimator_name, argv[1]));
    if (estimator == NULL)
        die("unknown estimator");
    ip_fields_set_defaults(estimator->fields, estimator->n_fields, options);
    for (int i = 7; i < argc; i++)
        set(estimator, argv[i], options);
    ip_sample sample = {.n = strtoull(argv[2], NULL, 10),
                        .d = strtoull(argv[3], NULL, 10),
                        .c = strtoull(argv[4], NULL, 10),
                        .d_x = strtoull(argv[5], NULL, 10)};
    FILE *in = fopen(argv[6], "rb");
    if (in == NULL)
        die("cannot open");
    double *parts[] = {take(in, sample.n * sample.d), take(in, sample.n),
                       take(in, sample.n * sample.c), take(in, sample.n * sample.d_x)};
    fclose(in);
    sample.t = parts[0];
    sample.p_x = parts[1];
    sample.p_y_given_x = parts[2];
    sample.x = parts[3];
    print(&(ip_request){estimator, options, 0}, &sample);
    for (size_t i = 0; i < IP_LENGTH(parts); i++)
        free(parts[i]);
    return EXIT_SUCCESS;
}
