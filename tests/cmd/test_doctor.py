#!/usr/bin/env python3
"""`doctor` tries what a run relies on, says for each whether it is well and what to do, and leaves nothing behind."""
import os
import re
import signal
import subprocess
import time

import h5py

from program import check, expect, file_bytes, last_line, main, run, small, start, wait_until

CHECKS = ["launcher", "blas", "kernels", "cores", "memory", "isolation", "folder", "filesystem", "hdf5", "lock",
          "space", "clocks", "file", "walltime"]
LINE = re.compile(r"(ok|warning|problem) +(\S+) +(.*)")


def examine(name, *arguments, code=0, **options):
    """Runs doctor; what it says: check -> (verdict, text). Counts and exit code must fit what it found."""
    result = run("doctor", *arguments, **options)
    lines = [LINE.fullmatch(line).groups() for line in result.stdout.splitlines()[:-1]]
    check([line[1] for line in lines] == CHECKS, f"{name}: every check has its line: {result.stdout}")
    n = [sum(line[0] == verdict for line in lines) for verdict in ("warning", "problem")]
    words = [f"{n[k]} {what}{'' if n[k] == 1 else 's'}" for k, what in enumerate(("warning", "problem"))]
    check(last_line(result.stdout) == f"doctor: {len(CHECKS)} checks, {words[0]}, {words[1]}", f"{name}: {result.stdout}")
    check(result.returncode == code and (code == 1) == (n[1] > 0), f"{name}: exit {result.returncode}: {result.stdout}")
    for verdict, what, text in lines:
        check(verdict == "ok" or " - " in text, f"{name}: {what} says what to do: {text}")
    return {what: (verdict, text) for verdict, what, text in lines}


def says(found, name, what, verdict, part):
    check(found[what][0] == verdict and part in found[what][1], f"{name}: expected {what} {verdict} '{part}': {found[what]}")


def well(folder):
    """With and without a spec, a file, mpirun."""
    spec, place = small(folder, {"name": "s", "seeds": {"count": 3}}), folder / "place"
    place.mkdir()
    out = place / "out.h5"
    found = examine("bare", cwd=place)
    says(found, "bare", "file", "ok", "none named")
    found = examine("spec", spec, "-o", out)
    for what in ("launcher", "blas", "memory", "isolation", "folder", "hdf5", "lock", "space", "clocks", "walltime"):
        says(found, "spec", what, "ok", "")
    says(found, "spec", "file", "ok", "not there yet: 3 jobs to do")
    says(found, "spec", "walltime", "ok", "of work for 1 rank, no limit known")
    found = examine("ranks", spec, "-o", out, ranks=3)
    says(found, "ranks", "launcher", "ok", "3 ranks")
    says(found, "ranks", "hdf5", "ok", "3 ranks wrote and read one file")
    says(found, "ranks", "lock", "ok", "seen by 3 ranks")
    cores = len(os.sched_getaffinity(0))
    says(found, "ranks", "cores", "ok" if cores >= 3 else "warning", f"3 ranks on {cores} core")
    check(os.listdir(place) == [], f"left behind: {os.listdir(place)}")

    expect(run("run", spec, "-o", out), 0, "3 done")
    before = file_bytes(out)
    more = small(folder, {"name": "m", "seeds": {"count": 5}})
    says(examine("old", spec, "-o", out), "old", "file", "ok", "3 jobs, 3 done, 0 to do")
    says(examine("grown", more, "-o", out), "grown", "file", "ok", "5 jobs, 3 done, 2 to do")
    says(examine("file", "-o", out), "file", "file", "ok", "holds 3 jobs")
    check(file_bytes(out) == before and sorted(os.listdir(place)) == ["out.h5", "out.h5.log"], "only looked at")


def target(folder):
    """A file that run would not take."""
    spec, out = small(folder, {"name": "s", "seeds": {"count": 3}}), folder / "out.h5"
    expect(run("run", spec, "-o", out), 0, "3 done")
    fewer = small(folder, {"name": "f"})
    says(examine("fewer", fewer, "-o", out, code=1), "fewer", "file", "problem", "2 of its rows are no job")
    for name, text in (("openblas_core", "warning"), ("kernels", "problem")):
        with h5py.File(out, "r+") as file:
            del file[f"provenance/{name}"]
            file[f"provenance/{name}"] = "other"
        says(examine(name, spec, "-o", out, code=int(text == "problem")), name, "file", text, "was begun with")
    with h5py.File(out, "r+") as file:
        file.attrs["schema"] = 99
    found = examine("newer", spec, "-o", out, code=1)
    says(found, "newer", "file", "problem", "the infoplane that made it")
    (folder / "text").write_text("hello\n")
    says(examine("text", spec, "-o", folder / "text", code=1), "text", "file", "problem", "expected a result file")


