#!/usr/bin/env python3
"""A sweep that SLURM stops, requeues, cuts or cancels ends as the same file as one nobody disturbed."""
import os
import signal
from pathlib import Path

from cluster import main, processes_of, Until
from program import check, PENDING, run_columns
from sweep import count, FAST, SCRIPTS, Sweep

TWO_NODES = ["--nodes=2", "--ntasks=2"]


def computing(folder, out):
    """The processes that compute the jobs of a file: each is the child of a rank."""
    ranks = [pid for pid in processes_of(folder) if os.fsencode(out) in Path(f"/proc/{pid}/cmdline").read_bytes()
             and Path(f"/proc/{pid}/comm").read_text() == "infoplane\n"]
    return [pid for pid in ranks if int(Path(f"/proc/{pid}/stat").read_text().split(") ")[1].split()[1]) in ranks]


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
    check(not computing(sweep.folder, out), "cancel: nobody computes any more")
    sweep.middle(out, "cancel")
    job = sweep.cluster.submit(*TWO_NODES, SCRIPTS / "mpirun.sbatch", sweep.spec, out, **FAST)
    yield sweep.over(job, "the job after the cancelled one")
    sweep.complete(out, job, "0", "cancel")


def at_the_limit(sweep):
    """SLURM's own signal before the limit of a minute, to a run that its frozen jobs keep from being done before."""
    out, job = sweep.submit("mpirun.sbatch", "limit", "--ntasks=2", "--time=1", "--signal=B:USR1@20")
    yield sweep.a_row(out)
    frozen = computing(sweep.folder, out)
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    check(frozen and count(out, PENDING) > 0, "limit: jobs are frozen")
    yield Until(lambda: "the time limit is near" in sweep.cluster.log(job), "SLURM's signal")
    for pid in set(frozen) & set(computing(sweep.folder, out)):
        os.kill(pid, signal.SIGCONT)
    yield sweep.restarted(job, "the job with a limit")
    sweep.middle(out, "limit")
    yield sweep.over(job, "the job with a limit")
    sweep.complete(out, job, "1234", "limit")  # a slow machine meets the limit again


def make_scenarios(cluster):
    sweep = Sweep(cluster)
    return [at_the_limit(sweep), signalled(sweep, "mpirun.sbatch", "--batch"), signalled(sweep, "srun.sbatch"),
            requeued(sweep), cancelled(sweep), undisturbed(sweep, "mpirun.sbatch"), undisturbed(sweep, "srun.sbatch")]


main(make_scenarios)
