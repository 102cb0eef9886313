"""The experiments on images run as their heads say, shortened: from the import to the result file."""
import gzip
import shutil
import struct
import subprocess

import h5py
import numpy as np

from program import SOURCE, check, expect, main, read, run, texts

EXPERIMENTS = SOURCE / "experiments"


def import_data(folder, *arguments):
    done = subprocess.run([SOURCE / "tools" / "import", *arguments], cwd=folder, text=True,
                          capture_output=True)
    check(done.returncode == 0, f"{arguments}: {done.stderr}")


def run_shortened(folder, name, *settings):
    """Copies the experiment beside its data and runs it with other settings; its result file."""
    shutil.copy(EXPERIMENTS / f"{name}.yaml", folder)
    name = name.split("/")[-1]
    out = folder / "results.h5"
    flags = [text for setting in settings for text in ("--set", setting)]
    expect(run("run", folder / f"{name}.yaml", "-o", out, *flags), 0, "2 jobs: 2 done, 0 failed")
    return out


def digits(folder):
    """Learned well enough after a few epochs to be the digits and not noise; by chance 0.1."""
    import_data(folder, "--digits", "--scale", "1/16", "-o", "digits.h5")
    out = run_shortened(folder, "digits", "training.epochs=8", "measure.at={linear: 2}",
                        "seeds.count=1")
    check(texts(out, "architecture") == ["64-32-16-12-8-10"] * 2, "architecture")
    accuracy = read(out, "accuracy")
    check((accuracy[:, 0] < 0.3).all() and (accuracy[:, -1] > 0.5).all(), f"accuracy {accuracy}")
    bits = read(out, "I_XT")
    check(np.isfinite(bits).all() and bits.max() <= np.log2(1797) + 1e-9, "I(X;T) of 1797 rows")


def write_idx(path, array):
    head = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(gzip.compress(head + array.tobytes(), 1))


def mnist(folder):
    """Images of noise in the shape of MNIST, in files of its names."""
    random = np.random.default_rng(3)
    for name, n in (("train", 300), ("t10k", 100)):
        write_idx(folder / f"{name}-images-idx3-ubyte.gz",
                  random.integers(0, 256, (n, 28, 28)).astype("u1"))
        write_idx(folder / f"{name}-labels-idx1-ubyte.gz", np.arange(n).astype("u1") % 10)
    import_data(folder, "--x", "train-images-idx3-ubyte.gz", "--y", "train-labels-idx1-ubyte.gz",
                "--test-x", "t10k-images-idx3-ubyte.gz", "--test-y", "t10k-labels-idx1-ubyte.gz",
                "--scale", "1/255", "-o", "mnist.h5")
    out = run_shortened(folder, "mnist", "training.epochs=2", "measure.samples=64",
                        "seeds.count=1")
    check(texts(out, "architecture") == ["784-1024-20-20-20-10"] * 2, "architecture")
    with h5py.File(out) as file:
        check(np.isfinite(file["loss"][()]).all(), "a loss of both splits")
        bits = file["I_XT"][()]
        check(np.isfinite(bits).all() and bits.max() <= 6 + 1e-9, "I(X;T) of 64 rows")


def estimators(folder):
    """Every reading of both networks on one snapshot; only the copula knows no end at H(X)."""
    out = run_shortened(folder, "saxe-2018/estimators", "training.epochs=2", "measure.at=[0, 2]",
                        "seeds.count=1")
    check(texts(out, "activation") == ["tanh", "relu"], "both networks")
    labels = texts(out, "estimator")
    bits = read(out, "I_XT")
    check(bits.shape == (2, 2, 6, 9) and np.isfinite(bits).all(), f"{bits.shape}, {labels}")
    check(labels[-1] == "gaussian-copula" and bits[..., :-1].max() <= 12 + 1e-9, "bits of 4096 inputs")


main(digits, mnist, estimators)
