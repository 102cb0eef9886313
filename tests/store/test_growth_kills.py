"""A file that grows again and again is killed in the midst of it: it is always the old one or the new one, whole."""
import os
import random
import shutil
import signal
import subprocess
import time

import h5py
import numpy as np

from store_check import TOOL, check, equal, finish, folder, tool

KILLS = 30
folder("test_growth_kills.files")
equal(tool("create", "old.h5").stdout, "", "create")
shutil.copy("old.h5", "new.h5")
equal(tool("grow", "new.h5").stdout, "", "grow")


def contents(path):
    with h5py.File(path) as f:
        return {name: item[()] for place in (f, f["run"]) for name, item in place.items() if isinstance(item, h5py.Dataset)}


def same(a, b):
    return a.keys() == b.keys() and all(a[name].tobytes() == b[name].tobytes() if a[name].dtype != object
                                        else (a[name] == b[name]).all() for name in a)


def put_back():
    shutil.copy("old.h5", "again.h5")
    os.replace("again.h5", "f.h5")


OLD, NEW = contents("old.h5"), contents("new.h5")
SIZES = {len(OLD["job"]): OLD, len(NEW["job"]): NEW}
equal(sorted(SIZES), [16, 54], "jobs before and after")

# No row was lost on the way, nor was one made up.
place = {key: row for row, key in enumerate(NEW["key"])}
rows = [place[key] for key in OLD["key"]]
for name in ("state", "I_XT", "loss", "update", "attempts", "host", "reason"):
    wide = NEW[name][rows]
    seen = wide[:, :, :4] if name == "I_XT" else wide
    check(seen.tobytes() == OLD[name].tobytes(), f"rows of {name} are those of the old file")
others = sorted(set(range(54)) - set(rows))
check((NEW["state"][others] == 0).all() and np.isnan(NEW["I_XT"][others]).all(), "the further rows are pending")

# Kills while it grows. The dice are thrown anew each time; a failure tells how.
seed = random.randrange(1 << 32)
dice = random.Random(seed)
os.link("old.h5", "f.h5.old")
found = {16: 0, 54: 0}
left = 0
for kill in range(KILLS):
    put_back()
    with subprocess.Popen([TOOL, "grow-on", "f.h5"], stdout=subprocess.PIPE) as process:
        own = f"f.h5.tmp.{process.pid}"
        while process.poll() is None and not os.path.exists(own):
            time.sleep(0.001)
        time.sleep(dice.random() * 0.2)
        process.send_signal(signal.SIGKILL)
        equal((process.wait(), process.stdout.read()), (-signal.SIGKILL, b""), "it ran until it was killed")
    seen = contents("f.h5")
    n = len(seen["job"])
    found[n] = found.get(n, 0) + 1
    check(n in SIZES and same(seen, SIZES[n]), f"kill {kill} of seed {seed}: {n} jobs, neither the old nor the new file")
    equal(len(tool("rows", "f.h5").stdout.splitlines()), n, f"kill {kill} of seed {seed}: our own reader")
    left += os.path.exists(own)
    tool("sweep", "f.h5")
    # What it writes with may be a moment behind it, but writes no more than it had begun.
    equal([name for name in os.listdir() if ".tmp." in name], [], "nothing is left")
print(f"{found[16]} old files, {found[54]} new ones, {left} left-overs")
check(left > 0, f"seed {seed}: not one of {KILLS} kills came while the file was written")

# The next one goes on as if nothing had been.
put_back()
with open("f.h5.tmp.999999999", "w") as f:
    f.write("half a file")
equal(tool("grow", "f.h5").stdout, "", "grow beside a left-over")
check(same(contents("f.h5"), NEW), "the same file")
finish()
