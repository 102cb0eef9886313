/* cmd_export.c - tidy rows on stdout */
#include "cmd/commands.h"
#include "cmd/input.h"
#include "infoplane/report.h"

static ip_status export_file(const char *path, ip_table table, ip_format format, ip_error *err)
{
    ip_store *store = NULL;
    ip_export_summary summary;
    IP_TRY(ip_store_open(path, &store, err));
    const ip_status status = ip_report_export(store, table, format, stdout, &summary, err);
    ip_store_close(store);
    if (status == IP_OK && summary.unsound > 0)
        fprintf(stderr,
                "infoplane: warning: %zu damaged jobs were left out; `run` computes them again\n",
                summary.unsound);
    if (status == IP_OK)
        fprintf(stderr, "%zu rows exported (%s)\n", summary.rows, path);
    return status;
}

int ip_cmd_export(int argc, char **argv)
{
    bool as_csv = false;
    bool as_json = false;
    const char *table_name = "information";
    const ip_option options[] = {
        {"--csv", IP_OPTION_FLAG, &as_csv, NULL, "comma-separated values with a head line"},
        {"--json", IP_OPTION_FLAG, &as_json, NULL, "a JSON array of objects"},
        {"--table", IP_OPTION_TEXT, &table_name, "TABLE", "information, training or gradients"},
    };
    const ip_usage usage = {"export",
                            "FILE --csv|--json [--table TABLE]",
                            "tidy rows of the finished jobs",
                            "sweep.h5 --csv > information.csv",
                            options,
                            IP_LENGTH(options),
                            1,
                            0};
    const char *path[1];
    const ip_parse parsed = ip_options_parse(&usage, argc, argv, path, stderr);
    if (parsed != IP_PARSE_GO)
        return (int)parsed;
    const size_t table = ip_names_find(ip_table_name, table_name);
    if (as_csv == as_json || ip_table_name(table) == NULL) {
        fprintf(stderr, "infoplane: error: export: expected %s\n",
                as_csv == as_json ? "one of --csv and --json"
                                  : "--table information, training or gradients");
        return 2;
    }
    ip_error err;
    if (export_file(path[0], (ip_table)table, as_csv ? IP_FORMAT_CSV : IP_FORMAT_JSON, &err) !=
        IP_OK)
        return ip_input_refuse(&err);
    return 0;
}
