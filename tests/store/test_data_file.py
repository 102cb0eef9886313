"""Data files of every make are read, wrong ones get a sentence that names the dataset; h5py reads ours."""
import os

import h5py
import numpy as np

from store_check import check, equal, finish, folder, tool

folder("test_data_file.files")
X = np.arange(8.0).reshape(4, 2)
P = [[0.5, 0.5], [1, 0], [0, 1], [0.25, 0.75]]


def read(**datasets):
    with h5py.File("data.h5", "w") as f:
        for name, data in datasets.items():
            if data is not None:
                f[name] = data
    return tool("data", "data.h5")


# Labels (0, 1, 1, 1) have H = -(1/4 log2 1/4 + 3/4 log2 3/4) = 0.811278 bits; a gap is a class of its own.
ONE_HOT = " 1 0 0 1 0 1 0 1"
GOOD = [
    (dict(x=X, y=[0, 1, 1, 1]), "4 2 2 no-split 0.811278" + ONE_HOT),
    (dict(x=X.astype("f2"), y=np.array([0, 1, 1, 1], "u1")), "4 2 2 no-split 0.811278" + ONE_HOT),
    (dict(x=X.astype(">f8"), y=np.array([0, 1, 1, 1], ">i2")), "4 2 2 no-split 0.811278" + ONE_HOT),
    (dict(x=X.astype("i8"), y=np.array([False, True, True, True])), "4 2 2 no-split 0.811278" + ONE_HOT),
    (dict(x=X > 3, y=[0, 1, 1, 1], split=[False, True, False, True]), "4 2 2 split 0.811278" + ONE_HOT),
    (dict(x=X, y=[0, 2, 2, 2]), "4 2 3 no-split 0.811278 1 0 0 0 0 1 0 0 1 0 0 1"),
    (dict(x=X, y=[0, 0, 0, 0]), "4 2 1 no-split 0.000000 1 1 1 1"),
    (dict(x=X, y=[0, 1, 1, 1], p_x=[3, 1, 1, 1]), "4 2 2 no-split 1.000000" + ONE_HOT),
    (dict(x=X, y=[0, 1, 1, 1], split=[0, 1, 0, 1]), "4 2 2 split 0.811278" + ONE_HOT),
    # p(y=0) = (0.5 + 1 + 0 + 0.25) / 4 = 0.4375, H = 0.988699 bits
    (dict(x=X, p_y_given_x=P), "4 2 2 no-split 0.988699 0.5 0.5 1 0 0 1 0.25 0.75"),
    (dict(x=X, p_y_given_x=np.array(P, "f4")), "4 2 2 no-split 0.988699 0.5 0.5 1 0 0 1 0.25 0.75"),
]
for datasets, expected in GOOD:
    seen = read(**datasets)
    equal((seen.returncode, seen.stdout.strip()), (0, expected), str(datasets))

