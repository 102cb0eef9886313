#!/usr/bin/env python3
"""A sweep that SLURM stops, requeues, cuts or cancels ends as the same file as one nobody disturbed."""
import os
import signal

from cluster import main, Until
from program import check, read, run_columns
from sweep import FAST, SCRIPTS, Sweep

TWO_NODES = ["--nodes=2", "--ntasks=2"]
NO_SIGNAL = "--signal=B:CONT@1"  # that anybody would act upon


def undisturbed(sweep, script):
    """Four ranks over two nodes."""
    out, job = sweep.submit(script, f"a {script} run", "--nodes=2", "--ntasks=4")
    yield sweep.over(job, script)
    sweep.complete(out, job, "0", script)
    if sweep.cluster.apart:
        check(set(run_columns(out)["host"]) == {b"n0", b"n1"}, f"{script}: both nodes computed")


def signalled(sweep, script, *flags):
    """The signal before the time limit, by hand: the run stops, the job requeues itself."""
    out, job = sweep.submit(script, f"signal-{script}", *TWO_NODES)
    yield sweep.a_row(out)
    sweep.cluster.ask("scancel", *flags, "--signal=USR1", job)
    yield sweep.restarted(job, script)
    sweep.middle(out, script)
    check("stopped early: run the same command again" in sweep.cluster.log(job), f"{script}: stopped in good order")
    yield sweep.over(job, f"{script} after the signal")
    sweep.complete(out, job, "1", f"{script} after the signal")


def requeued(sweep):
    """What an administrator does, and SLURM itself after a preemption or when a node fails."""
    out, job = sweep.submit("mpirun.sbatch", "requeue", *TWO_NODES)
    yield sweep.a_row(out)
    sweep.cluster.ask("scontrol", "requeue", job)
    yield Until(lambda: sweep.cluster.job(job)[0] == "PENDING", "the requeued job")
    sweep.middle(out, "requeue")
    yield sweep.over(job, "the requeued job")
    sweep.complete(out, job, "1", "requeue")


def cancelled(sweep):
    """The same line again continues. Here the script's own sigkill_timeout holds."""
    out, job = sweep.submit("mpirun.sbatch", "cancel", *TWO_NODES, OMPI_MCA_odls_base_sigkill_timeout="5")
    yield sweep.a_row(out)
    sweep.cluster.ask("scancel", job)
    yield sweep.over(job, "the cancelled job")
    seen = sweep.cluster.job(job)
    check(seen == ("CANCELLED", "143:0", "0"), f"cancel: {seen}")
    check(not sweep.computing(out), "cancel: nobody computes any more")
    sweep.middle(out, "cancel")
    job = sweep.cluster.submit(*TWO_NODES, SCRIPTS / "mpirun.sbatch", sweep.spec, out, **FAST)
    yield sweep.over(job, "the job after the cancelled one")
    sweep.complete(out, job, "0", "cancel")


def at_the_limit(sweep):
    """SLURM's own signal before the limit of a minute, to a run that its frozen jobs keep from being done before."""
    out, job = sweep.submit("mpirun.sbatch", "limit", "--ntasks=2", "--time=1", "--signal=B:USR1@20")
    yield sweep.a_row(out)
    frozen = sweep.freeze(out)
    yield Until(lambda: "the time limit is near" in sweep.cluster.log(job), "SLURM's signal")
    sweep.thaw(out, frozen)
    yield sweep.restarted(job, "the job with a limit")
    sweep.middle(out, "limit")
    yield sweep.over(job, "the job with a limit")
    sweep.complete(out, job, "1234", "limit")  # a slow machine meets the limit again


def by_itself(sweep):
    """Without a signal the run knows from squeue how long it has, and stops before that."""
    out, job = sweep.submit("mpirun.sbatch", "itself", "--ntasks=2", "--time=1", NO_SIGNAL)
    yield sweep.a_row(out)
    frozen = sweep.freeze(out)
    yield Until(lambda: (read(out, "run/running") == 0).all(), "the run puts its jobs back")
    sweep.thaw(out, frozen)
    yield sweep.restarted(job, "the job that stopped by itself")
    sweep.middle(out, "itself")
    yield sweep.over(job, "the job that stopped by itself")
    sweep.complete(out, job, "1234", "itself")


def cut(sweep):
    """Ranks that do not answer are cut at the limit; the same line again continues."""
    out, job = sweep.submit("mpirun.sbatch", "cut", *TWO_NODES, "--time=1", NO_SIGNAL)
    yield sweep.a_row(out)
    sweep.freeze(out)
    for pid in sweep.processes(out)[0]:
        os.kill(pid, signal.SIGSTOP)
    yield sweep.over(job, "the job that is cut")
    check(sweep.cluster.job(job)[0] == "TIMEOUT", f"cut: {sweep.cluster.job(job)}")
    yield Until(lambda: sweep.processes(out) == ([], []), "the end of all its processes")
    sweep.middle(out, "cut")
    job = sweep.cluster.submit(*TWO_NODES, SCRIPTS / "mpirun.sbatch", sweep.spec, out, **FAST)
    yield sweep.over(job, "the job after the cut one")
    sweep.complete(out, job, "0", "cut")


def make_scenarios(cluster):
    sweep = Sweep(cluster)
    return [at_the_limit(sweep), by_itself(sweep), cut(sweep), signalled(sweep, "mpirun.sbatch", "--batch"), signalled(sweep, "srun.sbatch"),
            requeued(sweep), cancelled(sweep), undisturbed(sweep, "mpirun.sbatch"), undisturbed(sweep, "srun.sbatch")]


main(make_scenarios)
