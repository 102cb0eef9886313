#!/usr/bin/env python3
"""A single write that fails while a file is created, grown or merged ends the command, and leaves what was.

Space may be back at the next write, so that nothing else fails; the preloaded library makes one
write fail, each in its turn. The file is then the old one to the bit, or not there at all.
"""
import os
import sys

from program import check, expect, file_bytes, last_line, main, root_digests, run, small

LIBRARY = sys.argv[1]
STRIDE = 5


def each_write(folder, prepare, *arguments):
    """Runs with one failed write after the other, until there are no more, or every STRIDE-th of them; returns the
    first number that is beyond."""
    out, told = folder / "out.h5", folder / "told"
    for number in range(1, 1000, STRIDE):
        prepare(out)
        before = file_bytes(out) if out.exists() else None
        result = run(*arguments, env={"LD_PRELOAD": LIBRARY, "FAIL_WRITE": str(number), "FAIL_WRITE_TOLD": str(told)})
        if not told.exists():
            expect(result, 0)
            return number
        told.unlink()
        after = file_bytes(out) if out.exists() else None
        check(result.returncode == 74 and str(out) in result.stderr and after == before,
              f"write {number} of {arguments[0]}: exit {result.returncode}, "
              f"{'the same' if after == before else 'ANOTHER'} file, {last_line(result.stderr)}")
        check(not [name for name in os.listdir(folder) if ".tmp." in name], "nothing left under way")
    return 0


def absent(out):
    out.unlink(missing_ok=True)


def commands(folder):
    base = {"training": {"epochs": 2}, "measure": {"at": [0, 2]}}
    spec = small(folder, {**base, "name": "few", "seeds": {"count": 2}})
    more = small(folder, {**base, "name": "more", "seeds": {"count": 3}})
    few, whole = folder / "few.h5", folder / "whole.h5"
    for each, to in ((spec, few), (more, whole)):
        expect(run("run", each, "-o", to), 0)
    made = each_write(folder, absent, "run", spec, "-o", folder / "out.h5")
    grown = each_write(folder, lambda out: out.write_bytes(few.read_bytes()), "run", more, "-o", folder / "out.h5")
    check(root_digests(folder / "out.h5") == root_digests(whole), "grown once nothing fails")
    for shard in (1, 2):
        expect(run("run", spec, "-o", folder / f"shard{shard}.h5", "--shard", f"{shard}/2"), 0)
    merged = each_write(folder, absent, "merge", folder / "out.h5", folder / "shard1.h5", folder / "shard2.h5")
    check(root_digests(folder / "out.h5") == root_digests(few), "merged once nothing fails")
    check(min(made, grown, merged) > 20, f"writes failed: {made} of create, {grown} of grow, {merged} of merge")


main(commands)
