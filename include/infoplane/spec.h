/* spec.h - what was asked: YAML text, checked and immutable
 *
 * bytes -> tree with marks -> spec. Every error of the text is reported, each with file, line,
 * column and the key's path; the same tables of fields that check the text also print it. YAML 1.2
 * core schema. */
#ifndef INFOPLANE_SPEC_H
#define INFOPLANE_SPEC_H

#include "infoplane/estimator.h"
#include "infoplane/network.h"
#include "infoplane/task.h"

/* The settings of one point of the sweep: plain data. */
typedef struct ip_settings {
    ip_task_options task;
    ip_network_options network;
    ip_training_options training;
} ip_settings;

/* Their fields, keys dotted ("training.rate"), offsets into ip_settings. */
extern const ip_field ip_settings_fields[];
extern const size_t ip_n_settings_fields;

/* When a snapshot is taken (contract of `measure.at`). */
typedef enum ip_at { IP_AT_LOG, IP_AT_LINEAR, IP_AT_EVERY, IP_AT_LIST } ip_at;

/* Which rows an estimator sees. */
typedef enum ip_on { IP_ON_ALL, IP_ON_TRAIN, IP_ON_TEST } ip_on;
ip_name_at ip_on_name; /* all, train, test */

/* One entry of the `estimator` dimension. */
typedef struct ip_measure_entry {
    const ip_estimator *estimator;
    _Alignas(16) unsigned char options[IP_ESTIMATOR_OPTIONS_SIZE];
    size_t side; /* index into the estimator's sides */
    ip_on on;
    char label[64];
} ip_measure_entry;

typedef struct ip_measure {
    ip_at at;
    uint64_t at_n;       /* of log, linear, every */
    uint64_t *at_epochs; /* of the list, ascending, each once */
    size_t n_at_epochs;
    ip_measure_entry *entries;
    size_t n_entries;
    bool gradients;
    uint64_t samples; /* rows that are measured; 0 = all */
    uint64_t null;    /* shuffles of the labels, see I_TY_null; 0 = none */
} ip_measure;

typedef struct ip_limits {
    uint64_t retries;
    double job_seconds; /* NaN = none */
    uint64_t memory;    /* bytes; 0 = none */
} ip_limits;

typedef struct ip_spec ip_spec;

/* Where the text came from. All borrowed while ip_spec_parse runs; the spec keeps copies. */
typedef struct ip_source {
    const char *name;   /* as shown in messages, such as "sweep.yaml" */
    const char *folder; /* what task.path is relative to; "" = the working directory */
    const char *bytes;
    size_t n;
    const char *const *overrides; /* "training.rate=1e-3" each */
    size_t n_overrides;
} ip_source;

/* Parses and checks. On any error returns NULL with all of them, in the order of the text, added to
 * errors (the file is source->name, or "--set KEY=VALUE" for an override). The data of a task is
 * not looked at. Freed with ip_spec_free. Collective: no. */
ip_spec *ip_spec_parse(const ip_source *source, ip_errors *errors) IP_CHECKED;
void ip_spec_free(ip_spec *spec); /* NULL is fine */

/* A spec of nothing but estimators, each text an item of `measure.information` such as
 * "binning: {bins: 30}"; n = 0: the default. Only its ip_spec_measure may be asked for. On any
 * error returns NULL with all of them added to errors, the file "option TEXT" for the text at
 * fault. Freed with ip_spec_free. Collective: no. */
ip_spec *ip_spec_of_information(const char *option, const char *const *texts, size_t n,
                                ip_errors *errors) IP_CHECKED;

const char *ip_spec_name(const ip_spec *spec);
const ip_settings *ip_spec_settings(const ip_spec *spec); /* of the shared keys, before the sweep */
const ip_measure *ip_spec_measure(const ip_spec *spec);
const ip_limits *ip_spec_limits(const ip_spec *spec);

/* Path of the data file of task `file`, the spec's folder put before a relative one. */
void ip_spec_data_path(const ip_spec *spec, ip_text *path);

/* Gives err the file, line and column at which key (dotted) is written - its value; the key where
 * the value is a list or a map, or swept - or of its nearest written parent. For errors met later
 * than the parse, whose key is known. */
void ip_spec_locate(const ip_spec *spec, const char *key, ip_error *err);

/* Prints one error as `file:line:col: error: text`, then the source line and a caret under the
 * column. */
void ip_spec_print_error(const ip_source *source, const ip_error *err, FILE *out);

/* "0.2.5" */
const char *ip_yaml_version(void);

#endif
