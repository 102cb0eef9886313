#!/usr/bin/env python3
"""`retry` puts failed and quarantined jobs back as they were laid out, and touches nothing else."""
import json
import subprocess

import h5py
import numpy as np

from program import (check, DONE, expect, FAILED, file_bytes, last_line, main, PENDING, QUARANTINED, read,
                     root_digests, run, run_columns, small, texts)


def some_diverge(folder):
    """Six jobs, of which 2 and 3 diverge."""
    return small(folder, {
        "network": {"hidden": [5, 4], "activation": "linear"}, "training": {"optimizer": "sgd", "epochs": 30},
        "sweep": [{"training.rate": [0.01, 1e6, 0.02]}], "seeds": {"count": 2}})


def quarantine(out, job):
    """Marks a done row as quarantined, as a run would have left it; its checksum does not matter here."""
    with h5py.File(out, "r+") as file:
        file["state"][job] = QUARANTINED
        file["run/strikes"][job] = 3
        file["run/reason"][job] = b"3 runs ended without a word while only this job was at work"


def put_back(folder):
    spec, out = some_diverge(folder), folder / "out.h5"
    expect(run("run", spec, "-o", out), 1, "4 done, 2 failed, 0 left")
    before, kept = root_digests(out), run_columns(out)
    for ranks in (None, 3):
        expect(run("retry", out, "--quarantined"), 0, "0 jobs put back, 0 pending")
        expect(run("retry", out, ranks=ranks), 0, "2 jobs put back, 2 pending")
        check(read(out, "state").tolist() == [DONE, DONE, PENDING, PENDING, DONE, DONE], "states")
        columns = run_columns(out)
        for name in ("attempts", "strikes", "suspicion", "running"):
            check(list(columns[name][2:4]) == [0, 0], f"{name} of what was put back: {columns[name]}")
        check(texts(out, "run/reason")[2:4] == ["", ""], "no reason is left")
        check(np.isnan(read(out, "loss")[2:4]).all(), "nor a number")
        check(run("status", out, "--exit-code").returncode == 75, "work is left")
        expect(run("retry", out), 0, "0 jobs put back, 2 pending")
        expect(run("run", spec, "-o", out), 1, "4 done, 2 failed, 0 left")
        check(root_digests(out) == before, "they fail again, with the same bytes")
        check([run_columns(out)["seconds"][k] for k in (0, 1, 4, 5)] == [kept["seconds"][k] for k in (0, 1, 4, 5)],
              "the others were not run again")
    log = [json.loads(line) for line in (folder / "out.h5.log").read_text().splitlines()]
    check({"retried"} <= {event["event"] for event in log}, "it is in the log")


def by_kind(folder):
    spec, out = some_diverge(folder), folder / "out.h5"
    expect(run("run", spec, "-o", out), 1, "4 done, 2 failed, 0 left")
    before = root_digests(out)
    quarantine(out, 0)
    expect(run("retry", out, "--quarantined"), 0, "1 jobs put back, 1 pending")
    check(read(out, "state").tolist() == [PENDING, DONE, FAILED, FAILED, DONE, DONE], "only the quarantined one")
    quarantine(out, 1)
    expect(run("retry", out, "--failed"), 0, "2 jobs put back, 3 pending")
    check(read(out, "state")[1] == QUARANTINED, "only the failed ones")
    expect(run("retry", out, "--failed", "--quarantined"), 0, "1 jobs put back, 4 pending")
    expect(run("run", spec, "-o", out), 1, "4 done, 2 failed, 0 left")
    check(root_digests(out) == before, "and all is as it was")
    check((np.array(run_columns(out)["strikes"]) == 0).all(), "strikes are forgotten")


def wrong(folder):
    result = run("retry", folder / "none.h5")
    check(result.returncode == 74 and "none.h5" in last_line(result.stderr), f"no such file: {result}")
    check(not (folder / "none.h5.lock").exists(), "and no lock of it")
    check(run("retry").returncode == 2, "no argument")
    result = run("retry", "a.h5", "--faild")
    check(result.returncode == 2 and "--failed" in result.stderr, f"a wrong flag: {result.stderr}")
    spec, out = some_diverge(folder), folder / "out.h5"
    expect(run("run", spec, "-o", out), 1, "2 failed")
    before = file_bytes(out)
    result = subprocess.run(["h5dump", "-H", out], capture_output=True)
    check(result.returncode == 0 and file_bytes(out) == before, "a stock tool opens it")


main(put_back, by_kind, wrong)
