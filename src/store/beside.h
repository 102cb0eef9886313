/* beside.h - names of what stands beside a result file */
#ifndef INFOPLANE_BESIDE_H
#define INFOPLANE_BESIDE_H

#include "infoplane/text.h"

/* Appends the absolute name of file and suffix. Where file is a symbolic link it is the file that
 * the link leads to, so that runs which name it differently meet. A file that does not exist yet is
 * taken by its folder's real name; without a folder it is as given. */
void ip_beside(const char *file, const char *suffix, ip_text *name);

#endif
