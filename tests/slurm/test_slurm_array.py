#!/usr/bin/env python3
"""An array of shards, stopped and killed on the way, is merged into the same file as one run's."""
import os
import signal

from cluster import main, Until
from program import check, DONE, expect, run, run_columns, same_science
from sweep import count, JOBS, SCRIPTS, Sweep


def shard_of(out, i, n):
    return out.with_name(f"{out.stem}.shard-{i}-of-{n}.h5")


def submit(sweep, name, n, tasks):
    """The array, and a job behind it that merges: the file, their numbers."""
    out = sweep.folder / f"{name}.h5"
    array = sweep.cluster.submit(f"--array={tasks}", SCRIPTS / "array.sbatch", sweep.spec, out, n)
    merge = sweep.cluster.submit(f"--dependency=afterany:{array}", SCRIPTS / "merge.sbatch", out, n)
    return out, array, merge


def tasks_over(sweep, array, tasks):
    return Until(lambda: all(sweep.cluster.is_over(f"{array}_{i}") for i in tasks), f"the end of array {array}")


def signalled(sweep):
    """One task gets the signal before its limit and requeues itself; the merge waits for it."""
    out, array, merge = submit(sweep, "signalled", 3, "1-3")
    second = shard_of(out, 2, 3)
    yield sweep.a_row(second)
    frozen = sweep.freeze(second)
    sweep.cluster.ask("scancel", "--batch", "--signal=USR1", f"{array}_2")
    yield Until(lambda: "the time limit is near" in sweep.cluster.log(f"{array}_2"), "the signal")
    sweep.thaw(second, frozen)
    yield sweep.restarted(f"{array}_2", "the task")
    check(1 <= count(second, DONE) < JOBS // 3, f"stopped in the middle: {count(second, DONE)} done")
    yield tasks_over(sweep, array, (1, 2, 3))
    for i in (1, 2, 3):
        seen = sweep.cluster.job(f"{array}_{i}")
        check(seen == ("COMPLETED", "0:0", "1" if i == 2 else "0"), f"task {i}: {seen}")
        check(f"shard {i}/3: 4 jobs: 4 done, 0 failed, 0 left" in sweep.cluster.log(f"{array}_{i}"), f"task {i}'s log")
    yield sweep.over(merge, "the merge")
    check(sweep.cluster.job(merge) == ("COMPLETED", "0:0", "0"), f"merge: {sweep.cluster.job(merge)}")
    same_science(sweep.whole, out, "an array")
    seconds = run_columns(out)["seconds"]
    check(all(run_columns(shard_of(out, job % 3 + 1, 3))["seconds"][job] == seconds[job] for job in range(JOBS)),
          "each row is its shard's")
    expect(run("verify", out, "--recompute", "1"), 0, "12 committed, 0 bad, 1 recomputed, 0 different")


def killed(sweep):
    """A task that died leaves its rows pending; submitted again, and merged again, nothing is missing."""
    out, array, merge = submit(sweep, "killed", 2, "1-2")
    first = shard_of(out, 1, 2)
    yield sweep.a_row(first)
    for pid in sweep.processes(first)[0]:
        os.kill(pid, signal.SIGKILL)
    yield sweep.over(merge, "the merge after a dead task")
    check(sweep.cluster.job(f"{array}_1")[:2] == ("FAILED", "137:0"), f"the dead task: {sweep.cluster.job(f'{array}_1')}")
    check(sweep.cluster.job(merge)[:2] == ("FAILED", "75:0"), f"rows are missing: {sweep.cluster.job(merge)}")
    sweep.middle(out, "a dead task")
    out, array, merge = submit(sweep, "killed", 2, "1")
    yield sweep.over(merge, "the second merge")
    check(sweep.cluster.job(merge) == ("COMPLETED", "0:0", "0"), f"the second merge: {sweep.cluster.job(merge)}")
    same_science(sweep.whole, out, "a dead task")


def make_scenarios(cluster):
    sweep = Sweep(cluster)
    return [signalled(sweep), killed(sweep)]


main(make_scenarios)
