"""test_plot.py - tools/plot: figures, formats, exit codes, and the numbers it draws

A result file as the program would write it is made with h5py: tanh and relu, the published network
of six layers, paths of the published kind. The expected numbers are computed here, with plain loops
over the same file. Most runs call the script's main() in this process, which is much faster.
"""
import contextlib
import importlib.util
import io
import math
import os
import subprocess
import sys
import tempfile
from importlib.machinery import SourceFileLoader

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # read when NumPy is loaded; more threads only wait
import h5py
import numpy as np
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.environ.get("INFOPLANE_SOURCE") or os.path.join(HERE, "..", "..")
PLOT = os.path.join(SOURCE, "tools", "plot")
MAGIC = {"png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF-", "svg": b"<?xml", "gif": b"GIF89a"}
PICTURES = ("plane", "cloud", "gradient", "loss")
# Every figure and every format at least once; all pairs of them would only take longer.
DRAWN = ("plane.svg", "cloud.png", "gradient.pdf", "loss.svg")
# One panel and three layers are quicker to draw than two and six.
DRAFT = ["--dpi", 60, "--layers", "2,4,6", "--select", "activation=tanh"]
PENDING, DONE, FAILED, QUARANTINED = range(4)
LAST = 8000
counts = {"checks": 0, "failed": 0}


def check(passed, text):
    counts["checks"] += 1
    if not passed:
        counts["failed"] += 1
        print(f"test_plot.py:{sys._getframe(1).f_lineno}: failed: {text}", file=sys.stderr)


# ---- a synthetic result file ----

# Per layer of a tanh network: I(X;T) at the start, its peak and the end; I(T;Y) at start and end.
PATHS = np.array([[12.0, 12.0, 12.0, 0.99, 0.99], [11.9, 12.0, 11.8, 0.96, 0.98],
                  [11.5, 11.8, 8.4, 0.85, 0.96], [9.2, 10.3, 4.2, 0.60, 0.94],
                  [6.3, 8.4, 2.4, 0.34, 0.93], [2.0, 4.3, 1.1, 0.12, 0.92]])


def log_epochs(count, last):
    made = {0, last} | {math.floor(last ** (i / (count - 1)) + 0.5) for i in range(count)}
    return np.array(sorted(made), np.int64)


def step(epochs, middle, width):
    """From 0 to 1 on the logarithmic scale."""
    return 1 / (1 + np.exp(-(np.log1p(epochs) - np.log1p(middle)) / width))


def path_of_layer(layer, activation, epochs, random):
    """One seed: both rise while the labels are fitted; then, under tanh, I(X;T) falls."""
    start, peak, end, y_start, y_end = PATHS[layer]
    if activation == "relu" and layer < 5:
        end = peak
    fit = step(epochs, 150 * np.exp(0.2 * random.normal()), 0.5)
    squeeze = step(epochs, 1800 * np.exp(0.3 * random.normal()), 0.45)
    start += 0.12 * min(12.2 - start, start) * random.normal()
    end += 0.08 * min(12.05 - end, end) * random.normal()
    y_start += 0.16 * min(y_start, 1 - y_start) * random.normal()
    x = start * (1 - fit) + peak * fit * (1 - squeeze) + end * fit * squeeze
    y = y_start * (1 - fit) + y_end * fit + 0.004 * random.normal()
    return np.minimum(x, 12), np.clip(y, 0, 0.99)


def fill_row(file, job, activation, epochs, random):
    for layer in range(6):
        x, y = path_of_layer(layer, activation, epochs, random)
        for k in range(len(file["estimator"])):
            file["I_XT"][job, :, layer, k] = 0.9**k * x
            file["I_TY"][job, :, layer, k] = 0.95**k * y
        drift = 0.3 * np.exp(-layer / 4) * (1 - 0.99 * step(epochs, 350, 0.4))
        jitter = np.exp(0.2 * random.normal(size=(2, len(epochs))))
        file["gradient_mean"][job, 1:, layer] = (drift * jitter[0])[1:]
        file["gradient_std"][job, 1:, layer] = (0.08 * np.exp(-layer / 5) * jitter[1])[1:]
        norm = 3 + 2 * step(epochs, 500, 1) + 0.1 * random.normal()
        file["weight_norm"][job, :, layer] = norm
    fit = step(epochs, 150, 0.5)
    for split, end in enumerate((0.10, 0.14)):
        file["loss"][job, :, split] = 0.70 * (1 - fit) + end * fit + 0.01 * random.normal()
        accuracy = 0.5 * (1 - fit) + (1.0 - end / 3) * fit + 0.005 * random.normal()
        file["accuracy"][job, :, split] = accuracy


