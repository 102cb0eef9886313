/* test_store_rows.c - rows written by any rank read back, and the file does not tell who wrote them
 */
#include "sweep.h"
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static int rank;
static int size;

/* What the file says of job 2 whenever the store brings it to the disk. */
static const ip_store *watched;
static size_t n_syncs;
static ip_state states_at_sync[2];
static uint64_t sums_at_sync[2];

static void look(void)
{
    ip_error err = {0};
    ip_row row;
    bool sound;
    const ip_shape *shape = ip_store_shape(watched);
    const ip_trace trace = {shape, malloc(ip_trace_bytes(shape))};
    if (n_syncs < 2 && ip_store_read_row(watched, 2, &row, &trace, &sound, &err) == IP_OK) {
        states_at_sync[n_syncs] = row.state;
        sums_at_sync[n_syncs] = row.checksum;
    }
    free(trace.block);
    n_syncs++;
}

/* In place of the C library's. */
int fdatasync(int fd)
{
    if (watched != NULL)
        look();
    return (int)syscall(SYS_fdatasync, fd);
}

static ip_store *open_shared(const char *path, MPI_Comm comm, bool sync)
{
    ip_error err = {0};
    ip_store *store = NULL;
    CHECK(ip_store_open_shared(path, comm, sync, &store, &err) == IP_OK);
    CHECK_STR(err.text, "");
    if (store == NULL)
        MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
    return store;
}

static ip_trace new_trace(const ip_store *store)
{
    const ip_shape *shape = ip_store_shape(store);
    return (ip_trace){shape, malloc(ip_trace_bytes(shape))};
}

/* Job 3 failed at once, job 4 after it had measured something, job 5 is quarantined; 6 is left. */
static ip_row row_of(size_t job)
{
    ip_row row = sweep_row(job);
    if (job >= 3 && job <= 5) {
        row.state = job == 5 ? IP_STATE_QUARANTINED : IP_STATE_FAILED;
        snprintf(row.reason, sizeof row.reason, "signal %zu", job);
    }
    return row;
}

static bool has_trace(size_t job)
{
    return job != 3 && job != 5;
}

static void write_rows(ip_store *store, int first, int step)
{
    ip_error err = {0};
    const ip_trace trace = new_trace(store);
    for (size_t job = (size_t)first; job < SWEEP_JOBS; job += (size_t)step) {
        if (job == 6)
            continue;
        const ip_row row = row_of(job);
        sweep_fill(&trace, job);
        CHECK(ip_store_write_row(store, job, &row, has_trace(job) ? &trace : NULL, &err) == IP_OK);
        CHECK_STR(err.text, "");
    }
    free(trace.block);
}

static void check_row(const ip_store *store, size_t job, const ip_trace *expected,
                      const ip_trace *seen)
{
    ip_error err = {0};
    ip_row row;
    bool sound = job == 6;
    CHECK(ip_store_read_row(store, job, &row, seen, &sound, &err) == IP_OK);
    CHECK(sound == (job != 6));
    const ip_row wrote = row_of(job);
    if (has_trace(job) && job != 6)
        sweep_fill(expected, job);
    else
        ip_trace_clear(expected);
    for (int i = 0; i < IP_N_VARIABLES; i++) {
        const ip_variable_id id = (ip_variable_id)i;
        const size_t bytes = ip_variable_count(id, seen->shape) * sizeof(double);
        CHECK_REPORT(memcmp(ip_trace_real(seen, id), ip_trace_real(expected, id), bytes) == 0,
                     "job %zu: %s differs", job, ip_variables[i].name);
    }
    if (job == 6)
        return;
    CHECK_COUNT(row.state, wrote.state);
    CHECK_COUNT(row.attempts, wrote.attempts);
    CHECK_COUNT(row.strikes, wrote.strikes);
    CHECK_COUNT(row.rank, wrote.rank);
    CHECK_NEAR(row.seconds, wrote.seconds, 0);
    CHECK_STR(row.host, wrote.host);
    CHECK_STR(row.openblas_core, wrote.openblas_core);
    CHECK_STR(row.reason, wrote.reason);
    CHECK(row.checksum != 0);
}

