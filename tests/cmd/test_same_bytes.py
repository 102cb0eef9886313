#!/usr/bin/env python3
"""The root group holds the same bytes for any number of ranks, any order, any isolation."""
import h5py

from program import (check, expect, main, PENDING, read, root_digests, run, run_columns,
                     same_science, six_jobs, small)


def any_number_of_ranks(folder):
    spec = six_jobs(folder, 20)
    first = folder / "alone.h5"
    expect(run("run", spec, "-o", first), 0, "6 jobs: 6 done")
    check(len({row.tobytes() for row in read(first, "loss")}) == 6, "six different rows")
    for ranks in (1, 2, 3, 5):
        out = folder / f"ranks{ranks}.h5"
        expect(run("run", spec, "-o", out, ranks=ranks), 0, "6 jobs: 6 done, 0 failed, 0 left")
        same_science(first, out, f"{ranks} ranks")
        used = set(run_columns(out)["rank"])
        check(used <= set(range(ranks)) and (ranks < 5 or len(used) > 1), f"ranks used: {used}")
    for name, flags, ranks in (("sync", ["--sync", "no"], None),
                               ("none", ["--isolate", "none"], None),
                               ("none2", ["--isolate", "none"], 2)):
        out = folder / f"{name}.h5"
        expect(run("run", spec, "-o", out, *flags, ranks=ranks), 0, "6 done")
        same_science(first, out, " ".join(flags))


def other_order(folder):
    """A seed alone, and all seeds: a row depends on its own job."""
    both = small(folder, {"name": "both", "seeds": {"count": 3}})
    last = small(folder, {"name": "last", "seeds": {"first": 3}})
    for spec in (both, last):
        expect(run("run", spec, "-o", folder / f"{spec.stem}.h5"), 0, "0 left")
    for name in ("I_XT", "loss", "gradient_mean", "weight_norm"):
        check(read(folder / "both.h5", name)[2].tobytes() ==
              read(folder / "last.h5", name)[0].tobytes(), f"{name} of seed 3")


def noise_and_bits(folder):
    """Noise inside the network belongs to the job, not to the rank; both swept keys are columns."""
    spec = small(folder, {"name": "noisy", "training": {"epochs": 20},
                          "sweep": [{"network.noise": [0, 0.2]}, {"network.bits": ["none", 3]}]})
    alone, together = folder / "alone.h5", folder / "together.h5"
    expect(run("run", spec, "-o", alone), 0, "4 done")
    expect(run("run", spec, "-o", together, ranks=3), 0, "4 done")
    same_science(alone, together, "3 ranks, with noise")
    check(list(read(alone, "network.noise")) == [0, 0, 0.2, 0.2], "network.noise is a column")
    check(len({row.tobytes() for row in read(alone, "loss")}) == 4, "four different rows")
    expect(run("verify", alone, "--recompute", 4), 0, "0 different")
    written = folder / "a.h5"
    expect(run("activations", alone, "--job", 3, "--epoch", 20, "-o", written), 0, "activations")
    with h5py.File(written) as file:
        x, t = file["x"][()], file["t/layer1"][()]
        check(len(t) == len(x) == 8 * 80 and "p_x" not in file, "8 passes of drawn rows")
    check((x[0] == x[7]).all() and (x[0] != x[8]).any() and (t[0] != t[1]).all(), "of each row")


def several_times(folder):
    """Rows forgotten one by one come back as they were, wherever they are computed."""
    spec = six_jobs(folder, 5)
    out = folder / "out.h5"
    expect(run("run", spec, "-o", out), 0, "6 done")
    before, kept = root_digests(out), run_columns(out)
    with h5py.File(out, "r+") as file:
        file["state"][4] = PENDING     # never committed
        file["loss"][1, 2, 0] += 1     # torn
        file["run/checksum"][3] += 1   # torn as well
    result = run("run", spec, "-o", out, ranks=2)
    expect(result, 0, "6 jobs: 6 done, 0 failed, 0 left")
    for job in (1, 3):
        check(f"row {job} is damaged" in result.stderr, f"row {job} is told: {result.stderr}")
    check(root_digests(out) == before, "and the file is as it was")
    after = run_columns(out)
    for job in (0, 2, 5):
        check(after["seconds"][job] == kept["seconds"][job], f"row {job} was left alone")
    for job in (1, 3, 4):
        check(after["seconds"][job] != kept["seconds"][job], f"row {job} was run again")
    check(after["attempts"][1] == after["attempts"][3] == 1, f"a damaged row has no past: {after['attempts']}")


main(any_number_of_ranks, other_order, noise_and_bits, several_times)
