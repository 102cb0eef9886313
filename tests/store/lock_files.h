/* lock_files.h - locks made by hand, for the tests of the lock */
#ifndef LOCK_FILES_H
#define LOCK_FILES_H

#include "scratch.h"
#include "store/lock_internal.h"

/* Writes the lock of some owner, and how long ago it was touched. */
static inline void lock_files_put(const char *lock, const ip_lock_owner *owner, time_t age)
{
    ip_text text = {0};
    ip_lock_owner_print(owner, &text);
    scratch_write(lock, text.at, text.length);
    scratch_age(lock, age);
    ip_text_release(&text);
}

/* This process as an owner, as it would be on another host. */
static inline ip_lock_owner lock_files_elsewhere(void)
{
    ip_lock_owner owner;
    ip_lock_owner_self(&owner);
    strcpy(owner.host, "n3");
    strcpy(owner.boot, "00000000-0000-0000-0000-000000000003");
    strcpy(owner.since, "2026-11-23T02:12:00Z");
    owner.pid = 4711;
    return owner;
}

/* A pid that no process has: that of a child which has been waited for. */
static inline long lock_files_dead_pid(void)
{
    const pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    waitpid(pid, NULL, 0);
    return (long)pid;
}

#endif
