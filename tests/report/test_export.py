#!/usr/bin/env python3
"""infoplane export: columns and rows of each table, as CSV and as JSON, against the file itself.

The expected rows are made here with h5py from the datasets; numbers must read back exactly.
"""
import csv
import io
import json
import math
import os
import subprocess
import sys

import h5py

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cmd"))
from program import check, command, DONE, expect, FAILED, main, PENDING, run, small  # noqa: E402

TABLES = {
    "information": (["layer", "width", "estimator"], ["I_XT", "I_TY", "I_XT_se", "I_TY_se", "I_TY_null", "beta", "beta_residual", "flags"]),
    "training": (["split"], ["loss", "accuracy"]),
    "gradients": (["layer", "width"], ["gradient_mean", "gradient_std", "weight_norm"]),
}
DERIVED = ["I_XT_given_Y", "gap_I_XT", "gap_I_TY", "excess_I_XT", "excess_I_TY"]
SWEPT = ["training.rate", "training.batch", "network.initializer", "network.initializer_sd"]
# Labels that need quotes in CSV and escapes in JSON, where the spec allows them.
LABEL = 'a, "b" \\ \u00e9'


def sweep(folder):
    """Jobs of two depths, one of which diverges, with every kind of swept column."""
    return small(folder, {
        "network": {"activation": "linear"},
        "training": {"optimizer": "sgd", "epochs": 6},
        "measure": {"at": [1, 2, 4], "on": ["all", "test"], "information": [
            {"binning": {"label": LABEL}}, {"binning": {"bins": [3, 10], "fit_beta": True}}]},
        "sweep": [
            {"network.hidden": [[4, 3], [3]]},
            {"zip": {"training.rate": [0.1, 1e6], "training.batch": [16, 8],
                     "network.initializer": ["normal", "he-normal"],
                     "network.initializer_sd": [0.3, "none"]}},
        ],
    })


def text_of(value):
    return value.decode() if isinstance(value, bytes) else value


def expected_rows(path, table):
    """The tidy rows as dictionaries of Python values; not-a-number is None."""
    keys, values = TABLES[table]
    with h5py.File(path, "r") as file:
        data = {name: item[()] for name, item in file.items() if isinstance(item, h5py.Dataset)}
    rows = []
    for job, state in enumerate(data["state"]):
        for s, epoch in enumerate(data["epoch"]):
            if state not in (DONE, FAILED) or math.isnan(data["loss"][job, s, 0]):
                continue
            head = {"job": job}
            for name in ["key", "seed", "architecture", "activation"] + SWEPT:
                head[name] = text_of(data[name][job])
            head.update(epoch=epoch, update=data["update"][job, s])
            for place, names in places(data, keys, job):
                row = {**head, **names, **{v: data[v][(job, s) + place] for v in values}}
                rows.append({k: plain(v) for k, v in row.items()})
    return rows


def places(data, keys, job):
    """Indices below the snapshot and the key columns there."""
    if keys == ["split"]:
        return [((k,), {"split": text_of(name)}) for k, name in enumerate(data["split"])]
    found = []
    for l, width in enumerate(data["width"][job]):
        if width == 0:
            continue
        names = {"layer": l + 1, "width": width}
        if "estimator" not in keys:
            found.append(((l,), names))
            continue
        found += [((l, k), {**names, "estimator": text_of(name)})
                  for k, name in enumerate(data["estimator"])]
    return found


def plain(value):
    value = getattr(value, "item", lambda: value)()
    if isinstance(value, float) and math.isinf(value):
        return "infinite" if value > 0 else "-infinite"
    return None if isinstance(value, float) and math.isnan(value) else value


def from_csv(text, like):
    """CSV cells as values of the types of the expected row."""
    def convert(cell, value):
        if cell == "":
            return None
        return cell if isinstance(value, str) else type(value)(cell) if value is not None else cell
    read_rows = list(csv.DictReader(io.StringIO(text)))
    check(len(read_rows) == len(like), f"{len(like)} rows in CSV, saw {len(read_rows)}")
    return [{k: convert(row[k], expected.get(k)) for k in row if k not in DERIVED}
            for row, expected in zip(read_rows, like)]


def near(seen, expected):
    return seen is None and expected is None or abs(seen - expected) <= 1e-12


def check_derived(path, rows):
    """The label follows from the input here, so the frontier is I_TY = min(I_XT, H(Y))."""
    with h5py.File(path) as file:
        h_y = float(file["bound"].attrs["H_Y"])
        check(h_y == file["bound"].attrs["I_XY"], "the label follows from the input")
    n_gaps = 0
    before = {}  # (job, epoch, estimator) and its values in the layer before
    for row in rows:
        x, y = row["I_XT"], row["I_TY"]
        known = x is not None and y is not None
        on_curve = known and not row["estimator"].endswith("@test")
        place = (row["job"], row["epoch"], row["estimator"])
        x_before, y_before = before.get(place, (None, None)) if row["layer"] > 1 else (None, None)
        before[place] = x, y
        wanted = [x - y if known else None, x - y if on_curve and y <= h_y + 1e-12 else None,
                  min(x, h_y) - y if on_curve else None,
                  None if x is None or x_before is None else x - x_before,
                  None if y is None or y_before is None else y - y_before]
        check(all(near(row[k], value) for k, value in zip(DERIVED, wanted)), f"{row}: {wanted}")
        n_gaps += on_curve
    check(0 < n_gaps < len(rows), "there are gaps, of all rows alone")


