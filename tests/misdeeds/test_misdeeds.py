#!/usr/bin/env python3
"""A hundred jobs of which ten misbehave: the other ninety are done, bit for bit as if nothing had
been, and each of the ten tells what happened. One of them takes its rank down, every time.

Argument: the program with the task that misbehaves.
"""
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "cmd"))
import program
from program import check, DONE, expect, FAILED, last_line, main, QUARANTINED, read, run_columns, texts

program.PROGRAM = sys.argv[1]
HUNG = "ran longer than 2 s"
REASONS = {  # by seed
    10: "signal 11", 20: "signal 6", 30: HUNG, 40: "used more than 64 MiB",
    50: "signal 11", 60: ("exit code 3", HUNG), 70: "ended without a result", 80: "signal 9",
    100: "signal 8"}
RANK_KILLER = 90
RETRIES = 1
MOST_RUNS = 2 * (RETRIES + 4)


def write_spec(folder):
    path = folder / "spec.json"
    path.write_text(json.dumps({
        "infoplane": 1, "name": "misdeeds", "task": {"name": "misdeeds"},
        "network": {"hidden": [4, 3]}, "training": {"epochs": 6, "batch": 8},
        "measure": {"at": {"every": 2}}, "seeds": {"count": 100},
        "limits": {"retries": RETRIES, "job_seconds": 2, "memory": "64MiB"}}))
    return path


def run_to_the_end(spec, out):
    """The same command again, until it has finished; returns how often it ended early."""
    for early in range(MOST_RUNS):
        result = program.run("run", spec, "-o", out, ranks=3)
        if result.returncode in (0, 1) and "left" in last_line(result.stdout):
            return early, result
        check(result.returncode == 137, f"a rank was killed, so mpirun says 137: "
              f"{result.returncode}\n{result.stdout}\n{result.stderr}")
    check(False, f"still not at its end after {MOST_RUNS} runs")
    return MOST_RUNS, result


def ten_of_a_hundred(folder):
    spec, calm, out = write_spec(folder), folder / "calm.h5", folder / "out.h5"
    expect(program.run("run", spec, "-o", calm, ranks=3, env={"MISDEEDS": "none"}), 0, "100 done")
    early, result = run_to_the_end(spec, out)
    expect(result, 1, f"100 jobs: 90 done, 9 failed, 1 quarantined, 0 left ({out})")
    check(RETRIES + 1 <= early <= RETRIES + 3,
          f"a suspicion or two, then a strike for each of {RETRIES + 1} runs: saw {early}")

    states, reasons, columns = read(out, "state"), texts(out, "run/reason"), run_columns(out)
    for job in range(100):
        seed = job + 1
        state = (QUARANTINED if seed == RANK_KILLER else FAILED if seed in REASONS else DONE)
        check(states[job] == state, f"seed {seed}: state {states[job]}, expected {state}")
        expected = REASONS.get(seed, "ended without a word" if seed == RANK_KILLER else "")
        # exit() may hang in what the libraries do at the end of a process: then its time is up.
        either = expected if isinstance(expected, tuple) else (expected,)
        check(any(part in reasons[job] for part in either) and bool(expected) == bool(reasons[job]),
              f"seed {seed}: expected '{expected}', saw '{reasons[job]}'")
        attempts = RETRIES + 1 if seed in REASONS else columns["attempts"][job]
        check(columns["attempts"][job] == attempts, f"seed {seed}: {columns['attempts'][job]} attempts")
        strikes = RETRIES + 1 if seed == RANK_KILLER else 0
        check(columns["strikes"][job] == strikes, f"seed {seed}: {columns['strikes'][job]} strikes")
        check(columns["running"][job] == columns["suspicion"][job] == 0, f"seed {seed}: marks")
    good = [job for job in range(100) if states[job] == DONE]
    for name in ("I_XT", "I_TY", "loss", "accuracy", "weight_norm", "gradient_mean", "update"):
        check(read(out, name)[good].tobytes() == read(calm, name)[good].tobytes(), f"{name}: same bits")
    told = program.run("status", out).stdout
    check("quarantined" in told, f"status tells: {told}")


os.environ.pop("MISDEEDS", None)
main(ten_of_a_hundred)
