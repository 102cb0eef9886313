#!/usr/bin/env python3
"""A spec that names more jobs makes the file grow: old rows are taken over bit for bit and not run
again, and the grown file equals one made at once. A spec that leaves out a row is refused.
"""
from program import (check, DONE, expect, file_bytes, main, PENDING, read, run, run_columns,
                     same_science, small, texts)

import json


def rows_of(path):
    """What /run says of each job, by key."""
    columns, keys = run_columns(path), texts(path, "key")
    return {key: [columns[name][job] for name in ("seconds", "host", "rank", "attempts", "strikes")]
            for job, key in enumerate(keys)}


def grow(folder, name, steps, ranks=None):
    """Runs spec after spec on one file; the last must equal a file made at once."""
    out, seen = folder / f"{name}.h5", {}
    for k, changes in enumerate(steps):
        spec = small(folder, {"name": f"{name}{k}", **changes})
        result = run("run", spec, "-o", out, ranks=ranks)
        expect(result, 0, "0 failed, 0 left")
        if k > 0:
            jobs = len(texts(out, "key"))
            told = f"from {len(seen)} to {jobs} jobs" if len(seen) < jobs else f"the {jobs} jobs in a new order"
            check(told in result.stderr, f"{name}: told: {result.stderr}")
        rows = rows_of(out)
        check(all(rows.get(key) == row for key, row in seen.items()), f"{name}: an old row was run again")
        check(len(rows) > len(seen) or k == 0 or name == "order", f"{name}: there are more rows")
        seen = rows
    whole = folder / f"{name}-whole.h5"
    expect(run("run", spec, "-o", whole), 0, "0 left")
    same_science(whole, out, name)
    expect(run("verify", out), 0, "0 bad")
    events = [json.loads(line) for line in (folder / f"{name}.h5.log").read_text().splitlines()]
    check(sum(event["event"] == "grown" for event in events) == len(steps) - 1, f"{name}: in the log")


def more_jobs(folder):
    grow(folder, "seeds", [{"seeds": {"count": 2}}, {"seeds": {"count": 5}}], ranks=2)
    grow(folder, "before", [{"seeds": {"count": 2, "first": 3}}, {"seeds": {"count": 5, "first": 1}}])
    grow(folder, "values", [{"sweep": [{"training.rate": [0.1, 0.2]}]},
                            {"sweep": [{"training.rate": [0.3, 0.1, 0.05, 0.2]}]}])
    grow(folder, "axis", [{"seeds": {"count": 2}},
                          {"seeds": {"count": 2}, "sweep": [{"network.activation": ["relu", "tanh"]}]}])
    grow(folder, "deeper", [{"sweep": [{"network.hidden": [[4, 3], [2]]}]},
                            {"sweep": [{"network.hidden": [[4, 3], [6, 5, 4], [2]]}]}], ranks=2)
    grow(folder, "order", [{"sweep": [{"training.rate": [0.1, 0.2]}], "seeds": {"count": 2}},
                           {"sweep": [{"training.rate": [0.2, 0.1]}], "seeds": {"count": 2}}])


def refused(folder):
    """Fewer jobs, or other shared keys: the differences, and nothing touched."""
    out = folder / "out.h5"
    expect(run("run", small(folder, {"name": "four", "seeds": {"count": 4}}), "-o", out), 0, "4 done")
    before = file_bytes(out)
    for name, changes, difference in (
            ("fewer", {"seeds": {"count": 3}}, '"count": 3'),
            ("other", {"seeds": {"count": 9}, "training": {"epochs": 5}}, "training.epochs"),
            ("bins", {"seeds": {"count": 9}, "measure": {"information": [{"binning": {"bins": 7}}]}}, "bins")):
        result = run("run", small(folder, {"name": name, **changes}), "-o", out)
        expect(result, 65, "nothing was touched", where="stderr")
        check("file:" in result.stderr and "spec:" in result.stderr, f"{name}: {result.stderr}")
        check(difference in result.stderr, f"{name}: names '{difference}': {result.stderr}")
        check(file_bytes(out) == before, f"{name}: the file is as it was")
        check(not (folder / "out.h5.lock").exists(), f"{name}: the lock is left")


def not_identity(folder):
    """Name, limits and comments may change; the file stays what it is."""
    out = folder / "out.h5"
    expect(run("run", small(folder, {"name": "a"}), "-o", out), 0, "1 done")
    before = file_bytes(out)
    spec = small(folder, {"name": "b", "limits": {"retries": 7, "memory": "2GiB"}})
    spec.write_text("# a comment\n" + spec.read_text())
    expect(run("run", spec, "-o", out), 0, "1 done")
    check(file_bytes(out) == before, "not a byte has changed")


def plan_knows(folder):
    """`plan` tells what growing would do, and touches nothing."""
    out = folder / "out.h5"
    expect(run("run", small(folder, {"name": "p2", "seeds": {"count": 2}}), "-o", out), 0, "2 done")
    before = file_bytes(out)
    told = json.loads(run("plan", small(folder, {"name": "p5", "seeds": {"count": 5}}), "-o", out, "--json").stdout)
    check((told["jobs"], told["done"], told["todo"]) == (5, 2, 3), f"plan: {told['jobs'], told['done']}")
    check(file_bytes(out) == before, "plan only reads")
    fewer = small(folder, {"name": "p1"})
    for form in ([], ["--json"]):
        warned = run("plan", fewer, "-o", out, *form)
        check(warned.returncode == 0 and f"1 rows of {out} are no job of this spec" in warned.stderr, warned.stderr)
    expect(run("run", fewer, "-o", out), 65, where="stderr")


def unfinished(folder):
    """What was pending is pending in the grown file."""
    out = folder / "out.h5"
    spec = small(folder, {"name": "u4", "seeds": {"count": 4}})
    expect(run("run", spec, "-o", out, "--shard", "2/2"), 0, "shard 2/2: 2 jobs: 2 done, 0 failed, 0 left")
    check(read(out, "state").tolist() == [PENDING, DONE, PENDING, DONE], "a shard's rows alone")
    spec = small(folder, {"name": "u6", "seeds": {"count": 6}})
    expect(run("run", spec, "-o", out, "--shard", "1/6"), 0, "shard 1/6: 1 jobs: 1 done")
    check(read(out, "state").tolist() == [DONE, DONE, PENDING, DONE, PENDING, PENDING], "grown")


main(more_jobs, refused, not_identity, plan_knows, unfinished)
