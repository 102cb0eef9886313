"""tools/import: every format gives the data file that the program reads, and every fault a sentence

The files are made here. What is expected is computed from the arrays they were made of.
"""
import contextlib
import gzip
import importlib.util
import io
import os
import resource
import signal
import struct
import subprocess
from importlib.machinery import SourceFileLoader

import h5py
import numpy as np
import scipy.io

from program import SOURCE, check, expect, main, run, write_spec

IMPORT = SOURCE / "tools" / "import"
IDX_CODES = {"u1": 8, "i1": 9, "i2": 11, "i4": 12, "f4": 13, "f8": 14}
random = np.random.default_rng(5)
# 12 training and 5 test images of 3 x 2 pixels, 4 classes all of which occur.
IMAGES, TEST_IMAGES = (random.integers(0, 256, (n, 3, 2)).astype("u1") for n in (12, 5))
LABELS, TEST_LABELS = np.arange(12, dtype="u1") % 4, np.arange(5, dtype="u1") % 3
X = IMAGES.reshape(12, 6)

loader = SourceFileLoader("infoplane_import", str(IMPORT))
program = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
loader.exec_module(program)


def imported(*arguments):
    """Exit code, stdout and stderr of the program run in this process, which is much faster."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = program.main([str(a) for a in arguments])
    return code, out.getvalue(), err.getvalue()


def write_idx(path, array):
    data = bytes([0, 0, IDX_CODES[array.dtype.str[1:]], array.ndim])
    data += struct.pack(f">{array.ndim}I", *array.shape)
    data += array.astype(array.dtype.newbyteorder(">")).tobytes()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def write_mat73(path, arrays):
    """As MATLAB does it: 512 bytes of its own, and arrays by columns."""
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, array in arrays.items():
            file[name] = array.T
            file[name].attrs["MATLAB_class"] = np.bytes_("double")
        file["#refs#/a"] = np.zeros(3)
    with open(path, "rb+") as file:
        file.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\0\2IM")
    return path


def write_csv(path, header, columns, separator=","):
    lines = [separator.join(header)] if header else []
    lines += [separator.join(map(str, row)) for row in zip(*columns)]
    path.write_text("\n".join(lines) + "\n")
    return path


def holds(out, text, **expected):
    """The file holds these arrays and no others, of the types that the program names."""
    types = {"x": "<f4", "y": "<u2", "p_y_given_x": "<f8", "p_x": "<f8", "split": "|u1"}
    with h5py.File(out) as file:
        check(set(file) == set(expected), f"{text}: expected {set(expected)}, saw {set(file)}")
        for name, values in expected.items():
            same = name in file and file[name].dtype.str == types[name]
            check(same and np.array_equal(file[name][()], np.asarray(values, types[name])),
                  f"{text}: /{name}")


# ---- what is read ----

def idx(folder):
    """The four files of MNIST, at once, with the split they come in; the program runs on them."""
    arrays = {"x": IMAGES, "y": LABELS, "test-x": TEST_IMAGES, "test-y": TEST_LABELS}
    paths = {name: write_idx(folder / f"{name}.gz", array) for name, array in arrays.items()}
    out = folder / "mnist.h5"
    options = [text for name, path in paths.items() for text in (f"--{name}", path)]
    done = subprocess.run([IMPORT, *options, "--scale", "1/255", "-o", out], text=True,
                          capture_output=True)
    last = f"imported 12 training and 5 test rows of 6 inputs, 4 classes: {out}\n"
    check(done.returncode == 0 and done.stdout == last, f"{done.stdout}{done.stderr}")
    x = np.concatenate([IMAGES, TEST_IMAGES]).reshape(17, 6)
    holds(out, "idx", x=x.astype("f8") * (1 / 255), y=np.r_[LABELS, TEST_LABELS],
          split=[0] * 12 + [1] * 5)
    spec = write_spec(folder / "spec.yaml", {
        "task": {"name": "file", "path": "mnist.h5"}, "training": {"epochs": 2, "batch": 4}},
        {"infoplane": 1, "name": "idx", "network": {"hidden": [3]}})
    expect(run("run", spec, "-o", folder / "result.h5"), 0, "1 done")
    for dtype in IDX_CODES:
        path = write_idx(folder / dtype, X.astype(dtype) if dtype != "i1" else X.astype("i1"))
        imported("--x", path, "--y", paths["y"], "-o", out)
        holds(out, dtype, x=X.astype(dtype), y=LABELS)


def numpy_files(folder):
    out, npz = folder / "out.h5", folder / "data.npz"
    p = random.random((12, 3)).astype("f4")
    p /= p.sum(axis=1, keepdims=True)
    np.savez_compressed(npz, x=IMAGES, labels=LABELS, p_y_given_x=p, weights=np.arange(12),
                        split=LABELS > 2)
    np.save(folder / "x.npy", X)
    check(imported("--x", npz, "--y", f"{npz}:labels", "-o", out)[0] == 0, "npz")
    holds(out, "npz", x=X, y=LABELS)
    check(imported("--x", folder / "x.npy", "--p-y-given-x", npz, "--p-x", f"{npz}:weights",
                   "--split", npz, "-o", out)[0] == 0, "npy with all else")
    p = p.astype("f8")
    holds(out, "npy", x=X, p_y_given_x=p / p.sum(axis=1)[:, None], p_x=np.arange(12),
          split=LABELS > 2)
    # The images last, as they are in some files of MATLAB's.
    np.savez(npz, x=np.moveaxis(IMAGES, 0, -1), y=LABELS[None, :])
    imported("--x", npz, "--y", npz, "--rows-last", "-o", out)
    holds(out, "rows last", x=X, y=LABELS)


def matlab(folder):
    out = folder / "out.h5"
    arrays = {"F": X.astype("f8"), "y": LABELS[None, :].astype("f8")}
    scipy.io.savemat(folder / "five.mat", arrays, do_compression=True)
    write_mat73(folder / "seven.mat", arrays)
    with h5py.File(folder / "plain.hdf5", "w") as file:
        file["deep/F"] = X
    for name, inputs in (("five.mat", "F"), ("seven.mat", "F"), ("plain.hdf5", "deep/F")):
        labels = folder / ("seven.mat" if name == "plain.hdf5" else name)
        code, _, err = imported("--x", f"{folder / name}:{inputs}", "--y", labels, "-o", out)
        check(code == 0, err)
        holds(out, name, x=X, y=LABELS)


def tables(folder):
    out, path, test = folder / "out.h5", folder / "table.csv", folder / "test.csv"
    names = [("dog", "cat", "eel")[label % 3] for label in LABELS]
    columns, header = [*X.T, names], [*"abcdef", "animal"]
    write_csv(path, header, columns, ";")
    write_csv(test, header, [column[:2] for column in columns], "\t")
    code, text, err = imported("--x", path, "--y", f"{path}:animal", "--test-x", test, "--test-y",
                               f"{test}:7", "-o", out)
    check(code == 0 and text.startswith("class 0: cat\nclass 1: dog\nclass 2: eel\n"), text + err)
    y = [("cat", "dog", "eel").index(name) for name in names]
    holds(out, "names", x=np.r_[X, X[:2]], y=y + y[:2], split=[0] * 12 + [1] * 2)
    with h5py.File(out) as file:
        check(list(file["y"].attrs["names"]) == ["cat", "dog", "eel"], "names of the classes")
    # Without a header, with a mark of the encoding, empty lines and the end of lines of Windows.
    write_csv(path, None, [LABELS, *X.T])
    text = path.read_text().replace("\n", "\r\n\r\n")
    path.write_bytes(gzip.compress(b"\xef\xbb\xbf" + text.encode()))
    imported("--x", f"{path}:2-4,6", "--y", f"{path}:1", "-o", out)
    holds(out, "numbers", x=X[:, [0, 1, 2, 4]], y=LABELS)
    # A header of numbers is one if that is said.
    write_csv(path, ["0", "1", "2"], [X[:, 0], X[:, 1], LABELS])
    imported("--x", f"{path}:0,1", "--y", f"{path}:2", "--header", "yes", "-o", out)
    holds(out, "header", x=X[:, :2], y=LABELS)


def options(folder):
    out, npz = folder / "out.h5", folder / "data.npz"
    x = X.astype("f8")
    x[:, 3] = 7
    np.savez(npz, x=x, y=np.where(LABELS > 1, 1, -1), test=X[:3] * 2.0)
    imported("--x", npz, "--y", npz, "--test-x", f"{npz}:test", "--test-y", npz, "--renumber",
             "-o", out)
    check(not out.exists(), "test labels of another number of rows")
    imported("--x", npz, "--y", npz, "--scale", "standard", "--renumber", "-o", out)
    deviation = x.std(axis=0)
    deviation[3] = 1
    with h5py.File(out) as file:
        np.testing.assert_allclose(file["x"], (x - x.mean(axis=0)) / deviation, atol=1e-6)
        check(list(file["y"]) == list(LABELS > 1) and list(file["y"].attrs["names"]) == ["-1", "1"],
              "-1 and 1 are numbered")
    first = out.read_bytes()
    imported("--x", npz, "--y", npz, "--scale", "standard", "--renumber", "-o", out)
    check(out.read_bytes() == first, "the same twice")
    # Only the training rows are looked at for it.
    np.savez(npz, x=x, y=LABELS, split=np.arange(12) >= 8)
    imported("--x", npz, "--y", npz, "--split", npz, "--scale", "standard", "-o", out)
    with h5py.File(out) as file:
        check(np.abs(file["x"][:8].mean(axis=0)).max() < 1e-6 < np.abs(file["x"][8:, 0].mean()),
              "mean 0 over the training rows")


def digits(folder):
    code, text, err = imported("--digits", "--scale", "1/16", "-o", folder / "digits.h5")
    check(code == 0 and "imported 1797 rows of 64 inputs, 10 classes" in text, text + err)
    with h5py.File(folder / "digits.h5") as file:
        check(file["x"][()].min() == 0 and file["x"][()].max() == 1, "from 0 to 1")


# ---- what is wrong ----

def faults(folder):
    """Nothing is written, and what is wrong is said with the file and the place in it."""
    os.chdir(folder)
    good = write_idx(folder / "x.idx", IMAGES).read_bytes()
    (folder / "y.idx").write_bytes(write_idx(folder / "y", LABELS).read_bytes())
    write_idx(folder / "short.idx", LABELS[:5])
    write_idx(folder / "wide.idx", np.zeros((12, 7), "u1"))
    write_idx(folder / "nan.idx", np.where(X == X[3, 2], np.nan, X).astype("f4"))
    write_idx(folder / "half.idx", LABELS.astype("f4") / 2)
    write_idx(folder / "minus.idx", LABELS.astype("i2") - 1)
    write_idx(folder / "large.idx", np.full((12, 2), 1e300))
    write_idx(folder / "p.idx", np.full((12, 2), 0.6))
    for name, data in (("cut.idx", good[:-1]), ("head.idx", good[:9]), ("type.idx", b"\0\0\7\1" + good),
                       ("cut.gz", gzip.compress(good)[:-9]), ("empty", b""), ("bytes", good[20:]),
                       ("cut.npz", b"PK\3\4" + good), ("cut.npy", b"\x93NUMPY\1\0"),
                       ("cut.mat", b"MATLAB 5.0" + good), ("cut.h5", b"\x89HDF\r\n\x1a\n" + good)):
        (folder / name).write_bytes(data)
    np.savez("objects.npz", x=np.array([{}, []], object), text=np.array(["a"]))
    (folder / "table.csv").write_text("a,b,kind\n1,2,p\n3,4,q\n\n5,six,p\n")
    (folder / "ragged.csv").write_text("a,b\n1,2\n3\n")
    (folder / "long.csv").write_text("a,b\n1,2\n3,4,5\n")
    (folder / "empty.csv").write_text("a,b\n")
    (folder / "inf.csv").write_text("1,0\n2,1\n-inf,0\n")
    (folder / "odd.csv").write_text("a,b\n1,0\n2,0.5\n")
    (folder / "mixed.csv").write_text("a,b\n1,cat\n2,3\n")
    (folder / "missing.csv").write_text("a,b\n1,0\n,1\n")
    (folder / "ab.csv").write_text("a,b,c\n1,2,0\n3,4,1\n")
    (folder / "ba.csv").write_text("b,a,c\n1,2,0\n3,4,1\n")
    x, y = ["--x", "x.idx"], ["--y", "y.idx"]
    cases = (
        (["--x", "none.idx", *y], 74, "none.idx: cannot read: No such file or directory"),
        (["--x", ".", *y], 74, ".: cannot read: Is a directory"),
        (["--x", "cut.idx", *y], 65, "cut.idx: expected 88 bytes for an IDX array of shape (12, 3, 2), saw 87"),
        (["--x", "head.idx", *y], 65, "head.idx: expected the head of an IDX file"),
        (["--x", "type.idx", *y], 65, "type.idx: expected the head of an IDX file"),
        (["--x", "cut.gz", *y], 65, "cut.gz: expected a whole gzip file"),
        (["--x", "empty", *y], 65, "empty: expected IDX, NPZ, NPY, MATLAB, HDF5 or CSV, saw nothing"),
        (["--x", "bytes", *y], 65, "bytes: expected IDX, NPZ, NPY, MATLAB, HDF5 or CSV, saw "),
        (["--x", "cut.npz", *y], 65, "cut.npz: expected NumPy's .npz"),
        (["--x", "cut.npy", *y], 65, "cut.npy: expected an array of numbers of NumPy's"),
        (["--x", "cut.mat", *y], 65, "cut.mat: expected a MATLAB file"),
        (["--x", "cut.h5", *y], 65, "cut.h5: expected an HDF5 file"),
        (["--x", "objects.npz", *y], 65, "objects.npz: expected NumPy's .npz, with arrays of numbers"),
        (["--x", "objects.npz:text", *y], 65, "objects.npz:text: expected numbers, saw the type <U1"),
        (["--x", "objects.npz:z", *y], 65, "objects.npz: expected an array 'z' (choose one as in objects.npz:NAME), saw x, text"),
        (["--x", "x.idx:z", *y], 65, "x.idx: expected an array 'z' (choose one as in x.idx:NAME), saw one array without"),
        ([*x, "--y", "short.idx"], 65, "short.idx: expected 12 rows as in x.idx, saw 5"),
        ([*x, "--y", "x.idx"], 65, "x.idx: expected one value for each row, saw shape (12, 3, 2)"),
        ([*x, "--y", "half.idx"], 65, "half.idx: row 1: expected a label, which is a whole number, saw 0.5"),
        ([*x, "--y", "minus.idx"], 65, "minus.idx: row 0: expected labels from 0 (--renumber numbers any in their order), saw -1"),
        ([*x, "--p-y-given-x", "p.idx"], 65, "p.idx: row 0: expected probabilities of sum 1, saw 1.2"),
        ([*x, "--p-y-given-x", "minus.idx"], 65, "minus.idx: row 0, column 0: expected a probability, saw -1"),
        ([*x, *y, "--p-x", "minus.idx"], 65, "minus.idx: row 0: expected a weight of at least 0, saw -1"),
        ([*x, *y, "--split", "y.idx"], 65, "y.idx: row 2: expected 0 (train) or 1 (test), saw 2"),
        ([*x, *y, "--test-x", "wide.idx", "--test-y", "y.idx"], 65, "wide.idx: expected 6 columns as in x.idx, saw 7"),
        (["--x", "nan.idx", *y], 65, "nan.idx: row 3, column 2: expected finite numbers, saw nan"),
        (["--x", "large.idx", *y], 65, "large.idx: expected inputs that float32 holds once they are scaled"),
        (["--x", "table.csv", "--y", "table.csv:kind"], 65, "table.csv:5:2: expected a number in column b, saw 'six'"),
        (["--x", "table.csv:a,d", "--y", "table.csv:kind"], 65, "table.csv: expected columns 1 to 3 or a, b, kind, saw 'd'"),
        (["--x", "table.csv:1-4", "--y", "table.csv:kind"], 65, "table.csv: expected columns 1 to 3 or a, b, kind, saw '1-4'"),
        (["--x", "ragged.csv", *y], 65, "ragged.csv:3:2: expected 2 columns as in line 1, saw 1"),
        (["--x", "long.csv", *y], 65, "long.csv:3:3: expected 2 columns as in line 1, saw 3"),
        (["--x", "empty.csv", *y], 65, "empty.csv: expected rows below the header, saw none"),
        (["--x", "inf.csv:1", "--y", "inf.csv:2"], 65, "inf.csv:3:1: expected finite numbers, saw -inf"),
        (["--x", "odd.csv", "--y", "odd.csv:b"], 65, "odd.csv:3:2: expected a label, which is a whole number, saw 0.5"),
        (["--x", "mixed.csv", "--y", "mixed.csv:b"], 65, "mixed.csv:3:2: expected the name of a class in column b, saw '3'"),
        (["--x", "missing.csv", "--y", "missing.csv:b"], 65, "missing.csv:3:1: expected a number in column a, saw ''"),
        (["--x", "ab.csv", "--y", "ab.csv:c", "--test-x", "ba.csv", "--test-y", "ba.csv:c"], 65,
         "ba.csv: expected the columns in the order of ab.csv, saw b for a"),
        (["--x", "ab.csv:1", "--y", "ab.csv:c", "--test-x", "ab.csv:1", "--test-y", "table.csv:kind"], 65,
         "table.csv:kind: expected"),
        ([*x, *y, "--scale", "1/0"], 2, "expected a number such as 1/255, or standard, saw '1/0'"),
        (x, 2, "expected --x, and --y or --p-y-given-x"),
        ([*x, *y, "--p-y-given-x", "p.idx"], 2, "expected --x, and --y or --p-y-given-x"),
        ([*x, *y, "--test-x", "x.idx"], 2, "expected all of --test-x, --test-y for test rows, and no --split"),
        ([*x, "--digits"], 2, "--digits takes no other data"),
    )
    before = sorted(os.listdir())
    for arguments, code, words in cases:
        seen, out, err = imported(*arguments, "-o", "out.h5")
        check((seen, out) == (code, "") and err.startswith("infoplane-import: error: ") and words in err
              and err.count("\n") == 1, f"{arguments}: expected {code} and '{words}', saw {seen} '{err}'")
    check(sorted(os.listdir()) == before, f"nothing is left behind: {sorted(os.listdir())}")
    seen, _, err = imported(*x, *y, "-o", "none/out.h5")
    check(seen == 74 and "none/out.h5: cannot write" in err, err)
    seen, _, err = imported(*x, *y, "-o", "x.idx")
    check(seen == 2 and "x.idx: is read, and would be replaced" in err, err)
    check((folder / "x.idx").read_bytes() == good, "the input is what it was")


def full_disk(folder):
    """A file that cannot be written to its end leaves the older one, and nothing beside it."""
    out = folder / "out.h5"
    out.write_text("older")
    np.savez(folder / "data.npz", x=np.zeros((4000, 50)), y=np.zeros(4000, int))

    def small_files():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000))

    done = subprocess.run([IMPORT, "--x", "data.npz", "--y", "data.npz", "-o", "out.h5"], text=True,
                          cwd=folder, capture_output=True, preexec_fn=small_files)
    check(done.returncode == 74 and "out.h5: cannot write: " in done.stderr, done.stderr)
    check(sorted(os.listdir(folder)) == ["data.npz", "out.h5"] and out.read_text() == "older",
          f"{os.listdir(folder)}")


main(idx, numpy_files, matlab, tables, options, digits, faults, full_disk)
