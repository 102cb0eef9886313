/* report.h - what a result file says, as text */
#ifndef INFOPLANE_REPORT_H
#define INFOPLANE_REPORT_H

#include "infoplane/store.h"

typedef enum ip_table { IP_TABLE_INFORMATION, IP_TABLE_TRAINING, IP_TABLE_GRADIENTS } ip_table;
ip_name_at ip_table_name; /* information, training, gradients */

typedef enum ip_format { IP_FORMAT_CSV, IP_FORMAT_JSON } ip_format;

/* What an export printed, and what it could not. */
typedef struct ip_export_summary {
    size_t rows;
    size_t unsound; /* committed jobs whose checksum does not hold */
} ip_export_summary;

/* Prints tidy rows, one per measured value (job, snapshot, and layer and estimator, or split), of
 * every committed job: CSV with a head line, or one JSON array with an object a line. What is not a
 * number is empty in CSV and null in JSON; snapshots a failed job did not reach are left out. Jobs
 * whose checksum does not hold are left out too. Errors: IP_ERR_IO. Collective: no. */
ip_status ip_report_export(const ip_store *store, ip_table table, ip_format format, FILE *out,
                           ip_export_summary *summary, ip_error *err) IP_CHECKED;

#endif