Y = [0, 1, 1, 1]
NAN = np.where(X == 5, np.nan, X)
WRONG = [
    (dict(y=Y), "/x: expected a dataset, saw none"),
    (dict(x=X[0], y=Y), "/x: expected 2 dimensions, saw 1"),
    (dict(x=np.zeros((4, 2, 1)), y=Y), "/x: expected 2 dimensions, saw 3"),
    (dict(x=np.zeros((4, 1, 1, 1, 1)), y=Y), "/x: expected 2 dimensions"),
    (dict(x=np.zeros((0, 2)), y=np.zeros(0, int)), "/x: expected rows and features, saw shape (0, 2)"),
    (dict(x=np.zeros((4, 0)), y=Y), "/x: expected rows and features, saw shape (4, 0)"),
    (dict(x=[[b"a", b"b"]] * 4, y=Y), "/x: expected numbers"),
    (dict(x=X + 1j, y=Y), "/x: expected numbers"),
    (dict(x=NAN, y=Y), "x, row 2: expected finite numbers"),
    (dict(x=X * 1e300, y=Y), "x, row 0: expected finite numbers"),
    (dict(x=X), "expected one of /y and /p_y_given_x, saw neither"),
    (dict(x=X, y=Y, p_y_given_x=P), "expected one of /y and /p_y_given_x, saw both"),
    (dict(x=X, y=Y[:3]), "/y: expected 4 rows as in /x, saw 3"),
    (dict(x=X, y=[Y]), "/y: expected 1 dimension, saw 2"),
    (dict(x=X, y=[0.0, 1, 1, 1]), "/y: expected integers"),
    (dict(x=X, y=[0, 1, -1, 1]), "/y: expected 0 to 65535, saw -1 in row 2"),
    (dict(x=X, y=[0, 1, 65536, 1]), "/y: expected 0 to 65535, saw 65536 in row 2"),
    (dict(x=X, y=np.array([0, 1, 2**64 - 1, 1], "u8")), "/y: expected 0 to 65535"),
    (dict(x=X, p_y_given_x=P[:3]), "/p_y_given_x: expected 4 rows as in /x, saw 3"),
    (dict(x=X, p_y_given_x=Y), "/p_y_given_x: expected 2 dimensions, saw 1"),
    (dict(x=X, p_y_given_x=np.zeros((4, 0))), "/p_y_given_x: expected 1 to 65536 classes, saw 0"),
    (dict(x=X, p_y_given_x=np.array(P) * 0.9), "p_y_given_x, row 0"),
    (dict(x=X, p_y_given_x=np.array(P) - 0.5), "p_y_given_x, row"),
    (dict(x=X, y=Y, p_x=[1, 1, 1]), "/p_x: expected 4 rows as in /x, saw 3"),
    (dict(x=X, y=Y, p_x=[[1, 1, 1, 1]]), "/p_x: expected 1 dimension, saw 2"),
    (dict(x=X, y=Y, p_x=[1, 1, -1, 1]), "p_x, row 2"),
    (dict(x=X, y=Y, p_x=[1, np.nan, 1, 1]), "p_x, row 1"),
    (dict(x=X, y=Y, p_x=[0, 0, 0, 0]), "p_x: expected a positive"),
    (dict(x=X, y=Y, split=[0, 1, 0]), "/split: expected 4 rows as in /x, saw 3"),
    (dict(x=X, y=Y, split=[0.0, 1, 0, 1]), "/split: expected integers"),
    (dict(x=X, y=Y, split=[0, 1, 2, 1]), "/split: expected 0 to 1, saw 2 in row 2"),
    (dict(x=X, y=Y, split=[0, 1, 256, 1]), "/split: expected 0 to 1, saw 256 in row 2"),
    (dict(x=X, y=Y, split=[1, 1, 1, 1]), "split: expected at least one 0"),
]
for datasets, words in WRONG:
    seen = read(**datasets)
    check(seen.returncode == 1 and seen.stdout.startswith("IP_ERR_DATA: data.h5: ")
          and words in seen.stdout, f"expected {words!r}, saw {seen.stdout!r} {seen.stderr[:300]!r}")
    check("HDF5-DIAG" not in seen.stderr, "HDF5 prints nothing itself")

with h5py.File("data.h5", "w") as f:
    f.create_group("x")
    f["y"] = Y
check("IP_ERR_DATA: data.h5: /x: expected a dataset" in tool("data", "data.h5").stdout, "a group /x")
check("IP_ERR_DATA: none.h5: cannot open the file: No such file" in tool("data", "none.h5").stdout, "no file")
with open("text.h5", "w") as f:
    f.write("x,y\n1,2\n" * 99)
check("IP_ERR_DATA: text.h5: expected an HDF5 file" in tool("data", "text.h5").stdout, "a text file")

# Our own files, over an existing one; p_x = (1, 2, 3) / 6.
for path, command in (("ours.h5", "write-data"), ("layers.h5", "write-activations")):
    with open(path, "w") as f:
        f.write("an older file")
    equal(tool(command, path).stdout, "", command)
    with h5py.File(path) as f:
        equal((f["x"].dtype.str, f["p_y_given_x"].dtype.str, f["p_x"].dtype.str), ("<f4", "<f8", "<f8"), "types")
        np.testing.assert_array_equal(f["x"], np.array([[0, 0.1], [1, 0.1], [2, 0.1]], "f4"))
        np.testing.assert_array_equal(f["p_y_given_x"], [[0, 1], [0.25, 0.75], [0.5, 0.5]])
        np.testing.assert_allclose(f["p_x"], np.array([1, 2, 3]) / 6, rtol=1e-15)
        equal("split" in f, path == "ours.h5", "split")
        if path == "ours.h5":
            equal((list(f["split"]), f["split"].dtype.str), ([0, 1, 0], "|u1"), "split")
        else:
            equal(list(f["t"]), ["1", "output"], "layers")
            equal(f["t/output"].dtype.str, "<f4", "type of a layer")
            np.testing.assert_array_equal(f["t/1"], [[1], [2], [3]])
            np.testing.assert_array_equal(f["t/output"], [[1, 2], [3, 4], [5, 6]])
# p(y=0) = (0 + 2 * 0.25 + 3 * 0.5) / 6 = 1/3, H = 0.918296 bits
equal(tool("data", "ours.h5").stdout.strip(), "3 2 2 split 0.918296 0 1 0.25 0.75 0.5 0.5", "read back")

for path, status in (("none/ours.h5", "IP_ERR_CREATE"), ("text.h5/ours.h5", "IP_ERR_CREATE"), (".", "IP_ERR_CREATE")):
    seen = tool("write-data", path).stdout
    check(seen.startswith(f"{status}: {path}: cannot create the file"), f"{path}: {seen!r}")
equal([name for name in os.listdir() if ".tmp." in name], [], "no temporary file is left")
finish()
