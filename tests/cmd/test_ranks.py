#!/usr/bin/env python3
"""A rank that dies ends the run within seconds, with a word; and however often a run is killed, a job that gets on
is not blamed for it, with the default retries.
"""
import os
import signal
import time

from program import check, main, PENDING, read, run_columns, small, start, wait_until


def endless(folder, jobs):
    return small(folder, {"name": "endless", "training": {"epochs": 10**8}, "measure": {"at": [1]},
                          "seeds": {"count": jobs}})


def family(pid):
    """A process and all below it, the youngest last."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            children = [int(child) for child in file.read().split()]
    except OSError:
        children = []
    return [pid, *(p for child in children for p in family(child))]


def rank_process(process, rank):
    """The process that speaks MPI for a rank: a child of mpirun."""
    mark = f"OMPI_COMM_WORLD_RANK={rank}\0".encode()
    for pid in family(process.pid)[1:]:
        with open(f"/proc/{pid}/environ", "rb") as file:
            if mark in file.read():
                return pid
    return None


def kill(pids):
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def checkpoint_times(out):
    folder = out.with_name(out.name + ".checkpoints")
    return {p.name: p.stat().st_mtime_ns for p in folder.iterdir() if ".tmp." not in p.name} if folder.exists() else {}


def one_rank(folder):
    """Its job is suspected, the others, whose ranks had a second to put them back, are not."""
    spec, out = endless(folder, 3), folder / "out.h5"
    process = start("run", spec, "-o", out, ranks=3)
    wait_until(lambda: (read(out, "run/running") > 0).all(), "three jobs at work")
    began = time.monotonic()
    kill([rank_process(process, 1)])
    stdout, stderr = process.communicate(timeout=60)
    seconds = time.monotonic() - began
    check(seconds < 20, f"the run ended after {seconds:.1f} s")
    check(process.returncode == 137, f"exit {process.returncode}")
    for words in ("from rank 1 (host", "dead or stuck", "the same command continues"):
        check(words in stderr, f"says '{words}': {stderr}")
    marks = run_columns(out)["running"]
    check(sum(marks) == 1, f"one job is left marked: {marks}")
    print(f"ended {seconds:.1f} s after the death of a rank")


def whole_runs(folder):
    """Killed again and again, each time once the jobs have saved something: no strike, no quarantine."""
    for ranks in (None, 2):
        spec, out = endless(folder, 2), folder / f"out{ranks}.h5"
        for k in range(5):
            before = checkpoint_times(out)
            process = start("run", spec, "-o", out, ranks=ranks)
            wait_until(lambda: any(time != before.get(name) for name, time in checkpoint_times(out).items()),
                       f"kill {k}: a checkpoint of this run")
            time.sleep(0.1)  # it is noted that the job gets on
            kill(family(process.pid))
            process.communicate()
        columns = run_columns(out)
        check((read(out, "state") == PENDING).all(), f"{ranks} ranks: states {read(out, 'state')}")
        check(sum(columns["strikes"]) == 0, f"{ranks} ranks: strikes {columns['strikes']}")
        check(max(columns["suspicion"]) >= 2, f"{ranks} ranks: suspicion {columns['suspicion']}")


main(one_rank, whole_runs)
