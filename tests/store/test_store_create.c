/* test_store_create.c - a new file says what the plan says, and a file that cannot be made leaves
 * nothing behind */
#include "sweep.h"
#include <signal.h>
#include <sys/resource.h>

static ip_store *open_well(const char *path)
{
    ip_error err = {0};
    ip_store *store = NULL;
    CHECK(ip_store_open(path, &store, &err) == IP_OK);
    CHECK_STR(err.text, "");
    if (store == NULL)
        exit(EXIT_FAILURE);
    return store;
}

static void check_column(const ip_store *store, size_t k, size_t job, const char *expected)
{
    ip_text text = {0};
    ip_store_column_text(store, k, job, &text);
    CHECK_STR(text.at, expected);
    ip_text_release(&text);
}

/* The sweep is written out by hand: 2 activations, 2 shapes, 2 zipped rates, 2 seeds. */
static void check_columns(const ip_store *store, const sweep *s)
{
    static const char *const names[] = {
        "key",           "seed",           "architecture",      "activation",
        "training.rate", "training.batch", "training.optimizer"};
    static const bool numbers[] = {false, true, false, false, true, true, false};
    for (size_t k = 0; k < IP_LENGTH(names); k++) {
        CHECK_STR(ip_store_column(store, k), names[k]);
        CHECK(ip_store_column_is_number(store, k) == numbers[k]);
    }
    CHECK(ip_store_column(store, IP_LENGTH(names)) == NULL);
    for (size_t i = 0; i < SWEEP_JOBS; i++) {
        ip_job job;
        ip_plan_job(s->plan, i, &job);
        CHECK_STR(ip_store_key(store, i), job.key);
        check_column(store, 0, i, job.key);
        check_column(store, 1, i, i % 2 == 0 ? "7" : "8");
        check_column(store, 2, i, i / 4 % 2 == 0 ? "12-5-4-3-2" : "12-6-2");
        check_column(store, 3, i, i < 8 ? "tanh" : "relu");
        check_column(store, 4, i, i / 2 % 2 == 0 ? "0.0004" : "0.001");
        check_column(store, 5, i, i / 2 % 2 == 0 ? "512" : "0");
        check_column(store, 6, i, i / 2 % 2 == 0 ? "adam" : "sgd");
    }
}

static void check_dimensions(const ip_store *store)
{
    static const int64_t widths[2][4] = {{5, 4, 3, 2}, {6, 2, 0, 0}};
    static const size_t lengths[IP_N_DIMS] = {
        [IP_DIM_EPOCH] = 5, [IP_DIM_LAYER] = 4, [IP_DIM_ESTIMATOR] = 2, [IP_DIM_SPLIT] = 2};
    CHECK_COUNT(ip_store_n_jobs(store), SWEEP_JOBS);
    for (int dim = 0; dim < IP_N_DIMS; dim++)
        CHECK_COUNT(ip_store_shape(store)->length[dim], lengths[dim]);
    for (int64_t e = 0; e < 5; e++)
        CHECK_COUNT(ip_store_epochs(store)[e], 10 * e);
    CHECK_STR(ip_store_estimator(store, 0), "binning-10");
    CHECK_STR(ip_store_estimator(store, 1), "binning-30");
    for (size_t i = 0; i < SWEEP_JOBS; i++)
        for (size_t l = 0; l < 4; l++)
            CHECK_COUNT(ip_store_width(store, i, l), widths[i / 4 % 2][l]);
}

static void check_provenance(const ip_store *store)
{
    ip_error err = {0};
    for (size_t k = 0; k < IP_LENGTH(sweep_provenance); k++) {
        ip_text text = {0};
        CHECK(ip_store_provenance(store, sweep_provenance[k].name, &text, &err) == IP_OK);
        CHECK_STR(text.at, sweep_provenance[k].text);
        ip_text_release(&text);
    }
    ip_text text = {0};
    CHECK(ip_store_provenance(store, "nothing", &text, &err) == IP_ERR_IO);
    CHECK_HAS(err.text, "nothing");
    CHECK_STR(err.file, "a.h5");
    ip_text_release(&text);
}

