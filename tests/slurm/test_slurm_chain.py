#!/usr/bin/env python3
"""A chain of short jobs continues one sweep, and the jobs it does not need are cancelled."""
from cluster import main, Until
from program import check
from sweep import SCRIPTS, FAST, Sweep

CHAIN = SCRIPTS / "chain.sh"


def chain(sweep, n, script, name):
    """Submits n jobs; returns the file and their numbers."""
    out = sweep.folder / f"{name}.h5"
    jobs = sweep.cluster.submit(n, "--ntasks=2", SCRIPTS / script, sweep.spec, out, command=(CHAIN,), **FAST)
    check(len(jobs) == n, f"{name}: the numbers of the jobs: {jobs}")
    return out, jobs



def continued(sweep, script, *flags):
    """The first is stopped and does not requeue itself, the second completes, the others are not needed."""
    out, jobs = chain(sweep, 4, script, f"chain-{script}")
    yield sweep.a_row(out)
    sweep.cluster.ask("scancel", *flags, "--signal=USR1", jobs[0])
    yield sweep.over(jobs[0], f"{script}: the first")
    check(sweep.cluster.job(jobs[0]) == ("FAILED", "75:0", "0"), f"{script}: first {sweep.cluster.job(jobs[0])}")
    check("for the next job of the chain" in sweep.cluster.log(jobs[0]), f"{script}: {sweep.cluster.log(jobs[0])}")
    sweep.middle(out, script)
    yield Until(lambda: all(sweep.cluster.is_over(job) for job in jobs), f"the end of the chain of {script}")
    sweep.complete(out, jobs[1], "0", script)
    for job in jobs[2:]:
        check(sweep.cluster.job(job)[0] == "CANCELLED", f"{script}: the rest {sweep.cluster.job(job)}")


def one_cancelled(sweep):
    """Cancelling one job leaves the chain to the next."""
    out, jobs = chain(sweep, 2, "mpirun.sbatch", "cancelled")
    yield sweep.a_row(out)
    sweep.cluster.ask("scancel", jobs[0])
    yield Until(lambda: all(sweep.cluster.is_over(job) for job in jobs), "the end of the chain with one cancelled")
    check(sweep.cluster.job(jobs[0])[0] == "CANCELLED", f"the cancelled one: {sweep.cluster.job(jobs[0])}")
    sweep.complete(out, jobs[1], "0", "after a cancelled job")


def make_scenarios(cluster):
    sweep = Sweep(cluster)
    return [continued(sweep, "mpirun.sbatch", "--batch"), continued(sweep, "srun.sbatch"), one_cancelled(sweep)]


main(make_scenarios)
