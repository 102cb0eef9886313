"""Every command of the README runs, in the order of the page, in an empty folder that looks like the repository."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

source = pathlib.Path(os.environ["INFOPLANE_SOURCE"])
program = pathlib.Path(os.environ["INFOPLANE"])
readme = (source / "README.md").read_text()

# Run elsewhere: each is a test of its own, or the whole of them.
ELSEWHERE = {"tools/quickstart", "tools/test"}
# A stand-in for SLURM: runs the script at once, for each task of an array, and says the job's number.
PRELUDE = """set -eu
sbatch() {
    local tasks=''
    while [ "${1#--}" != "$1" ]; do
        case $1 in --array=1-*) tasks=$(seq "${1#--array=1-}") ;; esac
        shift
    done
    for task in ${tasks:-none}; do SLURM_ARRAY_JOB_ID=17 SLURM_ARRAY_TASK_ID=${task#none} bash "$@" >&2; done
    echo 17
}
scancel() { :; }
export -f sbatch scancel
"""


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", readme, re.S)


def commands(block):
    lines = [line for line in block.splitlines() if line.split("#")[0].strip() not in ELSEWHERE]
    return "\n".join(lines)


def prepare(folder):
    for name in ("tools", "slurm", "experiments"):
        (folder / name).symlink_to(source / name)
    (folder / "build").mkdir()
    (folder / "build" / "release").symlink_to(program.parent)
    (folder / "sweep.yaml").write_text(blocks("yaml")[0])


def main():
    checks = failures = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        prepare(folder)
        env = dict(os.environ, HOME=name, PATH=f"{program.parent}:{os.environ['PATH']}")
        for language, shell in (("sh", ["bash", "-c"]), ("python", [sys.executable, "-c"])):
            for block in blocks(language):
                text = PRELUDE + commands(block) if language == "sh" else block
                done = subprocess.run(shell + [text], cwd=folder, env=env, capture_output=True, text=True, timeout=100)
                checks += 1
                if done.returncode != 0:
                    failures += 1
                    print(f"exit {done.returncode} of\n{block}\n{done.stdout}{done.stderr}")
        for target in re.findall(r"\]\(([^)#]+)\)", readme):
            checks += 1
            if not (source / target).exists():
                failures += 1
                print(f"the README points at {target}, which is not there")
        drawn = folder / "sweep-plane.png"
        checks += 1
        failures += not drawn.is_file()
    print(f"{checks} checks, {failures} failed")
    return failures or checks < 8


sys.exit(bool(main()))
