/* task_misdeeds.h - a task for tests alone, some of whose jobs misbehave */
#ifndef TASK_MISDEEDS_H
#define TASK_MISDEEDS_H

#include "infoplane/task.h"

extern const ip_task ip_task_misdeeds;

#endif
