#!/usr/bin/env python3
"""The installed library serves another C program: by pkg-config, by CMake, and header by header.

The program is experiments/library/example.c, which itself compares what it finds with what must come
out. It is also linked with every file of the library, so that nothing the library needs can be
missing unseen. The prefix is moved first, and all is read from there.
"""
import os
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cmd"))
from program import check, main, PROGRAM, SOURCE  # noqa: E402

STRICT = ["-std=c17", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]


def succeed(*arguments, **options):
    """Runs to the end; the output of a success, else None."""
    result = subprocess.run([str(a) for a in arguments], capture_output=True, text=True, timeout=200, **options)
    passed = check(result.returncode == 0, f"{arguments}: {result.stdout}{result.stderr}")
    return result.stdout if passed else None


def installed(folder):
    succeed("cmake", "--install", Path(PROGRAM).parent, "--prefix", folder / "first")
    prefix = folder / "moved" / "here"
    prefix.parent.mkdir()
    (folder / "first").rename(prefix)
    return prefix, next(prefix.glob("lib*/**/libinfoplane.a"))


def pkg_config(library, *arguments):
    env = {**os.environ, "PKG_CONFIG_PATH": str(library.parent / "pkgconfig")}
    return (succeed("pkg-config", *arguments, "infoplane", env=env) or "").split()


def runs(program):
    printed = succeed(program) or ""
    check(len(re.findall(r"^(linear|rectified)( +\d+\.\d{4}){4}$", printed, re.M)) == 2
          and printed.endswith("agree\n"), printed)


def whole(library):
    return f"-Wl,--whole-archive,{library},--no-whole-archive"


def by_pkg_config(folder):
    prefix, library = installed(folder)
    example = prefix / "share" / "infoplane" / "experiments" / "library" / "example.c"
    version = succeed(prefix / "bin" / "infoplane", "--version")
    check(pkg_config(library, "--modversion") == version.split()[1:2], f"not the version of {version}")
    plain = pkg_config(library, "--cflags", "--libs")
    static = pkg_config(library, "--cflags", "--libs", "--static")
    for n, (compiler, flags) in enumerate([("cc", plain), ("mpicc", plain), ("cc", static),
                                           ("cc", [whole(library), *plain])]):
        succeed(compiler, *STRICT, example, "-o", folder / str(n), *flags)
        runs(folder / str(n))
    check_headers(folder, prefix / "include" / "infoplane", pkg_config(library, "--cflags"))


def check_headers(folder, include, flags):
    """Each header alone, and twice."""
    headers = sorted(path.name for path in include.glob("*.h"))
    check(headers == sorted(path.name for path in (SOURCE / "include" / "infoplane").glob("*.h")), headers)
    for name in headers:
        source = folder / "one.c"
        source.write_text(2 * f'#include "infoplane/{name}"\n' + "int main(void) { return 0; }\n")
        succeed("cc", *STRICT, "-fsyntax-only", source, *flags)


def by_cmake(folder):
    prefix, library = installed(folder)
    example = prefix / "share" / "infoplane" / "experiments" / "library"
    project, build = example / "CMakeLists.txt", folder / "build"
    source = project.read_text()
    configure = ["cmake", "-S", example, "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}"]
    for more in ("", f"target_link_options(example PRIVATE {whole(library)})\n"):
        project.write_text(source + more)
        succeed(*configure)
        succeed("cmake", "--build", build, "--clean-first")
        runs(build / "example")
    version = succeed(prefix / "bin" / "infoplane", "--version").split()[1]
    for wanted, found in ((version, True), ("99.0", False)):
        project.write_text(source.replace("infoplane REQUIRED", f"infoplane {wanted} REQUIRED"))
        result = subprocess.run(configure, capture_output=True, text=True, timeout=200)
        check((result.returncode == 0) == found, f"version {wanted}: {result.stderr}")
        check(found or "99.0" in result.stderr, result.stderr)


main(by_pkg_config, by_cmake)
