"""Ranks that hang or die end the run with words and a code, and the others put their numbers back first; a job that
is suspended and continued goes on."""
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROGRAM, RANKS = sys.argv[1], 3
LAST = RANKS - 1
counts = {"checks": 0, "failed": 0}


def check(passed, text):
    counts["checks"] += 1
    if not passed:
        counts["failed"] += 1
        print(f"failed: {text}", file=sys.stderr)


def start(folder, kind, who, silence):
    """A run whose processes leave their traces in the folder."""
    env = {**os.environ, "TMPDIR": str(folder), "OMPI_MCA_btl_vader_backing_directory": str(folder)}
    (folder / "diary").mkdir()
    command = [os.environ["MPIEXEC"], "-n", RANKS, PROGRAM, folder / "diary", kind, who, silence]
    return subprocess.Popen([str(word) for word in command], text=True, env=env,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def diary(folder, rank):
    path = folder / "diary" / str(rank)
    return path.read_text().splitlines() if path.exists() else []


def pids(folder):
    return [int(diary(folder, rank)[0].split()[1]) for rank in range(RANKS)]


def children(pid):
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def wait_until(condition, what):
    end = time.monotonic() + 60
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    check(condition(), f"{what}: not within a minute")


def finish(run, folder):
    """Waits; then nobody may be left."""
    try:
        out, err = run.communicate(timeout=100)
    except subprocess.TimeoutExpired:
        for pid in pids(folder) + [run.pid]:
            os.kill(pid, signal.SIGKILL)
        out, err = run.communicate()
        check(False, "the run did not end")
    wait_until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in pids(folder)), "all ranks are gone")
    return err


def check_put_back(folder, rank):
    """What a rank began last is committed or put back; on a busy machine it may have begun nothing yet."""
    lines = [line for line in diary(folder, rank) if line.startswith(("begin", "commit", "put back"))]
    check(not lines or not lines[-1].startswith("begin"), f"rank {rank}: {lines}")


def check_abandoned(folder, err, words, code):
    check(err.count(words) == 1, f"expected once '{words}' in:\n{err}")
    check("what was committed is safe, and the same command continues" in err, err)
    check(f"abandon {code}" in diary(folder, 0), f"rank 0: {diary(folder, 0)}")
    for rank in range(1, RANKS):
        check("abandon 75" not in diary(folder, rank), f"rank {rank} abandoned")


def test_silent(folder):
    """The last rank is stopped and never says a word again."""
    run = start(folder, "stopped", LAST, 1)
    err = finish(run, folder)
    check_abandoned(folder, err, f"[rank 0] error: rank {LAST} (host {os.uname().nodename}) has not answered for 1 s", 75)
    check(run.returncode == 75, f"exit code {run.returncode}\n{err}")
    for rank in range(LAST):
        check_put_back(folder, rank)


def killed(folder, who):
    """mpiexec asks the others to end and kills them a second later; their numbers are back by then."""
    run = start(folder, "killed", who, 0)
    err = finish(run, folder)
    check(run.returncode in (75, 128 + signal.SIGKILL), f"exit code {run.returncode}\n{err}")
    for rank in {0, 1, 2} - {who}:
        check_put_back(folder, rank)


def test_killed(folder):
    killed(folder, LAST)


def test_leader_killed(folder):
    killed(folder, 0)


def failing(folder, kind, who, text, code):
    """The rank that cannot go on puts its number back, abandons, and ends the run."""
    run = start(folder, kind, who, 0)
    err = finish(run, folder)
    check(err.count(f"[rank {who}] error: {text}") == 1, err)
    check(run.returncode == code, f"exit code {run.returncode}\n{err}")
    number = [line for line in diary(folder, who) if line.startswith("begin")][-1].split()[1]
    check(diary(folder, who)[-3:] == [f"begin {number}", f"put back {number}", f"abandon {code}"], diary(folder, who))


def test_begin_fails(folder):
    failing(folder, "begin", LAST, "cannot begin", 74)


def test_commit_fails(folder):
    failing(folder, "commit", 0, "cannot commit", 73)


def test_stuck(folder):
    """A rank that does not leave at a stop is not waited for."""
    run = start(folder, "stuck", LAST, 0)
    err = finish(run, folder)
    check_abandoned(folder, err, f"[rank 0] error: no answer to the stop from rank {LAST} (host {os.uname().nodename})", 75)
    check(run.returncode == 75, f"exit code {run.returncode}\n{err}")
    for rank in range(LAST):
        check_put_back(folder, rank)


def signal_all(folder, number):
    for pid in pids(folder):
        for process in children(pid) + [pid]:
            try:
                os.kill(process, number)
            except ProcessLookupError:
                pass


def test_suspended(folder):
    """For longer than a silence and than the limit of a number."""
    run = start(folder, "none", LAST, 1.2)
    wait_until(lambda: all(any("begin" in line for line in diary(folder, rank)) for rank in range(RANKS)), "all begin")
    signal_all(folder, signal.SIGSTOP)
    before = [diary(folder, rank) for rank in range(RANKS)]
    time.sleep(5)
    check(before == [diary(folder, rank) for rank in range(RANKS)], "a suspended rank did something")
    signal_all(folder, signal.SIGCONT)
    err = finish(run, folder)
    check(run.returncode == 0, f"exit code {run.returncode}\n{err}")
    committed = sorted(int(line.split()[1]) for rank in range(RANKS) for line in diary(folder, rank)
                       if line.startswith("commit"))
    check(committed == list(range(40)), f"committed: {committed}")
    check(all(diary(folder, rank)[-1] == "end 0" for rank in range(RANKS)), "all ranks came to the end")


for test in (test_silent, test_killed, test_leader_killed, test_begin_fails, test_commit_fails, test_stuck,
             test_suspended):
    with tempfile.TemporaryDirectory(prefix="infoplane-") as scratch:
        test(Path(scratch))
print(f"{counts['checks']} checks, {counts['failed']} failed")
sys.exit(counts["failed"] > 0)
