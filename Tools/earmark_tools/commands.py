"""Running commands, the program under test first of all, and what they cost."""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Environment variable that names the program under test: a path, or a name on PATH.
VARIABLE = "EARMARK"
# Characters of a failed command's errors that are shown: its last words say what is wrong.
SHOWN_ERRORS = 500

Argument = str | int | Path


def parser(description: str | None) -> argparse.ArgumentParser:
    """A parser whose help is the command's own documentation as it stands."""
    return argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)


def earmark() -> str:
    """The program under test as an absolute path: what EARMARK names, else the release build. Ends if there is none."""
    named = os.environ.get(VARIABLE)
    if named:
        found = shutil.which(named)
        if not found:
            sys.exit(f"{VARIABLE} names no program: {named}")
        return str(Path(found).absolute())
    built = ROOT / ".build/release/earmark"
    if not os.access(built, os.X_OK):
        sys.exit(f"no program at {built}: run 'swift build -c release --product earmark', or set {VARIABLE}")
    return str(built)


def own_store(path: Path) -> None:
    """Makes every earmark that is run from now on use the store at `path`, and not the reader's own store or keys."""
    os.environ.pop("EARMARK_KEY_FILE", None)
    os.environ["EARMARK_STORE"] = str(path)


def output(*command: Argument) -> str:
    """Runs a command that must succeed and returns its standard output."""
    return output_bytes(*command).decode()


def output_bytes(*command: Argument, given: bytes = b"") -> bytes:
    """Runs a command that must succeed, with `given` on its standard input, and returns its standard output."""
    words = [str(word) for word in command]
    done = subprocess.run(words, input=given, capture_output=True)
    if done.returncode:
        errors = done.stderr.decode(errors="replace")[-SHOWN_ERRORS:]
        sys.exit(f"{' '.join(words)}: exit {done.returncode}: {errors}")
    return done.stdout


def cpu_seconds(command: Sequence[Argument]) -> float:
    """Runs a command that must succeed, discards its output and returns its CPU time (user and system), seconds."""
    clock = ChildClock()
    words, nothing = [str(word) for word in command], subprocess.DEVNULL
    subprocess.run(words, check=True, stdin=nothing, stdout=nothing, stderr=nothing)
    return clock.seconds()


@dataclass(frozen=True)
class Cost:
    """Seconds that a command took: in itself, in the system for it, and until it had ended."""

    user: float
    system: float
    wall: float

    @property
    def cpu(self) -> float:
        """User and system time."""
        return self.user + self.system


def cost(command: Sequence[Argument]) -> Cost:
    """Runs a command that must succeed, discards its output and returns what it cost."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    words, nothing = [str(word) for word in command], subprocess.DEVNULL
    subprocess.run(words, check=True, stdin=nothing, stdout=nothing, stderr=nothing)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - begun
    return Cost(after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime, wall)


class ChildClock:
    """CPU time (user and system) of the processes that were started and have ended since it was made."""

    def __init__(self) -> None:
        self.begun = self._now()

    def seconds(self) -> float:
        return self._now() - self.begun

    @staticmethod
    def _now() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime


def built(product: str) -> str:
    """The path of a product of this package, built for release if it is not up to date."""
    build: list[Argument] = ["swift", "build", "--package-path", ROOT, "-c", "release", "--product", product]
    output(*build)
    return f"{output(*build, '--show-bin-path').strip()}/{product}"
