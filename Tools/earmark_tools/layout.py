"""Bounds on the length of files, functions and lines, and what exceeds them."""

import math
import os
import re
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from earmark_tools.swift_source import functions

# Bounds, in lines: a file of Sources, the median and the 90th percentile of these files, a function, a module.
LONGEST_FILE = 320
MEDIAN_FILE = 110
PERCENTILE_FILE = 220
LONGEST_FUNCTION = 60
LONGEST_MODULE = {"EarmarkCLI": 5000}
# Columns of a line.
WIDEST_LINE = 120
# Columns from one tab stop to the next.
TAB = 4

# Where lines are measured: files that people write. What else is there is data, or has a format of its own.
FOLDERS = (".ci", "Benchmarks", "Samples", "Sources", "Tests", "Tools")
ENDINGS = {".c", ".cc", ".h", ".map", ".modulemap", ".py", ".sh", ".swift", ".toml"}
FILES = ("Package.swift", "pyproject.toml")
DOCUMENTS = ("*.md", "Benchmarks/*.md", "Samples/*.md", "docs/**/*.md")
# Folders that programs write.
SKIPPED = {".build", "__pycache__"}

# How an item of a list begins.
ITEM = re.compile(r"\s*(?:[-*+>]|\d+\.)\s+")
LINK = re.compile(r"!?\[[^\]]*\]\([^)\s]*\)")


@dataclass(frozen=True)
class Violation:
    """A bound that is exceeded, at a line of a file, or in a folder where the line is 0."""

    path: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}" if self.line else f"{self.path}: {self.text}"


def violations(root: Path) -> list[Violation]:
    """Everything below `root` that exceeds a bound, with paths as seen from there."""
    paths = [path for path in source_files(root / "Sources") if path.suffix == ".swift"]
    swift = {path: path.read_text(encoding="utf-8") for path in paths}
    found = [*long_files(swift), *long_modules(root / "Sources", swift), *long_functions(swift)]
    for path in [*written_files(root), *documents(root)]:
        found += wide_lines(path, path.read_text(encoding="utf-8"))
    return [Violation(item.path.relative_to(root), item.line, item.text) for item in found]


def source_files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        yield from (Path(place) / name for name in sorted(names))


def written_files(root: Path) -> Iterator[Path]:
    yield from (root / name for name in FILES if (root / name).exists())
    for folder in FOLDERS:
        for path in source_files(root / folder):
            if path.suffix in ENDINGS or (not path.suffix and path.read_bytes()[:2] == b"#!"):
                yield path


def documents(root: Path) -> Iterator[Path]:
    for pattern in DOCUMENTS:
        yield from sorted(root.glob(pattern))


def line_count(text: str) -> int:
    return len(text.splitlines())


def percentile(values: Sequence[int], share: float) -> int:
    """The least value that at least that share of all does not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def long_files(texts: dict[Path, str]) -> Iterator[Violation]:
    counts = {path: line_count(text) for path, text in texts.items()}
    for path, count in counts.items():
        if count > LONGEST_FILE:
            yield Violation(path, LONGEST_FILE + 1, f"the file has {count} lines, at most {LONGEST_FILE}")
    if not counts:
        return
    folder = Path(os.path.commonpath(counts))
    median, most = statistics.median(counts.values()), percentile(list(counts.values()), 0.9)
    if median > MEDIAN_FILE:
        yield Violation(folder, 0, f"the median of {len(counts)} files is {median:g} lines, at most {MEDIAN_FILE}")
    if most > PERCENTILE_FILE:
        yield Violation(folder, 0, f"the 90th percentile is {most} lines, at most {PERCENTILE_FILE}")


def long_modules(folder: Path, texts: dict[Path, str]) -> Iterator[Violation]:
    for name, most in LONGEST_MODULE.items():
        count = sum(line_count(text) for path, text in texts.items() if path.is_relative_to(folder / name))
        if count > most:
            yield Violation(folder / name, 0, f"the module has {count} lines, at most {most}")


def long_functions(texts: dict[Path, str]) -> Iterator[Violation]:
    for path, text in texts.items():
        for function in functions(text):
            if function.length > LONGEST_FUNCTION:
                words = f"{function.name} has {function.length} lines, at most {LONGEST_FUNCTION}"
                yield Violation(path, function.first, words)


def wide_lines(path: Path, text: str) -> Iterator[Violation]:
    lines = text.splitlines()
    exempt = code_lines(lines) if path.suffix == ".md" else set()
    for number, line in enumerate(lines, 1):
        columns = len(line.expandtabs(TAB))
        if columns > WIDEST_LINE and number not in exempt and (path.suffix != ".md" or can_wrap(line)):
            yield Violation(path, number, f"the line has {columns} columns, at most {WIDEST_LINE}")


def code_lines(lines: Sequence[str]) -> set[int]:
    """Numbers of the lines of a Markdown document that are code: between fences, or indented outside a list."""
    found = set()
    is_fenced = is_list = False
    for number, line in enumerate(lines, 1):
        if line.lstrip().startswith(("```", "~~~")):
            is_fenced = not is_fenced
        elif line.strip() and not line.startswith(" "):
            is_list = bool(ITEM.match(line))
        if is_fenced or (line.startswith("    ") and not is_list):
            found.add(number)
    return found


def can_wrap(line: str) -> bool:
    """Whether a line of Markdown could go on in the next one: no row of a table, and more than one word or link."""
    if line.lstrip().startswith("|"):
        return False
    return len(LINK.sub("link", ITEM.sub("", line, count=1)).split()) > 1
