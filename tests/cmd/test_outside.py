#!/usr/bin/env python3
"""What the world does to a run: full disks, read-only ones, files that go away or belong to somebody
else. Each ends in a clear message and the right exit code, and when its cause is gone the same
command carries on.

Small disks are tmpfs mounts; where mounting is not allowed, a limit on the size of files stands in,
and what needs a read-only disk is left out.
"""
import contextlib
import os
import resource
import shutil
import signal
import subprocess
import sys

import h5py

from program import (check, command, DONE, expect, file_bytes, main, PROGRAM, read, run, same_science,
                     small, start, wait_until)


@contextlib.contextmanager
def small_disk(folder, size):
    """A tmpfs of that size, or None."""
    disk = folder / "disk"
    disk.mkdir(exist_ok=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "infoplane-test", disk],
                             capture_output=True).returncode == 0
    try:
        yield disk if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", "-l", disk], check=True)


def remount(disk, options):
    subprocess.run(["mount", "-o", f"remount,{options}", disk], check=True)


def limit_files(size):
    """For preexec_fn: no file may grow beyond size, and the attempt is an error, not a signal."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return limit


def fill(disk):
    with contextlib.suppress(OSError), open(disk / "filler", "wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


def nothing_beside(folder, *names):
    beside = sorted(p.name for p in folder.iterdir())
    check(set(beside) <= set(names), f"left behind: {beside}")


# ---- full ----

def full_at_creation(folder):
    spec = small(folder, {"name": "full", "seeds": {"count": 200}})
    with small_disk(folder, "120k") as disk:
        place = disk or folder
        out = place / "out.h5"
        cap = {} if disk else {"preexec_fn": limit_files(100_000)}
        result = run("run", spec, "-o", out, **cap)
        check(result.returncode == 74, f"exit {result.returncode}: {result.stderr}")
        check(str(out) in result.stderr and "cannot" in result.stderr, f"names the file: {result.stderr}")
        check(not out.exists() and not list(place.glob("out.h5.tmp*")), "no half a file")
        check(not (place / "out.h5.lock").exists(), "no lock")
        if disk:
            remount(disk, "size=40m")
        expect(run("run", spec, "-o", out), 0, "200 done")


def full_while_growing(folder):
    few = small(folder, {"name": "few", "seeds": {"count": 4}})
    many = small(folder, {"name": "many", "seeds": {"count": 400}})
    with small_disk(folder, "200k") as disk:
        out = (disk or folder) / "out.h5"
        expect(run("run", few, "-o", out), 0, "4 done")
        before = file_bytes(out)
        cap = {} if disk else {"preexec_fn": limit_files(100_000)}
        result = run("run", many, "-o", out, **cap)
        check(result.returncode == 74, f"exit {result.returncode}: {result.stderr}")
        check(file_bytes(out) == before, "the old file is whole")
        nothing_beside(out.parent, *(p.name for p in folder.iterdir()), "out.h5", "out.h5.log")
        if disk:
            remount(disk, "size=40m")
        expect(run("run", many, "-o", out), 0, "400 done")


def full_while_running(folder):
    """The rows have their place already; only checkpoints and the log find none."""
    spec = small(folder, {"name": "long", "training": {"epochs": 40000, "batch": 8}, "measure": {"at": [1]},
                          "seeds": {"count": 2}})
    whole = folder / "whole.h5"
    expect(run("run", spec, "-o", whole), 0, "2 done")
    with small_disk(folder, "1m") as disk:
        if disk is None:
            return
        out = disk / "out.h5"
        process = start("run", spec, "-o", out, "--checkpoint", "0.1")
        wait_until(lambda: (read(out, "run/running") > 0).any(), "a job at work")
        fill(disk)
        stdout, stderr = process.communicate(timeout=100)
        check(process.returncode == 0 and "2 done, 0 failed, 0 left" in stdout, f"{stdout}{stderr}")
        check("no checkpoint" in stderr and "No space left" in stderr, f"warns of it: {stderr}")
        same_science(whole, out, "full while running")


# ---- read-only, not allowed ----

def read_only(folder):
    spec = small(folder, {"name": "ro", "seeds": {"count": 2}})
    with small_disk(folder, "10m") as disk:
        if disk is None:
            return
        out = disk / "out.h5"
        expect(run("run", spec, "-o", out), 0, "2 done")
        remount(disk, "ro")
        for arguments in (("run", spec, "-o", out), ("run", spec, "-o", disk / "new.h5"), ("retry", out)):
            result = run(*arguments)
            check(result.returncode == 73 and "Read-only" in result.stderr,
                  f"{arguments[0]}: exit {result.returncode}: {result.stderr}")
        for arguments in (("status", out), ("verify", out), ("export", out, "--csv")):
            expect(run(*arguments), 0)
        remount(disk, "rw")
        expect(run("run", spec, "-o", out), 0, "2 done")


def not_allowed(folder):
    """Somebody else's file, where we are root and can be somebody."""
    if os.getuid() != 0:
        return
    spec, out, own = small(folder, {"name": "mine"}), folder / "out.h5", folder / "tmp"
    expect(run("run", spec, "-o", out), 0, "1 done")
    shutil.copy(PROGRAM, folder / "infoplane")  # which may lie where nobody else may look
    folder.chmod(0o755)
    own.mkdir()
    own.chmod(0o777)

    def as_nobody(*arguments):
        return subprocess.run([folder / "infoplane", *arguments], user=65534, group=65534, extra_groups=[], cwd="/",
                              env={**os.environ, "TMPDIR": str(own), "HOME": str(own)}, text=True, capture_output=True,
                              timeout=100)

    result = as_nobody("run", spec, "-o", out)
    check(result.returncode == 73 and "Permission denied" in result.stderr,
          f"exit {result.returncode}: {result.stderr}")
    expect(as_nobody("status", out), 0, "1 done")


