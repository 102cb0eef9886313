#!/usr/bin/env python3
"""Everything a snapshot holds, computed again in NumPy in double precision, from lab_dump's output.

From the parameters before an epoch and the order of its rows: the gradient of each batch, short
last one included, as sgd moves the weights from batch to batch. From the activations of all rows:
loss, accuracy, and the plug-in information of the binned layer over all, training and test rows.
From the parameters: the norms of the weights, and the activations themselves. The gradient takes a
quantiser for the identity inside its range (straight-through). Nothing here shares code with the
program.

Tolerances. The program stores floats, so every stored value is off by up to u = 2^-24 of itself.
- loss: a log p is off by a few u times the size of the logits, here below 10; 40 u is ample.
- gradients: the reference runs again with every stored value multiplied by 1 + u r, r uniform on
  [-1, 1] (sums of k terms: sqrt(k) u); the program may be off ten times as far as a few such runs.
- accuracy and information count rows: rounding of their sums in double only, 1e-12.
- activations: z to 2^-18, values below 16 rounded a few dozen times; slopes are at most 1. A level
  of a quantised one is a quotient rounded once: u of it, unless z leaves the code in doubt.
- weight_norm is summed in double from the same floats: 1e-12.
"""
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np

U = 2.0**-24
N, D = 90, 5
counts = {"checks": 0, "failed": 0}

SPEC = """infoplane: 1
name: numpy
task: {{name: file, path: {path}, train_fraction: 0.7, split: {split}}}
network: {{hidden: [6, 4], activation: {activation}, output: {output}, bits: {bits},
          noise: {noise}}}
training: {{optimizer: sgd, rate: 0.2, epochs: 6, batch: {batch}, targets: {targets},
           shuffle: {shuffle}, l2: {l2}}}
measure:
  at: [1, 3, 4]
  on: [all, train, test]
  information:
    - binning: {{bins: 7}}
    - binning: {{bins: 3, range: [-0.5, 0.8], label: coarse}}
    - binning: {{bins: 8, label: codes}}
seeds: {{count: 1, first: {seed}}}
"""
BASE = {"split": "random", "output": "softmax", "batch": 16, "targets": "soft", "shuffle": "epoch",
        "l2": 0, "seed": 3, "activation": "tanh", "bits": "none", "noise": 0}
CASES = [{}, {"targets": "sampled"}, {"targets": "hard"}, {"output": "sigmoid"},
         {"output": "sigmoid", "targets": "hard"}, {"batch": "full"}, {"batch": 63},
         {"batch": 1, "seed": 4}, {"shuffle": "none", "split": "prefix"},
         {"shuffle": "replacement", "split": "stratified"}, {"l2": 0.05},
         {"activation": "relu"}, {"activation": "sigmoid"}, {"bits": 3}, {"bits": 1},
         {"bits": 16, "batch": "full"}, {"bits": 5, "activation": "relu"},
         {"bits": 4, "activation": "sigmoid"}, {"bits": 5, "activation": "hard-tanh"},
         {"bits": 3, "activation": "softsign", "output": "sigmoid"},
         {"noise": 0.25}, {"noise": 0.1, "output": "sigmoid", "activation": "relu"},
         {"noise": 0.4, "batch": "full", "activation": "sigmoid"},
         {"noise": 0.2, "bits": 3, "shuffle": "replacement"}]
# value, slope at z, range
ACTIVATIONS = {
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2, (-1, 1)),
    "relu": (lambda z: np.maximum(z, 0), lambda z: 1.0 * (z > 0), (0, 6)),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2, (0, 1)),
    "hard-tanh": (lambda z: np.clip(z, -1, 1), lambda z: 1.0 * (abs(z) < 1), (-1, 1)),
    "softsign": (lambda z: z / (1 + abs(z)), lambda z: 1 / (1 + abs(z)) ** 2, (-1, 1))}


def check(passed, text):
    counts["checks"] += 1
    if not passed:
        counts["failed"] += 1
        print(f"test_lab_numpy.py: failed: {text}", file=sys.stderr)


def near(seen, expected, tolerance, text):
    error = np.max(np.abs(np.asarray(seen) - expected))
    check(error <= tolerance, f"{text}: off by {error:.3g}, allowed {tolerance:.3g}")


# ---- the data and the dump ----

def make_data(path):
    """Rows that share inputs but not labels, unequal weights, soft labels."""
    random = np.random.default_rng(11)
    x = random.normal(size=(N, D)).astype(np.float32)
    x[70:80] = x[:10]
    p = 1 / (1 + np.exp(-2 * x.sum(axis=1).astype(float) + random.normal(size=N)))
    p_x = random.uniform(0.5, 2, N)
    data = {"x": x, "p_y_given_x": np.stack([1 - p, p], axis=1), "p_x": p_x / p_x.sum()}
    with h5py.File(path, "w") as file:
        for name, values in data.items():
            file[name] = values
    return data


