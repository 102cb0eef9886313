"""sweep.py - the sweep that the tests of SLURM run, and what they ask of it

Twelve jobs of the same length: when one is done most are left. Every scenario ends with the same science as an
undisturbed run outside SLURM.
"""
import contextlib
import os
import signal
import time
from pathlib import Path

from cluster import processes_of, Until
from program import check, DONE, expect, PENDING, read, run, same_science, SOURCE, write_spec

SCRIPTS = SOURCE / "slurm"
JOBS = 12
FAST = {"OMPI_MCA_odls_base_sigkill_timeout": "1"}  # mpirun takes 2 s instead of 20 to end with another code than 0


def count(path, state):
    return int((read(path, "state") == state).sum())


class Sweep:
    def __init__(self, cluster):
        self.cluster, self.folder = cluster, cluster.folder
        self.whole = self.folder / "whole.h5"
        self.spec = write_spec(self.folder / "sweep.yaml", {
            "network": {"hidden": [20, 10]}, "training": {"epochs": 100}, "measure": {"at": {"log": 8}},
            "sweep": [{"network.activation": ["tanh", "relu"]}], "seeds": {"count": JOBS // 2}})
        expect(run("run", self.spec, "-o", self.whole, ranks=2), 0, "12 done")

    def submit(self, script, name, *flags, **env):
        """The sweep into a file of that name; returns the file and the number of the job."""
        out = self.folder / f"{name}.h5"
        return out, self.cluster.submit(*flags, SCRIPTS / script, self.spec, out, **{**FAST, **env})

    def a_row(self, out):
        return Until(lambda: count(out, DONE) >= 1, f"a first row of {out.name}")

    def over(self, job, what):
        return Until(lambda: self.cluster.is_over(job), f"the end of {what}")

    def restarted(self, job, what):
        return Until(lambda: self.cluster.job(job)[2] == "1", f"the requeue of {what}")

    @staticmethod
    def middle(out, name):
        done = count(out, DONE)
        check(1 <= done < JOBS, f"{name}: stopped in the middle, saw {done} done")

    def processes(self, out):
        """The ranks that have a file, and the processes that compute its jobs: each is the child of a rank."""
        ours = [pid for pid in processes_of(self.folder)
                if os.fsencode(out) in Path(f"/proc/{pid}/cmdline").read_bytes()
                and Path(f"/proc/{pid}/comm").read_text() == "infoplane\n"]
        parents = {pid: int(Path(f"/proc/{pid}/stat").read_text().split(") ")[1].split()[1]) for pid in ours}
        computing = [pid for pid in ours if parents[pid] in ours]
        return [pid for pid in ours if pid not in computing], computing

    def computing(self, out):
        return self.processes(out)[1]

    def freeze(self, out):
        """Keeps the jobs of a file from being done; returns what must be thawed. Between two jobs a rank computes
        nothing for a moment."""
        frozen, end = [], time.monotonic() + 5
        while not frozen and time.monotonic() < end:
            for pid in self.computing(out):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGSTOP)
                    frozen.append(pid)
        check(frozen and count(out, PENDING) > 0, f"{out.name}: jobs are frozen")
        return frozen

    def thaw(self, out, frozen):
        for pid in set(frozen) & set(self.computing(out)):
            os.kill(pid, signal.SIGCONT)

    def complete(self, out, job, restarts, name):
        """Ended well after so many restarts, with the same science."""
        state, code, seen = self.cluster.job(job)
        check((state, code) == ("COMPLETED", "0:0") and seen in restarts, f"{name}: {self.cluster.job(job)}")
        check("12 jobs: 12 done, 0 failed, 0 left" in self.cluster.log(job), f"{name}: the closing line")
        same_science(self.whole, out, name)
