#!/usr/bin/env python3
"""A signal stops a run with everything saved; what the batch system leaves of the time is kept to.

Alone the program exits 75, under mpirun too on SIGUSR1; on SIGINT and SIGTERM mpirun's own code is 1,
and all is saved within the second that it leaves its ranks.
"""
import json
import os
import signal
import subprocess
import time

from program import check, command, expect, main, PENDING, read, run, small, start, wait_until


def endless(folder, **changes):
    """Jobs that nobody waits for."""
    return small(folder, {"name": "endless", "training": {"epochs": 10**8}, "measure": {"at": [1]},
                          "seeds": {"count": 3}, **changes})


def checkpoints(out):
    folder = out.with_name(out.name + ".checkpoints")
    return [p.name for p in folder.iterdir() if ".tmp." not in p.name] if folder.exists() else []


def at_work(out, n):
    return lambda: (read(out, "run/running") > 0).sum() >= n


def stopped(out, name, stdout, n):
    text = f"3 jobs: 0 done, 0 failed, 3 left ({out}); stopped early: run the same command again"
    check(text in stdout, f"{name}: the last line: {stdout}")
    check(len(checkpoints(out)) == n, f"{name}: {n} jobs saved, saw {checkpoints(out)}")
    check((read(out, "run/running") == 0).all(), f"{name}: no mark is left")
    check((read(out, "state") == PENDING).all(), f"{name}: nothing is made up")
    check(not out.with_name(out.name + ".lock").exists(), f"{name}: the lock is gone")


def every_signal(folder):
    spec = endless(folder)
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGXCPU):
        for ranks in (None, 2):
            if ranks and sign in (signal.SIGXCPU, signal.SIGHUP):
                continue
            name = f"{sign.name} to {'mpirun' if ranks else 'the program'}"
            out = folder / f"{sign.name}{ranks}.h5"
            process = start("run", spec, "-o", out, "--checkpoint", "0", ranks=ranks)
            wait_until(at_work(out, ranks or 1), f"{name}: jobs at work")
            process.send_signal(sign)
            stdout, stderr = process.communicate(timeout=60)
            code = 1 if ranks and sign in (signal.SIGINT, signal.SIGTERM) else 75
            check(process.returncode == code, f"{name}: exit {process.returncode}\n{stdout}{stderr}")
            stopped(out, name, stdout, ranks or 1)


def twice(folder):
    """The second SIGINT does not wait; what it leaves behind is taken over. An echo of the first is no second one."""
    out = folder / "out.h5"
    slow = endless(folder, network={"hidden": [3000, 3000]}, training={"epochs": 1000, "batch": 1},
                   measure={"at": [1000]}, seeds={"count": 1})
    process = start("run", slow, "-o", out)
    wait_until(at_work(out, 1), "a job at work")
    process.send_signal(signal.SIGINT)
    time.sleep(0.4)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    check(process.returncode == 130, f"exit {process.returncode}")
    check(out.with_name("out.h5.lock").exists(), "it left its lock")
    process = start("run", slow, "-o", out)
    wait_until(lambda: f"pid {process.pid}\n" in out.with_name("out.h5.lock").read_text() and at_work(out, 1)(),
               "the next run works")
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    check(process.returncode == 75, f"exit {process.returncode}: {stdout}{stderr}")


def nobody_listens(folder):
    """`| tee` that died of the same ^C, and a pager that has stopped reading, do not disturb a run."""
    spec = endless(folder)
    for name in ("gone", "full"):
        out = folder / f"{name}.h5"
        reading, writing = os.pipe()
        if name == "full":
            os.set_blocking(writing, False)
            try:
                while True:
                    os.write(writing, bytes(4096))
            except BlockingIOError:
                os.set_blocking(writing, True)
        process = subprocess.Popen(command("run", spec, "-o", out, "--checkpoint", "0"), stdout=writing, stderr=writing)
        os.close(writing)
        if name == "gone":
            os.close(reading)
        wait_until(at_work(out, 1), "a job at work")
        time.sleep(6)  # beyond the first line of progress
        check(process.poll() is None, f"{name}: the run goes on")
        process.send_signal(signal.SIGINT)
        if name == "full":
            time.sleep(1)
            while len(os.read(reading, 65536)) == 65536:
                pass
        process.wait(60)
        if name == "full":
            os.close(reading)
        check(process.returncode == 75, f"{name}: exit {process.returncode}")
        check(len(checkpoints(out)) == 1 and (read(out, "run/running") == 0).all(), f"{name}: the job is saved")
        check(not out.with_name(out.name + ".lock").exists(), f"{name}: the lock is gone")


