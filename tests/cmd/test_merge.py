#!/usr/bin/env python3
"""Shards put together are the same science as one run, at whatever stage they are merged."""
import shutil

import h5py

from program import (check, command, DONE, expect, FAILED, file_bytes, last_line, main, PENDING, read, run,
                     run_columns, same_science, six_jobs, small, start, texts, wait_until)


def shard(folder, spec, i, n, code=0):
    out = folder / f"shard-{i}-of-{n}.h5"
    expect(run("run", spec, "-o", out, "--shard", f"{i}/{n}"), code, "0 left")
    return out


def union(folder):
    """Any order of shards; the rows' history comes with them; a second merge changes nothing."""
    spec, whole = six_jobs(folder, 6), folder / "whole.h5"
    expect(run("run", spec, "-o", whole, ranks=2), 0, "6 done")
    shards = [shard(folder, spec, i, 4) for i in (1, 2, 3, 4)]
    sizes = [int((read(path, "state") == DONE).sum()) for path in shards]
    check(sizes == [2, 2, 1, 1], f"rows of the shards: {sizes}")
    for name, order in (("a", shards), ("b", shards[::-1])):
        out = folder / f"{name}.h5"
        expect(run("merge", out, *order), 0, f"6 jobs: 6 done, 0 failed, 0 quarantined, 0 pending ({out})")
        same_science(whole, out, name)
        expect(run("verify", out, "--recompute", 6), 0, "6 committed, 0 bad, 6 recomputed, 0 different")
        seconds = run_columns(out)["seconds"]
        check(all(seconds[job] == run_columns(shards[job % 4])["seconds"][job] for job in range(6)), "history")
        expect(run("run", spec, "-o", out), 0, "6 done, 0 failed, 0 left")
        before = file_bytes(out)
        expect(run("merge", out, *order), 0, "6 done")
        check(file_bytes(out) == before, "merging again gives the same file")
        check(not (folder / f"{name}.h5.lock").exists(), "no lock is left")


def in_steps(folder):
    """What is not done yet is pending; later merges add to OUT; a run goes on from there."""
    spec, whole, out = six_jobs(folder, 6), folder / "whole.h5", folder / "out.h5"
    expect(run("run", spec, "-o", whole), 0, "6 done")
    shards = [shard(folder, spec, i, 3) for i in (1, 2, 3)]
    expect(run("merge", out, shards[0]), 0, "2 done, 0 failed, 0 quarantined, 4 pending")
    expect(run("merge", out, shards[2]), 0, "4 done, 0 failed, 0 quarantined, 2 pending")
    check((read(out, "state") == [DONE, PENDING, DONE] * 2).all(), "the second shard is missing")
    check(run("status", out, "--exit-code").returncode == 75, "work is left")
    copy = folder / "copy.h5"
    shutil.copy(out, copy)
    expect(run("run", spec, "-o", copy), 0, "6 done")
    same_science(whole, copy, "finished by a run")
    expect(run("merge", out, copy, shards[1], shards[1]), 0, "6 done")
    same_science(whole, out, "finished by merges")


def grown(folder):
    """Shards of a spec that grew meanwhile: the widest file says which jobs there are."""
    few = small(folder, {"name": "few", "seeds": {"count": 3}})
    many = small(folder, {"name": "many", "seeds": {"count": 5}, "sweep": [{"network.hidden": [[4, 3], [5, 4, 3]]}]})
    whole, out = folder / "whole.h5", folder / "out.h5"
    expect(run("run", many, "-o", whole), 0, "10 done")
    old, new = shard(folder, few, 1, 1), shard(folder, many, 2, 2)
    expect(run("merge", out, old), 0, "3 done")
    expect(run("merge", out, old, new), 0, "7 done, 0 failed, 0 quarantined, 3 pending")
    expect(run("run", many, "-o", out), 0, "10 done")
    same_science(whole, out, "grown shards")


def failures(folder):
    """A failed row is kept, unless another file has it done."""
    spec = small(folder, {"network": {"hidden": [5], "activation": "linear"}, "training": {"optimizer": "sgd", "epochs": 30},
                          "sweep": [{"training.rate": [0.01, 1e6]}]})
    shards, out = [shard(folder, spec, 1, 2), shard(folder, spec, 2, 2, code=1)], folder / "out.h5"
    expect(run("merge", out, *shards), 0, "1 done, 1 failed, 0 quarantined, 0 pending")
    check(read(out, "state").tolist() == [DONE, FAILED], "states")
    check(texts(out, "run/reason") == texts(shards[1], "run/reason"), "with its reason")


def refused(folder):
    spec, other = six_jobs(folder, 6), six_jobs(folder, 7)
    mine, theirs, out = shard(folder, spec, 1, 2), folder / "theirs.h5", folder / "out.h5"
    expect(run("run", other, "-o", theirs), 0, "6 done")
    result = run("merge", out, mine, theirs)
    check(result.returncode == 65 and "theirs.h5" in last_line(result.stderr), f"other jobs: {result.stderr}")
    check(not out.exists(), "nothing is made of it")
    liar = folder / "liar.h5"
    shutil.copy(mine, liar)
    expect(run("run", spec, "-o", liar), 0, "6 done")
    with h5py.File(liar, "r+") as file:
        file["loss"][0, 0, 0] += 1
    result = run("merge", out, mine, liar)
    expect(result, 0, "6 done")
    check("damaged" in result.stderr, f"a damaged row is told of: {result.stderr}")
    with h5py.File(liar, "r+") as file:
        del file["provenance/kernels"]
        file["provenance/kernels"] = "others"
    result = run("merge", folder / "out2.h5", mine, liar)
    check(result.returncode == 65 and "kernels" in result.stderr, f"other kernels: {result.stderr}")
    check(run("merge", out).returncode == 2, "OUT alone")
    result = run("merge", out, mine, folder / "none.h5")
    check(result.returncode == 74 and "none.h5" in result.stderr, f"no such file: {result.stderr}")
    before = file_bytes(out)
    check(run("merge", out, theirs).returncode == 65 and file_bytes(out) == before, "OUT is left alone")


def while_running(folder):
    """Only what is committed is taken, with a warning; nobody is let near an OUT that a run is writing."""
    spec = small(folder, {"name": "endless", "training": {"epochs": 10**8}, "measure": {"at": [1]}})
    running, out = folder / "running.h5", folder / "out.h5"
    process = start("run", spec, "-o", running)
    wait_until(lambda: (read(running, "run/running") > 0).any(), "a job at work")
    result = run("merge", out, running)
    expect(result, 0, "1 pending")
    check("a run is writing" in result.stderr, f"a warning: {result.stderr}")
    check(list(run_columns(out)["running"]) == [0], "in the new file nobody is at work")
    result = run("merge", out, folder / "." / "out.h5", running)
    check(result.stderr.count("a run is writing") == 1, f"of the shard, not of OUT by another name: {result.stderr}")
    expect(run("merge", running, out), 73, "another run holds it", where="stderr")
    process.terminate()
    process.communicate(timeout=60)


main(union, in_steps, grown, failures, refused, while_running)
