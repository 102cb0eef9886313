"""What a run leaves beside its file, what a refusal tells, and how a plan looks into an older file."""
import json
import os
import signal

import h5py
import numpy as np

from program import check, expect, main, run, small, start, wait_until

RATES = [round(0.01 * (i + 1), 2) for i in range(21)]


def nothing_but_log_and_lock(folder):
    """During a run of three ranks and after they were killed: the file, its log and its lock, nothing else."""
    spec = small(folder, {"training": {"epochs": 200000}, "seeds": {"count": 3}})
    out = folder / "out"
    out.mkdir()
    process = start("run", spec, "-o", out / "f.h5", ranks=3)
    wait_until(lambda: (out / "f.h5.log").exists() and "progress" in (out / "f.h5.log").read_text(), "the run")
    expected = {"f.h5", "f.h5.lock", "f.h5.log"}
    check(set(os.listdir(out)) == expected, f"during the run: {os.listdir(out)}")
    process.send_signal(signal.SIGKILL)
    process.communicate()
    check(set(os.listdir(out)) == expected, f"after the kill: {os.listdir(out)}")


def by_a_link(folder):
    """Of a symbolic link, everything lies beside the file it leads to."""
    spec, real = small(folder, {"name": "linked"}), folder / "real"
    real.mkdir()
    expect(run("run", spec, "-o", real / "f.h5"), 0, "1 done")
    (folder / "link.h5").symlink_to(real / "f.h5")
    grown = small(folder, {"name": "grown", "seeds": {"count": 2}})
    expect(run("run", grown, "-o", folder / "link.h5"), 0, "2 done")
    check((folder / "link.h5").is_symlink() and sorted(os.listdir(real)) == ["f.h5", "f.h5.log"], f"{os.listdir(real)}")
    check(not (folder / "link.h5.log").exists(), "one log, however the file is called")


def refusal_tells_the_last_of_many(folder):
    """A difference far along a list, or one number that begins like the other, is told."""
    def spec(name, last, factor):
        return small(folder, {"name": name, "sweep": [{"training.rate": RATES[:-1] + [last]}],
                              "training": {"epochs": 2, "step_factor": factor}})

    first = spec("first", 0.21, 0.1)
    expect(run("run", first, "-o", folder / "f.h5"), 0, "21 done")
    for name, last, factor, told in (("last", 0.22, 0.1, "0.22"), ("factor", 0.21, 0.15, "0.15")):
        refused = run("run", spec(name, last, factor), "-o", folder / "f.h5")
        expect(refused, 65, "nothing was touched", "stderr")
        lines = [line for line in refused.stderr.splitlines() if line.startswith("  spec:")]
        check(any(told in line for line in lines), f"{name}: {refused.stderr}")


def plan_finds_jobs_by_key(folder):
    """A plan that puts a new value first still knows the jobs the file holds."""
    old = small(folder, {"name": "old", "sweep": [{"training.rate": [0.1, 0.2]}]})
    new = small(folder, {"name": "new", "sweep": [{"training.rate": [0.05, 0.1, 0.2]}]})
    expect(run("run", old, "-o", folder / "f.h5"), 0)
    plan = json.loads(run("plan", new, "-o", folder / "f.h5", "--json").stdout)
    check((plan["jobs"], plan["done"], plan["todo"]) == (3, 2, 1), str(plan))


def rows_without_weight(folder):
    """Rows that p_x does not count carry no information: NaN, where an entropy of nothing would read 0."""
    spec = small(folder, {"name": "weight", "task": {"path": "weighted.h5"}, "measure": {"on": ["all", "train"]}})
    random = np.random.default_rng(3)
    with h5py.File(folder / "weighted.h5", "w") as data:
        data["x"] = random.normal(size=(40, 4)).astype(np.float32)
        data["y"] = np.arange(40) % 2
        data["split"] = np.arange(40) // 20
        data["p_x"] = (np.arange(40) >= 20).astype(float)
    expect(run("run", spec, "-o", folder / "f.h5"), 0, "1 done")
    with h5py.File(folder / "f.h5") as file:
        check(list(file["estimator"].asstr()) == ["binning", "binning@train"], "labels")
        check(np.isfinite(file["I_XT"][0, :, :, 0]).all(), "all rows have a value")
        check(np.isnan(file["I_XT"][0, :, :, 1]).all(), "rows without weight have none")
        check(np.isnan(file["I_TY"][0, :, :, 1]).all(), "nor about the label")


main(nothing_but_log_and_lock, by_a_link, refusal_tells_the_last_of_many, plan_finds_jobs_by_key, rows_without_weight)
