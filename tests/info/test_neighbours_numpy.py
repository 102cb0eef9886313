"""KSG, mixed KSG and Ross to 1e-12, and their flags, against brute force in NumPy.

Samples with densities, with equal values, with repeated rows, saturated and constant units, small
labels, soft labels, unequal weights; from the fewest rows allowed to some hundred.
"""
import os
import subprocess
import sys
import tempfile

import numpy as np

PROBE = sys.argv[1]
NOT_KNOWN, INVALID, CEILING, TIES, NEGATIVE = 1, 2, 4, 32, 256
# psi of 1, 2, ...: harmonic numbers less Euler's constant
EULER = 0.57721566490153286061
PSI = np.concatenate([[np.nan, -EULER], np.cumsum(1 / np.arange(1, 1000)) - EULER])


def distances(points):
    n = len(points)
    if points.shape[1] == 0:
        return np.zeros((n, n))
    return np.abs(points[:, None, :] - points[None, :, :]).max(2)


def kth(joint, k):
    """Distance of the k-th neighbour of each row, itself left out; inf where there are fewer."""
    others = joint.copy()
    np.fill_diagonal(others, np.inf)
    return np.sort(others, axis=1)[:, k - 1]


def others_where(condition):
    counted = condition.copy()
    np.fill_diagonal(counted, False)
    return counted.sum(1)


def ksg(dx, dt, k, variant):
    n, joint = len(dx), np.maximum(dx, dt)
    e = kth(joint, k)[:, None]
    if variant == 1:
        n_x, n_t = others_where(dx < e), others_where(dt < e)
        return (PSI[k] + PSI[n] - np.mean(PSI[n_x + 1] + PSI[n_t + 1])) / np.log(2)
    near = joint <= e
    e_x, e_t = np.where(near, dx, 0).max(1)[:, None], np.where(near, dt, 0).max(1)[:, None]
    n_x, n_t = others_where(dx <= e_x), others_where(dt <= e_t)
    return (PSI[k] - 1 / k + PSI[n] - np.mean(PSI[n_x] + PSI[n_t])) / np.log(2)


def mixed(dx, dt, k):
    n, joint = len(dx), np.maximum(dx, dt)
    total = 0.0
    for i, rho in enumerate(kth(joint, k)):
        if rho == 0:
            near, n_x, n_t = [(d[i] == 0).sum() for d in (joint, dx, dt)]
        else:
            n_x, n_t = (dx[i] < rho).sum(), (dt[i] < rho).sum()
            near = k if rho < np.inf else (joint[i] < rho).sum()
        total += PSI[near] + np.log(n) - PSI[n_x] - PSI[n_t]
    return total / n / np.log(2)


def ross(t, y, k):
    kept = np.array([np.sum(y == label) > 1 for label in y])
    t, y = t[kept], y[kept]
    n, d = len(y), distances(t)
    if n == 0:
        return np.nan
    total = 0.0
    for i in range(n):
        peers = np.sort(d[i, (y == y[i]) & (np.arange(n) != i)])
        k_i = min(k, len(peers))
        m = (d[i] <= peers[k_i - 1]).sum() - 1
        total += PSI[k_i] - PSI[len(peers) + 1] - PSI[m]
    return (PSI[n] + total / n) / np.log(2)


def pairs(condition):
    return bool(others_where(condition).any())


def sparse(n, d):
    """Too few rows for a density in so many dimensions."""
    return INVALID if n < 3.5 ** d else 0


def limit(n, k, bits):
    """Within a bit of what rows on a line give."""
    return INVALID if bits > (PSI[n] - PSI[k]) / np.log(2) - 1 else 0


def ceiling(p_x, bits):
    h_x = -np.sum(p_x * np.log2(p_x))
    return CEILING if np.isfinite(bits) and bits >= 0.95 * h_x else 0


