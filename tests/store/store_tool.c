/* store_tool.c - the store at the command line, for tests that look at its files with other
 * programs
 *
 *   store_tool create FILE             a sweep: jobs 0 to 13 done, 14 failed, 15 pending
 *   store_tool rows FILE               one line for each job: state, soundness, reason
 *   store_tool hold FILE               opens for writing; commits one of the pending jobs for each
 *                                      line of standard input
 *   store_tool grow FILE               the sweep of sweep_grown_text takes over the rows
 *   store_tool grow-on FILE            the same for ever: puts the old file back and grows it again
 *   store_tool sweep FILE              removes what was left beside it
 *   store_tool data FILE               reads a data file: n d c, split or not, H(Y), p(y|x)
 *   store_tool write-data FILE         writes data with an odd split
 *   store_tool write-activations FILE  writes two layers, the second a view with gaps
 *
 * An error is printed as "STATUS: FILE: TEXT". */
#include "sweep.h"

static int complain(const ip_error *err)
{
    printf("%s: %s: %s\n", ip_status_name(err->status), err->file, err->text);
    return EXIT_FAILURE;
}

static ip_status write_job(ip_store *store, size_t job, ip_error *err)
{
    const ip_shape *shape = ip_store_shape(store);
    const ip_trace trace = {shape, malloc(ip_trace_bytes(shape))};
    ip_row row = sweep_row(job);
    sweep_fill(&trace, job);
    if (job == 14) {
        row.state = IP_STATE_FAILED;
        snprintf(row.reason, sizeof row.reason,
                 "gr\xc3\xb6\xc3\x9f"
                 "er als 64 MiB");
    }
    const ip_status status = ip_store_write_row(store, job, &row, job == 14 ? NULL : &trace, err);
    free(trace.block);
    return status;
}

static ip_status create(const char *path, ip_error *err)
{
    sweep s = sweep_new();
    ip_store *store = NULL;
    ip_status status = sweep_create(&s, path, err);
    if (status == IP_OK)
        status = ip_store_open_shared(path, MPI_COMM_SELF, false, &store, err);
    for (size_t job = 0; status == IP_OK && job < 15; job++)
        status = write_job(store, job, err);
    ip_store_close(store);
    sweep_free(&s);
    return status;
}

static ip_status rows(const char *path, ip_error *err)
{
    ip_store *store;
    IP_TRY(ip_store_open(path, &store, err));
    const ip_shape *shape = ip_store_shape(store);
    const ip_trace trace = {shape, malloc(ip_trace_bytes(shape))};
    ip_status status = IP_OK;
    for (size_t job = 0; status == IP_OK && job < ip_store_n_jobs(store); job++) {
        ip_row row;
        bool sound;
        status = ip_store_read_row(store, job, &row, &trace, &sound, err);
        if (status == IP_OK)
            printf("%zu %d %s %s\n", job, (int)row.state, sound ? "sound" : "torn", row.reason);
    }
    free(trace.block);
    ip_store_close(store);
    return status;
}

static ip_status hold(const char *path, ip_error *err)
{
    ip_store *store;
    IP_TRY(ip_store_open_shared(path, MPI_COMM_SELF, true, &store, err));
    char line[16];
    ip_status status = IP_OK;
    puts("open");
    fflush(stdout);
    for (size_t job = 15; status == IP_OK && fgets(line, sizeof line, stdin) != NULL; job--) {
        status = write_job(store, job, err);
        puts("committed");
        fflush(stdout);
    }
    ip_store_close(store);
    return status;
}

static ip_status grow(const char *path, ip_error *err)
{
    sweep s = sweep_of(sweep_grown_text);
    const ip_status status = sweep_grow(&s, path, err);
    sweep_free(&s);
    return status;
}

