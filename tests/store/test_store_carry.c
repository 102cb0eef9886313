/* test_store_carry.c - a file that grew, or was merged from several, is the file that would have
 * been made at once; what cannot be carried over is refused, and nothing is touched
 *
 * Rows depend on the key of their job alone, as those of real jobs do. */
#include "sweep.h"
#include <errno.h>
#include <fcntl.h>

enum { LOST = 1, BROKEN = 2, PUT_OFF = 3, N_KINDS = 8, MOST_JOBS = 64 };

/* A number between 0 and n - 1 for each key. */
static size_t pick(const char *key, size_t n)
{
    char digits[9] = "";
    memcpy(digits, key, sizeof digits - 1);
    return (size_t)strtoul(digits, NULL, 16) % n;
}

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

static ip_store *open_shared(const char *path)
{
    ip_error err = {0};
    ip_store *store = NULL;
    CHECK(ip_store_open_shared(path, MPI_COMM_SELF, false, &store, &err) == IP_OK);
    CHECK_STR(err.text, "");
    if (store == NULL)
        exit(EXIT_FAILURE);
    return store;
}

static ip_trace new_trace(const ip_store *store)
{
    const ip_shape *shape = ip_store_shape(store);
    return (ip_trace){shape, malloc(ip_trace_bytes(shape))};
}

/* ---- rows ---- */

/* Numbers of the key and the place in the row; NaN where the job has no such layer. */
static void fill(const ip_store *store, size_t job, const ip_trace *trace)
{
    const ip_shape *shape = ip_store_shape(store);
    const size_t base = pick(ip_store_key(store, job), 1000000);
    const size_t n_layers = shape->length[IP_DIM_LAYER];
    const size_t n_estimators = shape->length[IP_DIM_ESTIMATOR];
    ip_trace_clear(trace);
    for (size_t e = 0; e < shape->length[IP_DIM_EPOCH]; e++) {
        const double number = (double)(base + 1000 * e) / 3;
        ip_trace_integer(trace, IP_UPDATE)[e] = (int64_t)(base + e);
        for (size_t k = 0; k < 2; k++) {
            ip_trace_real(trace, IP_LOSS)[2 * e + k] = number + (double)k;
            ip_trace_real(trace, IP_ACCURACY)[2 * e + k] = number - (double)k;
        }
        for (size_t l = 0; l < n_layers && ip_store_width(store, job, l) > 0; l++) {
            const size_t at = e * n_layers + l;
            ip_trace_real(trace, IP_GRADIENT_MEAN)[at] = number + 0.1 * (double)l;
            ip_trace_real(trace, IP_GRADIENT_STD)[at] = number + 0.2 * (double)l;
            ip_trace_real(trace, IP_WEIGHT_NORM)[at] = number + 0.3 * (double)l;
            for (size_t k = 0; k < n_estimators; k++) {
                ip_trace_real(trace, IP_I_XT)[at * n_estimators + k] =
                    number + (double)(10 * l + k);
                ip_trace_real(trace, IP_I_TY)[at * n_estimators + k] =
                    number - (double)(10 * l + k);
            }
        }
    }
}

static ip_row row_of(const char *key, ip_state state)
{
    ip_row row = sweep_row(pick(key, 100));
    row.state = state;
    if (state != IP_STATE_DONE)
        snprintf(row.reason, sizeof row.reason, "why %zu failed", pick(key, 100));
    return row;
}

static void write_job(ip_store *store, size_t job, ip_state state, bool has_trace)
{
    ip_error err = {0};
    const ip_trace trace = new_trace(store);
    const ip_row row = row_of(ip_store_key(store, job), state);
    fill(store, job, &trace);
    CHECK(ip_store_write_row(store, job, &row, has_trace ? &trace : NULL, &err) == IP_OK);
    CHECK_STR(err.text, "");
    free(trace.block);
}

static void count(ip_store *store, size_t job, int32_t value)
{
    ip_error err = {0};
    for (int k = 0; k < IP_COUNT_RUNNING; k++) /* that one is not carried */
        CHECK(ip_store_write_count(store, job, (ip_count)k, value + k, &err) == IP_OK);
}

/* Jobs of the small sweep. */
static ip_plan_index *jobs;

/* What became of a job of the small sweep, by its place there: most are done, some have failed,
 * some only have counts. */
static void write_fate(ip_store *store, size_t job)
{
    const char *key = ip_store_key(store, job);
    switch (ip_plan_index_find(jobs, key) % N_KINDS) {
    case LOST:
        write_job(store, job, IP_STATE_QUARANTINED, false);
        break;
    case BROKEN:
        write_job(store, job, IP_STATE_FAILED, true);
        break;
    case PUT_OFF:
        count(store, job, (int32_t)pick(key, 100));
        break;
    default:
        write_job(store, job, IP_STATE_DONE, true);
    }
}