def lay_out(file, jobs, epochs, estimators):
    """Variables, scales and columns, all NaN and pending; jobs: (activation, rate, seed) each."""
    text, n = h5py.string_dtype(), len(jobs)
    scales = {"job": np.arange(n), "epoch": epochs, "layer": np.arange(1, 7),
              "estimator": np.array(estimators, object),
              "split": np.array(["train", "test"], object)}
    for name, values in scales.items():
        file.create_dataset(name, data=values, dtype=text if values.dtype == object else np.int64)
        file[name].make_scale(name)

    def variable(name, dims, dtype=np.float64, data=None):
        shape = tuple(len(scales[dim]) for dim in dims)
        if data is None:
            data = np.full(shape, np.nan)
        file.create_dataset(name, shape, dtype, data)
        for axis, dim in enumerate(dims):
            file[name].dims[axis].attach_scale(file[dim])

    for name in ("I_XT", "I_TY"):
        variable(name, ("job", "epoch", "layer", "estimator"))
    for name in ("loss", "accuracy"):
        variable(name, ("job", "epoch", "split"))
    for name in ("gradient_mean", "gradient_std", "weight_norm"):
        variable(name, ("job", "epoch", "layer"))
    variable("update", ("job", "epoch"), np.int64, np.tile(7 * epochs, (n, 1)))
    variable("state", ("job",), np.int8, np.zeros(n, np.int8))
    variable("key", ("job",), text, np.array([f"{job:032x}" for job in range(n)], object))
    variable("seed", ("job",), np.int64, np.array([seed for _, _, seed in jobs]))
    variable("architecture", ("job",), text, np.array(["12-10-7-5-4-3-2"] * n, object))
    variable("activation", ("job",), text, np.array([name for name, _, _ in jobs], object))
    variable("training.rate", ("job",), np.float64, np.array([rate for _, rate, _ in jobs]))
    variable("width", ("job", "layer"), np.int64, np.tile([10, 7, 5, 4, 3, 2], (n, 1)))


def make_file(path, activations=("tanh", "relu"), rates=(4e-4,), n_seeds=50, n_epochs=100,
              state=DONE, estimators=("binning", "kde")):
    epochs = log_epochs(n_epochs, LAST)
    jobs = [(activation, rate, seed) for activation in activations for rate in rates
            for seed in range(1, n_seeds + 1)]
    with h5py.File(path, "w") as file:
        lay_out(file, jobs, epochs, estimators)
        for job, (activation, _, seed) in enumerate(jobs):
            if state == DONE:
                fill_row(file, job, activation, epochs, np.random.default_rng(seed))
            file["state"][job] = state
    return path


CURVE = ([0.5, 1.5, 1.0], [0.4, 0.9, 0.7])  # I(X;T) and I(T;Y), in no order


def add_bound(path, proven=(1, 1, 1), h_x=5.5, i_xy=0.99):
    with h5py.File(path, "r+") as file:
        if "bound" in file:
            del file["bound"]
        for name, values in zip(("I_XT", "I_TY", "proven"), (*CURVE, proven)):
            file[f"bound/{name}"] = np.array(values)
        file["bound"].attrs.update({"H_X": h_x, "I_XY": i_xy})


def add_flags(path, flags):
    """flags: (job, epoch, layer, estimator), or what broadcasts to it."""
    with h5py.File(path, "r+") as file:
        file["flags"] = np.broadcast_to(flags, file["I_XT"].shape).astype(np.int32)
        file["flags"].attrs["flag_masks"] = np.array([1, 2, 4, 512], np.int32)
        file["flags"].attrs["flag_meanings"] = "not_known invalid ceiling processing"


# ---- running ----

def load_script():
    loader = SourceFileLoader("infoplane_plot", PLOT)
    module = importlib.util.module_from_spec(
        importlib.util.spec_from_loader("infoplane_plot", loader))
    loader.exec_module(module)
    return module


