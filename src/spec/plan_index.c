/* plan_index.c - the jobs of a plan by their keys: a sorted list */
#include "infoplane/plan.h"
#include <stdlib.h>
#include <string.h>

typedef struct keyed {
    char key[IP_KEY_SIZE];
    size_t job;
} keyed;

struct ip_plan_index {
    size_t n;
    keyed jobs[];
};

static int by_key(const void *a, const void *b)
{
    return strcmp(((const keyed *)a)->key, ((const keyed *)b)->key);
}

ip_plan_index *ip_plan_index_new(const ip_plan *plan, ip_error *err)
{
    const size_t n = ip_plan_n_jobs(plan);
    ip_plan_index *index = malloc(sizeof *index + n * sizeof *index->jobs);
    if (index == NULL) {
        ip_fail(err, IP_ERR_MEMORY, "out of memory for the keys of %zu jobs", n);
        return NULL;
    }
    index->n = n;
    for (size_t i = 0; i < n; i++) {
        ip_job job;
        ip_plan_job(plan, i, &job);
        index->jobs[i].job = i;
        memcpy(index->jobs[i].key, job.key, sizeof job.key);
    }
    qsort(index->jobs, n, sizeof *index->jobs, by_key);
    return index;
}

size_t ip_plan_index_find(const ip_plan_index *index, const char *key)
{
    keyed wanted = {.job = 0};
    snprintf(wanted.key, sizeof wanted.key, "%s", key);
    const keyed *found = bsearch(&wanted, index->jobs, index->n, sizeof *index->jobs, by_key);
    return found != NULL ? found->job : index->n;
}

void ip_plan_index_free(ip_plan_index *index)
{
    free(index);
}
