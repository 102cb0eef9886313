#!/usr/bin/env python3
"""Readers of the result file: at any moment of a run, and with nothing but h5py, xarray, h5dump."""
import json
import subprocess

import h5py
import numpy as np
import xarray

from program import check, expect, main, merge, read, run, start, texts, wait_until, write_spec

VARIABLES = {
    "I_XT": (("job", "epoch", "layer", "estimator"), "bit"),
    "I_TY": (("job", "epoch", "layer", "estimator"), "bit"),
    "I_XT_se": (("job", "epoch", "layer", "estimator"), "bit"),
    "I_TY_null": (("job", "epoch", "layer", "estimator"), "bit"),
    "I_TY_se": (("job", "epoch", "layer", "estimator"), "bit"),
    "beta": (("job", "epoch", "layer", "estimator"), "1"),
    "beta_residual": (("job", "epoch", "layer", "estimator"), "bit"),
    "loss": (("job", "epoch", "split"), "nat"),
    "accuracy": (("job", "epoch", "split"), "1"),
    "gradient_mean": (("job", "epoch", "layer"), "1"),
    "gradient_std": (("job", "epoch", "layer"), "1"),
    "weight_norm": (("job", "epoch", "layer"), "1"),
}
RUN = ("attempts", "strikes", "reason", "checksum", "seconds", "host", "rank")


def sweep(folder, epochs, changes=None):
    return write_spec(folder / "sweep.yaml", merge({
        "name": "readers", "network": {"hidden": [10, 7, 5]}, "training": {"epochs": epochs},
        "measure": {"at": {"log": 6}, "information": [{"binning": {"bins": [5, 30]}}]},
        "sweep": [{"network.activation": ["tanh", "relu"]}, {"training.rate": [0.001, 0.01]},
                  {"network.hidden": [[10, 7, 5], [3]]}]}, changes or {}))


def opened(path):
    return xarray.open_dataset(path, engine="h5netcdf")


def while_it_runs(folder):
    """Each look finds a whole file whose committed rows are sound; counts never fall."""
    spec, out = sweep(folder, 120), folder / "out.h5"
    process = start("run", spec, "-o", out, ranks=2)
    wait_until(out.exists, "the file")
    looks, seen = 0, [0]
    while process.poll() is None:
        result = run("status", out, "--json")
        if not check(result.returncode == 0 and not result.stderr, f"status: {result.stderr}"):
            break
        status = json.loads(result.stdout)
        check(status["jobs"] == 8 == status["done"] + status["pending"], f"counts: {status}")
        check(status["complete"] == (status["pending"] == 0), "complete")
        check(status["seconds_left"] is None or status["seconds_left"] >= 0, "time left")
        seen.append(status["done"])
        with h5py.File(out, "r") as file:
            state, loss = file["state"][()], file["loss"][()]
        check(np.isfinite(loss[state == 1]).all(), "committed rows are whole")
        with opened(out) as ds:
            check(dict(ds.sizes)["job"] == 8 and ds.activation.values[0] == "tanh", "xarray")
        check(run("export", out, "--csv").returncode == 0, "export")
        looks += 1
    stdout, stderr = process.communicate()
    check(process.returncode == 0 and "8 done" in stdout, f"the run is not disturbed: {stderr}")
    check(looks >= 2 and seen == sorted(seen), f"looked {looks} times: {seen}")
    with h5py.File(out, "r") as file:  # a reader that never closes disturbs no resumed run
        expect(run("run", spec, "-o", out), 0, "8 done")
        check(file["state"][0] == 1, "still readable")


