#!/usr/bin/env python3
"""A job goes on from its last checkpoint, in the same run or the next, and ends with the same bits."""
import json
import os
import shutil
import signal

import h5py

from program import (check, cpu_seconds, expect, main, read, run, run_columns, same_science, small, start, texts,
                     wait_until)


def long_spec(folder, **changes):
    """One job of some seconds; its memory of the past is all Adam has."""
    return small(folder, {"name": "long", "training": {"epochs": 80000, "batch": 8, "optimizer": "adam"},
                          "measure": {"at": {"log": 12}}, **changes})


def checkpoints(out):
    """Those that are whole."""
    folder = out.with_name(out.name + ".checkpoints")
    return sorted(p for p in folder.iterdir() if ".tmp." not in p.name) if folder.exists() else []


def events(out, name):
    lines = out.with_name(out.name + ".log").read_text().splitlines()
    return [event for event in map(json.loads, lines) if event["event"] == name]


def attempts_add_up(folder):
    """No attempt has the time the job needs: it is done because each goes on where the last was."""
    whole, out = folder / "whole.h5", folder / "out.h5"
    expect(run("run", long_spec(folder), "-o", whole), 0, "1 done")
    limit = max(0.3, run_columns(whole)["seconds"][0] / 4)
    spec = long_spec(folder, limits={"job_seconds": limit, "retries": 100})
    expect(run("run", spec, "-o", out, "--checkpoint", "0.05"), 0, "1 done, 0 failed, 0 left")
    check(run_columns(out)["attempts"][0] >= 2, f"{run_columns(out)['attempts']} attempts")
    check(len(events(out, "lost")) == run_columns(out)["attempts"][0] - 1, "each loss is in the log")
    check(events(out, "resumed"), "and that the job was resumed")
    same_science(whole, out, "attempts")
    check(not checkpoints(out) and not (folder / "out.h5.checkpoints").exists(), "no checkpoint is left")


def stopped(folder):
    """A signal makes running jobs write a checkpoint, with none of them at other times."""
    whole = folder / "whole.h5"
    spec = long_spec(folder, seeds={"count": 2})
    expect(run("run", spec, "-o", whole, ranks=2), 0, "2 done")
    for ranks, flags in ((None, []), (2, []), (None, ["--isolate", "none"])):
        out = folder / f"out{ranks}{len(flags)}.h5"
        process = start("run", spec, "-o", out, "--checkpoint", "0", *flags, ranks=ranks)
        wait_until(lambda: (read(out, "run/running") > 0).any(), "a job at work")
        if flags:  # the parent computes: not before it does is there anything to save
            before = cpu_seconds(process.pid)
            wait_until(lambda: cpu_seconds(process.pid) > before + 0.1, "the job has begun")
        process.send_signal(signal.SIGUSR1)
        stdout, stderr = process.communicate(timeout=100)
        check(process.returncode == 75 and "run the same command again" in stdout, f"{stdout}{stderr}")
        check(1 <= len(checkpoints(out)) <= 2, f"checkpoints: {checkpoints(out)}")
        check((read(out, "run/running") == 0).all(), "nothing is marked as running")
        check((read(out, "run/suspicion") == 0).all(), "nobody is suspected")
        names = {path.name for path in checkpoints(out)}
        check(names <= set(texts(out, "key")), "named by their keys")
        expect(run("run", spec, "-o", out, *flags, ranks=ranks), 0, "2 done, 0 failed, 0 left")
        check(len(events(out, "resumed")) >= 1, "a job was resumed")
        same_science(whole, out, f"stopped on {ranks}")
        check(not (folder / (out.name + ".checkpoints")).exists(), "no checkpoint is left")


def damaged(folder):
    """A checkpoint that does not hold is left aside, with a warning: the job starts anew."""
    whole, out = folder / "whole.h5", folder / "out.h5"
    spec = long_spec(folder)
    expect(run("run", spec, "-o", whole), 0, "1 done")
    for harm in ("flip", "cut", "empty"):
        process = start("run", spec, "-o", out, "--checkpoint", "0.05")
        wait_until(lambda: checkpoints(out), "a checkpoint")
        process.kill()
        process.communicate()
        (path,) = checkpoints(out)
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes({"flip": data, "cut": data[:-9], "empty": b""}[harm])
        result = run("run", spec, "-o", out)
        expect(result, 0, "1 done")
        check("checkpoint" in result.stderr, f"{harm}: a warning: {result.stderr}")
        same_science(whole, out, harm)
        out.unlink()


def killed_at_a_checkpoint(spec, out):
    process = start("run", spec, "-o", out, "--checkpoint", "0.05")
    wait_until(lambda: checkpoints(out), "a checkpoint")
    process.kill()
    process.communicate()


def grown(folder):
    """A sweep that grows, also by a deeper network, goes on with the jobs that were under way."""
    for name, changes in (("seeds", {"seeds": {"count": 2}}),
                          ("deeper", {"sweep": [{"network.hidden": [[6, 5, 4], [4, 3]]}]})):
        whole, out = folder / f"{name}-whole.h5", folder / f"{name}.h5"
        killed_at_a_checkpoint(long_spec(folder), out)
        spec = long_spec(folder, **{"name": name, **changes})
        expect(run("run", spec, "-o", out), 0, "2 done, 0 failed, 0 left")
        check(len(events(out, "resumed")) == 1, f"{name}: the job was resumed")
        expect(run("run", spec, "-o", whole), 0, "2 done")
        same_science(whole, out, name)


def damaged_row(folder):
    """A row whose checksum does not hold is a job like any other, which may be stopped and resumed."""
    whole, out = folder / "whole.h5", folder / "out.h5"
    spec = long_spec(folder)
    expect(run("run", spec, "-o", whole), 0, "1 done")
    shutil.copy(whole, out)
    with h5py.File(out, "r+") as file:
        file["loss"][0, 1, 0] += 1
    killed_at_a_checkpoint(spec, out)
    check(run("status", out, "--exit-code").returncode == 75, "it is pending")
    expect(run("run", spec, "-o", out), 0, "1 done")
    check(len(events(out, "resumed")) == 1, "it was resumed")
    same_science(whole, out, "damaged row")


def of_nobody(folder):
    """What a killed run left of jobs that are done, and temporary files, are swept away."""
    out = folder / "out.h5"
    spec = small(folder, {"name": "short"})
    expect(run("run", spec, "-o", out), 0, "1 done")
    beside = folder / "out.h5.checkpoints"
    beside.mkdir()
    (beside / texts(out, "key")[0]).write_bytes(b"old")
    (beside / "00ff.tmp.123").write_bytes(b"half")
    (folder / "out.h5.tmp.99999999").write_bytes(b"half a file")
    expect(run("run", spec, "-o", out), 0, "1 done")
    check(sorted(os.listdir(folder)) == ["data.h5", "out.h5", "out.h5.log", "short.yaml"],
          f"left: {sorted(os.listdir(folder))}")


main(attempts_add_up, stopped, damaged, grown, damaged_row, of_nobody)
