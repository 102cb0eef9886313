/* cmd_check.c - is this spec fit to run? */
#include "cmd/commands.h"
#include "cmd/input.h"

int ip_cmd_check(int argc, char **argv)
{
    ip_texts overrides = {0};
    const ip_option options[] = {
        {"--set", IP_OPTION_MANY, &overrides, "KEY=VALUE",
         "override a key of the spec (repeatable)"},
    };
    const ip_usage usage = {"check",
                            "SPEC [--set KEY=VALUE]...",
                            "parse and validate a spec",
                            "sweep.yaml",
                            options,
                            IP_LENGTH(options),
                            1,
                            0};
    const char *path[1];
    const ip_parse parsed = ip_options_parse(&usage, argc, argv, path, stderr);
    if (parsed != IP_PARSE_GO)
        return (int)parsed;
    ip_input input;
    const ip_status status = ip_input_load(&input, path[0], &overrides);
    if (status == IP_OK)
        printf("%s: ok, %zu jobs\n", path[0], ip_plan_n_jobs(input.plan));
    ip_input_release(&input);
    return ip_status_exit_code(status);
}
