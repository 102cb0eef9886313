#!/usr/bin/env python3
"""The commands at work: what each prints, on stdout and stderr, its last line, JSON and exit code;
files that are missing, foreign or changed; and the files it writes, read back.
"""
import hashlib
import json
import shutil
import subprocess

import h5py
import numpy as np

from program import (BASE, check, command, expect, file_bytes, main, MPIEXEC, PROGRAM, read, run,
                     small, texts, write_data, write_spec)

# ---- what each command prints ----

PLAN_KEYS = {"name", "jobs", "done", "todo", "bytes", "memory_per_rank", "memory_per_node", "seconds", "list"}
STATUS_KEYS = {"file", "name", "jobs", "done", "failed", "quarantined", "running", "pending",
               "seconds_left", "complete"}


def quiet(result, lines):
    """Success that prints so many lines on stdout and nothing else."""
    check(result.returncode == 0 and not result.stderr and
          result.stdout.count("\n") == lines,
          f"{result.args[1:]}: {lines} lines on stdout alone, saw exit {result.returncode}\n"
          f"{result.stdout}{result.stderr}")


def a_sweep(folder):
    """check, plan, run, status and run again, with their last lines."""
    spec = small(folder, {"name": "pair", "sweep": [{"training.rate": [0.01, 0.02]},
                                                    {"network.hidden": [[3], [4, 3]]}]})
    out = folder / "out.h5"
    result = run("check", spec)
    quiet(result, 1)
    expect(result, 0, f"{spec}: ok, 4 jobs")
    expect(run("plan", spec), 0, "pair: 4 jobs, 0 done, 4 to do")
    plan = json.loads(run("plan", spec, "-o", out, "--json").stdout)
    check(PLAN_KEYS <= set(plan), f"plan --json: {set(plan)}")
    check((plan["name"], plan["jobs"], plan["done"], plan["todo"]) == ("pair", 4, 0, 4), "counts")
    check(plan["seconds"].keys() >= {"1", "2"} and all(s > 0 for s in plan["seconds"].values()),
          "predicted seconds per rank count")
    check(plan["bytes"] > 0 and plan["memory_per_rank"] > 0, "bytes and memory")
    check([job["job"] for job in plan["list"]] == [0, 1, 2, 3], "jobs from 0")
    rates = [job["training.rate"] for job in plan["list"]]
    check(rates == [0.01, 0.01, 0.02, 0.02], "the first entry is slowest")
    check([job["architecture"] for job in plan["list"]] == ["4-3-2", "4-4-3-2"] * 2, "architecture")
    check({"key", "seed", "activation"} <= plan["list"][0].keys(), "columns of a job")
    check(not out.exists(), "plan creates nothing")

    result = run("run", spec, "-o", out)
    quiet(result, 1)
    expect(result, 0, f"4 jobs: 4 done, 0 failed, 0 left ({out})")
    check(texts(out, "key") == [job["key"] for job in plan["list"]], "the keys of the plan")
    check(sorted(p.name for p in folder.iterdir() if "out.h5" in p.name) ==
          ["out.h5", "out.h5.log"], "beside the file only its log")
    events = [json.loads(line) for line in (folder / "out.h5.log").read_text().splitlines()]
    check(events[0]["event"] == "start" and events[-1]["event"] == "stop", "the log, line by line")
    expect(run("status", out), 0, "4 jobs: 4 done, 0 failed, 0 quarantined, 0 pending (pair, ")
    status = json.loads(run("status", out, "--json").stdout)
    check(STATUS_KEYS <= set(status), f"status --json: {set(status)}")
    check(status["complete"] is True and status["done"] == status["jobs"] == 4, "complete")
    check(status["seconds_left"] is None and status["running"] == 0, "nothing runs")
    quiet(run("status", out, "--exit-code"), 1)
    quiet(run("status", out, "--watch"), 1)
    expect(run("plan", spec, "-o", out), 0, "pair: 4 jobs, 4 done, 0 to do")

    before = file_bytes(out)
    expect(run("run", spec, "-o", out), 0, f"4 jobs: 4 done, 0 failed, 0 left ({out})")
    check(file_bytes(out) == before, "a complete file is left as it is")


def starter(folder):
    """The example passes check and runs."""
    spec = folder / "sweep.yaml"
    spec.write_text(run("example").stdout)
    expect(run("check", spec), 0, "ok, 8 jobs")
    expect(run("run", spec, "-o", folder / "o.h5", "--set", "training.epochs=3"), 0,
           "8 jobs: 8 done, 0 failed, 0 left")


# ---- files that are missing, foreign, changed, or cannot be written ----