def read_dump(text):
    """The lines before the first snapshot, the snapshots, the epochs; each a dictionary."""
    head, snapshots, epochs = {}, [], []
    target = head
    for line in text.splitlines():
        word, *values = line.split()
        numbers = np.array([float.fromhex(v) if "x" in v or "n" in v else int(v) for v in values])
        if word in ("snapshot", "epoch"):
            target = {"number": int(values[0]), "t": [], "noise": []}
            (snapshots if word == "snapshot" else epochs).append(target)
        elif word == "order":
            epochs[-1]["order"] = numbers.astype(int)
        elif word in ("t", "noise"):
            target[word].append(numbers)
        else:
            target[word] = numbers
    return head, snapshots, epochs


def unpack(parameters, widths):
    layers, at = [], 0
    for n_in, n_out in zip(widths, widths[1:]):
        w = parameters[at:at + n_in * n_out].reshape(n_in, n_out)
        at += n_in * n_out
        layers.append([w.copy(), parameters[at:at + n_out].copy()])
        at += n_out
    assert at == len(parameters)
    return layers


# ---- a hidden layer ----

TOLERANCE = {"none": 2.0 ** -18, 16: 2.0 ** -18 + 2 / 65535}  # 16 bits: or the level beside it

def quantized(f, bits, low, high):
    """The nearest of 2^bits equally spaced numbers from low to high."""
    levels = np.linspace(low, high, 2 ** bits)
    return levels[np.searchsorted((levels[1:] + levels[:-1]) / 2, f, side="right")]


def forward(z, case):
    """What the next layer sees, and its slope as a function of z."""
    value, slope, (low, high) = ACTIVATIONS[case["activation"]]
    f = value(z)
    if case["bits"] == "none":
        return f, slope(z)
    return quantized(f, case["bits"], low, high), slope(z) * ((low < f) & (f < high))


def check_noise(name, noise, sd):
    """Mean and mean square within 5 deviations of theirs."""
    n = noise.size
    near(noise.mean(), 0, 5 * sd / math.sqrt(n), f"{name} mean of the noise")
    near((noise ** 2).mean(), sd ** 2, 5 * sd ** 2 * math.sqrt(2 / n), f"{name} square of the noise")


def check_forward(name, case, layers, x, t):
    for (w, b), seen in zip(layers[:-1], t):
        z = x @ w + b
        f = ACTIVATIONS[case["activation"]][0](z)
        if case["noise"] > 0:
            check_noise(name, seen.astype(float) - forward(z, case)[0], case["noise"])
            x = seen.astype(float)
            continue
        near(seen, f if case["bits"] == "none" else forward(z, case)[0],
             TOLERANCE.get(case["bits"], 6 * U), f"{name} activations")
        if case["bits"] != "none":
            n = max(len(np.unique(unit)) for unit in seen.T)
            check(1 < n <= 2 ** case["bits"], f"{name}: {n} levels of {case['bits']} bits")
        x = seen.astype(float)
    z = x @ layers[-1][0] + layers[-1][1]
    e = np.exp(z if case["output"] == "sigmoid" else z - z.max(axis=1, keepdims=True))
    near(t[-1], e / (1 + e if case["output"] == "sigmoid" else e.sum(axis=1, keepdims=True)),
         2.0 ** -18, f"{name} probabilities")


# ---- gradients ----

def exact(value, terms=1):
    return value


def rounding(seed):
    random = np.random.default_rng(seed)
    return lambda value, terms=1: value * (
        1 + U * math.sqrt(terms) * random.uniform(-1, 1, np.shape(value)))


def gradients(layers, x, targets, case, noise, r):
    values, slopes = [x], [None]
    for i, (w, b) in enumerate(layers):
        z = r(values[-1] @ w + b, len(w))
        if i + 1 < len(layers):
            z, slope = forward(z, case)
            z = r(z + case["noise"] * noise[i]) if case["noise"] > 0 else r(z)
            slopes.append(slope)
        values.append(z)
    if case["output"] == "sigmoid":
        p, wanted = 1 / (1 + np.exp(-values[-1])), targets[:, 1:]
    else:
        e = np.exp(values[-1] - values[-1].max(axis=1, keepdims=True))
        p, wanted = e / e.sum(axis=1, keepdims=True), targets
    delta = r((r(p) - wanted) / len(x))
    found = []
    for i in reversed(range(len(layers))):
        found.insert(0, (r(values[i].T @ delta, len(x)), r(delta.sum(axis=0))))
        if i > 0:
            delta = r(r(delta @ layers[i][0].T, layers[i][0].shape[1]) * slopes[i])
    return found


