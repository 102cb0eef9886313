/* log.h - talk on stderr
 *
 * stdout carries results, stderr talk. The level is the library's one global: whatever a program
 * sets holds for all of it. A program under MPI calls ip_log_set_level(IP_LOG_ERROR) on every rank
 * but 0. */
#ifndef INFOPLANE_LOG_H
#define INFOPLANE_LOG_H

#include "infoplane/macros.h"

typedef enum ip_log_level { IP_LOG_ERROR, IP_LOG_WARNING, IP_LOG_INFO } ip_log_level;

/* Messages above level are dropped. At the start: IP_LOG_INFO. */
void ip_log_set_level(ip_log_level level);

/* One line, prefixed "infoplane: " and, for warnings and errors, their level. */
void ip_log(ip_log_level level, const char *format, ...) IP_PRINTF(2, 3);

#endif