def files(folder):
    spec = small(folder, {})
    out = folder / "out.h5"
    foreign = folder / "foreign.h5"
    text = folder / "text.h5"
    write_data(foreign)
    text.write_text("not HDF5 at all\n")
    for name in ("check", "plan"):
        expect(run(name, folder / "none.yaml"), 74, "none.yaml", "stderr")
    expect(run("run", folder / "none.yaml", "-o", out), 74, "none.yaml", "stderr")
    expect(run("check", folder), 74, "cannot read", "stderr")
    for arguments in (["status", out], ["export", out, "--csv"],
                      ["activations", out, "--job", 0, "--epoch", 0, "-o", folder / "a.h5"]):
        expect(run(*arguments), 74, "out.h5", "stderr")
    for other in (foreign, text):
        before = file_bytes(other)
        for arguments in (["run", spec, "-o", other], ["plan", spec, "-o", other],
                          ["status", other], ["export", other, "--json"]):
            expect(run(*arguments), 73, "expected a result file of infoplane", "stderr")
        check(file_bytes(other) == before, "a foreign file is left alone")
    expect(run("run", spec, "-o", folder / "no" / "out.h5"), 73, "No such file", "stderr")
    expect(run("run", spec, "-o", folder / "no" / "out.h5", ranks=2), 73, "", "stderr")
    expect(run("dataset", spec, "-o", folder / "no" / "d.h5"), 73, "No such file", "stderr")
    expect(run("run", spec, "-o", "/dev/full"), 73, "/dev/full", "stderr")
    with open("/dev/full", "w") as full:
        result = subprocess.run(command("check", spec), stdout=full, stderr=subprocess.PIPE,
                                text=True)
    check(result.returncode == 74 and "cannot write" in result.stderr, "a full disk is an error")


def data_of_a_task(folder):
    """A data file that is missing, wrong, or not the one FILE was begun with: 65."""
    spec = small(folder, {})
    out = folder / "out.h5"
    expect(run("run", spec, "-o", out), 0, "1 done")
    data = folder / "data.h5"
    kept = folder / "kept.h5"
    shutil.copy(data, kept)
    before = file_bytes(out)

    with h5py.File(data, "r+") as file:
        file["x"][0, 0] += 1
    result = run("run", spec, "-o", out)
    expect(result, 65, "nothing was touched", "stderr")
    check('"data"' in result.stderr, f"the difference is told: {result.stderr}")
    arguments = ["activations", out, "--job", 0, "--epoch", 1, "-o", folder / "a.h5"]
    expect(run(*arguments), 65, "changed", "stderr")

    write_data(data, n=3)
    with h5py.File(data, "r+") as file:
        del file["y"]
    for arguments in (["check", spec], ["run", spec, "-o", out]):
        result = run(*arguments)
        check(result.returncode == 65 and f"{spec}:" in result.stderr and "/y" in result.stderr,
              f"wrong data is told at task.path: {result.stderr}")
    data.unlink()
    for name in ("check", "plan"):
        expect(run(name, spec), 65, "1 error", "stderr")
    expect(run("status", out), 0, "1 done")
    expect(run("export", out, "--csv"), 0, "rows exported", "stderr")

    check(file_bytes(out) == before, "nothing was touched")
    shutil.move(kept, folder / "moved.h5")
    expect(run("run", spec, "-o", out, "--set", "task.path=moved.h5"), 0, "1 done")
    check(file_bytes(out) == before, "the path is no part of the identity")


def another_spec(folder):
    """Other shared keys are refused; name, limits, comments and the order of keys are not."""
    spec = small(folder, {})
    out = folder / "out.h5"
    expect(run("run", spec, "-o", out), 0, "1 done")
    before = file_bytes(out)
    result = run("run", spec, "-o", out, "--set", "training.rate=0.5")
    expect(result, 65, "nothing was touched", "stderr")
    check("0.5" in result.stderr and "0.01" in result.stderr, f"both sides: {result.stderr}")
    expect(run("run", spec, "-o", out, "--set", "training.rate=0.5", ranks=2), 65, "", "stderr")
    turned = folder / "turned.yaml"
    keys = json.loads(spec.read_text())
    turned.write_text("# turned round\n" + json.dumps(dict(reversed(keys.items()))))
    expect(run("run", turned, "-o", out, "--set", "name=other", "--set", "limits={retries: 7}"), 0,
           "1 done")
    check(file_bytes(out) == before, "nothing was touched")


def ranks_with_other_data(folder):
    """Two ranks that find different data under the same path must not share a file."""
    for side, seed in (("a", 1), ("b", 2)):
        (folder / side).mkdir()
        write_data(folder / side / "data.h5", seed)
    spec = write_spec(folder / "s.yaml", {}, {**BASE, "task": {
        "name": "file", "path": "/proc/self/cwd/data.h5"}})
    part = [PROGRAM, "run", str(spec), "-o", str(folder / "out.h5")]

    def launch(second):
        one, other = (["-n", "1", "-wdir", str(folder / side), *part] for side in ("a", second))
        return subprocess.run([MPIEXEC, *one, ":", *other], capture_output=True, text=True)
    result = launch("b")
    check(result.returncode == 65 and "same data file" in result.stderr,
          f"refused: exit {result.returncode}, {result.stderr}")
    check(not (folder / "out.h5").exists(), "nothing was created")
    (folder / "b" / "data.h5").unlink()
    check(launch("b").returncode == 65, "a rank without the data file")
    check(launch("a").returncode == 0, "the same data on both")


