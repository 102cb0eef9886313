/* checkpoint.h - the state of unfinished jobs: FILE.checkpoints/<key>
 *
 * A checkpoint is a block of bytes under the key of its job, with a tag that says which arithmetic
 * made it and a checksum. It appears under its name whole or not at all. It is never needed for
 * correctness: a job without one starts from its beginning and ends with the same bits.
 *
 * `file` is always the result file; of a symbolic link, the checkpoints stand beside the file it
 * leads to. A key names a file: it is not empty, has neither a slash nor ".tmp.", and does not
 * begin with a dot. Collective: none of these; a job has one writer at a time. */
#ifndef INFOPLANE_CHECKPOINT_H
#define INFOPLANE_CHECKPOINT_H

#include "infoplane/error.h"
#include <stdbool.h>

/* Writes the block of a job: temporary name, then rename; makes the folder where it is missing.
 * With sync the block is on the disk on return. Replaces an older one. Errors: IP_ERR_IO (disk
 * full, no permission); the older one then stays, and no temporary file. */
ip_status ip_checkpoint_write(const char *file, const char *key, const char *tag, const void *block,
                              size_t bytes, bool sync, ip_error *err) IP_CHECKED;

/* Reads the checkpoint of a job into block; returns its length, 0 when there is none that can be
 * used: absent, damaged, longer than capacity, of another tag or another job (all but the first
 * with a warning). The block's contents are then of no meaning. */
size_t ip_checkpoint_read(const char *file, const char *key, const char *tag, void *block,
                          size_t capacity);

/* Removes the checkpoint of a finished job, if there is one. */
void ip_checkpoint_remove(const char *file, const char *key);

/* Removes every checkpoint that is not wanted, left-over temporary files, and the folder when it is
 * empty then. Only the holder of the file's lock may call it. is_wanted NULL: none is. */
void ip_checkpoint_sweep(const char *file, bool (*is_wanted)(void *context, const char *key),
                         void *context);

#endif
