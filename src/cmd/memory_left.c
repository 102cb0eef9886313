/* memory_left.c - /proc/meminfo, and the limits along the path of the memory control group */
#include "cmd/memory_left.h"
#include "infoplane/text.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static FILE *open_under(const char *root, const char *path)
{
    ip_text name = {0};
    ip_text_append(&name, "%s%s", root, path);
    FILE *file = fopen(name.at, "r");
    ip_text_release(&name);
    return file;
}

static double available(const char *root)
{
    char line[256];
    double kilobytes = (double)INFINITY;
    FILE *file = open_under(root, "/proc/meminfo");
    if (file == NULL)
        return kilobytes;
    while (fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "MemAvailable: %lf kB", &kilobytes) == 1)
            break;
    }
    fclose(file);
    return 1024 * kilobytes;
}

/* The number a limit's file holds; INFINITY for "max", and where there is no such file. */
static double read_limit(const char *root, const char *path)
{
    double bytes = 0;
    FILE *file = open_under(root, path);
    if (file == NULL)
        return (double)INFINITY;
    const bool is_number = fscanf(file, "%lf", &bytes) == 1;
    fclose(file);
    return is_number ? bytes : (double)INFINITY;
}

/* The least limit of a group and those it lies in. mount: where the groups are; group: "/a/b". */
static double least_limit(const char *root, const char *mount, const char *group, const char *name)
{
    char path[4096];
    double least = (double)INFINITY;
    snprintf(path, sizeof path, "%s", group);
    for (;;) {
        ip_text file = {0};
        ip_text_append(&file, "%s%s/%s", mount, strcmp(path, "/") == 0 ? "" : path, name);
        least = fmin(least, read_limit(root, file.at));
        ip_text_release(&file);
        char *slash = strrchr(path, '/');
        if (slash == NULL)
            return least;
        *slash = '\0';
    }
}

/* Whether a comma-separated list of controllers names memory. */
static bool names_memory(const char *list)
{
    for (size_t n = strcspn(list, ","); *list != '\0'; n = strcspn(list, ",")) {
        if (n == strlen("memory") && strncmp(list, "memory", n) == 0)
            return true;
        list += n + (list[n] == ',');
    }
    return false;
}

/* A line of /proc/self/cgroup: "0::/a/b", or "4:memory:/a/b" in version 1. */
static double limit_of_line(const char *root, char *line)
{
    line[strcspn(line, "\n")] = '\0';
    char *controllers = strchr(line, ':');
    char *group = controllers != NULL ? strchr(controllers + 1, ':') : NULL;
    if (group == NULL)
        return (double)INFINITY;
    *group++ = '\0';
    if (controllers[1] == '\0')
        return least_limit(root, "/sys/fs/cgroup", group, "memory.max");
    return names_memory(controllers + 1)
               ? least_limit(root, "/sys/fs/cgroup/memory", group, "memory.limit_in_bytes")
               : (double)INFINITY;
}

double ip_memory_left(const char *root)
{
    char line[4096];
    double least = available(root);
    FILE *file = open_under(root, "/proc/self/cgroup");
    if (file == NULL)
        return least;
    while (fgets(line, sizeof line, file) != NULL)
        least = fmin(least, limit_of_line(root, line));
    fclose(file);
    return least;
}
