#!/usr/bin/env python3
"""The description of a plan is JSON, and says what the spec asked for.

usage: test_plan_json.py FOLDER   (of good specs; $INFOPLANE is the program)
"""
import json
import os
import pathlib
import subprocess
import sys

failures = 0


def check(condition, text):
    global failures
    if not condition:
        failures += 1
        print(text, file=sys.stderr)


def describe(path):
    """The object that `infoplane plan` prints before its list of jobs."""
    done = subprocess.run([os.environ["INFOPLANE"], "plan", path], capture_output=True, text=True)
    check(done.returncode == 0, f"{path}: {done.stderr}")
    return json.JSONDecoder().raw_decode(done.stdout)[0] if done.returncode == 0 else None


plans = {path.name: describe(path) for path in sorted(pathlib.Path(sys.argv[1]).glob("*.yaml"))
         if path.name != "file_task.yaml"}  # its data is not there
check(len(plans) >= 10, f"only {len(plans)} specs")
for name, plan in plans.items():
    if plan is not None:
        check(list(plan) == ["shared", "sweep", "exclude", "seeds", "measure", "data"], name)
        check("task.path" not in plan["shared"], name)

full = plans["full.yaml"]
check(full["shared"]["task.information"] == 0.99, "information")
check("training.rate" not in full["shared"], "a swept key is not shared")
check(full["sweep"] == [{"network.activation": ["tanh", "relu"]},
                        {"network.hidden": [[10, 7, 5, 4, 3], [10, 7, 5]]},
                        {"training.rate": [4e-4, 1e-3], "training.batch": [512, 256]}], "sweep")
check(full["exclude"] == [{"network.activation": "relu", "network.hidden": [10, 7, 5]}], "exclude")
check(full["seeds"] == {"count": 50, "first": 1}, "seeds")
check(full["measure"]["at"] == {"log": 300}, "at")
check(plans["anchors.yaml"]["measure"]["at"] == [0, 10, 100], "list of epochs")
check(plans["block.yaml"]["sweep"][1] == {"training.batch": ["full", 64]}, "a word among numbers")
check(plans["every_key.yaml"]["shared"]["network.bits"] == "none", "none")
label = plans["unicode.yaml"]["measure"]["information"][0]["label"]
check(label == 'breite "µ" \\ 3', f"label {label}")
print(f"{len(plans)} plans, {failures} failed")
sys.exit(failures > 0)
