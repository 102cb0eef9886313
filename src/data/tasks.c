/* tasks.c - the table of tasks */
#include "infoplane/task.h"

static const ip_task *const tasks[] = {
#define IP_TASK(name) &ip_task_##name,
#include "data/tasks.def"
#undef IP_TASK
};

const ip_task *ip_task_at(size_t index)
{
    return index < IP_LENGTH(tasks) ? tasks[index] : NULL;
}

const char *ip_task_name(size_t index)
{
    return index < IP_LENGTH(tasks) ? tasks[index]->name : NULL;
}
