#!/usr/bin/env python3
"""What `plan` says of memory is kept: a data file's rows are there once for all ranks."""
import json
from pathlib import Path

import h5py
import numpy as np

from program import check, expect, main, run, start, write_spec

ROWS, FEATURES, RANKS = 40000, 800, 3  # 128 MB of inputs


def write_data(path):
    random = np.random.default_rng(5)
    with h5py.File(path, "w") as file:
        file["x"] = random.random((ROWS, FEATURES), dtype=np.float32)
        file["y"] = random.integers(0, 2, ROWS)


def processes_on(out):
    """The parents and children that write to the file; mpiexec is none of them."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if Path(words[0].decode(errors="replace")).name == "infoplane" and str(out).encode() in words:
            yield folder


def resident(out):
    """Bytes that the processes have together: pages that several have count once."""
    total = 0
    for folder in processes_on(out):
        try:
            lines = (folder / "smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total


def once_a_node(folder):
    write_data(folder / "data.h5")
    spec = write_spec(folder / "spec.yaml", {
        "task": {"name": "file", "path": "data.h5", "train_fraction": 0.01}, "network": {"hidden": [4]},
        "training": {"epochs": 60, "batch": 100}, "seeds": {"count": RANKS},
        "measure": {"at": {"linear": 1}, "samples": 500, "information": [{"binning": {"bins": 8}}]}})
    told = run("plan", spec, "--json")
    expect(told, 0, "")
    plan = json.loads(told.stdout)
    data = ROWS * FEATURES * 4
    check(data < plan["memory_per_node"] < 1.1 * data, f"a node: {plan['memory_per_node']}")
    check(plan["memory_per_rank"] < data, f"a rank has no copy: {plan['memory_per_rank']}")
    check(f"and {plan['memory_per_node'] / 1e6:.0f} MB a node" in run("plan", spec).stdout, "the text says it, too")
    process = start("run", spec, "-o", folder / "out.h5", ranks=RANKS)
    most = 0
    while process.poll() is None:
        most = max(most, resident(folder / "out.h5"))
    check(process.returncode == 0, f"exit {process.returncode}")
    promised = RANKS * plan["memory_per_rank"] + plan["memory_per_node"]
    check(data < most < promised, f"resident {most / 1e6:.0f} MB, promised {promised / 1e6:.0f} MB")
    check(most < 2 * data, "less than two copies")


def of_the_largest(folder):
    """What a rank has is what the job of most memory takes, though another takes as long or longer."""
    spec = {"task": {"name": "icosahedron"}, "network": {"hidden": [300, 300]},
            "training": {"epochs": 3, "batch": 16, "optimizer": "sgd"},
            "measure": {"at": [0], "information": [{"binning": {"bins": 8}}]}}
    wide = {"training.batch": ["full", 16], "training.optimizer": ["adam", "sgd"],
            "network.hidden": [[300, 300], [300, 2]]}

    def memory(name, *settings, **more):
        told = run("plan", write_spec(folder / f"{name}.yaml", {**spec, **more}), "--json", *settings)
        return json.loads(told.stdout)["memory_per_rank"]
    alone = memory("alone", "--set", "training.batch=full", "--set", "training.optimizer=adam")
    check(alone > memory("small") + 10_000_000, "the largest is larger")
    for turned in (1, -1):
        sweep = [{key: values[::turned]} for key, values in wide.items()]
        check(abs(memory(f"sweep{turned}", sweep=sweep) - alone) < 1_000_000, "the largest of the sweep")


main(once_a_node, of_the_largest)
