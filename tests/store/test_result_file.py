"""A result file is read by xarray, h5py and h5dump as documented, also while it is being written."""
import ctypes
import ctypes.util
import subprocess

import h5py
import numpy as np
import xarray as xr

from store_check import TOOL, check, equal, finish, folder, tool

folder("test_result_file.files")
equal(tool("create", "a.h5").stdout, "", "create")

# What xarray makes of it, without any help.
ds = xr.open_dataset("a.h5", engine="h5netcdf")
equal(dict(ds.sizes), {"job": 16, "epoch": 5, "layer": 4, "estimator": 2, "split": 2}, "dimensions")
equal(ds.I_XT.dims, ("job", "epoch", "layer", "estimator"), "dims of I_XT")
equal(ds.accuracy.dims, ("job", "epoch", "split"), "dims of accuracy")
equal(ds.gradient_std.dims, ("job", "epoch", "layer"), "dims of gradient_std")
equal(ds["update"].dims, ("job", "epoch"), "dims of update")
equal(list(ds.epoch.values), [0, 10, 20, 30, 40], "epoch")
equal(list(ds.layer.values), [1, 2, 3, 4], "layer")
equal(list(ds.job.values), list(range(16)), "job")
equal(list(ds.estimator.values), ["binning-10", "binning-30"], "estimator")
equal(list(ds.split.values), ["train", "test"], "split")
columns = ["key", "seed", "architecture", "activation", "training.rate", "training.batch",
           "training.optimizer"]
equal([c for c in columns if c in ds.coords], columns, "columns are coordinates")
equal(list(ds.activation.values), ["tanh"] * 8 + ["relu"] * 8, "activation")
equal(ds.architecture.values[4], "12-6-2", "architecture")
equal(list(ds["training.rate"].values[:4]), [4e-4, 4e-4, 1e-3, 1e-3], "training.rate")
equal(list(ds["training.batch"].values[:4]), [512, 512, 0, 0], "training.batch")
check("0 = full" in ds["training.batch"].long_name, "the word full is explained")
equal(list(ds.width.values[4]), [6, 2, 0, 0], "width")
equal([ds[v].dtype.kind for v in ("seed", "width", "update", "state", "training.batch")],
      ["i"] * 5, "integers stay integers")
units = {"I_XT": "bit", "I_TY": "bit", "I_XT_se": "bit", "I_TY_se": "bit", "I_TY_null": "bit", "beta": "1", "beta_residual": "bit", "flags": "1", "loss": "nat", "accuracy": "1", "gradient_mean": "1",
         "gradient_std": "1", "weight_norm": "1", "update": "1", "epoch": "1", "width": "1"}
for name, unit in units.items():
    equal(ds[name].units, unit, f"unit of {name}")
check(all("long_name" in ds[v].attrs for v in ds.variables), "every variable has a long_name")
equal(ds.state.flag_meanings, "pending done failed quarantined", "flag_meanings")
equal(list(ds.state.flag_values), [0, 1, 2, 3], "flag_values")
equal(ds.flags.flag_meanings.split()[:2], ["not_known", "invalid"], "flag_meanings of flags")
equal(list(ds.flags.flag_masks), [2**i for i in range(len(ds.flags.flag_meanings.split()))], "flag_masks")
equal(list(ds.state.values), [1] * 14 + [2, 0], "state")
equal(ds.Conventions, "CF-1.8 infoplane-1", "Conventions")
equal(ds.title, "a small sweep", "title")

# The numbers of sweep.h: variable v of job j holds (1000000 j + 10000 v + k) / 3, each 7th is NaN.
k = np.arange(40).reshape(5, 4, 2)
expected = np.where(k % 7 == 6, np.nan, (3000000 + 10000 + k) / 3)
np.testing.assert_array_equal(ds.I_TY.values[3], expected)
equal(int(ds["update"].values[3, 4]), 3000000 + 130000 + 4, "update")
tanh = ds.where(ds.activation == "tanh", drop=True)
equal(tanh.sizes["job"], 8, "jobs with tanh")
mean = ds.I_XT.where(ds.activation == "tanh").mean("job").values
np.testing.assert_allclose(mean[0, 0, 0], np.mean([1000000 * j / 3 for j in range(8)]), rtol=1e-15)
check(np.isnan(ds.I_XT.values[14]).all() and np.isnan(ds.loss.values[15]).all(),
      "failed and pending rows are NaN")
