"""Gaussian-copula information against a second implementation in NumPy: ranks by comparison of all pairs, determinants
by LU.

Within 1e-9 bit: condition numbers up to 1e6 here, times rounding of sums over some hundred rows.
"""
import os
import statistics
import subprocess
import sys
import tempfile

import numpy as np

PROBE = sys.argv[1]
INVALID, CEILING, TIES, NO_BOUND = 2, 4, 32, 128
quantile = np.vectorize(statistics.NormalDist().inv_cdf)


def normalise(v, p):
    n = 1 / np.sum(p ** 2)
    below = ((v[None, :, :] < v[:, None, :]) * p[None, :, None]).sum(1)
    equal = ((v[None, :, :] == v[:, None, :]) * p[None, :, None]).sum(1)
    return quantile((n * (below + equal / 2) + 0.5) / (n + 1))


def determinant(z, w):
    z = z - w @ z
    return np.linalg.slogdet((z * w[:, None]).T @ z)[1] / np.log(2)


def information(t, p, p_y, x):
    z_t, z_x = normalise(t, p), normalise(x, p)
    i_xt = determinant(z_x, p) + determinant(z_t, p) - determinant(np.hstack([z_x, z_t]), p)
    within = sum(p @ q * determinant(z_t, p * q / (p @ q)) for q in p_y.T)
    return np.array([i_xt, determinant(z_t, p) - within]) / 2


def probe(folder, t, p, p_y, x):
    source = os.path.join(folder, "in")
    with open(source, "wb") as file:
        for array in (t, p, p_y, x):
            file.write(np.ascontiguousarray(array, np.float64).tobytes())
    words = ["gaussian-copula", len(t), t.shape[1], p_y.shape[1], x.shape[1], source]
    done = subprocess.run([PROBE] + [str(w) for w in words], check=True, capture_output=True, text=True)
    seen = done.stdout.split()
    return np.array(seen[:2], float), int(seen[2])


def layers(rng):
    for kind in range(24):
        n, d, d_x, c = int(rng.integers(100, 400)), int(rng.integers(1, 9)), int(rng.integers(1, 9)), 1 + kind % 4
        x = rng.normal(size=(n, d_x))
        t = np.tanh(x @ rng.normal(size=(d_x, d)) + rng.normal(size=(n, d)))
        if kind % 3 == 0:
            x = (x > 0).astype(float)
            t = np.round(t, 1)
        p = rng.random(n) + 0.05 if kind % 2 else np.ones(n)
        p_y = rng.dirichlet(np.ones(c), n) if kind % 5 else np.eye(c)[rng.integers(0, c, n)]
        yield t, p / p.sum(), p_y, x, NO_BOUND | (TIES if kind % 3 == 0 else 0)


def main():
    rng = np.random.default_rng(2017)
    count = failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for kind, (*layer, flags) in enumerate(layers(rng)):
            seen, seen_flags = probe(folder, *layer)
            expected = information(*layer)
            p_y = layer[1] @ layer[2]
            h_x, h_y = (-np.sum(p * np.log2(p)) for p in (layer[1], p_y))
            if expected[0] > h_x or expected[1] > h_y + 1e-12:
                flags |= INVALID
            if 0.95 * h_x <= expected[0] < np.inf:
                flags |= CEILING
            count += 1
            if not (np.abs(seen - expected).max() <= 1e-9 and seen_flags == flags):
                failures += 1
                print(f"layer {kind}: saw {seen} {seen_flags}, expected {expected} {flags}, apart "
                      f"{np.abs(seen - expected).max():.2g}", file=sys.stderr)
    print(f"{count} comparisons, {failures} failed")
    return 1 if failures or count == 0 else 0


sys.exit(main())
