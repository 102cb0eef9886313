#!/usr/bin/env python3
"""A job that diverges, hangs, eats memory or is killed costs that job alone, and its row says why.

Under sanitizers, whose times and sizes are others, the limits are not tried (INFOPLANE_SANITIZE).
"""
import json
import os
import signal

import numpy as np

from program import (check, DONE, expect, FAILED, file_bytes, main, read, run, run_columns, small,
                     start, texts, wait_until)


def failures_in_log(out):
    lines = out.with_name(out.name + ".log").read_text().splitlines()
    return [event for event in map(json.loads, lines) if event["event"] == "failed"]


def diverging(folder):
    spec = small(folder, {
        "network": {"hidden": [5, 4], "activation": "linear"},
        "training": {"optimizer": "sgd", "epochs": 30},
        "sweep": [{"training.rate": [0.01, 1e6, 0.02]}], "seeds": {"count": 2}})
    for ranks, flags in ((None, []), (3, []), (None, ["--isolate", "none"])):
        out = folder / f"out{ranks}{len(flags)}.h5"
        expect(run("run", spec, "-o", out, *flags, ranks=ranks), 1,
               f"6 jobs: 4 done, 2 failed, 0 left ({out})")
        check(read(out, "state").tolist() == [DONE, DONE, FAILED, FAILED, DONE, DONE], "states")
        columns = run_columns(out)
        for job, reason in enumerate(texts(out, "run/reason")):
            check(("epoch" in reason and "finite" in reason) if job in (2, 3) else reason == "",
                  f"reason of job {job}: '{reason}'")
        check(columns["attempts"] == [1] * 6, "what diverged would diverge again: one attempt")
        check({event["job"] for event in failures_in_log(out)} == {2, 3}, "failures in the log")
        for job in (2, 3):
            loss, information = read(out, "loss")[job, :, 0], read(out, "I_XT")[job]
            reached = int(np.isfinite(loss).sum())
            check(1 <= reached < 31 and np.isnan(loss[reached:]).all(), "loss, then NaN")
            check(np.isfinite(information[:reached]).all(), "the snapshots before are kept")
            check(np.isnan(information[reached:]).all(), "and no more")
        before = file_bytes(out)
        expect(run("run", spec, "-o", out, *flags), 1, "4 done, 2 failed, 0 left")
        check(file_bytes(out) == before, "a failed row is not tried again")
        told = run("status", out)
        expect(told, 0, "4 done, 2 failed, 0 quarantined, 0 pending")
        check("job 2 failed: diverged in epoch" in told.stdout, f"status tells why: {told.stdout}")
        check(run("status", out, "--exit-code").returncode == 1, "status --exit-code")
        status = json.loads(run("status", out, "--json").stdout)
        check(status["failed"] == 2 and status["complete"] is True, f"status --json: {status}")
    result = run("activations", out, "--job", 2, "--epoch", 30, "-o", folder / "a.h5")
    check(result.returncode == 1 and "epoch" in result.stderr, "nor can its end be looked at")


def plan_of_what_diverges(folder):
    """The short trial that a prediction rests on may diverge too."""
    spec = small(folder, {"network": {"activation": "linear"},
                          "training": {"optimizer": "sgd", "rate": 1e6, "epochs": 500}})
    expect(run("plan", spec), 0, "1 jobs, 0 done, 1 to do")


def lost(folder, limits, width, expected):
    """A narrow and a wide network under limits that only the wide one breaks."""
    spec = small(folder, {"training": {"epochs": 3000}, "limits": limits, "measure": {"at": [1]},
                          "sweep": [{"network.hidden": [[2], [width, width]]}]})
    out = folder / "out.h5"
    expect(run("run", spec, "-o", out), 1, "2 jobs: 1 done, 1 failed, 0 left")
    check(read(out, "state").tolist() == [DONE, FAILED], "states")
    reason = texts(out, "run/reason")[1]
    check(expected in reason, f"expected '{expected}', saw '{reason}'")
    check(run_columns(out)["attempts"] == [1, 1 + limits["retries"]], "attempts")
    check(np.isnan(read(out, "loss")[1]).all() and np.isnan(read(out, "weight_norm")[1]).all(),
          "a lost row is all NaN")
    check([e["reason"] for e in failures_in_log(out)] == [reason], "the reason in the log")
    check(run("status", out, "--exit-code").returncode == 1, "status --exit-code")


def too_long(folder):
    lost(folder, {"job_seconds": 2, "retries": 1}, 700, "ran longer than 2 s")


def too_large(folder):
    lost(folder, {"memory": "64MiB", "retries": 0}, 2000, "used more than 64 MiB of memory")


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(child) for child in file.read().split()]


def workers(pid):
    """Children that run the program: a lone MPI process may have started others."""
    with open(f"/proc/{pid}/cmdline", "rb") as file:
        own = file.read()
    def is_worker(child):
        with open(f"/proc/{child}/cmdline", "rb") as file:
            return file.read() == own
    return [child for child in children(pid) if is_worker(child)]


def killed(folder):
    """A child that the kernel shoots is started again, and the row is as if nothing had been."""
    spec = small(folder, {"training": {"epochs": 60000}, "measure": {"at": {"log": 5}}})
    calm, out = folder / "calm.h5", folder / "out.h5"
    expect(run("run", spec, "-o", calm), 0, "1 done")
    process = start("run", spec, "-o", out)
    wait_until(lambda: out.exists() and workers(process.pid), "a child")
    victim = workers(process.pid)[0]
    os.kill(victim, signal.SIGKILL)
    stdout, stderr = process.communicate(timeout=60)
    check(process.returncode == 0 and "1 done, 0 failed" in stdout, f"{stdout}{stderr}")
    check(run_columns(out)["attempts"] == [2], "two attempts")
    check(texts(out, "run/reason") == [""], "no reason to give")
    check(read(out, "loss").tobytes() == read(calm, "loss").tobytes(), "the same row")


def killed_for_good(folder):
    spec = small(folder, {"training": {"epochs": 10000000}, "measure": {"at": [1]},
                          "limits": {"retries": 2}})
    out = folder / "out.h5"
    process = start("run", spec, "-o", out)
    wait_until(out.exists, "the file")
    for sign in (signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL):
        wait_until(lambda: workers(process.pid), "a child")
        victim = workers(process.pid)[0]
        os.kill(victim, sign)
        wait_until(lambda: victim not in children(process.pid), "its end")
    stdout, stderr = process.communicate(timeout=60)
    check(process.returncode == 1 and "0 done, 1 failed, 0 left" in stdout, f"{stdout}{stderr}")
    check(texts(out, "run/reason")[0].startswith("signal 9 (Killed)"), "the last reason")
    check(run_columns(out)["attempts"] == [3], "three attempts")


tests = [diverging, plan_of_what_diverges, killed, killed_for_good]
if not os.environ.get("INFOPLANE_SANITIZE"):
    tests += [too_long, too_large]
main(*tests)