def no_place(folder):
    spec = small(folder, {"name": "a"})
    (folder / "file").write_text("no folder")
    (folder / "link.h5").symlink_to("nowhere.h5")
    os.mkfifo(folder / "pipe")
    for out in (folder / "no" / "such" / "out.h5", folder / "file" / "out.h5", folder, folder / "link.h5",
                folder / "pipe"):
        result = run("run", spec, "-o", out)
        check(result.returncode == 73 and str(out) in result.stderr,
              f"{out}: exit {result.returncode}: {result.stderr}")


# ---- under us ----

def at_work(folder, name, harm):
    """A run of four jobs of half a second, harmed after the first."""
    spec = small(folder, {"name": name, "training": {"epochs": 15000, "batch": 8}, "measure": {"at": [1]},
                          "seeds": {"count": 4}})
    out = folder / f"{name}.h5"
    process = start("run", spec, "-o", out, ranks=2)
    wait_until(lambda: (read(out, "state") == DONE).any(), f"{name}: a first row")
    harm(out)
    stdout, stderr = process.communicate(timeout=100)
    check(process.returncode == 74, f"{name}: exit {process.returncode}: {stdout}{stderr}")
    check(str(out) in stderr and "removed, replaced or cut" in stderr, f"{name}: says so: {stderr}")
    return spec, out


def removed(folder):
    spec, out = at_work(folder, "removed", lambda out: out.unlink())
    check(not out.exists(), "nobody makes it up")
    expect(run("run", spec, "-o", out), 0, "4 done")


def replaced(folder):
    other = folder / "other.h5"
    expect(run("run", small(folder, {"name": "other"}), "-o", other), 0, "1 done")
    before = file_bytes(other)
    spec, out = at_work(folder, "replaced", lambda out: shutil.copy(other, f"{out}.x") and os.replace(f"{out}.x", out))
    check(file_bytes(out) == before, "what took its place is left alone")


def cut(folder):
    spec, out = at_work(folder, "cut", lambda out: os.truncate(out, 3000))
    result = run("run", spec, "-o", out)
    check(result.returncode == 73 and str(out) in result.stderr, f"exit {result.returncode}: {result.stderr}")
    out.unlink()
    expect(run("run", spec, "-o", out), 0, "4 done")


