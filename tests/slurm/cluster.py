"""cluster.py - a SLURM cluster of two nodes in a folder of this machine

munged, slurmctld and one slurmd per node, as Debian packages them, on loopback ports of their own. They are children
in the foreground: no systemd, no configuration outside the folder. As root with the right to do so each node has a
hostname and a /dev/shm of its own; else both are this host, and MPI must go by TCP. A guard beside the test ends what
is left of the cluster and removes the folder, also when the test is killed.
"""
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

import program

SKIPPED = 77
SLURM = ["munged", "slurmctld", "slurmd", "unshare", "sbatch", "scancel", "scontrol", "sinfo", "squeue", "srun"]
NODES, CPUS = 2, 8


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


# ---- the guard ----

def processes_of(folder):
    """The processes that were started with this folder in their environment, as everything in the cluster is."""
    mark = os.fsencode(f"SLURM_CONF={folder}/")
    for entry in os.scandir("/proc"):
        try:
            if entry.name.isdigit() and mark in Path(entry.path, "environ").read_bytes():
                yield int(entry.name)
        except OSError:
            pass  # it ended meanwhile, or is somebody else's


def clear(folder, seconds=20):
    """Kills what still runs in the folder, then removes it."""
    end = time.monotonic() + seconds
    while (left := list(processes_of(folder))) and time.monotonic() < end:
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.05)
    shutil.rmtree(folder, ignore_errors=True)


class Guard:
    """A process outside the test's family that clears the folder when the test is gone."""

    def __init__(self, folder):
        self.mine, theirs = socket.socketpair()
        if os.fork() == 0:
            self.mine.close()
            os.setsid()
            if os.fork() == 0:
                self.watch(theirs, folder)
            os._exit(0)
        os.wait()
        theirs.close()

    @staticmethod
    def watch(test, folder):
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nothing, stream)
        os.chdir("/")
        test.recv(1)  # the end of the test, whatever it was
        clear(folder)
        os._exit(0)

    def dismiss(self):
        """Returns when the folder is cleared."""
        self.mine.shutdown(socket.SHUT_WR)
        self.mine.recv(1)


# ---- the configuration ----

CONFIGURATION = """\
ClusterName=test
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort={port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
CredType=cred/munge
CommunicationParameters={communication}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool/%n
TmpFS={folder}/node/%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/log/slurmctld
SlurmdLogFile={folder}/log/slurmd-%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1,sched_min_interval=0
SlurmdParameters=config_overrides
PlugStackConfig=/dev/null
MpiDefault=none
ReturnToService=2
JobRequeue=1
KillWait=30
MinJobAge=600
{nodes}
PartitionName=main Nodes=n[0-{last}] Default=YES MaxTime=1:00:00 State=UP
"""
# cred_expire: a requeued job starts again after 8 s instead of two minutes. TmpFS: srun --mpi=pmix makes files of the
# same name on both nodes. config_overrides: nodes have the cores they say.


def free_ports(n):
    """Neighbouring loopback ports below those the system gives to connections."""
    for _ in range(1000):
        first = random.randrange(10000, 32000)
        try:
            for port in range(first, first + n):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
            return first
        except OSError:
            pass
    raise RuntimeError("no free ports")


def is_loopback(name):
    try:
        return socket.gethostbyname(name).startswith("127.")
    except OSError:
        return False


def may_unshare():
    return subprocess.run(["unshare", "--mount", "--uts", "true"], capture_output=True).returncode == 0


# ---- the cluster ----

