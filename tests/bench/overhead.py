#!/usr/bin/env python3
"""What farm, child processes, checkpoints and the safe file cost on the paper's network.

usage: overhead.py INFOPLANE BARE_SWEEP [PAIRS [JOBS [EPOCHS]]]

Runs the same jobs as one bare loop in one process and as `infoplane run` with everything on, a
checkpoint every ten seconds, in turn; prints the ratio of the two times for each pair, wall clock and
CPU, and their medians. The start of MPI, which does not grow with the sweep, is measured by a run
with nothing left to do and taken off. Wants an idle machine.
"""
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

PROGRAM, BARE = sys.argv[1:3]
PAIRS, JOBS, EPOCHS = (int(v) for v in (sys.argv[3:] + ["5", "2", "8000"][len(sys.argv) - 3:]))
SPEC = f"""
infoplane: 1
name: overhead
task: {{name: icosahedron}}
network: {{hidden: [10, 7, 5, 4, 3]}}
training: {{epochs: {EPOCHS}}}
measure: {{at: {{log: 300}}}}
seeds: {{count: {JOBS}}}
"""


def timed(*command):
    """Wall clock and CPU seconds of the command and all it started."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, capture_output=True,
                   env={**os.environ, "OPENBLAS_NUM_THREADS": "1"})
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    ratios = []
    with tempfile.TemporaryDirectory() as folder:
        spec = f"{folder}/overhead.yaml"
        with open(spec, "w") as file:
            file.write(SPEC)
        for pair in range(PAIRS):
            out = f"{folder}/{pair}.h5"
            run = (PROGRAM, "run", spec, "-o", out, "--checkpoint", "10")
            bare = timed(BARE, spec)
            whole = timed(*run)
            start = timed(*run)
            ratios.append([(w - s) / b for w, s, b in zip(whole, start, bare)])
            print(f"pair {pair + 1}: bare {bare[0]:.2f} s, run {whole[0]:.2f} s, of which start "
                  f"{start[0]:.2f} s: wall x {ratios[-1][0]:.4f}, CPU x {ratios[-1][1]:.4f}", flush=True)
    for name, values in zip(("wall", "CPU"), zip(*ratios)):
        print(f"{name}: median x {statistics.median(values):.4f}, from {min(values):.4f} to {max(values):.4f}")


main()
