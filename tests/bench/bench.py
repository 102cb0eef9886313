#!/usr/bin/env python3
"""How fast infoplane is: each figure as a ratio to a named baseline, measured in turn with it.

usage: bench.py BUILD [ROUNDS]     BUILD: the folder of a Release build

CPU time of one thread. A row is measured and its baseline right after it, ROUNDS times (5); the table
gives the medians of both, and the median of the ratios with the smallest and the largest. The floor
is what the arithmetic of an epoch takes by itself on this machine. Below it, what the cost grows with:
the exponent of a power law through the figures. Wants an idle machine; takes some minutes.
"""
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np

HERE = Path(__file__).resolve().parent
BUILD, ROUNDS = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 5
PROGRAM, UNIT_COSTS = BUILD / "infoplane", BUILD / "tests/bench/unit_costs"
ENV = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
PAPER = """
infoplane: 1
name: bench
task: {name: icosahedron}
network: {hidden: [10, 7, 5, 4, 3]}
training: {epochs: 600, batch: 512}
measure: {at: [1], information: [binning: {bins: 30}]}
seeds: {count: 1}
"""


def run(*command):
    result = subprocess.run([str(c) for c in command], env=ENV, text=True, capture_output=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: exit {result.returncode}\n{result.stderr}")
    return result.stdout


def cpu_of(*command):
    """CPU and wall seconds of a command and all it started."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    run(*command)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def unit_costs(spec, *overrides):
    """{"epoch": s, "floor": s, "blas": s, an estimator's label: s}"""
    lines = (line.split() for line in run(UNIT_COSTS, spec, *overrides).splitlines())
    return {line[-2]: float(line[-1]) for line in lines}


def epoch(spec, *overrides):
    return lambda: unit_costs(spec, *overrides)["epoch"]


def estimate(spec, item, *overrides):
    """Seconds of all that an estimator gives, on all layers."""
    def seconds():
        costs = unit_costs(spec, f"measure.information=[{item}]", *overrides)
        return max(v for k, v in costs.items() if k not in ("epoch", "floor", "blas"))
    return seconds


def baseline(script, *arguments):
    return lambda: float(run("/usr/bin/python3", HERE / script, *arguments))


# ---- what the rows need ----

def write_gaussian(path, d, n=4096, classes=2):
    """Inputs of d dimensions; equally many of each class, by the sum of them."""
    rng = np.random.default_rng(7)
    x = rng.normal(size=(n, d)).astype(np.float32)
    with h5py.File(path, "w") as file:
        file["x"], file["y"] = x, classes * x.sum(axis=1).argsort().argsort() // n


def write_images(path, n=12800):
    """As sparse as digits: a fifth of the pixels is not 0."""
    rng = np.random.default_rng(8)
    x = rng.random((n, 784), dtype=np.float32) * (rng.random((n, 784)) < 0.2)
    with h5py.File(path, "w") as file:
        file["x"], file["y"] = x, rng.integers(0, 10, n)


def file_spec(folder, name, hidden, **training):
    text = PAPER.replace("{name: icosahedron}", f"{{name: file, path: {folder}/{name}.h5, train_fraction: 1}}")
    text = text.replace("[10, 7, 5, 4, 3]", str(hidden))
    for key, value in training.items():
        text = text.replace({"epochs": "epochs: 600", "batch": "batch: 512"}[key], f"{key}: {value}")
    (folder / f"{name}.yaml").write_text(text)
    return folder / f"{name}.yaml"


def activations(folder, spec, at=600):
    """What the first job's layers hold at the end, as a file."""
    sweep, out = folder / f"{spec.stem}-sweep.h5", folder / f"{spec.stem}-t.h5"
    run(PROGRAM, "run", spec, "-o", sweep)
    run(PROGRAM, "activations", sweep, "--job", 0, "--epoch", at, "-o", out)
    return out


# ---- the table ----

def rows_of(folder):
    """name, ours, baseline, what the baseline is, target"""
    paper = folder / "paper.yaml"
    paper.write_text(PAPER)
    write_images(folder / "images.h5")
    images = file_spec(folder, "images", [1024, 20, 20, 20], epochs=3, batch=128)
    (folder / "images.yaml").write_text(images.read_text().replace("{hidden:", "{activation: relu, hidden:"))
    t = activations(folder, paper)
    rows = []
    for optimizer in ("sgd", "adam"):
        ours = epoch(paper, f"training.optimizer={optimizer}")
        rows.append((f"epoch, {optimizer}", ours, baseline("baseline_torch.py", "seeds", 64, 3, optimizer),
                     "PyTorch, 64 seeds in one bmm", 15))
        rows.append((f"epoch, {optimizer}", ours, baseline("baseline_numpy.py", "train", 30, optimizer),
                     "NumPy, one network", 30))
    rows.append(("epoch, 784-1024-20-20-20-10", epoch(images, "training.optimizer=sgd"),
                 baseline("baseline_torch.py", "wide", 1, 12800), "PyTorch, same OpenBLAS", 1.6))
    rows.append(("binning, a snapshot", estimate(paper, "binning: {bins: 30}"),
                 baseline("baseline_numpy.py", "binning", t), "NumPy, np.unique on rows as bytes", 200))
    rows.append(("kde, both bounds", estimate(paper, "kde: {variance: 1e-3}"),
                 baseline("baseline_numpy.py", "kde", t), "NumPy, upper bound alone", 200))
    for d, width, target in ((10, 7, 20), (3, 2, 10)):
        write_gaussian(folder / f"gauss{d}.h5", d)
        gauss = file_spec(folder, f"gauss{d}", [width])
        one_layer = activations(folder, gauss)
        rows.append((f"ksg, {d} + {width} dimensions", estimate(gauss, "ksg: {k: 3}"),
                     baseline("baseline_numpy.py", "ksg", one_layer), "scikit-learn's k-d trees", target))
    return rows


def number(seconds):
    unit, scale = next(((u, s) for u, s in (("s", 1), ("ms", 1e3), ("us", 1e6)) if seconds * s >= 1), ("us", 1e6))
    return f"{seconds * scale:.3g} {unit}"


def print_table(folder):
    """Returns the median seconds of the baselines, by row and what they are."""
    seconds = {}
    print(f"{'':28} {'infoplane':>10} {'baseline':>10}   ratio: median (least .. most)  target")
    for name, ours, other, what, target in rows_of(folder):
        pairs = [(ours(), other()) for _ in range(ROUNDS)]
        ratios = sorted(b / a for a, b in pairs)
        a, b = (statistics.median(v) for v in zip(*pairs))
        print(f"{name:28} {number(a):>10} {number(b):>10}   {statistics.median(ratios):7.1f} "
              f"({ratios[0]:.1f} .. {ratios[-1]:.1f})  {target:>6}   {what}", flush=True)
        seconds[name, what] = b
    return seconds


def print_floor(name, spec, optimizer, floor, target, what):
    """An epoch against what its parts take by themselves."""
    costs = [unit_costs(spec, f"training.optimizer={optimizer}") for _ in range(ROUNDS)]
    ratios = sorted(c["epoch"] / c[floor] for c in costs)
    seconds = statistics.median(c[floor] for c in costs)
    print(f"{name:28} {'':>10} {number(seconds):>10}   {statistics.median(ratios):7.2f} "
          f"({ratios[0]:.2f} .. {ratios[-1]:.2f})  {target:>6}   {what}")


def print_kde_error(folder):
    """The largest difference to distances and exponentials in double precision, pair by pair."""
    path = folder / "paper-t.h5"
    with h5py.File(path) as file:
        layers = [file["t"][name][()].astype(float) for name in sorted(file["t"])]
    worst = 0
    seen = json.loads(run(PROGRAM, "estimate", path, "--json", "--information", "kde: {variance: 1e-3}"))
    for layer, t in enumerate(layers):
        for side, scale in (("kde-lower", 8e-3), ("kde-upper", 2e-3)):
            sums = np.concatenate([np.exp(-((block[:, None] - t[None]) ** 2).sum(axis=2) / scale).mean(axis=1)
                                   for block in np.array_split(t, 64)])
            value = [r for r in seen["results"] if r["estimator"] == side][layer]["I_XT"]
            worst = max(worst, abs(value + np.log2(sums).mean()))
    print(f"kde against pairs in double precision, all layers: {worst:.1e} bit apart at most; target 1e-6")


def farm_rate(ranks, numbers, how):
    """Numbers a second."""
    return float(run("mpirun", "-n", ranks, BUILD / "tests/bench/farm_rate", numbers, how).split()[0])


def print_farm():
    single = sorted(1e3 / farm_rate(1, 2000, "isolated") for _ in range(ROUNDS))
    print(f"a job in a process of its own, one rank: {statistics.median(single):.2f} ms beside its work "
          f"({single[0]:.2f} .. {single[-1]:.2f}); target 1. Of a job of 100 ms {statistics.median(single):.1f} %")
    for ranks in (2, 8, 64):
        rates = sorted(farm_rate(ranks, 200000, "inline") for _ in range(ROUNDS))
        print(f"numbers dealt and committed a second, {ranks} ranks on {os.cpu_count()} cores: "
              f"{statistics.median(rates):.0f} ({rates[0]:.0f} .. {rates[-1]:.0f}); target 100000")


def print_study(folder, baselines):
    """One seed of the figure, from the paper's network to the finished file; against as many epochs of
    PyTorch and snapshots of NumPy."""
    study = folder / "study.yaml"
    study.write_text(PAPER.replace("epochs: 600", "epochs: 10000, optimizer: adam").replace("[1]", "{log: 400}"))
    seconds = sorted(run_cost(folder, study, "seeds.count=1", f"study{i}") for i in range(ROUNDS))
    n = snapshots(folder / "study0.h5")
    other = (1e4 * baselines["epoch, adam", "PyTorch, 64 seeds in one bmm"] +
             n * baselines["binning, a snapshot", "NumPy, np.unique on rows as bytes"])
    print(f"50 x one seed of 10^4 epochs, measured at {n} of them: "
          f"{50 * statistics.median(seconds):.0f} s ({50 * seconds[0]:.0f} .. {50 * seconds[-1]:.0f}); target 60; "
          f"by PyTorch and NumPy {50 * other:.0f} s, {other / statistics.median(seconds):.1f} times that")


def snapshots(path):
    with h5py.File(path, "r") as file:
        return len(file["epoch"])


def print_bound(spec):
    seconds = sorted(cpu_of(PROGRAM, "bound", spec)[0] for _ in range(ROUNDS))
    print(f"the bottleneck curve of the icosahedron: {statistics.median(seconds):.2f} s "
          f"({seconds[0]:.2f} .. {seconds[-1]:.2f}); target 1")


def print_ranks(folder):
    """Wall clock: eight seeds on one rank, and on two, without the start of MPI."""
    seeds = folder / "seeds.yaml"
    seeds.write_text(PAPER.replace("epochs: 600", "epochs: 4000").replace("count: 1", "count: 8"))
    ratios = []
    for i in range(ROUNDS):
        walls = []
        for n in (1, 2):
            command = ("mpirun", "-n", n, PROGRAM, "run", seeds, "-o", folder / f"seeds{i}-{n}.h5")
            walls.append(cpu_of(*command)[1] - cpu_of(*command)[1])  # the second finds nothing to do
        ratios.append(walls[0] / walls[1])
    ratios.sort()
    print(f"two ranks against one, wall clock: {statistics.median(ratios):.2f} "
          f"({ratios[0]:.2f} .. {ratios[-1]:.2f}); target 1.9")


# ---- growth ----

def exponent(sizes, costs):
    return np.polyfit(np.log(sizes), np.log(costs), 1)[0]


def print_growth(folder):
    """What each size does to the cost; all else stays."""
    paper = folder / "paper.yaml"
    small = "training.epochs=40"
    widths, depths, patterns = (64, 128, 256, 512), (2, 4, 8, 16), (1024, 2048, 4096, 8192)
    for n in patterns:
        write_gaussian(folder / f"rows{n}.h5", 12, n)
        file_spec(folder, f"rows{n}", [10, 7, 5, 4, 3])
    laws = {
        "an epoch against width of two hidden layers": (widths, 2, [
            epoch(paper, small, f"network.hidden=[{w}, {w}]")() for w in widths]),
        "an epoch against depth, ten units each": (depths, 1, [
            epoch(paper, small, f"network.hidden={[10] * d}")() for d in depths]),
        "an epoch against patterns": (patterns, 1, [
            epoch(folder / f"rows{n}.yaml", "training.epochs=100")() for n in patterns]),
        "binning against patterns": (patterns, 1, [
            estimate(folder / f"rows{n}.yaml", "binning: {bins: 30}", small)() for n in patterns]),
        "kde against patterns": (patterns, 2, [
            estimate(folder / f"rows{n}.yaml", "kde: {variance: 1e-3}", small)() for n in patterns]),
    }
    for n in (2, 4, 8, 16):
        write_gaussian(folder / f"classes{n}.h5", 12, 4096, n)
        file_spec(folder, f"classes{n}", [10, 7, 5, 4, 3])
    laws["binning against classes"] = ((2, 4, 8, 16), 1, [
        estimate(folder / f"classes{n}.yaml", "binning: {bins: 30}", small)() for n in (2, 4, 8, 16)])
    for name, key, count in (("epochs", "training.epochs={}", (1000, 2000, 4000, 8000)),
                             ("seeds", "seeds.count={}", (4, 8, 16, 32)),
                             ("snapshots", "measure.at={{linear: {}}}", (75, 150, 300, 600))):
        laws[f"a run against {name}"] = (count, 1, [
            run_cost(folder, paper, key.format(v), f"{name}{v}") for v in count])
    ranks = (2, 4, 8, 16, 32, 64)
    laws["a number dealt and committed against ranks"] = (ranks, 1, [
        1 / farm_rate(n, 100000, "inline") for n in ranks])
    for name, (sizes, expected, costs) in laws.items():
        print(f"{name:44} exponent {exponent(sizes, costs):5.2f}, expected at most {expected}   "
              f"{', '.join(f'{s}: {number(c)}' for s, c in zip(sizes, costs))}")


def run_cost(folder, spec, override, name):
    command = (PROGRAM, "run", spec, "--set", override, "-o", folder / f"{name}.h5")
    return cpu_of(*command)[0] - cpu_of(*command)[0]


def main():
    with tempfile.TemporaryDirectory(prefix="infoplane-bench-") as name:
        folder = Path(name)
        print(run(PROGRAM, "version"), end="")
        baselines = print_table(folder)
        for optimizer in ("sgd", "adam"):
            print_floor(f"epoch over its floor, {optimizer}", folder / "paper.yaml", optimizer, "floor", 1.25,
                        "products, tanh and shuffle alone")
        print_floor("wide epoch over OpenBLAS", folder / "images.yaml", "sgd", "blas", 1.0, "its matrix products alone")
        print_kde_error(folder)
        print_farm()
        print_study(folder, baselines)
        print_bound(folder / "paper.yaml")
        print_ranks(folder)
        print_growth(folder)


if __name__ == "__main__":
    main()
