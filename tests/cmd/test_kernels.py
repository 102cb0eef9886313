"""INFOPLANE_KERNELS: which instructions a job uses, and what that does to its results."""
import json
import re

import numpy as np

from program import check, expect, main, read, run, same_science, small


def with_kernels(name, *arguments, **options):
    return run(*arguments, env={"INFOPLANE_KERNELS": name}, **options)


def results_of_sets():
    """What this machine has: name of a set -> kind of its results."""
    refusal = with_kernels("abacus", "version")
    expect(refusal, 2, "INFOPLANE_KERNELS: expected kernels that this machine has", "stderr")
    check(refusal.stderr.count("\n") == 1, f"told once: {refusal.stderr}")
    names = re.search(r"this machine has \(([^)]*)\)", refusal.stderr)[1].split(", ")
    versions = [json.loads(with_kernels(name, "version", "--json").stdout) for name in names]
    check([v["kernels"] for v in versions] == names, f"version names the set: {names}")
    return {v["kernels"]: "fma" if v["fma"] else "plain" for v in versions}


def same_bits(folder, results):
    """Sets with fused multiply-add give the same bytes, and the file says which kind it was."""
    spec = small(folder, {"network": {"hidden": [7, 3]}, "training": {"epochs": 200}, "sweep": [
        {"network.activation": ["tanh", "relu", "gelu"]}, {"training.optimizer": ["sgd", "adam"]}]})
    for name, kind in results.items():
        out = folder / f"{name}.h5"
        expect(with_kernels(name, "run", spec, "-o", out), 0, "6 done")
        check(read(out, "provenance/kernels").decode() == kind, f"{name}: recorded")
    fused = [name for name, kind in results.items() if kind == "fma"]
    for name in fused[1:]:
        same_science(folder / f"{fused[0]}.h5", folder / f"{name}.h5", f"{fused[0]} and {name}")


def within_rounding(folder, results):
    """200 epochs of a small network let a rounding grow, but not far."""
    for name, kind in results.items():
        if kind == "plain":
            exact, rounded = (read(folder / f"{n}.h5", "loss") for n in ("portable", name))
            check(np.allclose(exact, rounded, rtol=1e-3, atol=1e-4), f"{name} agrees with portable")
            check(not np.array_equal(exact, rounded), f"{name} rounds otherwise")


def never_mixed(folder, results):
    """A file goes on with the arithmetic that began it."""
    spec = small(folder, {"name": "few"})
    kinds = {kind: name for name, kind in results.items()}
    if len(kinds) < 2:
        return
    out = folder / "few.h5"
    expect(with_kernels(kinds["plain"], "run", spec, "-o", out), 0, "done")
    before = out.read_bytes()
    more = small(folder, {"name": "few", "seeds": {"count": 3}})
    refusal = with_kernels(kinds["fma"], "run", more, "-o", out)
    expect(refusal, 73, "was begun with kernels 'plain', these are 'fma': see INFOPLANE_KERNELS", "stderr")
    check(out.read_bytes() == before, "the refused file is untouched")
    expect(with_kernels(kinds["plain"], "run", more, "-o", out), 0, "3 done")


def ranks_agree(folder, results):
    """Every rank has the same, however each was told; a wrong name ends all of them."""
    spec = small(folder, {"name": "ranks"})
    refusal = with_kernels("abacus", "run", spec, "-o", folder / "ranks.h5", ranks=2)
    check(refusal.returncode == 2, f"exit {refusal.returncode}")
    check("'abacus'" in refusal.stderr and not (folder / "ranks.h5").exists(), refusal.stderr)


def all_of_it(folder):
    results = results_of_sets()
    for test in (same_bits, within_rounding, never_mixed, ranks_agree):
        test(folder, results)


if __name__ == "__main__":
    main(all_of_it)