/* ---- files ---- */

static void create(const sweep *s, const char *path)
{
    ip_error err = {0};
    (void)unlink(path);
    CHECK(sweep_create(s, path, &err) == IP_OK);
    CHECK_STR(err.text, "");
}

/* A file with the rows whose keys `known` holds too (NULL: all), of those each step-th from first.
 */
static void write_file(const sweep *s, const char *path, const ip_store *known, size_t first,
                       size_t step)
{
    create(s, path);
    ip_store *store = open_shared(path);
    for (size_t job = first; job < ip_store_n_jobs(store); job += step) {
        bool is_known = known == NULL;
        for (size_t k = 0; !is_known && k < ip_store_n_jobs(known); k++)
            is_known = strcmp(ip_store_key(known, k), ip_store_key(store, job)) == 0;
        if (is_known)
            write_fate(store, job);
    }
    ip_store_close(store);
}

static void check_no_temporary(const char *path)
{
    char temporary[SWEEP_BLOCK];
    snprintf(temporary, sizeof temporary, "%s.tmp.%ld", path, (long)getpid());
    CHECK(!sweep_exists(temporary));
}

static void check_states(const char *path, size_t n_jobs, size_t n_written)
{
    ip_error err = {0};
    int8_t *states = NULL;
    size_t by_state[4] = {0};
    ip_store *store = open_well(path);
    CHECK_COUNT(ip_store_n_jobs(store), n_jobs);
    CHECK(ip_store_read_states(store, &states, &err) == IP_OK);
    for (size_t job = 0; job < n_jobs; job++)
        by_state[states[job]]++;
    CHECK(by_state[IP_STATE_FAILED] > 0 && by_state[IP_STATE_QUARANTINED] > 0);
    CHECK(by_state[IP_STATE_DONE] > n_written / 3);
    CHECK(by_state[IP_STATE_PENDING] > n_jobs - n_written); /* some have only counts */
    free(states);
    ip_store_close(store);
}

/* ---- growing ---- */

static void check_grown(const sweep *small, const sweep *large)
{
    ip_error err = {0};
    write_file(small, "grown.h5", NULL, 0, 1);
    ip_store *old = open_well("grown.h5");
    write_file(large, "at-once.h5", old, 0, 1);
    CHECK(sweep_grow(large, "grown.h5", &err) == IP_OK);
    CHECK_STR(err.text, "");
    sweep_equal_files("grown.h5", "at-once.h5");
    check_states("grown.h5", ip_plan_n_jobs(large->plan), ip_store_n_jobs(old));
    check_no_temporary("grown.h5");
    ip_store_close(old);
}

/* The text of the small sweep with a part of it put in the place of another. */
static sweep changed(const char *part, const char *by)
{
    char text[SWEEP_BLOCK];
    const char *at = strstr(sweep_text, part);
    CHECK(at != NULL);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - sweep_text), sweep_text, by,
             at + strlen(part));
    return sweep_of(text);
}

static void check_ways_to_grow(const sweep *small)
{
    static const struct {
        const char *part, *by;
    } ways[] = {
        {"count: 2, first: 7", "count: 3, first: 7"},
        {"count: 2, first: 7", "count: 3, first: 6"},
        {"[tanh, relu]", "[tanh, elu, relu]"},
        {"[6]]", "[6], [7, 6, 5, 4, 3]]"},
        {"[[5,", "[[6, 5], [5,"},
        {"count: 2", "count: 2"}, /* by nothing */
    };
    for (size_t k = 0; k < IP_LENGTH(ways); k++) {
        sweep large = changed(ways[k].part, ways[k].by);
        check_grown(small, &large);
        sweep_free(&large);
    }
    sweep all = sweep_of(sweep_grown_text);
    check_grown(small, &all);
    sweep_free(&all);
}

/* ---- merging ---- */

static ip_status merge(const sweep *s, const char *out, const char *const *paths, size_t n,
                       ip_error *err)
{
    ip_store *sources[4] = {NULL};
    (void)unlink(out);
    for (size_t k = 0; k < n; k++)
        sources[k] = open_well(paths[k]);
    const ip_status status = sweep_carry(s, out, sources, n, false, err);
    for (size_t k = 0; k < n; k++)
        ip_store_close(sources[k]);
    return status;
}

