"""A result that cannot be stored ends all ranks with the exit code of the error, and tells whose it was. The others put
their numbers back before that rank gives up what it holds, such as the lock of the file they write to."""
import os
import re
import subprocess
import sys

failures = 0
for ranks, unable in ((1, 0), (3, 0), (3, 2)):
    run = subprocess.run([os.environ["MPIEXEC"], "-n", str(ranks), sys.argv[1], str(unable)],
                         capture_output=True, text=True, timeout=60)
    expected = f"[rank {unable}] error: no room for the row"
    back = {int(rank): float(when) for rank, when in re.findall(r"rank (\d) put back at (\S+)", run.stderr)}
    given_up = [float(when) for when in re.findall(rf"rank {unable} abandoned at (\S+)", run.stderr)]
    if run.returncode != 73 or run.stderr.count(expected) != 1:
        failures += 1
        print(f"{ranks} ranks: exit code {run.returncode}, expected 73 and '{expected}' in:\n{run.stderr}")
    if set(back) != set(range(ranks)) or len(given_up) != 1 or max(back.values()) > given_up[0]:
        failures += 1
        print(f"{ranks} ranks: put back {back}, given up {given_up} in:\n{run.stderr}")
print(f"6 checks, {failures} failed")
sys.exit(failures > 0)
