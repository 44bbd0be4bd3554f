"""A run's members as tasks of a Slurm array: who runs, how they ended, and how one of them is killed."""

import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from earmark_tools.commands import output

# States in which a task goes on by itself.
OPEN = ("PENDING", "RUNNING", "CONFIGURING", "COMPLETING", "SUSPENDED")
DONE = "COMPLETED"


@dataclass(frozen=True)
class Process:
    """A worker that runs as a task."""

    id: int
    part: int


class SlurmArray:
    """The members of the run in `folder`, submitted by `script` in the folder `place`."""

    def __init__(self, script: Path, folder: Path, place: Path, parts: int) -> None:
        self.script, self.folder, self.place = script, folder, place
        self.jobs: dict[int, str] = {}
        self.submissions = 0
        self.submit(f"1-{parts}", range(1, parts + 1))

    def submit(self, array: str, parts: "range | list[int]") -> None:
        log = self.folder / f"job-{self.submissions}-%a.log"
        os.environ["EARMARK_RUN"] = str(self.folder)
        job = output(
            *("sbatch", "--parsable", f"--array={array}", f"--chdir={self.place}", f"--output={log}", self.script)
        )
        self.submissions += 1
        self.jobs.update(dict.fromkeys(parts, job.strip().partition(";")[0]))

    def states(self) -> dict[int, str]:
        """How each member is, by its part."""
        listed = output("squeue", "--states=all", "--noheader", "--array", "--format=%F %K %T")
        rows = {(job, part): state for job, part, state in map(str.split, listed.splitlines())}
        # A task that is not listed any more has been over for minutes: it is asked for at once, or not at all.
        return {part: rows.get((job, str(part)), "UNKNOWN") for part, job in self.jobs.items()}

    def workers(self) -> list[Process]:
        """The workers that run now."""
        found = []
        wanted = f"EARMARK_RUN={self.folder}".encode()
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                variables = (entry / "environ").read_bytes().split(b"\0")
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            task = [word for word in variables if word.startswith(b"SLURM_ARRAY_TASK_ID=")]
            if wanted in variables and task and words[1:2] == [b"work"]:
                found.append(Process(int(entry.name), int(task[0].partition(b"=")[2])))
        return sorted(found, key=lambda process: process.part)

    def scancel(self, part: int, *options: str) -> bool:
        """Ends a task as its user does; whether Slurm took it."""
        words = ["scancel", *options, f"{self.jobs[part]}_{part}"]
        return subprocess.run(words, capture_output=True).returncode == 0


def children(process: int) -> list[int]:
    """The processes that a process started and that are there."""
    found: list[int] = []
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            found += map(int, task.read_text().split())
        except OSError:
            continue
    return found


def strike(number: signal.Signals, *processes: int) -> bool:
    """Sends a signal to processes; whether there was one that took it."""
    taken = False
    for process in processes:
        try:
            os.kill(process, number)
            taken = True
        except ProcessLookupError:
            continue
    return taken