def locked(folder):
    """Who holds the target, and that a dead run's lock is no obstacle."""
    spec, out = small(folder, {"name": "endless", "training": {"epochs": 10**8}, "measure": {"at": [1]}}), folder / "out.h5"
    process = start("run", spec, "-o", out)
    wait_until(lambda: (folder / "out.h5.lock").exists() and out.exists(), "a run")
    found = examine("held", spec, "-o", out, code=1)
    says(found, "held", "lock", "problem", f"pid {process.pid}")
    process.kill()
    process.communicate()
    says(examine("dead", spec, "-o", out), "dead", "lock", "ok", "of a run that is gone")
    check((folder / "out.h5.lock").exists(), "and is left to the next run")


def folders(folder):
    """Folders that are not there, read-only, or full."""
    spec = small(folder, {"name": "s", "seeds": {"count": 3000}})
    found = examine("none", spec, "-o", folder / "no" / "out.h5", code=1)
    says(found, "none", "folder", "problem", "No such file or directory")
    for what in ("hdf5", "lock", "space", "filesystem"):
        says(found, "none", what, "warning", "mend the folder first")
    disk = folder / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "infoplane-test", disk], capture_output=True).returncode:
        return
    try:
        found = examine("small", spec, "-o", disk / "out.h5", code=1, ranks=2)
        says(found, "small", "space", "problem", "needed")
        says(found, "small", "filesystem", "warning", "tmpfs")
        check(os.listdir(disk) == [], f"left behind: {os.listdir(disk)}")
        with open(disk / "filler", "wb") as file:
            file.write(bytes(280 * 1024))
        found = examine("full", spec, "-o", disk / "out.h5", code=1, ranks=2)
        says(found, "full", "folder", "problem", "No space left")
        check(os.listdir(disk) == ["filler"], f"left behind: {os.listdir(disk)}")
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        says(examine("read-only", spec, "-o", disk / "out.h5", code=1), "read-only", "folder", "problem", "Read-only")
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def allocation(folder):
    """What the launcher and the batch system say against what MPI and the plan say."""
    spec = small(folder, {"name": "long", "training": {"epochs": 10**7}, "measure": {"at": [1]}, "seeds": {"count": 3}})
    out = folder / "out.h5"
    end = {"SLURM_JOB_END_TIME": str(int(time.time()) + 60)}
    says(examine("short", spec, "-o", out, env=end), "short", "walltime", "warning", "left")
    end = {"SLURM_JOB_END_TIME": str(int(time.time()) + 12)}
    says(examine("margin", spec, "-o", out, env=end, code=1), "margin", "walltime", "problem", "too little to begin a job")
    end = {"SLURM_JOB_END_TIME": str(int(time.time()) - 12)}
    says(examine("past", spec, "-o", out, env=end, code=1), "past", "walltime", "problem", "0 s left")
    slow = small(folder, {"name": "slow", "network": {"hidden": [4000, 4000]}, "training": {"epochs": 10, "batch": 1}})
    began = time.monotonic()
    examine("slow", slow, "-o", out)
    check(time.monotonic() - began < 20, f"epochs of minutes are not tried: {time.monotonic() - began:.1f} s")
    end = {"SLURM_JOB_END_TIME": str(int(time.time()) + 10**9)}
    says(examine("long", spec, "-o", out, env=end), "long", "walltime", "ok", "left")
    found = examine("srun", spec, "-o", out, code=1, env={"SLURM_STEP_NUM_TASKS": "4", "SLURM_NTASKS": "4"})
    says(found, "srun", "launcher", "problem", "SLURM started 4 tasks, MPI sees 1")
    check("--mpi=pmix" in found["launcher"][1], f"and how to do better: {found['launcher']}")
    says(examine("batch", env={"SLURM_NTASKS": "4"}), "batch", "launcher", "ok", "all 4 tasks")


def wrong(folder):
    """A spec that is none is an error, not a finding; a doctor that is stopped cleans up."""
    result = run("doctor", folder / "none.yaml")
    check(result.returncode == 74 and "none.yaml" in result.stderr, f"{result.stderr}")
    (folder / "bad.yaml").write_text("infoplane: 1\n")
    result = run("doctor", folder / "bad.yaml", ranks=2)
    check(result.returncode == 65 and "bad.yaml" in result.stderr, f"{result.stderr}")
    place = folder / "place"
    place.mkdir()
    for wait in (0.05, 0.15, 0.25):
        process = start("doctor", "-o", place / "out.h5")
        time.sleep(wait)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        check(os.listdir(place) == [], f"left behind: {os.listdir(place)}")


main(well, target, locked, folders, allocation, wrong)