def ignored_hangup(folder):
    """Under nohup a lost terminal is no reason to stop."""
    out = folder / "out.h5"
    process = start("run", endless(folder), "-o", out,
                    preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    wait_until(at_work(out, 1), "a job at work")
    process.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    check(process.poll() is None, "goes on after SIGHUP")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    check(process.returncode == 75, "and stops on SIGTERM")


def slow_epoch(folder):
    """An epoch that lasts longer than the time there is: the last checkpoint is what is left, or none."""
    out = folder / "out.h5"
    spec = endless(folder, network={"hidden": [3000, 3000]}, training={"epochs": 1000, "batch": 1},
                   measure={"at": [1000]}, seeds={"count": 1})
    process = start("run", spec, "-o", out, "--checkpoint", "0", ranks=2)
    wait_until(at_work(out, 1), "a job at work")
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    stdout, stderr = process.communicate(timeout=60)
    check("1 left" in stdout and "run the same command again" in stdout, f"{stdout}{stderr}")
    check(checkpoints(out) == [] and (read(out, "run/running") == 0).all(), "nothing half saved")
    print(f"stopped {time.monotonic() - began:.1f} s after SIGTERM to mpirun")


def walltime(folder):
    """SLURM's end of the job is known: the run stops before it by itself."""
    spec = endless(folder)
    for ranks in (None, 2):
        out = folder / f"out{ranks}.h5"
        env = {**os.environ, "SLURM_JOB_END_TIME": str(int(time.time()) + 30)}
        process = start("run", spec, "-o", out, "--checkpoint", "0", ranks=ranks, env=env)
        stdout, stderr = process.communicate(timeout=90)
        check(process.returncode == 75, f"exit {process.returncode}: {stdout}{stderr}")
        stopped(out, f"walltime on {ranks}", stdout, ranks or 1)
        saved = {name: os.stat(folder / f"{out.name}.checkpoints" / name).st_mtime_ns for name in checkpoints(out)}
        env = {"SLURM_JOB_END_TIME": str(int(time.time()) + 10)}
        result = run("run", spec, "-o", out, ranks=ranks, env=env)
        expect(result, 75, "3 left", where="stdout") if not ranks else check(
            result.returncode == 75 and "3 left" in result.stdout, f"{result.stdout}{result.stderr}")
        check("the time limit is near" in result.stderr, f"and why: {result.stderr}")
        events = [json.loads(line)["event"] for line in out.with_name(out.name + ".log").read_text().splitlines()]
        check("resumed" not in events, f"no job is begun that could not get on: {events}")
        check(saved == {name: os.stat(folder / f"{out.name}.checkpoints" / name).st_mtime_ns
                        for name in checkpoints(out)}, "the checkpoints are as they were")


def walltime_inside(folder):
    """A job that is not isolated keeps rank 0 busy: the end of the time is seen from inside it."""
    out = folder / "out.h5"
    env = {**os.environ, "SLURM_JOB_END_TIME": str(int(time.time()) + 22)}
    process = start("run", endless(folder), "-o", out, "--isolate", "none", "--checkpoint", "0", env=env)
    try:
        stdout, stderr = process.communicate(timeout=40)
        check(process.returncode == 75, f"exit {process.returncode}: {stdout}{stderr}")
        stopped(out, "walltime seen from inside", stdout, 1)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        check(False, "goes on beyond its time")


main(every_signal, twice, nobody_listens, ignored_hangup, slow_epoch, walltime, walltime_inside)