ds.close()

run = xr.open_dataset("a.h5", engine="h5netcdf", group="run")
equal(set(run.data_vars), {"attempts", "strikes", "suspicion", "running", "reason", "checksum", "seconds",
                           "host", "rank", "openblas_core"}, "columns of /run")
check(all(run[v].dims == ("job",) for v in run.data_vars), "dims of /run")
equal(str(run.host.values[3]), "node-3", "host is text")
equal(str(run.reason.values[14]), "größer als 64 MiB", "reason is UTF-8")
equal(run.seconds.units, "s", "unit of seconds")
equal((run.seconds.dtype.kind, float(run.seconds[3])), ("f", 1.5), "seconds are a number")
equal(int(run["rank"][15]), -1, "rank of a pending row")
run.close()

with h5py.File("a.h5") as f:
    check(all(f[v].chunks is None and f[v].compression is None for v in ("I_XT", "loss", "state")),
          "contiguous, not compressed")
    check("_FillValue" not in f["state"].attrs and "_FillValue" not in f["seed"].attrs,
          "integers have no _FillValue")
    check(np.isnan(f["I_XT"].attrs["_FillValue"]) and np.isnan(f["I_XT"].fillvalue), "reals have")
    equal(int(f.attrs["schema"]), 4, "schema")
    equal(f["provenance/compiler"][()].decode(), "grüß", "a text of /provenance")
    check("infoplane: 1" in f["provenance/spec"][()].decode(), "the spec")
    check(f["I_XT"].dims[3][0].name == "/estimator" and f["run/rank"].dims[0][0].name == "/job",
          "scales are attached")

    # The checksum, computed by another caller of the library it is defined by.
    xxh = ctypes.CDLL(ctypes.util.find_library("xxhash") or "libxxhash.so.0")
    xxh.XXH3_64bits.restype = ctypes.c_uint64
    xxh.XXH3_64bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
    science = ("I_XT", "I_TY", "I_XT_se", "I_TY_se", "I_TY_null", "beta", "beta_residual", "flags", "loss", "accuracy", "gradient_mean", "gradient_std", "weight_norm",
               "update")
    for job in (0, 7, 14):
        row = b"".join(f[v][job].tobytes() for v in science)
        row += np.array([job, f["state"][job]], "<i8").tobytes()
        equal(int(f["run/checksum"][job]), xxh.XXH3_64bits(row, len(row)), f"checksum of job {job}")

head = subprocess.run(["h5dump", "-H", "a.h5"], capture_output=True, text=True).stdout
for name in (*units, *columns, *science, "state", "run", "provenance", "attempts", "checksum"):
    check(f'"{name}"' in head, f"h5dump -H names {name}")

# Readers of a file that is being written, with whatever locks they take by themselves.
with subprocess.Popen([TOOL, "hold", "a.h5"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                      text=True) as writer:
    equal(writer.stdout.readline(), "open\n", "the writer has the file open")
    with h5py.File("a.h5") as f:
        equal(int(f["state"][15]), 0, "state before the commit")
    with xr.open_dataset("a.h5", engine="h5netcdf") as live:
        writer.stdin.write("\n")
        writer.stdin.flush()
        equal(writer.stdout.readline(), "committed\n", "a reader does not stop the writer")
        equal(live.sizes["job"], 16, "xarray reads meanwhile")
    with h5py.File("a.h5") as f:
        equal(int(f["state"][15]), 1, "state after the commit")
    equal(tool("rows", "a.h5").stdout.splitlines()[15].strip(), "15 1 sound", "our own reader")
    writer.stdin.close()
equal(writer.returncode, 0, "the writer ended well")
finish()
