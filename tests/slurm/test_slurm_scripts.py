#!/usr/bin/env python3
"""What the SLURM scripts make of the exit codes of a run: a stand-in for infoplane ends as it is told to."""
import re
import subprocess

from cluster import main, Until
from program import check, SOURCE

SCRIPTS = SOURCE / "slurm"
MPI = ["mpirun.sbatch", "srun.sbatch"]

# `run` adds a line to FILE when STAND_IN_GAINS=yes, `status` counts them and ends as the run did, or as
# STAND_IN_STATUS says; `merge` writes down what it is given.
STAND_IN = """\
#!/bin/bash
case $1 in
run)
    printf '<%s>' "$@" && echo
    echo "threads $OMP_NUM_THREADS $OPENBLAS_NUM_THREADS"
    while [ "$1" != -o ]; do shift; done
    [ "${STAND_IN_GAINS:-no}" = no ] || echo "a row" >>"$2"
    exit "$STAND_IN_CODE" ;;
merge)
    printf '<%s>' "$@" && echo ;;
status)
    [ ! -e "$2" ] || wc -l <"$2"
    [ "${3:-}" != --exit-code ] || exit "${STAND_IN_STATUS:-$STAND_IN_CODE}" ;;
esac
"""


def same_text():
    """A script people copy stands alone, so what they share is there three times; it must not drift apart."""
    texts = [(SCRIPTS / name).read_text() for name in MPI + ["array.sbatch"]]
    shared = [text[text.index("# ---- from here on"):] for text in texts]
    check(len(shared[0]) > 1000 and len(set(shared)) == 1, "mpirun, srun and array.sbatch end alike")


def chain_refuses(cluster):
    """On the login node: the usage, and how far it came when sbatch refuses."""
    for arguments, code, words in ((["2", "mpirun.sbatch"], 2, "usage: chain.sh"),
                                   (["x", "mpirun.sbatch", "a", "b"], 2, "usage: chain.sh"),
                                   (["2", "--job-name=mine", "mpirun.sbatch", "a", "b"], 2, "leave --job-name=mine out"),
                                   (["2", "-Jmine", "mpirun.sbatch", "a", "b"], 2, "leave -Jmine out"),
                                   (["2", "--partition=none", "mpirun.sbatch", "a", "b"], 1, "0 of 2 jobs")):
        result = subprocess.run([SCRIPTS / "chain.sh", *arguments], env=cluster.env, cwd=SCRIPTS, text=True,
                                capture_output=True, timeout=60)
        check((result.returncode, result.stdout) == (code, "") and words in result.stderr, f"{result}")


