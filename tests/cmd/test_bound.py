#!/usr/bin/env python3
"""infoplane bound: the curve as table and JSON, of a spec and of a result file, proven or not."""
import json

import h5py
import numpy as np

from program import BASE, check, expect, last_line, main, run, write_spec

INTEGER = {"task": {"name": "icosahedron", "form": "integer", "gain": 0.2}}


def bound(*arguments):
    result = run("bound", *arguments, "--json")
    check(result.returncode == 0, f"{arguments}: exit {result.returncode}, {result.stderr}")
    return json.loads(result.stdout)


def near(seen, expected, text, tolerance=1e-9):
    check(abs(seen - expected) <= tolerance, f"{text}: {seen}, expected {expected}")


def task_of_file(folder, name, x, **arrays):
    """A spec whose task is a data file of these arrays."""
    with h5py.File(folder / f"{name}.h5", "w") as file:
        file["x"] = np.asarray(x, np.float32)
        for key, values in arrays.items():
            file[key] = values
    base = {**BASE, "task": {"name": "file", "path": f"{name}.h5"}}
    return write_spec(folder / f"{name}.yaml", {}, base)


# ---- what comes out ----

def shapes(folder):
    """Points in the order asked for; values computed outside this program."""
    spec = write_spec(folder / "s.yaml", INTEGER)
    curve = bound(spec, "--beta", "10,2,2,0")
    check({"task", "H_Y", "I_XY", "points", "deterministic"} <= set(curve), f"keys: {set(curve)}")
    check(curve["task"] == "icosahedron" and curve["inputs"] == 44 and not curve["kink"], "task")
    near(curve["I_XY"], 0.6217850754032499, "I_XY")
    near(curve["H_X"], 5.087552539264, "H_X")
    check([p["beta"] for p in curve["points"]] == [10, 2, 2, 0], "order of the points")
    for point in curve["points"]:
        check({"beta", "I_XT", "I_TY", "clusters", "gap"} <= set(point), "keys of a point")
        check(0 <= point["gap"] < 1e-11 and point["proven"] is True, f"certificate: {point}")
    near(curve["points"][0]["I_XT"], 1.4610011884, "I_XT at 10")
    near(curve["points"][0]["I_TY"], 0.5658488085, "I_TY at 10")
    check(curve["points"][0]["clusters"] == 4 and curve["points"][3]["clusters"] == 1, "clusters")
    check(curve["points"][1] == curve["points"][2], "equal betas, equal points")
    codes = curve["deterministic"]
    check([c["beta"] for c in codes] == [10, 2, 2, 0], "order of the deterministic codes")
    near(codes[0]["H_T"], 1.5200327606, "H_T at 10")
    near(codes[0]["I_TY"], 0.5651579970, "I_TY of the deterministic code at 10")
    check(codes[0]["clusters"] == 3 and codes[3]["H_T"] == 0, "clusters of deterministic codes")


def defaults(folder):
    """200 betas from the onset to the top, the same every time; the table says the same."""
    spec = write_spec(folder / "s.yaml", INTEGER)
    curve = bound(spec)
    points = curve["points"]
    betas = [p["beta"] for p in points]
    check(len(points) == 200 == len(curve["deterministic"]), "200 points")
    check(1 < curve["onset"] < betas[0] < 1.01 * curve["onset"], "a little above the onset")
    ratios = [b / a for a, b in zip(betas, betas[1:])]
    check(max(ratios) - min(ratios) < 1e-9 and min(ratios) > 1, "evenly on the logarithm")
    check(points[-1]["I_TY"] >= 0.999 * curve["I_XY"], "to the top")
    for a, b in zip(points, points[1:]):
        check(b["I_XT"] >= a["I_XT"] - 1e-9 and b["I_TY"] >= a["I_TY"] - 1e-9, "rising")
    check(all(p["I_TY"] <= p["I_XT"] and p["gap"] < 1e-11 for p in points), "below the diagonal")
    check(bound(spec) == curve, "the same again")
    table = run("bound", spec)
    expect(table, 0, f"200 points of the curve, I(X;Y) = {curve['I_XY']:.6f} bit")
    check(last_line(table.stdout).endswith(f"proven ({spec})") and not table.stderr, "proven")
    row = table.stdout.splitlines()[-2].split()
    check(row[1] == f"{points[-1]['I_XT']:.6f}" and row[3] == str(points[-1]["clusters"]), "row")


def files(folder):
    """A result file gives its spec's curve, overrides included, wherever it lies."""
    spec = write_spec(folder / "s.yaml", {})
    out = folder / "o.h5"
    override = ("--set", "task={name: icosahedron, form: integer, gain: 0.2}")
    expect(run("run", spec, "-o", out, *override), 0, "1 done")
    spec_curve = bound(spec, "--beta=3,30", *override)
    check(bound(out, "--beta", "3,30") == spec_curve, "the curve of a result file")
    expect(run("bound", out, "--beta", "3"), 0, f"1 point of the curve, I(X;Y) = 0.621785 bit")
    expect(run("bound", out, *override), 2, "--set: expected a spec", "stderr")
    expect(run("dataset", spec, "-o", folder / "d.h5", *override), 0)
    expect(run("bound", folder / "d.h5"), 73, "", "stderr")
    again = task_of_file(folder, "again", [[0]], y=[0])
    again.write_text(again.read_text().replace("again.h5", "d.h5"))
    check(bound(again, "--beta", "3,30")["points"] == spec_curve["points"], "as a data file")