def expected(t, x, p_x, p_y, ks):
    y, n = p_y.argmax(1), len(t)
    dt, dy = distances(t), np.where(y[:, None] == y[None, :], 0, np.inf)
    unequal = INVALID if (p_x != p_x[0]).any() else 0
    soft = unequal | (INVALID if ((p_y > 0) & (p_y < 1)).any() else 0)
    lonely = all(np.sum(y == label) == 1 for label in y)
    kept = np.array([np.sum(y == label) > 1 for label in y])
    ross_flags = soft | (NOT_KNOWN if lonely else sparse(kept.sum(), t.shape[1]))
    ross_flags |= TIES if pairs(distances(t[kept]) == 0) else 0
    if x is not None:
        dx = distances(x)
        function = not ((dx == 0) & (dt > 0)).any()
        equals = ((dx == 0) & (dt == 0)).sum(1)
        own = (equals <= max(ks)) & ((dt == 0).sum(1) == equals)
        ksg_flags = unequal | (INVALID if function else 0)
        ksg_flags |= sparse(n, t.shape[1]) | sparse(n, x.shape[1])
        ksg_flags |= TIES if pairs(dx == 0) or pairs(dt == 0) else 0
        mixed_flags = soft | (INVALID if function and own.sum() > n / 2 else 0)
    density = ((dt == 0).sum(1) <= max(ks)).sum() > n / 2
    soft_sparse = soft | (sparse(n, t.shape[1]) if density else 0)
    rows = []
    for k in ks:
        for variant in (1, 2):
            if x is None:
                rows.append((np.nan, np.nan, NOT_KNOWN))
                continue
            i_xt = ksg(dx, dt, k, variant)
            rows.append((i_xt, np.nan, ksg_flags | limit(n, k, i_xt) | ceiling(p_x, i_xt)))
        i_ty = mixed(dy, dt, k)
        if x is None:
            rows.append((np.nan, i_ty, soft_sparse | NOT_KNOWN))
        else:
            i_xt = mixed(dx, dt, k)
            flags = mixed_flags | soft_sparse | (limit(n, k, i_xt) if density else 0)
            rows.append((i_xt, i_ty, flags | ceiling(p_x, i_xt)))
        rows.append((np.nan, ross(t, y, k), ross_flags))
    return np.array(rows)


def probe(folder, t, x, p_x, p_y, ks):
    source, result = os.path.join(folder, "in"), os.path.join(folder, "out")
    with open(source, "wb") as file:
        for array in [t] + ([] if x is None else [x]) + [p_x, p_y]:
            file.write(np.ascontiguousarray(array, np.float64).tobytes())
    d_x = 0 if x is None else x.shape[1]
    arguments = [len(t), t.shape[1], d_x, p_y.shape[1], source, result, *ks]
    subprocess.run([PROBE] + [str(a) for a in arguments], check=True)
    return np.fromfile(result, np.float64).reshape(-1, 3)


def units(rng, kind, x, d):
    n = len(x)
    z = x @ rng.normal(size=(x.shape[1], d)) + rng.normal(size=(n, d))
    if kind == "normal":
        return z
    if kind == "function":
        return np.tanh(x @ rng.normal(size=(x.shape[1], d)))
    if kind == "rounded":
        return np.round(z, 1)
    if kind == "saturated":
        return np.tanh(10 * z).astype(np.float32).astype(np.float64)
    if kind == "rectified":
        return np.maximum(z, 0) * 1e6
    if kind == "symbols":
        return rng.integers(0, 3, (n, d)).astype(float)
    return np.full((n, d), 0.25)


KINDS = ["normal", "function", "rounded", "saturated", "rectified", "symbols", "constant"]


def sample(rng, case):
    n = int(rng.choice([4, 5, 9, 40, 150, 300]))
    d, d_x = int(rng.choice([1, 2, 5, 30])), int(rng.choice([1, 3, 12]))
    c = int(rng.choice([2, 3, 10]))
    x = rng.normal(size=(n, d_x)) if case % 3 else rng.integers(0, 2, (n, d_x)).astype(float)
    if case % 4 == 1:
        x = x[rng.integers(0, n, n)]
    t = units(rng, KINDS[case % len(KINDS)], x, d)
    if case % 5 == 2:
        again = rng.integers(0, n, n)
        t, x = t[again], x[again]
    p_y = np.eye(c)[rng.integers(0, c, n)]
    if case % 11 == 3:
        p_y = rng.dirichlet(np.ones(c), n)
    if case % 11 == 7:
        p_y[:, :2] = 0.5
        p_y[:, 2:] = 0
    p_x = rng.random(n) if case % 13 == 5 else np.ones(n)
    return t, None if case % 17 == 4 else x, p_x / p_x.sum(), p_y


def main():
    rng = np.random.default_rng(20040623)
    count = failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for case in range(120):
            t, x, p_x, p_y = sample(rng, case)
            ks = [1, 3] if len(t) < 9 else [3, 1, 5, 8]
            seen, wanted = probe(folder, t, x, p_x, p_y, ks), expected(t, x, p_x, p_y, ks)
            negative = (seen[:, :2] < -1e-12).any(1)
            wanted[:, 2] += NEGATIVE * negative
            good = np.allclose(seen[:, :2], wanted[:, :2], rtol=0, atol=1e-12, equal_nan=True)
            good = good and np.array_equal(seen[:, 2], wanted[:, 2])
            count += len(wanted)
            if not good:
                failures += 1
                print(f"sample {case}, t {t.shape}, k {ks}:\n{seen}\nexpected\n{wanted}",
                      file=sys.stderr)
    print(f"{count} comparisons, {failures} samples failed")
    return 1 if failures or count == 0 else 0


sys.exit(main())
