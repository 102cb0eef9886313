"""tools/quickstart builds nothing anew here, runs its sweep, draws its plane, ends in one clear line, and can be
repeated."""
import os
import pathlib
import subprocess
import sys
import tempfile

source = pathlib.Path(os.environ["INFOPLANE_SOURCE"])


def main():
    failures = 0
    with tempfile.TemporaryDirectory() as name:
        env = dict(os.environ, INFOPLANE_BUILD=str(pathlib.Path(os.environ["INFOPLANE"]).parent))
        for _ in range(2):
            done = subprocess.run([source / "tools" / "quickstart", name], env=env, capture_output=True, text=True)
            last = (done.stdout.strip().splitlines() or [""])[-1]
            picture = pathlib.Path(name) / "plane.png"
            good = done.returncode == 0 and last == f"quickstart done: look at {picture}" and picture.is_file()
            good = good and picture.read_bytes().startswith(b"\x89PNG") and "8 done, 0 failed" in done.stdout
            if not good:
                failures += 1
                print(done.returncode, done.stdout, done.stderr)
    print(f"2 checks, {failures} failed")
    return failures


sys.exit(bool(main()))