def epoch_moments(epoch, data, targets, case, widths, r):
    """Per layer (gradient_mean, gradient_std) of one epoch of sgd."""
    layers = unpack(epoch["parameters"], widths)
    order = epoch["order"]
    batch = len(order) if case["batch"] == "full" else min(case["batch"], len(order))
    seen, sizes = [], []
    for first in range(0, len(order), batch):
        rows = order[first:first + batch]
        noise = [of_layer.reshape(len(order), -1)[first:first + batch]
                 for of_layer in epoch["noise"]]
        found = gradients(layers, data["x"][rows].astype(float), targets[rows], case, noise, r)
        seen.append([dw.ravel() for dw, _ in found])
        sizes.append(len(rows))
        for layer, (dw, db) in zip(layers, found):
            layer[0] = r(layer[0] - 0.2 * r(dw + case["l2"] * layer[0]))
            layer[1] = r(layer[1] - 0.2 * db)
    weights = np.array(sizes) / sum(sizes)
    moments = []
    for l in range(len(layers)):
        g = np.array([batch_gradients[l] for batch_gradients in seen])
        mean = weights @ g
        moments.append((np.linalg.norm(mean),
                        math.sqrt(weights @ ((g - mean) ** 2).sum(axis=1))))
    return np.array(moments)


def check_gradients(name, case, snapshot, epoch, data, targets, widths):
    expected = epoch_moments(epoch, data, targets, case, widths, exact)
    shaken = [epoch_moments(epoch, data, targets, case, widths, rounding(s)) for s in range(4)]
    tolerance = 10 * np.max(np.abs(np.array(shaken) - expected))
    check(tolerance < 1e-3 * expected[:, 0].max(), f"{name}: tolerance means something")
    near(snapshot["gradient_mean"], expected[:, 0], tolerance, f"{name} gradient_mean")
    near(snapshot["gradient_std"], expected[:, 1], tolerance, f"{name} gradient_std")
    if case["batch"] not in ("full", 63):
        check(expected[0, 1] > 1000 * tolerance, f"{name}: there is a spread to measure")


# ---- loss, accuracy, information ----

def entropy(p):
    p = p[p > 0]
    return -(p * np.log2(p)).sum()


def information(t, rows, data, bins, low, high):
    """I(X;T) and I(T;Y) of the binned rows (no bins: of the values as they are), from tables of
    p(x,t) and p(t,y)."""
    p = data["p_x"][rows] / data["p_x"][rows].sum()
    edges = low + (high - low) * np.arange(1, bins) / bins
    codes = np.searchsorted(edges, t[rows].astype(float), side="right") if bins else t[rows]
    _, code = np.unique(codes, axis=0, return_inverse=True)
    _, x = np.unique(data["x"][rows], axis=0, return_inverse=True)
    code, x = code.ravel(), x.ravel()
    p_xt = np.zeros((x.max() + 1, code.max() + 1))
    np.add.at(p_xt, (x, code), p)
    p_ty = np.zeros((code.max() + 1, 2))
    np.add.at(p_ty, code, p[:, None] * data["p_y_given_x"][rows])
    return [entropy(joint.sum(axis=1)) + entropy(joint.sum(axis=0)) - entropy(joint.ravel())
            for joint in (p_xt, p_ty)]


def loss_of(probabilities, targets, rows, output):
    p = probabilities[rows].astype(float)
    if output == "sigmoid":
        p = np.hstack([1 - p, p])
    return -(targets[rows] * np.log(p)).sum(axis=1).mean()


def accuracy_of(probabilities, targets, rows, output):
    p = probabilities[rows]
    choice = (p[:, 0] > 0.5).astype(int) if output == "sigmoid" else np.argmax(p, axis=1)
    return targets[rows, choice].mean()


