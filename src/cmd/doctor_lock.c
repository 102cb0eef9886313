/* doctor_lock.c - one writer at a time: whether locks work in the folder, and who has the target */
#include "cmd/doctor.h"
#include "store/lock_internal.h"

/* Rank 0 takes a lock of its own; every rank must see it held by rank 0. */
static bool try_lock(ip_patient *p, ip_finding *finding)
{
    char token[IP_TOKEN_SIZE] = "";
    const char *path = p->names[IP_NAME_SHARED];
    ip_lock_owner owner;
    ip_error err = {0};
    if (p->rank == 0)
        err.status = ip_lock_take(path, false, token, &err);
    if (ip_agree(p->comm, &err) != IP_OK) {
        ip_find(finding, IP_VERDICT_PROBLEM, "choose another file system", "%s", err.text);
        return false;
    }
    MPI_Bcast(token, sizeof token, MPI_CHAR, 0, p->comm);
    const bool works = ip_lock_is_ours(path, token) && ip_lock_look(path, &owner) == IP_LOCK_HELD;
    if (!works)
        ip_find(finding, IP_VERDICT_PROBLEM, "choose a folder that all hosts share",
                "the lock that rank 0 took cannot be seen here");
    MPI_Barrier(p->comm); /* everybody has looked */
    if (p->rank == 0)
        ip_lock_release(path, token);
    return works;
}

/* Rank 0, who knows the target's store. A run of ours would be refused, or take over. */
static void find_holder(const ip_patient *p, ip_finding *finding)
{
    ip_lock_owner owner;
    const ip_lock_state state = ip_lock_look(p->file, &owner);
    if (state == IP_LOCK_HELD) {
        ip_text who = {0};
        ip_lock_owner_describe(&owner, &who);
        ip_find(finding, IP_VERDICT_PROBLEM, "wait for it; --break-lock if it is surely dead",
                "%s is held by another run: %s", p->file, who.at);
        ip_text_release(&who);
    } else if (state == IP_LOCK_STALE)
        ip_find(finding, IP_VERDICT_OK, "",
                "taken, seen, left; that of %s is of a run that is gone", p->file);
}

void ip_check_lock(ip_patient *p, ip_finding *finding)
{
    if (!p->folder_works) {
        ip_find(finding, IP_VERDICT_WARNING, ip_folder_first, "%s", ip_not_tried);
        return;
    }
    ip_find(finding, IP_VERDICT_OK, "", "taken, seen by %d rank%s, left", p->size,
            p->size == 1 ? "" : "s");
    if (try_lock(p, finding) && p->rank == 0 && p->file != NULL)
        find_holder(p, finding);
}
