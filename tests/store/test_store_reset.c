/* test_store_reset.c - a row that is put back is as it was laid out; and at no moment on the way is
 * it anything but committed or pending
 *
 * A process that is killed leaves the file as its last write did. So the file is looked at before
 * every write, which is to see all that a kill could leave behind. */
#include "sweep.h"
#include <sys/syscall.h>
#include <sys/types.h>

enum { JOB = 9, MOST_WRITES = 64 };

static ip_store *watched; /* NULL: writes are not looked at */
static int n_writes, n_committed, n_pending;

/* What a reader finds now, while the writer is stopped in the middle. */
static void look(void)
{
    ip_error err = {0};
    ip_store *reader = NULL;
    CHECK(ip_store_open("reset.h5", &reader, &err) == IP_OK);
    if (reader == NULL)
        return;
    const ip_trace trace = {ip_store_shape(reader), malloc(ip_trace_bytes(ip_store_shape(reader)))};
    for (size_t job = JOB - 1; job <= JOB + 1; job++) {
        ip_row row;
        bool sound = false;
        CHECK(ip_store_read_row(reader, job, &row, &trace, &sound, &err) == IP_OK);
        CHECK(sound == (row.state != IP_STATE_PENDING));
        CHECK(job == JOB || row.state == IP_STATE_DONE);
        CHECK(row.state != IP_STATE_PENDING || (row.attempts == 0 && row.strikes == 0));
        n_committed += job == JOB && sound;
        n_pending += job == JOB && !sound;
    }
    free(trace.block);
    ip_store_close(reader);
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t offset);

/* Stands before the system's, for every library of this program. */
ssize_t pwrite(int fd, const void *bytes, size_t n, off_t offset)
{
    if (watched != NULL) {
        n_writes++;
        look();
    }
    return syscall(SYS_pwrite64, fd, bytes, n, offset);
}

static void commit(ip_store *store, size_t job, ip_state state)
{
    ip_error err = {0};
    const ip_trace trace = {ip_store_shape(store), malloc(ip_trace_bytes(ip_store_shape(store)))};
    ip_row row = sweep_row(job);
    row.state = state;
    row.strikes = 3;
    snprintf(row.reason, sizeof row.reason, "%s", state == IP_STATE_DONE ? "" : "signal 9");
    sweep_fill(&trace, job);
    CHECK(ip_store_write_row(store, job, &row, &trace, &err) == IP_OK);
    CHECK_STR(err.text, "");
    free(trace.block);
}

static void create(const sweep *s, const char *path)
{
    ip_error err = {0};
    (void)unlink(path);
    CHECK(sweep_create(s, path, &err) == IP_OK);
}

static ip_store *open_shared(const char *path)
{
    ip_error err = {0};
    ip_store *store = NULL;
    CHECK(ip_store_open_shared(path, MPI_COMM_SELF, true, &store, &err) == IP_OK);
    if (store == NULL)
        exit(EXIT_FAILURE);
    return store;
}

static void check_reset(const sweep *s, ip_state state)
{
    ip_error err = {0};
    create(s, "reset.h5");
    ip_store *store = open_shared("reset.h5");
    commit(store, JOB - 1, IP_STATE_DONE);
    commit(store, JOB, state);
    commit(store, JOB + 1, IP_STATE_DONE);
    n_writes = n_committed = n_pending = 0;
    watched = store;
    CHECK(ip_store_reset_row(store, JOB, &err) == IP_OK);
    watched = NULL;
    CHECK_STR(err.text, "");
    CHECK(n_writes > 10 && n_writes < MOST_WRITES);
    CHECK_COUNT(n_committed, IP_N_COUNTS + 1); /* also while the state is being written */
    CHECK_COUNT(n_pending, n_writes - n_committed);
    ip_store_close(store);

    create(s, "never.h5");
    store = open_shared("never.h5");
    commit(store, JOB - 1, IP_STATE_DONE);
    commit(store, JOB + 1, IP_STATE_DONE);
    ip_store_close(store);
    sweep_equal_files("reset.h5", "never.h5");

    store = open_shared("reset.h5");
    commit(store, JOB, IP_STATE_DONE);
    ip_store_close(store);
    store = open_shared("never.h5");
    commit(store, JOB, IP_STATE_DONE);
    ip_store_close(store);
    sweep_equal_files("reset.h5", "never.h5");
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    sweep_folder("test_store_reset.files");
    sweep s = sweep_new();
    check_reset(&s, IP_STATE_FAILED);
    check_reset(&s, IP_STATE_QUARANTINED);
    sweep_free(&s);
    MPI_Finalize();
    return check_finish();
}
