/* beside.c - names of what stands beside a result file */
#include "beside.h"
#include <stdlib.h>
#include <string.h>

/* The real name of the folder of file, to be freed; NULL when there is none. */
static char *real_folder(const char *file)
{
    const char *slash = strrchr(file, '/');
    ip_text folder = {0};
    ip_text_append(&folder, "%.*s.", slash != NULL ? (int)(slash + 1 - file) : 0, file);
    char *real = realpath(folder.at, NULL);
    ip_text_release(&folder);
    return real;
}

void ip_beside(const char *file, const char *suffix, ip_text *name)
{
    const char *slash = strrchr(file, '/');
    char *real = realpath(file, NULL);
    char *folder = real == NULL ? real_folder(file) : NULL;
    if (real != NULL)
        ip_text_append(name, "%s%s", real, suffix);
    else if (folder != NULL)
        ip_text_append(name, "%s/%s%s", strcmp(folder, "/") != 0 ? folder : "",
                       slash != NULL ? slash + 1 : file, suffix);
    else
        ip_text_append(name, "%s%s", file, suffix);
    free(folder);
    free(real);
}
