#!/usr/bin/env python3
"""kill -9 at random moments, then the same command again: nothing committed is lost.

usage: kills.py KILLS [SEED]

Sweeps of four kinds are run to their end through many kills each: many short jobs (creating,
dispatching, writing, closing), a few long ones with frequent checkpoints, one that grows, and shards
that are merged. The victim is one rank, all ranks with their launcher, or the launcher alone. After
every kill the file must open in h5py and h5dump, and every row ever seen committed must still be
there, byte for byte, with the same seconds, host and rank: so it was not run again. At the end all
rows are there, the science equals an undisturbed run's, and nothing is left beside the file but, for
a minute, the temporary name of a lock whose taker was killed.
"""
import collections
import hashlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "cmd"))
import h5py
from program import (check, command, counts, DONE, expect, main, PENDING, run, same_science,
                     small)

KILLS = int(sys.argv[1])
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(10**6)
dice = random.Random(SEED)
told = collections.Counter()
seconds = {}  # an undisturbed command took
RUN_COLUMNS = ("attempts", "strikes", "reason", "seconds", "host", "rank", "checksum")


# ---- looking at a file ----

def committed_rows(path):
    """What is committed: key -> digest of its science and of what /run says of it."""
    with h5py.File(path, "r") as file:
        states, keys = file["state"][()], file["key"][()]
        science = [name for name in sorted(file) if isinstance(file[name], h5py.Dataset)
                   and file[name].shape[:1] == states.shape and name not in ("key", "job")]
        rows = {}
        for job in range(len(states)):
            if states[job] == PENDING:
                continue
            values = [file[name][job] for name in science]
            values += [file[f"run/{name}"][job] for name in RUN_COLUMNS if name != "checksum"]
            text = b"|".join(v.tobytes() if hasattr(v, "tobytes") else bytes(v) for v in values)
            rows[keys[job]] = hashlib.sha256(text).hexdigest()
        return rows


class Witness:
    """Remembers what was committed, and complains when it has changed."""

    def __init__(self, path):
        self.path, self.rows = path, {}

    def look(self, text):
        if not self.path.exists():
            check(not self.rows, f"{text}: the file is gone")
            return
        dump = subprocess.run(["h5dump", "-H", self.path], capture_output=True, text=True, timeout=60)
        check(dump.returncode == 0 and not dump.stderr, f"{text}: h5dump: {dump.stderr[:300]}")
        try:
            rows = committed_rows(self.path)
        except (OSError, KeyError) as error:
            check(False, f"{text}: h5py: {error}")
            return
        changed = [key for key, digest in self.rows.items() if rows.get(key) != digest]
        check(not changed, f"{text}: {len(changed)} committed rows changed or are gone: {changed[:3]}")
        self.rows = rows


# ---- killing ----