static void check_merged(const sweep *s)
{
    static const char *const shards[] = {"shard0.h5", "shard1.h5", "shard2.h5"};
    static const char *const again[] = {"merged.h5", "shard2.h5", "merged.h5"};
    ip_error err = {0};
    write_file(s, "whole.h5", NULL, 0, 1);
    for (size_t k = 0; k < 3; k++)
        write_file(s, shards[k], NULL, k, 3);
    CHECK(merge(s, "merged.h5", shards, 3, &err) == IP_OK);
    CHECK_STR(err.text, "");
    sweep_equal_files("merged.h5", "whole.h5");
    CHECK(merge(s, "merged-again.h5", again, 3, &err) == IP_OK);
    sweep_equal_files("merged-again.h5", "whole.h5");
    check_states("merged.h5", SWEEP_JOBS, SWEEP_JOBS);
}

/* Job 2 with a state in either file, and what the merged file then says, whatever the order. */
static void check_precedence(const sweep *s, ip_state a, ip_state b, ip_state expected)
{
    static const char *const orders[2][2] = {{"a.h5", "b.h5"}, {"b.h5", "a.h5"}};
    const ip_state states[] = {a, b};
    for (size_t k = 0; k < 2; k++) {
        create(s, orders[0][k]);
        ip_store *store = open_shared(orders[0][k]);
        if (states[k] == IP_STATE_PENDING)
            count(store, 2, 5);
        else
            write_job(store, 2, states[k], states[k] == IP_STATE_DONE);
        ip_store_close(store);
    }
    for (size_t k = 0; k < 2; k++) {
        ip_error err = {0};
        ip_row row;
        bool sound;
        CHECK(merge(s, "ab.h5", orders[k], 2, &err) == IP_OK);
        ip_store *store = open_well("ab.h5");
        const ip_trace trace = new_trace(store);
        CHECK(ip_store_read_row(store, 2, &row, &trace, &sound, &err) == IP_OK);
        CHECK_COUNT(row.state, expected);
        CHECK(sound == (expected != IP_STATE_PENDING));
        CHECK_COUNT(row.running, 0);
        const ip_row wrote = row_of(ip_store_key(store, 2), expected);
        CHECK_COUNT(row.attempts, expected == IP_STATE_PENDING ? 5 : wrote.attempts);
        free(trace.block);
        ip_store_close(store);
    }
}

static void check_highest_counts(const sweep *s)
{
    static const char *const both[] = {"a.h5", "b.h5"};
    ip_error err = {0};
    for (size_t k = 0; k < 2; k++) {
        create(s, both[k]);
        ip_store *store = open_shared(both[k]);
        CHECK(ip_store_write_count(store, 4, IP_COUNT_STRIKES, k == 0 ? 3 : 1, &err) == IP_OK);
        CHECK(ip_store_write_count(store, 4, IP_COUNT_ATTEMPTS, k == 0 ? 1 : 2, &err) == IP_OK);
        CHECK(ip_store_write_count(store, 4, IP_COUNT_RUNNING, 1, &err) == IP_OK);
        ip_store_close(store);
    }
    CHECK(merge(s, "ab.h5", both, 2, &err) == IP_OK);
    ip_store *store = open_well("ab.h5");
    int32_t strikes = 0;
    int32_t attempts = 0;
    int32_t running = 0;
    CHECK(ip_store_read_count(store, 4, IP_COUNT_STRIKES, &strikes, &err) == IP_OK);
    CHECK(ip_store_read_count(store, 4, IP_COUNT_ATTEMPTS, &attempts, &err) == IP_OK);
    CHECK(ip_store_read_count(store, 4, IP_COUNT_RUNNING, &running, &err) == IP_OK);
    CHECK_COUNT(strikes, 3);
    CHECK_COUNT(attempts, 2);
    CHECK_COUNT(running, 0); /* nobody is at work in a new file */
    ip_store_close(store);
}

/* ---- what is not carried over ---- */

/* Changes the last bit of the only place in the file where a number stands. */
static void damage(const char *path, double number)
{
    FILE *file = fopen(path, "r+b");
    double at = 0;
    long found = -1;
    for (long k = 0; fseek(file, k, SEEK_SET) == 0 && fread(&at, sizeof at, 1, file) == 1; k++)
        if (memcmp(&at, &number, sizeof at) == 0)
            found = k;
    CHECK(found >= 0);
    number = nextafter(number, 0);
    fseek(file, found, SEEK_SET);
    CHECK(fwrite(&number, sizeof number, 1, file) == 1);
    fclose(file);
}

