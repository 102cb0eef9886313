#!/usr/bin/env python3
"""What `cmake --install` puts into a prefix works from wherever the prefix is moved to."""
import subprocess
from pathlib import Path

from program import check, main, PROGRAM


def installed(folder):
    first, prefix = folder / "first", folder / "moved" / "here"
    result = subprocess.run(["cmake", "--install", Path(PROGRAM).parent, "--prefix", first],
                            capture_output=True, text=True)
    if not check(result.returncode == 0, f"cmake --install: {result.stdout}{result.stderr}"):
        return
    prefix.parent.mkdir()
    first.rename(prefix)
    program = prefix / "bin" / "infoplane"
    for arguments, words in ((["--version"], "infoplane"), (["list", "tasks"], "icosahedron")):
        result = subprocess.run([program, *arguments], capture_output=True, text=True)
        check(result.returncode == 0 and words in result.stdout, f"{arguments}: {result.stderr}")
    share = prefix / "share" / "infoplane"
    specs = sorted((share / "experiments").rglob("*.yaml"))
    check(share / "experiments" / "quickstart.yaml" in specs, f"experiments: {specs}")
    for spec in specs:
        result = subprocess.run([program, "check", spec], capture_output=True, text=True)
        good = result.returncode == 0
        if "name: file" in spec.read_text():  # Nothing is missing but the data.
            good = result.stderr.count("error") == 2 and ".h5: cannot open the file" in result.stderr
        check(good, f"{spec.name}: {result.stderr}")
    scripts = {path.name: path.stat().st_mode & 0o111 for path in (share / "slurm").iterdir()}
    check(len(scripts) == 5 and scripts["chain.sh"], f"slurm scripts, and one to be called: {scripts}")
    check(list(prefix.glob("lib*/**/libinfoplane.a")), "the library")
    for tool in ("infoplane-plot", "infoplane-import"):
        result = subprocess.run([prefix / "bin" / tool, "--help"], capture_output=True, text=True)
        check(result.returncode == 0 and f"usage: {tool}" in result.stdout, f"{tool}: {result.stderr}")


main(installed)
