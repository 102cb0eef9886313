#!/usr/bin/env python3
"""Training runs of the program (train_dump) repeated in double precision, independently, in NumPy.

Tolerance. The program rounds every value it stores to float, a relative error of at most u = 2^-24
each time, and training carries these errors on, so no fixed number of digits can be asked for. How
they grow is measured: the reference runs again with every stored value (z, t, delta, gradients,
state, weights) multiplied by 1 + u r, r uniform on [-1, 1]; sums of k terms get sqrt(k) u. The program
must stay within SAFETY times the largest deviation that a few such runs have up to the same update.
So that this can fail, the tolerance itself must be small against what training changed.
"""
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

WIDTHS = [12, 10, 7, 5, 4, 3, 2]
MOMENTUM, BETA1, BETA2, EPSILON = 0.9, 0.9, 0.999, 1e-8
U = 2.0**-24
RUNS, SAFETY = 4, 5.0


def exact(value, terms=1):
    return value


def rounding(seed):
    rng = np.random.default_rng(seed)

    def rounded(value, terms=1):
        return value * (1 + U * np.sqrt(terms) * rng.uniform(-1, 1, np.shape(value)))

    return rounded


def read(path):
    """The shared part of the file, and one dictionary per optimiser."""
    shared, runs = {"order": []}, []
    for line in path.read_text().splitlines():
        word, *values = line.split()
        if word == "optimizer":
            runs.append({word: values[0]})
        elif word == "order":
            shared[word].append([int(v) for v in values])
        else:
            (runs[-1] if runs else shared)[word] = np.array([float.fromhex(v) for v in values])
    return shared, runs


def unpack(parameters):
    layers, at = [], 0
    for n_in, n_out in zip(WIDTHS, WIDTHS[1:]):
        w = parameters[at:at + n_in * n_out].reshape(n_in, n_out)
        at += n_in * n_out
        layers.append((w, parameters[at:at + n_out]))
        at += n_out
    assert at == len(parameters)
    return layers


def loss_and_gradient(parameters, x, targets, r):
    layers, values = unpack(parameters), [x]
    for i, (w, b) in enumerate(layers):
        z = r(values[-1] @ w + b, len(w))
        values.append(r(np.tanh(z)) if i + 1 < len(layers) else z)
    log_p = values[-1] - np.log(np.exp(values[-1]).sum(axis=1, keepdims=True))
    loss = -(targets * log_p).sum(axis=1).mean()
    delta = r((r(np.exp(log_p)) - targets) / len(x))
    gradient = []
    for i in reversed(range(len(layers))):
        w, _ = layers[i]
        gradient = [r(values[i].T @ delta, len(x)).ravel(), r(delta.sum(axis=0))] + gradient
        delta = r(r(delta @ w.T, w.shape[1]) * (1 - values[i] ** 2))
    return loss, np.concatenate(gradient)


def step(name, rate, t, p, g, state, r):
    """The new parameters, by the published rules; state is changed in place."""
    first, second = state
    if name == "sgd":
        return p - r(rate * g)
    if name in ("momentum", "nesterov"):
        first[:] = r(MOMENTUM * first + g)
        return p - r(rate * (first if name == "momentum" else g + MOMENTUM * first))
    second[:] = r(BETA2 * second + (1 - BETA2) * g**2)
    if name == "rmsprop":
        return p - r(rate * g / (np.sqrt(second) + EPSILON))
    first[:] = r(BETA1 * first + (1 - BETA1) * g)
    m = first / (1 - BETA1**t)
    v = second / (1 - BETA2**t)
    return p - r(rate * m / (np.sqrt(v) + EPSILON))


def train(shared, run, r):
    """Losses before each update, and the final parameters."""
    n, batch, epochs = (int(shared[key][0]) for key in ("rows", "batch", "epochs"))
    x = shared["x"].reshape(n, -1)
    targets = shared["targets"].reshape(n, -1)
    l2 = run["l2"][0]
    p, losses = run["initial"].copy(), []
    state = np.zeros((2, len(p)))
    is_weight = np.concatenate([np.r_[np.ones(w.size), np.zeros(b.size)] for w, b in unpack(p)])
    for epoch, order in enumerate(shared["order"]):
        rate = run["rate"][0] * (1 + np.cos(np.pi * epoch / epochs)) / 2
        for first in range(0, n, batch):
            rows = order[first:first + batch]
            loss, gradient = loss_and_gradient(p, x[rows], targets[rows], r)
            losses.append(loss)
            pull = l2 * is_weight * p
            if run["optimizer"] == "adamw":
                p = p - rate * pull
            else:
                gradient = r(gradient + pull)
            p = r(step(run["optimizer"], rate, len(losses), p, gradient, state, r))
    return np.array(losses), p


def compare(shared, run):
    losses, final = train(shared, run, exact)
    shaken = [train(shared, run, rounding(seed)) for seed in range(RUNS)]
    spread = np.max([np.abs(s[0] - losses) for s in shaken], axis=0)
    loss_tolerance = SAFETY * (U + np.maximum.accumulate(spread))
    final_tolerance = SAFETY * max(np.abs(s[1] - final).max() for s in shaken)
    loss_error = np.abs(run["losses"] - losses)
    final_error = np.abs(run["final"] - final).max()
    moved = np.abs(final - run["initial"]).max()
    print(f"{run['optimizer']:9} loss {losses[:5].mean():.4f} -> {losses[-5:].mean():.4f}, error "
          f"{loss_error.max():.1e} of {loss_tolerance.max():.1e}; weights moved {moved:.2f}, error "
          f"{final_error:.1e} of {final_tolerance:.1e}")
    assert len(losses) == len(run["losses"]) == 300
    assert np.all(loss_error <= loss_tolerance), "a loss differs by more than rounding"
    assert final_error <= final_tolerance, "final weights differ by more than rounding"
    assert loss_tolerance.max() < 1e-3 * losses[0], "tolerance too large to mean anything"
    assert final_tolerance < 1e-3 * moved, "tolerance too large to mean anything"


def main():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([Path(sys.argv[1]).resolve()], cwd=folder, check=True)
        shared, runs = read(Path(folder) / "training.txt")
    names = [run["optimizer"] for run in runs]
    assert names == ["sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw"], names
    for run in runs:
        compare(shared, run)
    print(f"{len(runs)} runs agree")


if __name__ == "__main__":
    main()