def check_table(path, table):
    keys, values = TABLES[table]
    columns = (["job", "key", "seed", "architecture", "activation"] + SWEPT + ["epoch", "update"]
               + keys + values + DERIVED * (table == "information"))
    expected = expected_rows(path, table)
    as_csv = run("export", path, "--csv", "--table", table)
    as_json = run("export", path, "--json", "--table", table)
    for result in (as_csv, as_json):
        expect(result, 0, f"{len(expected)} rows exported ({path})", "stderr")
    check(as_csv.stdout.split("\n")[0] == ",".join(columns), f"{table}: CSV head {columns}")
    rows = json.loads(as_json.stdout)
    check(all(list(row) == columns for row in rows), f"{table}: JSON columns {columns}")
    if table == "information":
        check_derived(path, rows)
    rows = [{k: v for k, v in row.items() if k not in DERIVED} for row in rows]
    check(rows == expected, f"{table}: JSON equals the file")
    check(from_csv(as_csv.stdout, expected) == expected, f"{table}: CSV equals the file")
    check("nan" not in as_csv.stdout.lower(), f"{table}: no nan in CSV")
    return rows


def tables(folder):
    path = folder / "out.h5"
    expect(run("run", sweep(folder), "-o", path), 1, "4 jobs: 2 done, 2 failed, 0 left")
    rows = check_table(path, "information")
    check({row["estimator"].split("@")[0] for row in rows} == {LABEL, "binning-3", "binning-10"},
          "estimators, one with a label that needs quotes")
    check({row["architecture"] for row in rows} == {"4-4-3-2", "4-3-2"}, "two depths")
    check({row["layer"] for row in rows if row["architecture"] == "4-3-2"} == {1, 2},
          "a padded layer has no row")
    check({row["network.initializer_sd"] for row in rows} == {0.3, None}, "none is null")
    reached = {job: max(row["epoch"] for row in rows if row["job"] == job) for job in range(4)}
    check(reached[0] == reached[2] == 6 and reached[1] < 6 and reached[3] < 6,
          f"failed jobs end early: {reached}")
    check("infinite" in {row["beta"] for row in rows}, "a beta without end is said to be")
    rows = check_table(path, "training")
    check({row["split"] for row in rows} == {"train", "test"}, "splits")
    rows = check_table(path, "gradients")
    check(all((row["gradient_mean"] is None) == (row["epoch"] == 0) for row in rows),
          "gradients are null at 0 only")
    # information is what is exported when no table is named
    check(run("export", path, "--csv").stdout == run("export", path, "--csv", "--table",
                                                     "information").stdout, "default table")


def nothing_yet(folder):
    """A file without a committed row: a head and no row, an empty array."""
    path = folder / "out.h5"
    run("run", sweep(folder), "-o", path)
    with h5py.File(path, "r+") as file:
        file["state"][:] = PENDING
    result = run("export", path, "--csv")
    expect(result, 0, "0 rows exported", "stderr")
    check(result.stdout.startswith("job,key,") and result.stdout.count("\n") == 1, "head alone")
    check(json.loads(run("export", path, "--json").stdout) == [], "an empty array")


def damaged(folder):
    """A row whose checksum does not hold is left out and told."""
    path = folder / "out.h5"
    run("run", sweep(folder), "-o", path)
    with h5py.File(path, "r+") as file:
        file["I_XT"][0, 1, 0, 0] += 1
    result = run("export", path, "--json")
    expect(result, 0, "rows exported", "stderr")
    check("1 damaged job" in result.stderr, "the damage is told")
    check({row["job"] for row in json.loads(result.stdout)} == {1, 2, 3}, "and left out")


def refusals(folder):
    path = folder / "out.h5"
    expect(run("export", path, "--csv"), 74, "out.h5", "stderr")
    run("run", sweep(folder), "-o", path)
    expect(run("export", path), 2, "--csv", "stderr")
    expect(run("export", path, "--csv", "--json"), 2, "--csv", "stderr")
    expect(run("export", path, "--csv", "--table", "gradient"), 2, "gradients", "stderr")
    with open("/dev/full", "w") as full:
        result = subprocess.run(command("export", path, "--csv"), stdout=full, text=True,
                                stderr=subprocess.PIPE)
    check(result.returncode == 74 and "cannot write" in result.stderr,
          f"a full disk: exit {result.returncode}, {result.stderr}")


main(tables, nothing_yet, damaged, refusals)