def run(*arguments):
    """Exit code, stdout and stderr of main(); an exception that gets out is no exit code."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = plot.main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = end.code
        except Exception as error:  # whatever it is, it would have been a traceback
            code = repr(error)
    return code, out.getvalue(), err.getvalue()


def run_alone(*arguments):
    """The same, of the script as a program of its own."""
    command = [PLOT, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def draw(*arguments, how=run):
    code, out, err = how(*arguments)
    check(code == 0 and err == "", f"{arguments}: exit {code}, {err}")
    return out


def refuse(code, word, *arguments, how=run):
    """One line on stderr that holds word, nothing on stdout."""
    seen, out, err = how(*arguments)
    check(seen == code and out == "", f"{arguments}: exit {seen}, expected {code}; {out}{err}")
    check(err.count("\n") == 1 and word in err, f"{arguments}: expected '{word}', saw {err!r}")


def page_of(figure, file, *options):
    """The figure itself, of a file as it is now."""
    args = plot.parse([file, "--figure", figure, *map(str, options)])
    drawn = plot.FIGURES[figure].draw(plot.choose(plot.read_results(file), args), args)
    return drawn[0] if figure == "film" else drawn


def content(path):
    with open(path, "rb") as file:
        return file.read()


# ---- what is checked ----

def test_figures(folder, file):
    for name in DRAWN:
        figure, suffix = name.split(".")
        path = f"{folder}/{name}"
        out = draw(file, "--figure", figure, "-o", path, *DRAFT)
        used = ", estimator binning" if figure in ("plane", "cloud") else ""
        check(out == f"drew {figure} of 12 of 12 jobs{used}: {path}\n", out)
        data = content(path)
        check(data.startswith(MAGIC[suffix]), f"{path} starts with {data[:8]}")
        check(3000 < len(data) < 3_000_000, f"{path}: {len(data)} bytes")
        check(b"CreationDate" not in data and b"dc:date" not in data, f"{path} has a date")


def test_ink(folder):
    """A drawing is more than its frame: the colours of the layers are on the page."""
    with Image.open(f"{folder}/cloud.png") as picture:
        seen = {colour for _, colour in picture.convert("RGB").getcolors(1 << 24)}
        check(picture.width == 414, f"6.9 inches at 60 dpi, saw {picture.width} pixels")
    for colour in ((0xE6, 0x9F, 0x00), (0xD5, 0x5E, 0x00), (0xCC, 0x79, 0xA7)):
        near = min(max(abs(a - b) for a, b in zip(colour, other)) for other in seen)
        check(near < 48, f"no ink near {colour}")


def test_determinism(folder, file):
    """Another process, with other hashes of strings, draws the same bytes."""
    for name in ("cloud.png", "plane.svg", "gradient.pdf"):
        figure, suffix = name.split(".")
        again = f"{folder}/again.{suffix}"
        draw(file, "--figure", figure, "-o", again, *DRAFT, how=run_alone)
        check(content(again) == content(f"{folder}/{name}"), f"{name} differs when drawn again")


def test_film(folder, file):
    path, again = f"{folder}/film.gif", f"{folder}/again.gif"
    options = ["--figure", "film", "--frames", 8, "--fps", 5, *DRAFT]
    draw(file, "-o", path, *options)
    draw(file, "-o", again, *options, how=run_alone)
    check(content(path).startswith(MAGIC["gif"]), "not a GIF")
    check(content(path) == content(again), "film differs when drawn again")
    with Image.open(path) as film:
        check(film.n_frames == 8, f"{film.n_frames} frames, expected 8")
        check(film.info["duration"] == 200, f"{film.info['duration']} ms a frame, expected 200")
        check(film.convert("RGB").getpixel((1, 1)) == (255, 255, 255), "the ground is not white")
        film.seek(7)
        check(film.info["duration"] == 2000, "the last frame does not rest")
    few = make_file(f"{folder}/few.h5", ("tanh",), n_seeds=2, n_epochs=3)
    draw(few, "--figure", "film", "-o", path, "--frames", 50, *DRAFT)
    with Image.open(path) as film, h5py.File(few) as results:
        n_snapshots = len(results["epoch"])
        check(film.n_frames == n_snapshots, f"{film.n_frames} frames of {n_snapshots} snapshots")


def test_options(folder, file):
    path = f"{folder}/option.png"
    for options in (["--figure", "cloud", "--estimator", "all", "--epochs", "400,8000,8001"],
                    ["--figure", "gradient", "--seeds", "--layers", "1"],
                    ["--figure", "loss", "--seeds", "--width", 3.3]):
        draw(file, "-o", path, *DRAFT, *options)
    out = draw(file, "-o", path, "--dpi", 50, "--seeds", "--estimator", "all", "--layers", "3,6")
    check(out == f"drew plane of 24 of 24 jobs, estimator binning and kde: {path}\n", out)
    small = ["--title", "a $b_ title", "--width", 4, "--height", 3, "--dpi", 50, "--layers", 6]
    wishes = ["activation=tanh", "training.rate=4.0e-4", "seed=1", "seed=2"]
    out = draw(file, "-o", path, *small, "--estimator", "kde",
               *(word for wish in wishes for word in ("--select", wish)))
    check(out == f"drew plane of 2 of 2 jobs, estimator kde: {path}\n", out)
    with Image.open(path) as picture:
        check(picture.size == (200, 150), f"4 x 3 inches at 50 dpi, saw {picture.size}")
    draw(file, "--dpi", 30, "--layers", 6)
    check(os.path.exists(file[:-3] + "-plane.png"), "no picture beside FILE")
    code, out, _ = run("--help")
    check(code == 0 and "examples:" in out, "--help")


def test_left_out(folder):
    """Only done rows are drawn, whatever stands in the others."""
    file = make_file(f"{folder}/mixed.h5", ("tanh",), n_seeds=6, n_epochs=20)
    three = [word for seed in (3, 4, 5) for word in ("--select", f"seed={seed}")]
    draw(file, *three, "-o", f"{folder}/three.svg", *DRAFT)
    with h5py.File(file, "r+") as results:
        results["state"][:] = [PENDING, FAILED, DONE, DONE, DONE, QUARANTINED]
        results["I_XT"][1] = 5.0
        results["I_TY"][5] = np.nan
    path = f"{folder}/mixed.svg"
    out = draw(file, "-o", path, *DRAFT)
    count = "3 of 6 jobs (1 pending, 1 failed, 1 quarantined)"
    check(out == f"drew plane of {count}, estimator binning: {path}\n", out)
    check(content(path) == content(f"{folder}/three.svg"), "rows that are not done are drawn")


def test_ragged(folder):
    """Layers that a shallower network lacks, no test split, no deviation over batches, one seed."""
    file = make_file(f"{folder}/ragged.h5", ("tanh",), (1e-4, 1e-3), n_seeds=3, n_epochs=20)
    with h5py.File(file, "r+") as results:
        for job in range(3):
            results["architecture"][job] = "12-10-7-5-2"
            results["width"][job] = [10, 7, 5, 2, 0, 0]
            for name in ("I_XT", "I_TY", "gradient_mean", "gradient_std", "weight_norm"):
                results[name][job, :, 4:] = np.nan
        for name in ("loss", "accuracy"):
            results[name][:, :, 1] = np.nan
        results["gradient_std"][:] = 0  # one batch an epoch
        results["state"][4:] = FAILED
    for figure in PICTURES:
        draw(file, "--figure", figure, "-o", f"{folder}/ragged.png", "--layers", "4,5", "--dpi", 30)
    film = f"{folder}/ragged.gif"
    draw(file, "--figure", "film", "-o", film, "--layers", "4,5", "--dpi", 30, "--frames", 2)
    refuse(65, "known: 1, 2, 3, 4", file, "--layers", 5, "--select", "training.rate=1e-4")


def test_usage(folder, file):
    never = f"{folder}/never.png"
    refuse(2, "--help")
    refuse(2, "--colour", file, "--colour")
    refuse(2, "histogram", file, "--figure", "histogram")
    refuse(2, ".png .pdf .svg", file, "-o", f"{folder}/never.jpg")
    refuse(2, ".gif", file, "--figure", "film", "-o", never)
    refuse(2, "KEY=VALUE", file, "--select", "activation")
    for option, value in (("--frames", "0"), ("--fps", "x"), ("--width", "nan"), ("--height", "-1"),
                          ("--dpi", "1e3"), ("--layers", "1,,2"), ("--epochs", "0;1")):
        refuse(2, option, file, option, value, "-o", never)
    refuse(2, "pixels", file, "--width", 50, "--dpi", 1200, "-o", never)
    check(not os.path.exists(never), "a refusal leaves no picture")


def test_nothing_to_draw(folder, file):
    out = ["-o", f"{folder}/never.png"]
    refuse(65, "known: binning, kde", file, "--estimator", "ksg", *out)
    refuse(65, "training.rate", file, "--select", "training.speed=1", *out)
    refuse(65, "known: tanh, relu", file, "--select", "activation=gelu", *out)
    refuse(65, "known: 1, 2, 3, 4, 5, 6", file, "--layers", "7", *out)
    key = "key=" + f"{12:032x}"  # of the first relu job
    refuse(65, "none selected", file, "--select", "activation=tanh", "--select", key, *out)
    pending = make_file(f"{folder}/pending.h5", n_seeds=1, n_epochs=3, state=PENDING)
    refuse(65, "no finished job (2 pending)", pending, *out)
    wide = make_file(f"{folder}/wide.h5", ("tanh",), np.arange(1, 66), n_seeds=1, n_epochs=3)
    refuse(65, "65 panels", wide, *out)
    bare = make_file(f"{folder}/bare.h5", n_seeds=1, n_epochs=3)
    with h5py.File(bare, "r+") as results:
        results["I_TY"][..., 1] = np.nan
        results["gradient_mean"][:] = results["gradient_std"][:] = np.nan
    for figure in ("plane", "cloud"):
        refuse(65, "kde (no I_TY)", bare, "--estimator", "kde", "--figure", figure, *out)
    with h5py.File(bare, "r+") as results:
        results["I_TY"][:, 2] = np.nan  # epoch 89
    refuse(65, "at these epochs", bare, "--figure", "cloud", "--epochs", 89, *out)
    refuse(65, "no gradients", bare, "--figure", "gradient", *out)


def test_files(folder, file):
    """Files that are not there, cannot be written, are cut, or are something else."""
    out = ["-o", f"{folder}/never.png"]
    refuse(74, "No such file", f"{folder}/absent.h5", *out, how=run_alone)
    refuse(74, "directory", folder, *out)
    refuse(74, "cannot write", file, "--figure", "loss", "-o", f"{folder}/absent/loss.png", *DRAFT)
    with open(f"{folder}/cut.h5", "wb") as cut:
        cut.write(content(file)[:2000])
    refuse(74, "cannot read", f"{folder}/cut.h5", *out)
    with open(f"{folder}/text.h5", "w", encoding="utf-8") as text:
        text.write("epoch,I_XT,I_TY\n")
    refuse(73, "not an HDF5 file", f"{folder}/text.h5", *out)
    with h5py.File(f"{folder}/foreign.h5", "w") as foreign:
        foreign["x"] = np.zeros(3)
    refuse(73, "not an infoplane", f"{folder}/foreign.h5", *out)
    with h5py.File(make_file(f"{folder}/bent.h5", n_seeds=1, n_epochs=3), "r+") as bent:
        del bent["I_TY"]
        bent["I_TY"] = np.zeros((2, 1, 6, 2))
    refuse(73, "/I_TY", f"{folder}/bent.h5", *out)


def test_numbers(file):
    """Mean path and spread of every layer, against loops over the file."""
    args = plot.parse([file, "--select", "activation=relu"])
    results = plot.choose(plot.read_results(file), args)
    axes = plot.draw_plane(results, args).axes[0]
    lines = [item for item in axes.collections if isinstance(item, plot.LineCollection)]
    with h5py.File(file) as h5:
        data = {name: h5[name][()] for name in ("I_XT", "I_TY", "gradient_mean", "weight_norm",
                                                "loss", "epoch")}
        rows = [job for job, name in enumerate(h5["activation"].asstr()[()]) if name == "relu"]
    check(len(rows) == 12 and len(lines) == 12, "an outline and a line for each of six layers")
    for layer in range(6):
        segments = np.array(lines[2 * layer + 1].get_segments())
        drawn = np.concatenate([segments[:, 0], segments[-1:, 1]])
        check(len(drawn) == len(data["epoch"]), "not one vertex a snapshot")
        for e, point in enumerate(drawn):
            for value, name in zip(point, ("I_XT", "I_TY")):
                mean = math.fsum(data[name][job, e, layer, 0] for job in rows) / len(rows)
                # Adding 12 numbers of at most 12 in another order moves the mean by 1e-14 or so.
                check(abs(value - mean) < 1e-12, f"{name} of layer {layer + 1}, snapshot {e}")
    tints = [patch.get_facecolor() for patch in axes.patches]
    check(len(set(tints)) == 6 and all(tint[3] < 0.5 for tint in tints), f"tints {tints}")
    check_bands(results, args, rows, data)
    check_spread(axes.patches[4].get_path(), data["I_XT"][rows, :, 4, 0],
                 data["I_TY"][rows, :, 4, 0])


def check_bands(results, args, rows, data):
    """Geometric mean of the gradients, arithmetic mean of the loss and one deviation around it."""
    line = plot.draw_gradient(results, args).axes[2].lines[0].get_ydata()
    logs = [math.log(data["gradient_mean"][job, 9, 2] / data["weight_norm"][job, 9, 2])
            for job in rows]
    mean = math.exp(math.fsum(logs) / len(rows))
    check(math.isclose(line[9], mean, rel_tol=1e-12), "geometric mean of the gradient")
    check(math.isnan(line[0]), "a gradient at epoch 0")
    axes = plot.draw_loss(results, args).axes[0]
    values = [data["loss"][job, 9, 1] for job in rows]
    mean = math.fsum(values) / len(rows)
    sd = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(rows) - 1))
    check(math.isclose(axes.lines[1].get_ydata()[9], mean, rel_tol=1e-12), "mean loss on test")
    outline = axes.collections[1].get_paths()[0].vertices
    edge = outline[outline[:, 0] == data["epoch"][9], 1]
    check(math.isclose(edge.max(), mean + sd, rel_tol=1e-12), "upper edge of the band")
    check(math.isclose(edge.min(), mean - sd, rel_tol=1e-12), "lower edge of the band")


def mean_and_deviation(values):
    mean = math.fsum(values) / len(values)
    return mean, math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (len(values) - 1))


def check_spread(union, x, y):
    """Between two snapshots an outline is the hull of both ellipses, and the ellipse of the
    covariance reaches, by definition, one deviation along each axis; nothing is left out."""
    outlines = union.to_polygons()
    check(len(outlines) == x.shape[1], f"{len(outlines)} outlines, expected one a snapshot")
    for e, outline in enumerate(outlines):
        for seen, values in ((outline[:, 0], x), (outline[:, 1], y)):
            ends = [mean_and_deviation(values[:, i]) for i in range(e, min(e + 2, x.shape[1]))]
            low, high = min(m - sd for m, sd in ends), max(m + sd for m, sd in ends)
            # The axes are among the directions of the outline, so only rounding is left.
            check(math.isclose(seen.max(), high, abs_tol=1e-9), f"snapshot {e}: high end")
            check(math.isclose(seen.min(), low, abs_tol=1e-9), f"snapshot {e}: low end")
        steps = np.diff(outline, axis=0)
        area = np.sum(outline[:-1, 0] * steps[:, 1] - outline[:-1, 1] * steps[:, 0])
        check(area > 0, f"snapshot {e} winds clockwise: holes where outlines overlap")


def labels(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def test_epoch_axes(file):
    """Gradients are log-log from the first positive epoch, losses have a place for epoch 0; all
    name the last epoch, and narrow panels the decades too."""
    args = plot.parse([file])
    results = plot.choose(plot.read_results(file), args)
    figure = plot.draw_gradient(results, args)
    lowest = figure.axes[6]
    names = dict(zip(lowest.get_xticks(), labels(lowest.xaxis)))
    check(names == {1: "1", 10: "10", 100: "100", 1000: "1000", LAST: "\n8000"}, f"{names}")
    check((lowest.get_xscale(), lowest.get_yscale()) == ("log", "log"), "gradient: not log-log")
    check(lowest.get_xlim() == (1, LAST), f"gradient: from {lowest.get_xlim()}")
    lowest = plot.draw_loss(results, args).axes[2]
    names = dict(zip(lowest.get_xticks(), labels(lowest.xaxis)))
    check(names == {0: "0", 10: "10", 100: "100", 1000: "1000", LAST: "8000"}, f"{names}")
    bar = plot.draw_plane(results, args).axes[-1]
    check(labels(bar.yaxis) == ["0", "10", "100", "1000", "8000"], f"bar: {labels(bar.yaxis)}")


def test_estimator_names(file):
    """The axes tell the estimator; where several are drawn, the titles do."""
    for figure in ("plane", "cloud", "film"):
        for estimator in ("kde", "all"):
            page = page_of(figure, file, "--estimator", estimator, *DRAFT)
            suffix = ", kde" if estimator == "kde" else ""
            names = [text.get_text() for text in page.texts if text.get_text().startswith("I(")]
            check(names == [f"I(X;T) (bit){suffix}", f"I(T;Y) (bit){suffix}"], f"{names}")
            titles = " ".join(axes.get_title(place) for axes in page.axes
                              for place in ("left", "center"))
            found = [titles.count(name) for name in ("binning", "kde")]
            check(found == ([1, 1] if estimator == "all" else [0, 0]), f"{figure}: {titles}")


def bounds_of(page):
    return [line for axes in page.axes for line in axes.lines if line.get_label() == "IB bound"]


def test_bound(folder):
    """Files that have the curve show it, in every panel of every plane, and say what it is."""
    file = make_file(f"{folder}/bound.h5", n_seeds=2, n_epochs=3)
    path = f"{folder}/bound.svg"
    draw(file, "-o", path)
    check(b"IB bound" not in content(path), "a curve from nowhere")
    without = page_of("plane", file).axes[0]
    add_bound(file)
    draw(file, "-o", path)
    check(b"IB bound" in content(path), "the legend does not name the curve")
    for figure, n_panels in (("plane", 2), ("cloud", 6), ("film", 2)):
        page = page_of(figure, file)
        check(len(bounds_of(page)) == n_panels, f"{figure}: {len(bounds_of(page))} curves")
        names = [text.get_text() for text in page.legends[0].get_texts()]
        check(names.count("IB bound") == 1, f"{figure}: {names}")
        right = page.axes[0].get_xlim()[1]
        for line in bounds_of(page):
            seen = [tuple(point) for point in line.get_xydata()]
            check(seen == [(0, 0), (0.5, 0.4), (1.0, 0.7), (1.5, 0.9), (5.5, 0.99), (right, 0.99)],
                  f"{figure}: the curve is {seen}")
            check(line.get_zorder() < 1, f"{figure}: the curve lies over the paths")
    axes = page_of("plane", file).axes[0]
    check(axes.get_xlim() == without.get_xlim(), "the curve widens the axis")
    check(page_of("loss", file).legends[0].get_texts()[0].get_text() == "train", "loss")


def test_bound_limits(folder):
    """I(X;Y) is always on the axis, H(X) only where a layer is; searched points make it dashed."""
    file = make_file(f"{folder}/limits.h5", ("tanh",), n_seeds=1, n_epochs=3)
    for proven, style in (((1, 1, 1), "-"), ((1, 0, 1), "--")):
        add_bound(file, proven, 40.0, 3.0)
        line, = bounds_of(page_of("plane", file))
        check(line.get_linestyle() == style, f"proven {proven}: {line.get_linestyle()}")
    axes = page_of("plane", file).axes[0]
    check(axes.get_xlim()[1] < 13, f"H(X) = 40 bits widens the axis to {axes.get_xlim()}")
    check(3 < axes.get_ylim()[1] < 4, f"I(X;Y) = 3 bits, the axis is {axes.get_ylim()}")
    right = page_of("plane", file, "--layers", 6).axes[0].get_xlim()[1]
    check(right > 3, f"the axis ends at {right}, where the curve cannot be flat yet")
    with h5py.File(file, "r+") as results:
        results["estimator"][:] = ["binning", "binning@train"]
    curves = [len(bounds_of(page_of("plane", file, "--estimator", estimator)))
              for estimator in ("binning", "binning@train", "all")]
    check(curves == [1, 0, 1], f"{curves} curves; that of all rows bounds no part of them")


def test_bound_bent(folder):
    file = make_file(f"{folder}/bent_bound.h5", ("tanh",), n_seeds=1, n_epochs=3)
    out = ["-o", f"{folder}/never.png"]
    add_bound(file)
    with h5py.File(file, "r+") as results:
        del results["bound"].attrs["H_X"]
    refuse(74, "H_X", file, *out)
    with h5py.File(file, "r+") as results:
        del results["bound/I_TY"]
        results["bound/I_TY"] = np.zeros(2)
    refuse(73, "/bound/I_TY", file, *out)


def test_left_out_estimators(folder):
    """Of several estimators those without a place in the plane are named; one alone is refused."""
    labels = ("decoder", "ksg", "apart", "kde", "binning")
    file = make_file(f"{folder}/lack.h5", n_seeds=2, n_epochs=3, estimators=labels)
    with h5py.File(file, "r+") as results:
        results["I_XT"][..., 0] = np.nan
        results["I_TY"][..., 1] = np.inf
        results["I_XT"][:, 0, :, 2] = results["I_TY"][:, 1:, :, 2] = np.nan
        results["I_XT"][2:, ..., 3] = np.nan  # of relu only
    lacks = ("decoder (no I_XT)", "ksg (no I_TY)", "apart (no I_XT together with I_TY)")
    path = f"{folder}/lack.png"
    for figure in ("plane", "cloud", "film"):
        path = f"{folder}/lack.{plot.FIGURES[figure].suffixes[0]}"
        out = draw(file, "--estimator", "all", "--figure", figure, "-o", path, "--dpi", 30)
        check(out == f"drew {figure} of 4 of 4 jobs, estimator kde and binning, left out "
              f"{', '.join(lacks)}: {path}\n", out)
    panels = [len(axes.collections) > 0 for axes in page_of("plane", file, "--estimator",
                                                            "all").axes[:4]]
    check(panels == [True, True, False, True], f"only relu has no kde: {panels}")
    never = ["-o", f"{folder}/never.png"]
    for label, words in zip(labels, lacks):
        refuse(65, f"nothing to draw: {words}\n", file, "--estimator", label, *never)
    relu = ["--select", "activation=relu", "--estimator"]
    refuse(65, "kde (no I_XT)", file, *relu, "kde", *never)
    out = draw(file, *relu, "all", "-o", path, "--figure", "film", "--frames", 1, "--dpi", 30)
    check("estimator binning, left out decoder" in out and "kde (no I_XT): " in out, out)
    draw(file, "--figure", "loss", "-o", f"{folder}/lack.svg")
    refuse(65, "known: decoder, ksg", file, "--figure", "loss", "--estimator", "renyi", *never)


def test_outside(folder):
    """Where estimators share the axes, doubtful values do not widen them, and the panel says so."""
    file = make_file(f"{folder}/outside.h5", ("tanh",), n_seeds=2, n_epochs=3)
    with h5py.File(file, "r+") as results:
        results["I_XT"][:, :, 1, 1] = 44.0
    seen = {}
    for flagged in (0, 2, 512, 4):
        doubts = np.zeros((6, 2))
        doubts[1, 1] = flagged
        if flagged:
            with h5py.File(file, "r+") as results:
                results.pop("flags", None)
            add_flags(file, doubts)
        for estimator in ("all", "kde"):
            for figure in ("plane", "cloud", "film"):
                page = page_of(figure, file, "--estimator", estimator, "--layers", "2,6")
                texts = {text.get_text() for axes in page.axes for text in axes.texts}
                seen[flagged, estimator, figure] = (page.axes[0].get_xlim()[1] > 44,
                                                    "outside: T2" in texts)
    for (flagged, estimator, figure), outcome in seen.items():
        expected = (False, True) if flagged in (2, 512) and estimator == "all" else (True, False)
        check(outcome == expected, f"{figure}, {estimator}, flag {flagged}: {outcome}")
    with h5py.File(file, "r+") as results:
        results["flags"][:] = 2
    right = page_of("plane", file, "--estimator", "all").axes[0].get_xlim()[1]
    check(right > 44, "all values are doubtful, and the axes hold none of them")


def test_comparison(folder):
    """Eight estimators of two groups: no title lies on another, or beside the page."""
    labels = [f"information-by-binning-of-a-fixed-width-of-{i / 10}" for i in range(8)]
    file = make_file(f"{folder}/eight.h5", n_seeds=2, n_epochs=3, estimators=labels)
    for width in (6.9, 4.5):
        page = page_of("plane", file, "--estimator", "all", "--width", width, "--layers", 6)
        page.draw_without_rendering()
        titles = [title for axes in page.axes for title in (axes.title, axes._left_title)
                  if title.get_text() and axes.get_visible()]
        check(len(titles) == 18, f"{len(titles)} titles of 16 panels and 2 groups")
        boxes = [title.get_window_extent() for title in titles]
        for i, box in enumerate(boxes):
            check(0 <= box.x0 and box.x1 <= page.bbox.x1, f"{titles[i]} leaves the page")
            for other, title in zip(boxes[:i], titles):
                # The two of one panel do: the last line of the group's is empty, for the name.
                check(title.axes is titles[i].axes or not box.overlaps(other),
                      f"{titles[i]} lies on {title}")


def test_two_seeds(folder):
    """Two seeds lie on a line, which sweeps over an area all the same; one has no spread."""
    file = make_file(f"{folder}/two.h5", ("tanh",), n_seeds=2, n_epochs=20)
    for wish, expected in (([], 3), (["--select", "seed=2"], 0)):
        args = plot.parse([file, "--layers", "3,4,6", *wish])
        axes = plot.draw_plane(plot.choose(plot.read_results(file), args), args).axes[0]
        check(len(axes.patches) == expected, f"{wish}: {len(axes.patches)} spreads")
        for patch in axes.patches:
            widths = [np.ptp(part, axis=0).min() for part in patch.get_path().to_polygons()]
            check(max(widths) > 0.01, "the spread has no area")


def test_groups(folder):
    """One group a swept point, named by what differs; the seeds are inside."""
    file = make_file(f"{folder}/groups.h5", rates=(4e-4, 1e-3), n_seeds=2, n_epochs=3)
    for wish, expected in (([], ["tanh, rate 0.0004, 2 seeds", "tanh, rate 0.001, 2 seeds",
                                 "relu, rate 0.0004, 2 seeds", "relu, rate 0.001, 2 seeds"]),
                           (["activation=relu"], ["rate 0.0004, 2 seeds", "rate 0.001, 2 seeds"]),
                           (["seed=2", "training.rate=0.001"], ["tanh, 1 seed", "relu, 1 seed"])):
        args = plot.parse([file, *(word for part in wish for word in ("--select", part))])
        groups = plot.choose(plot.read_results(file), args).groups
        titles = [title.replace("\N{NO-BREAK SPACE}", " ") for title, _ in groups]
        check(titles == expected, f"{wish}: {titles}")
    check(list(groups[1][1]) == [7], f"the last row is relu, 0.001, seed 2; saw {groups[1][1]}")


def test_choices():
    check(plot.nearest(np.array([0, 1, 10, 100]), [0, 7, 8, 10**6]) == [0, 2, 3], "nearest")
    epochs = np.arange(0, 8001)
    moments = plot.log_spaced(epochs, 3)
    # The middle of log(1) and log(8001) is log(89.4), which is epoch 88.
    check(moments == [0, 88, 8000], f"log_spaced {moments}")
    for first, last, inches, expected in (
            (0, 20000, 3, ["0", "10", "100", "1000", "$10^{4}$"]), (0, 0, 3, ["0"]),
            (1, 20000, 0.5, ["1", "100", "$10^{4}$"]), (40, 900, 3, ["40", "100"]),
            (60, 900, 3, ["100"]), (25000, 30000, 3, ["25000"])):
        _, names, rest = plot.epoch_ticks(first, last, inches)
        check(names == expected, f"epoch_ticks({first}, {last}, {inches}): {names}")
        check(rest == 0 if last == 0 else 0 < rest <= inches, f"{rest} inches to the end")


def main():
    with tempfile.TemporaryDirectory() as folder:
        file = make_file(f"{folder}/study.h5", n_seeds=12, n_epochs=40)
        test_figures(folder, file)
        test_ink(folder)
        test_determinism(folder, file)
        test_film(folder, file)
        test_options(folder, file)
        test_left_out(folder)
        test_ragged(folder)
        test_usage(folder, file)
        test_nothing_to_draw(folder, file)
        test_files(folder, file)
        test_numbers(file)
        test_epoch_axes(file)
        test_estimator_names(file)
        test_bound(folder)
        test_bound_limits(folder)
        test_bound_bent(folder)
        test_left_out_estimators(folder)
        test_outside(folder)
        test_comparison(folder)
        test_two_seeds(folder)
        test_groups(folder)
        test_choices()
    print(f"{counts['checks']} checks, {counts['failed']} failed")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    plot = load_script()
    sys.exit(main())
