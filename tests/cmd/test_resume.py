#!/usr/bin/env python3
"""A run that a signal stops is completed by the same command: the same bytes as an undisturbed run,
and no committed row is computed again.
"""
import signal

from program import (check, DONE, expect, main, PENDING, read, run, run_columns, same_science,
                     six_jobs, start, wait_until)


def done_in(path):
    return int((read(path, "state") == DONE).sum())


def cut(folder, spec, whole, name, stop, ranks=None):
    """Stops a run once a row is there, then runs it to its end in one more go."""
    out = folder / f"{name}.h5"
    process = start("run", spec, "-o", out, ranks=ranks)
    wait_until(lambda: done_in(out) >= 1, f"{name}: a first row")
    process.send_signal(stop)
    stdout, stderr = process.communicate(timeout=60)
    left = int((read(out, "state") == PENDING).sum())
    done = 6 - left
    text = f"6 jobs: {done} done, 0 failed, {left} left ({out}); stopped early: run the same"
    check(process.returncode == 75 and text in stdout,
          f"{name}: exit {process.returncode}\n{stdout}\n{stderr}")
    check(1 <= done < 6, f"{name}: cut in the middle, saw {done} done")
    check(run("status", out, "--exit-code").returncode == 75, f"{name}: status --exit-code")
    expect(run("status", out), 0, "0 quarantined")
    check(b'"signal"' in (folder / f"{name}.h5.log").read_bytes(), f"{name}: the log says why")

    resume(spec, whole, out, name, ranks)


def killed(folder, spec, whole):
    """kill -9 leaves no closing line, but every row that was committed."""
    out = folder / "kill.h5"
    process = start("run", spec, "-o", out)
    wait_until(lambda: done_in(out) >= 1, "kill: a first row")
    process.kill()
    process.communicate(timeout=60)
    check(1 <= done_in(out) < 6, "kill: cut in the middle")
    resume(spec, whole, out, "kill")


def resume(spec, whole, out, name, ranks=None):
    """The same command again computes what is missing, and nothing else."""
    states, before = read(out, "state"), run_columns(out)
    result = run("run", spec, "-o", out, ranks=ranks)
    expect(result, 0, f"6 jobs: 6 done, 0 failed, 0 left ({out})")
    after = run_columns(out)
    for column in ("seconds", "checksum", "host", "rank", "attempts"):
        for job in range(6):
            if states[job] != PENDING:
                check(before[column][job] == after[column][job],
                      f"{name}: job {job} was run twice ({column})")
    same_science(whole, out, name)
    check(run("status", out, "--exit-code").returncode == 0, f"{name}: complete")


def interrupted(folder):
    spec = six_jobs(folder, 150)
    whole = folder / "whole.h5"
    expect(run("run", spec, "-o", whole, ranks=2), 0, "6 done")
    cut(folder, spec, whole, "usr1", signal.SIGUSR1)
    cut(folder, spec, whole, "term", signal.SIGTERM)
    cut(folder, spec, whole, "int", signal.SIGINT)
    cut(folder, spec, whole, "mpirun", signal.SIGUSR1, ranks=2)
    killed(folder, spec, whole)


main(interrupted)
