/* The attempts of earlier runs count: a number is lost for good when all are used up, but each run
 * makes one. */
#include "walk.h"
#include <unistd.h>

enum { N = 6, HOPELESS = 0, GOOD = 1, BAD_ONCE = 2 }; /* number mod 3 */

static ip_status compute(void *context, uint64_t number, ip_port *port, void *result, ip_error *err)
{
    const depot *here = context;
    const int attempt = ++here->at[number].computed;
    walk_state *state = calloc(1, sizeof *state);
    if (number % 3 == HOPELESS || (number % 3 == BAD_ONCE && attempt == 1))
        _exit(3);
    walk_start(port, state, result);
    const ip_status status = walk_on(port, number, state, result, err);
    free(state);
    return status;
}

static void check_lost(const walk_entry *entry, int made)
{
    CHECK_COUNT(entry->computed, made);
    CHECK_COUNT(entry->begun, made);
    CHECK_COUNT(entry->lost, made - 1);
    CHECK(entry->outcome.kind == IP_OUTCOME_LOST);
    CHECK_STR(entry->outcome.reason, "exit code 3");
}

static void check_done(const walk_entry *entry, int made)
{
    CHECK_COUNT(entry->computed, made);
    CHECK_COUNT(entry->lost, made - 1);
    CHECK(entry->outcome.kind == IP_OUTCOME_DONE);
    CHECK_STR(entry->outcome.reason, "");
}

/* made: how many attempts this run makes of a hopeless number */
static void test_attempts(int before, int retries, int made)
{
    depot here = {0};
    ip_farm farm = depot_open(&here, N, true);
    here.attempts_before = before;
    farm.compute = compute;
    farm.retries = retries;
    const ip_farm_progress summary = depot_run(&here, &farm, IP_OK);
    for (int i = 0; i < N; i++) {
        const walk_entry *entry = &here.at[i];
        const bool lost = i % 3 == HOPELESS || (i % 3 == BAD_ONCE && made == 1);
        const int mine = lost ? made : i % 3 == BAD_ONCE ? 2 : 1;
        CHECK_COUNT(entry->committed, 1);
        CHECK_COUNT(entry->outcome.attempts, before + mine);
        if (lost)
            check_lost(entry, mine);
        else
            check_done(entry, mine);
    }
    if (here.book.rank == 0)
        CHECK_COUNT(summary.failed, made == 1 ? 4 : 2);
    depot_close(&here);
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    test_attempts(0, 2, 3);
    test_attempts(1, 2, 2);
    test_attempts(2, 2, 1);
    test_attempts(9, 2, 1);
    const int code = check_finish_ranks(MPI_COMM_WORLD);
    MPI_Finalize();
    return code;
}
