"""training.threads: the threads of OpenBLAS, and what they do to the results."""
import re
import time
from pathlib import Path

import numpy as np

from program import check, expect, main, read, run, same_science, small, start, texts

WIDE = {"network": {"hidden": [200, 200, 4]}, "training": {"epochs": 40, "batch": 100}, "seeds": {"count": 2}}


def sweep(folder, threads, out, ranks=None, **changes):
    spec = small(folder, {"name": "wide", **WIDE, **changes})
    expect(run("run", spec, "--set", f"training.threads={threads}", "-o", folder / out, ranks=ranks), 0, "2 done")
    return folder / out


def bits(folder):
    """As many threads, the same bytes for any number of ranks; other threads agree within rounding."""
    one, two = sweep(folder, 1, "one.h5"), sweep(folder, 2, "two.h5")
    same_science(two, sweep(folder, 2, "again.h5"), "two threads twice")
    same_science(two, sweep(folder, 2, "ranks.h5", ranks=2), "two threads, two ranks")
    check(np.allclose(read(one, "loss"), read(two, "loss"), rtol=1e-4, atol=1e-5), "one and two threads")
    expect(run("verify", two, "--recompute", "1"), 0, "")


def threads_of(process):
    """The most that a child of the program has at a time; the program itself has what MPI needs."""
    most = 0
    while process.poll() is None:
        for child in Path(f"/proc/{process.pid}/task").glob("*/children"):
            try:
                for pid in child.read_text().split():
                    status = Path(f"/proc/{pid}/status").read_text()
                    if "infoplane" not in status.split("\n")[0]:
                        continue
                    most = max(most, int(re.search(r"Threads:\s+(\d+)", status)[1]))
            except (FileNotFoundError, ProcessLookupError):
                continue
        time.sleep(0.002)
    return most


def as_asked(folder):
    """The children that train have them, and nobody else's count changes."""
    for threads in (1, 3):
        spec = small(folder, {"name": f"as{threads}", **WIDE, "training": {"epochs": 400, "threads": threads}})
        process = start("run", spec, "-o", folder / f"as{threads}.h5")
        seen = threads_of(process)
        check(process.wait() == 0 and seen == threads, f"{threads} threads asked, {seen} seen")


def too_many(folder):
    """More than OpenBLAS was built for: the job says so, and the sweep goes on."""
    spec = small(folder, {"name": "many", **WIDE, "training": {"epochs": 2, "threads": 1024}})
    expect(run("run", spec, "-o", folder / "many.h5"), 1, "2 failed")
    reason = texts(folder / "many.h5", "run/reason")[0]
    check("expected OpenBLAS to use 1024 threads, saw " in reason, f"the reason: {reason}")


def doctor(folder):
    """More threads than cores are a warning before the time is spent."""
    spec = small(folder, {"name": "doctor", "training": {"epochs": 1, "threads": 60}})
    found = run("doctor", spec, "-o", folder / "doctor.h5").stdout
    check(re.search(r"warning +cores +1 rank of 60 threads on \d+ cores? of a node", found), found)


if __name__ == "__main__":
    main(bits, as_asked, too_many, doctor)
