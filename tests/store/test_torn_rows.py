"""A row that was torn or changed is found, its neighbours are not blamed; files that are not ours are refused."""
import os
import shutil

import h5py
import numpy as np

from store_check import check, equal, finish, folder, tool

folder("test_torn_rows.files")
tool("create", "whole.h5")
SOUND = [f"{job} 1 sound" for job in range(14)] + ["14 2 sound größer als 64 MiB", "15 0 torn"]
equal([line.strip() for line in tool("rows", "whole.h5").stdout.splitlines()], SOUND, "untouched")


def flip(name, index):
    """Changes the lowest bit of the last byte of an element in the file."""
    with h5py.File("torn.h5", "r") as f:
        d = f[name]
        place = d.id.get_offset() + int(np.ravel_multi_index(index, d.shape) + 1) * d.dtype.itemsize - 1
    with open("torn.h5", "r+b") as f:
        f.seek(place)
        byte = f.read(1)[0]
        f.seek(place)
        f.write(bytes([byte ^ 1]))


def put(name, index, value):
    with h5py.File("torn.h5", "r+") as f:
        f[name][index] = value


# What happened to the file, the row, and how it then reads.
CASES = [
    ("science without a state", lambda: put("state", 3, 0), "3 0 torn"),
    ("another state", lambda: put("state", 3, 2), "3 2 torn"),
    ("first number", lambda: flip("I_XT", (3, 0, 0, 0)), "3 1 torn"),
    ("last number", lambda: flip("weight_norm", (3, 4, 3)), "3 1 torn"),
    ("an integer", lambda: flip("update", (3, 4)), "3 1 torn"),
    ("the checksum", lambda: flip("run/checksum", (3,)), "3 1 torn"),
    ("half a row", lambda: put("loss", 3, np.nan), "3 1 torn"),
    ("what is not science", lambda: put("run/host", 3, b"elsewhere"), "3 1 sound"),
]
for what, damage, expected in CASES:
    shutil.copy("whole.h5", "torn.h5")
    damage()
    seen = [line.strip() for line in tool("rows", "torn.h5").stdout.splitlines()]
    equal(seen, SOUND[:3] + [expected] + SOUND[4:], what)

# A row moved to another job does not pass there.
shutil.copy("whole.h5", "torn.h5")
with h5py.File("torn.h5", "r+") as f:
    for name in ("I_XT", "I_TY", "I_XT_se", "I_TY_se", "I_TY_null", "beta", "beta_residual", "flags", "loss", "accuracy", "gradient_mean", "gradient_std", "weight_norm",
                 "update", "run/checksum"):
        f[name][5] = f[name][3]
equal(tool("rows", "torn.h5").stdout.splitlines()[5].strip(), "5 1 torn", "a row of another job")


def write(path, data):
    with open(path, "wb") as f:
        f.write(data)


def change(action):
    shutil.copy("whole.h5", "bad.h5")
    with h5py.File("bad.h5", "r+") as f:
        action(f)


def replace(name, data):
    def action(f):
        del f[name]
        f[name] = data
    return action


def retitle(name, value):
    def action(f):
        f.attrs[name] = value
    return action


def foreign():
    with h5py.File("bad.h5", "w") as f:
        f["x"] = np.zeros(3)


whole = open("whole.h5", "rb").read()
# How the file is wrong, the status, words of the text.
BAD = [
    ("text", lambda: write("bad.h5", b"infoplane: 1\n" * 100), "IP_ERR_CREATE", "signature"),
    ("empty", lambda: write("bad.h5", b""), "IP_ERR_CREATE", "expected a result file"),
    ("half", lambda: write("bad.h5", whole[:len(whole) // 2]), "IP_ERR_CREATE", "truncated"),
    ("first bytes", lambda: write("bad.h5", whole[:40]), "IP_ERR_CREATE", "expected a result file"),
    ("folder", lambda: os.mkdir("bad.h5"), "IP_ERR_CREATE", "expected a result file"),
    ("absent", lambda: None, "IP_ERR_IO", "No such file"),
    ("foreign", foreign, "IP_ERR_CREATE", "another HDF5 file"),
    ("another convention", lambda: change(retitle("Conventions", "CF-1.8")), "IP_ERR_CREATE", "another HDF5 file"),
    ("empty convention", lambda: change(retitle("Conventions", "")), "IP_ERR_CREATE", "another HDF5 file"),
    ("convention of another type", lambda: change(retitle("Conventions", 1)), "IP_ERR_CREATE", "another HDF5 file"),
    ("schema of another type", lambda: change(retitle("schema", "one")), "IP_ERR_CREATE", "another HDF5 file"),
    ("schema list", lambda: change(retitle("schema", [1, 1])), "IP_ERR_CREATE", "another HDF5 file"),
    ("newer schema", lambda: change(retitle("schema", 5)), "IP_ERR_CREATE", "newer infoplane"),
    ("older schema", lambda: change(retitle("schema", 1)), "IP_ERR_CREATE", "older infoplane"),
    ("no variable", lambda: change(lambda f: f.__delitem__("loss")), "IP_ERR_CREATE", "loss"),
    ("no dimension", lambda: change(lambda f: f.__delitem__("split")), "IP_ERR_CREATE", "split"),
    ("no state", lambda: change(lambda f: f.__delitem__("state")), "IP_ERR_CREATE", "state"),
    ("no column", lambda: change(lambda f: f.__delitem__("seed")), "IP_ERR_CREATE", "seed"),
    ("no coordinates", lambda: change(lambda f: f["I_XT"].attrs.__delitem__("coordinates")), "IP_ERR_CREATE", "coordinates"),
    ("short variable", lambda: change(replace("I_TY", np.zeros((15, 5, 4, 2)))), "IP_ERR_CREATE", "I_TY"),
    ("flat variable", lambda: change(replace("loss", np.zeros(160))), "IP_ERR_CREATE", "loss"),
    ("five dimensions", lambda: change(replace("loss", np.zeros((16, 5, 2, 1, 1)))), "IP_ERR_CREATE", "loss"),
    ("keys are numbers", lambda: change(replace("key", np.zeros(16))), "IP_ERR_CREATE", "key"),
    ("keys of fixed length", lambda: change(replace("key", np.zeros(16, "S32"))), "IP_ERR_CREATE", "key"),
    ("group for a dataset", lambda: change(lambda f: (f.__delitem__("width"), f.create_group("width"))), "IP_ERR_CREATE", "width"),
]
for what, make, status, words in BAD:
    if os.path.isdir("bad.h5"):
        os.rmdir("bad.h5")
    elif os.path.exists("bad.h5"):
        os.remove("bad.h5")
    make()
    for command in ("rows", "hold") if what in ("text", "folder", "absent", "newer schema", "no variable") else ("rows",):
        seen = tool(command, "bad.h5")
        check(seen.returncode == 1 and seen.stdout.startswith(f"{status}: bad.h5: ")
              and words in seen.stdout,
              f"{what}, {command}: expected {status} ... {words!r}, saw {seen.stdout!r} {seen.stderr[:300]!r}")
        check("HDF5-DIAG" not in seen.stderr, f"{what}: HDF5 prints nothing itself")
finish()
