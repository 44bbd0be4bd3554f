"""A run on Slurm whose tasks, merges and import are killed."""

import json
import random
import shutil
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

from earmark_tools.commands import ROOT, output
from earmark_tools.kills import kill_within
from earmark_tools.lost_parts import lost
from earmark_tools.slurm_array import DONE, OPEN, SlurmArray, children, strike
from earmark_tools.slurm_lab import ASKED, Lab, normal

PARTS = 8
# Share of a run's lines within which kills fall, so that each finds a task; and at most how long after a line, seconds.
STRUCK, DELAY = 0.85, 0.4
# Deaths of an input's decoder that are no verdict about it; with the next one it is refused.
MOST_DEATHS = 2
# Longest that a trial may take before it counts as stuck, seconds.
LONGEST = 1800


class Trial:
    """One run."""

    def __init__(self, lab: Lab, seed: int, kills: int, merge_kills: int) -> None:
        self.lab, self.kills, self.merge_kills = lab, kills, merge_kills
        self.random = random.Random(seed)
        self.folder = lab.folder / f"trial-{seed}"
        self.folder.mkdir()
        for name in ("case.bundle", "case.bundle.key"):
            shutil.copy2(lab.folder / name, self.folder / name)
        self.name = f"trial-{seed}"
        self.store = lab.copy(self.name)
        self.plan, self.merged = self.folder / "run.json", self.folder / "run.ndjson"
        self.parts = {part: self.folder / f"part.{part}-of-{PARTS}.ndjson" for part in range(1, PARTS + 1)}
        self.killed, self.again, self.merges, self.imports, self.refused = Counter[str](), 0, 0, 0, 0
        self.problems: list[str] = []

    def told(self) -> str:
        ways = ", ".join(f"{count} {way}" for way, count in sorted(self.killed.items()))
        return (
            f"{self.killed.total()} kills ({ways}), {self.again} members submitted again, {self.merges} merges and "
            f"{self.imports} import killed, {self.refused} lost parts named, {len(self.problems)} problems"
        )

    def run(self) -> list[str]:
        digests = ("--digests",) if self.random.random() < 0.5 else ()
        words = ("run", "plan", "files", "--meeting", self.lab.meeting, *ASKED, *digests)
        output(self.lab.program, *words, "--parts", PARTS, "-o", self.plan)
        self.work()
        if not self.problems:
            self.lose()
            self.merge()
            self.take_in()
            self.compare()
        return self.problems

    def earmark(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Runs the program on this trial's store, whatever comes of it."""
        command = [self.lab.program, *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True, errors="replace")

    def expect(self, what: str, *words: str | Path) -> str:
        """What the program prints where it must succeed."""
        done = self.earmark(*words)
        if done.returncode != 0:
            self.problems.append(f"{what} ended with {done.returncode}: {done.stderr[-1000:].strip()}")
        return done.stdout

    # The array

    def lines(self) -> int:
        """Inputs that have their line in the parts as they are."""
        return sum(path.read_bytes().count(b'"place":') for path in self.parts.values() if path.exists())

    def work(self) -> None:
        """Lets the array work, kills, and submits members that failed again alone, until all are done."""
        points = sorted(self.random.uniform(0, STRUCK * self.lab.files) for _ in range(self.kills))
        early = [self.random.uniform(0, STRUCK * self.lab.files)]
        array = SlurmArray(ROOT / "deploy/slurm/work.sh", self.folder, self.lab.folder, PARTS)
        end, looked = time.monotonic() + LONGEST, 0.0
        while time.monotonic() < end:
            done = self.lines()
            if points and done >= points[0]:
                time.sleep(self.random.uniform(0, DELAY))
                if self.strike(array):
                    points.pop(0)
            if early and early[0] <= done < self.lab.files:
                early.clear()
                self.merge_early()
            if time.monotonic() - looked > DELAY / 2:
                looked = time.monotonic()
                states = array.states()
                for part, state in states.items():
                    if state not in (*OPEN, DONE):
                        array.submit(str(part), [part])
                        self.again += 1
                if all(state == DONE for state in states.values()):
                    break
            time.sleep(0.02)
        else:
            self.problems.append(f"the array is not done after {LONGEST} s: {array.states()}")
        if points:
            self.problems.append(f"{len(points)} of {self.kills} kills found no task")
        if not self.problems:
            self.expect("run status", "run", "status", self.plan, *self.parts.values())

    def strike(self, array: SlurmArray) -> bool:
        """Kills a task that runs, in one way or another; whether there was one."""
        workers = array.workers()
        if not workers:
            return False
        worker = self.random.choice(workers)
        below = children(worker.id)
        ways = ["worker", "worker", "all", "term", "cancel", "cancel-kill"]
        if below and self.deaths(worker.part) < MOST_DEATHS:
            ways += ["decoder", "decoder"]
        way = self.random.choice(ways)
        match way:
            case "worker":
                hit = strike(signal.SIGKILL, worker.id)
            case "all":
                hit = strike(signal.SIGKILL, worker.id, *below)
            case "term":
                hit = strike(signal.SIGTERM, worker.id)
            case "decoder":
                hit = strike(signal.SIGKILL, *below)
            case "cancel":
                hit = array.scancel(worker.part)
            case _:
                hit = array.scancel(worker.part, "--full", "--signal=KILL")
        self.killed[way] += hit
        return hit

    def deaths(self, part: int) -> int:
        """How often the decoder of the input that a member has in hand was killed before."""
        text = self.parts[part].read_text(errors="replace") if self.parts[part].exists() else ""
        begun = text.rpartition('{"begins":')[2].partition("}")[0]
        return text.count(f'{{"killed":{begun},') + text.count(f'{{"killed":{begun}}}')

    def merge_early(self) -> None:
        """A merge while members still work must fail, and leave nothing."""
        there = [path for path in self.parts.values() if path.exists()]
        done = self.earmark("run", "merge", self.plan, *there, "-o", self.merged)
        if done.returncode != 65 or self.merged.exists():
            self.problems.append(f"a merge before the end ended with {done.returncode}: {done.stderr[-1000:].strip()}")
            self.merged.unlink(missing_ok=True)

    # After the array

    def lose(self) -> None:
        """Merges with a part that was lost must fail, name it and write nothing."""
        place = self.folder / "lost"
        place.mkdir()
        for way, given, names in lost(self.parts, place, self.lab.foreign, self.random):
            done = self.earmark("run", "merge", self.plan, *given, "-o", self.merged)
            missing = [name for name in names if name not in done.stderr]
            if done.returncode != 65 or self.merged.exists() or missing:
                self.problems.append(
                    f"a merge with a part that is {way} ended with {done.returncode} and does not say "
                    f"{missing}: {done.stderr[-1000:].strip()}"
                )
                self.merged.unlink(missing_ok=True)
            else:
                self.refused += 1

    def merge(self) -> None:
        """Merges, killed and repeated: the file is there whole or not at all."""
        words: tuple[str | Path, ...] = ("run", "merge", self.plan, *self.parts.values(), "-o")
        whole = self.folder / "whole.ndjson"
        begun = time.monotonic()
        self.expect("run merge", *words, whole)
        usual = time.monotonic() - begun
        while self.merges < self.merge_kills and not self.problems:
            if self.kill(usual, *words, self.merged):
                self.merges += 1
                if self.merged.exists() and self.merged.read_bytes() != whole.read_bytes():
                    self.problems.append("a merge that was killed left a file that is not the whole run")
            self.merged.unlink(missing_ok=True)
        self.expect("run merge after kills", *words, self.merged)
        if not self.problems and self.merged.read_bytes() != whole.read_bytes():
            self.problems.append("a merge after kills made another file")

    def kill(self, usual: float, *words: str | Path) -> bool:
        """Starts the program and kills it before it ends; whether that came in time."""
        command, nothing = [self.lab.program, *map(str, words)], subprocess.DEVNULL
        process = subprocess.Popen(command, stdout=nothing, stderr=nothing, text=True)
        killed = kill_within(process, usual, self.random)
        return process.wait() == -signal.SIGKILL and killed

    def take_in(self) -> None:
        """Imports, killed once and repeated."""
        if self.problems:
            return
        words = ("run", "import", self.plan, self.merged, "--store")
        spare = self.lab.copy(f"{self.name}-spare")
        begun = time.monotonic()
        self.expect("run import", *words, spare)
        usual = time.monotonic() - begun
        while not self.imports and not self.problems:
            if self.kill(usual, *words, self.store):
                self.imports += 1
            else:
                shutil.rmtree(self.store.parent)
                self.store = self.lab.copy(self.name)
        for what in ("run import after a kill", "run import of what is there"):
            self.expect(what, *words, self.store)
        self.expect("store check", "store", "check", "--store", self.store)
        self.expect("audit verify", "audit", "verify", "--store", self.store)
        shutil.rmtree(spare.parent)

    def compare(self) -> None:
        """What was imported, beside what the undisturbed batch answered."""
        if self.problems:
            return
        text = self.expect("analysis export", "analysis", "export", "--format", "json", "--store", self.store)
        stored = json.loads(text)["analyses"]
        answers = {entry["file"]: normal(entry.get("report", entry), entry["sha256"]) for entry in stored}
        if len(stored) != len(answers):
            self.problems.append(f"{len(stored)} analyses were imported of {len(answers)} files")
        for path in sorted(answers.keys() | self.lab.answers.keys()):
            mine, wanted = answers.get(path), self.lab.answers.get(path)
            if mine != wanted:
                self.problems.append(f"{path!r}: imported {mine}, the batch says {wanted}")
        shutil.rmtree(self.store.parent)
