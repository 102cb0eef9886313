"""infoplane estimate: values known beforehand, the values of a run to the bit, other people's files.

The known values are entropies of small distributions, by hand; those of the examples come from NumPy.
"""
import importlib.util
import json
import subprocess
import sys

import h5py
import numpy as np

from program import BASE, SOURCE, check, expect, last_line, main, merge, read, run, texts, write_spec


VARIABLES = ("I_XT", "I_TY", "beta", "beta_residual")


def write(path, layers, **datasets):
    with h5py.File(path, "w") as file:
        for name, data in layers.items():
            file[b"t/" + name if isinstance(name, bytes) else f"t/{name}"] = data
        for name, data in datasets.items():
            file[name] = data
    return path


def estimate(path, *arguments):
    result = run("estimate", path, "--json", *arguments)
    check(result.returncode == 0 and not result.stderr, f"estimate {path} {arguments}: {result.stderr}")
    return json.loads(result.stdout) if result.returncode == 0 else {"n": 0, "H_Y": 0, "results": []}


def number(json_value):
    """JSON has no infinity, and null is not a number."""
    return {None: np.nan, "infinite": np.inf}.get(json_value, json_value)


def values(estimated, names=("I_XT", "I_TY")):
    return {(r["layer"], r["estimator"]): tuple(number(r.get(name)) for name in names)
            for r in estimated["results"]}


def near(seen, expected, text):
    """Sums of at most 4096 terms of at most 12 bits round to less than 1e-11."""
    check(np.shape(seen) == np.shape(expected) and np.allclose(seen, expected, rtol=0, atol=1e-11),
          f"{text}: expected {expected}, saw {seen}")


# ---- known answers ----

BITS = np.array([[i >> k & 1 for k in range(12)] for i in range(4096)])


def identity(folder):
    """Twelve fair bits, the label is the first of them."""
    path = write(folder / "a.h5", {
        "1": BITS, "2": BITS[:, :3], "10": BITS[:, 1:4].astype("f4"), "20": np.zeros((4096, 2))},
        y=BITS[:, 0], p_x=np.full(4096, 1 / 4096))
    seen = estimate(path)
    check(set(seen) == {"n", "H_Y", "results"} and seen["n"] == 4096, f"keys: {set(seen)}")
    near(seen["H_Y"], 1, "H(Y)")
    check([r["layer"] for r in seen["results"]] == ["1", "2", "10", "20"], "natural order")
    near([(r["I_XT"], r["I_TY"]) for r in seen["results"]], [(12, 1), (3, 1), (3, 0), (0, 0)], "bits")
    first = seen["results"][0]
    check(set(first) == {"layer", "estimator", "parameters", "I_XT", "I_TY", "flags"}, f"{set(first)}")
    check(first["estimator"] == "binning" and first["flags"] == ["ceiling", "scale", "distinct"], "label, flags")
    defaults = {"bins": 30, "rule": "paper", "width": "none", "range": [-1, 1]}
    check({k: first["parameters"].get(k) for k in defaults} == defaults, f"{first['parameters']}")
    text = run("estimate", path)
    expect(text, 0, f"4 layers by 1 estimator on 4096 rows of 2 classes, H(Y) = 1.000000 bit ({path})")
    check(text.stdout.splitlines()[1].split() == ["1", "binning", "12.000000", "1.000000", "ceiling", "scale", "distinct"], text.stdout)
    some = run("estimate", path, "--layer", "20", "--layer=2", "--information", "binning: {bins: [2, 3]}",
               "--information", "{binning: {label: mine, rule: fixed_width, width: 0.5}}")
    expect(some, 0, "2 layers by 3 estimators")
    check([line.split()[:2] for line in some.stdout.splitlines()[1:-1]] ==
          [[layer, name] for layer in ("2", "20") for name in ("binning-2", "binning-3", "mine")], some.stdout)