# ---- dataset and activations ----

def dataset(folder):
    spec = write_spec(folder / "s.yaml", {"task": {"rule": "hard", "train_fraction": 0.85},
                                          "seeds": {"first": 5}})
    data = folder / "d.h5"
    result = run("dataset", spec, "-o", data)
    quiet(result, 1)
    expect(result, 0, "4096 patterns of 12 inputs, 2 classes, 3482 to train on with seed 5, "
                      f"I(X;Y) = 0.999157 bit ({data})")
    with h5py.File(data) as file:
        x, p, p_x, split = (file[name][()] for name in ("x", "p_y_given_x", "p_x", "split"))
    bits = (np.arange(4096)[:, None] >> np.arange(11, -1, -1)) & 1
    check((x == bits).all(), "row v is v in binary, the most significant bit first")
    labels = p[:, 1].astype(np.uint8)
    check((p == np.stack([1 - labels, labels], axis=1)).all(), "labels are certain")
    digest = hashlib.sha256(labels.tobytes()).hexdigest()
    check(digest == "77732f16f85e91b49d3997196b56163b3bd362d8cf631468a8de3f986e88359f",
          "the published labels")
    check((p_x == 1 / 4096).all() and (split == 0).sum() == 3482, "weights and split")


def task_file_is_the_same_task(folder):
    """The written dataset as task `file` gives what the task itself gives."""
    changes = {"training": {"epochs": 3}, "measure": {"on": ["all", "train", "test"]},
               "seeds": {"first": 9}}
    spec = write_spec(folder / "made.yaml", changes)
    expect(run("dataset", spec, "-o", folder / "d.h5"), 0, "(")
    again = write_spec(folder / "read.yaml", changes,
                       {**BASE, "task": {"name": "file", "path": "d.h5"}})
    outs = []
    for name in (spec, again):
        outs.append(folder / f"{name.stem}.h5")
        expect(run("run", name, "-o", outs[-1]), 0, "1 done")
    for name in ("I_XT", "I_TY", "loss", "accuracy", "gradient_std"):
        a, b = (read(out, name) for out in outs)
        check(np.array_equal(a, b, equal_nan=True), f"{name} of task file equals the task's")
    check(texts(outs[0], "key") != texts(outs[1], "key"), "the keys differ")


def entropy(p):
    p = p[p > 0]
    return -(p * np.log2(p)).sum()


def binned_information(t, p_y_given_x, bins=30):
    """Exact I(X;T), I(T;Y) of equal bins on [-1, 1], all inputs different and equally likely."""
    edges = -1 + 2.0 * np.arange(1, bins) / bins
    _, code = np.unique(np.searchsorted(edges, t.astype(float), side="right"), axis=0,
                        return_inverse=True)
    p_ty = np.zeros((code.max() + 1, p_y_given_x.shape[1]))
    np.add.at(p_ty, code.ravel(), p_y_given_x / len(t))
    h_t = entropy(p_ty.sum(axis=1))
    return h_t, h_t + entropy(p_ty.sum(axis=0)) - entropy(p_ty.ravel())


def activations(folder):
    spec = write_spec(folder / "s.yaml", {
        "network": {"hidden": [10, 7, 5, 4, 3]}, "training": {"epochs": 8},
        "measure": {"at": [2, 8]}, "sweep": [{"network.activation": ["tanh", "relu"]}],
        "seeds": {"count": 2}})
    out, written = folder / "o.h5", folder / "a.h5"
    expect(run("run", spec, "-o", out), 0, "4 done")
    spec.unlink()  # the file alone is enough
    for job, snapshot, epoch in ((1, 0, 0), (1, 1, 2), (2, 2, 8)):
        result = run("activations", out, "--job", job, "--epoch", epoch, "-o", written)
        quiet(result, 1)
        expect(result, 0, f"activations of job {job} after {epoch} epochs ({written})")
        with h5py.File(written) as file:
            p, x = file["p_y_given_x"][()], file["x"][()]
            layers = [file[f"t/layer{l}"][()] for l in range(1, 7)]
        widths = [t.shape[1] for t in layers]
        check(x.shape == (4096, 12) and widths == [10, 7, 5, 4, 3, 2], "shape")
        expected = np.array([binned_information(t, p) for t in layers])
        for k, name in enumerate(("I_XT", "I_TY")):
            seen = read(out, name)[job, snapshot, :, 0]
            check(np.abs(seen - expected[:, k]).max() < 1e-12,
                  f"{name} of job {job} at epoch {epoch}: {seen} against {expected[:, k]}")
    for arguments, words in ((["--job", 4, "--epoch", 0], "expected 0 to 3"),
                             (["--job", 0, "--epoch", 9], "expected 0 to 8")):
        expect(run("activations", out, *arguments, "-o", written), 2, words, "stderr")


main(a_sweep, starter, files, data_of_a_task, another_spec, ranks_with_other_data, dataset,
     task_file_is_the_same_task, activations)