/* It is pending in the new file, as if it had never been written. */
static void check_damaged(const sweep *small)
{
    ip_error err = {0};
    sweep large = sweep_of(sweep_grown_text);
    create(small, "damaged.h5");
    create(&large, "at-once.h5");
    ip_store *store = open_shared("damaged.h5");
    ip_store *at_once = open_shared("at-once.h5");
    for (size_t job = 0; job < 2; job++)
        write_job(store, job, IP_STATE_DONE, true);
    for (size_t job = 0; job < ip_store_n_jobs(at_once); job++)
        if (strcmp(ip_store_key(at_once, job), ip_store_key(store, 1)) == 0)
            write_job(at_once, job, IP_STATE_DONE, true);
    const ip_trace trace = new_trace(store);
    fill(store, 0, &trace);
    const double number = ip_trace_real(&trace, IP_I_XT)[2];
    free(trace.block);
    ip_store_close(at_once);
    ip_store_close(store);
    damage("damaged.h5", number);
    CHECK(sweep_grow(&large, "damaged.h5", &err) == IP_OK);
    sweep_equal_files("damaged.h5", "at-once.h5");
    sweep_free(&large);
}

/* Nothing is made, nothing is touched, nothing is left. */
static void check_refused(const sweep *s, const char *const *paths, size_t n, ip_status status,
                          const char *file, const char *words)
{
    ip_error err = {0};
    CHECK_COUNT(merge(s, "refused.h5", paths, n, &err), status);
    CHECK_STR(err.file, file);
    CHECK_HAS(err.text, words);
    CHECK(!sweep_exists("refused.h5"));
    check_no_temporary("refused.h5");
}

static void check_conflict(const sweep *s)
{
    static const char *const both[] = {"a.h5", "b.h5"};
    create(s, "a.h5");
    create(s, "b.h5");
    for (size_t k = 0; k < 2; k++) {
        ip_error err = {0};
        ip_store *store = open_shared(both[k]);
        write_job(store, 3, IP_STATE_DONE, true);
        const ip_trace trace = new_trace(store);
        const ip_row row = row_of(ip_store_key(store, 5), IP_STATE_DONE);
        fill(store, 5, &trace);
        ip_trace_integer(&trace, IP_UPDATE)[4] += (int64_t)k;
        CHECK(ip_store_write_row(store, 5, &row, &trace, &err) == IP_OK);
        free(trace.block);
        ip_store_close(store);
    }
    ip_store *a = open_well("a.h5");
    check_refused(s, both, 2, IP_ERR_DATA, "b.h5", "job 5 (key ");
    check_refused(s, both, 2, IP_ERR_DATA, "b.h5", ip_store_key(a, 5));
    check_refused(s, both, 2, IP_ERR_DATA, "b.h5", "a.h5");
    ip_store_close(a);
}

static void check_other_plans(const sweep *small)
{
    static const char *const file[] = {"other.h5"};
    static const struct {
        const char *part, *by, *words;
    } ways[] = {
        {"[0, 10, 20, 30, 40]", "[0, 10, 20, 31, 40]", "other epochs, layers or estimators"},
        {"[0, 10, 20, 30, 40]", "[0, 10, 20, 40]", "other epochs, layers or estimators"},
        {"bins: [10, 30]", "bins: [10, 31]", "other epochs, layers or estimators"},
        {"[6]]", "[6], [7, 6, 5, 4, 3]]", "other epochs, layers or estimators"},
        {"count: 2, first: 7", "count: 2, first: 6", "its job 0 (key "},
    };
    for (size_t k = 0; k < IP_LENGTH(ways); k++) {
        sweep other = changed(ways[k].part, ways[k].by);
        write_file(&other, "other.h5", NULL, 0, 1);
        check_refused(small, file, 1, IP_ERR_SPEC, "other.h5", ways[k].words);
        sweep_free(&other);
    }
}

/* ---- the place of the file ---- */

