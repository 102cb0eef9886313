#!/usr/bin/env python3
"""measure.samples in a sweep: the same bytes on any ranks, what `activations` repeats, no curve."""
import json

import h5py
import numpy as np

from program import check, expect, main, merge, read, run, same_science, small, write_spec

INFORMATION = {"at": {"every": 10}, "information": [{"binning": {"bins": 8}}]}


def any_number_of_ranks(folder):
    spec = small(folder, {"training": {"epochs": 20}, "measure": {**INFORMATION, "samples": 24,
                                                                  "on": ["all", "train", "test"]},
                          "sweep": [{"network.activation": ["tanh", "relu"]}], "seeds": {"count": 2}})
    first = folder / "alone.h5"
    expect(run("run", spec, "-o", first), 0, "4 done")
    for ranks in (1, 2, 3):
        out = folder / f"ranks{ranks}.h5"
        expect(run("run", spec, "-o", out, ranks=ranks), 0, "4 done")
        same_science(first, out, f"{ranks} ranks")
    expect(run("verify", first, "--recompute", 4), 0, "0 different")
    with h5py.File(first) as file:
        check('"samples": 24' in file["provenance/plan"].asstr()[()], "the plan names the samples")
    # More rows than there are would have given other values.
    check(read(first, "I_XT").max() <= np.log2(24) + 1e-9, "at most the bits of 24 rows")
    estimated(folder, first)


def estimated(folder, out):
    """The rows that were measured are those that `activations` writes, in any snapshot."""
    for job, snapshot in ((0, 0), (3, 2)):
        written = folder / "a.h5"
        expect(run("activations", out, "--job", job, "--epoch", 10 * snapshot, "-o", written), 0)
        with h5py.File(written) as file:
            rows = file["row"][()]
            check(len(set(rows)) == len(file["x"]) == 24, "24 rows, all different")
            check(list(file["split"]) == [0] * 20 + [1] * 4, "0.85 of them trained on")
        done = run("estimate", written, "--json", "--information", "binning: {bins: 8}")
        expect(done, 0, "")
        for layer, result in enumerate(json.loads(done.stdout)["results"]):
            for name in ("I_XT", "I_TY"):
                np.testing.assert_allclose(result[name], read(out, name)[job, snapshot, layer, 0],
                                           rtol=0, atol=1e-12)


def without_a_curve(folder):
    """The bottleneck curve is that of all patterns: no bound for some of them."""
    for samples, has_bound in ((200, False), (4096, True)):
        out = folder / f"{samples}.h5"
        spec = write_spec(folder / "spec.yaml", {"measure": {"at": {"linear": 1}, "samples": samples}})
        expect(run("run", spec, "-o", out), 0, "1 done")
        with h5py.File(out) as file:
            check(("bound" in file) == has_bound, f"/bound with {samples} samples: {not has_bound}")
    grown = write_spec(folder / "grown.yaml", {"measure": {"at": {"linear": 1}, "samples": 201}})
    expect(run("run", grown, "-o", folder / "200.h5"), 65, "", "stderr")


def too_few_rows(folder):
    """Which layer, rows and estimator a failed job failed at; rows that are none are not known."""
    few = {"on": ["all", "test"], "at": {"linear": 1}, "samples": 5,
           "information": [{"binning": {"bins": 8}}, {"ross": {"k": 3}}]}
    spec = small(folder, {"measure": few})
    expect(run("run", spec, "-o", folder / "few.h5"), 1, "1 failed")
    words = "measuring epoch 0: layer 1 on test rows: ross: k = 3 neighbours: expected more rows"
    check(words in run("status", folder / "few.h5").stdout, run("status", folder / "few.h5").stdout)
    spec = small(folder, {"task": {"train_fraction": 1}, "measure": {**few, "samples": "all"}})
    expect(run("run", spec, "-o", folder / "none.h5"), 0, "1 done")
    with h5py.File(folder / "none.h5") as file:
        of_test = np.char.endswith(file["estimator"].asstr()[()].astype(str), "@test")
        check(of_test.any() and (file["flags"][0][:, :, of_test] == 1).all(), "flagged as not known")
        check((file["flags"][0][:, :, ~of_test] & 1 == 0).all(), "the others are known")
        check(np.isnan(file["I_TY"][0][:, :, of_test]).all(), "and there is no number")


main(any_number_of_ranks, without_a_curve, too_few_rows)
