"""Matrix-based Renyi information against a second implementation in NumPy, which holds all matrices.

Tolerances in bits. alpha 2 is a sum of n^2 products: 1e-11. The spectrum errs by n u, which 1 / (1 - alpha) multiplies
by 100 for 1.01: 1e-9. For 0.5 an eigenvalue at the limit of n u may count here and not there, sqrt(n u) = 2e-7 each,
and some forty may lie within a factor of two of it: 1e-5.
"""
import os
import subprocess
import sys
import tempfile

import numpy as np

PROBE = sys.argv[1]
TOLERANCES = {2.0: 1e-11, 1.01: 1e-9, 0.5: 1e-5, 3.5: 1e-10}


def gaussian(v, p, width):
    if width is None:
        deviation = np.sqrt(p @ (v - p @ v) ** 2).mean()
        width = np.sum(p ** 2) ** (1 / (4 + v.shape[1])) * deviation
    squares = ((v[:, None, :] - v[None, :, :]) ** 2).sum(-1)
    return np.exp(-squares / (2 * width ** 2)) if width > 0 else np.ones_like(squares)


def entropy(kernel, p, alpha):
    spectrum = np.linalg.eigvalsh(kernel * np.sqrt(np.outer(p, p)))
    spectrum[spectrum < len(p) * 2.0 ** -52 * spectrum.max()] = 0
    spectrum = spectrum[spectrum > 0] / spectrum.sum()
    return np.log2(np.sum(spectrum ** alpha)) / (1 - alpha)


def information(t, p, p_y, x, alpha, width, width_x):
    used = p > 0
    t, p, p_y, x = t[used], p[used] / p.sum(), p_y[used], x[used]
    k_t, k_x = gaussian(t, p, width), gaussian(x, p, width_x)
    unit = p_y / np.linalg.norm(p_y, axis=1, keepdims=True)
    k_y = unit @ unit.T
    s_t, s_x, s_y, s_xt, s_ty = (entropy(k, p, alpha) for k in (k_t, k_x, k_y, k_x * k_t, k_t * k_y))
    return np.array([s_x + s_t - s_xt, s_t + s_y - s_ty])


def probe(folder, t, p, p_y, x, alpha, width, width_x):
    source = os.path.join(folder, "in")
    with open(source, "wb") as file:
        for array in (t, p, p_y, x):
            file.write(np.ascontiguousarray(array, np.float64).tobytes())
    words = ["renyi", len(t), t.shape[1], p_y.shape[1], x.shape[1], source, f"alpha={alpha}",
             f"width={width or 'scott'}", f"width_x={width_x or 'scott'}"]
    done = subprocess.run([PROBE] + [str(w) for w in words], check=True, capture_output=True, text=True)
    return np.array(done.stdout.split()[:2], float)


def layers(rng):
    """Activations, inputs, weights and labels of every kind."""
    for kind in range(12):
        n, d, d_x, c = int(rng.integers(2, 300)), int(rng.integers(1, 12)), int(rng.integers(1, 13)), 2 + kind % 3
        x = rng.integers(0, 2, (n, d_x)).astype(float) if kind % 2 else rng.normal(size=(n, d_x))
        z = x @ rng.normal(size=(d_x, d)) * 10 ** rng.uniform(-1, 1)
        t = np.tanh(z) if kind % 3 else np.maximum(z, 0)
        p = rng.random(n) * (rng.random(n) < 0.9) + 1e-9 if kind % 4 == 1 else np.ones(n)
        if kind % 4 == 3:
            p[rng.integers(0, n, n // 2)] = 0
            p[0] = 1
        p_y = rng.dirichlet(np.ones(c), n) if kind % 5 else np.eye(c)[rng.integers(0, c, n)]
        yield t, p / p.sum(), p_y, x


def main():
    rng = np.random.default_rng(20121211)
    count = failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for kind, layer in enumerate(layers(rng)):
            for alpha, tolerance in TOLERANCES.items():
                for width, width_x in ((None, None), (0.3, 2.0)):
                    seen = probe(folder, *layer, alpha, width, width_x)
                    expected = information(*layer, alpha, width, width_x)
                    count += 1
                    if not np.abs(seen - expected).max() <= tolerance:
                        failures += 1
                        print(f"layer {kind}, n {len(layer[0])}, alpha {alpha}, width {width}: saw {seen}, expected "
                              f"{expected}, apart {np.abs(seen - expected).max():.2g}", file=sys.stderr)
    print(f"{count} comparisons, {failures} failed")
    return 1 if failures or count == 0 else 0


sys.exit(main())