static void check_rows_are_pending(const ip_store *store)
{
    ip_error err = {0};
    int8_t *states = NULL;
    CHECK(ip_store_read_states(store, &states, &err) == IP_OK);
    const ip_trace trace = {ip_store_shape(store), malloc(ip_trace_bytes(ip_store_shape(store)))};
    for (size_t i = 0; i < SWEEP_JOBS; i++) {
        ip_row row;
        bool sound = true;
        CHECK_COUNT(states[i], IP_STATE_PENDING);
        CHECK(ip_store_read_row(store, i, &row, &trace, &sound, &err) == IP_OK);
        CHECK(!sound);
        CHECK_COUNT(row.state, IP_STATE_PENDING);
        CHECK_COUNT(row.attempts, 0);
        CHECK_COUNT(row.rank, -1);
        CHECK(isnan(row.seconds));
        CHECK_STR(row.host, "");
        CHECK_STR(row.reason, "");
        CHECK(isnan(ip_trace_real(&trace, IP_I_XT)[0]));
        CHECK(isnan(ip_trace_real(&trace, IP_WEIGHT_NORM)[19]));
        CHECK_COUNT(ip_trace_integer(&trace, IP_UPDATE)[4], 0);
    }
    free(states);
    free(trace.block);
}

static size_t read_bytes(const char *path, unsigned char **bytes)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return 0;
    fseek(file, 0, SEEK_END);
    const size_t n = (size_t)ftell(file);
    rewind(file);
    *bytes = malloc(n);
    const size_t read = fread(*bytes, 1, n, file);
    fclose(file);
    return read;
}

static void check_no_temporary(const char *path)
{
    char temporary[SWEEP_BLOCK];
    snprintf(temporary, sizeof temporary, "%s.tmp.%ld", path, (long)getpid());
    CHECK(!sweep_exists(temporary));
}

static void check_refused(const sweep *s, const char *path, ip_status status, const char *words)
{
    ip_error err = {0};
    CHECK_COUNT(sweep_create(s, path, &err), status);
    CHECK_COUNT(err.status, status);
    CHECK_STR(err.file, path);
    CHECK_HAS(err.text, words);
    check_no_temporary(path);
}

static void check_existing_is_kept(const sweep *s)
{
    FILE *file = fopen("existing.h5", "w");
    fputs("mine", file);
    fclose(file);
    check_refused(s, "existing.h5", IP_ERR_CREATE, "File exists");
    unsigned char *bytes = NULL;
    CHECK_COUNT(read_bytes("existing.h5", &bytes), 4);
    CHECK(memcmp(bytes, "mine", 4) == 0);
    free(bytes);

    (void)unlink("dangling.h5");
    CHECK(symlink("nowhere", "dangling.h5") == 0);
    check_refused(s, "dangling.h5", IP_ERR_CREATE, "leads nowhere");
}

/* The limit stands for a disk that fills up at different places of the file. */
static void check_full_disk(const sweep *s)
{
    struct rlimit before;
    getrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_IGN);
    for (rlim_t bytes = 0; bytes < 48 * 1024; bytes = 2 * bytes + 700) {
        const struct rlimit limit = {bytes, before.rlim_max};
        setrlimit(RLIMIT_FSIZE, &limit);
        check_refused(s, "full.h5", IP_ERR_IO, "File too large");
        setrlimit(RLIMIT_FSIZE, &before);
        CHECK(!sweep_exists("full.h5"));
    }
    signal(SIGXFSZ, SIG_DFL);
}

int main(void)
{
    sweep_folder("test_store_create.files");
    sweep s = sweep_new();
    ip_error err = {0};
    (void)unlink("a.h5");
    (void)unlink("b.h5");
    CHECK(sweep_create(&s, "a.h5", &err) == IP_OK);
    CHECK_STR(err.text, "");
    check_no_temporary("a.h5");

    ip_store *store = open_well("a.h5");
    check_dimensions(store);
    check_columns(store, &s);
    check_provenance(store);
    check_rows_are_pending(store);
    ip_store_close(store);
    ip_store_close(NULL);

    CHECK(sweep_create(&s, "b.h5", &err) == IP_OK);
    sweep_equal_files("a.h5", "b.h5");

    check_existing_is_kept(&s);
    check_refused(&s, "no-folder/a.h5", IP_ERR_CREATE, "No such file");
    check_refused(&s, "a.h5/below-a-file.h5", IP_ERR_CREATE, "Not a directory");
    check_full_disk(&s);
    (void)unlink("after-full.h5");
    CHECK(sweep_create(&s, "after-full.h5", &err) == IP_OK);
    CHECK_HAS(ip_hdf5_version(), ".");
    sweep_free(&s);
    return check_finish();
}
