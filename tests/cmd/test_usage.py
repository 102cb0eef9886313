#!/usr/bin/env python3
"""How the commands are asked: help, wrong usage, --set, errors of a spec, lists, versions, and
leaving at once. Exit codes 2, 65 and 130.
"""
import json
import re
import signal
import subprocess

from program import check, cpu_seconds, expect, main, read, run, small, start, wait_until

COMMANDS = ("check", "plan", "run", "status", "export", "bound", "dataset", "activations",
            "estimate", "example", "list", "version", "doctor", "retry", "merge", "verify")


# ---- help and wrong usage ----

def helps(folder):
    overview = run("--help")
    expect(overview, 0, "75 stopped early")
    for name in COMMANDS:
        check(re.search(rf"^  {name} ", overview.stdout, re.M), f"{name} stands in the overview")
        result = run(name, "--help")
        text = result.stdout
        check(result.returncode == 0 and not result.stderr, f"{name} --help: exit 0, all on stdout")
        check(-1 < text.find("example:") < text.find("usage:"), f"{name} --help: example first")
        check(f"infoplane {name}" in text, f"{name} --help names itself")
    check(run("plan", "-h").stdout == run("help", "plan").stdout == run("plan", "--help").stdout,
          "-h and help of a command")
    check(run("-h").stdout == overview.stdout == run("help").stdout, "-h, help")
    check(run("--version").stdout == run("version").stdout, "--version")


def wrong_usage(folder):
    spec = small(folder, {})
    cases = [
        ([], "exit codes"), (["chek"], "did you mean 'check'"), (["report"], "unknown command"),
        (["help", "statsu"], "did you mean 'status'"), (["zzzzzz"], "infoplane --help"),
        (["check"], "missing argument"), (["check", spec, spec], "unexpected argument"),
        (["check", spec, "--sett", "a=b"], "did you mean '--set'"),
        (["check", spec, "--set"], "KEY=VALUE"), (["check", spec, "--set", "rate"], "KEY=VALUE"),
        (["plan", spec, "--jsn"], "did you mean '--json'"),
        (["plan", spec, "--json=1"], "no value"),
        (["run", spec], "missing -o FILE"), (["run", "-o", "x.h5"], "missing argument"),
        (["run", spec, "-o", "x.h5", "--isolate", "frok"], "fork or none"),
        (["run", spec, "-o", "x.h5", "--sync", "maybe"], "yes or no"),
        (["status"], "missing argument"), (["dataset", spec], "missing -o"),
        (["activations", "x.h5", "--job", "1"], "--epoch"),
        (["activations", "x.h5", "--job", "-1", "--epoch", "1", "-o", "a.h5"], "whole number"),
        (["activations", "x.h5", "--job", "1x", "--epoch", "1", "-o", "a.h5"], "whole number"),
        (["list", "activation"], "did you mean 'activations'"), (["version", "now"], "unexpected"),
        (["example", "now"], "unexpected"),
    ]
    for arguments, words in cases:
        result = run(*arguments, cwd=folder)
        check(result.returncode == 2 and words in result.stderr and not result.stdout,
              f"{arguments}: expected exit 2 and '{words}' on stderr, saw {result.returncode}, "
              f"{result.stderr}")
    check(not (folder / "x.h5").exists(), "nothing was created")


# ---- specs ----

def overrides(folder):
    spec = small(folder, {})
    expect(run("check", spec, "--set", "seeds.count=7"), 0, "ok, 7 jobs")
    expect(run("check", spec, "--set=seeds={count: 2}", "--set", "sweep=[{training.rate: [1, 2]}]"),
           0, "ok, 4 jobs")
    result = run("check", spec, "--set", "training.rate=fast")
    expect(result, 65, "1 error", "stderr")
    check("--set training.rate=fast" in result.stderr, "the override is named")
    expect(run("check", spec, "--set", "training.rat=1"), 65, "1 error", "stderr")
    out = folder / "out.h5"
    expect(run("run", spec, "-o", out, "--set", "training.epochs=2"), 0, "1 done")
    check(list(read(out, "epoch")) == [0, 1, 2], "the override holds in run")
    plan = json.loads(run("plan", spec, "--set", "name=other", "--json").stdout)
    check(plan["name"] == "other", "the override holds in plan")


