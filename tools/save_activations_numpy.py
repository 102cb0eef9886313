#!/usr/bin/python3
"""Saves the layers of a NumPy network for `infoplane estimate`: save_activations_numpy.py OUT.h5"""
import sys

import h5py
import numpy as np

random = np.random.default_rng(1)
x = np.array([[i >> k & 1 for k in range(12)] for i in range(4096)])  # every pattern of 12 bits
with h5py.File(sys.argv[1], "w") as file:
    file["x"] = x  # equal rows are one input
    file["y"] = (x.sum(axis=1) > 5).astype(int)  # or /p_y_given_x (n, classes)
    file["p_x"] = np.full(len(x), 1 / len(x))  # all inputs there are; leave it out for a sample
    t = x
    for layer, units in enumerate((10, 7, 5, 4, 3), start=1):
        t = np.tanh(t @ random.normal(0, t.shape[1] ** -0.5, (t.shape[1], units)))
        file[f"t/{layer}"] = t  # (n, units)
