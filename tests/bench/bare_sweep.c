/* bare_sweep.c - the jobs of a spec, one after the other, and nothing else: no farm, no file, no
 * child. What tools/overhead compares a run with.
 *
 * usage: bare_sweep SPEC [KEY=VALUE]... */
#include "bench_plan.h"

static void run_jobs(const ip_plan *plan)
{
    const ip_shape *shape = ip_plan_shape(plan);
    const ip_trace trace = {shape, malloc(ip_trace_bytes(shape))};
    ip_error err;
    for (size_t i = 0; i < ip_plan_n_jobs(plan); i++) {
        ip_job job;
        ip_plan_job(plan, i, &job);
        if (ip_lab_run(plan, &job, &trace, &err) != IP_OK)
            stop(err.text);
    }
    free(trace.block);
}

int main(int argc, char **argv)
{
    bench_plan b = bench_plan_read(argc - 1, argv + 1);
    run_jobs(b.plan);
    bench_plan_release(&b);
    return 0;
}
