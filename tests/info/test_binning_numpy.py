"""Codes bit for bit, and information to 1e-12, against a second implementation in NumPy.

Layers: tanh and ReLU activations of random weights, constant ones, and values on, just below and
just above every edge. Labels soft and hard, weights equal and not, inputs different and repeated.
"""
import os
import subprocess
import sys
import tempfile

import numpy as np

PROBE = sys.argv[1]


def between(lo, hi, bins, t):
    if lo == hi:
        return np.zeros(t.shape, np.int64)
    edges = np.array([lo + ((hi - lo) * j) / bins for j in range(1, bins)])
    return np.searchsorted(edges, t, side="right")


def ranged(word, bins, t):
    if word == "layer":
        return between(t.min(), t.max(), bins, t)
    if word == "neuron":
        return np.stack([between(c.min(), c.max(), bins, c) for c in t.T], axis=1)
    return between(-0.5, 2.25, bins, t)  # what the probe says of epoch and run


def equal_freq(bins, t):
    s = np.sort(t.ravel())
    edges = np.unique([s[-(-j * s.size // bins) - 1] for j in range(1, bins)])
    return (t[..., None] > edges).sum(-1)


def ebab(bins, t):
    values, zeros = np.unique(t), np.count_nonzero(t == 0) > 1
    rest = values[values != 0] if zeros else values
    table = {float(v): r * (bins - zeros) // len(rest) + zeros for r, v in enumerate(rest)}
    if zeros:
        table[0.0] = 0
    return np.vectorize(lambda v: table[float(v)], otypes=[np.int64])(t)


def codes_of(rule, bins, width, lo, hi, t):
    wide = t.astype(np.float64)
    if rule in ("bits", "exact"):
        return (wide + 0.0).view(np.int64)
    if rule == "equal_freq":
        return equal_freq(bins, wide)
    if rule == "ebab":
        return ebab(bins, wide)
    if rule == "paper":
        return ranged(lo, bins, wide) if isinstance(lo, str) else between(lo, hi, bins, wide)
    if rule == "idnns_compat":
        edges = np.array([-1 + 2.0 * j / (bins - 1) for j in range(bins)]).astype(np.float32)
        codes = np.digitize(wide, edges.astype(np.float64)) - 1
        return np.where(codes == -1, bins - 1, codes)
    return np.floor(wide / width).astype(np.int64)


def entropy(p):
    p = p[p > 0]
    return -np.sum(p * np.log2(p))


def information(codes, p_x, p_y, x_id):
    symbols, t = np.unique(codes, axis=0, return_inverse=True)
    t = t.ravel()
    joint = np.zeros((len(symbols), p_y.shape[1]))
    np.add.at(joint, t, p_x[:, None] * p_y)
    both = np.zeros((len(p_x), len(symbols)))
    np.add.at(both, (x_id, t), p_x)
    h_t = entropy(joint.sum(1))
    i_xt = h_t + entropy(both.sum(1)) - entropy(both.ravel())
    return i_xt, h_t + entropy(joint.sum(0)) - entropy(joint.ravel())


def probe(folder, rule, bins, width, lo, hi, t, p_x, p_y, x_id):
    source, result = os.path.join(folder, "in"), os.path.join(folder, "out")
    with open(source, "wb") as file:
        for array in (t, p_x, p_y, x_id):
            file.write(np.ascontiguousarray(array).tobytes())
    n, d = t.shape
    arguments = [rule, bins, width, lo, hi, n, d, p_y.shape[1], source, result]
    subprocess.run([PROBE] + [str(a) for a in arguments], check=True)
    with open(result, "rb") as file:
        codes = np.fromfile(file, np.int64, n * d).reshape(n, d)
        return codes, np.fromfile(file, np.float64, 2)


def around(edges):
    """Each edge as a float, and its neighbours on both sides."""
    e = np.asarray(edges).astype(np.float32)
    inf = np.float32(np.inf)
    extremes = np.array([0.0, -0.0, 1e-45, -1e-45, 1, -1, 1.5, -1.5, 1e5, -1e5], np.float32)
    return np.concatenate([np.nextafter(e, -inf), e, np.nextafter(e, inf), extremes])


def layers(rng):
    for d in (1, 2, 5, 10):
        x = rng.integers(0, 2, (1000, 12)).astype(np.float64)
        z = x @ rng.normal(size=(12, d)) + rng.normal(size=d)
        for scale in (0.3, 1.0, 5.0):
            yield np.tanh(scale * z).astype(np.float32)
            yield np.maximum(scale * z, 0).astype(np.float32)
    yield rng.normal(size=(300, 200)).astype(np.float32)
    yield np.zeros((50, 3), np.float32)
    yield np.full((50, 2), -0.3, np.float32)
    for bins in (2, 7, 30, 100, 1000):
        yield around([-1 + 2.0 * j / bins for j in range(bins + 1)])[:, None]
        yield around([-1 + 2.0 * j / (bins - 1) for j in range(bins)])[:, None]
    yield around([j * 0.07 for j in range(-50, 50)])[:, None]


def labels(rng, n, kind):
    p_y = rng.dirichlet(np.ones(3), n) if kind % 2 else np.eye(2)[rng.integers(0, 2, n)]
    p_x = rng.random(n) if kind % 3 else np.ones(n)
    x_id = rng.integers(0, n, n) if kind % 5 == 0 else rng.permutation(n)
    return p_x / p_x.sum(), p_y, x_id.astype(np.uint32)


RULES = [
    ("paper", 30, "nan", -1, 1),
    ("paper", 2, "nan", -1, 1),
    ("paper", 7, "nan", 0, 3),
    ("paper", 98, "nan", -1, 1),  # (2 * 49) / 98 is 1, 49 * (2 / 98) is not
    ("paper", 1000, "nan", -1, 1),
    ("idnns_compat", 30, "nan", -1, 1),
    ("idnns_compat", 7, "nan", -1, 1),
    ("fixed_width", 30, 0.07, -1, 1),
    ("paper", 30, "nan", "layer", 0),
    ("paper", 100, "nan", "neuron", 0),
    ("paper", 30, "nan", "epoch", 0),
    ("paper", 7, "nan", "run", 0),
    ("equal_freq", 30, "nan", -1, 1),
    ("equal_freq", 2, "nan", -1, 1),
    ("equal_freq", 1000, "nan", -1, 1),
    ("ebab", 30, "nan", -1, 1),
    ("ebab", 2, "nan", -1, 1),
    ("ebab", 1000, "nan", -1, 1),
    ("bits", 30, "nan", -1, 1),
    ("exact", 30, "nan", -1, 1),
]


def main():
    rng = np.random.default_rng(20170303)
    count = failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for kind, t in enumerate(layers(rng)):
            p_x, p_y, x_id = labels(rng, len(t), kind)
            for rule in RULES:
                name, bins, width, lo, hi = rule
                expected = codes_of(name, bins, float(width), lo, hi, t)
                codes, seen = probe(folder, *rule, t, p_x, p_y, x_id)
                wanted = information(expected, p_x, p_y, x_id)
                good = np.array_equal(codes, expected) and np.abs(seen - wanted).max() <= 1e-12
                count += 1
                if not good:
                    failures += 1
                    print(f"layer {kind} {t.shape}, {rule}: {(codes != expected).sum()} codes "
                          f"differ, information {seen}, expected {wanted}", file=sys.stderr)
    print(f"{count} comparisons, {failures} failed")
    return 1 if failures or count == 0 else 0


sys.exit(main())
