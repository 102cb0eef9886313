/* input.h - a spec file taken all the way to a plan, for every command that needs one */
#ifndef INPUT_H
#define INPUT_H

#include "cmd/options.h"
#include "infoplane/plan.h"
#include "infoplane/store.h"

typedef struct ip_input {
    char *name, *folder; /* of the spec file; the folder absolute */
    ip_text bytes;
    ip_texts overrides;
    ip_text overrides_text; /* owns the overrides when they came from a file: each ends in a zero
                               byte */
    ip_spec *spec;
    ip_dataset *dataset;
    ip_plan *plan;
} ip_input;

/* Reads the spec's text. Errors: IP_ERR_IO. Released with ip_input_release, also after a failure.
 */
ip_status ip_input_read(ip_input *input, const char *path, const ip_texts *overrides,
                        ip_error *err);

/* The spec, data and plan of a result file, from what it says of itself: row i of the file is job i
 * of the plan. path is the file's name. Errors: IP_ERR_DATA when that cannot be had here any more
 * (the data is gone or has changed), told on stderr as ip_input_expand does. Released with
 * ip_input_release, also after a failure. */
ip_status ip_input_restore(ip_input *input, const ip_store *store, const char *path, ip_error *err);

/* Parses, makes or reads the data, plans. All errors are told on talk (NULL: not at all), with a
 * closing line; returns the worst. */
ip_status ip_input_expand(ip_input *input, FILE *talk);

/* The same on every rank of comm, which have read the same text: a data file is read once on each
 * node. Collective over comm. */
ip_status ip_input_expand_over(ip_input *input, MPI_Comm comm, FILE *talk);

/* The two in a row, for commands of one process. Tells every error on stderr. */
ip_status ip_input_load(ip_input *input, const char *path, const ip_texts *overrides);

/* Gives rank 0's text of a spec, read there, to every rank of comm. name and overrides stand on
 * every rank's command line; the overrides' texts are borrowed. Collective over comm. */
void ip_input_share(ip_input *input, const char *name, const ip_texts *overrides, MPI_Comm comm);

/* ip_input_expand_over, and agreed on; rank 0 tells the errors. Returns the worst status on all,
 * which is IP_ERR_DATA where a rank reads other data under the same path: its rows would carry the
 * keys of rank 0's. Collective over comm. */
ip_status ip_input_expand_together(ip_input *input, MPI_Comm comm);

/* An error that rank 0 met is told by it, and sends all ranks home: returns its status on every
 * rank. Collective over comm. */
ip_status ip_leave_together(MPI_Comm comm, ip_error *err) IP_CHECKED;

void ip_input_release(ip_input *input);

/* Tells err on stderr and returns the program's exit code for it. */
int ip_input_refuse(const ip_error *err);

#endif