def make_scenarios(cluster):
    same_text()
    chain_refuses(cluster)
    folder = cluster.folder / "with blanks"
    (cluster.folder / "bin").mkdir()
    folder.mkdir()
    stand_in = cluster.folder / "bin" / "infoplane"
    stand_in.write_text(STAND_IN)
    stand_in.chmod(0o755)
    cluster.env["PATH"] = f"{stand_in.parent}:{cluster.env['PATH']}"
    cluster.env["OMPI_MCA_odls_base_sigkill_timeout"] = "1"

    def submit(script, name, *flags, **env):
        """The sweep in a file of its own; the number of the job, for an array of its only task."""
        arguments = [folder / "a sweep.yaml", folder / f"{name}.h5", "--sync", "no"]
        if script == "array.sbatch":
            arguments.insert(2, 8)
            job = cluster.submit("--array=3", *flags, SCRIPTS / script, *arguments, **env)
            return f"{job}_3"
        return cluster.submit("--ntasks=1", *flags, SCRIPTS / script, *arguments, **env)

    def over(job, name):
        return Until(lambda: cluster.is_over(job), f"the end of {name}")

    def ends(script, code):
        """A code that is final ends the job with it, after one start."""
        name = f"{script} {code}"
        job = submit(script, name, STAND_IN_CODE=str(code), STAND_IN_GAINS="yes")
        yield over(job, name)
        state = "FAILED" if code else "COMPLETED"
        check(cluster.job(job) == (state, f"{code}:0", "0"), f"{name}: {cluster.job(job)}")
        shard = "<--shard><3/8>" if script == "array.sbatch" else ""
        out = folder / f"{name}{'.shard-3-of-8' if shard else ''}.h5"
        calls = re.findall("^<run>.*$", cluster.log(job), re.M)
        check(calls == [f"<run><{folder}/a sweep.yaml><-o><{out}>{shard}<--sync><no>"], f"{name}: {calls}")
        check("threads 1 1" in cluster.log(job), f"{name}: one thread a rank")

    def stays(script, name, words, *flags, restarts="0", **env):
        """Work is left, but the job ends with 75 and says why it is not requeued."""
        name = f"{script} {name}"
        job = submit(script, name, *flags, **{"STAND_IN_CODE": "75", **env})
        yield over(job, name)
        check(cluster.job(job) == ("FAILED", "75:0", restarts), f"{name}: {cluster.job(job)}")
        check(words in cluster.log(job), f"{name}: {cluster.log(job)}")
        check(cluster.log(job).count("<run>") == int(restarts) + 1, f"{name}: starts")

    def refuses(script, *arguments):
        """Missing arguments: the usage, and code 2."""
        job = cluster.submit("--output=infoplane-%j.log", SCRIPTS / script, *arguments)
        yield over(job, script)
        check(cluster.job(job)[1] == "2:0", f"{script} without arguments: {cluster.job(job)}")
        check("usage: sbatch" in cluster.log(job), f"{script} without arguments: {cluster.log(job)}")

    def merges(code):
        """The shards by name, then what the merged file says."""
        job = cluster.submit(SCRIPTS / "merge.sbatch", folder / "m.h5", 2, STAND_IN_CODE=str(code))
        yield over(job, "merge.sbatch")
        call = f"<merge><{folder}/m.h5><{folder}/m.shard-1-of-2.h5><{folder}/m.shard-2-of-2.h5>"
        check(cluster.job(job)[1] == f"{code}:0", f"merge: {cluster.job(job)}")
        check(call in cluster.log(job), f"merge: {cluster.log(job)}")

    def chained(code, status, states):
        """Three jobs of a chain whose first ends with that code: what becomes of them."""
        name = f"chain {code} {status}"
        jobs = cluster.submit(3, "--ntasks=1", "--export=ALL", SCRIPTS / "mpirun.sbatch", folder / "a sweep.yaml",
                              folder / f"{name}.h5", command=(SCRIPTS / "chain.sh",), STAND_IN_CODE=str(code),
                              STAND_IN_STATUS=str(status), STAND_IN_GAINS="yes")
        yield Until(lambda: all(cluster.is_over(job) for job in jobs), f"the end of {name}")
        seen = [cluster.job(job)[0] for job in jobs]
        check(seen == states, f"{name}: {seen}")

    def everywhere(script):
        yield from ends(script, 0)
        yield from stays(script, "gains nothing", "gained nothing: not requeued")

    def capped(script):
        yield from stays(script, "capped", "work is left after 1 requeues", restarts="1", STAND_IN_GAINS="yes",
                         MAX_REQUEUES="1")

    def forbidden(script):
        yield from stays(script, "forbidden", "this job may not be requeued", "--no-requeue", STAND_IN_GAINS="yes")

    scripts = MPI + ["array.sbatch"]
    return [capped(script) for script in scripts] + [forbidden(script) for script in scripts] \
        + [everywhere(script) for script in scripts] + [ends("array.sbatch", code) for code in (1, 2, 65, 70, 73, 74)] \
        + [ends("mpirun.sbatch", 73), ends("srun.sbatch", 1), merges(0), merges(75)] \
        + [chained(0, 0, ["COMPLETED", "CANCELLED", "CANCELLED"]), chained(1, 1, ["FAILED", "CANCELLED", "CANCELLED"]),
           chained(65, 74, ["FAILED", "CANCELLED", "CANCELLED"]), chained(1, 75, ["FAILED"] * 3)] \
        + [refuses(script) for script in [*scripts, "merge.sbatch"]] + [refuses("array.sbatch", "a.yaml", "a.h5", 8)]


main(make_scenarios)
