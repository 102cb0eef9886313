"""A result that cannot be stored ends all ranks with the exit code of the error, and tells whose it was."""
import os
import subprocess
import sys

failures = 0
for ranks, unable in ((1, 0), (3, 0), (3, 2)):
    run = subprocess.run([os.environ["MPIEXEC"], "-n", str(ranks), sys.argv[1], str(unable)],
                         capture_output=True, text=True, timeout=60)
    expected = f"[rank {unable}] error: no room for the row"
    if run.returncode != 73 or run.stderr.count(expected) != 1:
        failures += 1
        print(f"{ranks} ranks: exit code {run.returncode}, expected 73 and '{expected}' in:\n{run.stderr}")
print(f"3 checks, {failures} failed")
sys.exit(failures > 0)