static void check_rows(const ip_store *store)
{
    ip_error err = {0};
    int8_t *states = NULL;
    const ip_trace expected = new_trace(store);
    const ip_trace seen = new_trace(store);
    CHECK(ip_store_read_states(store, &states, &err) == IP_OK);
    for (size_t job = 0; job < SWEEP_JOBS; job++) {
        CHECK_COUNT(states[job], job == 6 ? IP_STATE_PENDING : row_of(job).state);
        check_row(store, job, &expected, &seen);
    }
    free(states);
    free(seen.block);
    free(expected.block);
}

static void create(const sweep *s, const char *path)
{
    ip_error err = {0};
    if (rank == 0) {
        (void)unlink(path);
        CHECK(sweep_create(s, path, &err) == IP_OK);
        CHECK_STR(err.text, "");
    }
    MPI_Barrier(MPI_COMM_WORLD);
}

/* Rows dealt to all ranks, then read by each while the file is still open for writing. */
static void check_shared(const sweep *s, const char *path, bool sync)
{
    create(s, path);
    ip_store *store = open_shared(path, MPI_COMM_WORLD, sync);
    write_rows(store, rank, size);
    MPI_Barrier(MPI_COMM_WORLD);
    check_rows(store);
    ip_error err = {0};
    ip_store *reader = NULL;
    CHECK(ip_store_open(path, &reader, &err) == IP_OK);
    CHECK_STR(err.text, "");
    if (reader != NULL)
        check_rows(reader);
    ip_store_close(reader);
    ip_store_close(store);
}

/* A reader that has the file open sees what is committed later, at once. */
static void check_live_reader(const sweep *s)
{
    create(s, "live.h5");
    ip_store *writer = open_shared("live.h5", MPI_COMM_WORLD, false);
    ip_error err = {0};
    ip_store *reader = NULL;
    CHECK(ip_store_open("live.h5", &reader, &err) == IP_OK);
    const ip_trace trace = new_trace(writer);
    int8_t *states = NULL;
    CHECK(ip_store_read_states(reader, &states, &err) == IP_OK);
    CHECK_COUNT(states[1], IP_STATE_PENDING);
    free(states);
    MPI_Barrier(MPI_COMM_WORLD);
    if (rank == size - 1) {
        const ip_row row = sweep_row(1);
        sweep_fill(&trace, 1);
        CHECK(ip_store_write_row(writer, 1, &row, &trace, &err) == IP_OK);
    }
    MPI_Barrier(MPI_COMM_WORLD);
    CHECK(ip_store_read_states(reader, &states, &err) == IP_OK);
    CHECK_COUNT(states[1], IP_STATE_DONE);
    free(states);
    ip_row row;
    bool sound = false;
    CHECK(ip_store_read_row(reader, 1, &row, &trace, &sound, &err) == IP_OK);
    CHECK(sound);
    free(trace.block);
    ip_store_close(reader);
    ip_store_close(writer);
}

static void expect_count(const ip_store *store, size_t job, ip_count count, int32_t expected)
{
    ip_error err = {0};
    int32_t seen = -1;
    int32_t *all = NULL;
    CHECK(ip_store_read_count(store, job, count, &seen, &err) == IP_OK);
    CHECK_COUNT(seen, expected);
    CHECK(ip_store_read_counts(store, count, &all, &err) == IP_OK);
    CHECK_COUNT(all[job], expected);
    free(all);
}