class Cluster:
    def __init__(self, folder):
        self.folder = folder
        self.apart = may_unshare()
        self.daemons, self.jobs = [], {}
        self.env = dict(os.environ, SLURM_CONF=f"{folder}/slurm.conf", TMPDIR=f"{folder}/tmp",
                        PATH=f"{Path(program.PROGRAM).parent}:{os.environ['PATH']}")
        for name in ("OMPI_MCA_plm", "OMPI_MCA_ras"):  # here mpirun shall see SLURM
            self.env.pop(name, None)
        if not self.apart:
            self.env["OMPI_MCA_btl"] = "self,tcp"
        for name in [n for n in self.env if n.startswith(("SLURM_", "SBATCH_")) and n != "SLURM_CONF"]:
            del self.env[name]

    # -- daemons --

    def configure(self):
        port = free_ports(1 + NODES)
        host = socket.gethostname().split(".")[0]
        names = [f"n{i}" if self.apart else host for i in range(NODES)]
        nodes = [f"NodeName=n{i} NodeHostname={names[i]} NodeAddr=127.0.0.1 Port={port + 1 + i} CPUs={CPUS}"
                 for i in range(NODES)]
        only_loopback = self.apart or is_loopback(host)
        text = CONFIGURATION.format(
            folder=self.folder, port=port, user=subprocess.check_output(["id", "-un"], text=True).strip(),
            communication="NoInAddrAny,NoCtldInAddrAny" if only_loopback else "NoCtldInAddrAny",
            nodes="\n".join(nodes), last=NODES - 1)
        (self.folder / "slurm.conf").write_text(text)
        (self.folder / "hosts").write_text("".join(f"127.0.0.1 {name}\n" for name in ["localhost", *names]))
        (self.folder / "munge.key").write_bytes(os.urandom(128))
        (self.folder / "munge.key").chmod(0o400)

    def daemon(self, *command):
        with open(self.folder / "log" / "daemons", "ab") as log:
            self.daemons.append(subprocess.Popen(command, env=self.env, cwd=self.folder, stdin=subprocess.DEVNULL,
                                                 stdout=log, stderr=log))

    def node(self, name):
        slurmd = ["slurmd", "-D", "-c", "-N", name]
        if self.apart:
            prepare = (f"hostname {name} && mount -t tmpfs tmpfs /dev/shm && mount --bind hosts /etc/hosts && "
                       f"exec {' '.join(slurmd)}")
            slurmd = ["unshare", "--mount", "--uts", "sh", "-c", prepare]
        self.daemon(*slurmd)

    def start(self):
        for name in ["state", "log", "tmp"] + [f"{top}/n{i}" for top in ("spool", "node") for i in range(NODES)]:
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self.configure()
        self.daemon("munged", "--foreground", "--force", f"--socket={self.folder}/munge.socket",
                    f"--key-file={self.folder}/munge.key", f"--pid-file={self.folder}/munged.pid",
                    f"--log-file={self.folder}/log/munged", f"--seed-file={self.folder}/munge.seed", "--num-threads=2")
        program.wait_until((self.folder / "munge.socket").exists, "munged", 20)
        self.daemon("slurmctld", "-D", "-c")
        for i in range(NODES):
            self.node(f"n{i}")
        end = time.monotonic() + 30
        while not self.is_up() and time.monotonic() < end:
            time.sleep(0.05)
        return self.is_up()

    def is_up(self):
        return self.ask("sinfo", "-h", "-t", "idle", "-o", "%D").strip() == str(NODES)

    def stop(self):
        """Ends jobs, then daemons, in good order; the guard ends what does not follow."""
        self.ask("scancel", "--signal=KILL", "--full", "--user", str(os.getuid()))
        self.ask("scancel", "--user", str(os.getuid()))
        end = time.monotonic() + 10
        while self.ask("squeue", "-h", "-o", "%i").strip() and time.monotonic() < end:
            time.sleep(0.05)
        for daemon in reversed(self.daemons):
            daemon.terminate()
        for daemon in self.daemons:
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()

    # -- jobs --

    def ask(self, *command):
        """What a command of SLURM's says; nothing when it fails or does not answer."""
        try:
            return subprocess.run(command, env=self.env, text=True, capture_output=True, timeout=30).stdout
        except subprocess.TimeoutExpired:
            return ""

    def submit(self, *arguments, command=("sbatch", "--parsable"), **env):
        """Submits; returns the lines with the numbers of the jobs, or of the one job."""
        result = subprocess.run([*command, *map(str, arguments)], env={**self.env, **env}, text=True, cwd=self.folder,
                                capture_output=True, timeout=60)
        program.check(result.returncode == 0, f"{command[0]} {arguments}: {result.stderr}")
        numbers = result.stdout.split()
        return numbers[0] if len(numbers) == 1 else numbers

    def look(self):
        """Asks once about all jobs; what `job` tells is from then."""
        self.jobs = {}
        for line in self.ask("scontrol", "-o", "show", "jobs").splitlines():
            job = dict(re.findall(r"\b(JobId|ArrayJobId|ArrayTaskId|JobState|ExitCode|Restarts)=(\S*)", line))
            if job.get("ArrayTaskId", "").isdigit():
                self.jobs[f"{job['ArrayJobId']}_{job['ArrayTaskId']}"] = job
            elif "JobId" in job:
                self.jobs[job["JobId"]] = job

    def job(self, number):
        """State, exit code and restarts of a job, such as ("COMPLETED", "0:0", "0")."""
        job = self.jobs.get(number, {})
        return tuple(job.get(name, "") for name in ("JobState", "ExitCode", "Restarts"))

    def is_over(self, number):
        return self.job(number)[0] in ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL")

    def log(self, number):
        """What a job printed."""
        return "".join(path.read_text(errors="replace") for path in self.folder.glob(f"infoplane*-{number}.log"))

    def tell(self):
        """Everything, for the reader of a failed test."""
        jobs = [f"--- job {number} {job}\n{self.log(number)}" for number, job in self.jobs.items()]
        logs = [f"--- {path.name}\n{path.read_text(errors='replace')[-3000:]}"
                for path in sorted((self.folder / "log").iterdir())]
        return "\n".join(jobs + logs)