def errors_of_a_spec(folder):
    """Every error with file, line, column, source line and caret; on stderr; 65."""
    spec = folder / "bad.yaml"
    spec.write_text("infoplane: 1\nname: bad\ntask: {name: icosahedron}\n"
                    "network: {hidden: [3], activation: rleu}\ntraining: {epochs: 3, rte: 1}\n")
    for arguments in (["check", spec], ["plan", spec], ["run", spec, "-o", folder / "o.h5"],
                      ["dataset", spec, "-o", folder / "d.h5"]):
        result = run(*arguments)
        expect(result, 65, "2 errors in", "stderr")
        check(not result.stdout, "nothing on stdout")
        lines = result.stderr.splitlines()
        check(lines[0].startswith(f"{spec}:4:36: error: ") and "'relu'" in lines[0],
              f"place and nearest name: {lines[0]}")
        check(lines[1] == "    network: {hidden: [3], activation: rleu}" and
              lines[2] == "    " + " " * 35 + "^", f"source line and caret: {lines[1:3]}")
        check(any(line.startswith(f"{spec}:5:23: error: ") and "'rate'" in line for line in lines),
              "the second error too")
    check(not (folder / "o.h5").exists() and not (folder / "d.h5").exists(), "nothing was created")
    result = run("run", spec, "-o", folder / "o.h5", ranks=3)
    check(result.returncode == 65 and result.stderr.count("'relu'") == 1, "one rank speaks for all")


# ---- lists and versions ----

VERSION_KEYS = {"version", "mpi", "hdf5", "openblas", "openblas_core", "libyaml", "compiler", "isa",
                "fma"}


def lists(folder):
    whole = run("list").stdout
    for kind, names in (("activations", ("tanh", "relu", "softsign")), ("optimizers", ("adamw",)),
                        ("initializers", ("lecun-truncated", "orthogonal")),
                        ("estimators", ("binning", "bins")), ("tasks", ("icosahedron", "file"))):
        result = run("list", kind)
        check(result.returncode == 0 and result.stdout in whole, f"list {kind}")
        check(all(re.search(rf"^ +{name}\b", result.stdout, re.M) for name in names),
              f"list {kind} has {names}")
    # Every activation listed can be asked for.
    names = re.findall(r"^  (\S+)", run("list", "activations").stdout, re.M)
    spec = small(folder, {"sweep": [{"network.activation": names}]})
    expect(run("check", spec), 0, f"ok, {len(names)} jobs")


def versions(folder):
    version = json.loads(run("version", "--json").stdout)
    check(VERSION_KEYS <= set(version), f"version --json: {set(version)}")
    check(isinstance(version["fma"], bool) and
          all(isinstance(version[k], str) and version[k] for k in VERSION_KEYS - {"fma"}), "values")
    check(re.match(r"infoplane +\d+\.\d+\.\d+\n", run("version").stdout), "version as text")


# ---- the launcher, and leaving at once ----

def launcher(folder):
    """Four SLURM tasks that each believe to be alone are refused."""
    spec = small(folder, {})
    result = run("run", spec, "-o", folder / "o.h5", env={"SLURM_STEP_NUM_TASKS": "4"})
    expect(result, 2, "srun --mpi=pmix", "stderr")
    check(not (folder / "o.h5").exists(), "nothing was created")
    expect(run("run", spec, "-o", folder / "o.h5", env={"SLURM_STEP_NUM_TASKS": "1"}), 0, "1 done")


def second_interrupt(folder):
    """Without isolation the first ^C waits for the epoch at hand; the second does not."""
    spec = small(folder, {"network": {"hidden": [5000, 5000]}, "measure": {"at": [100]},
                          "training": {"epochs": 100, "batch": 1}})
    out = folder / "o.h5"
    process = start("run", spec, "-o", out, "--isolate", "none")
    wait_until(lambda: '"start"' in (folder / "o.h5.log").read_text(), "the run has begun")
    before = cpu_seconds(process.pid)
    wait_until(lambda: cpu_seconds(process.pid) > before + 1, "the job has begun")
    process.send_signal(signal.SIGINT)
    try:
        process.wait(0.5)
        check(False, "the first interrupt waits for the epoch")
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    check(process.returncode == 130, f"exit 130, saw {process.returncode}")


main(helps, wrong_usage, overrides, errors_of_a_spec, lists, versions, launcher, second_interrupt)
