#!/usr/bin/env python3
"""No layer that is read exactly lies above the information-bottleneck curve of its file.

At each beta of /bound no code has I(X;T) - beta I(T;Y) below the curve's by more than the gap, and
no deterministic code has it below the best deterministic one's. Exact readings are codes: binned
layers without noise, over all inputs.
"""
import h5py
import numpy as np

from program import check, expect, main, run, write_spec

ROUNDING = 1e-10  # bits, of sums of 4096 terms in double; times 1 + beta where that multiplies one


def lowest(i_xt, i_ty, betas):
    """Least I(X;T) - beta I(T;Y) of all points, by beta."""
    points = np.stack([i_xt.ravel(), i_ty.ravel()])
    return (points[0] - betas[:, None] * points[1]).min(axis=1)


def whole_sweep(folder):
    readings = [{"binning": {"label": "grid"}}, {"binning": {"label": "coarse", "bins": 3}},
                {"binning": {"label": "range", "bins": 10, "range": "run"}},
                {"binning": {"label": "quantiles", "bins": 5, "rule": "equal_freq"}},
                {"binning": {"label": "wide", "rule": "fixed_width", "width": 0.5}},
                {"binning": {"label": "exact", "rule": "exact"}}]
    spec = write_spec(folder / "sweep.yaml", {
        "task": {"information": 0.7}, "network": {"hidden": [6, 3, 2]},
        "training": {"epochs": 100, "batch": 256},
        "measure": {"at": {"log": 8}, "information": readings},
        "sweep": [{"network.activation": ["tanh", "relu"]}], "seeds": {"count": 2}})
    out = folder / "a.h5"
    expect(run("run", spec, "-o", out), 0, "4 done")
    with h5py.File(out) as file:
        i_xt, i_ty = file["I_XT"][()], file["I_TY"][()]
        bound = {name: item[()] for name, item in file["bound"].items()}
        i_xy = file["bound"].attrs["I_XY"]
    betas, scale = bound["beta"], 1 + bound["beta"]
    check(bound["proven"].all(), "the curve is proven")
    check(np.isfinite(i_xt).all() and i_xt.shape[-1] == len(readings), "every reading has values")
    check((i_ty <= i_xy + ROUNDING).all() and (i_ty <= i_xt + ROUNDING).all(), "I(T;Y) is least")
    curve = bound["I_XT"] - betas * bound["I_TY"] - bound["gap"]
    codes = bound["deterministic_H_T"] - betas * bound["deterministic_I_TY"]
    least = lowest(i_xt, i_ty, betas)
    check((least - curve > -ROUNDING * scale).all(), f"above the curve by {(curve - least).max()}")
    check((least - codes > -ROUNDING * scale).all(), f"above the codes by {(codes - least).max()}")
    # The sweep comes near enough for the inequalities to mean something.
    check((least - codes < 0.1 * scale).all(), f"far from the codes: {(least - codes).max()}")


main(whole_sweep)
