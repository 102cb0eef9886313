"""What the tests of the store share: a folder of their own, the tool, and a count of checks."""
import os
import shutil
import subprocess
import sys

TOOL = os.path.abspath(sys.argv[1])
count = 0
failures = 0


def folder(name):
    shutil.rmtree(name, ignore_errors=True)
    os.mkdir(name)
    os.chdir(name)


def tool(*arguments):
    return subprocess.run([TOOL, *arguments], capture_output=True, text=True, timeout=60)


def check(ok, what):
    global count, failures
    count += 1
    if not ok:
        failures += 1
        print("failed:", what)


def equal(seen, expected, what):
    check(seen == expected, f"{what}: expected {expected!r}, saw {seen!r}")


def finish():
    print(f"{count} checks, {failures} failed")
    sys.exit(failures > 0 or count == 0)