def before_a_stop(folder):
    """What was done to the file is met at a stop as well, and nothing is written to what is left of it."""
    spec = small(folder, {"name": "endless", "training": {"epochs": 10**8}, "measure": {"at": [1]}})
    for name, harm in (("unlinked", lambda out: out.unlink()), ("emptied", lambda out: os.truncate(out, 0)),
                       ("gone", lambda out: shutil.rmtree(out.parent))):
        out = folder / name / "out.h5"
        out.parent.mkdir()
        process = start("run", spec, "-o", out)
        wait_until(lambda: (read(out, "run/running") > 0).any(), f"{name}: a job at work")
        harm(out)
        process.send_signal(signal.SIGUSR1)
        stdout, stderr = process.communicate(timeout=60)
        check(process.returncode == 74 and "removed, replaced or cut" in stderr,
              f"{name}: exit {process.returncode}: {stdout}{stderr}")
        check(name != "emptied" or out.stat().st_size == 0, f"{name}: left as it is")


def limited(folder):
    """A shell's limit on the size of files: an error like a full disk, not the death of the run."""
    limit = 8 << 20
    spec = small(folder, {"name": "big", "seeds": {"count": 20000}})
    cap = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))}
    new, old = folder / "new.h5", folder / "old.h5"
    result = run("run", spec, "-o", new, **cap)
    check(result.returncode == 74 and "File too large" in result.stderr, f"exit {result.returncode}: {result.stderr}")
    nothing_beside(folder, "big.yaml", "data.h5")
    expect(run("run", spec, "-o", old, env={"SLURM_JOB_END_TIME": "1"}), 75, "20000 left")
    check(old.stat().st_size > limit, "a file beyond the limit")
    result = run("run", spec, "-o", old, **cap)
    check(result.returncode == 74 and "cannot write the row" in result.stderr, f"exit {result.returncode}: {result.stderr}")
    check(not (folder / "old.h5.lock").exists(), "no lock is left")
    expect(run("verify", old), 0, "0 bad")


# ---- of others ----

def foreign(folder):
    spec = small(folder, {"name": "a"})
    (folder / "text").write_text("hello\n")
    (folder / "empty").write_text("")
    with h5py.File(folder / "hdf5", "w") as file:
        file["x"] = [1, 2]
    expect(run("run", spec, "-o", folder / "newer"), 0, "1 done")
    with h5py.File(folder / "newer", "r+") as file:
        file.attrs["schema"] = 99
    for name in ("text", "empty", "hdf5", "newer"):
        before = file_bytes(folder / name)
        for arguments in (("run", spec, "-o", folder / name), ("status", folder / name), ("retry", folder / name),
                          ("verify", folder / name), ("merge", folder / "out.h5", folder / name)):
            result = run(*arguments)
            check(result.returncode == 73 and result.stderr.count(str(folder / name)) == 1,
                  f"{arguments[0]} {name}: exit {result.returncode}, told once: {result.stderr}")
        check(file_bytes(folder / name) == before, f"{name} is as it was")
    check("newer" in run("status", folder / "newer").stderr, "says that it is newer")


def killed_reader(folder):
    """Readers come and go, and die, while a run writes."""
    spec = small(folder, {"name": "read", "seeds": {"count": 60}, "training": {"epochs": 100}})
    out = folder / "out.h5"
    process = start("run", spec, "-o", out, ranks=2)
    wait_until(out.exists, "the file")
    reader = "import h5py, sys\nwith h5py.File(sys.argv[1], 'r') as f:\n  print(1, flush=True)\n  while True: f['I_XT'][()]"
    for _ in range(3):
        victim = subprocess.Popen([sys.executable, "-c", reader, out], stdout=subprocess.PIPE)
        victim.stdout.readline()
        victim.kill()
        victim.communicate()
    stdout, stderr = process.communicate(timeout=100)
    check(process.returncode == 0 and "60 done" in stdout, f"{stdout}{stderr}")


main(full_at_creation, full_while_growing, full_while_running, read_only, not_allowed, no_place, removed,
     replaced, cut, before_a_stop, limited, foreign, killed_reader)