def with_xarray(folder):
    out = folder / "out.h5"
    spec = sweep(folder, 4, {"seeds": {"count": 2, "first": 7}})
    expect(run("run", spec, "-o", out), 0, "16 done")
    with opened(out) as ds:
        check(dict(ds.sizes) == {"job": 16, "epoch": 5, "layer": 4, "estimator": 2, "split": 2},
              f"sizes: {dict(ds.sizes)}")
        for name, (dims, unit) in VARIABLES.items():
            check(ds[name].dims == dims, f"{name}: {ds[name].dims}")
            check(ds[name].dtype == np.float64, f"{name}: {ds[name].dtype}")
            check(ds[name].attrs["units"] == unit, f"{name} in {ds[name].attrs.get('units')}")
            check(ds[name].attrs["long_name"], f"{name} has a long name")
        for name, dims in (("update", ("job", "epoch")), ("epoch", ("epoch",)), ("seed", ("job",)),
                           ("layer", ("layer",)), ("width", ("job", "layer")), ("job", ("job",))):
            check(ds[name].dims == dims and ds[name].dtype == np.int64, f"{name}: {ds[name].dtype}")
        check(list(ds.layer.values) == [1, 2, 3, 4], "layers from 1")
        check(list(ds.estimator.values) == ["binning-5", "binning-30"], "estimators")
        check(list(ds.split.values) == ["train", "test"], "splits")
        check(ds["training.rate"].values.tolist() == ([0.001] * 4 + [0.01] * 4) * 2, "a swept key")
        check(ds.seed.values.tolist() == [7, 8] * 8, "the seed is fastest")
        check(set(ds.architecture.values) == {"12-10-7-5-2", "12-3-2"}, "architecture")
        check(ds.width.values[2].tolist() == [3, 2, 0, 0], "width 0 where there is no layer")
        check(np.isnan(ds.I_XT.values[2, :, 2:]).all(), "padded with NaN")
        check(ds.state.attrs["flag_meanings"] == "pending done failed quarantined" and
              list(ds.state.attrs["flag_values"]) == [0, 1, 2, 3], "meaning of state")
        check(ds.attrs["title"] == "readers" and "Conventions" in ds.attrs, "root attributes")
        check("activation" in ds.coords and "training.rate" in ds.coords, "columns are coordinates")

        mean = ds.I_XT.where(ds.activation == "tanh").mean("job")
        tanh = np.array([a == "tanh" for a in texts(out, "activation")])
        expected = np.nanmean(read(out, "I_XT")[tanh], axis=0)
        check(mean.dims == ("epoch", "layer", "estimator") and
              np.allclose(mean.values, expected, rtol=0, atol=1e-12), "mean over tanh")
        one = ds.loss.sel(epoch=4, split="test").where(ds["training.rate"] > 0.005, drop=True)
        check(one.shape == (8,), "selection by coordinates")
    with xarray.open_dataset(out, engine="h5netcdf", group="run") as group:
        check(all(group[name].dims == ("job",) for name in RUN), "/run has the job dimension")
        check(set(group.reason.values) == {""} and set(group.attempts.values) == {1}, "its values")
        check((group.seconds.values > 0).all() and group.seconds.dtype == np.float64, "seconds")


def with_h5py_and_h5dump(folder):
    out = folder / "out.h5"
    spec = sweep(folder, 2)
    expect(run("run", spec, "-o", out), 0, "8 done")
    with h5py.File(out, "r") as file:
        for name, (dims, _) in VARIABLES.items():
            labels = tuple(file[name].dims[axis][0].name for axis in range(len(dims)))
            check(labels == tuple(f"/{dim}" for dim in dims), f"{name}: scales {labels}")
        for name in RUN:
            check(file["run"][name].dims[0][0].name == "/job", f"/run/{name}: the job scale")
        for name in ("epoch", "update", "seed", "width", "state"):
            check("_FillValue" not in file[name].attrs, f"{name} stays an integer")
        spec_text = file["provenance/spec"][()].decode()
        plan = json.loads(file["provenance/plan"][()])
        versions = json.loads(file["provenance/versions"][()])
    check(spec_text == spec.read_text(), "the spec's text")
    check(plan["shared"]["training.batch"] == 512 and "seeds" in plan, "the resolved plan")
    check({"version", "hdf5", "compiler", "isa"} <= versions.keys(), "versions")
    dump = subprocess.run(["h5dump", "-H", out], capture_output=True, text=True)
    check(dump.returncode == 0 and 'DATASET "I_XT"' in dump.stdout, f"h5dump: {dump.stderr}")
    dump = subprocess.run(["h5dump", "-d", "/activation", out], capture_output=True, text=True)
    check(dump.returncode == 0 and '"tanh"' in dump.stdout, f"h5dump -d: {dump.stderr}")


main(while_it_runs, with_xarray, with_h5py_and_h5dump)