def small_files(folder):
    path = folder / "a.h5"
    t = np.array([[-0.9], [-0.3], [0.3], [0.9]])
    y = [0, 1, 1, 0]
    h = 0.75 * np.log2(4 / 3) + 0.25 * 2  # of (1/4, 3/4)
    soft = np.array([[1, 0], [0, 1], [0.5, 0.5], [0.25, 0.75]])
    cases = [
        ("labels", dict(y=y), 2, 1),
        ("three classes, one of them empty", dict(y=[0, 2, 2, 2]), 2, h),
        ("one class", dict(y=[0, 0, 0, 0]), 2, 0),
        ("weights", dict(y=y, p_x=[4, 2, 1, 1]), 1.75, 5 / 8 * np.log2(8 / 5) + 3 / 8 * np.log2(8 / 3)),
        ("a weight of 0", dict(y=y, p_x=[0.5, 0.5, 0, 0]), 1, 1),
        # p(y=0) = 7/16; H(Y|X) = (0 + 0 + 1 + h) / 4
        ("soft labels", dict(p_y_given_x=soft),
         2, 7 / 16 * np.log2(16 / 7) + 9 / 16 * np.log2(16 / 9) - (1 + h) / 4),
        ("inputs by number", dict(y=y, x_id=[7, 7, -3, -3]), 1, 1),
        ("hashes", dict(y=y, x_id=np.array([2**63, 2**63 + 1, 2**64 - 1, 2**63], "u8")), 1.5, 1),
        ("equal inputs", dict(y=y, x=[[0.0], [-0.0], [1], [1]]), 1, 1),
        ("nearly equal inputs", dict(y=y, x=[[1], [1 + 1e-12], [2], [3]]), 2, 1),
        ("numbers before inputs", dict(y=y, x=[[1], [1], [1], [1]], x_id=[1, 2, 3, 4]), 2, 1),
        ("a prediction", dict(y=y, q_y_given_x=soft.astype("f2")), 2, 1),
    ]
    for name, datasets, i_xt, i_ty in cases:
        near(values(estimate(write(path, {"l": t}, **datasets)))["l", "binning"], (i_xt, i_ty), name)
    for kind in ("f2", "f4", "f8", ">f4", ">f8"):
        near(values(estimate(write(path, {"l": t.astype(kind)}, y=y)))["l", "binning"], (2, 1), kind)
    near(values(estimate(write(path, {"l": t[:1]}, y=y[:1])))["l", "binning"], (0, 0), "one row")
    names = ["layer1", "layer2", "layer10", "layer10.1", "layer10.02", "layer10.2", "Z", "a", "\u00e9", "01", "1"]
    seen = estimate(write(path, dict.fromkeys(names, t), y=y))
    order = ["01", "1", "Z", "a", "layer1", "layer2", "layer10", "layer10.1", "layer10.02", "layer10.2", "\u00e9"]
    check([r["layer"] for r in seen["results"]] == order, f"{[r['layer'] for r in seen['results']]}")


def every_estimator(folder):
    """Each runs with its defaults; what is not known is null, errors stand where there are any."""
    random = np.random.default_rng(1)
    x = random.normal(size=(200, 3))
    q = 1 / (1 + np.exp(-x[:, 0]))
    path = write(folder / "a.h5", {"1": np.tanh(x @ random.normal(size=(3, 2)))}, x=x,
                 y=(x[:, 0] > 0).astype(int), q_y_given_x=np.column_stack((1 - q, q)))
    listed = run("list", "estimators").stdout
    check("(null)" not in listed, "every estimator states its limits")
    blocks = [block.splitlines() for block in listed.split("\n  ") if not block.startswith(" ")][1:]
    names = [block[0].split()[0] for block in blocks]
    check("binning" in names and listed.count("\n      limits: ") == len(names), listed)
    for name in names:
        seen = estimate(path, "--information", name)
        text = run("estimate", path, "--information", name)
        expect(text, 0, "on 200 rows of 2 classes")
        for result in seen["results"]:
            check(result["estimator"].startswith(name), f"{result}")
            check(all(result[k] is None or np.isfinite(result[k]) for k in ("I_XT", "I_TY")), f"{result}")
            check(all(np.isfinite(result.get(k, 0)) for k in ("I_XT_se", "I_TY_se")), f"{result}")
            check(all(flag in text.stdout for flag in result["flags"]), f"{result}")


def layer_by_layer(folder):
    """A layer that tells more than the one chosen before it is flagged, not the first one."""
    v = (np.arange(4096) + 0.5) / 4096
    path = write(folder / "a.h5", {"1": v[:, None] / 16, "2": np.tanh(v * 2 - 1)[:, None]}, y=v > 0.5)
    flags = [r["flags"] for r in estimate(path)["results"]]
    check("processing" not in flags[0] and "processing" in flags[1], f"{flags}")
    check("processing" not in estimate(path, "--layer", "2")["results"][0]["flags"], "nothing before it")


