/* input_shared.c - one rank reads the spec, all expand it */
#include "cmd/input.h"
#include "infoplane/farm.h"
#include "infoplane/log.h"
#include <string.h>

static void broadcast_text(ip_text *text, MPI_Comm comm, int rank)
{
    unsigned long n = text->length;
    MPI_Bcast(&n, 1, MPI_UNSIGNED_LONG, 0, comm);
    if (rank != 0) {
        for (unsigned long i = 0; i < n; i++)
            ip_text_append_bytes(text, "", 1);
    }
    MPI_Bcast(text->at, (int)n, MPI_CHAR, 0, comm);
}

void ip_input_share(ip_input *input, const char *name, const ip_texts *overrides, MPI_Comm comm)
{
    int rank = 0;
    ip_text folder = {0};
    MPI_Comm_rank(comm, &rank);
    if (rank == 0)
        ip_text_append(&folder, "%s", input->folder);
    broadcast_text(&input->bytes, comm, rank);
    broadcast_text(&folder, comm, rank);
    if (rank == 0) {
        ip_text_release(&folder);
        return;
    }
    input->name = strdup(name);
    input->folder = folder.at;
    input->overrides = *overrides;
}

/* Says where memory is not what `plan` promised. Collective. */
static void tell_copies(const ip_input *input, MPI_Comm comm, int rank)
{
    const ip_task *task = ip_task_at((size_t)ip_spec_settings(input->spec)->task.name);
    const int mine = task->make == NULL && input->dataset->memory.at == NULL;
    int all = 0;
    MPI_Reduce(&mine, &all, 1, MPI_INT, MPI_SUM, 0, comm);
    if (rank == 0 && all > 0)
        ip_log(IP_LOG_WARNING,
               "%d ranks cannot see the memory of their node's first rank or find another file of "
               "the same data (containers of their own?): each holds a copy",
               all);
}

ip_status ip_input_expand_together(ip_input *input, MPI_Comm comm)
{
    int rank = 0;
    MPI_Comm_rank(comm, &rank);
    int mine = (int)ip_input_expand_over(input, comm, rank == 0 ? stderr : NULL);
    char digest[IP_DIGEST_SIZE] = "";
    if (rank == 0 && mine == IP_OK)
        snprintf(digest, sizeof digest, "%s", input->dataset->digest);
    MPI_Bcast(digest, sizeof digest, MPI_CHAR, 0, comm);
    if (mine == IP_OK && strcmp(digest, input->dataset->digest) != 0)
        mine = IP_ERR_DATA;
    int worst = 0;
    MPI_Allreduce(&mine, &worst, 1, MPI_INT, MPI_MAX, comm);
    if (rank == 0 && mine == IP_OK && worst != IP_OK)
        fprintf(stderr, "infoplane: error: not every rank reads the same data file as rank 0\n");
    if (worst == IP_OK)
        tell_copies(input, comm, rank);
    return (ip_status)worst;
}

ip_status ip_leave_together(MPI_Comm comm, ip_error *err)
{
    int rank = 0;
    MPI_Comm_rank(comm, &rank);
    const ip_status status = ip_agree(comm, err);
    if (status != IP_OK && rank == 0)
        ip_error_print(err, stderr);
    return status;
}