/* Each rank counts in its own row, and nowhere else; a commit starts the counts anew. */
static void check_counts(const sweep *s)
{
    create(s, "counts.h5");
    ip_store *store = open_shared("counts.h5", MPI_COMM_WORLD, true);
    const size_t mine = 2 * (size_t)rank;
    ip_error err = {0};
    for (int count = 0; count < IP_N_COUNTS; count++) {
        const int32_t value = 10 * (count + 1) + rank;
        CHECK(ip_store_write_count(store, mine, (ip_count)count, value, &err) == IP_OK);
    }
    MPI_Barrier(MPI_COMM_WORLD);
    for (int count = 0; count < IP_N_COUNTS; count++)
        for (int r = 0; r < size; r++) {
            expect_count(store, 2 * (size_t)r, (ip_count)count, 10 * (count + 1) + r);
            expect_count(store, 2 * (size_t)r + 1, (ip_count)count, 0);
        }
    MPI_Barrier(MPI_COMM_WORLD);
    const ip_trace trace = new_trace(store);
    const ip_row done = sweep_row(mine);
    ip_row row;
    bool sound = true;
    CHECK(ip_store_read_row(store, mine, &row, &trace, &sound, &err) == IP_OK);
    CHECK(!sound);
    CHECK_COUNT(row.suspicion, 30 + rank);
    CHECK_COUNT(row.running, 40 + rank);
    CHECK(ip_store_write_row(store, mine, &done, &trace, &err) == IP_OK);
    expect_count(store, mine, IP_COUNT_ATTEMPTS, done.attempts);
    expect_count(store, mine, IP_COUNT_SUSPICION, 0);
    expect_count(store, mine, IP_COUNT_RUNNING, 0);
    free(trace.block);
    ip_store_close(store);
}

/* A reason of 199 bytes whose last character is cut in two loses that character: a reader of UTF-8
 * would stumble. One that ends in a whole character keeps it. */
static void check_reason(const sweep *s)
{
    create(s, "reason.h5");
    ip_store *store = open_shared("reason.h5", MPI_COMM_WORLD, false);
    if (rank == 0) {
        ip_error err = {0};
        const ip_trace trace = new_trace(store);
        ip_row row = {.state = IP_STATE_FAILED};
        ip_row seen;
        bool sound;
        memset(row.reason, 'a', sizeof row.reason - 1);
        row.reason[198] = (char)0xC3;
        CHECK(ip_store_write_row(store, 0, &row, NULL, &err) == IP_OK);
        CHECK(ip_store_read_row(store, 0, &seen, &trace, &sound, &err) == IP_OK);
        CHECK_COUNT(strlen(seen.reason), 198);
        row.reason[197] = (char)0xC3;
        row.reason[198] = (char)0xA9;
        CHECK(ip_store_write_row(store, 0, &row, NULL, &err) == IP_OK);
        CHECK(ip_store_read_row(store, 0, &seen, &trace, &sound, &err) == IP_OK);
        CHECK_STR(seen.reason, row.reason);
        free(trace.block);
    }
    ip_store_close(store);
}

static void check_refused_open(const char *path, const char *file, const char *words)
{
    ip_error err = {0};
    ip_store *store = NULL;
    CHECK_COUNT(ip_store_open_shared(path, MPI_COMM_WORLD, true, &store, &err), IP_ERR_IO);
    CHECK(store == NULL);
    CHECK_STR(err.file, file);
    CHECK_HAS(err.text, words);
}

/* What only one rank meets, all return; none is left waiting. The last rank's trouble may be that
 * of a network file system, and takes its ten seconds. */
static void check_agreed(void)
{
    check_refused_open(rank == 0 ? "not-there.h5" : "all.h5", "not-there.h5", "No such file");
    char host[64] = "";
    gethostname(host, sizeof host - 1);
    if (size == 2)
        check_refused_open(rank == 1 ? "alone.h5" : "all.h5", "alone.h5", host);
    if (size == 3)
        check_refused_open(rank == 2 ? "not-there.h5" : "all.h5", "not-there.h5", "No such file");
}

/* The name stands for another file at first, as after a file was replaced on another host. */
static void check_late_name(const char *first)
{
    (void)unlink("late.h5");
    if (rank == size - 1) {
        (void)unlink("late-new.h5");
        CHECK(first == NULL || symlink(first, "late.h5") == 0);
        CHECK(symlink("all.h5", "late-new.h5") == 0);
    }
    MPI_Barrier(MPI_COMM_WORLD);
    const pid_t helper = rank == size - 1 ? fork() : -1;
    if (helper == 0) {
        sleep(1);
        _exit(rename("late-new.h5", "late.h5") == 0 ? 0 : 1);
    }
    ip_store *store =
        open_shared(rank == size - 1 && size > 1 ? "late.h5" : "all.h5", MPI_COMM_WORLD, true);
    check_rows(store);
    ip_store_close(store);
    int ended = 0;
    CHECK(helper < 0 || (waitpid(helper, &ended, 0) == helper && ended == 0));
}

