/* cmd_version.c - what the program was built from and what its results depend on */
#include "cmd/commands.h"
#include "cmd/options.h"
#include "infoplane/kernels.h"
#include "infoplane/matrix.h"
#include "infoplane/spec.h"
#include "infoplane/store.h"
#include <gnu/libc-version.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#if defined(__clang__)
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

#if defined(__AVX512F__)
#define ISA "x86-64-v4"
#elif defined(__AVX2__)
#define ISA "x86-64-v3"
#elif defined(__SSE4_2__)
#define ISA "x86-64-v2"
#elif defined(__x86_64__)
#define ISA "x86-64"
#elif defined(__aarch64__)
#define ISA "aarch64"
#else
#define ISA "other"
#endif

static json_t *version(void)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:s}", "version",
                     IP_VERSION, "mpi", ip_mpi_version(), "hdf5", ip_hdf5_version(), "openblas",
                     ip_blas_version(), "openblas_core", ip_blas_core(), "libyaml",
                     ip_yaml_version(), "libc", gnu_get_libc_version(), "compiler", COMPILER, "isa",
                     ISA, "fma", strcmp(ip_kernels_in_use()->results, "fma") == 0, "kernels",
                     ip_kernels_in_use()->name);
}

void ip_version_json(ip_text *json)
{
    json_t *object = version();
    char *text = json_dumps(object, JSON_INDENT(1));
    ip_text_append(json, "%s", text != NULL ? text : "{}");
    free(text);
    json_decref(object);
}

int ip_cmd_version(int argc, char **argv)
{
    bool as_json = false;
    const ip_option options[] = {{"--json", IP_OPTION_FLAG, &as_json, NULL, "machine-readable"}};
    const ip_usage usage = {"version", "[--json]", "versions of the program and its libraries",
                            "--json",  options,    1,
                            0,         0};
    const ip_parse parsed = ip_options_parse(&usage, argc, argv, NULL, stderr);
    if (parsed != IP_PARSE_GO)
        return (int)parsed;
    json_t *object = version();
    const char *key;
    json_t *value;
    if (as_json) {
        json_dumpf(object, stdout, JSON_INDENT(1));
        putchar('\n');
    } else {
        json_object_foreach(object, key, value)
        {
            if (json_is_string(value))
                printf("%-14s %s\n", strcmp(key, "version") == 0 ? "infoplane" : key,
                       json_string_value(value));
        }
    }
    json_decref(object);
    return 0;
}