static void check_replaced_as_it_stood(const sweep *small)
{
    ip_error err = {0};
    sweep large = sweep_of(sweep_grown_text);
    struct stat seen;
    (void)mkdir("elsewhere", 0777);
    (void)unlink("link.h5");
    write_file(small, "elsewhere/file.h5", NULL, 0, 1);
    CHECK(symlink("elsewhere/file.h5", "link.h5") == 0);
    CHECK(chmod("elsewhere/file.h5", 0640) == 0);
    CHECK(sweep_grow(&large, "link.h5", &err) == IP_OK);
    CHECK(lstat("link.h5", &seen) == 0 && S_ISLNK(seen.st_mode));
    CHECK(stat("elsewhere/file.h5", &seen) == 0);
    CHECK_COUNT(seen.st_mode & 07777, 0640);
    check_states("elsewhere/file.h5", ip_plan_n_jobs(large.plan), SWEEP_JOBS);

    /* A source that is refused leaves the file it would have replaced. */
    write_file(small, "before.h5", NULL, 0, 1);
    write_file(small, "after.h5", NULL, 0, 1);
    ip_store *source = open_well("link.h5");
    CHECK(sweep_carry(small, "after.h5", &source, 1, true, &err) == IP_ERR_SPEC);
    sweep_equal_files("before.h5", "after.h5");
    CHECK(sweep_carry(&large, "after.h5", &source, 1, false, &err) == IP_ERR_CREATE);
    sweep_equal_files("before.h5", "after.h5");
    check_no_temporary("after.h5");
    ip_store_close(source);
    sweep_free(&large);
}

static void check_provenance_is_taken_over(const sweep *s)
{
    ip_error err = {0};
    (void)unlink("copy.h5");
    ip_store *source = open_well("whole.h5");
    const ip_contents contents = {
        .plan = s->plan, .title = "a small sweep", .sources = &source, .n_sources = 1};
    CHECK(ip_store_create("copy.h5", &contents, &err) == IP_OK);
    ip_store *copy = open_well("copy.h5");
    for (size_t k = 0; k < IP_LENGTH(sweep_provenance); k++) {
        ip_text text = {0};
        CHECK(ip_store_provenance(copy, sweep_provenance[k].name, &text, &err) == IP_OK);
        CHECK_STR(text.at, sweep_provenance[k].text);
        ip_text_release(&text);
    }
    ip_store_close(copy);
    ip_store_close(source);
}

static void touch(const char *path)
{
    const int fd = open(path, O_WRONLY | O_CREAT, 0666);
    CHECK(fd >= 0);
    close(fd);
}

/* Left-over files of dead processes go; a living one may still be writing. */
static void check_sweep(void)
{
    char alive[64];
    snprintf(alive, sizeof alive, "elsewhere/file.h5.tmp.%ld", (long)getpid());
    static const char *const kept[] = {"elsewhere/file.h5.tmp.999999999x",
                                       "elsewhere/file.h5.tmp.",
                                       "elsewhere/file.h5.tmp.x1",
                                       "elsewhere/file.h5.tmpx999999999",
                                       "elsewhere/file.h5.log",
                                       "elsewhere/other.h5.tmp.999999999"};
    for (size_t k = 0; k < IP_LENGTH(kept); k++)
        touch(kept[k]);
    touch(alive);
    for (int twice = 0; twice < 2; twice++) {
        const char *path = twice == 0 ? "elsewhere/file.h5" : "link.h5";
        touch("elsewhere/file.h5.tmp.999999999");
        ip_whole_file_sweep(path);
        CHECK(!sweep_exists("elsewhere/file.h5.tmp.999999999"));
        CHECK(sweep_exists("elsewhere/file.h5") && sweep_exists(alive));
        for (size_t k = 0; k < IP_LENGTH(kept); k++)
            CHECK(sweep_exists(kept[k]));
    }
    touch("whole.h5.tmp.999999999");
    ip_whole_file_sweep("whole.h5");
    CHECK(!sweep_exists("whole.h5.tmp.999999999") && sweep_exists("whole.h5"));
    ip_whole_file_sweep("no-such-folder/a.h5");
    (void)unlink(alive);
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    sweep_folder("test_store_carry.files");
    sweep small = sweep_new();
    ip_error err = {0};
    jobs = ip_plan_index_new(small.plan, &err);
    CHECK(jobs != NULL);
    check_ways_to_grow(&small);
    check_merged(&small);
    check_precedence(&small, IP_STATE_DONE, IP_STATE_FAILED, IP_STATE_DONE);
    check_precedence(&small, IP_STATE_FAILED, IP_STATE_QUARANTINED, IP_STATE_FAILED);
    check_precedence(&small, IP_STATE_QUARANTINED, IP_STATE_PENDING, IP_STATE_QUARANTINED);
    check_precedence(&small, IP_STATE_DONE, IP_STATE_PENDING, IP_STATE_DONE);
    check_precedence(&small, IP_STATE_PENDING, IP_STATE_PENDING, IP_STATE_PENDING);
    check_highest_counts(&small);
    check_damaged(&small);
    check_conflict(&small);
    check_other_plans(&small);
    check_replaced_as_it_stood(&small);
    check_provenance_is_taken_over(&small);
    check_sweep();
    ip_plan_index_free(jobs);
    sweep_free(&small);
    MPI_Finalize();
    return check_finish();
}