# ---- special tasks ----

def kink(folder):
    spec = write_spec(folder / "s.yaml", {"task": {"name": "icosahedron", "rule": "hard"}})
    curve = bound(spec)
    h = 0.9991571208502711
    check(curve["kink"] is True and curve["onset"] == 1, "said by a field")
    check([(p["I_XT"], p["clusters"]) for p in curve["points"]] == [(0, 1), (h, 2)], "the ends")
    check(all(p["I_XT"] == p["I_TY"] and p["gap"] == 0 for p in curve["points"]), "exact")
    result = run("bound", spec)
    expect(result, 0, "2 points of the curve")
    check("the labels follow from the inputs" in result.stdout, "in words")


def three_labels(folder):
    """Four symbols and a jump before the local threshold; the certificate is a heuristic."""
    rows = np.full((4, 4), 0.1) + 0.6 * np.eye(4)
    spec = task_of_file(folder, "four", np.eye(4), p_y_given_x=rows)
    curve = bound(spec, "--beta", "2.6043,2.6643,8")
    near(curve["onset"], 2.6543129, "onset", 1e-6)
    for point, (i_xt, i_ty) in zip(curve["points"], ((0, 0), (.3627088770, .1366143016),
                                                    (1.9960583894, .6427752336))):
        near(point["I_XT"], i_xt, "I_XT")
        near(point["I_TY"], i_ty, "I_TY")
        check(point["proven"] is False and point["gap"] < 1e-11, "a heuristic gap")
    check(not any(c["proven"] for c in curve["deterministic"]), "heuristic codes")
    result = run("bound", spec, "--beta", "8")
    expect(result, 0, "heuristic (")
    check("more than two labels" in result.stderr, "said on stderr")
    random = np.random.default_rng(1).dirichlet([1, 1, 1], 12)
    spec = task_of_file(folder, "three", np.eye(12), p_y_given_x=random)
    curve = bound(spec)
    check(len(curve["points"]) == 200 and not curve["points"][-1]["proven"], "three labels")
    check(all(p["gap"] < 1e-9 or p["near_critical"] for p in curve["points"]), "small gaps")
    unused = np.column_stack((rows[:, 0], np.zeros(4), 1 - rows[:, 0]))
    spec = task_of_file(folder, "unused", np.eye(4), p_y_given_x=unused)
    check(bound(spec, "--beta", "9")["points"][0]["proven"], "a label that never occurs is none")


def shared_inputs(folder):
    """One input with both labels is a doubtful input, not two."""
    spec = task_of_file(folder, "shared", [[0], [0], [1], [1]], y=[0, 1, 1, 1])
    curve = bound(spec, "--beta", "100000")
    check(not curve["kink"] and curve["inputs"] == 2, "two inputs")
    near(curve["points"][0]["I_TY"], curve["I_XY"], "top")
    near(curve["I_XY"], 0.31127812445913283, "I_XY")


def nothing_to_say(folder):
    spec = task_of_file(folder, "one", [[0], [1]], p_y_given_x=[[0.25, 0.75], [0.25, 0.75]])
    curve = bound(spec)
    check(curve["points"] == [] and curve["I_XY"] == 0 and curve["onset"] is None, "no points")
    expect(run("bound", spec), 0, "no points: the labels do not depend on the inputs")
    point, = bound(spec, "--beta", "7")["points"]
    check(point["I_XT"] == 0 and point["clusters"] == 1 and point["gap"] == 0, "asked for")
    spec = task_of_file(folder, "single", [[0]], y=[0])
    expect(run("bound", spec), 0, "no points")


# ---- what is refused ----

def refusals(folder):
    spec = write_spec(folder / "s.yaml", INTEGER)
    for betas in ("", ",", "2,", "2,,3", "x", "2 3", "-1", "nan", "inf", "1e10", "2;3", "2,3x"):
        result = run("bound", spec, "--beta", betas)
        expect(result, 2, "--beta: expected numbers from 0 to 1e+09", "stderr")
        check(not result.stdout, "nothing on stdout")
    for arguments, words in ((["bound"], "missing argument"),
                             (["bound", spec, "--bta", "1"], "'--beta'"),
                             (["bound", spec, spec], "unexpected argument"),
                             (["bound", spec, "--beta"], "LIST"),
                             (["bound", spec, "-o", "x"], "unknown option")):
        result = run(*arguments)
        check(result.returncode == 2 and words in result.stderr, f"{arguments}: {result.stderr}")
    expect(run("bound", folder / "none.yaml"), 74, "cannot read", "stderr")
    expect(run("bound", spec, "--set", "task.gain=-1"), 65, "1 error", "stderr")
    (folder / "torn.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    result = run("bound", folder / "torn.h5")
    check(result.returncode in (65, 73, 74) and not result.stdout, f"torn: {result.returncode}")


main(shapes, defaults, files, kink, three_labels, shared_inputs, nothing_to_say, refusals)