def check_snapshot(name, case, snapshot, data, targets, splits, widths):
    layers = unpack(snapshot["parameters"], widths)
    draws = 8 if case["noise"] > 0 else 1  # passes of a row; they lie together
    data = {key: np.repeat(values, draws, axis=0) for key, values in data.items()}
    targets = np.repeat(targets, draws, axis=0)
    splits = {key: (rows[:, None] * draws + np.arange(draws)).ravel()
              for key, rows in splits.items()}
    t = [np.empty((N * draws, width), np.float32) for width in widths[1:]]
    for layer, values in zip(t, snapshot["t"]):  # the dump has them in the job's order
        layer[np.concatenate((splits["train"], splits["test"]))] = values.reshape(N * draws, -1)
    check([layer.shape[1] for layer in t] == widths[1:], f"{name}: widths")
    for k, split in enumerate(("train", "test")):
        near(snapshot["loss"][k], loss_of(t[-1], targets, splits[split], case["output"]), 40 * U,
             f"{name} loss of {split}")
        near(snapshot["accuracy"][k], accuracy_of(t[-1], targets, splits[split], case["output"]),
             1e-12, f"{name} accuracy of {split}")
    near(snapshot["weight_norm"], [np.linalg.norm(w) for w, _ in layers], 1e-12,
         f"{name} weight_norm")
    check_forward(name, case, layers, data["x"].astype(float), t)
    is_coded = case["bits"] == 3 and draws == 1  # on [-1, 1]: the 8 bins of `codes` hold one level each
    expected = np.array([[information(layer, splits[on], data, *rule)
                          for rule in ((7, -1, 1), (3, -0.5, 0.8),
                                       (0 if is_coded and l < 2 else 8, -1, 1))
                          for on in ("all", "train", "test")] for l, layer in enumerate(t)])
    near(snapshot["I_XT"].reshape(3, 9), expected[:, :, 0], 1e-12, f"{name} I_XT")
    near(snapshot["I_TY"].reshape(3, 9), expected[:, :, 1], 1e-12, f"{name} I_TY")


# ---- what a job draws ----

def check_targets(name, rule, targets, p):
    if rule == "soft":
        check((targets == p.astype(np.float32)).all(), f"{name}: soft targets are p(y|x)")
        return
    check(np.isin(targets, (0, 1)).all() and (targets.sum(axis=1) == 1).all(), f"{name}: one label")
    likely = np.argmax(p, axis=1)
    agreement = (targets.argmax(axis=1) == likely).mean()
    if rule == "hard":
        check(agreement == 1, f"{name}: hard targets are the most probable labels")
    else:  # N rows agree with probability p_max each
        expected, sd = p.max(axis=1).mean(), math.sqrt((p[:, 0] * p[:, 1]).sum()) / N
        check(agreement < 1 and abs(agreement - expected) < 4 * sd,
              f"{name}: {agreement:.3f} of sampled labels likely, expected {expected:.3f}")


def check_draws(name, case, head, epochs, data):
    rows, n_train = head["rows"].astype(int), int(head["n_train"][0])
    check(n_train == round(0.7 * N) and sorted(rows) == list(range(N)), f"{name}: split")
    train = rows[:n_train]
    check((np.diff(train) > 0).all(), f"{name}: ascending")
    if case["split"] == "prefix":
        check((train == np.arange(n_train)).all(), f"{name}: prefix")
    orders = [epoch["order"] for epoch in epochs]
    check(all(set(order) <= set(train) for order in orders), f"{name}: trains on training rows")
    if case["shuffle"] != "replacement":
        check(all(len(set(order)) == n_train for order in orders), f"{name}: each row once")
    if case["shuffle"] == "none":
        check(all((order == train).all() for order in orders), f"{name}: as they are")
    else:
        check(len({tuple(order) for order in orders}) == len(orders), f"{name}: anew each epoch")
    return {"all": np.arange(N), "train": train, "test": rows[n_train:]}


def run_case(folder, dump, number, change, data):
    case = {**BASE, **change}
    name = " ".join(f"{k}={v}" for k, v in change.items()) or "base"
    spec = folder / f"spec{number}.yaml"
    spec.write_text(SPEC.format(path=folder / "data.h5", **case))
    text = subprocess.run([dump, spec, "0"], check=True, stdout=subprocess.PIPE, text=True).stdout
    head, snapshots, epochs = read_dump(text)
    widths = [D, 6, 4, 1 if case["output"] == "sigmoid" else 2]
    targets = head["targets"].reshape(N, 2)
    check_targets(name, case["targets"], targets, data["p_y_given_x"])
    splits = check_draws(name, case, head, epochs, data)
    check(len(snapshots) == 5, f"{name}: snapshots 0, 1, 3, 4, 6")
    for snapshot, epoch in zip(snapshots, (0, 1, 3, 4, 6)):
        at = f"{name} epoch {epoch}"
        check_snapshot(at, case, snapshot, data, targets, splits, widths)
        if epoch > 0:
            check_gradients(at, case, snapshot, epochs[epoch - 1], data, targets, widths)
    moved = np.abs(snapshots[-1]["parameters"] - snapshots[0]["parameters"]).max()
    check(moved > 0.05, f"{name}: it trains")


def main():
    dump = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = make_data(folder / "data.h5")
        for number, change in enumerate(CASES):
            run_case(folder, dump, number, change, data)
    print(f"{counts['checks']} checks, {counts['failed']} failed")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