/* A committed row is on the disk before its state says so, and the state before the call returns.
 */
static void check_sync_order(const sweep *s)
{
    ip_error err = {0};
    const ip_row row = sweep_row(2);
    create(s, "synced.h5");
    for (int sync = 0; rank == 0 && sync < 2; sync++) {
        ip_store *store = open_shared("synced.h5", MPI_COMM_SELF, sync == 1);
        const ip_trace trace = new_trace(store);
        sweep_fill(&trace, 2);
        CHECK(ip_store_reset_row(store, 2, &err) == IP_OK);
        watched = store;
        n_syncs = 0;
        CHECK(ip_store_write_row(store, 2, &row, &trace, &err) == IP_OK);
        watched = NULL;
        CHECK_COUNT(n_syncs, sync == 1 ? 2 : 0);
        CHECK(sync == 0 || (states_at_sync[0] == IP_STATE_PENDING && sums_at_sync[0] != 0));
        CHECK(sync == 0 ||
              (states_at_sync[1] == IP_STATE_DONE && sums_at_sync[1] == sums_at_sync[0]));
        free(trace.block);
        ip_store_close(store);
    }
}

/* A row that cannot be written is an error of that call; the file can still be closed, and the
 * process goes on. The limit moves through the file: wherever the writing stops, the row is still
 * pending, for its state would have been the last to be written. */
static void check_refused_write(const sweep *s)
{
    create(s, "refused.h5");
    ip_store *store = open_shared("refused.h5", MPI_COMM_WORLD, false);
    struct stat file;
    CHECK(stat("refused.h5", &file) == 0);
    struct rlimit before;
    getrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_IGN);
    const ip_row row = {.state = IP_STATE_FAILED};
    int refused = 0;
    for (off_t bytes = 1; rank == 0 && bytes < file.st_size; bytes += 4000) {
        ip_error err = {0};
        int8_t *states = NULL;
        const struct rlimit limit = {(rlim_t)bytes, before.rlim_max};
        setrlimit(RLIMIT_FSIZE, &limit);
        const ip_status status = ip_store_write_row(store, 2, &row, NULL, &err);
        setrlimit(RLIMIT_FSIZE, &before);
        if (status == IP_OK)
            break;
        CHECK(ip_store_read_states(store, &states, NULL) == IP_OK);
        refused++;
        CHECK_COUNT(status, IP_ERR_IO);
        CHECK_HAS(err.text, "row of job 2");
        CHECK_STR(err.file, "refused.h5");
        CHECK_COUNT(states[2], IP_STATE_PENDING);
        free(states);
    }
    CHECK(rank != 0 || refused > 3);
    signal(SIGXFSZ, SIG_DFL);
    ip_error err = {0};
    CHECK(ip_store_write_row(store, 3 + (size_t)rank, &row, NULL, &err) == IP_OK);
    ip_store_close(store);
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    char folder[64];
    snprintf(folder, sizeof folder, "test_store_rows_%d.files", size);
    sweep_folder(folder);
    sweep s = sweep_new();

    check_shared(&s, "all.h5", true);
    check_shared(&s, "unsynced.h5", false);
    create(&s, "alone.h5");
    if (rank == 0) {
        ip_store *store = open_shared("alone.h5", MPI_COMM_SELF, false);
        write_rows(store, 0, 1);
        ip_store_close(store);
        sweep_equal_files("all.h5", "alone.h5");
        sweep_equal_files("unsynced.h5", "alone.h5");
    }
    check_live_reader(&s);
    check_counts(&s);
    check_reason(&s);
    check_agreed();
    check_late_name("alone.h5");
    check_late_name(NULL);
    check_sync_order(&s);
    check_refused_write(&s);

    sweep_free(&s);
    MPI_Finalize();
    return check_finish();
}
