/* commands.h - one function per subcommand: argv[0] is the command's name; returns the program's
 * exit code */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "infoplane/farm.h"
#include "infoplane/text.h"

int ip_cmd_check(int argc, char **argv);
int ip_cmd_plan(int argc, char **argv);
int ip_cmd_status(int argc, char **argv);
int ip_cmd_merge(int argc, char **argv);
int ip_cmd_verify(int argc, char **argv);
int ip_cmd_export(int argc, char **argv);
int ip_cmd_bound(int argc, char **argv);
int ip_cmd_dataset(int argc, char **argv);
int ip_cmd_activations(int argc, char **argv);
int ip_cmd_estimate(int argc, char **argv);
int ip_cmd_example(int argc, char **argv);
int ip_cmd_list(int argc, char **argv);
int ip_cmd_version(int argc, char **argv);

/* Collective over comm, under MPI. */
int ip_cmd_run(int argc, char **argv, MPI_Comm comm);
int ip_cmd_retry(int argc, char **argv, MPI_Comm comm);
int ip_cmd_doctor(int argc, char **argv, MPI_Comm comm);

/* Appends the versions of the program and of every library, instruction set and kernels, as JSON.
 */
void ip_version_json(ip_text *json);

#endif
