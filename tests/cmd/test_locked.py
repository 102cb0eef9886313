#!/usr/bin/env python3
"""One run at a time writes a file; readers are never locked out; a dead run's lock is no obstacle."""
import os
import signal
import socket

from program import (check, command, DONE, expect, main, read, run, same_science, small, start, wait_until)


def endless(folder):
    return small(folder, {"name": "endless", "training": {"epochs": 10**8}, "measure": {"at": [1]}})


def working(spec, out, ranks=None):
    process = start("run", spec, "-o", out, ranks=ranks)
    lock = out.with_name(out.name + ".lock")
    wait_until(lambda: f"pid {process.pid}\n" in lock.read_text() and (read(out, "run/running") > 0).any()
               and '"progress"' in out.with_name(out.name + ".log").read_text(), "a job at work")
    return process


def end(process, code=75):
    process.send_signal(signal.SIGUSR1)
    stdout, stderr = process.communicate(timeout=60)
    check(process.returncode == code, f"exit {process.returncode}: {stdout}{stderr}")


def refused(folder):
    spec, out = endless(folder), folder / "out.h5"
    process = working(spec, out)
    for ranks in (None, 2):
        result = run("run", spec, "-o", out, ranks=ranks)
        check(result.returncode == 73, f"exit {result.returncode}")
        for part in (f"host {socket.gethostname()}", f"pid {process.pid}", "since 20", "--break-lock"):
            check(part in result.stderr, f"names '{part}': {result.stderr}")
    link = folder / "link.h5"
    link.symlink_to(out)
    expect(run("run", spec, "-o", link), 73, "another run holds it", where="stderr")
    expect(run("retry", out), 73, "another run holds it", where="stderr")
    for reader in (("status", out), ("export", out, "--csv"), ("verify", out), ("plan", spec, "-o", out)):
        expect(run(*reader), 0)
    check("running on" in run("status", out).stdout, "status knows that it runs")
    check(process.poll() is None, "the first run goes on")
    end(process)
    check("running on" not in run("status", out).stdout, "and that it does not")


def dead(folder):
    """kill -9 leaves a lock; the same command takes it over, status does not believe it."""
    spec, out = endless(folder), folder / "out.h5"
    process = working(spec, out)
    process.kill()
    process.communicate()
    check((folder / "out.h5.lock").exists(), "a lock is left")
    check("running on" not in run("status", out).stdout, "status sees that nobody holds it")
    process = working(spec, out)
    end(process)


def broken(folder):
    """A run whose lock was broken notices, and leaves before it writes a row."""
    out = folder / "out.h5"
    spec = small(folder, {"name": "six", "training": {"epochs": 40000, "batch": 8}, "measure": {"at": [1]},
                          "seeds": {"count": 6}})
    whole = folder / "whole.h5"
    expect(run("run", spec, "-o", whole), 0, "6 done")
    first = working(spec, out)
    second = start("run", spec, "-o", out, "--break-lock")
    stdout, stderr = first.communicate(timeout=100)
    check(first.returncode == 73, f"the first: exit {first.returncode}: {stdout}{stderr}")
    check("another run has taken" in stderr, f"and says why: {stderr}")
    stdout, stderr = second.communicate(timeout=100)
    check(second.returncode == 0 and "6 done, 0 failed, 0 left" in stdout, f"the second: {stdout}{stderr}")
    same_science(whole, out, "broken lock")
    check(not (folder / "out.h5.lock").exists(), "no lock is left")


def lost(folder):
    """A lock that is removed, or another's, is noticed while a long job is at work: never 75, on which scripts requeue."""
    spec, runs = endless(folder), []
    for name, ranks, harm, words in (("removed", None, lambda lock: lock.unlink(), "its lock is gone"),
                                     ("other", 2, lambda lock: lock.write_text("somebody else\n"), "another run has taken")):
        out = folder / f"{name}.h5"
        process = start("run", spec, "-o", out, "--checkpoint", "0", ranks=ranks)
        wait_until(lambda: (read(out, "run/running") > 0).any(), "a job at work")
        harm(folder / f"{name}.h5.lock")
        runs.append((name, process, words))
    for name, process, words in runs:
        stdout, stderr = process.communicate(timeout=90)
        check(process.returncode == 73 and words in stderr, f"{name}: exit {process.returncode}: {stdout}{stderr}")
        log = (folder / f"{name}.h5.log").read_text().splitlines()[-1]
        check(words in log and "signal" not in log, f"{name}: the log says why: {log}")


def race(folder):
    """Many at once: one works, the others are refused or find everything done."""
    spec, out = small(folder, {"name": "race", "seeds": {"count": 20}}), folder / "out.h5"
    processes = [start("run", spec, "-o", out) for _ in range(4)]
    codes = []
    for process in processes:
        process.communicate(timeout=100)
        codes.append(process.returncode)
    check(0 in codes and set(codes) <= {0, 73}, f"exit codes {codes}")
    check((read(out, "state") == DONE).all(), "all done")
    expect(run("run", spec, "-o", out), 0, "20 done")


main(refused, dead, broken, lost, race)
