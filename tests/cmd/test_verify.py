#!/usr/bin/env python3
"""`verify` finds every damaged row and says so, and computes jobs again from the file alone."""
import json
import os

import h5py
import numpy as np

from program import (check, DONE, expect, file_bytes, last_line, main, PENDING, read, root_digests, run, six_jobs,
                     small, write_data)


def damages(folder):
    """A bit of any science variable, of the checksum, the state: found, told, and healed by a run."""
    spec, out = six_jobs(folder, 5), folder / "out.h5"
    expect(run("run", spec, "-o", out), 0, "6 done")
    before = root_digests(out)
    expect(run("verify", out), 0, f"6 jobs: 6 committed, 0 bad, 0 recomputed, 0 different ({out})")
    with h5py.File(out) as file:
        names = [name for name in file if isinstance(file[name], h5py.Dataset)
                 and "coordinates" in file[name].attrs]  # the variables: what a job measured
    check(len(names) == 14, f"variables: {names}")
    for k, name in enumerate([*names, "run/checksum", "state"]):
        job = k % 6
        with h5py.File(out, "r+") as file:
            row = np.atleast_1d(file[name][job])
            row.ravel().view(np.uint8)[0] ^= 4
            file[name][job] = row if row.shape != (1,) else row[0]
        result = run("verify", out)
        expect(result, 1, "6 committed, 1 bad")
        check(f"row {job} is damaged" in result.stderr, f"{name}: {result.stderr}")
        told = json.loads(run("verify", out, "--json").stdout)
        check(told == {"jobs": 6, "committed": 6, "bad": 1, "recomputed": 0, "different": 0}, f"{name}: {told}")
        result = run("run", spec, "-o", out)
        expect(result, 0, "6 done, 0 failed, 0 left")
        check(f"row {job} is damaged" in result.stderr, f"{name}: run tells, too")
        check(root_digests(out) == before, f"{name}: healed")


def recomputed(folder):
    """A row with a good checksum but other numbers is what recomputing is for."""
    spec, out = six_jobs(folder, 5), folder / "out.h5"
    expect(run("run", spec, "-o", out, ranks=2), 0, "6 done")
    before = file_bytes(out)
    os.remove(spec)  # the file alone
    expect(run("verify", out, "--recompute", 2), 0, "2 recomputed, 0 different")
    expect(run("verify", out, "--recompute", 100), 0, "6 recomputed, 0 different")
    chosen = {last_line(run("verify", out, "--recompute", 1).stderr) for _ in range(12)}
    check(len(chosen) > 1, f"jobs are chosen at random: {chosen}")
    check(file_bytes(out) == before, "the file is only read")

    # Job 0 with the science of job 1 and, but for job and state, a checksum of its own: taken from a run that was
    # told that seed 2 is its first.
    other = folder / "other.h5"
    spec = small(folder, {"name": "one", "seeds": {"count": 2}})
    expect(run("run", spec, "-o", other), 0, "2 done")
    swapped = folder / "swapped.h5"
    expect(run("run", small(folder, {"name": "two", "seeds": {"count": 1, "first": 2}}), "-o", swapped), 0, "1 done")
    with h5py.File(other, "r+") as to, h5py.File(swapped) as source:
        for name in [n for n in source if "coordinates" in source[n].attrs]:
            to[name][0] = source[name][0]
        to["run/checksum"][0] = source["run/checksum"][0]
    expect(run("verify", other), 0, "2 committed, 0 bad")
    result = run("verify", other, "--recompute", 2)
    expect(result, 1, "2 recomputed, 1 different")
    check("job 0 recomputed differs in" in result.stderr and "loss" in result.stderr, f"{result.stderr}")
    told = json.loads(run("verify", other, "--recompute", 2, "--json").stdout)
    check(told == {"jobs": 2, "committed": 2, "bad": 0, "recomputed": 2, "different": 1}, f"{told}")


def diverged(folder):
    """A job that diverges diverges again, at the same epoch, with the same numbers before."""
    spec, out = small(folder, {
        "network": {"hidden": [5, 4], "activation": "linear"}, "training": {"optimizer": "sgd", "epochs": 30},
        "sweep": [{"training.rate": [0.01, 1e6]}]}), folder / "out.h5"
    expect(run("run", spec, "-o", out), 1, "1 done, 1 failed")
    result = run("verify", out, "--recompute", 5)
    expect(result, 0, "2 committed, 0 bad, 2 recomputed, 0 different")
    check("no more than 2 rows" in result.stderr, f"fewer than asked for: {result.stderr}")


def cannot(folder):
    """What cannot be recomputed is said to be so: pending rows, data that changed, other kernels."""
    spec, out = small(folder, {"name": "half", "seeds": {"count": 4}}), folder / "out.h5"
    expect(run("run", spec, "-o", out, "--shard", "1/2"), 0, "2 done")
    check(read(out, "state").tolist() == [DONE, PENDING, DONE, PENDING], "half done")
    expect(run("verify", out, "--recompute", 4), 0, "4 jobs: 2 committed, 0 bad, 2 recomputed, 0 different")
    write_data(folder / "data.h5", seed=2)
    result = run("verify", out, "--recompute", 1)
    check(result.returncode == 65 and "the data has changed" in result.stderr, f"changed data: {result.stderr}")
    os.remove(folder / "data.h5")
    result = run("verify", out, "--recompute", 1)
    check(result.returncode == 65 and "data.h5" in result.stderr, f"no data: {result.stderr}")
    expect(run("verify", out), 0, "2 committed, 0 bad")
    with h5py.File(out, "r+") as file:
        del file["provenance/kernels"]
        file["provenance/kernels"] = "others"
    result = run("verify", out, "--recompute", 1)
    check(result.returncode == 73 and "kernels 'others'" in result.stderr, f"other kernels: {result.stderr}")
    check(run("verify", out, "--recompute", "x").returncode == 2, "no number")
    result = run("verify", folder / "none.h5")
    check(result.returncode == 74 and "none.h5" in result.stderr, f"no such file: {result.stderr}")


main(damages, recomputed, diverged, cannot)