# ---- tests ----

class Until:
    """What a scenario waits for."""

    def __init__(self, condition, what, seconds=100):
        self.condition, self.what, self.end = condition, what, time.monotonic() + seconds

    def holds(self):
        try:
            return self.condition()
        except OSError:
            return False  # a file that is not there yet


def advance(scenario):
    """What the scenario waits for next; None at its end."""
    try:
        return next(scenario)
    except StopIteration:
        return None
    except Exception:
        program.check(False, traceback.format_exc())
        return None


def step(scenario, until):
    if until.holds():
        return advance(scenario)
    if time.monotonic() < until.end:
        return until
    program.check(False, f"not in time: {until.what}")
    return None


def play(cluster, scenarios):
    """Runs scenarios side by side: generators that yield an Until wherever they wait."""
    waiting = [(scenario, advance(scenario)) for scenario in scenarios]
    while waiting := [(scenario, until) for scenario, until in waiting if until is not None]:
        cluster.look()
        waiting = [(scenario, step(scenario, until)) for scenario, until in waiting]
        time.sleep(0.02)


def main(make_scenarios):
    """Plays make_scenarios(cluster) on a cluster of their own, prints the closing line, ends the program."""
    missing = [name for name in SLURM if shutil.which(name) is None]
    if missing:
        skip(f"not installed: {' '.join(missing)}")
    folder = Path(tempfile.mkdtemp(prefix="infoplane-slurm-"))
    guard = Guard(folder)
    cluster = Cluster(folder)
    try:
        is_up = cluster.start()
        if is_up:
            play(cluster, make_scenarios(cluster))
        if program.counts["failed"] or not is_up:
            print(cluster.tell())
    finally:
        cluster.stop()
        guard.dismiss()
    program.check(not folder.exists() and not list(processes_of(folder)), "nothing is left")
    if not is_up and os.getuid() != 0:
        skip("SLURM's daemons do not start for this user; root can")
    program.check(is_up, "the cluster is up")
    print(f"{program.counts['checks']} checks, {program.counts['failed']} failed")
    sys.exit(1 if program.counts["failed"] else 0)
