/* beside.h - what stands beside a result file: its name, its bytes, its folder on the disk */
#ifndef INFOPLANE_BESIDE_H
#define INFOPLANE_BESIDE_H

#include "infoplane/error.h"
#include "infoplane/text.h"

/* Appends the absolute name of file and suffix. Where file is a symbolic link it is the file that
 * the link leads to, so that runs which name it differently meet. A file that does not exist yet is
 * taken by its folder's real name; without a folder it is as given. */
void ip_beside(const char *file, const char *suffix, ip_text *name);

/* Writes n bytes; 0 or an errno. */
int ip_write_all(int fd, const void *bytes, size_t n);

/* What a file that cannot be made has met: IP_ERR_IO where the disk is to blame, else
 * IP_ERR_CREATE. */
ip_status ip_make_status(int error);

/* Brings the folder that `name` stands in to the disk. Some file systems refuse that; what was
 * renamed there holds all the same. */
void ip_sync_folder_of(const char *name);

#endif
