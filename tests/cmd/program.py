"""program.py - running infoplane from the tests of its commands

Commands come from the environment that ctest sets: INFOPLANE, MPIEXEC, INFOPLANE_SOURCE.
"""
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np

PROGRAM = os.environ["INFOPLANE"]
MPIEXEC = os.environ.get("MPIEXEC", "mpiexec")
SOURCE = Path(os.environ["INFOPLANE_SOURCE"])
PENDING, DONE, FAILED, QUARANTINED = range(4)
counts = {"checks": 0, "failed": 0}


def check(passed, text):
    """Counts a check; tells where the failing one was made."""
    counts["checks"] += 1
    if not passed:
        counts["failed"] += 1
        frame = sys._getframe(1)
        while frame.f_code.co_filename == __file__:
            frame = frame.f_back
        place = f"{os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno}"
        print(f"{place}: failed: {text}", file=sys.stderr)
    return bool(passed)


def main(*tests):
    """Runs each test in a folder of its own, prints the closing line, ends the program."""
    for test in tests:
        with tempfile.TemporaryDirectory(prefix="infoplane-") as folder:
            test(Path(folder))
    print(f"{counts['checks']} checks, {counts['failed']} failed")
    sys.exit(1 if counts["failed"] or not counts["checks"] else 0)


# ---- commands ----

def command(*arguments, ranks=None):
    launcher = [MPIEXEC, "-n", str(ranks)] if ranks else []
    return launcher + [PROGRAM] + [str(a) for a in arguments]


def run(*arguments, ranks=None, **options):
    """Runs to the end; the result has returncode, stdout and stderr as text."""
    env = {**os.environ, **options.pop("env", {})}
    return subprocess.run(command(*arguments, ranks=ranks), text=True, capture_output=True,
                          timeout=100, env=env, **options)


def start(*arguments, ranks=None, **options):
    """Starts, not waiting."""
    return subprocess.Popen(command(*arguments, ranks=ranks), text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, **options)


def cpu_seconds(pid):
    """Of a process alone, without its children."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def last_line(text):
    return text.rstrip("\n").split("\n")[-1]


def expect(result, code, part="", where="stdout"):
    """The exit code, and words on the last line of stdout or stderr."""
    text = getattr(result, where)
    ok = result.returncode == code and part in last_line(text)
    check(ok, f"{' '.join(map(str, result.args[1:]))}: expected exit {code} and '{part}' last on "
              f"{where}, saw exit {result.returncode}\n--- stdout\n{result.stdout[-2000:]}"
              f"--- stderr\n{result.stderr[-2000:]}")
    return ok


def wait_until(condition, what, seconds=60):
    """Polls until condition() holds; a condition that raises does not hold yet."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if condition():
                return True
        except OSError:
            pass
        time.sleep(0.02)
    return check(False, f"{what}: not within {seconds} s")


# ---- specs and data ----

def merge(base, changes):
    """The keys of a section are added to those of the base; all else is replaced."""
    merged = dict(base)
    for key, value in changes.items():
        is_section = isinstance(value, dict) and isinstance(base.get(key), dict)
        merged[key] = {**base[key], **value} if is_section else value
    return merged


BASE = {
    "infoplane": 1,
    "name": "test",
    "task": {"name": "icosahedron"},
    "network": {"hidden": [4, 3]},
    "training": {"epochs": 4, "batch": 512, "rate": 0.01},
    "measure": {"at": {"every": 1}},
}


def write_spec(path, changes, base=BASE):
    """JSON is YAML."""
    path.write_text(json.dumps(merge(base, changes), indent=1) + "\n")
    return path


def write_data(path, seed=1, n=80, d=4):
    """A small data file of two classes."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, d)).astype(np.float32)
    with h5py.File(path, "w") as file:
        file["x"] = x
        file["y"] = (x.sum(axis=1) > 0).astype(np.int64)
    return path


def small(folder, changes):
    """A spec over a small data file: a job takes a few milliseconds."""
    if not (folder / "data.h5").exists():
        write_data(folder / "data.h5")
    base = merge(BASE, {"training": {"batch": 16}})
    base["task"] = {"name": "file", "path": "data.h5"}
    return write_spec(folder / f"{changes.get('name', 'small')}.yaml", changes, base)


def six_jobs(folder, epochs):
    """Six jobs of different length on the paper's task."""
    return write_spec(folder / f"sweep{epochs}.yaml", {
        "training": {"epochs": epochs},
        "measure": {"at": {"log": 8}, "information": [{"binning": {"bins": [5, 30]}}]},
        "sweep": [{"network.hidden": [[2], [10, 7, 5, 4, 3], [30, 20]]},
                  {"network.activation": ["tanh", "relu"]}]})


# ---- result files ----

def read(path, name):
    """A dataset as it is now, also while somebody writes."""
    with h5py.File(path, "r") as file:
        return file[name][()]


def texts(path, name):
    return [t.decode() if isinstance(t, bytes) else t for t in read(path, name)]


def root_digests(path):
    """sha256 of the bytes of every dataset of the root group; strings by their characters."""
    digests = {}
    with h5py.File(path, "r") as file:
        for name, item in file.items():
            if not isinstance(item, h5py.Dataset):
                continue
            values = item[()]
            data = b"\0".join(values.ravel()) if values.dtype == object else values.tobytes()
            shape = f"{item.shape} {item.dtype} ".encode()
            digests[name] = hashlib.sha256(shape + data).hexdigest()
    return digests


def same_science(a, b, text):
    left, right = root_digests(a), root_digests(b)
    differing = sorted(k for k in left.keys() | right.keys() if left.get(k) != right.get(k))
    check(len(left) > 15 and not differing, f"{text}: root datasets differ: {differing}")


def run_columns(path):
    """What /run holds, a dictionary of lists."""
    with h5py.File(path, "r") as file:
        return {name: list(item[()]) for name, item in file["run"].items()}


def file_bytes(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()
