#!/usr/bin/python3
"""The same work in NumPy, SciPy and scikit-learn, in CPU seconds of one thread.

usage: baseline_numpy.py train EPOCHS sgd|adam      one epoch of the paper's network, batch 512
       baseline_numpy.py binning ACTIVATIONS.h5     one snapshot, all layers, 30 bins
       baseline_numpy.py kde ACTIVATIONS.h5         the upper bound alone, variance 1e-3
       baseline_numpy.py ksg ACTIVATIONS.h5         I(X;T) of the first layer, k = 3
"""
import sys
import time

import h5py
import numpy as np

WIDTHS = [12, 10, 7, 5, 4, 3, 2]
ROWS, BATCH, RATE = 3481, 512, np.float32(1e-3)


def seconds_of(work, repeats):
    start = time.process_time()
    for _ in range(repeats):
        work()
    return (time.process_time() - start) / repeats


# ---- training ----

def train(epochs, optimizer):
    rng = np.random.default_rng(1)
    x = rng.choice([-1, 1], size=(ROWS, WIDTHS[0])).astype(np.float32)
    y = np.eye(2, dtype=np.float32)[rng.integers(0, 2, ROWS)]
    w = [rng.normal(size=(a, b)).astype(np.float32) / np.sqrt(np.float32(a)) for a, b in zip(WIDTHS, WIDTHS[1:])]
    b = [np.zeros(v, np.float32) for v in WIDTHS[1:]]
    parameters = w + b
    m = [np.zeros_like(p) for p in parameters]
    v = [np.zeros_like(p) for p in parameters]
    step = 0

    def adam(gradients):
        nonlocal step
        step += 1
        rate = np.float32(RATE / (1 - 0.9 ** step))
        correct = np.float32(1 / (1 - 0.999 ** step))
        for p, g, mean, square in zip(parameters, gradients, m, v):
            mean += np.float32(0.1) * (g - mean)
            square += np.float32(0.001) * (g * g - square)
            p -= rate * mean / (np.sqrt(correct * square) + np.float32(1e-8))

    def sgd(gradients):
        for p, g in zip(parameters, gradients):
            p -= RATE * g

    def epoch():
        order = rng.permutation(ROWS)
        for first in range(0, ROWS, BATCH):
            rows = order[first:first + BATCH]
            t = [x[rows]]
            for l in range(len(w)):
                z = t[-1] @ w[l] + b[l]
                t.append(np.tanh(z) if l + 1 < len(w) else z)
            e = np.exp(t[-1] - t[-1].max(axis=1, keepdims=True))
            delta = (e / e.sum(axis=1, keepdims=True) - y[rows]) / np.float32(len(rows))
            gw, gb = [None] * len(w), [None] * len(w)
            for l in reversed(range(len(w))):
                gw[l], gb[l] = t[l].T @ delta, delta.sum(axis=0)
                if l > 0:
                    delta = (delta @ w[l].T) * (1 - t[l] * t[l])
            {"sgd": sgd, "adam": adam}[optimizer](gw + gb)

    epoch()
    return seconds_of(epoch, epochs)


# ---- information ----

def layers_of(path):
    with h5py.File(path, "r") as file:
        y = file["p_y_given_x"][()] if "p_y_given_x" in file else np.eye(2)[file["y"][()]]
        return [file["t"][name][()] for name in sorted(file["t"])], y, file["x"][()]


def entropy(p):
    p = p[p > 0]
    return -np.sum(p * np.log2(p))


def binning(layers, y):
    """I(X;T) and I(T;Y) of every layer, by the distinct rows of bin numbers."""
    for t in layers:
        codes = np.floor((t + 1) * 15).clip(0, 29).astype(np.int8)
        rows = np.ascontiguousarray(codes).view(np.dtype((np.void, codes.shape[1]))).ravel()
        _, index, counts = np.unique(rows, return_inverse=True, return_counts=True)
        joint = np.stack([np.bincount(index, y[:, c], len(counts)) for c in range(y.shape[1])]) / len(t)
        p_t = counts / len(t)
        entropy(p_t), entropy(p_t) + entropy(joint.sum(axis=1)) - entropy(joint)


def kde(layers, variance=1e-3):
    """The upper bound of every layer, I(X;T) by pairwise distances of all rows."""
    for t in layers:
        t = t.astype(np.float64)
        square = np.sum(t * t, axis=1) * (-0.5 / variance)
        total = 0
        for first in range(0, len(t), 128):  # blocks stay in the cache
            rows = slice(first, first + 128)
            exponent = (t[rows] / variance) @ t.T
            exponent += square[rows, None]
            exponent += square
            total -= np.log2(np.exp(exponent, out=exponent).mean(axis=1)).sum()
        total / len(t)


def ksg(x, t, k=3):
    """Kraskov's first estimator, with trees for the neighbours and the counts."""
    from scipy.special import digamma
    from sklearn.neighbors import KDTree
    distance, _ = KDTree(np.hstack([x, t]), metric="chebyshev").query(np.hstack([x, t]), k + 1)
    radius = np.nextafter(distance[:, k], 0)
    n_x, n_t = (KDTree(v, metric="chebyshev").query_radius(v, radius, count_only=True) - 1 for v in (x, t))
    return digamma(k) + digamma(len(x)) - np.mean(digamma(n_x + 1) + digamma(n_t + 1))


if __name__ == "__main__":
    what, argument = sys.argv[1:3]
    if what == "train":
        print(train(int(argument), sys.argv[3]))
    else:
        t, p_y, x = layers_of(argument)
        works = {"binning": (lambda: binning(t, p_y), 10), "kde": (lambda: kde(t), 1),
                 "ksg": (lambda: [ksg(x.astype(float), layer.astype(float)) for layer in t], 1)}
        print(seconds_of(*works[what]))
