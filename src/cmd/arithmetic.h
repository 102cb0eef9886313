/* arithmetic.h - whether this program computes as the one did that made a result file */
#ifndef ARITHMETIC_H
#define ARITHMETIC_H

#include "infoplane/store.h"

/* Whether a text of the file's provenance is this one; no where it cannot be read. */
bool ip_provenance_is(const ip_store *store, const char *name, const char *text);

/* Refuses a file that was begun with other kernels: its rows would be of two kinds. Warns of
 * another core type of OpenBLAS. file is the file's name. Errors: IP_ERR_CREATE, IP_ERR_IO. */
ip_status ip_check_arithmetic(const ip_store *store, const char *file, ip_error *err) IP_CHECKED;

#endif