/* Every step is one that leaves a whole file; the new one stays for a moment. */
static ip_status grow_on(const char *path, ip_error *err)
{
    sweep s = sweep_of(sweep_grown_text);
    char old[SWEEP_BLOCK];
    char again[SWEEP_BLOCK];
    snprintf(old, sizeof old, "%s.old", path);
    snprintf(again, sizeof again, "%s.again", path);
    ip_status status = IP_OK;
    while (status == IP_OK) {
        (void)unlink(again);
        if (link(old, again) != 0 || rename(again, path) != 0)
            status = ip_fail(err, IP_ERR_IO, "cannot put %s back", path);
        else
            status = sweep_grow(&s, path, err);
        usleep(20000);
    }
    sweep_free(&s);
    return status;
}

static ip_status sweep_up(const char *path, ip_error *err)
{
    (void)err;
    ip_whole_file_sweep(path);
    return IP_OK;
}

static ip_status data(const char *path, ip_error *err)
{
    ip_dataset *dataset;
    IP_TRY(ip_data_file_read(path, &dataset, err));
    printf("%zu %zu %zu %s %.6f", dataset->n, dataset->d, dataset->c,
           dataset->split != NULL ? "split" : "no-split", dataset->h_y);
    for (size_t k = 0; k < dataset->n * dataset->c; k++)
        printf(" %.3g", dataset->p_y_given_x[k]);
    putchar('\n');
    ip_dataset_free(dataset);
    return IP_OK;
}

static ip_dataset *some_data(void)
{
    ip_error err;
    ip_dataset *dataset = ip_dataset_new(3, 2, 2, 0);
    for (size_t i = 0; i < 3; i++) {
        dataset->x[2 * i] = (float)i;
        dataset->x[2 * i + 1] = 0.1F;
        dataset->p_y_given_x[2 * i] = 0.25 * (double)i;
        dataset->p_y_given_x[2 * i + 1] = 1 - 0.25 * (double)i;
        dataset->p_x[i] = (double)(i + 1);
    }
    if (ip_dataset_finish(dataset, &err) != IP_OK)
        exit(complain(&err));
    return dataset;
}

static ip_status write_data(const char *path, ip_error *err)
{
    static const uint8_t split[] = {0, 1, 0};
    ip_dataset *dataset = some_data();
    const ip_status status = ip_data_file_write(path, dataset, split, err);
    ip_dataset_free(dataset);
    return status;
}

static ip_status write_activations(const char *path, ip_error *err)
{
    static const char *const names[] = {"1", "output"};
    static const float dense[] = {1, 2, 3};
    static const float gaps[] = {1, 2, -9, 3, 4, -9, 5, 6}; /* nothing behind the last element */
    const ip_cmat layers[] = {ip_cmat_view(dense, 3, 1), {gaps, 3, 2, 3}};
    ip_dataset *dataset = some_data();
    const ip_layers all = {.dataset = dataset, .n_layers = 2, .names = names, .at = layers};
    const ip_status status = ip_activations_write(path, &all, err);
    ip_dataset_free(dataset);
    return status;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        ip_status (*run)(const char *path, ip_error *err);
        bool needs_mpi;
    } commands[] = {
        {"create", create, true},
        {"rows", rows, false},
        {"hold", hold, true},
        {"grow", grow, false},
        {"grow-on", grow_on, false},
        {"sweep", sweep_up, false},
        {"data", data, false},
        {"write-data", write_data, false},
        {"write-activations", write_activations, false},
    };
    ip_error err = {0};
    for (size_t k = 0; argc == 3 && k < IP_LENGTH(commands); k++) {
        if (strcmp(argv[1], commands[k].name) != 0)
            continue;
        if (commands[k].needs_mpi)
            MPI_Init(NULL, NULL);
        const ip_status status = commands[k].run(argv[2], &err);
        const int code = status == IP_OK ? EXIT_SUCCESS : complain(&err);
        /* MPI_Finalize of Open MPI 4.1.4 crashes once in some hundred programs that no mpiexec
         * started: a thread of its own runs on in a component that was unloaded. */
        fflush(stdout);
        if (commands[k].needs_mpi)
            _exit(code);
        return code;
    }
    return EXIT_FAILURE;
}
