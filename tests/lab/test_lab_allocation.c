/* test_lab_allocation.c - an epoch of training allocates nothing
 *
 * The allocator's functions of this program count and hand on to those of the C library, whose
 * other names are glibc's. */
#include "fixture.h"

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *at, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static size_t n_allocated;

void *malloc(size_t size)
{
    n_allocated++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    n_allocated++;
    return __libc_calloc(count, size);
}

void *realloc(void *at, size_t size)
{
    n_allocated++;
    return __libc_realloc(at, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    n_allocated++;
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **at, size_t alignment, size_t size)
{
    n_allocated++;
    *at = __libc_memalign(alignment, size);
    return *at == NULL;
}

/* Epochs after the first, in which libraries may make themselves at home. */
static void check_epochs(const char *keys)
{
    ip_error err = {0};
    ip_arena arena = {0};
    ip_lab *lab = NULL;
    ip_job job;
    fixture f = small_fixture(keys);
    ip_plan_job(f.plan, 0, &job);
    n_allocated = 0;
    CHECK(ip_lab_begin(f.plan, &job, &f.trace, &arena, &lab, &err) == IP_OK);
    CHECK(n_allocated > 0); /* they are counted */
    CHECK(ip_lab_epoch(lab, &err) == IP_OK);
    n_allocated = 0;
    for (int epoch = 2; epoch < 10; epoch++)
        CHECK(ip_lab_epoch(lab, &err) == IP_OK);
    CHECK_COUNT(n_allocated, 0);
    ip_arena_release(&arena);
    fixture_release(&f);
}

int main(void)
{
    check_epochs("network: {hidden: [5, 3]}\ntraining: {epochs: 10, batch: 7}\n"
                 "measure: {at: [0, 10]}\n");
    check_epochs("network: {hidden: [300, 200, 3]}\ntraining: {epochs: 10, batch: 16}\n"
                 "measure: {at: [0, 10]}\n"); /* by OpenBLAS */
    check_epochs("network: {hidden: [5], noise: 0.1}\ntraining: {epochs: 10, optimizer: sgd, "
                 "shuffle: replacement, targets: sampled}\nmeasure: {at: [0, 10]}\n");
    return check_finish();
}