def shuffled_labels(folder):
    """64 values of T and of Y, 2000 rows: independent, all of I(T;Y) is bias; equal, little of it."""
    random = np.random.default_rng(64)
    t, y = random.integers(0, 64, (2, 2000))
    exact = "binning: {rule: exact}"
    for labels, least, most in ((y, 0.97, 1.03), (t, 0.2, 0.3)):
        path = write(folder / "a.h5", {"1": t[:, None]}, y=labels)
        one = estimate(path, "--information", exact, "--null", "20")["results"][0]
        check(least < one["I_TY_null"] / one["I_TY"] < most, f"{one}")
        check(one == estimate(path, "--information", exact, "--null=20")["results"][0], "the same again")
        check("I_TY_null" not in estimate(path, "--information", exact)["results"][0], "not asked for")
    expect(run("estimate", path, "--information", exact, "--null", "20"), 0, "1 layer")
    check(f"null {one['I_TY_null']:.6f}" in run("estimate", path, "--information", exact, "--null", "20").stdout,
          "and in the table")
    expect(run("estimate", path, "--null", "-1"), 2, "--null", "stderr")


# ---- the values of a run ----

def noisy_rows(folder):
    """Two rows of each input: as all there is, or as draws, which are too few; the values stay."""
    path = folder / "noisy.h5"
    t = np.random.default_rng(3).normal(size=(100, 1))
    write(path, {"1": t}, y=np.arange(100) % 2, x_id=np.arange(100) // 2, p_x=np.full(100, 0.01))
    items = ("--information", "binning", "--information", "kde")
    known, drawn = estimate(path, *items)["results"], estimate(path, *items, "--noisy")["results"]
    for one, other in zip(known, drawn):
        check("invalid" not in one["flags"] and "invalid" in other["flags"], f"{one} {other}")
        check(one["I_XT"] == other["I_XT"] and one["I_TY"] == other["I_TY"], f"{one} {other}")


def repeated_inputs(path):
    """Weighted rows, soft labels, every input three times."""
    random = np.random.default_rng(5)
    n = 150
    x = np.tile(random.normal(size=(n // 3, 4)).astype("f4"), (3, 1))
    p = random.uniform(size=(n, 3))
    with h5py.File(path, "w") as file:
        file["x"], file["p_y_given_x"] = x, p / p.sum(axis=1, keepdims=True)
        file["p_x"] = random.uniform(size=n)


INFORMATION = ["binning: {bins: [3, 30, 1000]}", "binning: {range: [-0.3, 0.4], label: narrow, fit_beta: true}",
               "binning: {rule: idnns_compat, label: compat}",
               "binning: {rule: fixed_width, width: 0.05, label: wide}"]


def spec_items():
    """The same as a list of the spec."""
    return [{"binning": {"bins": [3, 30, 1000]}},
            {"binning": {"range": [-0.3, 0.4], "label": "narrow", "fit_beta": True}},
            {"binning": {"rule": "idnns_compat", "label": "compat"}},
            {"binning": {"rule": "fixed_width", "width": 0.05, "label": "wide"}}]


def fitted_beta(folder):
    """Codes of the paper's inputs against the bottleneck; values computed outside this program."""
    spec = write_spec(folder / "task.yaml", {
        "task": {"rule": "soft", "form": "integer", "gain": 0.2}})
    expect(run("dataset", spec, "-o", folder / "data.h5"), 0)
    ones = read(folder / "data.h5", "x").sum(axis=1, keepdims=True)
    path = write(folder / "a.h5", {"ones": ones, "many": ones > 6, "all": np.arange(4096)[:, None]},
                 p_y_given_x=read(folder / "data.h5", "p_y_given_x"))
    arguments = ("--information", "binning: {rule: exact, fit_beta: true}")
    found = values(estimate(path, *arguments), ("beta", "beta_residual"))
    seen = {layer: fit for (layer, _), fit in found.items()}
    near(seen["ones"], (3.702333740725702, 1.8582235367931896), "the number of ones")
    near(seen["all"], (np.inf, 6.91244746073575), "the input itself")
    text = run("estimate", path, *arguments)
    check("beta 3.7023, residual 1.8582" in text.stdout and "beta inf, residual 6.9124" in text.stdout, text.stdout)
    check("beta" not in run("estimate", path).stdout, "no beta unless asked for")


def cut(source, target, split):
    """The rows of one split."""
    with h5py.File(source) as old:
        rows = old["split"][()] == split
        layers = {name: layer[()][rows] for name, layer in old["t"].items()}
        write(target, layers, **{name: old[name][()][rows] for name in ("x", "p_y_given_x", "p_x")
                                 if name in old})


def compare(out, job, snapshot, written, suffix):
    labels = texts(out, "estimator")
    arguments = [word for item in INFORMATION for word in ("--information", item)]
    for (layer, label), seen in values(estimate(written, *arguments), VARIABLES).items():
        at = job, snapshot, int(layer.removeprefix("layer")) - 1, labels.index(label + suffix)
        expected = tuple(read(out, name)[at] for name in VARIABLES)
        check(np.array_equal(seen, expected, equal_nan=True),
              f"{written} {layer} {label}{suffix}: run {expected}, estimate {seen}")


def as_in_a_run(folder):
    """What `activations` writes gives the values of the result file, bit for bit."""
    repeated_inputs(folder / "data.h5")
    file_task = merge(BASE, {"training": {"batch": 16}})
    file_task["task"] = {"name": "file", "path": "data.h5", "train_fraction": 0.7}
    for name, base in (("icosahedron", BASE), ("file", file_task)):
        spec = write_spec(folder / f"{name}.yaml", {
            "network": {"hidden": [7, 3]}, "measure": {"on": ["all", "train", "test"], "information": spec_items()},
            "sweep": [{"network.activation": ["tanh", "relu"]}], "seeds": {"count": 2}}, base)
        out, written, part = folder / f"{name}.h5", folder / f"{name}-a.h5", folder / "part.h5"
        expect(run("run", spec, "-o", out), 0, "4 done")
        for job, epoch in ((1, 0), (3, 4)):
            expect(run("activations", out, "--job", job, "--epoch", epoch, "-o", written), 0)
            compare(out, job, epoch, written, "")
            for split, suffix in ((0, "@train"), (1, "@test")):
                cut(written, part, split)
                compare(out, job, epoch, part, suffix)
        expect(run("dataset", spec, "-o", part), 0)
        with h5py.File(written) as a, h5py.File(part) as data:
            rows = a["row"][()]
            check(sorted(rows) == list(range(len(data["x"]))), f"{name}: /row")
            check((data["x"][()][rows] == a["x"][()]).all(), f"{name}: /x in the job's order")
            check((np.diff(a["split"][()].astype(int)) >= 0).all(), f"{name}: trained on first")
            layer = max(a["t"])
            check((a["q_y_given_x"][()] == a[f"t/{layer}"][()]).all(), f"{name}: the prediction")


def prediction_of_one_unit(folder):
    """Data without weights is written without; one sigmoid unit predicts two classes."""
    with h5py.File(folder / "data.h5", "w") as file:
        file["x"], file["y"] = BITS[:64, :6], BITS[:64, 0]
    base = merge(BASE, {"network": {"output": "sigmoid"}})
    base["task"] = {"name": "file", "path": "data.h5"}
    out, written = folder / "o.h5", folder / "a.h5"
    expect(run("run", write_spec(folder / "s.yaml", {}, base), "-o", out), 0, "1 done")
    expect(run("activations", out, "--job", 0, "--epoch", 2, "-o", written), 0)
    with h5py.File(written) as file:
        t, q = file["t/layer3"][()].astype(float), file["q_y_given_x"][()]
        check("p_x" not in file and (q == np.column_stack((1 - t, t))).all(), "the prediction")
    check(len(estimate(written)["results"]) == 3, "it is read")


# ---- wrong files ----

T = np.linspace(-1, 1, 8).reshape(4, 2)
Y = [0, 1, 1, 0]
P = np.full((4, 2), 0.5)
NAN = np.where(T == T[2, 0], np.nan, T)
WRONG = [
    ({}, dict(y=Y), "/t: expected a group with a dataset (n, d) for each layer, saw none"),
    ({}, dict(t=T, y=Y), "/t: expected a group"),
    ({"1": T}, {}, "expected one of /y and /p_y_given_x, saw neither"),
    ({"1": T}, dict(y=Y, p_y_given_x=P), "expected one of /y and /p_y_given_x, saw both"),
    ({"1": T, "2": T[:3]}, dict(y=Y), "/t/2: expected 4 rows as in /t/1, saw 3"),
    ({"1": T}, dict(y=Y[:3]), "/y: expected 4 rows as in /t/1, saw 3"),
    ({"1": T[:, 0]}, dict(y=Y), "/t/1: expected 2 dimensions, saw 1"),
    ({"1": T.reshape(2, 2, 2)}, dict(y=Y), "/t/1: expected 2 dimensions, saw 3"),
    ({"1": T[:, :0]}, dict(y=Y), "/t/1: expected rows and units, saw shape (4, 0)"),
    ({"1": T[:0]}, dict(y=Y), "/t/1: expected rows and units, saw shape (0, 2)"),
    ({"1": T, "2": NAN}, dict(y=Y), "/t/2, row 2: expected finite numbers, saw nan"),
    ({"1": T * np.inf}, dict(y=Y), "/t/1, row 0: expected finite numbers, saw -inf"),
    ({"1": [[b"a", b"b"]] * 4}, dict(y=Y), "/t/1: expected numbers, saw another type"),
    ({"1": T + 1j}, dict(y=Y), "/t/1: expected numbers, saw another type"),
    ({"1/deeper": T}, dict(y=Y), "/t/1: expected a dataset, saw none"),
    ({"a\x1b[31m": T}, dict(y=Y), "printable UTF-8"),
    ({b"\xff\xfe": T}, dict(y=Y), "printable UTF-8"),
    ({"n" * 300: T}, dict(y=Y), "/t: expected names of at most"),
    ({"1": T}, dict(y=[0.0, 1, 1, 0]), "/y: expected integers"),
    ({"1": T}, dict(y=[0, -1, 1, 0]), "/y: expected 0 to 65535, saw -1 in row 1"),
    ({"1": T}, dict(y=[0, 70000, 1, 0]), "/y: expected 0 to 65535, saw 70000 in row 1"),
    ({"1": T}, dict(p_y_given_x=P * 0.9), "p_y_given_x, row 0: expected the sum 1"),
    ({"1": T}, dict(p_y_given_x=P * np.nan), "p_y_given_x, row 0: expected numbers within"),
    ({"1": T}, dict(p_y_given_x=P[:, :0]), "/p_y_given_x: expected 1 to 65536 classes, saw 0"),
    ({"1": T}, dict(y=Y, p_x=[1, 1, 1]), "/p_x: expected 4 rows"),
    ({"1": T}, dict(y=Y, p_x=[1, -1, 1, 1]), "p_x, row 1"),
    ({"1": T}, dict(y=Y, p_x=[1, 1, np.inf, 1]), "p_x, row 2"),
    ({"1": T}, dict(y=Y, p_x=[0, 0, 0, 0]), "p_x: expected a positive"),
    ({"1": T}, dict(y=Y, x=T[:3]), "/x: expected 4 rows"),
    ({"1": T}, dict(y=Y, x=Y), "/x: expected 2 dimensions, saw 1"),
    ({"1": T}, dict(y=Y, x=T[:, :0]), "/x: expected features, saw 0"),
    ({"1": T}, dict(y=Y, x=NAN), "/x, row 2: expected finite numbers, saw nan"),
    ({"1": T}, dict(y=Y, x_id=[0.0, 1, 2, 3]), "/x_id: expected integers"),
    ({"1": T}, dict(y=Y, x_id=[[0, 1, 2, 3]]), "/x_id: expected 1 dimension, saw 2"),
    ({"1": T}, dict(y=Y, x_id=[0, 1]), "/x_id: expected 4 rows"),
    ({"1": T}, dict(y=Y, q_y_given_x=P[:3]), "/q_y_given_x: expected 4 rows"),
    ({"1": T}, dict(y=Y, q_y_given_x=np.ones((4, 3)) / 3), "/q_y_given_x: expected 2 classes"),
    ({"1": T}, dict(y=Y, q_y_given_x=P * 3), "/q_y_given_x, row 0: expected probabilities"),
    ({"1": T}, dict(y=Y, q_y_given_x=P * np.nan), "/q_y_given_x, row 0: expected probabilities"),
]


def refuse(path, words, code=65, arguments=()):
    for more in ((), ("--json",)):
        result = run("estimate", path, *arguments, *more)
        check(result.returncode == code and not result.stdout and words in result.stderr
              and result.stderr.count("\n") <= 2 and "HDF5-DIAG" not in result.stderr,
              f"expected {code} and '{words}', saw {result.returncode}: {result.stdout}{result.stderr}")
        if code != 2:
            check(result.stderr.startswith(f"{path}: error: "), f"the file is named: {result.stderr}")


def wrong_files(folder):
    path = folder / "a.h5"
    for layers, datasets, words in WRONG:
        refuse(write(path, layers, **datasets), words)
    with h5py.File(path, "w") as file:
        file.create_group("t")
        file["y"] = Y
    refuse(path, "/t: expected a group with a dataset (n, d) for each layer, saw an empty one")
    with h5py.File(path, "w") as file:
        file["t/1"] = h5py.SoftLink("/nowhere")
        file["y"] = Y
    refuse(path, "/t/1: expected a dataset, saw none")
    path.write_text("layer,unit\n1,2\n" * 99)
    refuse(path, "expected an HDF5 file with layers under /t and labels")
    refuse(folder, "expected an HDF5 file")
    refuse(folder / "none.h5", "cannot open the file: No such file", 74)
    write(path, {"1": T * 1e300}, y=Y)
    refuse(path, "/t/1: ", 65, ("--information", "binning: {rule: fixed_width, width: 1.0e-9}"))


def wrong_arguments(folder):
    path = write(folder / "a.h5", {"layer1": T, "layer2": T}, y=Y)
    refuse(path, "the file has no /t/layer3 (did you mean 'layer1'?)", 2, ("--layer", "layer3"))
    refuse(path, "the file has no /t/", 2, ("--layer", ""))
    for item, words in (("bining", "did you mean 'binning'?"), ("", "the value is empty"),
                        ("binning: {bins: 1}", "bins: expected a whole number of at least 2"),
                        ("binning: {bin: 3}", "did you mean 'bins'?"), ("[binning]", "saw a list"),
                        ("binning: {bins: [3, 3]}", "two estimators are called 'binning-3'")):
        result = run("estimate", path, "--information", item)
        expect(result, 65, "1 error in --information", "stderr")
        check(result.stderr.startswith(f"--information {item}: error: ") and words in result.stderr
              and not result.stdout, f"{item}: {result.stderr}")
    twice = run("estimate", path, "--information", "a", "--information", "b: {")
    expect(twice, 65, "2 errors in --information", "stderr")
    expect(run("estimate", path, "--information", "binning", "--information", "binning"), 65, "1 error", "stderr")


def damaged_files(folder):
    """A file cut short, or with a byte changed, is read or refused; nothing crashes."""
    whole = write(folder / "a.h5", {"1": T, "2": T.astype("f4")}, y=Y, x=T, p_x=[1, 2, 3, 4]).read_bytes()
    random = np.random.default_rng(3)
    damaged = [whole[:n] for n in np.linspace(0, len(whole) - 1, 25, dtype=int)]
    for place in random.integers(len(whole), size=50):
        bad = bytearray(whole)
        bad[place] ^= 1 << random.integers(8)
        damaged.append(bytes(bad))
    for number, data in enumerate(damaged):
        path = folder / "damaged.h5"
        path.write_bytes(data)
        result = run("estimate", path, "--json")
        good = result.returncode == 0 and json.loads(result.stdout)["n"] == 4
        check(good or (result.returncode in (65, 74) and "error: " in last_line(result.stderr)),
              f"damaged file {number}: exit {result.returncode}, {result.stderr}")


# ---- the examples ----

def entropy(p):
    p = p[p > 0]
    return -(p * np.log2(p)).sum()


def binned(t, y):
    """I(X;T), I(T;Y) of 30 bins on [-1, 1], all rows different and equally likely."""
    codes = np.searchsorted(-1 + 2.0 * np.arange(1, 30) / 30, t, side="right")
    _, code = np.unique(codes, axis=0, return_inverse=True)
    p_ty = np.zeros((code.max() + 1, 2))
    np.add.at(p_ty, (code.ravel(), y), 1 / len(t))
    h_t = entropy(p_ty.sum(axis=1))
    return h_t, h_t + entropy(p_ty.sum(axis=0)) - entropy(p_ty.ravel())


def examples(folder):
    path = folder / "a.h5"
    numpy_one, torch_one = (SOURCE / "tools" / f"save_activations_{name}.py" for name in ("numpy", "torch"))
    subprocess.run([sys.executable, numpy_one, path], check=True)
    with h5py.File(path) as file:
        expected = [binned(layer[()], file["y"][()]) for layer in file["t"].values()]
    near([(r["I_XT"], r["I_TY"]) for r in estimate(path)["results"]], expected, "the example of NumPy")
    compile(torch_one.read_text(), torch_one, "exec")
    if importlib.util.find_spec("torch"):
        subprocess.run([sys.executable, torch_one, path], check=True)
        check(len(estimate(path)["results"]) == 1, "the example of PyTorch")


main(identity, small_files, every_estimator, layer_by_layer, shuffled_labels, noisy_rows, fitted_beta, as_in_a_run, prediction_of_one_unit, wrong_files,
     wrong_arguments, damaged_files, examples)