def descendants(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            children = [int(child) for child in file.read().split()]
    except OSError:
        return []
    return [p for child in children for p in [child, *descendants(child)]]


def is_program(pid):
    try:
        return os.readlink(f"/proc/{pid}/exe") == os.path.realpath(os.environ["INFOPLANE"])
    except OSError:
        return False


def ranks_of(process, ranks):
    """Parents of jobs: mpirun's children, or the process itself."""
    if not ranks:
        return [process.pid]
    with_children = [process.pid, *descendants(process.pid)]
    return [p for p in with_children if is_program(p) and not is_program(parent_of(p))]


def parent_of(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return int(file.read().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def strike(process, ranks):
    """Kills a random victim; returns what it was."""
    alive = ranks_of(process, ranks)
    whom = dice.choice(["one rank", "one rank", "all", "launcher"]) if ranks else "all"
    victims = {"one rank": [dice.choice(alive)] if alive else [process.pid], "launcher": [process.pid],
               "all": [process.pid, *descendants(process.pid)]}[whom]
    dice.shuffle(victims)
    for victim in victims:
        try:
            os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            pass
    return whom


def states(pids):
    """What each process is at: "4711 D jbd2_log_wait_commit" waits for the disk, which no signal ends."""
    told = []
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat") as stat, open(f"/proc/{pid}/wchan") as place:
                told.append(f"{pid} {stat.read().rpartition(')')[2].split()[0]} {place.read()}")
        except OSError:
            pass
    return told


def hangs_alone(process, family, errors):
    """Whether mpirun has only itself to wait for: its PMIx 4.2.2 frees an object twice when a rank dies while it greets
    its server, inside MPI_Init, says UNREACHABLE of that place, and stands still on the freed lock at its end."""
    errors.seek(0)
    return not any(is_program(pid) for pid in family) and "ptl_base_connection_hdlr.c" in errors.read() \
        and process.poll() is None


def end_of(process, family, errors):
    """Waits for the end of a run that was struck; one that takes longer than half a minute is told of, with what its
    processes are at, and fails after two minutes."""
    for half_minutes in range(1, 5):
        try:
            process.communicate(timeout=30)
            return True
        except subprocess.TimeoutExpired:
            if hangs_alone(process, family, errors):
                told["launchers stuck in their own start"] += 1
                process.kill()
                process.communicate()
                return True
            told["half minutes of waiting"] += 1
            print(f"not ended after {30 * half_minutes} s: {states([process.pid, *family])}", flush=True)
    return False


def gone(pids):
    """Waits until the processes are no more: ranks outlive their launcher for a moment."""
    end = time.monotonic() + 60
    while time.monotonic() < end and any(is_program(pid) for pid in pids):
        time.sleep(0.02)
    return not any(is_program(pid) for pid in pids)


def killed_once(arguments, ranks, longest, env, text):
    """Starts the command, kills it after a random time; the result, or None when it was killed."""
    with open(env["TMPDIR"] + "/stderr", "w+") as errors:
        process = subprocess.Popen(command(*arguments, ranks=ranks), env=env, text=True,
                                   stdout=subprocess.PIPE, stderr=errors)
        try:
            stdout, _ = process.communicate(timeout=dice.uniform(0, longest))
            errors.seek(0)
            return subprocess.CompletedProcess(process.args, process.returncode, stdout, errors.read())
        except subprocess.TimeoutExpired:
            pass
        family = descendants(process.pid)
        whom = strike(process, ranks)
        told[whom] += 1
        if not end_of(process, family, errors):
            check(False, f"{text}: {whom} killed, and the run still hangs")
            for pid in [process.pid, *family]:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            process.communicate()
        check(gone(family), f"{text}: {whom} killed, and a process lives on")
    return None


def through_kills(arguments, witness, most, longest, env, name):
    """The same command, killed up to `most` times at moments up to `longest` seconds after its start, then left
    alone; returns the kills it took."""
    kills = 0
    while kills < most:
        ranks = dice.choice([None, 2, 2, 3]) if arguments[0] == "run" else None
        result = killed_once(arguments, ranks, longest, env, name)
        if result is None:
            kills += 1
            told[name] += 1
            witness.look(f"{name}, kill {kills}")
            continue
        expect(result, 0)
        break
    result = run(*arguments, ranks=dice.choice([None, 2]) if arguments[0] == "run" else None, env=env)
    if expect(result, 0):
        witness.look(f"{name}, at the end")
    return kills


# ---- the four kinds ----

LIMITS = {"limits": {"retries": 100000}}


def timed(name, *arguments):
    """Runs the command, once for each name, and remembers how long it took."""
    if name not in seconds:
        began = time.monotonic()
        expect(run(*arguments), 0)
        seconds[name] = time.monotonic() - began


def reference(folder, name, spec):
    whole = folder / f"whole-{name}.h5"
    timed(name, "run", spec, "-o", whole)
    return whole


def settle(folder, name, spec, out):
    """After the last run: equal to an undisturbed one, and nothing beside it but the log."""
    same_science(reference(folder, name, spec), out, name)
    young = re.compile(re.escape(out.name) + r"\.lock\.(break\.)?[0-9a-f]{32}(\.[0-9]+)?")
    beside = sorted(p.name for p in out.parent.iterdir() if not young.fullmatch(p.name))
    check(set(beside) <= {out.name, out.name + ".log"}, f"{name}: beside the file lie {beside}")


def short_jobs(folder, place, most, env):
    spec = small(folder, {"name": "short", "training": {"epochs": 40}, "seeds": {"count": 200}, **LIMITS})
    out = place / "out.h5"
    reference(folder, "short", spec)
    kills = through_kills(["run", spec, "-o", out], Witness(out), most, seconds["short"] / 2, env, "short jobs")
    settle(folder, "short", spec, out)
    return kills


def long_jobs(folder, place, most, env):
    spec = small(folder, {"name": "long", "training": {"epochs": 80000, "batch": 8}, "seeds": {"count": 8},
                          "measure": {"at": {"log": 20}}, **LIMITS})
    out = place / "out.h5"
    reference(folder, "long", spec)
    kills = through_kills(["run", spec, "-o", out, "--checkpoint", "0.05"], Witness(out), most,
                          seconds["long"] / 4, env, "checkpoints")
    settle(folder, "long", spec, out)
    return kills


def growing(folder, place, most, env):
    out, kills = place / "out.h5", 0
    witness = Witness(out)
    specs = [small(folder, {"name": f"grow{count}", "seeds": {"count": count},
                            "sweep": [{"network.activation": ["tanh", "relu"]}], **LIMITS})
             for count in (20, 80, 81)]
    reference(folder, "grow81", specs[-1])
    for spec in specs:
        kills += through_kills(["run", spec, "-o", out], witness, most - kills, seconds["grow81"] / 2, env, "growing")
    settle(folder, "grow81", specs[-1], out)
    return kills


def merging(folder, place, most, env):
    spec = small(folder, {"name": "merge", "seeds": {"count": 50}, **LIMITS})
    shards = [folder / f"shard-{i}.h5" for i in (1, 2, 3)]
    for i, shard in enumerate(shards, 1):
        if not shard.exists():
            expect(run("run", spec, "-o", shard, "--shard", f"{i}/3"), 0, "0 left")
    out = place / "out.h5"
    timed("merging", "merge", folder / "merged.h5", *shards)
    witness, kills = Witness(out), 0
    for n in (1, 2, 3):
        kills += through_kills(["merge", out, *shards[:n]], witness, most - kills, seconds["merging"], env, "merging")
    settle(folder, "merge", spec, out)
    return kills


# ---- all of them ----

def kill_and_resume(folder):
    kinds, kills, sweeps = [short_jobs, long_jobs, growing, merging], 0, 0
    while kills < KILLS and not counts["failed"]:
        kind, place, temporary = kinds[sweeps % len(kinds)], folder / f"{sweeps}", folder / f"tmp{sweeps}"
        place.mkdir()
        temporary.mkdir()
        env = {**os.environ, "TMPDIR": str(temporary), "OMPI_MCA_orte_tmpdir_base": str(temporary),
               "OMPI_MCA_btl_vader_backing_directory": str(temporary)}
        kills += kind(folder, place, min(6, KILLS - kills), env)
        sweeps += 1
        shutil.rmtree(place)
        shutil.rmtree(temporary, ignore_errors=True)
    print(f"{kills} kills in {sweeps} sweeps (seed {SEED}): "
          + ", ".join(f"{n} {what}" for what, n in sorted(told.items())))
    check(kills >= KILLS, f"{kills} of {KILLS} kills")


main(kill_and_resume)
