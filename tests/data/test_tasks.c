/* test_tasks.c - the table of tasks */
#include "check.h"
#include "infoplane/task.h"

int main(void)
{
    CHECK(ip_task_at(0) == &ip_task_icosahedron);
    CHECK(ip_task_at(1) == &ip_task_file);
    CHECK(ip_task_at(2) == NULL && ip_task_name(2) == NULL);
    CHECK_COUNT(ip_names_count(ip_task_name), 2);
    CHECK_COUNT(ip_names_find(ip_task_name, "file"), 1);
    for (size_t i = 0; ip_task_at(i) != NULL; i++) {
        CHECK_STR(ip_task_name(i), ip_task_at(i)->name);
        CHECK(ip_task_at(i)->summary[0] != '\0' && ip_task_at(i)->source[0] != '\0');
    }
    CHECK(ip_task_icosahedron.make != NULL);
    CHECK(ip_task_file.make == NULL); /* the store reads it */
    return check_finish();
}
