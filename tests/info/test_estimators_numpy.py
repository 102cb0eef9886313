"""Estimators by distances against second implementations in NumPy, on layers of all scales.

kde: the bounds by their formulas, over rows as they are given, in extended precision, to 1e-9 bit.
noise: quadrature of the densities in one dimension, within five standard errors.
decoder: H(Y) less the cross-entropy, to 1e-12 bit.
"""
import os
import subprocess
import sys
import tempfile

import numpy as np

PROBE = sys.argv[1]
LOG2 = np.log(np.longdouble(2))


def probe(folder, name, side, layer, **parameters):
    t, p_x, p_y, q_y, x_id = layer
    source, result = os.path.join(folder, "in"), os.path.join(folder, "out")
    with open(source, "wb") as file:
        for array in (t, p_x, p_y, q_y):
            file.write(np.ascontiguousarray(array, np.float64).tobytes())
        file.write(np.ascontiguousarray(x_id, np.uint32).tobytes())
    n, d = t.shape
    arguments = [name, side, n, d, p_y.shape[1], source, result]
    arguments += [f"{key}={value}" for key, value in parameters.items()]
    subprocess.run([PROBE] + [str(a) for a in arguments], check=True)
    return np.fromfile(result, np.float64)


def entropy(p):
    p = p[p > 0]
    return -np.sum(p * np.log(p)) / LOG2


def kernel(t, p, variance):
    """-sum p log2 of sum p exp(-D / 2v)."""
    t, p = t[p > 0].astype(np.longdouble), p[p > 0].astype(np.longdouble)
    squares = sum((column[:, None] - column[None, :]) ** 2 for column in t.T)
    return -np.sum(p * np.log(np.exp(-squares / (2 * np.longdouble(variance))) @ p)) / LOG2


def kde(layer, variance, side):
    t, p_x, p_y, _, x_id = layer
    joint = p_x[:, None] * p_y
    inputs = [(np.sum(p_x[x_id == x]), x_id == x) for x in np.unique(x_id)]
    own, other = (variance, 4 * variance) if side else (4 * variance, variance)
    given_x = sum(p * kernel(t[rows], p_x[rows] / p, other) for p, rows in inputs if p > 0)
    given_y = sum(column.sum() * kernel(t, column / column.sum(), other) for column in joint.T
                  if column.sum() > 0)
    i_xy = entropy(joint.sum(0)) + entropy(p_x) - entropy(joint.ravel())
    everything = kernel(t, p_x, own)
    i_xt = min(max(everything - given_x, 0), entropy(np.array([p for p, _ in inputs])))
    return i_xt, min(max(everything - given_y, 0), i_xy)


def differential(grid, t, p, variance):
    """Entropy of the density of rows with weights p, to a constant they share."""
    f = np.exp(-((grid[:, None] - t[None, :]) ** 2) / (2 * variance)) @ p
    f = f[f > 0] / np.sqrt(2 * np.pi * variance)
    return -np.sum(f * np.log2(f)) * (grid[1] - grid[0])


def noise(layer, variance):
    t, p_x, p_y, _, x_id = layer
    t, width = t[:, 0], np.sqrt(variance)
    grid = np.arange(t.min() - 10 * width, t.max() + 10 * width, width / 20)
    joint = p_x[:, None] * p_y
    h = differential(grid, t, p_x, variance)
    given_x = sum(p_x[x_id == x].sum() * differential(grid, t[x_id == x], p_x[x_id == x] /
                                                      p_x[x_id == x].sum(), variance)
                  for x in np.unique(x_id) if p_x[x_id == x].sum() > 0)
    given_y = sum(column.sum() * differential(grid, t, column / column.sum(), variance)
                  for column in joint.T if column.sum() > 0)
    return h - given_x, h - given_y


def decoder(layer):
    _, p_x, p_y, q_y, _ = layer
    joint = p_x[:, None] * p_y
    q_y = q_y / q_y.sum(1, keepdims=True)
    return max(entropy(joint.sum(0)) + np.sum(joint * np.log2(q_y)), 0)


def activations(rng):
    x = rng.integers(0, 2, (128, 12)).astype(np.float64)
    for d in (1, 3, 10):
        z = x @ rng.normal(size=(12, d)) + rng.normal(size=d)
        for scale in (0.05, 1, 5):
            yield np.tanh(scale * z).astype(np.float32)
            yield np.maximum(scale * z, 0).astype(np.float32)
    yield np.maximum(100 * z, 0).astype(np.float32)
    yield (300 + 0.02 * z).astype(np.float32)
    yield np.where(z > 0, 1e4, -1e4) + 0.02 * z
    yield np.hstack([1e6 + 0.01 * z, 1e-3 * z])


def layers(rng):
    for kind, t in enumerate(activations(rng)):
        n = len(t)
        p_y = rng.dirichlet(np.ones(3), n) if kind % 2 else np.eye(2)[rng.integers(0, 2, n)]
        p_x = rng.random(n) * (rng.random(n) > 0.1) if kind % 3 else np.ones(n)
        x_id = rng.integers(0, n // 4, n) if kind % 4 == 3 else rng.permutation(n)
        q_y = p_y + 0.5 * rng.random(p_y.shape)
        yield t.astype(np.float64), p_x / p_x.sum(), p_y, q_y, x_id


def compare_kde(folder, layer):
    for variance in (1e-3, 0.1, 3):
        for side in (0, 1):
            seen = probe(folder, "kde", side, layer, variance=variance)[:2]
            wanted = np.array(kde(layer, variance, side), np.float64)
            yield f"kde {variance} {side}", seen, wanted, 1e-9


def compare_others(folder, layer):
    seen = probe(folder, "decoder", 0, layer)
    yield "decoder", seen[1], float(decoder(layer)), 1e-12
    if layer[0].shape[1] != 1 or np.ptp(layer[0]) > 50:
        return
    for variance in (1e-2, 0.3):
        seen = probe(folder, "noise", 0, layer, variance=variance, draws=100)
        yield f"noise {variance}", seen[:2], np.array(noise(layer, variance)), 5 * seen[2:4] + 1e-9


def main():
    rng = np.random.default_rng(20170303)
    count = failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for kind, layer in enumerate(layers(rng)):
            for what, seen, wanted, tolerance in (*compare_kde(folder, layer),
                                                  *compare_others(folder, layer)):
                count += 1
                if not np.all(np.abs(seen - wanted) <= tolerance):
                    failures += 1
                    print(f"layer {kind} {layer[0].shape}, {what}: {seen}, expected {wanted}",
                          file=sys.stderr)
    print(f"{count} comparisons, {failures} failed")
    return 1 if failures or count == 0 else 0


sys.exit(main())
